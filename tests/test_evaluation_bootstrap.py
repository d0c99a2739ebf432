import json
import math

import numpy as np
import pytest

from stance.evaluation import metrics
from stance.evaluation.bootstrap import (
    Estimate,
    cluster_numbers,
    error_estimates,
    percentile_estimates,
    quantiles,
    resampled_sums,
)
from stance.evaluation.calibration import chance_calibration_error, reliability_bins
from stance.evaluation.scores import Outcome, confusion_shares, macro_f1_difference, score_outcome
from stance.evaluation.selective import aurc, best_aurc, doubt_of, errors_found, risk_coverage


def outcome(n=400, seed=0, per_document=1, threshold=0.5):
    rng = np.random.default_rng(seed)
    p = rng.beta(0.5, 1, (n, 2))
    truth = rng.random((n, 2)) < p
    return Outcome(truth, p, p > threshold, np.abs(p - 0.5).min(axis=1) < 0.1, np.arange(n) // per_document)


def test_resampled_sums_draw_whole_clusters():
    clusters = cluster_numbers(["a", "b", "a", "c"])
    assert clusters.tolist() == [0, 1, 0, 2]
    rows = np.array([[1.0, 1], [10, 1], [2, 1], [100, 1]])
    sums = resampled_sums(rows, clusters, n_resamples=200)
    drawn = [(i, j, 3 - i - j) for i in range(4) for j in range(4 - i)]  # how often each of the three clusters
    possible = {(i * 3 + j * 10 + k * 100, i * 2 + j + k) for i, j, k in drawn}
    assert {(int(a), int(b)) for a, b in sums} <= possible
    assert sums[:, 0].mean() == pytest.approx(113, rel=0.1)
    assert (resampled_sums(rows, clusters, n_resamples=200) == sums).all()
    assert not (resampled_sums(rows, clusters, n_resamples=200, seed=1) == sums).all()


def test_many_clusters_are_drawn_in_parts(monkeypatch):
    monkeypatch.setattr("stance.evaluation.bootstrap._CELLS_AT_ONCE", 7)
    sums = resampled_sums(np.ones((3, 1)), np.arange(3), n_resamples=10)
    assert sums.tolist() == [[3.0]] * 10


def test_percentile_interval_holds_a_true_mean_19_times_in_20():
    rng = np.random.default_rng(0)
    held = 0
    for trial in range(300):
        values = (rng.random(120) < 0.7).astype(float)[:, None]
        sums = resampled_sums(values, np.arange(120), n_resamples=300, seed=trial)
        estimate = percentile_estimates(values.mean(axis=0), sums / 120)[0]
        held += estimate.low <= 0.7 <= estimate.high
    assert 0.90 <= held / 300 <= 0.98


def test_clusters_of_like_statements_widen_the_interval():
    rows = np.repeat((np.arange(60) % 2).astype(float), 10)[:, None]  # 60 documents of ten equal statements
    widths = []
    for clusters in (np.arange(600), np.arange(600) // 10):
        low, high = quantiles(resampled_sums(rows, clusters) / 600)
        widths.append(float(high[0] - low[0]))
    assert widths[1] / widths[0] == pytest.approx(math.sqrt(10), rel=0.15)


def test_calibration_interval_of_a_calibrated_model_begins_at_zero():
    held = sum(
        score_outcome(outcome(200, seed), ("a", "b"), seed).tags["a"].calibration_error.low == 0 for seed in range(40)
    )
    assert held >= 36


def test_calibration_interval_of_a_miscalibrated_model_does_not_hold_zero():
    good = outcome(1000)
    bad = Outcome(good.truth, good.p**3, good.predicted, good.flagged, good.clusters)
    error = score_outcome(bad, ("a", "b")).calibration_error
    assert 0.05 < error.low < error.value


def test_error_estimates_reflect_the_samples():
    samples = np.linspace(0.03, 0.07, 1001)[:, None]
    clear = error_estimates(np.array([0.04]), samples, noise=np.array([0.02]))[0]
    assert (clear.low, clear.high) == pytest.approx((0.08 - 0.069, 0.08 - 0.031))
    assert error_estimates(np.array([0.04]), samples, noise=np.array([0.05]))[0].low == 0


def test_undefined_figures_are_null_in_json():
    estimates = percentile_estimates(np.array([np.nan]), np.full((5, 1), np.nan))
    assert estimates[0].to_dict() == {"value": None, "low": None, "high": None}
    assert Estimate(0.5, 0.25, 0.75).to_dict() == {"value": 0.5, "low": 0.25, "high": 0.75}


def test_scores_agree_with_the_metrics():
    o = outcome()
    scores = score_outcome(o, ("a", "b"))
    assert scores.macro_f1.value == pytest.approx(metrics.macro_f1(o.truth, o.predicted))
    assert scores.micro_f1.value == pytest.approx(metrics.micro_f1(o.truth, o.predicted))
    assert scores.exact_match.value == pytest.approx(metrics.exact_match(o.truth, o.predicted))
    expected = {
        "f1": metrics.f1_per_tag(o.truth, o.predicted),
        "precision": metrics.precision_per_tag(o.truth, o.predicted),
        "recall": metrics.recall_per_tag(o.truth, o.predicted),
        "brier": metrics.brier_per_tag(o.truth, o.p),
        "calibration_error": metrics.expected_calibration_error(o.truth, o.p),
    }
    for name, values in expected.items():
        assert [getattr(scores.tags[tag], name).value for tag in ("a", "b")] == pytest.approx(values)
    assert scores.calibration_error.value == pytest.approx(expected["calibration_error"].mean())
    assert scores.flagged.value == pytest.approx(o.flagged.mean())
    assert scores.errors_flagged.value == pytest.approx(o.flagged[o.wrong].mean())
    for estimate in (scores.macro_f1, scores.exact_match, scores.tags["a"].f1, scores.flagged, scores.errors_flagged):
        assert estimate.low < estimate.value < estimate.high
    assert sum(scores.tags["a"].counts.values()) == scores.n == 400
    json.dumps(scores.to_dict(), allow_nan=False)


def test_perfect_model_has_tight_intervals():
    o = outcome()
    scores = score_outcome(Outcome(o.truth, o.truth.astype(float), o.truth, o.flagged & False, o.clusters), ("a", "b"))
    assert scores.macro_f1 == Estimate(1.0, 1.0, 1.0)
    assert scores.calibration_error == Estimate(0.0, 0.0, 0.0)
    assert math.isnan(scores.errors_flagged.value)


def test_paired_difference_is_exact_for_equal_models_and_signed_for_others():
    good = outcome(per_document=2)
    assert macro_f1_difference(good, good) == Estimate(0.0, 0.0, 0.0)
    worse = Outcome(good.truth, good.p, good.p > 0.9, good.flagged, good.clusters)
    gain = macro_f1_difference(worse, good)
    assert 0 < gain.low < gain.value < gain.high
    apart = [score_outcome(o, ("a", "b")).macro_f1.value for o in (worse, good)]
    assert gain.value == pytest.approx(apart[1] - apart[0])


def test_confusion_shares_add_up():
    o = outcome()
    entries = confusion_shares(o, ("a", "b"))
    assert sum(entry["n"] for entry in entries) == 400
    none = [entry for entry in entries if entry["true"] == []]
    assert sum(entry["share"]["value"] for entry in none) == pytest.approx(1)
    assert all(entry["share"]["low"] <= entry["share"]["value"] <= entry["share"]["high"] for entry in entries)


def test_chance_calibration_error_is_what_a_calibrated_model_shows():
    rng = np.random.default_rng(3)
    p = rng.beta(0.5, 1, (300, 1))
    seen = [metrics.expected_calibration_error(rng.random((300, 1)) < p, p)[0] for _ in range(300)]
    chance = chance_calibration_error(p)
    assert chance.shape == (1000, 1)
    assert chance.mean() == pytest.approx(np.mean(seen), rel=0.05)
    assert chance_calibration_error(np.repeat(p, 10, axis=0)).mean() < chance.mean() / 2  # falls as 1 / sqrt(n)


def test_reliability_bins_by_hand():
    bins = reliability_bins(np.array([True, False, True, True]), np.array([0.1, 0.15, 0.9, 1.0]))
    assert [b.n for b in bins] == [0, 2, 0, 0, 0, 0, 0, 0, 0, 2]
    assert (bins[1].mean_p, bins[1].share) == pytest.approx((0.125, 0.5))
    assert (bins[9].mean_p, bins[9].share) == pytest.approx((0.95, 1.0))
    assert math.isnan(bins[0].share)
    assert bins[0].to_dict()["share"] is None
    many = reliability_bins(np.ones(100, dtype=bool), np.full(100, 0.5))[5]
    assert 0.35 < many.chance_low < 0.45 < 0.55 < many.chance_high < 0.65 < many.share


def test_risk_coverage_by_hand():
    wrong = np.array([False, True, False, True])
    coverage, risk = risk_coverage(wrong, np.array([0.1, 0.2, 0.3, 0.4]))
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert risk == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert aurc(wrong, np.array([0.1, 0.2, 0.3, 0.4])) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert best_aurc(wrong) == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)
    assert aurc(wrong, np.zeros(4)) == pytest.approx(0.5)  # doubt that says nothing: the error rate
    assert errors_found(wrong, np.array([0.1, 0.4, 0.3, 0.2]), 0.25) == 0.5
    assert errors_found(wrong, np.array([0.1, 0.4, 0.3, 0.2]), 0.75) == 1.0
    assert errors_found(wrong, np.zeros(4), 0.5) == pytest.approx(0.5)
    assert np.isnan(errors_found(wrong & False, np.zeros(4), 0.5))
    assert aurc(wrong, np.zeros(4)) == aurc(wrong[::-1], np.zeros(4))


def test_doubt_is_the_probability_that_some_tag_is_wrong():
    p = np.array([[0.9, 0.2], [0.5, 0.5]])
    assert doubt_of(p, p >= 0.5) == pytest.approx([1 - 0.9 * 0.8, 1 - 0.25])
