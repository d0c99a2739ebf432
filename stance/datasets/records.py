"""Labelled statements: their record type, and reading and writing them as JSON lines with every fault named."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stance.codebook import Codebook
from stance.datasets.jsonlines import Faults, numbered_objects, write_objects

SPLITS = ("train", "dev", "test")
_TEXT_FIELDS = ("context", "kind", "speaker", "country", "source", "doc_id", "split")


@dataclass(frozen=True, slots=True)
class LabelledStatement:
    """A statement with the tags that readers gave it."""

    id: str
    text: str
    context: str = ""
    tags: tuple[str, ...] = ()  # in the order of the codebook
    kind: str = ""  # speech, news_direct, news_indirect; in the starter set direct, indirect, mixed
    speaker: str = ""
    country: str = ""
    year: int | None = None
    source: str = ""  # repository:path
    doc_id: str = ""  # all statements of a document stand in one split
    votes: tuple[str, ...] = ()  # what each reader answered, in the readers' order
    adjudicated: bool = False  # True where the last vote decided between the others
    split: str = ""  # train, dev, test; empty where none was given
    rule: int | None = None  # the rule of the codebook that the statement exercises

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain values, without the fields that say nothing."""
        row: dict[str, Any] = {"id": self.id, "text": self.text, "context": self.context, "tags": list(self.tags)}
        for name in ("kind", "speaker", "country", "year", "source", "doc_id", "split", "rule"):
            value = getattr(self, name)
            if value not in ("", None):
                row[name] = value
        if self.votes:
            row["votes"] = list(self.votes)
            row["adjudicated"] = self.adjudicated
        return row


def read_labels(path: str | Path, codebook: Codebook | None = None) -> list[LabelledStatement]:
    """Read labelled statements from JSON lines (``.jsonl`` or ``.jsonl.gz``).

    Each line holds ``id``, ``text`` and ``tags``; ``context``, ``kind``, ``speaker``, ``country``, ``year``,
    ``source``, ``doc_id``, ``votes``, ``adjudicated``, ``split`` and ``rule`` are optional, other keys are ignored.

    :param path: The file.
    :param codebook: The tags that may occur; by default those of the package.
    :returns: The statements in the order of the file.
    :raises InputError: If the file cannot be read or a line breaks the format: file, line and fault, one a line.
    """
    tag_names = (codebook or Codebook.default()).tag_names
    faults = Faults(path)
    seen = Uniqueness()
    records: list[LabelledStatement] = []
    for number, row in numbered_objects(path, faults):
        found = [*row_faults(row, tag_names, needs=("id", "text")), *seen.faults(number, row)]
        for fault in found:
            faults.add(number, fault)
        if not found:
            records.append(_record(row, tag_names))
    faults.raise_if_any()
    return records


def write_labels(path: str | Path, records: Iterable[LabelledStatement]) -> None:
    """Write labelled statements as JSON lines; the file appears only when it is complete.

    :param path: The file; a name that ends in ``.gz`` is gzipped.
    :param records: The statements.
    """
    write_objects(path, (record.to_dict() for record in records))


class Uniqueness:
    """Watches over a file that no id stands in two lines and no document in two splits."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}
        self._splits: dict[str, str] = {}

    def faults(self, number: int, row: Mapping[str, Any]) -> Iterable[str]:
        """Name what a line repeats.

        :param number: The number of the line.
        :param row: Its object.
        """
        identity, document, split = row.get("id"), row.get("doc_id"), row.get("split")
        if isinstance(identity, str) and self._lines.setdefault(identity, number) != number:
            yield f"the id {identity!r} stands already in line {self._lines[identity]}; give each its own"
        if isinstance(document, str) and document and split in SPLITS:
            other = self._splits.setdefault(document, split)
            if other != split:
                yield f"document {document!r} is in {other} and in {split}; keep a document in one split"


def row_faults(row: Mapping[str, Any], tag_names: tuple[str, ...], needs: tuple[str, ...]) -> Iterable[str]:
    """Name what is wrong with a line of labels, one fault at a time.

    :param row: The object of the line.
    :param tag_names: The tags that may occur.
    :param needs: The fields that must hold text.
    :returns: The faults; none if the line is sound.
    """
    for name in needs:
        value = row.get(name)
        if not isinstance(value, str) or not value.strip():
            yield f"has no {name}; give {name!r} as text" if value in (None, "") else f"{name!r} must be non-empty text"
    yield from _tag_faults(row.get("tags"), tag_names)
    for name in _TEXT_FIELDS:
        if not isinstance(row.get(name) or "", str):
            yield f"{name!r} must be text, not {row[name]!r}"
    if row.get("split") not in (None, "", *SPLITS):
        yield f"unknown split {row['split']!r}; use train, dev or test"
    for name in ("year", "rule"):
        if isinstance(row.get(name), bool) or not isinstance(row.get(name), int | None):
            yield f"{name!r} must be a whole number, not {row[name]!r}"
    votes = row.get("votes") or []
    if not isinstance(votes, list) or not all(isinstance(vote, str) for vote in votes):
        yield "'votes' must be a list of texts, one a reader"
    if not isinstance(row.get("adjudicated", False), bool):
        yield "'adjudicated' must be true or false"


def _tag_faults(tags: Any, tag_names: tuple[str, ...]) -> Iterable[str]:
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        yield "'tags' must be a list of tag names, [] where none applies"
        return
    for tag in tags:
        if tag not in tag_names:
            near = difflib.get_close_matches(tag, tag_names, n=1)
            yield f"unknown tag {tag!r}; " + (f"did you mean {near[0]!r}?" if near else f"use {', '.join(tag_names)}")


def _record(row: Mapping[str, Any], tag_names: tuple[str, ...]) -> LabelledStatement:
    return LabelledStatement(
        id=row["id"],
        text=row["text"],
        tags=tuple(tag for tag in tag_names if tag in row["tags"]),
        year=row.get("year"),
        votes=tuple(row.get("votes") or ()),
        adjudicated=row.get("adjudicated", False),
        rule=row.get("rule"),
        **{name: row.get(name) or "" for name in _TEXT_FIELDS},
    )
