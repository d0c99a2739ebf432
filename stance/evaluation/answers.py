"""Answers of another tool, evaluated as if it were a model: SetFit, a zero-shot pipeline, an LLM, a human coder.

They come as rows of JSON lines with ``text``, ``context`` where the statement has one, and ``p_TAG`` for each tag: what
``stance classify`` writes, too. Rows may also give ``tags`` and ``uncertain`` (lists); else a tag is given from .5 on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from stance.datasets.jsonlines import Faults, numbered_objects
from stance.errors import InputError
from stance.statement import Score

SUFFIXES = (".jsonl", ".jsonl.gz")
THRESHOLD = 0.5


class Answers:
    """What another tool said of statements, found by their text and context."""

    def __init__(self, name: str, tags: tuple[str, ...], scores: Mapping[tuple[str, str], Score]) -> None:
        self.name = name
        self.tags = tags
        self.thresholds = (THRESHOLD,) * len(tags)
        self.scores = scores

    def score(self, texts: Sequence[str], contexts: Sequence[str] | None = None) -> list[Score]:
        """Return what the tool said of texts.

        :param texts: The texts.
        :param contexts: One for each text; None means that they have none.
        :returns: One score a text.
        :raises InputError: If it said nothing of one of them.
        """
        keys = list(zip(texts, contexts or [""] * len(texts), strict=True))
        missing = [key for key in keys if key not in self.scores]
        if missing:
            raise InputError(
                f"{self.name} gives no answer for {len(missing):,} of {len(keys):,} statements, the first being "
                f"{missing[0][0][:60]!r}; answer all of them, with text and context to the letter"
            )
        return [self.scores[key] for key in keys]


def read_answers(path: str | Path) -> Answers:
    """Read the answers of a tool; they bear the name of the file.

    :param path: A file of JSON lines.
    :returns: The answers.
    :raises InputError: If the file is missing or broken, or a row lacks a text or a probability.
    """
    faults = Faults(path)
    tags: tuple[str, ...] = ()
    scores: dict[tuple[str, str], Score] = {}
    for number, row in numbered_objects(path, faults):
        tags = tags or tuple(name[2:] for name in row if name.startswith("p_"))
        fault = _fault(row, tags)
        if fault:
            faults.add(number, fault)
            continue
        p = {tag: float(row[f"p_{tag}"]) for tag in tags}
        given = row.get("tags")
        chosen = tuple(tag for tag in tags if (p[tag] >= THRESHOLD if given is None else tag in given))
        doubts = tuple(tag for tag in tags if tag in (row.get("uncertain") or ()))
        scores[row["text"], row.get("context") or ""] = Score(p, chosen, doubts, 0, False)
    faults.raise_if_any()
    return Answers(Path(path).name.split(".jsonl", maxsplit=1)[0], tags, scores)


def _fault(row: Mapping[str, object], tags: Sequence[str]) -> str:
    """Say what is wrong with a row; an empty text if nothing is."""
    if not isinstance(row.get("text"), str):
        return "has no 'text'; these are no answers of a tool: give rows with text, context and p_TAG"
    if not tags:
        return "has no column p_TAG, such as p_pro_sanctions; give a probability for each tag"
    for tag in tags:
        p = row.get(f"p_{tag}")
        if isinstance(p, bool) or not isinstance(p, int | float) or not math.isfinite(p) or not 0 <= p <= 1:
            return f"p_{tag} is {p!r}; give a probability from 0 to 1"
    for name in ("tags", "uncertain"):
        if not isinstance(row.get(name), list | None):
            return f"{name!r} is no list; give a list of tags"
    return ""
