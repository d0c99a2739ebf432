import json
import shutil

from stance.benchmark.contestants import Setting, chosen_engines, find_contestants, form_of
from stance.benchmark.engines import ENGINES
from stance.benchmark.throughput import Texts
from stance.datasets.records import LabelledStatement
from stance.inference.classifier import default_folder
from stance.model_folder import read_manifest


def test_forms_of_statements():
    records = [LabelledStatement("1", "Cuba’s “right”", "Talks"), LabelledStatement("2", "France", "")]
    assert form_of("raw", records, True).texts == ("Cuba’s “right”", "France")
    assert form_of("masked", records, True) == Texts(('Norway\'s "right"', "Norway"), ("Talks", ""))
    assert form_of("masked", records, False).texts == ('Cuba\'s "right"', "France")
    assert form_of("joined", records, True) == Texts(('Cuba\'s "right" (Talks)', "France"), ("", ""))


def test_engines_without_a_model_are_left_out_with_the_reason(tmp_path):
    folders = dict.fromkeys(("model", "source", "baseline", "setfit"), str(tmp_path / "none")) | {"encoder": "nothing"}
    found, missing = find_contestants(ENGINES, Setting(folders, 1, tmp_path), [], ("pro", "anti"))
    assert found == []
    assert list(missing) == [engine.name for engine in ENGINES]
    assert "none (train it by scripts/train_setfit.py CONFIG --save FOLDER, or give another" in missing["setfit"]
    assert "no encoder 'nothing'" in missing["sentence"]


def test_a_model_with_other_tags_is_left_out(tmp_path):
    folders = {"model": "default"}
    _, missing = find_contestants(chosen_engines(["stance"]), Setting(folders, 1, tmp_path), [], ("war", "peace"))
    assert "has other tags than the model that is measured" in missing["stance"]


def test_a_model_without_a_first_stage_cannot_run_as_a_cascade(tmp_path, edit_manifest):
    engines, tags = chosen_engines(["stance", "cascade"]), read_manifest(default_folder()).tags
    found, missing = find_contestants(engines, Setting({"model": "default"}, 1, tmp_path), [], tags)
    assert [one.engine.name for one in found] == ["stance", "cascade"]
    assert missing == {}
    folder = tmp_path / "plain"
    shutil.copytree(default_folder(), folder)
    edit_manifest(folder, gate={})
    found, missing = find_contestants(engines, Setting({"model": str(folder)}, 1, tmp_path), [], tags)
    assert [one.engine.name for one in found] == ["stance"]
    assert "plain has no first stage, so it cannot run as a cascade; train one with" in missing["cascade"]


def test_an_encoder_of_unknown_sizes_runs_without_a_share_of_the_bound(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"dim": 768, "n_layers": 6, "hidden_dim": 3072}))
    setting = Setting({"setfit": str(tmp_path)}, 1, tmp_path)
    (found,), missing = find_contestants(chosen_engines(["setfit"]), setting, [], ())
    assert (found.weights, missing) == (0, {})
    assert "config.json names its sizes otherwise than BERT does: no num_hidden_layers" in found.unknown
