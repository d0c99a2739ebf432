import contextlib
import io
import shutil

import numpy as np
import pytest

from stance.datasets import starter_records
from stance.errors import InputError, ModelError
from stance.inference import load
from stance.inference.gate import BUCKETS, FILE, Gate, features
from stance.model_folder import read_manifest

TEXTS = ["Sanctions must be lifted at once.", "The committee met on Tuesday.", "", "Sanctions on Iran.", "!?"]


@pytest.fixture(scope="module")
def gated(tiny_onnx, tmp_path_factory):
    """The tiny model with a first stage."""
    pytest.importorskip("sklearn")
    from stance.training.gate import main

    folder = shutil.copytree(tiny_onnx, tmp_path_factory.mktemp("gated") / "model")
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main([str(folder), "--max-lost", "0.02"]) == 0
    assert "statements with a tag are lost" in printed.getvalue()
    return folder


def test_features_are_words_and_pairs_of_one_statement():
    buckets, owners, sizes = features(["lift the sanctions", "lift", "", "the sanctions"])
    assert sizes.tolist() == [5, 1, 0, 3]
    assert np.bincount(owners, minlength=4).tolist() == sizes.tolist()
    assert ((buckets >= 0) & (buckets < BUCKETS)).all()
    first, last = buckets[owners == 0], buckets[owners == 3]
    assert set(last) < set(first)  # the words, and the pair that both have
    assert len(set(first)) == 5


def test_no_text_at_all_has_no_features():
    assert [part.tolist() for part in features([])] == [[], [], []]


def test_countries_read_alike():
    one, _, _ = features(["We reject the embargo against Iran"])
    for country in ("Norway", "the United States", "the USA", "South Korea"):
        other, _, _ = features([f"We reject the embargo against {country}"])
        assert one.tolist() == other.tolist(), country


def test_a_statement_scores_the_same_alone():
    rng = np.random.default_rng(0)
    gate = Gate(rng.integers(-999, 999, BUCKETS).astype(np.int16), 0.1, 0.0, [0.01])
    together = gate.scores(TEXTS * 50)
    assert [gate.scores([text])[0] for text in TEXTS * 50] == together.tolist()
    assert gate.scores([""])[0] == 0.1


def test_the_cascade_answers_none_for_what_it_stops_and_as_the_network_for_the_rest(gated):
    alone, cascade = load(gated), load(gated, cascade=True)
    passed = cascade.gate.passes(TEXTS)
    assert (cascade.predict_proba(TEXTS)[passed] == alone.predict_proba(TEXTS)[passed]).all()
    cascade.gate.threshold = np.inf
    stopped = cascade.score(TEXTS)
    assert {score.tags for score in stopped} == {score.uncertain for score in stopped} == {()}
    assert {(score.n_tokens, score.windowed) for score in stopped} == {(0, False)}
    assert (cascade.predict_proba(TEXTS) == cascade.gate.p).all()
    assert cascade.name == alone.name + "+cascade"


def test_the_threshold_keeps_its_promise_out_of_fold(gated):
    gate = read_manifest(gated).gate
    held = [record.text for record in starter_records() if record.split == "test" and record.tags]
    assert (~load(gated, cascade=True).gate.passes(held)).mean() < 0.06  # of other statements than it was trained on
    assert gate["lost_share"] < gate["lost_upper_bound"] < 0.04
    assert all(0 < gate["p"][tag] < 0.2 for tag in ("pro_sanctions", "anti_sanctions", "self_defence"))
    assert "## Cascade" in (gated / "README.md").read_text()


def test_the_upper_bound_is_exact():
    pytest.importorskip("sklearn")
    from stance.training.gate import highest_threshold, upper_bound

    assert upper_bound(0, 100) == pytest.approx(1 - 0.05 ** (1 / 100))  # the closed form where nothing is lost
    assert upper_bound(5, 5) == 1.0
    scores = np.arange(1000.0)
    assert (scores < highest_threshold(scores, 0.003)).sum() == 3


@pytest.mark.parametrize("share", ["1", "-0.1", "nan"])
def test_an_impossible_share_is_refused(share):
    pytest.importorskip("sklearn")
    from stance.training.gate import main

    with pytest.raises(InputError, match="--max-lost is"):
        main(["--max-lost", share])


def test_an_export_leaves_the_first_stage_behind(gated, tiny_model, tmp_path, edit_manifest):
    pytest.importorskip("torch")
    from stance.training.export import export

    source = shutil.copytree(tiny_model, tmp_path / "source")
    edit_manifest(source, gate=dict(read_manifest(gated).gate))
    assert not export(source, tmp_path / "out", max_flips=1.0).gate


def test_a_model_without_a_first_stage_says_how_to_train_one(tiny_onnx):
    with pytest.raises(ModelError, match=r"has no first stage.*scripts/train_gate\.py"):
        load(tiny_onnx, cascade=True)


def test_a_damaged_first_stage_is_refused(gated, tmp_path):
    copy = shutil.copytree(gated, tmp_path / "model")
    (copy / FILE).write_bytes(b"not a zip")
    with pytest.raises(ModelError, match="does not match its hash"):
        load(copy, cascade=True)
    assert load(copy).predict(TEXTS)  # not needed without the cascade


def test_a_statement_that_stands_twice_is_read_once(tiny_onnx, monkeypatch):
    classifier = load(tiny_onnx)
    seen = []
    engine = classifier.backend

    def spy(texts, contexts):
        seen.extend(texts)
        return engine(texts, contexts)

    classifier.backend = spy
    p = classifier.predict_proba(TEXTS + TEXTS)
    assert len(seen) == len(TEXTS)
    assert (p[: len(TEXTS)] == p[len(TEXTS) :]).all()
