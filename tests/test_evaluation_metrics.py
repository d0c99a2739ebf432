import numpy as np
import pytest

from stance.evaluation import metrics

# Two tags, five texts. Tag 0: tp 2, fp 1, fn 1, tn 1. Tag 1: tp 1, fp 0, fn 1, tn 3.
TRUTH = np.array([[1, 0], [1, 1], [1, 0], [0, 1], [0, 0]], dtype=bool)
PREDICTED = np.array([[1, 0], [1, 1], [0, 0], [1, 0], [0, 0]], dtype=bool)


def test_counts_and_rates_by_hand():
    assert [list(c) for c in metrics.tag_counts(TRUTH, PREDICTED)] == [[2, 1], [1, 0], [1, 1], [1, 3]]
    assert metrics.precision_per_tag(TRUTH, PREDICTED) == pytest.approx([2 / 3, 1])
    assert metrics.recall_per_tag(TRUTH, PREDICTED) == pytest.approx([2 / 3, 1 / 2])
    assert metrics.f1_per_tag(TRUTH, PREDICTED) == pytest.approx([2 / 3, 2 / 3])
    assert metrics.macro_f1(TRUTH, PREDICTED) == pytest.approx(2 / 3)
    assert metrics.micro_f1(TRUTH, PREDICTED) == pytest.approx(6 / 9)
    assert metrics.exact_match(TRUTH, PREDICTED) == pytest.approx(3 / 5)


def test_a_tag_without_cases_is_undefined_and_does_not_pull_the_mean():
    truth = np.array([[1, 0], [0, 0]], dtype=bool)
    assert np.isnan(metrics.f1_per_tag(truth, truth)[1])
    assert metrics.macro_f1(truth, truth) == 1
    wrong = np.array([[1, 1], [0, 0]], dtype=bool)
    assert metrics.f1_per_tag(truth, wrong).tolist() == [1, 0]
    assert np.isnan(metrics.macro_f1(~truth & False, truth & False))


def test_calibration_error_by_hand():
    truth = np.array([[1], [0], [1], [1]], dtype=bool)
    p = np.array([[0.05], [0.05], [0.95], [1.0]])
    # First bin: 2 texts, mean p .05, share .5: gap .45. Last bin (1.0 belongs to it): mean p .975, share 1: gap .025.
    assert metrics.expected_calibration_error(truth, p) == pytest.approx([0.5 * 0.45 + 0.5 * 0.025])
    assert metrics.expected_calibration_error(truth, p, n_bins=1) == pytest.approx([abs(0.75 - 0.5125)])
    assert metrics.brier_per_tag(truth, p) == pytest.approx([(0.95**2 + 0.05**2 + 0.05**2 + 0) / 4])


def test_perfect_predictions():
    p = TRUTH.astype(float)
    assert metrics.f1_per_tag(TRUTH, TRUTH).tolist() == [1, 1]
    assert metrics.exact_match(TRUTH, TRUTH) == 1
    assert metrics.expected_calibration_error(TRUTH, p).tolist() == [0, 0]
    assert metrics.brier_per_tag(TRUTH, p).tolist() == [0, 0]
    assert metrics.average_precision_per_tag(TRUTH, p).tolist() == [1, 1]


def test_average_precision_and_f1_agree_with_scikit_learn():
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(1)
    p = rng.random((300, 3)).round(1)  # many ties
    truth = rng.random((300, 3)) < p
    expected = sklearn_metrics.average_precision_score(truth, p, average=None)
    assert metrics.average_precision_per_tag(truth, p) == pytest.approx(expected)
    assert metrics.f1_per_tag(truth, p > 0.4) == pytest.approx(sklearn_metrics.f1_score(truth, p > 0.4, average=None))
    assert np.isnan(metrics.average_precision_per_tag(truth & False, p)).all()


def test_precision_recall_curve_by_hand():
    precision, recall, thresholds = metrics.precision_recall_curve(
        np.array([True, False, True, False]), np.array([0.9, 0.6, 0.6, 0.1])
    )
    assert thresholds.tolist() == [0.9, 0.6, 0.1]
    assert precision == pytest.approx([1, 2 / 3, 1 / 2])
    assert recall == pytest.approx([1 / 2, 1, 1])


def test_tag_set_confusion_by_hand():
    table = metrics.tag_set_confusion(TRUTH, PREDICTED)
    assert table.sets == ((), (0,), (1,), (0, 1))
    assert table.counts.tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]]
    assert table.counts.sum() == len(TRUTH)


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"\(5, 2\) and predicted \(5, 1\)"):
        metrics.f1_per_tag(TRUTH, PREDICTED[:, :1])
