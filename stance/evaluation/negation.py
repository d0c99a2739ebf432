"""Pairs of statements that differ by a negation: whether a model flips what it should, and nothing else.

The 120 pairs were written for this project, after the contrast sets of Gardner et al. 2020, "Evaluating Models' Local
Decision Boundaries via Contrast Sets", and are never trained on. In some of them the negation changes no tag.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files

import numpy as np

from stance.codebook import Codebook
from stance.datasets.records import LabelledStatement, read_labels
from stance.evaluation.bootstrap import Estimate, cluster_numbers, percentile_estimates, resampled_sums
from stance.inference import Classifier

Pair = tuple[LabelledStatement, LabelledStatement]


@dataclass(frozen=True, slots=True)
class NegationReport:
    """How a model takes negations."""

    pairs: int
    flipped: Estimate  # share of pairs between whose members just those tags change that should
    right: Estimate  # share of pairs of which both members bear the right tags
    missed: tuple[tuple[str, str, str], ...]  # the pairs that do not flip as they should: id, tags of both members


def negation_pairs() -> list[Pair]:
    """Read the pairs that ship with the package.

    :returns: The pairs, each in the order of its ids (``neg-001a``, ``neg-001b``).
    """
    with as_file(files("stance.evaluation").joinpath("negations.jsonl")) as path:
        records = read_labels(path, Codebook.default())
    return list(zip(records[::2], records[1::2], strict=True))


def negation_report(classifier: Classifier, pairs: Sequence[Pair], seed: int = 0) -> NegationReport:
    """Tell how often a negation flips what it should.

    :param classifier: The model.
    :param pairs: At least one pair.
    :param seed: Seed of the bootstrap over pairs.
    :returns: The shares, with the pairs that went wrong.
    """
    flat = [record for pair in pairs for record in pair]
    tags = classifier.predict([record.text for record in flat], [record.context for record in flat])
    given = [set(answer) for answer in tags]
    rows = np.zeros((len(pairs), 3))
    missed = []
    for number, (one, other) in enumerate(pairs):
        first, second = given[2 * number : 2 * number + 2]
        flipped = first ^ second == set(one.tags) ^ set(other.tags)
        rows[number] = flipped, (first, second) == (set(one.tags), set(other.tags)), 1
        if not flipped:
            missed.append((one.id, "+".join(sorted(first)) or "none", "+".join(sorted(second)) or "none"))
    sums = resampled_sums(rows, cluster_numbers([one.id for one, _ in pairs]), seed=seed)
    flips, right = percentile_estimates(rows[:, :2].mean(0), sums[:, :2] / sums[:, 2:])
    return NegationReport(len(pairs), flips, right, tuple(missed))
