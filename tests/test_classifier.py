import shutil

import numpy as np
import pytest

from stance.errors import InputError, ModelError
from stance.inference import load

TEXTS = [
    "Sanctions must be lifted at once.",
    "We tested the missile because they threaten us.",
    "The committee met on Tuesday and adjourned.",
    "All states must enforce the arms embargo, and those who evade it must be named.",
]


@pytest.fixture
def copy(tiny_onnx, tmp_path):
    return shutil.copytree(tiny_onnx, tmp_path / "model")


def test_probabilities_have_a_row_a_text_and_a_column_a_tag(tiny_onnx):
    classifier = load(tiny_onnx)
    p = classifier.predict_proba(TEXTS)
    assert p.shape == (4, 3)
    assert ((p > 0) & (p < 1)).all()
    assert classifier.predict_proba([]).shape == (0, 3)


def test_a_score_depends_on_its_text_alone(tiny_onnx):
    classifier = load(tiny_onnx)
    together = classifier.predict_proba(TEXTS * 3 + ["word " * 200])
    for number, text in enumerate(TEXTS):
        assert (classifier.predict_proba([text])[0] == together[number]).all()
        assert (together[number + 4] == together[number]).all()


def test_predict_and_score_agree_with_predict_proba(tiny_onnx):
    classifier = load(tiny_onnx)
    p = classifier.predict_proba(TEXTS)
    for row, (score, tags) in enumerate(zip(classifier.score(TEXTS), classifier.predict(TEXTS), strict=True)):
        assert list(score.p.values()) == p[row].tolist()
        assert score.tags == tags
        assert tags == tuple(
            t for t, c, x in zip(classifier.tags, p[row], classifier.thresholds, strict=True) if c >= x
        )


def test_the_context_is_read(tiny_onnx):
    classifier = load(tiny_onnx)
    bare = classifier.predict_proba(TEXTS[:1])
    assert (classifier.predict_proba(TEXTS[:1], [None]) == bare).all()
    assert (classifier.predict_proba(TEXTS[:1], ["Vote on the mandate of the panel"]) != bare).any()


def test_typography_changes_no_score(tiny_onnx):
    classifier = load(tiny_onnx)
    plain = 'He said: "we won\'t lift the embargo" - not now.'
    fancy = "He said:  “we won’t lift the embargo” – not\u00a0now."
    assert (classifier.predict_proba([plain]) == classifier.predict_proba([fancy])).all()


def test_long_texts_are_windowed_and_say_so(tiny_onnx):
    classifier = load(tiny_onnx)
    filler = "The committee met on Tuesday. " * 40
    short, long = classifier.score(["The committee met.", filler + TEXTS[0]])
    assert not short.windowed
    assert long.windowed
    assert long.n_tokens > 200
    last_words = classifier.predict_proba([filler + TEXTS[0]]) != classifier.predict_proba([filler])
    assert last_words.any()  # the end of a long text counts


def test_torch_and_onnx_give_nearly_the_same(tiny_model, tiny_onnx):
    assert np.abs(load(tiny_model).predict_proba(TEXTS) - load(tiny_onnx).predict_proba(TEXTS)).max() < 0.1


def test_a_saved_copy_is_the_same_model(tiny_onnx, tmp_path):
    classifier = load(tiny_onnx)
    classifier.save_pretrained(tmp_path / "copy")
    again = load(tmp_path / "copy")
    assert again.name == classifier.name
    assert (again.predict_proba(TEXTS) == classifier.predict_proba(TEXTS)).all()
    with pytest.raises(ModelError, match="not an empty folder"):
        classifier.save_pretrained(tmp_path / "copy")


@pytest.mark.parametrize(
    ("texts", "contexts", "message"),
    [
        ("one string", None, "give a list"),
        (["a"], "b", "give a list"),
        (["a", None], None, "text 1 is NoneType"),
        (["a"], ["b", "c"], "1 texts and 2 contexts"),
        (["a"], [float("nan")], "context 0 is float"),
    ],
)
def test_wrong_input_is_named(tiny_onnx, texts, contexts, message):
    with pytest.raises(InputError, match=message):
        load(tiny_onnx).predict(texts, contexts)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ModelError, match="no model folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(ModelError, match=r"holds no stance\.json"):
        load(tmp_path)


def test_a_changed_file_is_refused(copy):
    with (copy / "model.onnx").open("ab") as file:
        file.write(b"!")
    with pytest.raises(ModelError, match=r"model\.onnx does not match its hash"):
        load(copy)


def test_a_missing_file_is_named(copy):
    (copy / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"lacks tokenizer\.json"):
        load(copy)


def test_an_unknown_format_version_is_refused(copy, edit_manifest):
    edit_manifest(copy, format_version=99)
    with pytest.raises(ModelError, match=r"format version 99.*upgrade stance"):
        load(copy)


@pytest.mark.parametrize(
    "changes", [{"tags": ["one"]}, {"thresholds": "x"}, {"calibration": {"slope": [1]}}, {"tags": []}]
)
def test_a_manifest_that_does_not_fit_is_refused(copy, edit_manifest, changes):
    edit_manifest(copy, **changes)
    with pytest.raises(ModelError, match="lacks a field or holds a wrong one"):
        load(copy)


def test_a_file_name_that_leaves_the_folder_is_refused(copy, edit_manifest):
    edit_manifest(copy, files={"../../x": "0"})
    with pytest.raises(ModelError, match="holds a folder"):
        load(copy)


def test_a_hub_id_is_not_looked_up_offline():
    with pytest.raises(ModelError, match=r"'org/model' here, and the hub does not give it .*downloads are off"):
        load("org/model")


def test_a_manifest_that_is_no_json_is_refused(copy):
    (copy / "stance.json").write_text("{")
    with pytest.raises(ModelError, match="not valid JSON"):
        load(copy)


def test_an_unknown_backend_or_kind_is_refused(copy, edit_manifest):
    with pytest.raises(ModelError, match="unknown backend"):
        load(copy, backend="abacus")
    edit_manifest(copy, kind="oracle")
    with pytest.raises(ModelError, match="unknown kind 'oracle'"):
        load(copy)


def test_a_damaged_onnx_file_is_named(copy, edit_manifest):
    from stance.model_folder import hash_files

    (copy / "model.onnx").write_bytes(b"not a graph")
    edit_manifest(copy, files=hash_files(copy))
    with pytest.raises(ModelError, match="ONNX Runtime cannot read"):
        load(copy)


def test_the_name_holds_a_hash_of_everything(copy, tiny_onnx, edit_manifest):
    before = load(tiny_onnx)
    assert before.name.startswith("tiny@")
    edit_manifest(copy, thresholds=[0.1, 0.2, 0.3])
    assert load(copy).name != before.name


@pytest.mark.parametrize(
    ("backend", "message"), [("onnx", "install onnxruntime-gpu"), ("torch", "finds no CUDA device")]
)
def test_a_missing_gpu_is_told(tiny_onnx, tiny_model, monkeypatch, backend, message):
    onnxruntime, torch = pytest.importorskip("onnxruntime"), pytest.importorskip("torch")
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelError, match=message):
        load(tiny_onnx if backend == "onnx" else tiny_model, backend=backend, device="cuda")
    with pytest.raises(ModelError, match="unknown device 'tpu'"):
        load(tiny_onnx, device="tpu")


@pytest.mark.gpu
@pytest.mark.parametrize("backend", ["onnx", "torch"])
def test_a_gpu_gives_the_same_scores(tiny_onnx, tiny_model, backend):
    folder = tiny_onnx if backend == "onnx" else tiny_model
    here, there = load(folder, backend=backend), load(folder, backend=backend, device="cuda")
    assert np.abs(here.predict_proba(TEXTS) - there.predict_proba(TEXTS)).max() < 1e-3
