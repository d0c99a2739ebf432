import itertools
from collections import defaultdict

import pytest

from stance.datasets import LabelledStatement, load_starter, starter_records, to_dataset_dict
from stance.errors import InputError


@pytest.fixture(scope="module")
def records():
    return starter_records()


def test_the_starter_set_is_whole(records):
    assert len(records) == len({record.id for record in records}) == 3236
    assert {record.kind for record in records} == {"direct", "indirect", "mixed"}
    assert {tag for record in records for tag in record.tags} == {"pro_sanctions", "anti_sanctions", "self_defence"}


def test_blocks_of_ten_ids_stay_together(records):
    splits = defaultdict(set)
    for record in records:
        series, _, number = record.id.partition("-")
        splits[series, (int(number) - 1) // 10].add(record.split)
    assert all(len(split) == 1 for split in splits.values())


def test_every_series_is_in_every_split_in_fair_shares(records):
    splits = defaultdict(list)
    for record in records:
        splits[record.split].append(record.id[:2])
    series = {
        f"{letter}{number}"
        for letter, last in zip("whsvpn", (4, 4, 4, 3, 4, 3), strict=True)
        for number in range(1, last + 1)
    }
    assert all(set(part) == series for part in splits.values())
    shares = {split: len(part) / len(records) for split, part in splits.items()}
    assert shares == pytest.approx({"train": 0.69, "dev": 0.12, "test": 0.19}, abs=0.01)


def test_statements_of_nearly_the_same_words_are_on_one_side(records):
    words = [(record, set(record.text.lower().split())) for record in records]
    for (one, mine), (other, theirs) in itertools.combinations(words, 2):
        if len(mine & theirs) > 0.55 * len(mine | theirs):
            assert one.split == other.split, (one.id, other.id)


def test_the_dataset_has_one_label_a_tag(records):
    pytest.importorskip("datasets")
    starter = load_starter()
    assert {name: len(part) for name, part in starter.items()} == {"train": 2247, "dev": 379, "test": 610}
    by_id = {record.id: record for record in records}
    row = starter["dev"][0]
    assert (row["text"], tuple(row["tags"])) == (by_id[row["id"]].text, by_id[row["id"]].tags)
    assert starter["train"].features["labels"].feature.dtype == "float32"
    order = ("pro_sanctions", "anti_sanctions", "self_defence")
    assert all(row["labels"] == [float(tag in row["tags"]) for tag in order] for row in starter["test"])


def test_a_statement_without_split_is_refused():
    pytest.importorskip("datasets")
    with pytest.raises(InputError, match="'a' has no split; give each"):
        to_dataset_dict([LabelledStatement("a", "x")])


def test_a_split_that_does_not_occur_is_left_out():
    pytest.importorskip("datasets")
    found = to_dataset_dict([LabelledStatement("a", "x", split="train", tags=("self_defence",))])
    assert list(found) == ["train"]
    assert found["train"][0]["labels"] == [0.0, 0.0, 1.0]
