"""What it buys to set doubtful statements aside: the risk at each coverage.

El-Yaniv and Wiener 2010, "On the Foundations of Noise-free Selective Classification"; the area: Geifman, Uziel and
El-Yaniv 2019, "Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers".
"""

from __future__ import annotations

import numpy as np

from stance.evaluation.metrics import Bools, Floats


def doubt_of(p: Floats, predicted: Bools) -> Floats:
    """Return the probability that some tag of the set is wrong, if the tags' errors were independent.

    :param p: Calibrated probabilities, (n_texts, n_tags).
    :param predicted: Predicted tags, (n_texts, n_tags).
    :returns: Doubts between 0 and 1, (n_texts,).
    """
    right = np.where(predicted, p, 1.0 - p)
    doubts: Floats = 1.0 - right.prod(axis=1)
    return doubts


def risk_coverage(wrong: Bools, doubt: Floats) -> tuple[Floats, Floats]:
    """Return the share of errors among the least doubtful texts, for every number of texts kept.

    :param wrong: Whether each text's set of tags is wrong, (n_texts,).
    :param doubt: Doubt of each text, (n_texts,); ties share their errors evenly.
    :returns: Coverage and risk, (n_texts,) each, from one text kept to all.
    """
    order = np.argsort(doubt, kind="stable")
    _, tie, sizes = np.unique(doubt[order], return_inverse=True, return_counts=True)
    errors = (np.bincount(tie, wrong[order]) / sizes)[tie]
    kept = np.arange(1, len(wrong) + 1)
    return kept / max(1, len(wrong)), np.cumsum(errors) / kept


def errors_found(wrong: Bools, doubt: Floats, share: float) -> float:
    """Return which share of the errors lies among the most doubtful texts.

    :param wrong: Whether each text's set of tags is wrong, (n_texts,).
    :param doubt: Doubt of each text, (n_texts,).
    :param share: The share of texts that is looked at, such as 0.1.
    :returns: The share of the errors; ``nan`` if there are none.
    """
    coverage, risk = risk_coverage(wrong, doubt)
    kept = coverage <= 1 - share + 1e-9
    missed = float((risk * coverage)[kept].max(initial=0.0)) * len(wrong)
    return 1 - missed / float(wrong.sum()) if wrong.any() else float("nan")


def aurc(wrong: Bools, doubt: Floats) -> float:
    """Return the area under the risk-coverage curve: the mean risk over all coverages; lower is better.

    :param wrong: Whether each text's set of tags is wrong, (n_texts,).
    :param doubt: Doubt of each text, (n_texts,).
    :returns: The area; a doubt that says nothing gives the error rate.
    """
    return float(risk_coverage(wrong, doubt)[1].mean()) if len(wrong) else float("nan")


def best_aurc(wrong: Bools) -> float:
    """Return the area that a doubt would give which puts every error last.

    :param wrong: Whether each text's set of tags is wrong, (n_texts,).
    :returns: The smallest possible area for this many errors.
    """
    return aurc(wrong, wrong.astype(np.float64))
