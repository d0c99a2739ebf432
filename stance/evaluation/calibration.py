"""Whether a stated probability of 80 % means 80 %: the error that chance alone gives, and reliability by bin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stance.evaluation.bootstrap import finite, quantiles
from stance.evaluation.metrics import Bools, Floats, bin_of, ratio

DRAWS = 1000
_CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The texts whose probability of one tag falls in one bin."""

    low: float  # ends of the bin
    high: float
    n: int
    mean_p: float  # what the model states
    share: float  # what is true
    chance_low: float  # where the share of a perfectly calibrated model lies 95 times in 100
    chance_high: float

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the bin as plain values."""
        numbers = {name: finite(getattr(self, name)) for name in self.__slots__ if name != "n"}
        return {**numbers, "n": self.n}


def chance_calibration_error(p: Floats, n_bins: int = 10, n_draws: int = DRAWS, seed: int = 0) -> Floats:
    """Return calibration errors that a perfectly calibrated model with these probabilities shows by chance.

    Truth is drawn from the probabilities themselves; what error remains is noise of the sample's size (consistency
    resampling: Bröcker and Smith 2007, "Increasing the Reliability of Reliability Diagrams").

    :param p: Probabilities, (n_texts, n_tags).
    :param n_bins: How many bins divide [0, 1].
    :param n_draws: How many times truth is drawn.
    :param seed: Seed of the random numbers.
    :returns: Expected calibration errors, (n_draws, n_tags).
    """
    n_texts, n_tags = p.shape
    errors = np.full((n_draws, n_tags), np.nan)
    for tag in range(n_tags) if n_texts else ():
        bins = bin_of(p[:, tag], n_bins)
        stated = np.bincount(bins, p[:, tag], minlength=n_bins)
        true = np.concatenate(list(_drawn_bin_counts(p[:, tag], n_bins, n_draws, seed + tag)))
        errors[:, tag] = np.abs(true - stated).sum(axis=1) / n_texts
    return errors


def reliability_bins(truth: Bools, p: Floats, n_bins: int = 10, seed: int = 0) -> list[ReliabilityBin]:
    """Compare stated probabilities with observed shares, bin by bin, for one tag.

    :param truth: Whether each text bears the tag, (n_texts,).
    :param p: Its probabilities, (n_texts,).
    :param n_bins: How many equal-width bins divide [0, 1].
    :param seed: Seed of the draws for the chance band.
    :returns: The bins from low to high; shares are ``nan`` in an empty one.
    """
    bins = bin_of(p, n_bins)
    counts = np.bincount(bins, minlength=n_bins)
    means = ratio(np.bincount(bins, p, minlength=n_bins), counts)
    shares = ratio(np.bincount(bins, truth, minlength=n_bins), counts)
    drawn = np.concatenate(list(_drawn_bin_counts(p, n_bins, DRAWS, seed)))
    low, high = quantiles(ratio(drawn, counts))
    edges = np.arange(n_bins + 1) / n_bins
    return [
        ReliabilityBin(
            low=float(edges[b]),
            high=float(edges[b + 1]),
            n=int(counts[b]),
            mean_p=float(means[b]),
            share=float(shares[b]),
            chance_low=float(low[b]),
            chance_high=float(high[b]),
        )
        for b in range(n_bins)
    ]


def _drawn_bin_counts(p: Floats, n_bins: int, n_draws: int, seed: int) -> Iterator[Floats]:
    """Draw truth from the probabilities; yield how many are true in each bin, (some draws, n_bins) at a time."""
    rng = np.random.default_rng(seed)
    member = (bin_of(p, n_bins)[:, None] == np.arange(n_bins)).astype(np.float64)
    step = max(1, _CELLS_AT_ONCE // max(1, len(p)))
    for first in range(0, n_draws, step):
        true = rng.random((min(step, n_draws - first), len(p))) < p
        yield true.astype(np.float64) @ member
