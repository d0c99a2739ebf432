from __future__ import annotations

import gzip
import io
import json

import pytest

from stance.errors import InputError
from stance.inference.readers import Layout, read_records
from stance.inference.sources import find_sources

ARTICLES, STATEMENTS = Layout(), Layout(statements=True)


def read(*inputs, layout=ARTICLES, skip=0):
    return list(read_records(find_sources(inputs).sources, layout, skip))


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- which files, and their names


def test_a_folder_is_read_in_order_and_other_files_are_counted(here):
    for name in ("b.txt", "a/z.TXT", "a/b.html.gz", "c.pdf", "d.PDF", "README", ".hidden.txt", ".git/x.txt"):
        write(here / "in" / name, "x")
    write(here / "in" / "old.csv.partial.jsonl", "{}")
    found = find_sources(["in"])
    assert [source.name for source in found.sources] == ["a/b.html.gz", "a/z.TXT", "b.txt"]
    assert found.skipped == {".pdf": 2, "no ending": 1}


def test_names_are_unique_across_inputs(here):
    for name in ("x/a.txt", "y/a.txt", "other/x/a.txt"):
        write(here / name, "x")
    names = [source.name for source in find_sources(["x", "y", "other/x", "y/a.txt"]).sources]
    assert names == ["x/a.txt", "y/a.txt", "x/a.txt~2"]


def test_a_file_outside_of_the_working_folder_is_named_by_its_file_name(here, monkeypatch):
    path = write(here / "a.txt", "x")
    write(here / "sub" / "b.txt", "x")
    monkeypatch.chdir(here / "sub")
    assert [source.name for source in find_sources([path, here / "sub" / "b.txt"]).sources] == ["a.txt", "b.txt"]


def test_a_folder_without_anything_to_read(here):
    write(here / "in" / "a.pdf", "x")
    with pytest.raises(InputError, match=r"holds only files ending in \.pdf; readable are \.txt"):
        find_sources(["in"])
    (here / "none").mkdir()
    with pytest.raises(InputError, match="holds no files"):
        find_sources(["none"])


def test_no_input():
    with pytest.raises(InputError, match="no input"):
        find_sources([])


# --- texts


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_a_text_is_read_as_python_reads_it(here, name):
    content = "\ufeffGENEVA, 4 March 2021 - „Nein“.\r\nEnde\r\n".encode()
    write(here / name, gzip.compress(content) if name.endswith("gz") else content)
    (record,) = read(name)
    assert record.document.text == "GENEVA, 4 March 2021 - „Nein“.\nEnde\n"
    assert (record.document.doc_id, record.document.date, record.error) == (name, "2021-03-04", "")


def test_encodings(here):
    write(here / "a.txt", "déjà vu".encode("cp1252"))
    write(here / "b.txt", "déjà vu".encode("utf-16"))
    with pytest.raises(InputError, match=r"a\.txt is not UTF-8 text \(byte 1 cannot be decoded\).*--encoding cp1252"):
        read("a.txt")
    with pytest.raises(InputError, match="looks like UTF-16 text; give --encoding utf-16"):
        read("b.txt")
    assert read("a.txt", layout=Layout(encoding="cp1252"))[0].document.text == "déjà vu"
    assert read("b.txt", layout=Layout(encoding="utf-16"))[0].document.text == "déjà vu"
    with pytest.raises(InputError, match="there is no encoding 'utf-99'"):
        read("a.txt", layout=Layout(encoding="utf-99"))


def test_the_offset_of_a_bad_byte_is_right_across_blocks(here):
    write(here / "a.txt", b"a" * (1 << 20) + "é".encode() * 3 + b"\xff")
    with pytest.raises(InputError, match=rf"byte {(1 << 20) + 6} cannot"):
        read("a.txt")
    write(here / "b.txt", b"a" * ((1 << 20) - 1) + b"\xc3(")  # the first byte of a pair, then no second one
    with pytest.raises(InputError, match=rf"byte {(1 << 20) - 1} cannot"):
        read("b.txt")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", r"a\.txt is empty"),
        ("a.txt", b"\xef\xbb\xbf \n", r"a\.txt is empty"),
        ("a.txt", b"PK\x03\x04\0\0", "looks binary"),
        ("a.txt.gz", b"no gzip", "is not a whole gzip file"),
        ("a.txt.gz", gzip.compress(b"words " * 99)[:-9], "is not a whole gzip file"),
        ("a.pdf", b"%PDF", r"it ends in \.pdf; readable are \.txt, .*folders"),
        ("noending", b"x", "it ends in nothing"),
        ("a.jsonl", b"", "is empty"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"text,date\n", "holds no rows"),
        ("a.csv", b"text,text\nx,y\n", "has the column 'text' twice"),
        ("a.csv", b'"text"x\ny\n', "the first line of a.csv is not a header"),
        ("a.parquet", b"no parquet", "not a readable Parquet file"),
        ("a.jsonl", b"not json\n", "holds no row that can be read; row 1: the line is not valid JSON"),
    ],
)
def test_files_that_cannot_be_read(here, name, content, message):
    write(here / name, content)
    with pytest.raises(InputError, match=message):
        read(name)


def test_a_missing_file():
    for name in ("gone.txt", "gone"):
        with pytest.raises(InputError, match=f"there is no file or folder {name}; check the path"):
            read(name)


def test_a_file_without_permission(here, monkeypatch):
    path = write(here / "a.txt", "x")

    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(InputError, match=r"cannot read a\.txt: Permission denied; check its permissions"):
        read("a.txt")


def test_one_bad_file_among_several_becomes_a_record(here):
    write(here / "a.txt", "good")
    write(here / "b.txt", b"\0")
    good, missing, binary = read("a.txt", "gone.csv", "b.txt")
    assert good.document.text == "good"
    assert (missing.document.doc_id, missing.failed_source) == ("gone.csv", True)
    assert "no file or folder" in missing.error
    assert "looks binary" in binary.error


def test_a_long_line(here):
    write(here / "a.txt", "word " * 1_000_000)
    assert len(read("a.txt")[0].document.text) == 5_000_000


# --- tables


def table(path, rows):
    """Write rows as the ending of the path says."""
    columns = list(rows[0])
    if path.suffix == ".jsonl":
        return write(path, "".join(json.dumps(row) + "\n" for row in rows))
    if path.suffix == ".parquet":
        arrow = pytest.importorskip("pyarrow")
        __import__("pyarrow.parquet").parquet.write_table(arrow.Table.from_pylist(rows), path)
        return path
    mark = "\t" if path.suffix == ".tsv" else ","
    lines = [mark.join(columns), *(mark.join(f'"{row[name]}"' for name in columns) for row in rows)]
    return write(path, "\n".join(lines))


@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv", "parquet"])
def test_articles_in_tables(here, ending):
    rows = [
        {"id": "7", "text": "One,\nand more\tof it.", "title": "First", "date": "2020-01-02", "outlet": "wire"},
        {"id": "", "text": "Two.", "title": "Second", "date": "", "outlet": "paper"},
        {"id": "7", "text": "Three.", "title": "", "date": "", "outlet": ""},
    ]
    table(here / f"t.{ending}", rows)
    documents = [record.document for record in read(f"t.{ending}")]
    assert [document.text for document in documents] == [row["text"] for row in rows]
    assert [document.doc_id for document in documents] == ["7", f"t.{ending}#2", "7~2"]
    assert [document.title for document in documents] == ["First", "Second", ""]
    assert [document.date for document in documents] == ["2020-01-02", "", ""]
    assert documents[0].meta == {"id": "7", "title": "First", "outlet": "wire"}


@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv", "parquet"])
def test_statements_in_tables_keep_all_their_columns(here, ending):
    rows = [
        {"quote": "One.", "about": "Iran", "doc_id": "s1", "text": "other"},
        {"quote": "Two.", "about": "", "doc_id": "s1", "text": ""},
    ]
    table(here / f"t.{ending}", rows)
    layout = Layout(statements=True, text_column="quote", context_column="about")
    records = read(f"t.{ending}", layout=layout)
    assert [(r.document.text, r.document.title, r.document.doc_id, r.number) for r in records] == [
        ("One.", "Iran", "s1", 1),
        ("Two.", "", "s1", 2),
    ]
    assert [record.document.meta for record in records] == rows


def test_typed_values_of_parquet_become_plain(here):
    import datetime

    when = datetime.datetime(2021, 3, 4)
    table(here / "t.parquet", [{"text": "x", "id": 12, "date": when, "share": float("nan"), "tags": ["a"]}])
    document = read("t.parquet")[0].document
    assert (document.doc_id, document.date, document.meta) == (
        "12",
        "2021-03-04",
        {"id": 12, "share": None, "tags": ["a"]},
    )


def test_bad_rows_do_not_lose_the_others(here):
    lines = ['{"text": "good"}', "", "{", "[1]", '{"text": ""}', '{"text": 5}', '{"other": "x"}', '{"text": null}']
    lines += ['{"text": "\\ud800"}', '{"text": "\\ud83d\\ude00"}', "[" * 100_000]
    write(here / "t.jsonl", "\n".join(lines))
    records = read("t.jsonl")
    errors = [record.error for record in records]
    assert [record.document.text for record in records if not record.error] == ["good", "😀"]
    assert records[0].document.doc_id == "t.jsonl#1"
    assert records[1].document.doc_id == "t.jsonl#3"  # as an editor counts lines
    assert "not valid JSON" in errors[1]
    assert "not a JSON object" in errors[2]
    assert errors[3] == errors[5] == errors[6] == "the row has no text in its column 'text'"
    assert errors[4] == "the column 'text' holds int 5, not text"
    assert "half a character" in errors[7]
    assert "not valid JSON" in errors[9]


def test_bad_rows_of_csv(here):
    write(here / "t.csv", 'text,date\ngood,\na,b,c\n"x"y,2020\n\nlast,\nshort\n"never closed,1\nmore\n')
    records = read("t.csv")
    assert [record.document.text for record in records if not record.error] == ["good", "last", "short"]
    assert [record.error for record in records if record.error] == [
        "the row has 3 cells, the header has 2",
        "the row ending on line 4 is not valid CSV (',' expected after '\"')",
        "the row ending on line 9 is not valid CSV (unexpected end of data)",
    ]


def test_csv_with_semicolons_a_mark_and_a_huge_cell(here):
    write(here / "t.csv", "\ufefftext;date\n" + "long " * 100_000 + ";2020\n")
    (record,) = read("t.csv")
    assert (len(record.document.text), record.document.date) == (500_000, "2020")


@pytest.mark.parametrize(
    ("columns", "layout", "message"),
    [
        (
            ("Text", "date"),
            ARTICLES,
            r"no column 'text' \(did you mean 'Text'\?\); its columns are Text, date; .*--text-column",
        ),
        (
            ("body", "date"),
            ARTICLES,
            r"no column 'text'; its columns are body, date; name the right one with --text-column",
        ),
        (("text", "date"), Layout(context_column="titel"), r"no column 'titel'; .*--title-column"),
        (("text", "contexts"), Layout(True, context_column="context"), r"did you mean 'contexts'\?.*--context-column"),
    ],
)
@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_a_missing_column(here, ending, columns, layout, message):
    table(here / f"t.{ending}", [dict.fromkeys(columns, "x")])
    with pytest.raises(InputError, match=message):
        read(f"t.{ending}", layout=layout)


def test_tables_are_read_row_by_row(here):
    write(here / "t.jsonl", '{"text": "x"}\n' * 1000 + "{")
    records = read_records(find_sources(["t.jsonl"]).sources, ARTICLES)
    assert next(records).document.doc_id == "t.jsonl#1"


def test_skipping(here):
    write(here / "a.txt", "a")
    write(here / "b.jsonl", '{"text": "b1", "id": "x"}\n{"text": "b2", "id": "x"}\n')
    write(here / "c.txt", "c")
    inputs = ("a.txt", "gone.csv", "b.jsonl", "c.txt")
    everything = read(*inputs)
    for skip in range(6):
        assert read(*inputs, skip=skip) == everything[skip:]


# --- standard input and pages


class Stdin:
    def __init__(self, content):
        self.buffer = io.BytesIO(content)


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b"One text,\r\nwith lines.\n", ["One text,\nwith lines.\n"]),
        (b'\n  {"text": "a"}\n{"text": "b"}\n', ["a", "b"]),
        (b"[not an object]", ["[not an object]"]),
    ],
)
def test_standard_input(monkeypatch, content, texts):
    monkeypatch.setattr("sys.stdin", Stdin(content))
    assert [record.document.text for record in read("-")] == texts


def test_empty_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", Stdin(b"\n"))
    with pytest.raises(InputError, match="standard input is empty"):
        read("-")


def test_a_text_is_one_statement(here):
    write(here / "a.txt", " Sanctions must go.\n")
    (record,) = read("a.txt", layout=STATEMENTS)
    assert record.document.text == "Sanctions must go."
    assert record.document.meta == {"text": "Sanctions must go."}
