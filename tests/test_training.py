import dataclasses
import json
import shutil
from collections import Counter

import numpy as np
import pytest

from stance.datasets import LabelledStatement, starter_records, write_labels
from stance.errors import ConfigError, InputError, ModelError
from stance.inference import load
from stance.model_folder import read_manifest, write_manifest
from stance.training import run
from stance.training.calibration import fit_decision
from stance.training.config import DataConfig, parse_config
from stance.training.data import collect
from stance.training.export import export
from stance.training.export import main as export_main


def labelled(number, split, tags=(), **more):
    return LabelledStatement(f"x-{number}", f"The delegate spoke {number}.", tags=tags, split=split, **more)


def test_collect_takes_dev_from_the_real_labels(tmp_path):
    path = tmp_path / "labels.jsonl"
    write_labels(path, [labelled(1, "train"), labelled(2, "dev"), labelled(3, "train", votes=("!",))])
    data = collect(DataConfig(labels=(str(path),)))
    assert [record.id for record in data.dev] == ["x-2"]
    ids = {record.id for record in data.train}
    assert "x-1" in ids
    assert "x-3" not in ids  # a reader called its text broken
    assert ids.isdisjoint(r.id for r in starter_records() if r.split != "train")


def test_the_data_hash_names_the_data(tmp_path):
    path = tmp_path / "labels.jsonl"
    write_labels(path, [labelled(1, "train"), labelled(2, "dev")])
    config = DataConfig(labels=(str(path),), starter=False)
    before = collect(config).sha256
    assert collect(config).sha256 == before
    write_labels(path, [labelled(1, "train", ("self_defence",)), labelled(2, "dev")])
    assert collect(config).sha256 != before


def test_an_empty_split_is_an_error(tmp_path):
    path = tmp_path / "labels.jsonl"
    write_labels(path, [labelled(1, "train")])
    with pytest.raises(InputError, match="split 'dev'"):
        collect(DataConfig(labels=(str(path),), starter=False))


def test_a_document_stays_in_one_split_across_files(tmp_path):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    write_labels(one, [labelled(1, "train", doc_id="d"), labelled(2, "dev")])
    write_labels(two, [labelled(3, "dev", doc_id="d")])
    with pytest.raises(InputError, match="document 'd' is in train and in dev"):
        collect(DataConfig(labels=(str(one), str(two))))
    write_labels(two, [labelled(1, "train")])
    with pytest.raises(InputError, match="id 'x-1' stands already"):
        collect(DataConfig(labels=(str(one), str(two))))


def test_documents_held_out_are_refused(tmp_path, monkeypatch):
    from stance.datasets.standoff import digest
    from stance.training import data

    monkeypatch.setattr(data, "reserved_digests", lambda: frozenset({digest("secret")}))
    write_labels(tmp_path / "a.jsonl", [labelled(1, "train", doc_id="secret")])
    with pytest.raises(InputError, match="held out for testing"):
        collect(DataConfig(labels=(str(tmp_path / "a.jsonl"),)))


def test_the_starter_set_does_not_fit_other_tags(tmp_path):
    (tmp_path / "codebook.yaml").write_text("tags:\n  ceasefire:\n    definition: Calls for a ceasefire.\n")
    with pytest.raises(InputError, match=r"set data\.starter=false"):
        collect(DataConfig(codebook=str(tmp_path / "codebook.yaml")))


def test_doubt_weighs_less_unless_it_was_settled_and_the_starter_set_as_asked(tmp_path):
    path = tmp_path / "labels.jsonl"
    records = [
        labelled(1, "train", votes=("P?",)),
        labelled(2, "train", votes=("P?", "", "P"), adjudicated=True),
        labelled(3, "train", votes=("P",)),
        labelled(4, "dev"),
    ]
    write_labels(path, records)
    config = DataConfig(labels=(str(path),), doubt_weight=0.5, starter_weight=3)
    data = collect(config)
    weights = dict(zip([record.id for record in data.train], data.weights(data.train, config), strict=True))
    assert [weights[record.id] for record in records[:3]] == [0.5, 1, 1]
    assert weights["w1-001"] == 3


def test_a_model_folder_is_complete(tiny_model):
    manifest = read_manifest(tiny_model)
    assert set(manifest.files) >= {"model.safetensors", "config.json", "tokenizer.json"}
    assert manifest.config["optim"]["epochs"] == 2
    assert manifest.fitted_on["split"] == "dev"
    assert manifest.data["train"]["statements"] == Counter(r.split for r in starter_records())["train"]
    assert manifest.cost["peak_memory_mb"] > 0
    assert not (tiny_model / "checkpoints").exists()
    assert not (tiny_model / "run.json").exists()


def test_the_figures_of_the_manifest_are_those_of_the_saved_model(tiny_model):
    manifest = read_manifest(tiny_model)
    test = [record for record in starter_records() if record.split == "test"]
    classifier = load(tiny_model)
    predicted = classifier.predict([r.text for r in test], [r.context for r in test])
    exact = np.mean([tags == record.tags for tags, record in zip(predicted, test, strict=True)])
    # windows and batches round differently, and here and there a tag lies on its threshold
    assert abs(exact - manifest.figures["starter_test"]["exact_match"]["value"]) < 0.03


def test_training_learns(tiny_model):
    figures = read_manifest(tiny_model).figures["dev"]
    everything = {"pro_sanctions": 0.46, "anti_sanctions": 0.42, "self_defence": 0.40}  # F1 of giving every tag
    assert sum(figures["tags"][tag]["f1"]["value"] > floor for tag, floor in everything.items()) >= 2


def test_the_card_says_how_the_labels_were_made(tiny_model):
    card = (tiny_model / "README.md").read_text()
    assert "checked by a second, blind reader" in card
    assert "calibration error" in card
    assert "## Limits" in card


def test_the_card_of_real_labels_names_readers_and_rights(tmp_path):
    source = "ramybaly/Article-Bias-Prediction:data/jsons/a.json"
    records = [
        labelled(n, ("train", "dev")[n % 2], ("self_defence",) if n % 3 else (), source=source, votes=("S?",))
        for n in range(60)
    ]
    write_labels(tmp_path / "labels.jsonl", records)
    config = parse_config(
        {
            "name": "b",
            "kind": "linear",
            "data": {"labels": [str(tmp_path / "labels.jsonl")]},
            "linear": {"min_count": 1},
        },
        "b",
    )
    run.train(config, tmp_path / "b")
    card = (tmp_path / "b" / "README.md").read_text()
    assert "60 were read once" in card
    assert "over 60 a reader hesitated" in card
    assert "Apache-2.0 (repository)" in card


def test_a_baseline_gives_the_same_scores_when_loaded(tmp_path):
    config = parse_config({"name": "b", "kind": "linear", "linear": {"max_features": 2000}}, "b")
    run.train(config, tmp_path / "b")
    figures = read_manifest(tmp_path / "b").figures["starter_test"]
    test = [record for record in starter_records() if record.split == "test"]
    predicted = load(tmp_path / "b").predict([r.text for r in test], [r.context for r in test])
    exact = np.mean([tags == record.tags for tags, record in zip(predicted, test, strict=True)])
    assert exact == pytest.approx(figures["exact_match"]["value"])


def test_a_run_goes_on_from_its_checkpoint(tiny_config, tiny_encoder, tmp_path, monkeypatch):
    folder = tmp_path / "model"
    config = tiny_config.model_copy(update={"data": DataConfig(limit=64)})

    def kill(folder, begin):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "note_time", kill)
        with pytest.raises(KeyboardInterrupt):
            run.train(config, folder)
    checkpoints = sorted(p.name for p in (folder / "checkpoints").iterdir())
    assert checkpoints == ["checkpoint-2"]
    assert not (folder / "stance.json").exists()

    other = config.model_copy(update={"seed": 99})
    with pytest.raises(ConfigError, match="belong to another recipe or other data"):
        run.train(other, folder, resume=True)

    with pytest.raises(ConfigError, match="add --resume to go on"):
        run.train(config, folder)

    (folder / "checkpoints" / "checkpoint-4").mkdir()  # what a kill in the middle of saving leaves
    run.train(config, folder, resume=True)
    straight = tmp_path / "straight"
    run.train(config, straight)
    assert read_manifest(folder).files["model.safetensors"] == read_manifest(straight).files["model.safetensors"]


def test_strange_folders_are_left_alone(tiny_config, tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(ConfigError, match="not empty and holds no training run"):
        run.train(tiny_config, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_the_command_trains_prints_and_respects_what_is_there(tmp_path, capsys):
    output = tmp_path / "b"
    arguments = ["configs/baseline.yaml", "data.labels=[]", "linear.max_features=500", "--output", str(output)]
    assert run.main(arguments) == 0
    assert "starter_test: macro-F1" in capsys.readouterr().out
    with pytest.raises(ConfigError, match="holds a complete model"):
        run.main(arguments)
    assert run.main([*arguments, "--resume"]) == 0
    assert "complete model already" in capsys.readouterr().out
    with pytest.raises(ConfigError, match="another recipe or other data"):
        run.main([*arguments, "seed=99", "--resume"])
    capsys.readouterr()
    for _ in range(2):
        run.main([*arguments, "--resume", "--record", str(tmp_path / "log.jsonl")])
    first, second = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert first == second
    assert first["config"]["linear"]["max_features"] == 500
    assert 0 < first["figures"]["starter_test"]["macro_f1"]["value"] < 1
    with pytest.raises(ConfigError, match="name a file in a folder that exists"):
        run.main([*arguments, "--resume", "--record", str(tmp_path / "no" / "log.jsonl")])


def test_a_dry_run_prints_the_resolved_recipe(capsys):
    assert run.main(["configs/small.yaml", "seed=5", "--dry-run"]) == 0
    printed = capsys.readouterr().out
    assert "seed: 5" in printed
    assert "max_tokens: 192" in printed


def test_an_export_reports_its_parity(tiny_onnx):
    manifest = read_manifest(tiny_onnx)
    assert manifest.parity["statements"] == len(starter_records())
    assert 0 <= manifest.parity["flip_share"] <= 1
    assert set(manifest.files) == {"model.onnx", "tokenizer.json"}
    assert "int8 ONNX" in (tiny_onnx / "README.md").read_text()


def test_an_export_that_differs_too_much_is_refused(tiny_model, tmp_path, monkeypatch):
    from stance.training import export as module

    def coarse(source, target):
        import onnx

        model = onnx.load(source)
        for tensor in model.graph.initializer:
            if tensor.name == "head.bias":
                values = onnx.numpy_helper.to_array(tensor) + 5
                tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
        onnx.save(model, target)

    monkeypatch.setattr(module, "quantise", coarse)
    with pytest.raises(ModelError, match=r"changes the tags of .* more than 2\.00%"):
        export(tiny_model, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_float32_onnx_is_the_same_model(tiny_model, tmp_path, capsys):
    assert export_main([str(tiny_model), "--format", "fp32", "--output", str(tmp_path / "out")]) == 0
    assert "0 statements change tags" in capsys.readouterr().out
    assert read_manifest(tmp_path / "out").parity["max_difference"] < 1e-4


def test_only_encoders_are_exported(tmp_path, tiny_model):
    run.main(["configs/baseline.yaml", "data.labels=[]", "linear.max_features=500", "--output", str(tmp_path / "b")])
    with pytest.raises(ModelError, match="only encoders"):
        export(tmp_path / "b", tmp_path / "out")
    with pytest.raises(ModelError, match="is the model itself"):
        export(tiny_model, tiny_model)
    (tmp_path / "full").mkdir()
    with pytest.raises(ModelError, match="exists and is no model folder"):
        export(tiny_model, tmp_path / "full")


def test_an_export_can_be_fitted_anew(tiny_model, tiny_config, tmp_path):
    folder = tmp_path / "again"
    assert export_main([str(tiny_model), "--output", str(folder), "--refit", "--max-flips", "1"]) == 0
    manifest, source = read_manifest(folder), read_manifest(tiny_model)
    data = collect(tiny_config.data)
    exported = load(folder)
    logits = exported.backend([r.text for r in data.dev], [r.context for r in data.dev])[0]
    decision = fit_decision(logits, data.truth(data.dev))
    assert manifest.thresholds == pytest.approx(decision.thresholds)
    assert manifest.calibration != source.calibration
    assert manifest.figures["dev"]["n"] == len(data.dev)
    assert "the figures above are its own" in (folder / "README.md").read_text()


def test_an_export_is_not_fitted_on_other_data(tiny_model, tmp_path):
    changed = tmp_path / "changed"
    shutil.copytree(tiny_model, changed)
    manifest = read_manifest(changed)
    write_manifest(changed, dataclasses.replace(manifest, data={**manifest.data, "sha256": "0" * 64}))
    with pytest.raises(ModelError, match="changed since the training"):
        export(changed, tmp_path / "out", refit=True, max_flips=1.0)
    assert not (tmp_path / "out").exists()


def test_the_release_model_is_intact():
    classifier = load()
    assert classifier.tags == ("pro_sanctions", "anti_sanctions", "self_defence")
    size = sum(path.stat().st_size for path in classifier.folder.iterdir())
    assert size <= 25e6
    examples = {
        "Sanctions must be lifted at once; they starve the people and bring no peace.": ("anti_sanctions",),
        "We struck the launch site in exercise of our inherent right of self-defence.": ("self_defence",),
        "We call on all states to enforce the arms embargo and to punish those who evade it.": ("pro_sanctions",),
        "The committee will meet again on Tuesday.": (),
    }
    assert dict(zip(examples, classifier.predict(list(examples)), strict=True)) == examples


def test_the_manifest_of_the_release_is_json_with_figures():
    manifest = read_manifest(load().folder)
    assert json.loads(manifest.to_json())["name"] == "default"
    assert manifest.figures["dev"]["macro_f1"]["value"] > 0.5
    assert manifest.parity["flip_share"] <= 0.02


def test_a_model_copied_elsewhere_still_loads(tiny_onnx, tmp_path):
    copy = shutil.copytree(tiny_onnx, tmp_path / "elsewhere")
    assert load(copy).name == load(tiny_onnx).name
