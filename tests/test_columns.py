from __future__ import annotations

import json

from stance.inference.columns import FixedColumns, Kind, columns_of

NAMES = ("p_a", "tags", "error")


def settled(*rows, names=NAMES):
    return FixedColumns.settle(rows, names, names_first=False)


def test_columns_of_all_rows():
    columns = columns_of([{"x": 1}, {"x": 2.5, "y": None}, {"z": ["a"]}, {"z": "a"}], NAMES, names_first=True)
    assert columns == {
        **{"p_a": Kind.REAL, "tags": Kind.TEXTS, "error": Kind.TEXT},
        **{"x": Kind.REAL, "y": Kind.EMPTY, "z": Kind.JSON},
    }


def test_every_row_has_the_settled_columns():
    columns = settled({"n": 1, "r": 1.5, "s": "a", "t": True, "l": ["a"], "j": {"k": 1}, "e": None})
    assert list(columns.kinds) == ["n", "r", "s", "t", "l", "j", "e", *NAMES, "input_more"]
    row = columns.fit(
        {"n": 7, "r": 2, "s": "b", "t": False, "l": [], "j": [1, "x"], "e": "late", "p_a": 0.5, "tags": ["a"]}
    )
    assert row == {
        **{"n": 7, "r": 2.0, "s": "b", "t": False, "l": [], "j": '[1, "x"]', "e": "late"},
        **{"p_a": 0.5, "tags": ["a"], "error": None, "input_more": None},
    }
    assert isinstance(row["r"], float)
    assert set(columns.written.values()) == {Kind.WHOLE, Kind.REAL, Kind.TEXT, Kind.TRUTH, Kind.TEXTS}


def test_what_does_not_fit_is_kept_beside():
    columns = settled({"n": 1, "s": "a", "t": True, "l": ["a"]})
    row = columns.fit({"n": 2.5, "s": 7, "t": 1, "l": ["a", 1], "new": "x"})
    assert (row["n"], row["s"], row["t"], row["l"]) == (None, None, None, None)
    assert json.loads(row["input_more"]) == {"n": 2.5, "s": 7, "t": 1, "l": ["a", 1], "new": "x"}
    assert json.loads(columns.fit({"n": 2**70})["input_more"]) == {"n": 2**70}


def test_ids_of_statements_are_text():
    columns = settled({"doc_id": 5, "statement_id": "5:001", "kind": None})
    assert columns.fit({"doc_id": 5, "statement_id": "5:001", "kind": "direct"})["doc_id"] == "5"
    assert columns.fit({"doc_id": "t#2"})["doc_id"] == "t#2"


def test_the_column_for_the_rest_takes_no_name_of_the_input():
    assert settled({"input_more": "mine"}).more == "input_input_more"
    assert settled(names=("text", "error")).more == ""  # texts alone have no columns
