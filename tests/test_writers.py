from __future__ import annotations

import csv
import json
import sys

import pytest

from stance.errors import InputError, MissingExtraError
from stance.inference.journal import Counts, Journal, partial_path
from stance.inference.writers import check_out, write_file

NAMES = ("doc_id", "spans", "p_a", "tags", "windowed", "n_tokens", "error")
GOOD = {
    **{"doc_id": "d", "spans": [[0, 3], [5, 9]], "p_a": 0.25, "tags": ["a", "b"], "windowed": False, "n_tokens": 12},
    **{"error": None, "note": '=1+1, "é"\nnext', "year": 1999, "mixed": 1, "list": ["x"], "deep": {"k": [1]}},
}
BAD = {**dict.fromkeys(GOOD), "doc_id": "e", "error": "broken", "mixed": "one", "year": 2.5}


def dump(out, rows, names_first=True):
    write_file(out, lambda: iter(rows), NAMES, names_first=names_first)
    return out


def test_json_lines(tmp_path):
    out = dump(tmp_path / "o.jsonl", [GOOD, BAD])
    assert [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] == [GOOD, BAD]


@pytest.mark.parametrize(("ending", "mark"), [("csv", ","), ("tsv", "\t")])
def test_csv_holds_lists_as_json(tmp_path, ending, mark):
    out = dump(tmp_path / f"o.{ending}", [GOOD, BAD])
    with out.open(encoding="utf-8", newline="") as stream:
        good, bad = csv.DictReader(stream, delimiter=mark)
    assert list(good) == list(GOOD)
    assert json.loads(good["spans"]) == GOOD["spans"]
    assert json.loads(good["tags"]) == ["a", "b"]
    assert json.loads(good["deep"]) == {"k": [1]}
    assert (good["note"], good["windowed"], good["p_a"], good["error"]) == (GOOD["note"], "false", "0.25", "")
    assert (bad["tags"], bad["error"]) == ("", "broken")


@pytest.mark.parametrize(("ending", "mark"), [("csv", ","), ("tsv", "\t")])
def test_csv_holds_every_cell_in_its_row(tmp_path, ending, mark):
    pandas = pytest.importorskip("pandas")
    texts = ["a\rb", "\r", "a\r\nb", "\r\n", "a\nb", "a\n", 'say "x"', '"', "a,b", "a\tb", " a ", "'a'", "a;b", "\\"]
    out = dump(tmp_path / f"o.{ending}", [{"first": text, "doc_id": text, "last": text} for text in texts])
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=mark))
    frame = pandas.read_csv(out, sep=mark)
    for column in ("first", "doc_id", "last"):
        assert [row[column] for row in rows] == texts
        assert frame[column].tolist() == texts
    assert out.read_bytes().startswith(f"doc_id{mark}spans".encode())
    assert out.read_bytes().split(b"\n")[0].endswith(b"last")  # no carriage return of our own


def test_parquet_keeps_types(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(dump(tmp_path / "o.parquet", [GOOD, BAD]))
    types = {name: str(table.schema.field(name).type) for name in table.column_names}
    assert list(types) == list(GOOD)
    assert (types["p_a"], types["n_tokens"], types["windowed"], types["error"]) == ("double", "int64", "bool", "string")
    assert (types["year"], types["mixed"], types["deep"]) == ("double", "string", "string")
    good, bad = table.to_pylist()
    assert (good["spans"], good["tags"], good["list"]) == (GOOD["spans"], ["a", "b"], ["x"])
    assert (good["mixed"], bad["mixed"], good["deep"]) == ("1", '"one"', '{"k": [1]}')
    assert (bad["tags"], bad["error"]) == (None, "broken")


def test_whole_numbers_beyond_64_bits_do_not_break_parquet(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    out = dump(tmp_path / "o.parquet", [{**GOOD, "year": 2**70}])
    assert parquet.read_table(out).to_pylist()[0]["year"] == str(2**70)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_no_rows_still_make_columns(tmp_path, ending):
    pandas = pytest.importorskip("pandas")
    out = dump(tmp_path / f"o.{ending}", [])
    frame = pandas.read_csv(out) if ending == "csv" else pandas.read_parquet(out)
    assert (tuple(frame.columns), len(frame)) == (NAMES, 0)


def test_own_columns_may_stand_last_and_columns_of_all_rows_are_kept(tmp_path):
    out = dump(tmp_path / "o.csv", [{"x": 1, "doc_id": "d"}, {"y": 2, "doc_id": "e"}], names_first=False)
    assert out.read_text().splitlines()[0] == ",".join(["x", "y", *NAMES])


def test_a_failed_write_leaves_the_old_file(tmp_path):
    out = tmp_path / "o.csv"
    out.write_text("old")

    def rows():
        yield GOOD
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_file(out, rows, NAMES, names_first=True)
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_a_full_disk_is_a_clear_error(tmp_path):
    def rows():
        raise OSError(28, "No space left on device")
        yield

    with pytest.raises(InputError, match=r"cannot write .*o\.csv: No space left on device"):
        write_file(tmp_path / "o.csv", rows, NAMES, names_first=True)


# --- what is checked before any work


def test_the_folder_of_the_output_is_made(tmp_path):
    check_out(tmp_path / "new" / "deep" / "o.csv", [])
    assert (tmp_path / "new" / "deep").is_dir()


def test_outputs_that_cannot_be_written(tmp_path):
    given = tmp_path / "in.csv"
    given.write_text("text\nx\n")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=r"ending must be one of \.jsonl, \.csv, \.tsv, \.parquet"):
        check_out(tmp_path / "o.xlsx", [])
    with pytest.raises(InputError, match="it is a folder"):
        check_out(tmp_path / "folder.csv", [])
    with pytest.raises(InputError, match="is one of the inputs and would be overwritten"):
        check_out(tmp_path / "sub" / ".." / "in.csv" if (tmp_path / "sub").mkdir() is None else given, [given])
    with pytest.raises(InputError, match="cannot make the folder"):
        check_out(given / "o.csv", [])


def test_parquet_without_its_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'diplomatic-stance\[parquet\]'"):
        check_out(tmp_path / "o.parquet", [])


# --- the journal

HEADER = {"command": "score", "model": "m@1", "options": {}}


@pytest.fixture
def begun(tmp_path):
    """Return the output of a run that was cut off behind its second batch."""
    out = tmp_path / "o.csv"
    journal = Journal.start(out, HEADER, resume=False)
    journal.write([GOOD, BAD], 2)
    journal.write([], 3)
    journal.close()
    return out


def test_a_journal_goes_on_where_it_stopped(begun):
    whole = partial_path(begun).read_bytes()
    for torn in (b"", b'{"doc', b'{"doc_id": "x"}\n', b'{"doc_id": "x"}\n1', b"\0\0\0"):
        partial_path(begun).write_bytes(whole + torn)
        journal = Journal.start(begun, HEADER, resume=True)
        assert (journal.counts.documents, journal.counts.statements, journal.counts.failed) == (5, 1, 1)
        journal.close()
        assert partial_path(begun).read_bytes() == whole


def test_rows_and_counts_of_a_journal(begun):
    journal = Journal.start(begun, HEADER, resume=True)
    journal.write([{**GOOD, "uncertain": ["a"]}], 1)
    assert [row["doc_id"] for row in journal.rows()] == ["d", "e", "d"]
    assert (journal.counts.documents, journal.counts.uncertain) == (6, 1)
    journal.close(discard=True)
    assert not partial_path(begun).exists()


def test_tags_are_counted_where_they_were_given():
    counts = Counts()
    for tags in (["a", "b"], ["a"], [], None, 5, "a", ["mine", 7]):
        counts.add({"tags": tags, "p_a": 0.5, "p_b": 0.5})
    counts.add({"tags": ["a"], "p_a": 0.5, "error": "broken"})
    counts.add({"tags": ["a"]})
    assert counts.tags == {"a": 2, "b": 1}
    assert (counts + counts).to_dict() == {
        **{"documents": 0, "statements": 16, "failed": 2, "uncertain": 0, "tags": {"a": 4, "b": 2}}
    }


def test_a_part_of_a_run_is_not_overwritten(begun):
    with pytest.raises(
        InputError, match=r"o\.csv\.partial\.jsonl holds the part of a run.*--resume, or delete that file"
    ):
        Journal.start(begun, HEADER, resume=False)


def test_another_run_is_not_taken_up(begun):
    before = partial_path(begun).read_bytes()
    with pytest.raises(InputError, match=r"of a run with another model \(m@1, not m@2\).*delete that file"):
        Journal.start(begun, {**HEADER, "model": "m@2"}, resume=True)
    partial_path(begun).write_bytes(b"[]\n")
    with pytest.raises(InputError, match="is not the part of a run; delete that file"):
        Journal.start(begun, HEADER, resume=True)
    assert before.startswith(b'{"command"')


def test_resuming_without_a_part_begins(tmp_path):
    journal = Journal.start(tmp_path / "o.csv", HEADER, resume=True)
    assert journal.counts.documents == 0
    journal.close()
    partial_path(tmp_path / "o.csv").write_bytes(b'{"comm')
    journal = Journal.start(tmp_path / "o.csv", HEADER, resume=True)
    journal.write([GOOD], 1)
    assert list(journal.rows()) == [GOOD]
    journal.close()


def test_a_journal_on_a_full_disk(begun):
    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

    journal = Journal.start(begun, HEADER, resume=True)
    journal._stream.close()
    journal._stream = Full()
    with pytest.raises(InputError, match=r"cannot write .*No space left on device; make room.*--resume"):
        journal.write([GOOD], 1)
