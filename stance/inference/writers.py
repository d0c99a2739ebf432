"""Write rows to a file by its ending: JSON lines, CSV, TSV or Parquet, whole or not at all."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any

from stance.errors import InputError
from stance.extras import require
from stance.inference.columns import Kind, Row, columns_of
from stance.inference.journal import clear_errors

ENDINGS = (".jsonl", ".csv", ".tsv", ".parquet")
_BATCH = 4096  # rows of a Parquet row group


def check_out(out: Path, inputs: Iterable[Path]) -> None:
    """Complain about an output file that cannot be written, before any work is done.

    :param out: The file to write; its folder is made.
    :param inputs: The files that are read.
    :raises InputError: If its ending is unknown, it is a folder, or it is one of the inputs.
    :raises MissingExtraError: If it is a Parquet file and pyarrow is not installed.
    """
    if out.suffix.lower() not in ENDINGS:
        raise InputError(f"cannot write {out}: its ending must be one of {', '.join(ENDINGS)} (none for a folder)")
    if out.is_dir():
        raise InputError(f"cannot write {out}: it is a folder; give a file in it, or put / behind it")
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
    ending = out.suffix.lower()
    with whole_file(out, out.with_name(out.name + ".tmp")) as scratch:
        columns = {} if ending == ".jsonl" else columns_of(rows(), names, names_first=names_first)
        write_rows(scratch, ending, rows(), columns)


@contextmanager
def whole_file(out: Path, scratch: Path) -> Iterator[Path]:
    """Let a file appear only when it is complete and safely on the disk.

    :param out: The file.
    :param scratch: Where to write it meanwhile, in the same folder; gone afterwards.
    :returns: A context manager that gives ``scratch``.
    :raises InputError: If the file cannot be written.
    """
    try:
        with clear_errors(out):
            yield scratch
            _sync(scratch)
            scratch.replace(out)
            _sync(out.parent)
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folders
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_rows(path: Path, ending: str, rows: Iterable[Row], columns: Mapping[str, Kind]) -> None:
    """Write rows.

    :param path: The file, whatever its name.
    :param ending: The format, as an ending.
    :param rows: The rows, which are written as they come.
    :param columns: The columns; of JSON lines every row has its own.
    """
    if ending == ".jsonl":
        with path.open("w", encoding="utf-8") as stream:
            stream.writelines(json_line(row) for row in rows)
    elif ending == ".parquet":
        _write_parquet(path, rows, columns)
    else:
        _write_csv(path, rows, columns, "\t" if ending == ".tsv" else ",")


def json_line(row: Row) -> str:
    """Return a row as a line of JSON."""
    return json.dumps(row, ensure_ascii=False) + "\n"


def _write_csv(path: Path, rows: Iterable[Row], columns: Iterable[str], delimiter: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(_Lines(stream), delimiter=delimiter, lineterminator=_Lines.END)
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


def _write_parquet(path: Path, rows: Iterable[Row], columns: Mapping[str, Kind]) -> None:
    arrow, parquet = require("pyarrow", "parquet"), require("pyarrow.parquet", "parquet")
    types = {
        Kind.TRUTH: arrow.bool_(),
        Kind.WHOLE: arrow.int64(),
        Kind.REAL: arrow.float64(),
        Kind.TEXTS: arrow.list_(arrow.string()),
        Kind.SPANS: arrow.list_(arrow.list_(arrow.int64())),
    }
    schema = arrow.schema([(name, types.get(kind, arrow.string())) for name, kind in columns.items()])
    with path.open("wb") as stream, parquet.ParquetWriter(stream, schema) as writer:
        for batch in _batches(iter(rows)):
            values = {name: [_value(row.get(name), kind) for row in batch] for name, kind in columns.items()}
            writer.write_table(arrow.table(values, schema=schema))


def _value(value: Any, kind: Kind) -> Any:
    if kind == Kind.REAL and isinstance(value, int):
        return float(value)
    return json.dumps(value, ensure_ascii=False) if kind == Kind.JSON and value is not None else value


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch
