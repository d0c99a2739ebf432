"""Write rows to a file by its ending: JSON lines, CSV, TSV or Parquet, whole or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

from stance.errors import InputError
from stance.extras import require

Row = dict[str, Any]
ENDINGS = (".jsonl", ".csv", ".tsv", ".parquet")
_BATCH = 4096  # rows of a Parquet row group

# The kinds of a column. Of two different kinds in one column the result is REAL (whole and real numbers) or JSON.
_EMPTY, _TRUTH, _WHOLE, _REAL, _TEXT, _TEXTS, _SPANS, _JSON = range(8)
_KINDS = {
    **dict.fromkeys(("start", "end", "n_tokens"), _WHOLE),
    **dict.fromkeys(("tags", "uncertain"), _TEXTS),
    **{"spans": _SPANS, "windowed": _TRUTH},
}


def check_out(out: Path, inputs: Iterable[Path]) -> None:
    """Complain about an output file that cannot be written, before any work is done.

    :param out: The file to write; its folder is made.
    :param inputs: The files that are read.
    :raises InputError: If its ending is unknown, it is a folder, or it is one of the inputs.
    :raises MissingExtraError: If it is a Parquet file and pyarrow is not installed.
    """
    if out.suffix.lower() not in ENDINGS:
        raise InputError(f"cannot write {out}: its ending must be one of {', '.join(ENDINGS)}")
    if out.is_dir():
        raise InputError(f"cannot write {out}: it is a folder; give a file in it")
    if out.exists() and any(path.exists() and path.samefile(out) for path in inputs):
        raise InputError(f"{out} is one of the inputs and would be overwritten; give another output file")
    if out.suffix.lower() == ".parquet":
        require("pyarrow.parquet", "parquet")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {out.parent} ({error.strerror}); give another output file") from error


def write_file(out: Path, rows: Callable[[], Iterable[Row]], names: Sequence[str], *, names_first: bool) -> None:
    """Write rows to a file, which appears only when it is complete.

    :param out: The file; its ending decides the format. In CSV and TSV lists are JSON.
    :param rows: Gives the rows; called twice where the columns must be known first.
    :param names: The output's own columns, which are there even without rows.
    :param names_first: Whether they stand before the other columns, or behind them.
    :raises InputError: If the file cannot be written.
    """
    scratch = out.with_name(out.name + ".tmp")
    try:
        if out.suffix.lower() == ".jsonl":
            with scratch.open("w", encoding="utf-8") as stream:
                stream.writelines(json_line(row) for row in rows())
        else:
            columns = _columns(rows(), names, names_first=names_first)
            write = _write_parquet if out.suffix.lower() == ".parquet" else _write_csv
            write(scratch, rows(), columns, out.suffix.lower())
        scratch.replace(out)
    except OSError as error:
        raise InputError(f"cannot write {out}: {error.strerror or error}; make room or give another file") from error
    finally:
        scratch.unlink(missing_ok=True)


def json_line(row: Row) -> str:
    """Return a row as a line of JSON."""
    return json.dumps(row, ensure_ascii=False) + "\n"


def _columns(rows: Iterable[Row], names: Sequence[str], *, names_first: bool) -> dict[str, int]:
    """Return the columns in their order and the kind of each."""
    own = {name: _KINDS.get(name, _REAL if name.startswith("p_") else _TEXT) for name in names}
    others: dict[str, int] = {}
    for row in rows:
        for name, value in row.items():
            if name not in own:
                others[name] = _wider(others.get(name, _EMPTY), _kind(value))
    return {**own, **others} if names_first else {**others, **own}


def _kind(value: Any) -> int:
    if value is None:
        return _EMPTY
    if isinstance(value, bool):
        return _TRUTH
    if isinstance(value, int):
        return _WHOLE if -(2**63) <= value < 2**63 else _JSON
    if isinstance(value, float):
        return _REAL
    if isinstance(value, str):
        return _TEXT
    return _TEXTS if isinstance(value, list) and all(isinstance(item, str) for item in value) else _JSON


def _wider(one: int, other: int) -> int:
    if one == other or other == _EMPTY:
        return one
    if one == _EMPTY:
        return other
    return _REAL if {one, other} == {_WHOLE, _REAL} else _JSON


def _write_csv(path: Path, rows: Iterable[Row], columns: Mapping[str, int], ending: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(_Lines(stream), delimiter="\t" if ending == ".tsv" else ",", lineterminator=_Lines.END)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(row.get(name)) for name in columns])


class _Lines:
    """Ends rows with a line feed; csv, told to do so itself, would not quote a cell with a lone carriage return."""

    END = "\r\n"

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, row: str) -> None:
        """Write a row, which csv gives as a whole."""
        self._stream.write(row.removesuffix(self.END) + "\n")


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _write_parquet(path: Path, rows: Iterable[Row], columns: Mapping[str, int], ending: str) -> None:
    arrow, parquet = require("pyarrow", "parquet"), require("pyarrow.parquet", "parquet")
    types = {
        _TRUTH: arrow.bool_(),
        _WHOLE: arrow.int64(),
        _REAL: arrow.float64(),
        _TEXTS: arrow.list_(arrow.string()),
        _SPANS: arrow.list_(arrow.list_(arrow.int64())),
    }
    schema = arrow.schema([(name, types.get(kind, arrow.string())) for name, kind in columns.items()])
    with parquet.ParquetWriter(path, schema) as writer:
        for batch in _batches(iter(rows)):
            values = {name: [_value(row.get(name), kind) for row in batch] for name, kind in columns.items()}
            writer.write_table(arrow.table(values, schema=schema))


def _value(value: Any, kind: int) -> Any:
    return json.dumps(value, ensure_ascii=False) if kind == _JSON and value is not None else value


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch
