"""From documents to rows: extract or take the statements, score many at once, and keep the order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from stance.errors import InputError, ModelError
from stance.inference.language import foreign_language, language_error
from stance.inference.readers import Layout, Record, first_records, read_records
from stance.inference.rows import (
    STATEMENT_NAMES,
    Row,
    article_row,
    failed_article_row,
    score_names,
    scored,
    table_row,
)
from stance.inference.sources import Found
from stance.statement import Statement

if TYPE_CHECKING:
    from stance.inference.classifier import Classifier

Chunks = Generator[tuple[list[Row], int]]  # rows, and the number of documents that they are of

CHUNK_STATEMENTS = 256  # statements that go to the classifier together
CHUNK_DOCUMENTS = 256  # documents whose rows are written together
CHUNK_CHARACTERS = 4_000_000


@dataclass(frozen=True)
class Job:
    """What to do with each document."""

    command: Literal["extract", "classify", "score"]
    layout: Layout = field(default_factory=Layout)
    language: Literal["en", "any"] = "en"
    classifier: Classifier | None = None  # None to extract only

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The output's own columns."""
        if self.classifier is None:
            return (*STATEMENT_NAMES, "error")
        names = score_names(self.classifier.tags)
        return names if self.layout.statements else (*STATEMENT_NAMES, *names)

    @cached_property
    def model(self) -> str | None:
        """The model's name and hash; kept, as it is asked for at every row."""
        return None if self.classifier is None else self.classifier.name


@dataclass(slots=True)
class _Read:
    """A document that was read, with the statements in it or what was wrong with it."""

    record: Record
    error: str = ""
    statements: Sequence[Statement] = ()


def chunks(found: Found, job: Job, skip: int = 0, border: int | None = None) -> Chunks:
    """Run a job, some documents at a time.

    :param found: What to read.
    :param job: What to do.
    :param skip: How many documents to leave out at the start.
    :param border: No chunk crosses a multiple of this number of documents; None if any may.
    :returns: Pairs of rows and the number of documents that they are of.
    :raises InputError: If no source at all can be read.
    """
    chunk: list[_Read] = []
    statements = characters = 0
    for number, record in enumerate(readable(found, job, skip), start=skip + 1):
        chunk.append(_read(record, job))
        statements += 1 if job.layout.statements else len(chunk[-1].statements)
        characters += len(record.document.text)
        full = statements >= CHUNK_STATEMENTS or len(chunk) >= CHUNK_DOCUMENTS or characters >= CHUNK_CHARACTERS
        if full or (border and number % border == 0):
            yield _rows(chunk, job), len(chunk)
            chunk, statements, characters = [], 0, 0
    if chunk:
        yield _rows(chunk, job), len(chunk)


Engine = Callable[[Found, Job, int, int | None], Chunks]  # what chunks() does, here or on other machines


def readable(found: Found, job: Job, skip: int = 0) -> Iterator[Record]:
    """Read the documents of a run, and complain if no source at all can be read.

    :param found: What to read.
    :param job: What to do.
    :param skip: How many documents to leave out at the start.
    :returns: The documents in order.
    :raises InputError: If no source at all can be read.
    """
    failures = 0
    for record in read_records(found.sources, job.layout, skip):
        failures += record.failed_source
        if failures == len(found.sources):
            raise InputError(f"none of the {failures} inputs can be read: {record.error}")
        yield record


def sample_rows(found: Found, job: Job) -> Iterator[Row]:
    """Return rows as those that the inputs begin with will be, with their columns, but without statements and scores.

    :param found: What to read.
    :param job: What to do.
    """
    for record in first_records(found.sources, job.layout):
        yield from _document_rows(_Read(record, "not scored"), job, iter(()))


def rows_of(records: Sequence[Record], job: Job) -> list[Row]:
    """Find and score the statements of some documents.

    :param records: The documents.
    :param job: What to do.
    :returns: The rows of all of them, in order.
    """
    return _rows([_read(record, job) for record in records], job)


def _read(record: Record, job: Job) -> _Read:
    if record.error:
        return _Read(record, record.error)
    text = record.document.text
    language = foreign_language(text) if job.language == "en" else None
    if language:
        return _Read(record, language_error(language))
    if job.layout.statements:
        return _Read(record)
    import stance.extraction

    try:
        if record.speech:
            speech, title = record.speech, record.document.title
            found = stance.extraction.extract_speech(text, speech.speaker, speech.country, title)
        else:
            found = stance.extraction.extract(text, title=record.document.title or None)
    except ModelError:  # a damaged network of extraction concerns every document
        raise
    except Exception as error:  # one odd page must not end a run over a hundred thousand
        return _Read(record, f"the statements could not be found ({type(error).__name__}: {error})")
    return _Read(record, statements=found)


def _rows(chunk: list[_Read], job: Job) -> list[Row]:
    """Score the statements of a chunk together and return all its rows."""
    texts, contexts = [], []
    for read in chunk:
        document = read.record.document
        if job.layout.statements and not read.error:
            texts.append(document.text)
            contexts.append(document.title)
        texts += [statement.sentence for statement in read.statements]
        contexts += [statement.context for statement in read.statements]
    more: Iterator[Row] = iter(lambda: {}, None)
    if job.classifier is not None and texts:
        more = iter([scored(score, job.model or "") for score in job.classifier.score(texts, contexts)])
    return [row for read in chunk for row in _document_rows(read, job, more)]


def _document_rows(read: _Read, job: Job, more: Iterator[Row]) -> Iterator[Row]:
    document, names = read.record.document, job.names
    if job.layout.statements:
        values = {"model": job.model, "error": read.error} if read.error else next(more)
        yield table_row(document, names, read.record.number, values)
    elif read.error:
        yield failed_article_row(document, names, read.error, job.model)
    for number, statement in enumerate(read.statements, start=1):
        yield article_row(document, names, number, statement, next(more))
