"""From logits to calibrated probabilities, tags and doubt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stance.model_folder import Calibration

Floats = NDArray[np.float64]


def sigmoid(logits: Floats) -> Floats:
    """Return ``1 / (1 + exp(-logits))`` without overflow."""
    result: Floats = np.exp(-np.logaddexp(0, -logits))
    return result


def logit(p: Floats) -> Floats:
    """Return ``log(p / (1 - p))``, with p kept 1e-7 away from 0 and 1."""
    clipped = np.clip(p, 1e-7, 1 - 1e-7)
    result: Floats = np.log(clipped) - np.log1p(-clipped)
    return result


def apply_calibration(logits: Floats, calibration: Calibration) -> Floats:
    """Return calibrated probabilities.

    :param logits: Raw logits, (n_texts, n_tags).
    :param calibration: A slope and an intercept per tag.
    :returns: Probabilities, (n_texts, n_tags).
    """
    return sigmoid(logits * np.array(calibration.slope) + np.array(calibration.intercept))


def margins(p: Floats, thresholds: Sequence[float]) -> Floats:
    """Return how far each probability lies from its tag's threshold, on the logit scale.

    :param p: Calibrated probabilities, (n_texts, n_tags).
    :param thresholds: One a tag.
    :returns: Distances, 0 at the threshold, (n_texts, n_tags).
    """
    result: Floats = np.abs(logit(p) - logit(np.array(thresholds, dtype=np.float64)))
    return result
