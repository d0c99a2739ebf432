import argparse
import csv
import json
import math
import sys
from collections import Counter

import numpy as np
import pytest

from stance.benchmark.contest import Answers, Task, race_rows, read_stream, stream_rows, timed_rows
from stance.benchmark.contestants import MATMUL, Contestant, Setting, chosen_engines, find_contestants, form_of
from stance.benchmark.engines import ENGINES, Engine, Job, open_engine
from stance.benchmark.matmul import matrix_weights
from stance.benchmark.preparation import prepare
from stance.benchmark.report import (
    Row,
    StreamRow,
    figures,
    pareto_front,
    speed_table,
    spread,
    stream_table,
    write_report,
)
from stance.benchmark.run import check, main, parser, summary
from stance.benchmark.throughput import Race, Spread, Texts, Worker, WorkerError, environment_for
from stance.datasets.records import LabelledStatement
from stance.datasets.starter import starter_records
from stance.errors import InputError, ModelError, StanceError
from stance.evaluation.bootstrap import Estimate
from stance.inference import load
from stance.inference.tokenize import Tokens
from stance.model_folder import Calibration, Manifest

# A worker that tags by keyword, writes down when it was asked to score, and fails as it is told to.
FAKE = """
import json, sys
name, log, fault = sys.argv[1:4]
n = 0
for line in sys.stdin:
    order = json.loads(line)
    answer = {}
    if order["do"] == "load":
        texts = order["texts"]
    elif order["do"] == "score":
        n += 1
        with open(log, "a") as file:
            file.write(f"{name} {len(texts)}\\n")
        if fault == "dies" and n == 3:
            sys.exit("the engine broke")
        if fault == "fails" and n == 3:
            answer = {"error": "ValueError: no such layer"}
        if fault == "hangs" and n == 3:
            import time
            time.sleep(60)
        answer = answer or {"seconds": 0.5 * n}
    elif order["do"] == "answers":
        words = ("enforce", "lift") if name != "blind" else ("x", "x")
        answer = {"p": [[float(word in text) for word in words] for text in texts], "thresholds": [0.5, 0.5]}
    elif order["do"] == "rates":
        answer = {"rates": {"fp32": 10.0 * (n + 1), "int8": 40.0}}
        n += 1
    elif order["do"] == "state":
        answer = {"peak_mb": 12.5, "versions": {"python": "3"}}
    print(json.dumps(answer), flush=True)
"""
WORDS = ("enforce the measures", "lift the measures", "enforce and lift", "the weather in May")
TAGS = (("pro",), ("anti",), ("pro", "anti"), ())


@pytest.fixture
def fake(tmp_path):
    """A function that returns a function that starts a fake worker, and the file in which the workers write."""
    script, log = tmp_path / "fake.py", tmp_path / "log.txt"
    script.write_text(FAKE)

    def made(name, fault="", limit=30.0):
        return lambda: Worker([sys.executable, str(script), name, str(log), fault], environment_for(1, "."), limit)

    made.log = log
    return made


@pytest.fixture
def task():
    records = [
        LabelledStatement(str(i), f"{WORDS[i % 4]} {i}", "", TAGS[i % 4], doc_id=f"d{i // 2}", split="dev")
        for i in range(40)
    ]
    calibration = Calibration((1.0, 1.0), (0.0, 0.0))
    manifest = Manifest("fake", "encoder", ("pro", "anti"), ("", ""), calibration, (0.5, 0.5), 0.1)
    tokens = [Tokens((([1, 2], [0, 0]),), 10, False)] * 40
    return Task(records, timed_rows(40, 8, 0), tokens, manifest)


def contestant(name, folder, whole=False, bound="fp32"):
    return Contestant(Engine(name, name.upper(), "stance", "model", "raw", bound, whole=whole), folder, 1000)


def scored(log):
    return [tuple(line.split()) for line in log.read_text().splitlines()]


def test_rounds_are_interleaved_and_their_order_moves_on(fake):
    texts = {name: Texts(("a",), ("",)) for name in "abc"}
    with Race({name: fake(name) for name in "abc"}) as race:
        cold = race.start(texts, 2)
        fake.log.write_text("")
        seconds = race.score({name: Texts(("a", "b"), ("", "")) for name in "abc"}, 4)
        processes = [worker.process for worker in race.live.values()]
    assert "".join(name for name, _ in scored(fake.log)) == "abc" + "bca" + "cab" + "abc"
    assert {n for _, n in scored(fake.log)} == {"2"}
    assert seconds["b"].values == (1.0, 1.5, 2.0, 2.5)  # the first score of this process was that of its start
    assert (seconds["b"].median, seconds["b"].low, seconds["b"].high) == (1.75, 1.0, 2.5)
    assert [len(spread.values) for spread in cold.values()] == [2, 2, 2]
    assert all(process.returncode == 0 for process in processes)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("dies", "died with exit status 1: the engine broke"),
        ("fails", "ValueError: no such layer"),
        ("hangs", "gave no answer within 2 s; stopped"),
    ],
)
def test_an_engine_that_fails_is_left_out_and_the_others_go_on(fake, fault, reason):
    texts = {name: Texts(("a",), ("",)) for name in "abc"}
    with Race({"a": fake("a"), "b": fake("b", fault, limit=2), "c": fake("c")}) as race:
        race.start(texts, 1)
        seconds = race.score(texts, 4)
        assert race.attempt("b", "state") == {}
        assert race.attempt("a", "state")["peak_mb"] == 12.5
    assert race.failed == {"b": reason}
    assert {name: len(one.values) for name, one in seconds.items()} == {"a": 4, "c": 4}


def test_a_worker_that_never_starts_is_left_out(fake, tmp_path):
    def missing():
        return Worker([str(tmp_path / "no-python")], environment_for(1, "."))

    with Race({"a": fake("a"), "b": missing}) as race:
        cold = race.start({name: Texts(("a",), ("",)) for name in "ab"}, 1)
    assert list(cold) == ["a"]
    assert "no-python" in race.failed["b"]


def test_rows_hold_medians_macro_f1_and_the_share_of_the_bound(fake, task, tmp_path):
    names = {"good": "", "blind": "", "broken": "dies"}
    contestants = [contestant(name, tmp_path) for name in names]
    with Race({MATMUL: fake(MATMUL), **{name: fake(name, fault) for name, fault in names.items()}}) as race:
        rows, answers, rates = race_rows(race, contestants, task, 1, 3)
    assert [row.name for row in rows] == ["good", "blind"]
    assert race.failed == {"broken": "died with exit status 1: the engine broke"}
    good, blind = rows
    # Scores 1 and 2 of the process were the first text and the whole split; the rounds took 1.5, 2 and 2.5 seconds.
    assert good.seconds.values == (1.5, 2.0, 2.5)
    assert good.speed.median == 4  # 8 statements in 2 seconds
    assert good.tokens == 80
    assert good.macro_f1.value == 1
    assert math.isclose(blind.macro_f1.value, 0)
    assert rates["fp32"].values == (10, 20, 30)
    operations = 2 * 1000 * 80 / 1e9
    assert good.share == pytest.approx(sorted(operations / s / r for s, r in ((1.5, 10), (2, 20), (2.5, 30)))[1])
    assert answers["good"].p.shape == (40, 2)


def test_a_stream_is_read_whole_or_by_sample(fake, task, tmp_path):
    stream = [LabelledStatement(str(i), WORDS[i % 4]) for i in range(100)]
    contestants = [
        contestant("good", tmp_path, whole=True),
        contestant("peer", tmp_path),
        contestant("blind", tmp_path),
    ]
    with Race({one.engine.name: fake(one.engine.name) for one in contestants}) as race:
        race.start({one.engine.name: Texts(("a",), ("",)) for one in contestants}, 1)
        good, peer, blind = stream_rows(race, contestants, task, stream, 2, 20)
    assert (good.read, peer.read, peer.texts) == (100, 20, 100)
    assert good.whole.median == 1.25
    assert peer.whole.median == 6.25  # five times as long as its sample took
    assert (good.differ, peer.differ) == (0, 0)
    assert good.tagged == 0.75
    assert blind.tagged == 0
    assert blind.differ == peer.tagged
    text = stream_table([good, peer, blind])
    assert "~6.25" in text
    assert "~1.25" not in text
    assert "with other tags than GOOD gives" in text


def row(name, speed, f1, **changes):
    values = {
        "seconds": Spread((10 / speed, 9 / speed, 12 / speed)),
        "statements": 10,
        "tokens": 500,
        "cold": Spread((1.0, 2.0)),
        "peak_mb": 321.4,
        "macro_f1": Estimate(f1, f1 - 0.05, f1 + 0.05),
        "operations": 2.0,
        "rate": Spread((40.0, 40.0, 40.0)),
        "versions": {"python": "3.11"},
    }
    return Row(name, name.title(), **{**values, **changes})


def test_the_table_shows_speed_with_its_spread_beside_macro_f1():
    rows = [row("ours", 100, 0.8), row("tfidf", 2000, 0.7, operations=0.0, rate=None)]
    lines = speed_table(rows).splitlines()
    expected = "Ours 100 [83.3, 111] 5,000 1.5 [1.0, 2.0] 321 .80 [.75, .85] 50%"
    assert " ".join(lines[1].split()) == expected
    assert lines[2].endswith("–")
    assert spread(Spread((0.5, 0.25, 1.0)), 2) == "0.50 [0.25, 1.0]"
    assert [figures(x, 3) for x in (12345.6, 99.96, 1.234, 0.01234, 0.0)] == ["12,346", "100.0", "1.23", "0.0123", "–"]


def test_the_front_holds_what_nothing_beats_in_both():
    rows = [row("slow", 10, 0.8), row("ours", 100, 0.8), row("middling", 50, 0.7), row("tfidf", 1000, 0.6)]
    assert [one.name for one in pareto_front(rows)] == ["ours", "tfidf"]


def test_files(tmp_path):
    pytest.importorskip("matplotlib")
    rows = [row("ours", 100, 0.8), row("tfidf", 2000, 0.7, operations=0.0, rate=None)]
    stream = [StreamRow("ours", "Ours", Spread((2.0,)), 10, 10, math.nan, 0.5)]
    files = write_report(tmp_path / "out", rows, stream, {"rounds": 3})
    assert [file.name for file in files] == ["table.csv", "benchmark.json", "pareto.svg", "pareto.png"]
    first, second = csv.DictReader(files[0].open(encoding="utf-8"))
    assert (first["engine"], first["statements_per_second"], first["share_of_bound"]) == ("ours", "100", "0.5")
    assert second["share_of_bound"] == ""
    result = json.loads(files[1].read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert result["rounds"] == 3
    assert result["engines"][0]["seconds"]["values"] == [0.1, 0.09, 0.12]
    assert result["engines"][1]["share_of_bound"] is None
    assert result["stream"][0]["differ"] is None
    assert "<svg" in files[2].read_text(encoding="utf-8")
    assert files[3].read_bytes().startswith(b"\x89PNG")


def test_the_summary_names_what_was_left_out_and_what_does_not_agree():
    same = {"statements": 9, "max_difference": 0.2, "flips": 1, "flips_of_ours": None}
    about = {
        "data": {
            "name": "x.jsonl",
            "split": ["dev"],
            "statements": 10,
            "scored_in_a_round": 8,
            "tokens_a_statement": 9.6,
        },
        "machine": {"cpu": "a CPU", "threads": 2},
        "rounds": 5,
        "billion_operations_per_second": {"fp32": [80.0, 90.0, 100.0]},
        "same_weights": {"ours": same, "other": {**same, "max_difference": 1e-5, "flips_of_ours": 3}},
        "left_out": {"setfit": "there is no model folder models/setfit"},
    }
    text = summary([row("ours", 100, 0.8)], [], about)
    assert "a CPU, threads: 2 each; 8 statements a round, 10 tokens each, 5 rounds" in text
    assert "operations a second: fp32 90.0." in text
    assert "differ by 2.0e-01 at most on 9 statements of one window; 1 of 10 change tags. WARNING: above 0.001" in text
    assert "1 of 10 change tags, 3 beside ours as released.\n" in text
    assert "Left out: setfit: there is no model folder models/setfit." in text


def test_timed_rows_repeat_or_sample():
    counts = Counter(timed_rows(10, 25, 0))
    assert sorted(counts.values()) == [2] * 5 + [3] * 5
    assert len(set(timed_rows(100, 30, 0))) == 30
    assert timed_rows(100, 30, 0) == timed_rows(100, 30, 0) != timed_rows(100, 30, 1)


def test_forms_of_statements():
    records = [LabelledStatement("1", "Cuba’s “right”", "Talks"), LabelledStatement("2", "France", "")]
    assert form_of("raw", records, True).texts == ("Cuba’s “right”", "France")
    assert form_of("masked", records, True) == Texts(('Norway\'s "right"', "Norway"), ("Talks", ""))
    assert form_of("masked", records, False).texts == ('Cuba\'s "right"', "France")
    assert form_of("joined", records, True) == Texts(('Cuba\'s "right" (Talks)', "France"), ("", ""))


def test_given_tags_reach_their_thresholds():
    assert Answers(np.array([[0.5, 0.2], [0.4, 0.3]]), (0.5, 0.3)).given.tolist() == [[True, False], [False, True]]


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


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["--rounds", "0"], "--rounds is 0; give 1 or more"),
        (["--threads", "9999"], "--threads is 9999, and only .* give fewer"),
        (["--engines", "stanza"], "there is no engine 'stanza'; choose from: stance, onnx"),
        (["--split", "train2"], "no statement in the split 'train2'"),
        (["--stream", "no.jsonl"], "there is no file no.jsonl"),
        (["--model", "no/such"], "no model folder no/such"),
        (["--engines", "setfit", "--setfit", "no/such"], "no engine can run: setfit: there is no model folder no/such"),
    ],
)
def test_wrong_use_is_told_before_the_work(arguments, cause):
    with pytest.raises(StanceError, match=cause):
        main(["starter", *arguments])


def test_a_stream_without_texts_is_refused(tmp_path):
    path = tmp_path / "stream.jsonl"
    path.write_text('{"text": "one"}\n{"texts": "two"}\n')
    with pytest.raises(InputError, match="line 2: has no 'text' that is a string; give rows with text"):
        read_stream(str(path))


def test_figures_without_matplotlib_are_refused_first(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    options = parser().parse_args(["starter", "--out", "x"])
    assert isinstance(options, argparse.Namespace)
    with pytest.raises(StanceError, match="pip install"):
        check(options)


def test_weights_are_counted_from_config_or_onnx(tiny_model, tiny_onnx, tmp_path):
    pytest.importorskip("onnx")
    assert matrix_weights(tiny_model) == 4 * 32 * 32 + 2 * 32 * 64
    assert matrix_weights(tiny_onnx) - matrix_weights(tiny_model) in (0, 3 * 32)  # the head, where it is a MatMul
    assert matrix_weights(tmp_path) == 0


def test_a_worker_reports_what_is_wrong_with_a_model(tmp_path):
    job = json.dumps({"opener": "stance", "folder": str(tmp_path / "none"), "threads": 1})
    worker = Worker([sys.executable, "-m", "stance.benchmark.worker", job], environment_for(1, "."))
    try:
        worker.ask("load", texts=["a"], contexts=[""])
        with pytest.raises(WorkerError, match="ModelError: no model folder"):
            worker.ask("score")
    finally:
        worker.close()
    assert issubclass(ModelError, StanceError)


@pytest.mark.parametrize("name", ["onnx", "pipeline"])
def test_engines_with_our_weights_give_our_probabilities(name, tiny_model, tmp_path):
    torch = pytest.importorskip("torch")
    records = [record for record in starter_records() if record.split == "dev"][:40]
    ours = load(tiny_model)
    raw, prepared = form_of("raw", records, False), form_of("masked", records, ours.manifest.mask_countries)
    whole = [not score.windowed for score in ours.score(raw.texts, raw.contexts)]
    assert sum(whole) > 10
    prepare(name, tiny_model, tmp_path / name, [], [])
    opened = open_engine(Job(name, str(tmp_path / name), torch.get_num_threads(), batch=8))
    p = opened.score(prepared.texts, prepared.contexts)
    assert opened.thresholds == ours.thresholds
    assert np.abs(p - ours.predict_proba(raw.texts, raw.contexts))[whole].max() < 1e-5


def test_what_cannot_be_prepared_leaves_nothing_behind(tmp_path):
    with pytest.raises(StanceError, match="no model folder"):
        prepare("onnx", tmp_path / "none", tmp_path / "made", [], [])
    assert not (tmp_path / "made").exists()


@pytest.mark.slow
def test_the_whole_benchmark_with_a_tiny_model(tiny_model, tiny_onnx, tmp_path, capsys):
    pytest.importorskip("onnx")
    stream = tmp_path / "stream.jsonl"
    stream.write_text('{"text": "Sanctions must be lifted."}\n{"text": "It rained.", "context": "Weather"}\n')
    out = tmp_path / "out"
    arguments = ["starter", "--split", "dev", "--engines", "stance", "onnx", "pipeline-32", "setfit"]
    arguments += ["--model", tiny_onnx, "--source", tiny_model, "--setfit", tmp_path / "none", "--statements", 20]
    arguments += ["--rounds", 2, "--starts", 1, "--threads", 1, "--work", tmp_path / "work", "--stream", stream]
    assert main([str(one) for one in [*arguments, "--out", out]]) == 0
    text = capsys.readouterr().out
    assert "Left out: setfit: there is no model folder" in text
    result = json.loads((out / "benchmark.json").read_text(encoding="utf-8"))
    assert [engine["name"] for engine in result["engines"]] == ["stance", "onnx", "pipeline-32"]
    assert all(len(engine["seconds"]["values"]) == 2 and engine["peak_mb"] > 20 for engine in result["engines"])
    assert set(result["billion_operations_per_second"]) == {"fp32", "bf16", "int8"}
    for name in ("onnx", "pipeline-32"):
        same = result["same_weights"][name]
        assert same["max_difference"] < 1e-3
        assert same["flips"] <= result["data"]["statements"] - same["statements"]  # only those that they cut short
    assert [one["read"] for one in result["stream"]] == [2, 2, 2]
