"""How far a figure may move by chance: intervals from resampling whole documents.

Statements of one document are not independent, so documents are drawn, not statements (the cluster bootstrap: Field and
Welsh 2007, "Bootstrapping clustered data", JRSS B 69; percentile and basic intervals: Efron and Tibshirani 1993, "An
Introduction to the Bootstrap", chapters 13 and 16; Davison and Hinkley 1997, section 5.2). What is summed over
statements is summed once per document, so that a thousand resamples are one product of matrices.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stance.evaluation.metrics import Floats, Ints

RESAMPLES = 1000
LEVEL = 0.95
_CELLS_AT_ONCE = 4_000_000  # of the matrix (resamples, clusters): 32 MB


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the ends of its interval; ``nan`` where undefined."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float | None]:
        """Return value, low and high as JSON can hold them, ``None`` for ``nan``."""
        return {name: finite(getattr(self, name)) for name in ("value", "low", "high")}


def finite(value: float) -> float | None:
    """Return a number that JSON can hold, ``None`` for ``nan``.

    :param value: The number.
    :returns: The number, or ``None``.
    """
    return None if math.isnan(value) else float(value)


def cluster_numbers(names: Sequence[str]) -> Ints:
    """Number the clusters that statements belong to.

    :param names: The cluster of each statement, such as its document.
    :returns: Numbers from 0, (n_texts,).
    """
    return np.unique(np.asarray(names, dtype=np.str_), return_inverse=True)[1].astype(np.int64)


def resampled_sums(rows: Floats, clusters: Ints, n_resamples: int = RESAMPLES, seed: int = 0) -> Floats:
    """Draw clusters with replacement, as many as there are, and sum the rows of the drawn ones.

    The same seed and clusters give the same draws, so figures of two models on the same statements are paired.

    :param rows: What to sum for each statement, (n_texts, n_columns).
    :param clusters: The number of each statement's cluster, (n_texts,).
    :param n_resamples: How many times to draw.
    :param seed: Seed of the random numbers.
    :returns: Sums, (n_resamples, n_columns).
    """
    n_clusters = int(clusters.max()) + 1 if len(clusters) else 0
    totals = np.zeros((n_clusters, rows.shape[1]))
    np.add.at(totals, clusters, rows)
    rng = np.random.default_rng(seed)
    sums = np.zeros((n_resamples, rows.shape[1]))
    step = max(1, _CELLS_AT_ONCE // max(1, n_clusters))
    for first in range(0, n_resamples if n_clusters else 0, step):
        size = min(step, n_resamples - first)
        drawn = rng.integers(n_clusters, size=(size, n_clusters)) + np.arange(size)[:, None] * n_clusters
        times_drawn = np.bincount(drawn.ravel(), minlength=size * n_clusters).reshape(size, n_clusters)
        sums[first : first + size] = times_drawn.astype(np.float64) @ totals
    return sums


def percentile_estimates(values: Floats, samples: Floats, level: float = LEVEL) -> list[Estimate]:
    """Give figures their percentile intervals.

    :param values: The figures, (n,).
    :param samples: The same figures in each resample, (n_resamples, n); ``nan`` where undefined there.
    :param level: The share of resamples inside the interval.
    :returns: One estimate a figure.
    """
    low, high = quantiles(samples, level)
    return [Estimate(float(v), float(a), float(b)) for v, a, b in zip(values, low, high, strict=True)]


def error_estimates(values: Floats, samples: Floats, noise: Floats, level: float = LEVEL) -> list[Estimate]:
    """Give figures that noise inflates, such as the calibration error, basic (reflected) intervals.

    Resampling adds noise to what is already noisy, so percentiles lie far too high (they hold the true error of a
    nearly calibrated model less than 1 time in 100). Reflecting them at the figure takes the excess off; where chance
    alone explains the figure, the interval begins at 0. In simulations of 150 and 640 texts these hold the true error
    86 to 98 times in 100.

    :param values: The figures, none below 0, (n,).
    :param samples: The same figures in each resample, (n_resamples, n).
    :param noise: How high each figure may be if the true error is 0, (n,).
    :param level: The share of resamples inside the interval.
    :returns: One estimate a figure; it may lie above its interval, which shows that it is mostly noise.
    """
    low, high = quantiles(samples, level)
    lows = np.where(values <= noise, 0.0, np.maximum(2 * values - high, 0.0))
    highs = np.maximum(2 * values - low, 0.0)
    return [Estimate(float(v), float(a), float(b)) for v, a, b in zip(values, lows, highs, strict=True)]


def quantiles(samples: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the ends of the middle ``level`` of the samples, column by column, leaving ``nan`` out.

    :param samples: An array (n_samples, n).
    :param level: The share between the ends.
    :returns: The low ends and the high ends, (n,); ``nan`` for a column without a number.
    """
    ends = np.full((2, samples.shape[1]), np.nan)
    known = ~np.isnan(samples).all(axis=0)
    tail = (1 - level) / 2
    ends[:, known] = np.nanquantile(samples[:, known], [tail, 1 - tail], axis=0)
    return ends[0], ends[1]
