import numpy as np
import pytest

from stance.inference.decision import apply_calibration, logit, margins, sigmoid
from stance.training.calibration import cross_fit, f1_thresholds, fit_decision, fit_platt


@pytest.fixture
def overconfident():
    """Logits of two tags that are three times too sure and shifted, with labels drawn from the honest ones."""
    rng = np.random.default_rng(0)
    honest = rng.normal(-1, 2, size=(4000, 2))
    truth = rng.random(honest.shape) < sigmoid(honest)
    return honest * 3 + 1, truth, honest


def test_platt_finds_the_honest_logits(overconfident):
    logits, truth, honest = overconfident
    p = apply_calibration(logits, fit_platt(logits, truth))
    assert np.abs(p - sigmoid(honest)).mean() < 0.02


def test_a_tag_with_too_few_examples_is_left_alone():
    calibration = fit_platt(np.zeros((50, 1)), np.arange(50).reshape(-1, 1) < 3)
    assert (calibration.slope, calibration.intercept) == ((1.0,), (0.0,))


def test_the_threshold_is_half_the_best_f1(overconfident):
    """Lipton, Elkan and Naryanaswamy 2014, theorem 1, on probabilities that are right."""
    _, _, honest = overconfident
    p = sigmoid(honest)
    for column, threshold in zip(p.T, f1_thresholds(p), strict=True):
        given = column >= threshold
        best = 2 * column[given].sum() / (given.sum() + column.sum())
        assert threshold == pytest.approx(best / 2, abs=0.01)


def test_a_tenth_is_uncertain(overconfident):
    logits, truth, _ = overconfident
    decision = fit_decision(logits, truth)
    p = apply_calibration(logits, decision.calibration)
    share = (margins(p, decision.thresholds) < decision.doubt_margin).any(axis=1).mean()
    assert share == pytest.approx(0.10, abs=0.01)


def test_cross_fitting_scores_each_document_without_it(overconfident):
    logits, truth, _ = overconfident
    documents = [f"d{number // 8}" for number in range(len(logits))]
    p, given, doubts = cross_fit(logits, truth, documents)
    flipped = truth.copy()
    flipped[:8] = ~flipped[:8]  # a document's own labels do not move its own scores
    other, _, _ = cross_fit(logits, flipped, documents)
    assert (other[:8] == p[:8]).all()
    assert (other[8:] != p[8:]).any()
    assert given.shape == doubts.shape == truth.shape


def test_logit_and_sigmoid_are_inverse_and_finite():
    x = np.array([-900.0, -3.0, 0.0, 3.0, 900.0])
    assert np.isfinite(logit(sigmoid(x))).all()
    assert logit(sigmoid(x))[1:4] == pytest.approx(x[1:4])
