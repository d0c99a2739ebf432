import dataclasses
import re

import numpy as np
import pytest

from stance.datasets import LabelledStatement, write_labels
from stance.datasets.standoff import read_standoff, read_transfer
from stance.errors import ConfigError, InputError
from stance.inference import load
from stance.model_folder import read_manifest
from stance.training import distil
from stance.training.baseline import fit_baseline
from stance.training.config import DataConfig, parse_config
from stance.training.data import collect
from stance.training.run import train
from stance.training.teacher import make_teacher, merge, read_teacher

TAGS = ("pro_sanctions", "anti_sanctions", "self_defence")


def statement(name, split="", tags=(), context=""):
    return LabelledStatement(
        name, f"The delegate of {name} spoke of sanctions.", context=context, split=split, tags=tags
    )


def teacher_of(records, logits):
    return make_teacher(TAGS, ["large@1"], records, np.array(logits, dtype=float))


def test_logits_are_found_by_text_and_context(tmp_path):
    records = [statement("a"), statement("b"), statement("c", context="Headline")]
    teacher_of(records, [[1, 2, 3], [4, 5, 6], [0, 0, -30]]).save(tmp_path / "t.npz")
    teacher = read_teacher(tmp_path / "t.npz", TAGS)
    assert teacher.teachers == ("large@1",)
    other_context = dataclasses.replace(records[2], context="Another")
    read, p = teacher.probabilities([records[2], statement("d"), records[0], other_context])
    assert read.tolist() == [True, False, True, False]
    assert p[0] == pytest.approx([0.5, 0.5, 0], abs=1e-6)
    assert p[1] == pytest.approx(1 / (1 + np.exp(-np.array([1.0, 2, 3]))), abs=1e-6)


def test_answers_are_joined_and_the_first_counts():
    a, b = statement("a"), statement("b")
    joined = merge(teacher_of([a], [[1, 1, 1]]), teacher_of([a, b], [[9, 9, 9], [2, 2, 2]]))
    assert joined.knows([a, b, statement("c")]).tolist() == [True, True, False]
    assert joined.probabilities([a])[1][0, 0] == pytest.approx(1 / (1 + np.exp(-1)))


def test_what_is_wrong_with_a_file_of_logits(tmp_path):
    path = tmp_path / "t.npz"
    with pytest.raises(InputError, match=re.escape("make it by scripts/distill.py")):
        read_teacher(path, TAGS)
    path.write_bytes(b"")
    with pytest.raises(InputError, match="cannot read the logits"):
        read_teacher(path, TAGS)
    path.write_bytes(b"not a zip")
    with pytest.raises(InputError, match="cannot read the logits"):
        read_teacher(path, TAGS)
    teacher_of([statement("a")], [[0, 0, 0]]).save(path)
    with pytest.raises(InputError, match="knows the tags"):
        read_teacher(path, ("other",))
    with pytest.raises(InputError, match="lacks 1 of 2 unlabelled statements"):
        read_teacher(path, TAGS, [statement("a"), statement("b")])
    whole = read_teacher(path, TAGS)
    dataclasses.replace(whole, logits=whole.logits[:, :2]).save(path)
    with pytest.raises(InputError, match="keys and logits do not match"):
        read_teacher(path, TAGS)


@pytest.fixture
def recipe(tmp_path):
    """Files of labels, of unlabelled statements and of logits, as the data section of a recipe names them."""
    labels = [
        statement("a", "train", ("pro_sanctions",)),
        statement("b", "train"),
        statement("c", "dev"),
        statement("d", "dev"),
    ]
    unlabelled = [statement("u"), statement("v")]
    write_labels(tmp_path / "labels.jsonl", labels)
    write_labels(tmp_path / "transfer.jsonl", unlabelled)
    teacher_of([labels[0], *unlabelled], [[0, -30, -30], [-30, 30, -30], [0, 0, 0]]).save(tmp_path / "t.npz")
    return {
        "starter": False,
        "labels": [str(tmp_path / "labels.jsonl")],
        "unlabelled": [str(tmp_path / "transfer.jsonl")],
        "teacher": str(tmp_path / "t.npz"),
        "teacher_share": 0.5,
    }


def test_targets_mix_labels_and_the_teacher(recipe):
    records, target = collect(DataConfig(**recipe)).targets()
    assert [record.id for record in records] == ["a", "b", "u", "v"]
    expected = [[0.75, 0, 0], [0, 0, 0], [0, 1, 0], [0.5, 0.5, 0.5]]
    assert target == pytest.approx(np.array(expected), abs=1e-6)


def test_without_a_teacher_targets_are_labels(recipe):
    _, target = collect(DataConfig(**{**recipe, "unlabelled": (), "teacher": None})).targets()
    assert target.tolist() == [[1, 0, 0], [0, 0, 0]]


def test_a_teacher_of_labelled_statements_alone(recipe, tmp_path):
    records, target = collect(DataConfig(**{**recipe, "unlabelled": ()})).targets()
    assert [record.id for record in records] == ["a", "b"]
    assert target[0] == pytest.approx([0.75, 0, 0], abs=1e-6)
    teacher_of([statement("z")], [[0, 0, 0]]).save(tmp_path / "t.npz")
    with pytest.raises(InputError, match="has read none of these statements"):
        collect(DataConfig(**{**recipe, "unlabelled": ()}))


def test_unlabelled_statements_of_dev_are_refused(recipe, tmp_path):
    write_labels(tmp_path / "transfer.jsonl", [statement("u", "dev"), statement("v")])
    with pytest.raises(InputError, match="'u' is of the split dev or test"):
        collect(DataConfig(**recipe))
    labels = [statement("a", "train"), dataclasses.replace(statement("c", "dev"), doc_id="speech")]
    write_labels(tmp_path / "labels.jsonl", labels)
    write_labels(tmp_path / "transfer.jsonl", [dataclasses.replace(statement("u"), doc_id="speech"), statement("v")])
    with pytest.raises(InputError, match="document 'speech' is in dev and in train"):
        collect(DataConfig(**recipe))


def test_the_shipped_unlabelled_statements_are_of_no_document_of_dev():
    closed = {label.doc_id for label in read_standoff() if label.split != "train"}
    unlabelled = read_transfer()
    assert len(unlabelled) > 8000
    assert closed
    assert not closed & {label.doc_id for label in unlabelled}
    assert {(label.split, label.tags) for label in unlabelled} == {("", ())}


def test_the_data_hash_covers_the_teacher(recipe, tmp_path):
    before = collect(DataConfig(**recipe)).sha256
    teacher_of([statement("u"), statement("v")], np.ones((2, 3))).save(tmp_path / "t.npz")
    assert collect(DataConfig(**recipe)).sha256 != before


def test_unlabelled_statements_need_a_teacher_and_a_network(recipe, tmp_path):
    with pytest.raises(InputError, match=re.escape("give data.teacher")):
        collect(DataConfig(**{**recipe, "teacher": None}))
    config = parse_config({"name": "x", "kind": "linear", "data": recipe}, "x")
    with pytest.raises(ConfigError, match="learns from labels alone"):
        fit_baseline(config, collect(config.data), tmp_path)


def test_a_student_is_trained_and_its_card_names_the_teacher(recipe, tiny_encoder, tmp_path):
    config = parse_config(
        {"name": "student", "data": recipe, "encoder": {"name": str(tiny_encoder)}, "optim": {"epochs": 1}}, "x"
    )
    train(config, tmp_path / "student")
    data = read_manifest(tmp_path / "student").data
    assert (data["unlabelled"], data["teachers"], data["train"]["statements"]) == (2, ["large@1"], 2)
    assert "2 more that only the teacher has read (large@1)" in (tmp_path / "student" / "README.md").read_text()


def test_teachers_are_asked_and_a_killed_run_goes_on(tiny_model, tmp_path, monkeypatch, capsys):
    records = [statement(f"s{number}") for number in range(5)]
    write_labels(tmp_path / "t.jsonl", records)
    out = tmp_path / "t.npz"
    command = [str(tmp_path / "t.jsonl"), "--teacher", str(tiny_model), "-o", str(out)]
    monkeypatch.setattr(distil, "CHUNK", 2)
    asked, real = [], distil.make_teacher

    def killed(tags, names, chunk, logits):
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(len(chunk))
        return real(tags, names, chunk, logits)

    monkeypatch.setattr(distil, "make_teacher", killed)
    with pytest.raises(KeyboardInterrupt):
        distil.main(command)
    monkeypatch.setattr(distil, "make_teacher", real)
    with pytest.raises(InputError, match="add --resume to go on"):
        distil.main(command)
    assert not out.exists()
    assert distil.main([*command, "--resume"]) == 0
    assert "5 statements read by tiny@" in capsys.readouterr().out
    assert [path.name for path in tmp_path.glob("*.npz")] == ["t.npz"]
    model = load(tiny_model)
    expected = 1 / (1 + np.exp(-model.backend([r.text for r in records], [""] * 5)[0]))
    assert read_teacher(out, TAGS).probabilities(records)[1] == pytest.approx(expected, abs=1e-3)
    with pytest.raises(ConfigError, match="exists; choose another --output"):
        distil.main(command)


def test_two_teachers_are_averaged(tmp_path):
    class Constant:
        tags = TAGS

        def __init__(self, value):
            self.name, self.value = f"constant@{value}", value

        def backend(self, texts, contexts):
            return np.full((len(texts), 3), float(self.value)), [], []

    records = [statement("a"), statement("b")]
    distil.ask([Constant(1), Constant(4)], records, tmp_path / "t.npz")
    answers = read_teacher(tmp_path / "t.npz", TAGS)
    assert answers.teachers == ("constant@1", "constant@4")
    assert answers.logits.tolist() == [[2.5] * 3] * 2


def test_a_dev_of_one_document_is_refused_before_training(recipe, tiny_encoder, tmp_path):
    one = [statement("a", "train"), dataclasses.replace(statement("c", "dev"), doc_id="speech")]
    write_labels(tmp_path / "labels.jsonl", one)
    config = parse_config({"name": "x", "data": recipe, "encoder": {"name": str(tiny_encoder)}}, "x")
    with pytest.raises(InputError, match="dev holds one document"):
        train(config, tmp_path / "x")
    assert not (tmp_path / "x").exists()
