"""How good the tags and probabilities of a model are, as plain functions of numpy arrays.

Everywhere ``truth`` and ``predicted`` are boolean arrays of shape (n_texts, n_tags), ``p`` holds probabilities of the
same shape. A figure that is undefined (the F1 of a tag that neither occurs nor is predicted) is ``nan``, never a
silent 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Which set of tags was taken for which: ``counts[i, j]`` texts of the true ``sets[i]`` got ``sets[j]``."""

    sets: tuple[tuple[int, ...], ...]  # each the column numbers of its tags; only sets that occur, small ones first
    counts: Ints  # (n_sets, n_sets)
    true_set: Ints  # (n_texts,) the number of each text's true set
    predicted_set: Ints  # (n_texts,)


def ratio(part: ArrayLike, whole: ArrayLike) -> Floats:
    """Divide, giving ``nan`` where the whole is zero.

    :param part: Numerators.
    :param whole: Denominators of a shape that fits.
    :returns: The ratios.
    """
    parts, wholes = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    ratios: Floats = np.divide(parts, wholes, out=np.full(parts.shape, np.nan), where=wholes > 0)
    return ratios


def tag_counts(truth: Bools, predicted: Bools) -> tuple[Ints, Ints, Ints, Ints]:
    """Count true positives, false positives, false negatives and true negatives of each tag.

    :param truth: True tags, (n_texts, n_tags).
    :param predicted: Predicted tags, (n_texts, n_tags).
    :returns: Four arrays of shape (n_tags,).
    """
    truth, predicted = _pair(truth, predicted)
    cells = (truth & predicted, ~truth & predicted, truth & ~predicted, ~truth & ~predicted)
    tp, fp, fn, tn = (cell.sum(axis=0) for cell in cells)
    return tp, fp, fn, tn


def precision_per_tag(truth: Bools, predicted: Bools) -> Floats:
    """Return the share of each tag's predictions that are right, ``nan`` where it was never predicted.

    :param truth: True tags, (n_texts, n_tags).
    :param predicted: Predicted tags, (n_texts, n_tags).
    :returns: Precisions, (n_tags,).
    """
    tp, fp, _, _ = tag_counts(truth, predicted)
    return ratio(tp, tp + fp)


def recall_per_tag(truth: Bools, predicted: Bools) -> Floats:
    """Return the share of each tag's texts that were found, ``nan`` where it never occurs.

    :param truth: True tags, (n_texts, n_tags).
    :param predicted: Predicted tags, (n_texts, n_tags).
    :returns: Recalls, (n_tags,).
    """
    tp, _, fn, _ = tag_counts(truth, predicted)
    return ratio(tp, tp + fn)


def f1_per_tag(truth: Bools, predicted: Bools) -> Floats:
    """Return F1, the harmonic mean of precision and recall, of each tag.

    :param truth: True tags, (n_texts, n_tags).
    :param predicted: Predicted tags, (n_texts, n_tags).
    :returns: F1, (n_tags,); ``nan`` for a tag that neither occurs nor is predicted.
    """
    tp, fp, fn, _ = tag_counts(truth, predicted)
    return f1_from_counts(tp, fp, fn)


def f1_from_counts(tp: Floats | Ints, fp: Floats | Ints, fn: Floats | Ints) -> Floats:
    """Return F1 = 2 tp / (2 tp + fp + fn), ``nan`` where all three are zero.

    :param tp: True positives.
    :param fp: False positives.
    :param fn: False negatives.
    :returns: F1, of the shape of the counts.
    """
    return ratio(2 * tp, 2 * tp + fp + fn)


def macro_f1(truth: Bools, predicted: Bools) -> float:
    """Return the mean of the tags' F1, over the tags where it is defined.

    :param truth: True tags, (n_texts, n_tags).
    :param predicted: Predicted tags, (n_texts, n_tags).
    :returns: Macro-F1; ``nan`` if it is defined for no tag.
    """
    return float(mean_of_defined(f1_per_tag(truth, predicted)))


def mean_of_defined(values: Floats) -> Floats:
    """Return the mean over the last axis of the values that are not ``nan``, or ``nan`` where none is.

    :param values: An array (..., n).
    :returns: Means, (...).
    """
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0.0).sum(axis=-1), defined.sum(axis=-1))


def micro_f1(truth: Bools, predicted: Bools) -> float:
    """Return F1 of all decisions pooled over the tags.

    :param truth: True tags, (n_texts, n_tags).
    :param predicted: Predicted tags, (n_texts, n_tags).
    :returns: Micro-F1.
    """
    tp, fp, fn, _ = tag_counts(truth, predicted)
    return float(f1_from_counts(tp.sum(), fp.sum(), fn.sum()))


def exact_match(truth: Bools, predicted: Bools) -> float:
    """Return the share of texts whose whole set of tags is right.

    :param truth: True tags, (n_texts, n_tags).
    :param predicted: Predicted tags, (n_texts, n_tags).
    :returns: A share between 0 and 1; ``nan`` without texts.
    """
    truth, predicted = _pair(truth, predicted)
    return float(ratio((truth == predicted).all(axis=1).sum(), len(truth)))


def bin_of(p: Floats, n_bins: int = 10) -> Ints:
    """Return the equal-width bin of each probability; 1.0 belongs to the last bin.

    :param p: Probabilities of any shape.
    :param n_bins: How many bins divide [0, 1].
    :returns: Bin numbers from 0, of the shape of ``p``.
    """
    return np.clip((np.asarray(p) * n_bins).astype(np.int64), 0, n_bins - 1)


def expected_calibration_error(truth: Bools, p: Floats, n_bins: int = 10) -> Floats:
    """Return each tag's expected calibration error over equal-width bins.

    The mean distance between stated probability and observed share, weighted by the texts in each bin (Guo et al.
    2017, "On Calibration of Modern Neural Networks", eq. 3). Noise alone makes it positive: read it beside
    :func:`stance.evaluation.calibration.chance_calibration_error`.

    :param truth: True tags, (n_texts, n_tags).
    :param p: Probabilities, (n_texts, n_tags).
    :param n_bins: How many bins divide [0, 1].
    :returns: Errors between 0 and 1, (n_tags,).
    """
    truth, p = np.asarray(truth, dtype=bool), np.asarray(p, dtype=np.float64)
    bins = bin_of(p, n_bins)
    gaps = np.stack([np.bincount(bins[:, t], (p - truth)[:, t], minlength=n_bins) for t in range(p.shape[1])])
    return ratio(np.abs(gaps).sum(axis=1), len(p))


def brier_per_tag(truth: Bools, p: Floats) -> Floats:
    """Return each tag's Brier score, the mean squared distance of the probability from 0 or 1 (Brier 1950).

    :param truth: True tags, (n_texts, n_tags).
    :param p: Probabilities, (n_texts, n_tags).
    :returns: Scores, 0 is best, (n_tags,).
    """
    return ratio(((np.asarray(p) - np.asarray(truth)) ** 2).sum(axis=0), len(p))


def precision_recall_curve(truth: Bools, p: Floats) -> tuple[Floats, Floats, Floats]:
    """Return precision and recall at every threshold that makes a difference, for one tag.

    :param truth: Whether each text bears the tag, (n_texts,).
    :param p: Its probabilities, (n_texts,).
    :returns: Precision, recall and threshold, (n_distinct,), from the highest threshold down.
    """
    order = np.argsort(-p, kind="stable")
    p, truth = p[order], truth[order]
    last_of_ties = np.append(np.flatnonzero(np.diff(p)), len(p) - 1)
    found = np.cumsum(truth)[last_of_ties]
    return ratio(found, last_of_ties + 1), ratio(found, truth.sum()), p[last_of_ties]


def average_precision_per_tag(truth: Bools, p: Floats) -> Floats:
    """Return each tag's average precision, the area under its precision-recall steps.

    :param truth: True tags, (n_texts, n_tags).
    :param p: Probabilities, (n_texts, n_tags).
    :returns: Average precisions, (n_tags,); ``nan`` for a tag that never occurs.
    """
    areas = []
    for tag in range(p.shape[1]):
        precision, recall, _ = precision_recall_curve(truth[:, tag], p[:, tag])
        areas.append(np.sum(precision * np.diff(recall, prepend=0.0)))
    return np.array(areas, dtype=np.float64)


def tag_set_confusion(truth: Bools, predicted: Bools) -> Confusion:
    """Count which set of tags was taken for which.

    :param truth: True tags, (n_texts, n_tags).
    :param predicted: Predicted tags, (n_texts, n_tags).
    :returns: The sets that occur, by size and order of the tags, and the counts.
    """
    truth, predicted = _pair(truth, predicted)
    rows = [[tuple(np.flatnonzero(row).tolist()) for row in tags] for tags in (truth, predicted)]
    sets = sorted({*rows[0], *rows[1]}, key=lambda tags: (len(tags), tags))
    number = {tags: position for position, tags in enumerate(sets)}
    true_set, predicted_set = (np.array([number[tags] for tags in row], dtype=np.int64) for row in rows)
    counts = np.zeros((len(sets), len(sets)), dtype=np.int64)
    np.add.at(counts, (true_set, predicted_set), 1)
    return Confusion(tuple(sets), counts, true_set, predicted_set)


def _pair(truth: Bools, predicted: Bools) -> tuple[Bools, Bools]:
    truth, predicted = np.asarray(truth, dtype=bool), np.asarray(predicted, dtype=bool)
    if truth.ndim != 2 or truth.shape != predicted.shape:
        raise ValueError(f"truth {truth.shape} and predicted {predicted.shape} must both be (n_texts, n_tags)")
    return truth, predicted
