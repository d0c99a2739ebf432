"""The figures of one model on one set of statements, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stance.evaluation.bootstrap import (
    Estimate,
    error_estimates,
    finite,
    percentile_estimates,
    quantiles,
    resampled_sums,
)
from stance.evaluation.calibration import chance_calibration_error
from stance.evaluation.metrics import (
    Bools,
    Floats,
    Ints,
    average_precision_per_tag,
    bin_of,
    f1_from_counts,
    mean_of_defined,
    ratio,
    tag_counts,
    tag_set_confusion,
)

N_BINS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What is true and what a model said, as arrays with one row a statement."""

    truth: Bools  # (n_texts, n_tags)
    p: Floats  # (n_texts, n_tags)
    predicted: Bools  # (n_texts, n_tags)
    flagged: Bools  # (n_texts,) whether the model called the statement uncertain
    clusters: Ints  # (n_texts,) the number of each statement's document

    @property
    def wrong(self) -> Bools:
        """Whether each statement's set of tags is wrong."""
        different: Bools = (self.truth != self.predicted).any(axis=1)
        return different

    def part(self, rows: Bools) -> Outcome:
        """Return the outcome of some of the statements.

        :param rows: Which ones, (n_texts,).
        :returns: Their outcome, clusters numbered anew.
        """
        clusters = np.unique(self.clusters[rows], return_inverse=True)[1].astype(np.int64)
        return Outcome(self.truth[rows], self.p[rows], self.predicted[rows], self.flagged[rows], clusters)


@dataclass(frozen=True, slots=True)
class TagScores:
    """How well one tag is found."""

    support: int  # statements that bear it
    counts: Mapping[str, int]  # tp, fp, fn, tn: the tag's 2 by 2 table
    f1: Estimate
    precision: Estimate
    recall: Estimate
    average_precision: float
    brier: Estimate
    calibration_error: Estimate
    chance_calibration_error: float  # what a perfectly calibrated model shows by chance, on average

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Scores:
    """How well a set of statements is tagged."""

    n: int
    n_clusters: int  # documents, the unit of the bootstrap
    tags: Mapping[str, TagScores]
    macro_f1: Estimate
    micro_f1: Estimate
    exact_match: Estimate
    calibration_error: Estimate  # the mean over the tags
    chance_calibration_error: float
    flagged: Estimate  # the share of statements called uncertain
    errors_flagged: Estimate  # the share of wrongly tagged statements among them

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


def plain(value: Any) -> Any:
    """Turn figures, and mappings and sequences of them, into values that JSON can hold.

    :param value: A figure, a number, text, or a mapping or sequence of such.
    :returns: The same with ``None`` for ``nan``.
    """
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return finite(value)
    return value.to_dict() if hasattr(value, "to_dict") else value


def score_outcome(outcome: Outcome, tags: tuple[str, ...], seed: int = 0) -> Scores:
    """Compute all figures of an outcome, with 95 % intervals.

    :param outcome: What is true and what the model said.
    :param tags: The names of the columns.
    :param seed: Seed of the resampling.
    :returns: The figures.
    """
    rows = _summands(outcome)
    sums = resampled_sums(rows, outcome.clusters, seed=seed)
    values, samples = _figures(rows.sum(axis=0), len(tags)), _figures(sums, len(tags))
    chance = chance_calibration_error(outcome.p, N_BINS, seed=seed)
    chance = np.column_stack([chance, chance.mean(axis=1)])  # the tags and, last, their mean
    estimates = {name: percentile_estimates(values[name], samples[name]) for name in values}
    name = "calibration_error"
    estimates[name] = error_estimates(values[name], samples[name], quantiles(chance)[1])
    tp, fp, fn, tn = tag_counts(outcome.truth, outcome.predicted)
    areas = average_precision_per_tag(outcome.truth, outcome.p)
    per_tag = {
        tag: TagScores(
            support=int(tp[t] + fn[t]),
            counts={"tp": int(tp[t]), "fp": int(fp[t]), "fn": int(fn[t]), "tn": int(tn[t])},
            average_precision=float(areas[t]),
            chance_calibration_error=float(chance[:, t].mean()),
            **{key: estimates[key][t] for key in ("f1", "precision", "recall", "brier", "calibration_error")},
        )
        for t, tag in enumerate(tags)
    }
    return Scores(
        n=len(rows),
        n_clusters=int(outcome.clusters.max()) + 1,
        tags=per_tag,
        calibration_error=estimates["calibration_error"][-1],
        chance_calibration_error=float(chance[:, -1].mean()),
        **{key: estimates[key][0] for key in ("macro_f1", "micro_f1", "exact_match", "flagged", "errors_flagged")},
    )


def macro_f1_difference(first: Outcome, second: Outcome, seed: int = 0) -> Estimate:
    """Return how much higher the second macro-F1 is on the same statements, with a paired interval.

    :param first: The outcome of one model.
    :param second: The outcome of another, with the same statements in the same order.
    :param seed: Seed of the resampling.
    :returns: The difference.
    """
    n_tags = first.truth.shape[1]
    rows = np.concatenate([_decisions(first), _decisions(second)], axis=1)

    def difference(sums: Floats) -> Floats:
        scores = [mean_of_defined(f1_from_counts(*_thirds(part, n_tags))) for part in np.split(sums, 2, axis=-1)]
        return scores[1] - scores[0]

    sums = resampled_sums(rows, first.clusters, seed=seed)
    return percentile_estimates(difference(rows.sum(axis=0, keepdims=True)), difference(sums)[:, None])[0]


def confusion_shares(outcome: Outcome, tags: tuple[str, ...], seed: int = 0) -> list[dict[str, Any]]:
    """Return which set of tags was taken for which, one entry a pair that occurs.

    :param outcome: What is true and what the model said.
    :param tags: The names of the columns.
    :param seed: Seed of the resampling.
    :returns: ``true`` and ``predicted`` (lists of tags), ``n``, and ``share`` of the statements of the true set.
    """
    table = tag_set_confusion(outcome.truth, outcome.predicted)
    true, predicted = np.nonzero(table.counts)
    n_sets, n_pairs = len(table.sets), len(true)
    rows = np.zeros((len(outcome.truth), n_pairs + n_sets))
    pair_number = np.zeros((n_sets, n_sets), dtype=np.int64)
    pair_number[true, predicted] = np.arange(n_pairs)
    every = np.arange(len(rows))
    rows[every, pair_number[table.true_set, table.predicted_set]] = 1
    rows[every, n_pairs + table.true_set] = 1
    sums = resampled_sums(rows, outcome.clusters, seed=seed)
    total = rows.sum(axis=0)
    shares = percentile_estimates(
        ratio(total[:n_pairs], total[n_pairs + true]), ratio(sums[:, :n_pairs], sums[:, n_pairs + true])
    )
    return [
        {
            "true": [tags[t] for t in table.sets[i]],
            "predicted": [tags[t] for t in table.sets[j]],
            "n": int(table.counts[i, j]),
            "share": share.to_dict(),
        }
        for i, j, share in zip(true, predicted, shares, strict=True)
    ]


def _decisions(outcome: Outcome) -> Floats:
    truth, predicted = outcome.truth, outcome.predicted
    cells = [truth & predicted, ~truth & predicted, truth & ~predicted]
    return np.concatenate(cells, axis=1).astype(np.float64)


def _summands(outcome: Outcome) -> Floats:
    """Lay out, for each statement, everything that the figures are sums of; :func:`_figures` reads the same columns."""
    n, n_tags = outcome.truth.shape
    miss = outcome.p - outcome.truth
    gaps = np.zeros((n, n_tags, N_BINS))
    np.put_along_axis(gaps, bin_of(outcome.p, N_BINS)[:, :, None], miss[:, :, None], axis=2)
    marks = np.column_stack([np.ones(n), outcome.wrong, outcome.flagged, outcome.wrong & outcome.flagged])
    return np.concatenate([_decisions(outcome), miss**2, marks, gaps.reshape(n, -1)], axis=1)


def _figures(sums: Floats, n_tags: int) -> dict[str, Floats]:
    """Turn sums (..., n_columns) into figures (..., n_tags), or (..., 1) for those of the whole."""
    ends = np.cumsum([3 * n_tags, n_tags, 4])
    decisions, squares, marks, gaps = np.split(sums, ends, axis=-1)
    tp, fp, fn = _thirds(decisions, n_tags)
    n, wrong, flagged, both = np.split(marks, 4, axis=-1)
    f1 = f1_from_counts(tp, fp, fn)
    errors = ratio(np.abs(gaps.reshape(*sums.shape[:-1], n_tags, N_BINS)).sum(axis=-1), n)
    pooled = [count.sum(axis=-1, keepdims=True) for count in (tp, fp, fn)]
    return {
        "f1": f1,
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "brier": ratio(squares, n),
        "calibration_error": np.concatenate([errors, errors.mean(axis=-1, keepdims=True)], axis=-1),
        "macro_f1": mean_of_defined(f1)[..., None],
        "micro_f1": f1_from_counts(*pooled),
        "exact_match": ratio(n - wrong, n),
        "flagged": ratio(flagged, n),
        "errors_flagged": ratio(both, wrong),
    }


def _thirds(decisions: Floats, n_tags: int) -> tuple[Floats, Floats, Floats]:
    tp, fp, fn = np.split(decisions, [n_tags, 2 * n_tags], axis=-1)
    return tp, fp, fn
