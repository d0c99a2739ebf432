from __future__ import annotations

import json
import re

import pytest
from reading import ARTICLES, read, write

from stance.errors import InputError
from stance.inference.readers import Layout, read_records
from stance.inference.sources import find_sources
from stance.inference.tables import read_rows


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


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


def test_cells_of_parquet_that_python_cannot_hold_do_not_lose_the_others(here):
    arrow = pytest.importorskip("pyarrow")
    days = arrow.array([0, 10_000_000, 1], arrow.int32()).view(arrow.date32())
    names = arrow.array([b"a", b"b", b"\xff"]).view(arrow.string())
    __import__("pyarrow.parquet").parquet.write_table(arrow.table({"day": days, "name": names}), here / "in.parquet")
    first, second, third = (row for _, row in read_rows(find_sources(["in.parquet"]).sources[0], None))
    assert first == {"day": "1970-01-01", "name": "a"}
    assert re.match(r"the cell of the column 'day' cannot be read \(.*\)", second)
    assert re.match(r"the cell of the column 'name' cannot be read \(.*utf-8.*\)", third)


def test_numbers_that_json_cannot_hold_are_null(here):
    write(here / "t.jsonl", '{"text": "x", "a": 1e999, "b": [-1e999, NaN, Infinity], "c": {"d": 1.5e3}}')
    (record,) = read("t.jsonl")
    assert record.document.meta == {"a": None, "b": [None, None, None], "c": {"d": 1500.0}}
    json.dumps(dict(record.document.meta), allow_nan=False)


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


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_the_sign_between_the_cells_of_csv_is_the_most_frequent_of_the_header(here, sign):
    write(
        here / "t.csv",
        sign.join(["text", "date", '"place, or none; if known"', "x"]) + f"\nWe shall.{sign}2020{sign}{sign}\n",
    )
    (record,) = read("t.csv")
    assert (record.document.text, record.document.date) == ("We shall.", "2020")


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


def test_rows_in_another_encoding_do_not_lose_the_others(here):
    good, bad = '{"text": "d\u00e9j\u00e0 vu"}\n'.encode(), '{"text": "d\u00e9j\u00e0 vu"}\n'.encode("cp1252")
    write(here / "t.jsonl", good + bad + good)
    write(
        here / "t.csv",
        "text,n\nd\u00e9j\u00e0 vu,1\n".encode() + "d\u00e9j\u00e0 vu,2\n".encode("cp1252") + b"more,3\n",
    )
    message = r"is not UTF-8 text (it holds the byte 0xe9); write it again, or give --encoding cp1252 or the like"
    assert [record.error for record in read("t.jsonl")] == ["", f"the line {message}", ""]
    assert [record.document.doc_id for record in read("t.jsonl")] == ["t.jsonl#1", "t.jsonl#2", "t.jsonl#3"]
    assert [record.error for record in read("t.csv")] == ["", f"the row {message}", ""]
    write(here / "n.csv", "text\n" + "more\n" * 300_000 + "n\0thing\n")  # what looks binary at its beginning is refused
    assert read("n.csv")[-1].error.startswith("the row is not UTF-8 text (it holds the byte 0x00)")
    write(here / "h.csv", "texte,\u00e2ge\nx,1\n".encode("cp1252"))
    with pytest.raises(InputError, match=r"the first line of h\.csv is not UTF-8 text \(it holds the byte 0xe2\)"):
        read("h.csv")
    write(here / "c.csv", "text\nd\u00e9j\u00e0 vu\n".encode("cp1252"))
    assert read("c.csv", layout=Layout(encoding="cp1252"))[0].document.text == "d\u00e9j\u00e0 vu"
