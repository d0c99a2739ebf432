import json
import math

import pytest
from fakes import benchmark_row as row

from stance.benchmark.report import StreamRow, figures, pareto_front, speed_table, spread, write_report
from stance.benchmark.throughput import Spread


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
    files = write_report(tmp_path / "out", rows, stream, {"rounds": 3}, "a table\n")
    assert [file.name for file in files] == ["table.txt", "benchmark.json", "pareto.svg", "pareto.png"]
    assert files[0].read_text(encoding="utf-8") == "a table\n"
    result = json.loads(files[1].read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert result["rounds"] == 3
    assert result["engines"][0]["seconds"]["values"] == [0.1, 0.09, 0.12]
    assert [one["share_of_bound"] for one in result["engines"]] == [0.5, None]
    assert result["stream"][0]["differ"] is None
    assert "<svg" in files[2].read_text(encoding="utf-8")
    assert files[3].read_bytes().startswith(b"\x89PNG")
