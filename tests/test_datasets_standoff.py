import re
from importlib.resources import files

import pytest

from stance.datasets.readers import SourceText
from stance.datasets.rebuild import locate, rebuild
from stance.datasets.standoff import (
    digest,
    join_pieces,
    make_standoff,
    read_standoff,
    reserved_digests,
    write_standoff,
)
from stance.errors import InputError

ARTICLE = "“We will not yield,” said Ms Oda of Norland. “The fleet protects our fishermen,” she said."
ROW = {
    "id": "t1",
    "text": "We will not yield. The fleet protects our fishermen.",
    "context": "Oda speaks",
    "source": "ramybaly/Article-Bias-Prediction:data/jsons/made-up.json",
    "doc_id": "made-up",
    "start": 1,
    "end": 79,
    "spans": [[1, 19], [46, 79]],
    "tags": ["self_defence"],
    "votes": ["S"],
    "split": "dev",
}


def found(text=ARTICLE, title="Oda speaks"):
    return lambda label: SourceText((title,), (text,))


def made(row=ROW, find=None):
    return make_standoff([row], find or found())[0][0]


@pytest.fixture(scope="module")
def shipped():
    return read_standoff()


def test_the_shipped_labels_are_whole(shipped):
    assert len(shipped) == len({label.id for label in shipped}) == 8580
    assert {label.split for label in shipped} == {"train", "dev"}


def test_no_document_is_in_two_splits(shipped):
    splits = {}
    assert all(splits.setdefault(label.doc_id, label.split) == label.split for label in shipped)


def test_no_shipped_label_belongs_to_a_reserved_document(shipped):
    assert len(reserved_digests()) == 878
    assert not {digest(label.doc_id) for label in shipped} & reserved_digests()


def test_the_shipped_labels_carry_no_text(shipped):
    contexts = {re.sub(r"\d+", "N", label.context) for label in shipped}
    assert contexts == {
        "",
        "UN General Debate, session N (N)",
        "UN Security Council, meeting S/PV.N (N)",
        "Kremlin transcript, N-N-N",
    }
    assert all(len(label.speaker) < 180 and len(label.country) < 40 for label in shipped)


def test_the_shipped_file_is_reproducible(shipped, tmp_path):
    write_standoff(tmp_path / "again.jsonl.gz", shipped)
    packed = files("stance.datasets").joinpath("standoff.jsonl.gz").read_bytes()
    assert (tmp_path / "again.jsonl.gz").read_bytes() == packed


def test_pieces_are_joined_by_a_blank_and_a_comma_becomes_a_full_stop():
    assert join_pieces("No, he said, never!", [(0, 3), (13, 19)]) == "No. never!"
    assert join_pieces(" A comma, stays inside ", [(0, 23)]) == "A comma, stays inside"


def test_a_label_keeps_pointers_and_hashes_but_no_words():
    label = made()
    assert (label.sha256, label.context_sha256) == (digest(ROW["text"]), digest("Oda speaks"))
    assert label.context == ""
    assert (
        made(find=found(title="UN General Debate, session 54 (1999)")).context == "UN General Debate, session 54 (1999)"
    )


@pytest.mark.parametrize(
    ("row", "find"),
    [
        ({**ROW, "standoff": False}, found()),
        (ROW, found(ARTICLE.replace("yield", "bend"))),
        (ROW, lambda label: None),
    ],
)
def test_what_offsets_do_not_rebuild_is_left_out(row, find):
    assert make_standoff([row], find) == ([], ["t1"])


@pytest.mark.parametrize("lead", ["", "Advertisement. ", "A photo of Oda\n\n"])
def test_words_are_found_wherever_they_moved(lead):
    label = made()
    assert locate(label, [lead + ARTICLE]) == ROW["text"]
    assert locate(label, ["another reading", (lead + ARTICLE)[: -len(" she said.")]]) == ROW["text"]


def test_changed_words_are_a_mismatch():
    label = made()
    records, report = rebuild([label], found(ARTICLE.replace("fishermen", "fisherfolk")))
    assert (records, report.total("mismatch"), report.complete) == ([], 1, False)


def test_a_rebuilt_statement_has_all_fields_and_its_headline():
    records, report = rebuild([made()], found())
    assert report.complete
    assert (records[0].text, records[0].context, records[0].split) == (ROW["text"], "Oda speaks", "dev")
    assert (records[0].tags, records[0].votes, records[0].doc_id) == (("self_defence",), ("S",), "made-up")


def test_a_changed_headline_leaves_the_context_empty():
    records, report = rebuild([made()], found(title="Oda speaks again"))
    assert (records[0].context, report.total("no headline"), report.complete) == ("", 1, True)


def test_statements_come_in_the_order_of_the_labels():
    rows = [{**ROW, "id": name, "source": f"ramybaly/Article-Bias-Prediction:{name}"} for name in "cab"]
    labels, _ = make_standoff(rows, found())
    done = []
    assert [record.id for record in rebuild(labels, found(), done.append)[0]] == ["c", "a", "b"]
    assert done == [1, 2, 3]


def test_a_reserved_document_is_refused(tmp_path, monkeypatch):
    label = made()
    write_standoff(tmp_path / "l.jsonl", [label])
    monkeypatch.setattr("stance.datasets.standoff.reserved_digests", lambda: frozenset([digest("made-up")]))
    with pytest.raises(InputError, match="line 1: document 'made-up' is held out for testing"):
        read_standoff(tmp_path / "l.jsonl")
    with pytest.raises(InputError, match="document 'made-up' is held out for testing"):
        made()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"start": 1', '"start": "1"', "'start' and 'end' must be whole numbers"),
        ('"start": 1', '"start": 90', "the offsets 90 to 79 hold no text"),
        ("[[1, 19]", "[[1]", "'spans' a list of such pairs"),
        ('"spans": [[1, 19], [46, 79]]', '"spans": "1-19"', "'spans' a list of such pairs"),
        ('"sha256": "', '"sha256": "x', "'sha256' must be 64 hexadecimal digits"),
        ('"source"', '"sauce"', "has no source"),
        ("self_defence", "self_defense", "did you mean 'self_defence'?"),
    ],
)
def test_a_broken_pointer_is_named(tmp_path, old, new, fault):
    path = tmp_path / "l.jsonl"
    write_standoff(path, [made()])
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_standoff(path)
    assert str(caught.value).startswith(f"{path}, line 1: ")
    assert fault in str(caught.value)
