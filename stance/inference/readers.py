"""Turn sources into documents: a text or a page is one, a table holds one in each row.

Offsets of statements index the text as read here: of a text file, what Python's ``open`` returns (no byte order mark,
line ends as a single line feed); of a table, the text column verbatim; of an HTML page, the text that is left of it.
A file of a corpus of UN speeches (see :mod:`stance.inference.un`) is one speaker's words, as every text is with
``Layout.speech``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice

from stance.errors import InputError
from stance.inference import un
from stance.inference.dateline import dateline
from stance.inference.names import Names
from stance.inference.sources import Source, open_bytes, open_text, text_encoding
from stance.inference.tables import Row, Rows, as_text, json_rows, read_rows, sample_row
from stance.statement import Document

_PEEK = 100  # rows in which the text column must turn up
COLUMN_ROWS = 1000  # rows of a table from which the columns of a folder of shards are settled
MAX_LINE = 1_000_000  # characters without a line break; longer ones are data gone wrong, and no article


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read the inputs."""

    statements: bool = False  # True where a row is one statement, False where it is one article
    text_column: str = "text"
    context_column: str | None = None  # None for "title" of articles and "context" of statements, where there is one
    encoding: str | None = None  # None for UTF-8
    speech: bool = False  # True where each text is one speaker's words

    @property
    def context_name(self) -> str:
        """The column that holds a row's context: an article's title, or what a statement is about."""
        return self.context_column or ("context" if self.statements else "title")

    @property
    def nobody(self) -> un.Speech | None:
        """The speaker of a text of which nothing else is known."""
        return un.Speech() if self.speech else None


@dataclass(frozen=True, slots=True)
class Record:
    """A document that was read (its title is a statement's context), or what was wrong with it."""

    document: Document
    error: str = ""
    number: int = 1  # what tells statements of a table apart that have one document
    failed_source: bool = False  # True where the whole source could not be read
    speech: un.Speech | None = None  # who speaks throughout, None where the text is an article


def read_records(sources: tuple[Source, ...], layout: Layout, skip: int = 0) -> Iterator[Record]:
    """Read all sources, one document after the other.

    A source that cannot be read is a record with an error, so that the others go on.

    :param sources: What to read.
    :param layout: How to read it.
    :param skip: How many records to leave out at the start; those of one-document files are not even read.
    :returns: The records in order.
    :raises InputError: If the only source cannot be read, or a table about speeches is damaged.
    """
    names = Names(source.name for source in sources)
    if not layout.statements:
        un.check_tables(sources)
    for source in sources:
        if skip and not source.is_table and source.path is not None:
            skip -= 1
            continue
        try:
            for record in _read_source(source, layout, names):
                if skip:
                    skip -= 1
                else:
                    yield record
        except InputError as error:
            if len(sources) == 1:
                raise
            if skip:
                skip -= 1
            else:
                yield Record(Document(source.name, ""), str(error), failed_source=True)


def first_records(sources: tuple[Source, ...], layout: Layout) -> Iterator[Record]:
    """Read what tells the columns of the sources: the first rows of tables, of Parquet a row made up from its schema.

    :param sources: What to read; what cannot be read is left out.
    :param layout: How to read it.
    :returns: Records, of which only the other columns mean anything.
    """
    for source in sources:
        if source.is_table:
            try:
                rows = (
                    iter([(1, sample_row(source))])
                    if source.ending == ".parquet"
                    else read_rows(source, layout.encoding)
                )
                yield from islice(_table_records(source, rows, layout, Names()), COLUMN_ROWS)
            except InputError:
                continue
        elif layout.statements:
            yield Record(Document(source.name, "", meta={layout.text_column: ""}))


def _read_source(source: Source, layout: Layout, names: Names) -> Iterator[Record]:
    if source.path is None:
        return _stdin_records(source, layout, names)
    if source.is_table:
        return _table_records(source, read_rows(source, layout.encoding), layout, names)
    if source.ending in (".html", ".htm"):
        return _page_records(source, layout)
    return _text_records(source, layout)


def _text_records(source: Source, layout: Layout) -> Iterator[Record]:
    known = None if layout.statements else un.describe(source)
    encoding, errors = text_encoding(source) if known and not layout.encoding else (layout.encoding, "strict")
    with open_text(source, encoding, errors=errors) as stream:
        record = _text_record(source, stream.read(), layout)
    if known is not None:
        document = replace(record.document, title=known.context, date=known.date)
        record = replace(record, document=document, speech=known.speech)
    yield record


def _text_record(source: Source, text: str, layout: Layout) -> Record:
    if fault := _overlong(text):
        raise InputError(f"{source.path or 'standard input'} {fault}")
    if layout.statements:
        return Record(Document(source.name, text.strip(), meta={layout.text_column: text.strip()}))
    return Record(Document(source.name, text, date=dateline(text)), speech=layout.nobody)


def _overlong(text: str) -> str:
    """Say what is wrong with a text that holds an endless line; an empty text if none does."""
    longest = max(map(len, text.splitlines())) if len(text) > MAX_LINE else 0
    if longest <= MAX_LINE:
        return ""
    return f"holds a line of {longest:,} characters, which is no article or statement; cut it into lines or rows"


def _stdin_records(source: Source, layout: Layout, names: Names) -> Iterator[Record]:
    with open_text(source, layout.encoding, newline="\n") as stream:
        start = list(islice(stream, 1))
        while not start[-1].strip():
            start += islice(stream, 1)
        lines = chain(start, stream)
        if start[-1].lstrip().startswith("{"):
            yield from _table_records(source, json_rows(lines), layout, names)
        else:
            text = "".join(lines).replace("\r\n", "\n").replace("\r", "\n")
            yield _text_record(source, text, layout)


def _page_records(source: Source, layout: Layout) -> Iterator[Record]:
    if layout.statements:
        raise InputError(f"{source.path} is a page, not a statement or a table of them; read it with: stance score")
    from stance.extraction.page import html_to_text

    content: str | bytes
    if layout.encoding:
        with open_text(source, layout.encoding) as stream:
            content = stream.read()
    else:
        with open_bytes(source) as raw:
            content = raw.read()  # a page may name its encoding itself
    try:
        page = html_to_text(content)
    except InputError as error:
        raise InputError(f"{source.path}: {error}") from error
    except Exception as error:  # as of extraction, one odd page must not end a long run
        raise InputError(
            f"{source.path}: the page could not be read ({type(error).__name__}: {error}); "
            "save its text as a .txt file and give that instead"
        ) from error
    if fault := _overlong(page.text):
        raise InputError(f"{source.path} {fault}")
    date = page.date or dateline(page.text)
    yield Record(Document(source.name, page.text, page.title, date), speech=layout.nobody)


def _table_records(source: Source, rows: Rows, layout: Layout, names: Names) -> Iterator[Record]:
    first = list(islice(rows, _PEEK))
    if not first:
        raise InputError(f"{source.path or 'standard input'} holds no rows; there is nothing to read in it")
    columns = list(dict.fromkeys(name for _, row in first if isinstance(row, dict) for name in row))
    if not columns:
        number, message = first[0]
        raise InputError(f"{source.path or 'standard input'} holds no row that can be read; row {number}: {message}")
    _require_column(source, columns, layout.text_column, "--text-column")
    if layout.context_column:
        option = "--context-column" if layout.statements else "--title-column"
        _require_column(source, columns, layout.context_column, option)
    for number, row in chain(first, rows):
        yield _row_record(source.name, number, row, layout, names)


def _require_column(source: Source, columns: list[str], name: str, option: str) -> None:
    if name in columns:
        return
    nearest = difflib.get_close_matches(name.lower(), [column.lower() for column in columns], n=1, cutoff=0.6)
    hint = next((column for column in columns if nearest and column.lower() == nearest[0]), None)
    raise InputError(
        f"{source.path or 'standard input'} has no column '{name}'{f' (did you mean {hint!r}?)' if hint else ''}; "
        f"its columns are {', '.join(columns)}; name the right one with {option}"
    )


def _row_record(source: str, number: int, row: Row | str, layout: Layout, names: Names) -> Record:
    name = f"{source}#{number}"
    if isinstance(row, str):
        return Record(Document(name, ""), row)
    own = next((value for key in ("doc_id", "id") if (value := row.get(key)) not in (None, "")), None)
    doc_id, number = (name, 1) if own is None else (str(own), number)
    text, context, date = row.get(layout.text_column), row.get(layout.context_name), row.get("date")
    if layout.statements:
        meta = row
    else:
        meta = {key: value for key, value in row.items() if key not in (layout.text_column, "date")}
        doc_id = names.take(doc_id)  # statements of two articles must not share their ids
    title, date = as_text(context), as_text(date)
    speech = None
    if layout.speech:
        speech, (said, day) = un.row_speech(row), un.row_context(row)
        title, date = title or ("" if layout.context_column else said), date or day
    if text is None or (isinstance(text, str) and not text.strip()):
        error = f"the row has no text in its column '{layout.text_column}'"
    elif not isinstance(text, str):
        error = f"the column '{layout.text_column}' holds {type(text).__name__} {text!r:.40}, not text"
    elif fault := _overlong(text):
        error = f"the row {fault}"
    else:
        date = date or ("" if layout.statements else dateline(text))
        return Record(Document(doc_id, text, title, date, meta), number=number, speech=speech)
    return Record(Document(doc_id, "", title, date, meta), error, number)
