import shutil
from dataclasses import replace

import numpy as np
import pytest

from stance import cli
from stance.errors import InputError, ModelError
from stance.inference import load
from stance.inference.conformal import cutoffs, doubts, strangest
from stance.model_folder import read_manifest, write_manifest
from stance.training.calibration import document_folds, try_error_rate

TAGS = ("a", "b")


def world(seed, n):
    """Return probabilities that are somewhat overconfident, and the tags."""
    random = np.random.default_rng(seed)
    p = random.beta(0.4, [1.5, 6.0], (n, 2))
    truth = random.random((n, 2)) < 0.1 + 0.8 * p
    return p, truth


@pytest.mark.parametrize("error", [0.05, 0.1, 0.2])
def test_the_error_rate_holds_in_the_mean_over_held_out_sets(error):
    missed, wrong, doubtful = [], [], []
    for seed in range(60):
        p, truth = world(seed, 400)
        edges = cutoffs(strangest(p, truth, TAGS), TAGS, error)
        p, truth = world(1000 + seed, 2000)
        given = p >= 0.4
        doubt = doubts(p, given, edges)
        missed.append((truth & ~given & ~doubt).sum(0) / truth.sum(0))
        wrong.append((~truth & given & ~doubt).sum(0) / (~truth).sum(0))
        doubtful.append(doubt.mean(0))
    assert (np.mean(missed, axis=0) <= error + 0.005).all()
    assert (np.mean(wrong, axis=0) <= error + 0.005).all()
    assert (np.mean(doubtful, axis=0) < 1).all()
    raw = world(5, 4000)
    assert (raw[1] & (raw[0] < 0.4)).sum(0).min() / raw[1].sum(0).max() > error  # without doubt it would not hold


def test_a_lower_error_rate_leaves_more_in_doubt():
    p, truth = world(0, 500)
    kept = strangest(p, truth, TAGS)
    shares = [doubts(p, p >= 0.4, cutoffs(kept, TAGS, error)).mean() for error in (0.25, 0.1, 0.05, 0.01)]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


def test_edges_count_the_statement_to_come():
    p = np.linspace(0.1, 1.0, 10)[:, None]
    kept = strangest(p, np.ones((10, 1), bool), ("a",))
    assert kept["a"]["absent"] == {"statements": 0, "p": []}
    assert cutoffs(kept, ("a",), 0.2)[0].tolist() == [0.2]  # 0.2 * 11 = 2.2: the second lowest
    assert cutoffs(kept, ("a",), 0.05)[0].tolist() == [-1]  # too few to exclude anything
    edges = cutoffs(kept, ("a",), 0.2)
    doubt = doubts(np.array([[0.05], [0.9]]), np.array([[False], [True]]), edges)
    assert doubt.ravel().tolist() == [False, True]  # "absent" is never excluded


def test_an_answer_is_in_doubt_where_the_opposite_label_is_kept():
    edges = (np.array([0.3]), np.array([0.1]))
    p = np.array([[0.05], [0.2], [0.4]])
    assert doubts(p, np.array([[False], [False], [True]]), edges).ravel().tolist() == [False, False, False]
    assert doubts(p, np.array([[True], [True], [False]]), edges).ravel().tolist() == [True, False, True]
    wide = (np.array([0.1]), np.array([0.3]))
    assert doubts(p, np.array([[False], [False], [True]]), wide).ravel().tolist() == [False, True, False]


def test_trying_keeps_documents_apart():
    p, truth = world(3, 300)
    folds = document_folds([f"d{number // 3}" for number in range(300)])
    assert all(len(set(folds[start : start + 3])) == 1 for start in range(0, 300, 3))
    figures = try_error_rate(p, truth, p >= 0.4, folds, TAGS, 0.1)
    assert set(figures) == set(TAGS)
    assert 0 < figures["a"]["uncertain"] < 1
    assert figures["a"]["missed"] < 0.2


def test_a_classifier_with_an_error_rate(tiny_model, tmp_path, capsys):
    texts = ["Sanctions must be lifted at once.", "The committee met on Tuesday.", "We will enforce the embargo."]
    plain, careful = load(tiny_model), load(tiny_model, error_rate=0.01)
    assert (plain.predict_proba(texts) == careful.predict_proba(texts)).all()
    assert plain.predict(texts) == careful.predict(texts)
    assert careful.name == f"{plain.name}+error=0.01"
    edges = cutoffs(careful.manifest.conformal, careful.tags, 0.01)
    p = careful.predict_proba(texts)
    doubt = doubts(p, p >= np.array(careful.thresholds), edges)
    for score, flags in zip(careful.score(texts), doubt, strict=True):
        assert score.uncertain == tuple(tag for tag, flag in zip(careful.tags, flags, strict=True) if flag)
    card = (tiny_model / "README.md").read_text()
    assert "| error rate | tag | uncertain | with the tag, surely denied | without, surely given |\n" in card
    for error in (0, 0.3, -1, float("nan")):
        with pytest.raises(InputError, match=r"an error rate of .* is out of reach; give one above 0 and up to 0\.25"):
            load(tiny_model, error_rate=error)
    (tmp_path / "a.txt").write_text("Sanctions must be lifted.")
    arguments = ["classify", str(tmp_path / "a.txt"), "--model", str(tiny_model), "--quiet"]
    assert cli.main([*arguments, "--error-rate", "0.01"]) == 0
    assert f'"model": "{careful.name}"' in capsys.readouterr().out


def test_a_model_without_held_out_probabilities(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "old")
    write_manifest(folder, replace(read_manifest(folder), conformal={}))
    assert "conformal" not in (folder / "stance.json").read_text()
    with pytest.raises(ModelError, match="holds no probabilities of held-out statements; train or export it anew"):
        load(folder, error_rate=0.1)
