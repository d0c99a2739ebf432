"""Choose unlabelled statements for distillation, as pointers into the corpus: ``stance/datasets/transfer.jsonl.gz``.

    python scripts/make_transfer.py --corpus DIR --labels data/labels.jsonl -o stance/datasets/transfer.jsonl.gz

For maintainers: everybody else rebuilds the texts of the shipped file with ``scripts/build_dataset.py --transfer``.
Documents that are held out for testing, and those of dev, are never taken, nor what repeats ten words of a statement of
dev: the same quote in another newspaper.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import stance
from stance.cli import guarded
from stance.datasets.corpus import ARTICLES, SPEECHES, LocalCorpus
from stance.datasets.jsonlines import Faults, numbered_objects
from stance.datasets.records import read_labels
from stance.datasets.standoff import digest, join_pieces, make_standoff, reserved_digests, write_standoff
from stance.extraction.tokens import sentences, tokenize
from stance.statement import Span

# Topics that the tags turn on, and how many statements of each are drawn; "" is any other.
TOPICS = {
    "sanctions": r"sanction|embargo|blockade|asset freeze|coercive|restrictive measure|maximum pressure|snapback|veto",
    "defence": r"self-defen|deter|retaliat|Article 51|defensive|defend|missile|nuclear|threat|aggress|attack|strike",
    "": r"",
}
SHARES = {"sanctions": 0.4, "defence": 0.4, "": 0.2}
LENGTHS = (30, 700)  # in characters
RUN = 10  # in words, that a statement may not share with one of dev
MAX_SENTENCES = 3  # a statement of a speech


def main(argv: Sequence[str] | None = None) -> int:
    """Choose the statements and write their pointers.

    :param argv: The arguments, without the name of the script.
    :returns: 0.
    :raises StanceError: If the corpus or the labels cannot be read.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    parser.add_argument("--labels", type=Path, default=Path("data/labels.jsonl"), help="default: %(default)s")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--speeches", type=int, default=5000, help="statements of speeches (default: %(default)s)")
    parser.add_argument("--news", type=int, default=4000, help="statements of news (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=13)
    arguments = parser.parse_args(argv)
    labelled = read_labels(arguments.labels)
    closed = {record.doc_id for record in labelled if record.split != "train"}
    known = {record.text for record in labelled}
    draw = random.Random(arguments.seed)
    rows: list[dict[str, Any]] = []
    for name, candidates, size in (
        (SPEECHES, speech_statements, arguments.speeches),
        (ARTICLES, news_statements, arguments.news),
    ):
        documents = [row for row in read_rows(arguments.corpus / name) if is_open(row, closed)]
        found = [row for document in documents for row in candidates(document, draw) if row["text"] not in known]
        rows.extend(sample(found, size, draw))
    for number, row in enumerate(rows, start=1):
        row["id"] = f"t{number:05}"
    held = {run for record in labelled if record.split != "train" for run in runs(record.text)}
    rows = [row for row in rows if not held & runs(row["text"])]
    pointers, left_out = make_standoff(rows, LocalCorpus(arguments.corpus).find)
    write_standoff(arguments.out, pointers)
    sys.stdout.write(f"{len(pointers):,} statements in {arguments.out}; {len(left_out):,} left out\n")
    return 0


def runs(text: str) -> set[tuple[str, ...]]:
    """Return all runs of :data:`RUN` words in a text."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the paragraphs or articles of a corpus file."""
    faults = Faults(path)
    rows = [row for _, row in numbered_objects(path, faults)]
    faults.raise_if_any()
    return rows


def is_open(row: dict[str, Any], closed: set[str]) -> bool:
    """Tell whether statements may be taken from a document: it is neither held out nor in dev."""
    return row["doc_id"] not in closed and digest(row["doc_id"]) not in reserved_digests()


def speech_statements(row: dict[str, Any], draw: random.Random) -> Iterator[dict[str, Any]]:
    """Cut a paragraph of a speech into statements of one to three sentences."""
    text = row["text"]
    pieces = [(part[0].start, part[-1].end) for part in sentences(text, tokenize(text, 0, len(text), []))]
    while pieces:
        size = draw.choice((1, 1, 2, 2, MAX_SENTENCES))
        chosen, pieces = pieces[:size], pieces[size:]
        start, end = chosen[0][0], chosen[-1][1]
        yield pointer(row, text[start:end], start, end, (), "speech", row["speaker"], row["country"])


def news_statements(row: dict[str, Any], draw: random.Random) -> Iterator[dict[str, Any]]:
    """Extract the statements of an article."""
    text = row["text"]
    for found in stance.extract(text, title=row["title"]):
        speaker = found.speaker
        names = (speaker.name if speaker else "", speaker.country if speaker else "")
        if found.kind == "direct":
            if join_pieces(text, found.spans) == found.sentence:
                yield pointer(row, found.sentence, found.start, found.end, found.spans, "news_direct", *names)
        elif (start := text.find(found.sentence)) >= 0:
            yield pointer(row, found.sentence, start, start + len(found.sentence), (), "news_indirect", *names)


def pointer(
    row: dict[str, Any],
    text: str,
    start: int,
    end: int,
    spans: Sequence[Span],
    kind: str,
    speaker: str | None,
    country: str | None,
) -> dict[str, Any]:
    """Return a row of stand-off form, with its text."""
    shared = {name: row.get(name) for name in ("doc_id", "para_id", "source", "year")}
    place = {"text": text, "start": start, "end": end, "spans": spans, "kind": kind}
    return {**shared, **place, "speaker": speaker, "country": country, "tags": [], "split": ""}


def sample(rows: Iterable[dict[str, Any]], size: int, draw: random.Random) -> list[dict[str, Any]]:
    """Draw statements by topic, in the shares of :data:`SHARES`, no text twice."""
    unique = list({row["text"]: row for row in rows if LENGTHS[0] <= len(row["text"]) <= LENGTHS[1]}.values())
    draw.shuffle(unique)
    groups: dict[str, list[dict[str, Any]]] = {topic: [] for topic in TOPICS}
    for row in unique:
        topic = next(name for name, pattern in TOPICS.items() if re.search(pattern, row["text"], re.IGNORECASE))
        groups[topic].append(row)
    chosen = [row for topic, group in groups.items() for row in group[: round(size * SHARES[topic])]]
    return sorted(chosen, key=lambda row: (row["doc_id"], row.get("para_id") or "", row["start"]))


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
