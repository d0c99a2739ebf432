import argparse
import json
import sys

import pytest
from fakes import benchmark_row

from stance.benchmark.run import check, main, parser, summary
from stance.errors import StanceError


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
        "share_unknown": {"sentence": "no hidden_size"},
        "minutes": 9.04,
    }
    text = summary([benchmark_row("ours", 100, 0.8)], [], about)
    assert "a CPU, threads: 2 each; 8 different statements timed in a round, 10 tokens each, 5 rounds" in text
    assert "operations a second: fp32 90.0." in text
    assert "differ by 2.0e-01 at most on 9 statements of one window; 1 of 10 change tags. WARNING: above 0.001" in text
    assert "1 of 10 change tags, 3 beside ours as released.\n" in text
    assert "Left out: setfit: there is no model folder models/setfit." in text
    assert "Share of the bound unknown: sentence: no hidden_size." in text
    assert "of x.jsonl (dev); 9.0 minutes.\n" in text


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["--rounds", "0"], "--rounds is 0; give 1 or more"),
        (["--threads", "9999"], "--threads is 9999, and only .* give fewer"),
        (["--engines", "stanza"], "there is no engine 'stanza'; choose from: stance, cascade, onnx"),
        (["--split", "train2"], "no statement in the split 'train2'"),
        (["--stream", "no.jsonl"], "there is no file no.jsonl"),
        (["--model", "no/such"], "no model folder no/such"),
        (["--engines", "setfit", "--setfit", "no/such"], "no engine can run: setfit: there is no model folder no/such"),
    ],
)
def test_wrong_use_is_told_before_the_work(arguments, cause):
    with pytest.raises(StanceError, match=cause):
        main(["starter", *arguments])


def test_figures_without_matplotlib_are_refused_first(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    options = parser().parse_args(["starter", "--out", "x"])
    assert isinstance(options, argparse.Namespace)
    with pytest.raises(StanceError, match="pip install"):
        check(options)


@pytest.mark.slow
def test_the_whole_benchmark_with_a_tiny_model(tiny_model, tiny_onnx, tmp_path, capsys):
    pytest.importorskip("onnx")
    stream = tmp_path / "stream.jsonl"
    stream.write_text('{"text": "Sanctions must be lifted."}\n{"text": "It rained.", "context": "Weather"}\n')
    out = tmp_path / "out"
    arguments = ["starter", "--split", "dev", "--engines", "stance", "cascade", "onnx", "pipeline-32", "setfit"]
    arguments += ["--model", tiny_onnx, "--source", tiny_model, "--setfit", tmp_path / "none", "--statements", 20]
    arguments += ["--rounds", 2, "--starts", 1, "--threads", 1, "--work", tmp_path / "work", "--stream", stream]
    assert main([str(one) for one in [*arguments, "--out", out]]) == 0
    text = capsys.readouterr().out
    assert "Left out: setfit: there is no model folder" in text
    assert "Left out: cascade:" in text
    assert (out / "table.txt").read_text(encoding="utf-8") == text
    result = json.loads((out / "benchmark.json").read_text(encoding="utf-8"))
    assert [engine["name"] for engine in result["engines"]] == ["stance", "onnx", "pipeline-32"]
    assert all(len(engine["seconds"]["values"]) == 2 and engine["peak_mb"] > 20 for engine in result["engines"])
    assert set(result["billion_operations_per_second"]) == {"fp32", "bf16", "int8"}
    for name in ("onnx", "pipeline-32"):
        same = result["same_weights"][name]
        assert same["max_difference"] < 1e-3
        assert same["flips"] <= result["data"]["statements"] - same["statements"]  # only those that they cut short
    assert [one["read"] for one in result["stream"]] == [2, 2, 2]
