"""The columns of the output: where each value of a scored statement stands, and what becomes of the input's columns.

Of articles, the output's own columns come first and those of the input follow; the text itself is not repeated, and
the input's ``date`` is the output's. A ``doc_id`` that stands twice is made unique, so the input's own is always kept
beside it as ``input_doc_id``, to join by. Of a table of statements, all its columns come first, unchanged;
``doc_id``, ``statement_id`` and ``kind`` follow where it lacks them (their empty cells are filled), then the scores.
An input column that has the name of an output column becomes ``input_<name>``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stance.statement import Document, Score, Statement, score_columns, statement_columns

Row = dict[str, Any]

STATEMENT_NAMES = (
    *("doc_id", "statement_id", "kind", "text", "sentence", "spans", "start", "end"),
    *("speaker", "speaker_mention", "country", "date", "context"),
)


def score_names(tags: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns that a score fills, ``model`` and ``error`` among them."""
    return (*(f"p_{tag}" for tag in tags), "tags", "uncertain", "n_tokens", "windowed", "model", "error")


def scored(score: Score, model: str) -> Row:
    """Return the columns that a score fills."""
    return {**score_columns(score), "model": model, "error": None}


def article_row(document: Document, names: Sequence[str], number: int, statement: Statement, more: Row) -> Row:
    """Return the row of one statement of an article.

    :param document: The article.
    :param names: The columns of the output.
    :param number: Which statement of the article it is, from 1.
    :param statement: The statement.
    :param more: The columns of its score, if there is one.
    """
    own = {"doc_id": document.doc_id, "statement_id": f"{document.doc_id}:{number:03d}", "date": document.date}
    values = {**own, **statement_columns(statement), **more}
    return {**{name: values.get(name) for name in names}, **renamed(document.meta, names)}


def failed_article_row(document: Document, names: Sequence[str], error: str, model: str | None) -> Row:
    """Return the row that stands for an article that could not be read."""
    values = {"doc_id": document.doc_id, "date": document.date, "model": model, "error": error}
    return {**{name: values.get(name) for name in names}, **renamed(document.meta, names)}


def table_row(document: Document, names: Sequence[str], number: int, more: Row) -> Row:
    """Return the row of one statement of a table.

    :param document: The row that was read.
    :param names: The columns that a score fills.
    :param number: The number behind the document's id.
    :param more: The values of these columns; what is missing is None.
    """
    own = {"doc_id": document.doc_id, "statement_id": f"{document.doc_id}:{number:03d}", "kind": "statement"}
    kept = renamed(document.meta, names)
    return {
        **kept,
        **{name: value for name, value in own.items() if kept.get(name) in (None, "")},
        **{name: more.get(name) for name in names},
    }


def renamed(columns: Mapping[str, Any], names: Sequence[str]) -> Row:
    """Return the input's columns, those with an output's name as ``input_<name>``."""
    kept: Row = {}
    for name, value in columns.items():
        while name in names or name in kept:
            name = f"input_{name}"
        kept[name] = value
    return kept
