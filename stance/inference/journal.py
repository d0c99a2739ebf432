"""A run's rows on their way: appended to ``OUT.partial.jsonl``, so that a run that was cut off can go on.

The first line says what the run is; then come rows (JSON objects) and, behind the rows of each batch of documents, the
number of documents that are complete (a bare integer). What stands behind the last such number is torn, and is cut off.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from stance.errors import InputError
from stance.inference.sources import PARTIAL

Row = dict[str, Any]


@dataclass(slots=True)
class Counts:
    """How far a run has come."""

    documents: int = 0
    statements: int = 0
    failed: int = 0  # rows with an error
    uncertain: int = 0
    tags: Counter[str] = field(default_factory=Counter)  # how often each was given

    def add(self, row: Row) -> None:
        """Count a row."""
        if row.get("error") is not None:
            self.failed += 1
            return
        self.statements += 1
        self.uncertain += bool(row.get("uncertain"))
        tags = row.get("tags")
        if isinstance(tags, list):  # and not a column of the input that has this name where nothing is scored
            self.tags.update(tag for tag in tags if f"p_{tag}" in row)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON values, always in one order."""
        values = {name: getattr(self, name) for name in ("documents", "statements", "failed", "uncertain")}
        return {**values, "tags": dict(sorted(self.tags.items()))}

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.documents + other.documents,
            self.statements + other.statements,
            self.failed + other.failed,
            self.uncertain + other.uncertain,
            self.tags + other.tags,
        )


def partial_path(out: Path) -> Path:
    """Return where the rows of a run stand until it is complete."""
    return out.with_name(out.name + PARTIAL)


class Journal:
    """The rows of a run that is not complete yet."""

    def __init__(self, path: Path, stream: IO[bytes], counts: Counts) -> None:
        self.path = path
        self.counts = counts
        self._stream = stream

    @classmethod
    def start(cls, out: Path, header: Mapping[str, Any], *, resume: bool) -> Journal:
        """Begin a run, or take up one that was cut off.

        :param out: The file that the run is to make.
        :param header: What the run is: everything that decides its rows, as JSON values.
        :param resume: Whether to take up what is there.
        :returns: The journal, open for more rows.
        :raises InputError: If there is a part of a run and ``resume`` is not asked for, or it was another run.
        """
        path = partial_path(out)
        stream: IO[bytes]
        if not path.exists():
            with clear_errors(path):
                stream = path.open("xb")
                stream.write(_line(header))
                stream.flush()
            return cls(path, stream, Counts())
        if not resume:
            raise InputError(
                f"{path} holds the part of a run that was cut off; go on with it with --resume, or delete that file"
            )
        with clear_errors(path):
            stream = path.open("r+b")
        try:
            with clear_errors(path):
                return cls(path, stream, _take_up(path, stream, header))
        except InputError:
            stream.close()
            raise

    def write(self, rows: Sequence[Row], documents: int) -> None:
        """Append the rows of some documents, and the mark that they are complete.

        :param rows: The rows in order.
        :param documents: How many documents they are of.
        """
        self.counts.documents += documents
        for row in rows:
            self.counts.add(row)
        with clear_errors(self.path):
            self._stream.write(b"".join(map(_line, rows)) + b"%d\n" % self.counts.documents)
            self._stream.flush()

    def rows(self) -> Iterator[Row]:
        """Read the rows that were written."""
        with self.path.open("rb") as stream:
            next(stream)
            for line in stream:
                if line.startswith(b"{"):
                    yield json.loads(line)

    def close(self, *, discard: bool = False) -> None:
        """Close the file, and delete it if it is not needed any more."""
        with suppress(OSError):  # on a full disk closing writes once more what could not be written, and fails again
            self._stream.close()
        if discard:
            self.path.unlink(missing_ok=True)


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _take_up(path: Path, stream: IO[bytes], header: Mapping[str, Any]) -> Counts:
    """Cut off what is torn, and return what is complete."""
    first = stream.readline()
    if first.endswith(b"\n"):
        check_header(path, first, header)
        counts, end = _complete(stream)
        stream.seek(end)
    else:  # the run was cut off before it began
        counts = Counts()
        stream.seek(0)
        stream.write(_line(header))
    stream.truncate()
    return counts


def check_header(path: Path, text: bytes, header: Mapping[str, Any], remedy: str = "delete that file") -> None:
    """Complain if what stands in a file is not the header of the same run.

    :param path: The file.
    :param text: What stands in it: a JSON object; what it holds beyond the header does not count.
    :param header: The header of the run that is to go on.
    :param remedy: What to do where the run is not wanted any more.
    :raises InputError: If it was another run, or none.
    """
    try:
        old = json.loads(text)
        differing = [key for key in header if old.get(key) != header[key]]
    except (ValueError, AttributeError) as error:
        raise InputError(f"{path} is not the part of a run; {remedy} and run again") from error
    if differing:
        key = differing[0]
        raise InputError(
            f"{path} is of a run with another {key} ({old.get(key)}, not {header[key]}); "
            f"go on with the same command and files, or {remedy}"
        )


def _complete(stream: IO[bytes]) -> tuple[Counts, int]:
    """Count what is complete in a stream that stands behind the header, and return where it ends."""
    counts, pending = Counts(), Counts()
    end = stream.tell()
    for line in iter(stream.readline, b""):
        if line.startswith(b"{") and line.endswith(b"}\n"):
            pending.add(json.loads(line))
        elif line[:-1].isdigit() and line.endswith(b"\n"):
            counts = pending + Counts(int(line))
            end = stream.tell()
        else:
            break
    return counts, end


@contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """Turn what an operating system says of a full disk, a missing right or the like into one clear line.

    :param path: The file or folder that is written.
    :raises InputError: If it cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror or error}; "
            "make room or choose another place, and run again (with --resume if rows were written)"
        ) from error
