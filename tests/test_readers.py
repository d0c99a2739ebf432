from __future__ import annotations

import gzip
import io
import json
import os
from pathlib import Path

import pytest
from reading import STATEMENTS, read, write

from stance.errors import InputError
from stance.inference.readers import Layout
from stance.inference.sources import find_sources


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


def test_a_pattern_stands_for_the_files_that_it_matches(here):
    for name in ("in/b.txt", "in/a.txt", "in/deep/c.txt", "in/d.pdf", "in/old.csv.partial.jsonl", "in/[odd].txt"):
        write(here / name, "x")
    assert [source.name for source in find_sources(["in/?.txt"]).sources] == ["in/a.txt", "in/b.txt"]
    assert [source.name for source in find_sources(["in/**/[bc].*"]).sources] == ["in/b.txt", "in/deep/c.txt"]
    assert [source.name for source in find_sources([here / "in" / "*.txt", "in/deep"]).sources][-2:] == [
        "in/b.txt",
        "deep/c.txt",
    ]
    assert find_sources(["in/*"]).skipped == {".pdf": 1}
    assert [source.name for source in find_sources(["in/[odd].txt"]).sources] == ["in/[odd].txt"]
    with pytest.raises(InputError, match=r"the pattern in/\*\.csv matches no file; readable are \.txt"):
        find_sources(["in/*.csv"])
    with pytest.raises(InputError, match=r"the pattern in/\*\.pdf matches no file that can be read"):
        find_sources(["in/*.pdf"])


def test_a_name_that_is_not_utf_8_can_be_written(here):
    try:
        Path(os.fsdecode(b"caf\xe9.txt")).write_text("Words.")
    except OSError:
        pytest.skip("this file system takes names in UTF-8 alone")
    names = [
        source.name for inputs in (["."], [os.fsdecode(b"caf\xe9.txt")]) for source in find_sources(inputs).sources
    ]
    assert names == ["caf\ufffd.txt"] * 2


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


def test_an_endless_line_is_refused_and_a_long_text_is_not(here):
    write(here / "a.txt", "word " * 1_000_000)
    with pytest.raises(InputError, match=r"a\.txt holds a line of 5,000,000 characters, .*; cut it into lines"):
        read("a.txt")
    write(here / "a.txt", ("word " * 100 + "\n") * 10_000)
    assert len(read("a.txt")[0].document.text) == 5_010_000


def test_an_endless_row_does_not_lose_the_others(here):
    write(here / "a.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in ("word " * 300_000, "Well.")))
    long, short = read("a.jsonl")
    assert "the row holds a line of 1,500,000 characters" in long.error
    assert short.document.text == "Well."


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


@pytest.mark.timeout(10)
@pytest.mark.parametrize("blank", ["\n", "\u00a0\n", "\f", "\u2028", "\ufeff\ufeff\n"])
def test_empty_standard_input(monkeypatch, blank):
    monkeypatch.setattr("sys.stdin", Stdin(blank.encode()))
    with pytest.raises(InputError, match="standard input is empty"):
        read("-")


def test_a_text_is_one_statement(here):
    write(here / "a.txt", " Sanctions must go.\n")
    (record,) = read("a.txt", layout=STATEMENTS)
    assert record.document.text == "Sanctions must go."
    assert record.document.meta == {"text": "Sanctions must go."}
    assert read("a.txt", layout=Layout(True, "quote"))[0].document.meta == {"quote": "Sanctions must go."}


PAGE = """<html><head><title>Talks end in Geneva</title><meta name="date" content="2021-03-04"></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav><article><h1>Talks end in Geneva</h1>
<p>The talks between the two delegations ended on Thursday after five days without any result, diplomats said.</p>
<p>"We regret that no agreement could be reached, and we will go on," Élise Dupont, the French envoy, said.</p>
</article>
<footer>All rights reserved</footer></body></html>"""


@pytest.mark.parametrize("ending", ["html", "htm.gz"])
def test_a_page_is_read_without_its_menus(here, ending):
    write(here / f"a.{ending}", gzip.compress(PAGE.encode()) if ending.endswith("gz") else PAGE)
    document = read(f"a.{ending}")[0].document
    assert "Élise Dupont" in document.text
    assert "rights reserved" not in document.text
    assert (document.title, document.date) == ("Talks end in Geneva", "2021-03-04")


@pytest.mark.parametrize(("date", "expected"), [("2021-03-05", "2021-03-05"), ("", "2021-03-04")])
def test_title_and_date_of_a_page(here, monkeypatch, date, expected):
    from stance.extraction.page import Page

    page = Page("GENEVA, 4 March 2021 - Talks ended.", "Talks end", date)
    monkeypatch.setattr("stance.extraction.page.html_to_text", lambda content: page)
    write(here / "a.html", PAGE)
    document = read("a.html")[0].document
    assert (document.text, document.title, document.date) == (page.text, "Talks end", expected)


def test_a_page_in_another_encoding(here):
    write(here / "a.html", PAGE.encode("cp1252"))
    assert "Élise Dupont" in read("a.html", layout=Layout(encoding="cp1252"))[0].document.text


def test_an_odd_page_does_not_end_the_run(here, monkeypatch):
    def fail(content):
        raise RecursionError("too deep")

    monkeypatch.setattr("stance.extraction.page.html_to_text", fail)
    write(here / "a.html", PAGE)
    write(here / "b.txt", "good")
    odd, good = read("a.html", "b.txt")
    assert odd.error.startswith("a.html: the page could not be read (RecursionError: too deep); save its text as")
    assert (odd.failed_source, good.document.text) == (True, "good")


def test_pages_that_cannot_be_read(here):
    write(here / "a.html", "<html></html>")
    with pytest.raises(InputError, match=r"a\.html: the page holds no readable article"):
        read("a.html")
    write(here / "a.html", PAGE)
    with pytest.raises(InputError, match=r"a\.html is a page, not a statement.*read it with: stance score"):
        read("a.html", layout=STATEMENTS)
