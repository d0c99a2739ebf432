import math

import numpy as np
import pytest

from stance.benchmark import contest
from stance.benchmark.contest import Answers, Task, agreements, race_rows, read_stream, stream_rows, timed_rows
from stance.benchmark.contestants import MATMUL, Contestant, Setting
from stance.benchmark.engines import Engine
from stance.benchmark.report import stream_table
from stance.benchmark.throughput import Race, Texts, Worker, environment_for
from stance.datasets.records import LabelledStatement
from stance.errors import InputError
from stance.inference.tokenize import Tokens
from stance.model_folder import Calibration, Manifest

WORDS = ("enforce the measures", "lift the measures", "enforce and lift", "the weather in May")
TAGS = (("pro",), ("anti",), ("pro", "anti"), ())


@pytest.fixture
def task():
    records = [
        LabelledStatement(str(i), f"{WORDS[i % 4]} {i}", "", TAGS[i % 4], doc_id=f"d{i // 2}", split="dev")
        for i in range(40)
    ]
    calibration = Calibration((1.0, 1.0), (0.0, 0.0))
    manifest = Manifest("fake", "encoder", ("pro", "anti"), ("", ""), calibration, (0.5, 0.5), 0.1)
    tokens = [Tokens((([1, 2], [0, 0]),), 10, False)] * 40
    return Task(records, timed_rows(records, 8, 0), tokens, manifest)


def contestant(name, folder, whole=False, bound="fp32"):
    return Contestant(Engine(name, name.upper(), "stance", "model", "raw", bound, whole=whole), folder, 1000)


def test_rows_hold_medians_macro_f1_and_the_share_of_the_bound(fake_worker, task, tmp_path):
    names = {"good": "", "blind": "", "broken": "dies"}
    contestants = [contestant(name, tmp_path) for name in names]
    with Race(
        {MATMUL: fake_worker(MATMUL), **{name: fake_worker(name, fault) for name, fault in names.items()}}
    ) as race:
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


def test_without_the_matrix_worker_only_the_shares_are_missing(fake_worker, task, tmp_path):
    with Race({MATMUL: unstartable(tmp_path), "good": fake_worker("good")}) as race:
        rows, _, rates = race_rows(race, [contestant("good", tmp_path)], task, 1, 2)
    assert [len(row.seconds.values) for row in rows] == [2]
    assert math.isnan(rows[0].share)
    assert rates == {}
    assert list(race.failed) == [MATMUL]


def unstartable(folder):
    return lambda: Worker([str(folder / "no-python")], environment_for(1, "."))


def test_a_stream_is_read_whole_or_by_sample(fake_worker, task, tmp_path):
    stream = [LabelledStatement(str(i), WORDS[i % 4]) for i in range(100)]
    contestants = [
        contestant("good", tmp_path, whole=True),
        contestant("peer", tmp_path),
        contestant("blind", tmp_path),
    ]
    with Race({one.engine.name: fake_worker(one.engine.name) for one in contestants}) as race:
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


def test_timed_statements_never_repeat():
    records = [LabelledStatement(str(i), f"text {i % 90}", "a" if i < 100 else "b") for i in range(110)]
    everything = timed_rows(records, 1024, 0)
    assert len(everything) == len({(records[row].text, records[row].context) for row in everything}) == 100
    assert len(set(timed_rows(records, 30, 0))) == 30
    assert timed_rows(records, 30, 0) == timed_rows(records, 30, 0) != timed_rows(records, 30, 1)


def test_given_tags_reach_their_thresholds():
    assert Answers(np.array([[0.5, 0.2], [0.4, 0.3]]), (0.5, 0.3)).given.tolist() == [[True, False], [False, True]]


def test_a_stream_without_texts_is_refused(tmp_path):
    path = tmp_path / "stream.jsonl"
    path.write_text('{"text": "one"}\n{"texts": "two"}\n')
    with pytest.raises(InputError, match="line 2: has no 'text' that is a string; give rows with text"):
        read_stream(str(path))


@pytest.mark.parametrize("answered", [True, False])
def test_engines_are_compared_with_our_network(fake_worker, task, tmp_path, monkeypatch, answered):
    one = Contestant(Engine("peer", "PEER", "pipeline", "source", "raw"), tmp_path)
    opener = fake_worker("reference") if answered else unstartable(tmp_path)
    monkeypatch.setattr(contest, "openers_of", lambda contestants, setting: {"reference": opener})
    p = np.array([[float(word in record.text) for word in ("enforce", "lift")] for record in task.records])
    p[0] = 0
    answers = {"peer": Answers(p, (0.5, 0.5)), "stance": Answers(p, (0.5, 0.5))}
    same, unchecked = agreements([one], answers, Setting({"source": str(tmp_path)}, 1, tmp_path), task)
    if answered:
        assert same == {"peer": {"statements": 40, "max_difference": 1.0, "flips": 1, "flips_of_ours": 0}}
        assert unchecked == {}
    else:
        assert same == {}
        assert "no-python" in unchecked["reference"]
