from __future__ import annotations

import pytest

from stance.inference import names
from stance.inference.names import Names


def test_names_are_given_once():
    taken = Names(["a"])
    assert [taken.take(name) for name in ("a", "a", "b", "a~2", "a", "b")] == ["a~2", "a~3", "b", "a~2~2", "a~4", "b~2"]


def test_names_are_remembered_in_the_array(monkeypatch):
    monkeypatch.setattr(names, "_RECENT", 10)
    taken = Names()
    given = [taken.take(f"n{i % 700}") for i in range(2000)]
    assert len(set(given)) == 2000
    assert given[:700] == [f"n{i}" for i in range(700)]
    assert given[700:702] == ["n0~2", "n1~2"]
    assert len(taken._sorted) > 1500


@pytest.mark.timeout(20)
def test_many_rows_of_one_name_take_no_time_each():
    taken = Names(["x~2"])
    given = [taken.take("x") for _ in range(50_000)]
    assert given[:3] == ["x", "x~3", "x~4"]
    assert len(set(given)) == len(given)
