"""The columns of an output and their kinds, so that all its rows, and all shards of a folder, have the same ones.

The columns of one file are known from all its rows. Those of a folder of shards must be known before its first row:
the output's own are fixed, and those of the input are taken from the first rows of each table (of Parquet, from its
schema). What turns up later and does not fit them is kept as JSON in one more column, ``input_more``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Row = dict[str, Any]
MORE = "input_more"
_NAMES = ("doc_id", "statement_id", "kind")  # of statements that had them before: text, whatever the input has there


class Kind(StrEnum):
    """What a column holds. Of two different kinds in one column the result is REAL (whole and real numbers) or JSON."""

    EMPTY = "empty"
    TRUTH = "truth"
    WHOLE = "whole number"
    REAL = "number"
    TEXT = "text"
    TEXTS = "list of texts"
    SPANS = "list of spans"
    JSON = "json"  # as text


_OWN = {
    **dict.fromkeys(("start", "end", "n_tokens"), Kind.WHOLE),
    **dict.fromkeys(("tags", "uncertain"), Kind.TEXTS),
    **{"spans": Kind.SPANS, "windowed": Kind.TRUTH},
}


def columns_of(rows: Iterable[Row], names: Sequence[str], *, names_first: bool) -> dict[str, Kind]:
    """Return the columns of some rows in their order, and the kind of each.

    :param rows: The rows.
    :param names: The output's own columns, which are there even without rows.
    :param names_first: Whether they stand before the other columns, or behind them.
    """
    own = {name: _OWN.get(name, Kind.REAL if name.startswith("p_") else Kind.TEXT) for name in names}
    others: dict[str, Kind] = {}
    for row in rows:
        for name, value in row.items():
            if name not in own:
                others[name] = _wider(others.get(name, Kind.EMPTY), _kind(value))
    return {**own, **others} if names_first else {**others, **own}


def _kind(value: Any) -> Kind:
    if value is None:
        return Kind.EMPTY
    if isinstance(value, bool):
        return Kind.TRUTH
    if isinstance(value, int):
        return Kind.WHOLE if -(2**63) <= value < 2**63 else Kind.JSON
    if isinstance(value, float):
        return Kind.REAL
    if isinstance(value, str):
        return Kind.TEXT
    return Kind.TEXTS if isinstance(value, list) and all(isinstance(item, str) for item in value) else Kind.JSON


def _wider(one: Kind, other: Kind) -> Kind:
    if one == other or other == Kind.EMPTY:
        return one
    if one == Kind.EMPTY:
        return other
    return Kind.REAL if {one, other} == {Kind.WHOLE, Kind.REAL} else Kind.JSON


@dataclass(frozen=True, slots=True)
class FixedColumns:
    """Columns that were settled before the first row, and every row's values for them."""

    kinds: Mapping[str, Kind]
    own: frozenset[str]  # the output's own, whose values have the right kind by themselves
    more: str = ""  # the column for the input's values that fit nowhere else; empty where the input has no columns

    @classmethod
    def settle(cls, rows: Iterable[Row], names: Sequence[str], *, names_first: bool) -> FixedColumns:
        """Settle the columns.

        :param rows: Rows with the columns that the input begins with.
        :param names: The output's own columns.
        :param names_first: Whether they stand before the input's columns, or behind them.
        """
        kinds = columns_of(rows, names, names_first=names_first)
        kinds = {name: Kind.TEXT if kind == Kind.EMPTY or name in _NAMES else kind for name, kind in kinds.items()}
        more = MORE if len(kinds) > len(names) else ""
        while more in kinds:
            more = f"input_{more}"
        return cls({**kinds, **({more: Kind.JSON} if more else {})}, frozenset(names), more)

    @property
    def written(self) -> dict[str, Kind]:
        """The columns as they are written: what became JSON is text by then."""
        return {name: Kind.TEXT if kind == Kind.JSON else kind for name, kind in self.kinds.items()}

    def fit(self, row: Row) -> Row:
        """Return a row with these columns, all of them and no others."""
        fitted: Row = {}
        misfits = {name: value for name, value in row.items() if name not in self.kinds}
        for name, kind in self.kinds.items():
            value = row.get(name)
            if value is None or name in self.own:
                fitted[name] = value
            elif name in _NAMES:
                fitted[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            elif kind == Kind.JSON:
                fitted[name] = json.dumps(value, ensure_ascii=False)
            elif _wider(kind, _kind(value)) == kind:
                fitted[name] = float(value) if kind == Kind.REAL else value
            else:
                fitted[name], misfits[name] = None, value
        if self.more:
            fitted[self.more] = json.dumps(misfits, ensure_ascii=False) if misfits else None
        return fitted
