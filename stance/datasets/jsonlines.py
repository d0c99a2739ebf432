"""JSON lines, plain or gzipped: numbered objects in, faults collected, files written whole or not at all."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from stance.errors import InputError

MAX_FAULTS = 10  # shown of one file; the others are counted


class Faults:
    """The faults found in one file, to be reported together."""

    def __init__(self, path: str | Path) -> None:
        self.path = path
        self._lines: list[str] = []

    def add(self, line: int, fault: str) -> None:
        """Note a fault.

        :param line: The number of the line, from 1.
        :param fault: What is wrong there, and what would be right.
        """
        self._lines.append(f"{self.path}, line {line}: {fault}")

    def raise_if_any(self) -> None:
        """Raise what was noted, one fault a line.

        :raises InputError: If any fault was noted.
        """
        if not self._lines:
            return
        shown = self._lines[:MAX_FAULTS]
        if len(self._lines) > MAX_FAULTS:
            shown.append(f"{self.path}: {len(self._lines) - MAX_FAULTS} more faults like these; mend the first ones")
        raise InputError("\n".join(shown))


def numbered_objects(path: str | Path, faults: Faults) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a JSON lines file; lines that hold none become faults.

    :param path: The file; a name that ends in ``.gz`` is gzipped.
    :param faults: Where to note what is wrong.
    :returns: The line number, from 1, and the object.
    :raises InputError: If the file cannot be opened or unpacked, or holds no line at all.
    """
    seen = False
    for number, raw in _raw_lines(Path(path)):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError as error:
            faults.add(number, f"is not UTF-8 (byte {error.start + 1}); save the file as UTF-8")
            return  # the whole file is in another encoding: no use in saying so of every line
        if not line:
            continue
        seen = True
        try:
            value = json.loads(line)
        except ValueError as error:
            faults.add(number, f"is not JSON ({error}); write one object in braces on each line")
            continue
        if isinstance(value, dict):
            yield number, value
        else:
            faults.add(number, f"holds a {type(value).__name__}, not an object; write one object in braces a line")
    if not seen:
        raise InputError(f"{path} is empty: give a file with one JSON object a line")


def write_objects(path: str | Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write JSON lines; the file appears only when it is complete.

    A gzipped file holds no time and no name, so that equal rows give equal bytes.

    :param path: The file; a name that ends in ``.gz`` is gzipped.
    :param rows: The objects.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                _write(packed, rows)
        else:
            _write(file, rows)
    partial.replace(path)


def _raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield from enumerate(file, start=1)
    except FileNotFoundError as error:
        raise InputError(f"there is no file {path}; check the path") from error
    except (OSError, EOFError) as error:  # gzip reports damage as either
        raise InputError(f"cannot read {path}: {error}; check that it is a whole, readable file") from error


def _write(file: IO[bytes] | gzip.GzipFile, rows: Iterable[Mapping[str, Any]]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
    for row in rows:
        text.write(json.dumps(row, ensure_ascii=False) + "\n")
    text.flush()
    text.detach()  # the caller closes the file
