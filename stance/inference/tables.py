"""Read tables row by row: JSON lines, CSV, TSV and Parquet; a bad row is a message, not the end."""

from __future__ import annotations

import csv
import datetime
import json
import math
import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

from stance.errors import InputError
from stance.extras import require
from stance.inference.sources import ROW_BY_ROW, Source, open_bytes, open_text

Row = dict[str, Any]
Rows = Iterator[tuple[int, Row | str]]  # the number of the row, and its columns or what is wrong with it

MAX_FIELD = 1 << 27  # in characters; csv's own limit of 131,072 is less than a long article
_BYTES = re.compile("[\0\udc80-\udcff]")  # NUL, and where "surrogateescape" puts bytes that are not UTF-8
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_rows(source: Source, encoding: str | None) -> Rows:
    """Read the rows of a table.

    :param source: The file.
    :param encoding: Its encoding; UTF-8 if None. Parquet files know their own.
    :returns: Pairs of a number and a row or an error; JSON lines are numbered as lines, other rows from 1.
    :raises InputError: If the file cannot be read at all.
    """
    if source.ending == ".parquet":
        return _parquet_rows(source)
    if source.ending in (".csv", ".tsv"):
        return _csv_rows(source, encoding)
    return _json_file_rows(source, encoding)


def json_rows(lines: Iterable[str]) -> Rows:
    """Read JSON lines: pairs of the line's number and its object, or what is wrong with it."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _json_row(line)


def _json_file_rows(source: Source, encoding: str | None) -> Rows:
    with open_text(source, encoding, newline="\n", errors="strict" if encoding else ROW_BY_ROW) as stream:
        yield from json_rows(stream)


def _json_row(line: str) -> Row | str:
    if fault := _undecoded(line):
        return f"the line {fault}"
    try:
        row = json.loads(line, parse_constant=lambda _: None, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        return f"the line is not valid JSON ({error})"
    if not isinstance(row, dict):
        return "the line is not a JSON object ({...})"
    if _SURROGATE.search(line):
        try:
            json.dumps(row, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return "the line holds half a character (a lone surrogate)"
    return row


def _undecoded(text: str) -> str:
    """Say what is wrong with a text whose bytes were not all decoded; an empty text if nothing is."""
    if not (found := _BYTES.search(text)):
        return ""
    byte = ord(found[0]) & 0xFF
    return f"is not UTF-8 text (it holds the byte 0x{byte:02x}); write it again, or give --encoding cp1252 or the like"


def _finite(number: str) -> float | None:
    """Read a number; one that is too big for a float, such as 1e999, is None, as it could not be written again."""
    value = float(number)
    return value if math.isfinite(value) else None


def _csv_rows(source: Source, encoding: str | None) -> Rows:
    csv.field_size_limit(MAX_FIELD)
    with open_text(source, encoding, newline="", errors="strict" if encoding else ROW_BY_ROW) as stream:
        first = stream.readline()
        if fault := _undecoded(first):
            raise InputError(f"the first line of {source.path or source.name} {fault}")
        stream.seek(0)
        reader = csv.reader(stream, delimiter=delimiter_of(source, first), strict=True)
        try:
            header = [name.strip() for name in next(reader)]
        except csv.Error as error:
            raise InputError(f"the first line of {source.path or source.name} is not a header ({error})") from error
        double = sorted({name for name in header if header.count(name) > 1})
        if double:
            raise InputError(f"{source.path} has the column {double[0]!r} twice; rename one of them")
        number = 0
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield number, f"the row ending on line {reader.line_num} is not valid CSV ({error})"
                continue
            if len(cells) > len(header):
                yield number, f"the row has {len(cells)} cells, the header has {len(header)}"
            elif fault := _undecoded("".join(cells)):
                yield number, f"the row {fault}"
            elif cells:
                yield number, dict(zip_longest(header, cells))


def delimiter_of(source: Source, first: str) -> str:
    """Return what stands between the cells of a table: a tab in ``.tsv``, else the most frequent sign of the header.

    :param source: The file.
    :param first: Its first line.
    """
    return "\t" if source.ending == ".tsv" else max(",;\t", key=first.count)


def _parquet_rows(source: Source) -> Rows:
    parquet = require("pyarrow.parquet", "parquet")
    arrow = require("pyarrow", "parquet")
    with open_bytes(source) as stream:
        try:
            number = 0
            file = parquet.ParquetFile(stream)
            if source.meter and source.path:  # the file is read from all ends, so that rows tell more than bytes
                share = source.path.stat().st_size / max(file.metadata.num_rows, 1)
                source.meter.enter(source.path, lambda: number * share)
            for batch in file.iter_batches(batch_size=1024):
                for row in _batch_rows(batch):
                    number += 1
                    yield number, row
        except arrow.ArrowException as error:
            message = " ".join(str(error).split())
            raise InputError(f"{source.path} is not a readable Parquet file ({message}); write it again") from error


def _batch_rows(batch: Any) -> Iterator[Row | str]:
    """Yield the rows of a record batch; one with a cell that Python cannot hold is a message."""
    try:
        yield from [{name: plain(value) for name, value in row.items()} for row in batch.to_pylist()]
    except (ValueError, OverflowError):  # a date beyond the year 9999, bytes that are not UTF-8
        for number in range(batch.num_rows):
            yield _row_of_cells(batch, number)


def _row_of_cells(batch: Any, number: int) -> Row | str:
    row = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            row[name] = plain(column[number].as_py())
        except (ValueError, OverflowError) as error:
            return f"the cell of the column {name!r} cannot be read ({' '.join(str(error).split())})"
    return row


def sample_row(source: Source) -> Row:
    """Return a row that has the columns of a Parquet file, each with some value of its type.

    :param source: The file.
    :raises InputError: If it cannot be read.
    """
    parquet = require("pyarrow.parquet", "parquet")
    arrow = require("pyarrow", "parquet")
    with open_bytes(source) as stream:
        try:
            schema = parquet.ParquetFile(stream).schema_arrow
        except arrow.ArrowException as error:
            raise InputError(f"{source.path} is not a readable Parquet file ({error}); write it again") from error
    return {field.name: _sample(field.type, arrow.types) for field in schema}


def _sample(type_: Any, types: Any) -> Any:
    if types.is_dictionary(type_):
        return _sample(type_.value_type, types)
    if types.is_boolean(type_):
        return True
    if types.is_integer(type_):
        return 1
    if types.is_floating(type_):
        return 1.0
    if types.is_list(type_) or types.is_large_list(type_):
        return [_sample(type_.value_type, types)]
    return {} if types.is_nested(type_) else "text"


def plain(value: Any) -> Any:
    """Turn a value into one that JSON can hold; dates become ISO 8601, what JSON does not know becomes text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def as_text(value: Any) -> str:
    """Return a cell's text: numbers and dates as they are written, and nothing for None or not a number."""
    value = plain(value)
    return "" if value is None else str(value)
