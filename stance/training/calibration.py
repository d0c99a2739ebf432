"""Turn logits into probabilities that mean what they say, and probabilities into tags.

Everything here is fitted on dev. Figures for dev are therefore cross-fitted: each document is scored with a calibration
and thresholds that were fitted without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from stance.inference.conformal import cutoffs, doubts, strangest
from stance.inference.decision import apply_calibration, margins
from stance.model_folder import Calibration

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

UNCERTAIN_SHARE = 0.10  # share of dev statements that may be called uncertain
ERROR_RATES = (0.05, 0.1, 0.2)  # that the card tells of
MIN_EXAMPLES = 5  # of a tag and of its absence, below which its logits are left as they are


@dataclass(frozen=True, slots=True)
class Decision:
    """All that stands between a model's logits and its tags."""

    calibration: Calibration
    thresholds: tuple[float, ...]
    doubt_margin: float


def fit_platt(logits: Floats, truth: Bools) -> Calibration:
    """Fit Platt scaling for each tag.

    The penalty is weak (C = 100) and only keeps separable data finite (Platt 1999, "Probabilistic outputs for support
    vector machines").

    :param logits: Raw logits, (n_texts, n_tags).
    :param truth: True tags, (n_texts, n_tags).
    :returns: A slope and an intercept per tag; 1 and 0 for a tag with fewer than five examples for or against.
    """
    slopes, intercepts = [], []
    for column in range(logits.shape[1]):
        positive = int(truth[:, column].sum())
        if min(positive, len(truth) - positive) < MIN_EXAMPLES:
            slopes.append(1.0)
            intercepts.append(0.0)
            continue
        fitted = LogisticRegression(C=100.0).fit(logits[:, [column]], truth[:, column])
        slopes.append(float(fitted.coef_[0, 0]))
        intercepts.append(float(fitted.intercept_[0]))
    return Calibration(tuple(slopes), tuple(intercepts))


def f1_thresholds(p: Floats) -> tuple[float, ...]:
    """Choose the threshold of each tag that maximises the expected F1.

    The expectation is taken over the calibrated probabilities themselves, not the few labels of dev, which makes it
    far less noisy (Lewis 1995; Lipton, Elkan and Naryanaswamy 2014: the optimum is half the F1 that it reaches).

    :param p: Calibrated probabilities, (n_texts, n_tags).
    :returns: A threshold per tag.
    """
    chosen = []
    for column in p.T:
        ranked = np.sort(column)[::-1]
        expected = 2 * np.cumsum(ranked) / (np.arange(1, len(ranked) + 1) + ranked.sum())
        best = int(np.argmax(expected))
        below = ranked[best + 1] if best + 1 < len(ranked) else 0.0
        chosen.append(float((ranked[best] + below) / 2))
    return tuple(chosen)


def fit_decision(logits: Floats, truth: Bools) -> Decision:
    """Fit calibration, thresholds and the margin of doubt.

    :param logits: Raw logits of dev, (n_texts, n_tags).
    :param truth: True tags, (n_texts, n_tags).
    :returns: The decision rule.
    """
    calibration = fit_platt(logits, truth)
    p = apply_calibration(logits, calibration)
    thresholds = f1_thresholds(p)
    nearest = margins(p, thresholds).min(axis=1)
    return Decision(calibration, thresholds, float(np.quantile(nearest, UNCERTAIN_SHARE)))


def cross_fit(
    logits: Floats, truth: Bools, documents: Sequence[str], n_folds: int = 5, seed: int = 0
) -> tuple[Floats, Bools, Bools]:
    """Score every statement with a decision rule fitted on the other documents.

    :param logits: Raw logits, (n_texts, n_tags).
    :param truth: True tags, (n_texts, n_tags).
    :param documents: The document of each statement; a document stays in one fold.
    :param n_folds: The number of folds.
    :param seed: The seed of the assignment to folds.
    :returns: Probabilities, predicted tags and doubts, each (n_texts, n_tags).
    """
    folds = document_folds(documents, n_folds, seed)
    p, tags, doubts = np.zeros_like(logits), np.zeros(logits.shape, bool), np.zeros(logits.shape, bool)
    for fold in range(n_folds):
        held = folds == fold
        if not held.any():
            continue
        decision = fit_decision(logits[~held], truth[~held])
        p[held] = apply_calibration(logits[held], decision.calibration)
        tags[held] = p[held] >= np.array(decision.thresholds)
        doubts[held] = margins(p[held], decision.thresholds) < decision.doubt_margin
    return p, tags, doubts


def document_folds(documents: Sequence[str], n_folds: int = 5, seed: int = 0) -> NDArray[np.int64]:
    """Return the fold of every statement; a document stays in one.

    :param documents: The document of each statement.
    :param n_folds: The number of folds.
    :param seed: The seed of the assignment.
    :returns: Numbers from 0, (n_texts,).
    """
    names = sorted(set(documents))
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of = {names[index]: place % n_folds for place, index in enumerate(order)}
    return np.array([fold_of[document] for document in documents], dtype=np.int64)


def try_error_rate(
    p: Floats, truth: Bools, given: Bools, folds: NDArray[np.int64], tags: Sequence[str], error: float
) -> dict[str, dict[str, float]]:
    """Measure doubt with a stated error rate, each fold with edges from the others.

    :param p: Calibrated probabilities, (n_texts, n_tags).
    :param truth: True tags, (n_texts, n_tags).
    :param given: Tags by the thresholds, (n_texts, n_tags).
    :param folds: The fold of each statement, (n_texts,).
    :param tags: The names of the tags.
    :param error: The error rate.
    :returns: For each tag the share of statements that are uncertain, of those with the tag that are surely denied it
        (``missed``), and of those without that are surely given it (``wrong``); 0 where there are none.
    """
    doubtful = np.zeros(p.shape, bool)
    for fold in np.unique(folds):
        held = folds == fold
        edges = cutoffs(strangest(p[~held], truth[~held], tags), tags, error)
        doubtful[held] = doubts(p[held], given[held], edges)
    missed, wrong = truth & ~given & ~doubtful, ~truth & given & ~doubtful
    return {
        tag: {
            "uncertain": float(doubtful[:, place].mean()),
            "missed": float(missed[:, place].sum() / max(1, truth[:, place].sum())),
            "wrong": float(wrong[:, place].sum() / max(1, (~truth[:, place]).sum())),
        }
        for place, tag in enumerate(tags)
    }
