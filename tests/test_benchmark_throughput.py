import pytest

from stance.benchmark.throughput import Race, Texts, Worker, environment_for


def scored(log):
    return [tuple(line.split()) for line in log.read_text().splitlines()]


def test_rounds_are_interleaved_and_their_order_moves_on(fake_worker):
    texts = {name: Texts(("a",), ("",)) for name in "abc"}
    with Race({name: fake_worker(name) for name in "abc"}) as race:
        cold = race.start(texts, 2)
        fake_worker.log.write_text("")
        seconds = race.score({name: Texts(("a", "b"), ("", "")) for name in "abc"}, 4)
        processes = [worker.process for worker in race.live.values()]
    assert "".join(name for name, _ in scored(fake_worker.log)) == "abc" + "bca" + "cab" + "abc"
    assert {n for _, n in scored(fake_worker.log)} == {"2"}
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
def test_an_engine_that_fails_is_left_out_and_the_others_go_on(fake_worker, fault, reason):
    texts = {name: Texts(("a",), ("",)) for name in "abc"}
    with Race({"a": fake_worker("a"), "b": fake_worker("b", fault, limit=2), "c": fake_worker("c")}) as race:
        race.start(texts, 1)
        seconds = race.score(texts, 4)
        assert race.attempt("b", "state") == {}
        assert race.attempt("a", "state")["peak_mb"] == 12.5
    assert race.failed == {"b": reason}
    assert {name: len(one.values) for name, one in seconds.items()} == {"a": 4, "c": 4}


def test_a_worker_that_never_starts_is_left_out(fake_worker, tmp_path):
    def missing():
        return Worker([str(tmp_path / "no-python")], environment_for(1, "."))

    with Race({"a": fake_worker("a"), "b": missing, "c": missing}) as race:
        cold = race.start({name: Texts(("a",), ("",)) for name in "ab"}, 1)
        race.open("c")
        assert race.attempt("c", "rates") == {}
    assert list(cold) == ["a"]
    assert "no-python" in race.failed["b"]
    assert "no-python" in race.failed["c"]
