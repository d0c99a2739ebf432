"""A folder of shards: the rows of a corpus in files of so many documents each, every one whole or not there.

A folder holds ``_run.json`` (what the run is, written first), ``part-00000.parquet`` and so on, and ``_manifest.json``
(the shards with their hashes, written last: where it stands, the run is complete). None of them holds a time of day, so
that a run that was killed and resumed makes the same bytes as an unbroken one. While the run goes on,
``_shards.partial.jsonl`` lists what is done. Names with an underscore or a dot are passed over by what reads a folder
as one table.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from stance.errors import InputError, MissingExtraError
from stance.extras import require
from stance.inference.columns import FixedColumns, Kind, Row
from stance.inference.journal import Counts, check_header, clear_errors
from stance.inference.pipeline import Chunks
from stance.inference.sources import is_pattern, reaches
from stance.inference.writers import whole_file, write_rows

RUN, LOG, MANIFEST = "_run.json", "_shards.partial.jsonl", "_manifest.json"
SHARD_ROWS = 10_000
Format = Literal["jsonl", "csv", "parquet"]


@dataclass(frozen=True, slots=True)
class Shards:
    """How a run is cut into files."""

    format: str  # a Format
    rows: int = SHARD_ROWS  # documents of a shard: articles, or rows of a table


@dataclass(frozen=True, slots=True)
class Shard:
    """A file of rows that is complete."""

    name: str
    documents: int
    statements: int
    failed: int
    uncertain: int
    tags: dict[str, int]
    size: int  # in bytes
    sha256: str

    @property
    def counts(self) -> Counts:
        """What is in it."""
        return Counts(self.documents, self.statements, self.failed, self.uncertain, Counter(self.tags))


def is_folder(out: str | Path) -> bool:
    """Return whether an output is a folder of shards: it has no ending, or a slash behind it."""
    return str(out).endswith(("/", os.sep)) or not Path(out).suffix


def check_folder(out: Path, inputs: Iterable[str | Path], given: str | None, rows: int | None) -> Shards:
    """Complain about a folder that cannot be written to, before any work is done.

    :param out: The folder; it is made when the run begins.
    :param inputs: The files and folders that are read, as the user gave them.
    :param given: The format, or None for Parquet where pyarrow is installed, else JSON lines.
    :param rows: The documents of a shard; :data:`SHARD_ROWS` if None.
    :returns: How to cut the run.
    :raises InputError: If the folder is no folder or lies in an input, or an option is wrong.
    :raises MissingExtraError: If Parquet is asked for and pyarrow is not installed.
    """
    if given not in (None, "jsonl", "csv", "parquet"):
        raise InputError(f"there is no format {given!r} of shards; use jsonl, csv or parquet")
    if rows is not None and rows < 1:
        raise InputError(f"a shard cannot have {rows} rows; give 1 or more")
    if out.exists() and not out.is_dir():
        raise InputError(f"cannot write shards into {out}: it is a file; give a folder, or a file with an ending")
    for one in inputs:
        if Path(one).is_dir() and out.resolve().is_relative_to(Path(one).resolve()):
            raise InputError(f"{out} lies in {one}, which is read; give a folder beside it")
        if is_pattern(one) and reaches(str(one), out):
            raise InputError(f"{one} would match what is written into {out}; give a folder out of its reach")
    if given != "jsonl" and given != "csv":
        try:
            require("pyarrow.parquet", "parquet")
        except MissingExtraError:
            if given == "parquet":
                raise
            given = "jsonl"
    return Shards(given or "parquet", SHARD_ROWS if rows is None else rows)


class ShardFolder:
    """The shards of a run that is not complete yet."""

    def __init__(self, path: Path, header: Mapping[str, Any], plan: Shards) -> None:
        self.path = path
        self.header = {**header, "shards": asdict(plan)}
        self.plan = plan
        self.columns = FixedColumns({}, frozenset())
        self.shards: list[Shard] = []
        self.complete = False
        self._made = False  # whether the folder was not there before

    @property
    def counts(self) -> Counts:
        """What the complete shards hold."""
        return sum((shard.counts for shard in self.shards), Counts())

    def start(self, settle: Callable[[], FixedColumns], *, resume: bool) -> None:
        """Begin the run, or take up one that was cut off.

        :param settle: Settles the columns of a run that begins.
        :param resume: Whether to take up what is there.
        :raises InputError: If there is something already and ``resume`` is not asked for, or it was another run, or the
            folder cannot be written to.
        """
        run, manifest = self.path / RUN, self.path / MANIFEST
        names = _names(self.path)
        if not run.exists():
            if any(not name.startswith(".") for name in names):
                raise InputError(f"{self.path} is not empty and holds no run; give a new folder")
            self._begin(settle())
        elif not resume:
            what = "a finished run" if manifest.exists() else "the part of a run that was cut off"
            how = "give another folder" if manifest.exists() else "go on with it with --resume"
            raise InputError(f"{self.path} holds {what}; {how}, or delete that folder")
        else:
            text = _read(run)
            check_header(run, text, self.header, f"delete the folder {self.path}")
            with clear_errors(self.path):
                self._clean(names)
                self._take_up(json.loads(text), manifest if manifest.exists() else self.path / LOG)

    def write(self, chunks: Chunks, tell: Callable[[Counts], None] | None = None) -> None:
        """Write the shards that are not there yet, and the manifest.

        :param chunks: The rows behind the shards that are there; no chunk crosses a border of shards.
        :param tell: Called with the counts after each chunk.
        :raises InputError: If a file cannot be written.
        """
        done = self.counts
        chunk = next(chunks, None)
        while chunk is not None or not self.shards:
            rows = chain([chunk] if chunk else [], chunks)
            self.shards.append(self._write_shard(rows, done, tell))
            self._log(self.shards[-1])
            done += self.shards[-1].counts
            chunk = next(chunks, None)
        shards = [asdict(shard) for shard in self.shards]
        self._put(
            self.path / MANIFEST,
            {**self.header, "columns": self.columns.kinds, "files": shards, "total": done.to_dict()},
        )
        (self.path / LOG).unlink(missing_ok=True)
        self.complete = True

    def discard(self) -> None:
        """Take away what a run left that did not come to its first shard."""
        with suppress(OSError):
            (self.path / LOG).unlink(missing_ok=True)
            (self.path / RUN).unlink(missing_ok=True)
            if self._made:
                self.path.rmdir()

    def _write_shard(
        self, chunks: Iterator[tuple[list[Row], int]], done: Counts, tell: Callable[[Counts], None] | None
    ) -> Shard:
        name = f"part-{len(self.shards):05d}.{self.plan.format}"
        counts = Counts()

        def rows() -> Iterator[Row]:
            for some, documents in chunks:
                for row in some:
                    counts.add(row)
                    yield self.columns.fit(row)
                counts.documents += documents
                if tell:
                    tell(done + counts)
                if counts.documents >= self.plan.rows:
                    return

        with whole_file(self.path / name, self.path / f".{name}.tmp") as scratch:
            write_rows(scratch, f".{self.plan.format}", rows(), self.columns.written)
            size, sha256 = _hash(scratch)
        return Shard(name, **counts.to_dict(), size=size, sha256=sha256)

    def _begin(self, columns: FixedColumns) -> None:
        self._made = not self.path.exists()
        self.columns = columns
        with clear_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        fixed = {"columns": columns.kinds, "own": sorted(columns.own), "more": columns.more}
        self._put(self.path / RUN, {**self.header, **fixed})

    def _take_up(self, run: Mapping[str, Any], log: Path) -> None:
        kinds = {name: Kind(kind) for name, kind in run["columns"].items()}
        self.columns = FixedColumns(kinds, frozenset(run["own"]), run["more"])
        listed = _listed(log)
        self.shards = []
        for shard in listed:
            path = self.path / shard.name
            if not path.is_file() or _hash(path) != (shard.size, shard.sha256):
                break
            self.shards.append(shard)
        self.complete = log.name == MANIFEST and 0 < len(listed) == len(self.shards)
        log = self.path / LOG
        if self.complete:
            log.unlink(missing_ok=True)
            return
        lines = b"".join(map(_line, self.shards))
        if not log.exists() or log.read_bytes() != lines:  # torn, or with shards that are damaged
            with whole_file(log, log.with_name(f".{LOG}.tmp")) as scratch:
                scratch.write_bytes(lines)
        (self.path / MANIFEST).unlink(missing_ok=True)
        kept = {shard.name for shard in self.shards}
        for path in self.path.glob("part-*"):
            if path.name not in kept:
                path.unlink()

    def _log(self, shard: Shard) -> None:
        """Note that a shard is complete; a line that is torn by a kill counts for nothing."""
        path = self.path / LOG
        with clear_errors(path), path.open("ab") as stream:
            stream.write(_line(shard))
            stream.flush()
            os.fsync(stream.fileno())

    def _put(self, path: Path, value: Mapping[str, Any]) -> None:
        with whole_file(path, path.with_name(f".{path.name}.tmp")) as scratch:
            scratch.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def _clean(self, names: Iterable[str]) -> None:
        """Take away the files that a killed run was writing."""
        for name in names:
            if name.startswith((".part-", "._")) and name.endswith(".tmp"):
                (self.path / name).unlink(missing_ok=True)


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are wanted
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"cannot read the folder {folder} ({error.strerror}); give another one") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check its permissions") from error


def _listed(path: Path) -> list[Shard]:
    """Return the shards that a log or a manifest lists, as far as it can be read."""
    if not path.exists():
        return []
    shards: list[Shard] = []
    with suppress(ValueError, KeyError, TypeError):
        text = _read(path).decode()
        rows = json.loads(text)["files"] if path.name == MANIFEST else map(json.loads, text.splitlines())
        for row in rows:
            shards.append(Shard(**row))
        if (
            path.name == MANIFEST
            and sum((one.counts for one in shards), Counts()).to_dict() != json.loads(text)["total"]
        ):
            return []
    return shards


def _line(shard: Shard) -> bytes:
    return json.dumps(asdict(shard)).encode() + b"\n"


def _hash(path: Path) -> tuple[int, str]:
    """Return the size of a file in bytes, and its SHA-256."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return stream.tell(), sha256
