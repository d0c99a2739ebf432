"""Stand-off labels: tags with pointers into texts that may not be shipped, and hashes that prove a rebuilt text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from stance.codebook import Codebook
from stance.datasets.jsonlines import Faults, numbered_objects, write_objects
from stance.datasets.readers import SourceText
from stance.datasets.records import LabelledStatement, Uniqueness, row_faults
from stance.errors import InputError
from stance.statement import Span

# Contexts that only say when and where somebody spoke. Any other context is a headline: it is the source's text.
_SESSION = re.compile(
    r"UN General Debate, session \d+ \(\d{4}\)|UN Security Council, meeting \S+ \(\d{4}\)"
    r"|Kremlin transcript, \d{4}-\d\d-\d\d"
)


@dataclass(frozen=True, slots=True)
class StandoffLabel:
    """The label of a statement whose words are elsewhere."""

    id: str
    source: str  # repository:path
    doc_id: str
    para_id: str  # the paragraph that the offsets index; empty where they index the whole article
    start: int
    end: int
    spans: tuple[Span, ...]  # the pieces of the statement; empty for start to end as it stands
    sha256: str  # of the statement's text in UTF-8
    context: str  # a session or a meeting; empty where the context is a headline
    context_sha256: str  # of the headline in UTF-8; empty where there is none
    kind: str
    speaker: str
    country: str
    year: int | None
    tags: tuple[str, ...]
    votes: tuple[str, ...]
    adjudicated: bool
    split: str

    def statement(self, text: str, context: str) -> LabelledStatement:
        """Return the labelled statement, given its words."""
        shared = (
            "id",
            "tags",
            "kind",
            "speaker",
            "country",
            "year",
            "source",
            "doc_id",
            "votes",
            "adjudicated",
            "split",
        )
        return LabelledStatement(text=text, context=context, **{name: getattr(self, name) for name in shared})


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def join_pieces(text: str, spans: Sequence[Span]) -> str:
    """Join the pieces of a statement: a blank between them, a comma at the end of a piece becoming a full stop.

    :param text: The text that the spans index.
    :param spans: The pieces in their order.
    """
    pieces = [text[start:end].strip() for start, end in spans]
    return " ".join(piece[:-1] + "." if piece.endswith(",") else piece for piece in pieces)


@cache
def reserved_digests() -> frozenset[str]:
    """Return the hashes of the ids of documents that are held out for testing."""
    lines = files("stance.datasets").joinpath("reserved.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def read_standoff(path: str | Path | None = None, codebook: Codebook | None = None) -> list[StandoffLabel]:
    """Read stand-off labels from JSON lines.

    :param path: The file (``.jsonl`` or ``.jsonl.gz``); by default the one that ships with the package.
    :param codebook: The tags that may occur; by default those of the package.
    :returns: The labels in the order of the file.
    :raises InputError: If the file cannot be read, a line breaks the format, or a document is held out for testing.
    """
    if path is None:
        with as_file(files("stance.datasets").joinpath("standoff.jsonl.gz")) as shipped:
            return read_standoff(shipped, codebook)
    tag_names = (codebook or Codebook.default()).tag_names
    faults, seen, labels = Faults(path), Uniqueness(), []
    for number, row in numbered_objects(path, faults):
        found = [*row_faults(row, tag_names, ("id", "source", "doc_id", "sha256")), *_pointer_faults(row)]
        found.extend(seen.faults(number, row))
        for fault in found:
            faults.add(number, fault)
        if not found:
            labels.append(_label(row))
    faults.raise_if_any()
    return labels


def read_transfer() -> list[StandoffLabel]:
    """Read the pointers to the unlabelled statements of distillation; they have no tags, votes or split."""
    with as_file(files("stance.datasets").joinpath("transfer.jsonl.gz")) as shipped:
        return read_standoff(shipped)


def write_standoff(path: str | Path, labels: Iterable[StandoffLabel]) -> None:
    """Write stand-off labels as JSON lines; equal labels give equal bytes.

    :param path: The file; a name that ends in ``.gz`` is gzipped.
    :param labels: The labels.
    """
    write_objects(path, ({key: value for key, value in asdict(label).items() if value != ""} for label in labels))


def make_standoff(
    rows: Iterable[Mapping[str, Any]], find: Callable[[StandoffLabel], SourceText | None]
) -> tuple[list[StandoffLabel], list[str]]:
    """Make stand-off labels of labelled texts, leaving out what the offsets do not rebuild.

    :param rows: Labels with ``text``, ``context``, the pointers of the stand-off form and ``split``; a row with
        ``standoff`` false is left out.
    :param find: Returns the document that a label points into, or None.
    :returns: The labels, and the ids of the rows left out.
    :raises InputError: If a row belongs to a document that is held out for testing.
    """
    labels, left_out = [], []
    for row in rows:
        label = _label({**row, "context": "", "sha256": digest(row["text"])})
        if digest(label.doc_id) in reserved_digests():
            raise InputError(f"label {label.id!r}: document {label.doc_id!r} is held out for testing; take it out")
        document = find(label) if row.get("standoff", True) else None
        if document is None or words_at(document.texts[0], label) != row["text"]:
            left_out.append(label.id)
            continue
        title = document.titles[0]
        context = (
            {"context": title} if _SESSION.fullmatch(title) else {"context_sha256": digest(title) if title else ""}
        )
        labels.append(_label({**row, "context": "", "sha256": label.sha256, **context}))
    return labels, left_out


def words_at(text: str, label: StandoffLabel, shift: int = 0) -> str:
    """Return the words that a label points at, if its offsets are moved by ``shift`` characters.

    :param text: The paragraph or the article.
    :param label: The label.
    :param shift: How far the words stand behind their offsets.
    """
    if label.spans:
        return join_pieces(text, [(start + shift, end + shift) for start, end in label.spans])
    return text[label.start + shift : label.end + shift]


def _pointer_faults(row: Mapping[str, Any]) -> Iterable[str]:
    spans = row.get("spans") or []
    pairs = [[row.get("start"), row.get("end")], *(spans if isinstance(spans, list) else [None])]
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2 or not all(type(offset) is int for offset in pair):
            yield "'start' and 'end' must be whole numbers, and 'spans' a list of such pairs"
        elif not 0 <= pair[0] < pair[1]:
            yield f"the offsets {pair[0]} to {pair[1]} hold no text; start lies before end"
    if not re.fullmatch("[0-9a-f]{64}", str(row.get("sha256"))):
        yield "'sha256' must be 64 hexadecimal digits"
    if digest(str(row.get("doc_id"))) in reserved_digests():
        yield f"document {row['doc_id']!r} is held out for testing; take its labels out"


def _label(row: Mapping[str, Any]) -> StandoffLabel:
    texts = ("para_id", "context", "context_sha256", "kind", "speaker", "country", "split")
    return StandoffLabel(
        id=row["id"],
        source=row["source"],
        doc_id=row["doc_id"],
        start=row["start"],
        end=row["end"],
        spans=tuple((start, end) for start, end in row.get("spans") or ()),
        sha256=row["sha256"],
        year=row.get("year"),
        tags=tuple(row["tags"]),
        votes=tuple(row.get("votes") or ()),
        adjudicated=bool(row.get("adjudicated")),
        **{name: row.get(name) or "" for name in texts},
    )
