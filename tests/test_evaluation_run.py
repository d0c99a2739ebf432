import json
import math
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import stance.inference
from stance.datasets.records import LabelledStatement, write_labels
from stance.datasets.starter import starter_records
from stance.errors import InputError, ModelError, StanceError
from stance.evaluation.bootstrap import Estimate
from stance.evaluation.evaluation import cluster_of, evaluate, mistakes
from stance.evaluation.report import number, table, with_interval
from stance.evaluation.run import main
from stance.statement import Score

TAGS = ("pro_sanctions", "anti_sanctions", "self_defence")
SCRIPT = Path(__file__).parents[1] / "scripts" / "evaluate.py"


class FakeClassifier:
    """Knows the truth from the texts ("pro_sanctions: ...") and blurs it by a fixed noise."""

    thresholds = (0.5, 0.5, 0.5)

    def __init__(self, name="fake@12345678", noise=2.0, tags=TAGS, fitted_on=None, config=None):
        self.name, self.noise, self.tags = name, noise, tags
        self.manifest = SimpleNamespace(fitted_on=fitted_on or {}, config=config or {}, data={}, files={})

    def score(self, texts, contexts=None):
        assert contexts is not None
        rng = np.random.default_rng(len(texts))
        scores = []
        for text in texts:
            truth = np.array([tag in text for tag in self.tags])
            logits = np.where(truth, 2.0, -3.0) + self.noise * rng.normal(size=len(self.tags))
            p = dict(zip(self.tags, (1 / (1 + np.exp(-logits))).tolist(), strict=True))
            given = tuple(tag for tag in self.tags if p[tag] >= 0.5)
            scores.append(
                Score(p, given, tuple(tag for tag in self.tags if abs(p[tag] - 0.5) < 0.2), 9, "long" in text)
            )
        return scores


def records(n=200, split="dev", **fields):
    made = []
    for i in range(n):
        tags = tuple(tag for t, tag in enumerate(TAGS) if i % (t + 2) == 0)
        text = f"{' '.join(tags)}: statement {i}"
        kind = "speech" if i % 4 else "news_direct"
        base = {"kind": kind, "year": 1995 + i % 20, "doc_id": f"d{i // 3}", "split": split, "votes": ("P", "P")}
        made.append(LabelledStatement(f"{split}{i}", text, "a headline", tags, **{**base, **fields}))
    return made


@pytest.fixture
def fakes(monkeypatch):
    """Make ``stance.inference.load`` return fakes by name."""
    models = {
        "good": FakeClassifier("good@1", noise=1.0, fitted_on={"split": "dev"}),
        "poor": FakeClassifier("poor@2", noise=4.0, fitted_on={"split": "test"}),
        "others": FakeClassifier("others@3", tags=("war", "peace")),
        "small-1": FakeClassifier("small@4", noise=1.0, config={"name": "small", "seed": 1}),
        "small-2": FakeClassifier("small@5", noise=2.0, config={"name": "small", "seed": 2}),
        "base-1": FakeClassifier("base@6", noise=0.5, config={"name": "base", "seed": 1}),
    }

    def load(path=None):
        if path not in models:
            raise ModelError(f"there is no model folder {path}")
        return models[path]

    monkeypatch.setitem(vars(stance.inference), "load", load)
    return models


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.jsonl"
    write_labels(path, [*records(), *records(40, "test", doc_id="")])
    return path


def test_perfect_classifier():
    evaluation = evaluate(FakeClassifier(noise=0.0), records())
    assert evaluation.overall.macro_f1 == Estimate(1.0, 1.0, 1.0)
    assert evaluation.overall.exact_match.value == 1
    assert evaluation.ranking.aurc == evaluation.ranking.useless == 0
    assert mistakes(evaluation, records()) == []


def test_groups_hold_their_own_statements_and_small_ones_are_left_out():
    evaluation = evaluate(
        FakeClassifier(), records(100, country="Cuba") + records(29, "test", country="Mali", year=None)
    )
    assert {name: scores.n for name, scores in evaluation.groups["country"].items()} == {"Cuba": 100}
    assert {name: scores.n for name, scores in evaluation.groups["region"].items()} == {
        "Latin America and Caribbean": 100
    }
    assert {name: scores.n for name, scores in evaluation.groups["kind"].items()} == {"speech": 96, "news_direct": 33}
    assert {name: scores.n for name, scores in evaluation.groups["decade"].items()} == {"2000s": 50}
    assert "rule" not in evaluation.groups


def test_mistakes_come_surest_first():
    statements = records()
    evaluation = evaluate(FakeClassifier(), statements)
    rows = mistakes(evaluation, statements)
    assert len(rows) == round(len(statements) * (1 - evaluation.overall.exact_match.value))
    assert [row["confidence"] for row in rows] == sorted((row["confidence"] for row in rows), reverse=True)
    assert all(row["predicted"] != row["tags"] and row["model"] == "fake@12345678" for row in rows)


def test_clusters_are_documents_blocks_or_single_statements():
    def cluster(identity, doc_id=""):
        return cluster_of(LabelledStatement(identity, "x", doc_id=doc_id))

    assert cluster("c1", "d") == cluster("c2", "d") != cluster("c1", "e")
    assert cluster("w1-001") == cluster("w1-010") != cluster("w1-011")
    assert cluster("w1-001") != cluster("w2-001")
    assert cluster("c1") != cluster("c2")


@pytest.mark.parametrize(
    ("statements", "cause"),
    [
        ([], "no statement to evaluate on"),
        ([LabelledStatement("1", "x", tags=("war",))], "the labels use war, the model knows only pro_sanctions"),
        ([LabelledStatement("1", "x")], "none of the 1 statements bears a tag of the model"),
    ],
)
def test_statements_that_do_not_suit_the_model(statements, cause):
    with pytest.raises(InputError, match=cause):
        evaluate(FakeClassifier(), statements)


def test_report_json_errors_and_figures(fakes, labels, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    out, wrong, figures = tmp_path / "out.json", tmp_path / "wrong.jsonl", tmp_path / "figures"
    arguments = ["good", "poor", str(labels), "--json", out, "--errors", wrong, "--figures", figures]
    assert main([str(argument) for argument in arguments]) == 0
    text = capsys.readouterr().out
    assert "(split dev), 200 statements of 67 documents." in text
    assert "0 read once, 200 twice or more" in text
    assert "calibration and thresholds of good@1 were fitted on a dev split" in text
    assert "of poor@2 were fitted" not in text
    assert "macro-F1 of poor@2 minus good@1, paired: -." in text
    assert "bootstrap resamples of documents" in text

    result = json.loads(out.read_text(encoding="utf-8"))
    good, poor = result["models"]
    assert good["model"] == "good@1"
    difference = result["macro_f1_minus_first"]["poor@2"]
    expected = poor["overall"]["macro_f1"]["value"] - good["overall"]["macro_f1"]["value"]
    assert difference["value"] == pytest.approx(expected)
    assert difference["high"] < 0
    macro = good["overall"]["macro_f1"]
    assert f"{number(macro['value'])} [{number(macro['low'])}, {number(macro['high'])}]" in text
    assert sum(b["n"] for b in good["reliability"]["self_defence"]) == good["overall"]["n"] == 200

    rows = [json.loads(line) for line in wrong.read_text(encoding="utf-8").splitlines()]
    n_wrong = sum(round(200 * (1 - model["overall"]["exact_match"]["value"])) for model in (good, poor))
    assert len(rows) == n_wrong > 0
    drawn = sorted(path.name for path in figures.iterdir())
    assert drawn == sorted(
        f"{model}-{figure}.png"
        for model in ("good-1", "poor-2")
        for figure in ("reliability", "precision-recall", "risk-coverage")
    )
    assert all(path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 5000 for path in figures.iterdir())


def test_errors_can_be_printed(fakes, labels, capsys):
    assert main(["poor", str(labels), "--errors", "3"]) == 0
    text = capsys.readouterr().out
    assert text.count("poor@2 says") == 3
    assert "[a headline]" in text
    assert "readers say" in text


def test_same_seed_same_report(fakes, labels, capsys):
    reports = []
    for seed in ("1", "1", "2"):
        main(["poor", str(labels), "--seed", seed])
        reports.append(capsys.readouterr().out)
    assert reports[0] == reports[1] != reports[2]


def test_seeds_of_a_recipe_are_summed_up_beside_a_peer(fakes, labels, tmp_path, capsys):
    answers = tmp_path / "peer.jsonl"
    rows = [
        {"text": r.text, "context": r.context, **{f"p_{tag}": float(tag in r.tags) for tag in TAGS}} for r in records()
    ]
    answers.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out = tmp_path / "out.json"
    main(["small-1", "base-1", "small-2", str(answers), str(labels), "--json", str(out)])
    header, macro, *_ = capsys.readouterr().out.splitlines()
    assert re.split(r"\s{2,}", header)[-3:] == ["small, 2 seeds", "base@6", "peer"]
    result = json.loads(out.read_text(encoding="utf-8"))
    small, base, peer = result["recipes"]
    assert small["models"] == ["small@4", "small@5"]
    one, two = (result["models"][i]["overall"]["macro_f1"]["value"] for i in (0, 2))
    figure = small["figures"]["macro-F1"]
    assert figure["mean"] == pytest.approx((one + two) / 2)
    assert figure["sd"] == pytest.approx(abs(one - two) / 2**0.5)
    assert base["figures"]["macro-F1"]["sd"] is None
    assert peer["figures"]["exact match"]["mean"] == 1
    assert macro.split() == ["macro-F1", number(figure["mean"]), "±", number(figure["sd"], 3), *macro.split()[4:]]
    assert macro.endswith("1.00")
    assert any(name.startswith("exact match, kind speech") for name in small["figures"])


def test_models_of_one_seed_each_have_no_table_of_recipes(fakes, labels, capsys):
    main(["small-1", "base-1", str(labels)])
    assert capsys.readouterr().out.startswith("Data: ")


def test_splits(fakes, labels, tmp_path, capsys):
    main(["good", str(labels), "--split", "test"])
    text = capsys.readouterr().out
    assert "(split test), 40 statements." in text
    assert "Warning" not in text
    main(["good", str(labels), "--split", "all"])
    assert "(split dev + test), 240 statements" in capsys.readouterr().out
    bare = tmp_path / "bare.jsonl"
    write_labels(bare, records(50, split="", votes=()))
    main(["good", str(bare)])
    text = capsys.readouterr().out
    assert "(no splits), 50 statements" in text
    assert "does not say how many readers" in text
    assert "Note: the data name no splits" in text
    with pytest.raises(InputError, match=r"no statement in the split 'train', only: dev, test; choose another"):
        main(["good", str(labels), "--split", "train"])


def test_the_starter_set_is_evaluated_on_its_test_split(fakes, capsys):
    assert main(["good", "starter"]) == 0
    text = capsys.readouterr().out
    n = sum(record.split == "test" for record in starter_records())
    assert f"Data: the starter set (split test), {n} statements." in text
    assert "contrast pairs together" in text
    main(["good", "starter", "--split", "train"])
    assert "Warning: the train split is among these statements" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["missing", "starter"], "no model folder missing"),
        (["others", "{labels}"], "unknown tag 'pro_sanctions'"),
        (["others", "starter"], "the labels use anti_sanctions, pro_sanctions, self_defence, the model knows only"),
        (["good", "others", "starter"], "good@1 and others@3 have different tags; evaluate them in separate calls"),
        (["good", "nowhere.jsonl"], "nowhere.jsonl"),
        (
            ["good", "starter", "--json", "no/such/folder/out.json"],
            "cannot write no/such/folder/out.json: No such file",
        ),
        (["good", "{labels}", "--figures", "{labels}"], "cannot write figures to .*: File exists; name another folder"),
    ],
)
def test_wrong_use_is_told_in_words(fakes, labels, arguments, cause):
    with pytest.raises(StanceError, match=cause):
        main([argument.format(labels=labels) for argument in arguments])


def test_figures_without_matplotlib_are_refused_before_scoring(fakes, labels, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr(FakeClassifier, "score", lambda *_: pytest.fail("scored first"))
    with pytest.raises(StanceError, match=r"pip install 'diplomatic-stance\[train\]'"):
        main(["good", str(labels), "--figures", "x"])


def test_the_script_prints_errors_on_one_line_and_exits_with_2(tmp_path):
    command = [sys.executable, str(SCRIPT), str(tmp_path / "nowhere"), "starter"]
    environment = {"PYTHONPATH": str(SCRIPT.parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("stance: error: ")
    assert done.stderr.count("\n") == 1


def test_numbers_are_written_as_in_papers():
    assert [number(x) for x in (0.854, 1.0, 0.0, -0.054, math.nan)] == [".85", "1.00", ".00", "-.05", "–"]
    assert with_interval(Estimate(0.854, 0.82, 0.88)) == ".85 [.82, .88]"
    assert with_interval(Estimate(math.nan, math.nan, math.nan)) == "–"
    assert table(["a", "n"], [["long name", "7"]]) == "a          n\nlong name  7"
