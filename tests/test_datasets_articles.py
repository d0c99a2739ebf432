import json

import pytest

from stance.datasets.articles import marked_articles, read_articles
from stance.errors import InputError


def test_the_marked_articles_are_whole_and_split_by_article():
    items = marked_articles()
    assert (len(items), sum(len(item["statements"]) for item in items)) == (314, 3856)
    assert len({item["id"] for item in items}) == len(items)
    by_split = {split: [item["id"] for item in marked_articles(split)] for split in ("train", "dev", "test")}
    assert {split: len(ids) for split, ids in by_split.items()} == {"train": 252, "dev": 32, "test": 30}
    assert all(identity.startswith("w7") for identity in by_split["test"])


def test_marks_index_the_text():
    for item in marked_articles():
        for statement in item["statements"]:
            assert all(0 <= start < end <= len(item["text"]) for start, end in statement["spans"])
            if statement["speaker"]:
                assert item["text"][slice(*statement["speaker_span"])] == statement["speaker"]


def test_files_of_marked_articles(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"id": name, "text": "x", "statements": []}) + "\n" for name in ("a1", "b1")))
    assert [item["id"] for item in read_articles(path, "b")] == ["b1"]
    with pytest.raises(InputError, match="no marked article whose id begins with 'c'"):
        read_articles(path, "c")
    path.write_text('{"text": "x"}\n')
    with pytest.raises(InputError, match="has no 'text' and 'statements'"):
        read_articles(path)
