"""Rebuild labelled statements from stand-off labels and the texts of a corpus or of the public sources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from stance.datasets.readers import SourceText
from stance.datasets.records import LabelledStatement
from stance.datasets.standoff import StandoffLabel, digest, words_at

_WORD_START = re.compile(r"(?<!\w)\S")
_COLUMNS = ("labels", "rebuilt", "mismatch", "missing", "no headline")


@dataclass(slots=True)
class Report:
    """What became of the labels of each source.

    ``rebuilt`` + ``mismatch`` (the document is there, the words are not) + ``missing`` (no document) = ``labels``;
    ``no headline`` counts rebuilt statements whose context could not be proved and is empty.
    """

    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, source: str, outcome: str) -> None:
        """Count one label."""
        self.counts.setdefault(source.partition(":")[0], Counter()).update((outcome,))

    def total(self, outcome: str) -> int:
        """Return a count over all sources."""
        return sum(counter[outcome] for counter in self.counts.values())

    @property
    def complete(self) -> bool:
        """Whether every label was rebuilt."""
        return self.total("rebuilt") == self.total("labels")

    def table(self) -> str:
        """Return the counts as a table, one source a line."""
        lines = ["".join(f"{name:>12}" for name in _COLUMNS) + "  source"]
        for source, counter in sorted(self.counts.items(), key=lambda item: -item[1]["labels"]):
            lines.append("".join(f"{counter[name]:>12,}" for name in _COLUMNS) + f"  {source}")
        return "\n".join([*lines, "".join(f"{self.total(name):>12,}" for name in _COLUMNS) + "  in all"])


def rebuild(
    labels: Sequence[StandoffLabel],
    find: Callable[[StandoffLabel], SourceText | None],
    on_progress: Callable[[int], None] = lambda done: None,
) -> tuple[list[LabelledStatement], Report]:
    """Rebuild the labelled statements; what cannot be had or proved is counted and left out.

    :param labels: The stand-off labels.
    :param find: Returns the document that a label points into, or None.
    :param on_progress: Called with the number of labels done.
    :returns: The statements in the order of the labels, and the counts.
    """
    rebuilt: dict[str, LabelledStatement] = {}
    report = Report()
    for done, label in enumerate(sorted(labels, key=lambda item: item.source), start=1):  # a file's labels together
        report.add(label.source, "labels")
        document = find(label)
        text = locate(label, document.texts) if document else None
        report.add(label.source, "missing" if document is None else "mismatch" if text is None else "rebuilt")
        if document and text is not None:
            context = label.context or _proved_title(label, document.titles)
            rebuilt[label.id] = label.statement(text, context)
            if label.context_sha256 and not context:
                report.add(label.source, "no headline")
        on_progress(done)
    return [rebuilt[label.id] for label in labels if label.id in rebuilt], report


def locate(label: StandoffLabel, texts: Sequence[str]) -> str | None:
    """Find the words of a label: at its offsets, else wherever words of that length have its hash.

    :param label: The label.
    :param texts: The readings of the document.
    :returns: The words, or None if no reading holds them.
    """
    spans = label.spans or ((label.start, label.end),)
    first, last = spans[0][0], spans[-1][1]
    for text in texts:
        starts = (match.start() for match in _WORD_START.finditer(text))
        for start in (first, *starts):
            end = start + last - first
            if end > len(text):
                continue
            if end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
                continue  # would end within a word: not worth a hash
            words = words_at(text, label, start - first)
            if digest(words) == label.sha256:
                return words
    return None


def _proved_title(label: StandoffLabel, titles: Sequence[str]) -> str:
    return next((title for title in titles if title and digest(title) == label.context_sha256), "")
