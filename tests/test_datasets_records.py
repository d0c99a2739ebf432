import gzip
import json

import pytest

from stance.codebook import Codebook
from stance.datasets import LabelledStatement, read_labels, write_labels
from stance.datasets.sources import rights_of
from stance.datasets.votes import vote_summary
from stance.errors import InputError

GOOD = {"id": "a1", "text": "The measures must go.", "tags": ["anti_sanctions"]}


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def faults_of(path):
    with pytest.raises(InputError) as caught:
        read_labels(path)
    return str(caught.value).splitlines()


def test_tags_stand_in_the_order_of_the_codebook(tmp_path):
    path = write(tmp_path / "l.jsonl", {**GOOD, "tags": ["self_defence", "pro_sanctions"]})
    assert read_labels(path)[0].tags == ("pro_sanctions", "self_defence")


@pytest.mark.parametrize("name", ["l.jsonl", "l.jsonl.gz"])
def test_what_is_written_is_read_again(tmp_path, name):
    records = [
        LabelledStatement("a", "One.", tags=("pro_sanctions",), votes=("P", "P?"), doc_id="d", split="dev", year=1999),
        LabelledStatement(
            "b", "Zwei – “2”.", "A headline", kind="direct", speaker="X", country="Y", source="r:p", rule=3
        ),
    ]
    write_labels(tmp_path / "deep" / name, records)
    assert read_labels(tmp_path / "deep" / name) == records
    assert [path.name for path in (tmp_path / "deep").iterdir()] == [name]


def test_gzipped_labels_do_not_depend_on_the_time_or_the_name(tmp_path):
    records = [LabelledStatement("a", "One.")]
    write_labels(tmp_path / "x.jsonl.gz", records)
    write_labels(tmp_path / "y.jsonl.gz", records)
    assert (tmp_path / "x.jsonl.gz").read_bytes() == (tmp_path / "y.jsonl.gz").read_bytes()


def test_an_own_codebook_decides_which_tags_there_are(tmp_path):
    book = Codebook.from_yaml_text("tags: {peace: {definition: wants peace}}", "book")
    path = write(tmp_path / "l.jsonl", {**GOOD, "tags": ["peace"]})
    assert read_labels(path, book)[0].tags == ("peace",)
    assert "unknown tag 'peace'; use pro_sanctions, anti_sanctions, self_defence" in faults_of(path)[0]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"text": None}, "has no text"),
        ({"text": "  "}, "'text' must be non-empty text"),
        ({"id": ""}, "has no id"),
        ({"id": 7}, "'id' must be non-empty text"),
        ({"tags": ["anti_sanction"]}, "unknown tag 'anti_sanction'; did you mean 'anti_sanctions'?"),
        ({"tags": "anti_sanctions"}, "'tags' must be a list of tag names"),
        ({"tags": None}, "'tags' must be a list of tag names"),
        ({"tags": [1]}, "'tags' must be a list of tag names"),
        ({"context": ["x"]}, "'context' must be text"),
        ({"split": "validation"}, "unknown split 'validation'; use train, dev or test"),
        ({"split": ["dev"]}, "'split' must be text"),
        ({"year": "1999"}, "'year' must be a whole number"),
        ({"rule": True}, "'rule' must be a whole number"),
        ({"votes": "PP"}, "'votes' must be a list of texts"),
        ({"adjudicated": "yes"}, "'adjudicated' must be true or false"),
    ],
)
def test_a_fault_is_named_with_file_and_line(tmp_path, change, fault):
    path = write(tmp_path / "l.jsonl", GOOD, {**GOOD, "id": "a2", **change})
    lines = faults_of(path)
    assert lines[0].startswith(f"{path}, line 2: ")
    assert fault in lines[0]


def test_an_id_may_stand_once(tmp_path):
    path = write(tmp_path / "l.jsonl", GOOD, GOOD)
    assert faults_of(path) == [f"{path}, line 2: the id 'a1' stands already in line 1; give each its own"]


def test_a_document_may_stand_in_one_split(tmp_path):
    rows = [{**GOOD, "id": str(n), "doc_id": "d", "split": split} for n, split in enumerate(["dev", "dev", "train"])]
    assert "line 3: document 'd' is in dev and in train" in faults_of(write(tmp_path / "l.jsonl", *rows))[0]


def test_several_faults_are_told_at_once_and_many_are_counted(tmp_path):
    path = tmp_path / "l.jsonl"
    path.write_text("{bad\n[1]\n" + json.dumps({**GOOD, "tags": ["x"]}) + "\n", encoding="utf-8")
    lines = faults_of(path)
    assert [line.split(": ")[0][-1] for line in lines] == ["1", "2", "3"]
    assert "is not JSON" in lines[0]
    assert "holds a list, not an object" in lines[1]
    path.write_text("{bad\n" * 25, encoding="utf-8")
    lines = faults_of(path)
    assert len(lines) == 11
    assert "15 more faults" in lines[-1]


def test_wrong_encoding_is_told_once(tmp_path):
    path = tmp_path / "l.jsonl"
    path.write_bytes('{"id": "é"}\n'.encode("latin-1") * 5)
    assert faults_of(path) == [f"{path}, line 1: is not UTF-8 (byte 9); save the file as UTF-8"]


def test_a_byte_order_mark_and_blank_lines_do_no_harm(tmp_path):
    path = tmp_path / "l.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\n\n")
    assert read_labels(path)[0].id == "a1"


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_is_refused(tmp_path, content):
    path = tmp_path / "l.jsonl"
    path.write_bytes(content)
    assert "is empty: give a file with one JSON object a line" in faults_of(path)[0]


def test_missing_and_damaged_files_are_refused(tmp_path):
    assert "there is no file" in faults_of(tmp_path / "none.jsonl")[0]
    assert "cannot read" in faults_of(tmp_path)[0]
    packed = tmp_path / "l.jsonl.gz"
    packed.write_bytes(gzip.compress(json.dumps(GOOD).encode())[:-12])
    assert "whole, readable file" in faults_of(packed)[0]
    packed.write_bytes(b"not gzip")
    assert "whole, readable file" in faults_of(packed)[0]


def test_votes_are_counted():
    votes = [("P",), ("A?", "A"), ("", "S!", "S"), ("P", "A"), ()]
    adjudicated = [False, False, True, True, False]
    records = [
        LabelledStatement(str(n), "x", votes=v, adjudicated=a)
        for n, (v, a) in enumerate(zip(votes, adjudicated, strict=True))
    ]
    assert vote_summary(records) == {
        "statements": 5,
        "without_votes": 1,
        "read_once": 2,
        "read_twice_or_more": 2,
        "adjudicated": 2,
        "hesitated": 1,
        "called_broken": 1,
    }


def test_rights_are_listed_by_the_number_of_statements():
    sources = ["brian14708/wh-briefings:a.md", "linatal/UNSCon:b.csv", "linatal/UNSCon:b.csv", "", "own:c"]
    listed = rights_of([LabelledStatement(str(n), "x", source=source) for n, source in enumerate(sources)])
    assert [(source.name, count) for source, count in listed] == [
        ("linatal/UNSCon", 2),
        ("brian14708/wh-briefings", 1),
        ("own", 1),
    ]
    assert listed[0][0].licence.startswith("CC BY-SA")
    assert listed[2][0].licence == "not known to this project"
