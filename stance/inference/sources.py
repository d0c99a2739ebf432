"""Find the files that the user means, give each a name, and open them with clear errors."""

from __future__ import annotations

import codecs
import fnmatch
import gzip
import io
import os
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from stance.errors import InputError
from stance.inference.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDINGS = (".txt", ".html", ".htm", ".jsonl", ".csv", ".tsv", ".parquet")
STDIN = "-"
PARTIAL = ".partial.jsonl"  # the rows of a run that is not complete, which are nothing to read
STRAY = "stance.stray"  # the handler of bytes that are not in a text's encoding
ROW_BY_ROW = "surrogateescape"  # lets bytes pass that are not UTF-8, for the rows of a table that are judged one by one
_UNUSED = b"\x81\x8d\x8f\x90\x9d"  # in Windows-1252
_BLOCK = 1 << 20  # in bytes


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read, or standard input."""

    name: str  # the start of its documents' ids, unique in a run
    path: Path | None  # None for standard input
    ending: str  # one of ENDINGS, "" for standard input
    meter: Meter | None = field(default=None, compare=False, repr=False)  # is told how far the reading is

    @property
    def is_table(self) -> bool:
        """True if each row of the file is a document of its own."""
        return self.ending in (".jsonl", ".csv", ".tsv", ".parquet")


@dataclass(frozen=True, slots=True)
class Found:
    """The sources of a run, and how many files of which endings were passed over in its folders."""

    sources: tuple[Source, ...]
    skipped: Counter[str] = field(default_factory=Counter)
    meter: Meter = field(default_factory=Meter, compare=False, repr=False)


def find_sources(inputs: Iterable[str | Path]) -> Found:
    """List the files behind the inputs of a command: files, folders (recursive, sorted), patterns and ``-``.

    Tables and readme files that only describe the UN speeches beside them (see :mod:`stance.inference.un`) are no
    sources.

    A file is named by its path seen from the working directory, a file in a folder by its path seen from that folder,
    with the folder's name before it if there are several inputs. A file that is named twice counts once. A pattern,
    such as ``news/*.jsonl`` or ``news/**/*.txt``, stands for the files that it matches, but for those that cannot be
    read.

    :param inputs: Paths or patterns, or ``"-"`` for standard input.
    :returns: The sources in order, and the endings of the files that were passed over.
    :raises InputError: If there is no input, or a folder or a pattern holds nothing to read.
    """
    inputs = list(inputs)
    if not inputs:
        raise InputError("no input: give files, folders, or - for standard input")
    skipped: Counter[str] = Counter()
    candidates: list[Source] = []
    for given in inputs:
        path = Path(given)
        if str(given) == STDIN:
            candidates.append(Source("stdin", None, ""))
        elif path.is_dir():
            candidates += _in_folder(path, f"{path.resolve().name}/" if len(inputs) > 1 else "", skipped)
        elif is_pattern(given):
            candidates += _matching(str(given), skipped)
        else:
            candidates.append(Source(_name(path), path, _ending(path)))
    meter = Meter()
    sources: dict[str, Source] = {}
    names: dict[str, int] = {}
    for source in candidates:
        key = STDIN if source.path is None else os.path.realpath(source.path)
        if key not in sources:
            sources[key] = Source(unique(source.name, names), source.path, source.ending, meter)
    from stance.inference.un import without_descriptions

    kept, readmes = without_descriptions(sources.values())
    skipped.update(source.ending for source in readmes)
    return Found(kept, skipped, meter)


def is_pattern(given: str | Path) -> bool:
    """Return whether an input is a pattern: it has a mark of one, and no file or folder is called so."""
    return any(mark in str(given) for mark in "*?[") and not Path(given).exists()


def reaches(pattern: str, folder: Path) -> bool:
    """Return whether a pattern can match files in a folder; ``**`` counts as any folders."""
    wanted = Path(os.path.abspath(pattern)).parts[:-1]  # noqa: PTH100 - resolve() would follow links
    have = folder.resolve().parts
    if "**" in wanted:
        start = wanted.index("**")
        return len(have) >= start and all(map(fnmatch.fnmatch, have[:start], wanted))
    return len(wanted) == len(have) and all(map(fnmatch.fnmatch, have, wanted))


def unique(name: str, taken: dict[str, int]) -> str:
    """Return the name, with ``~2``, ``~3`` ... behind it if it is taken, and take it.

    :param name: The name that is wanted.
    :param taken: The last number given to each name, 1 for the name alone; changed.
    """
    candidate, number = name, taken.get(name, 0)
    while candidate in taken:
        number += 1
        candidate = f"{name}~{number}"
    taken[name] = max(number, 1)
    taken.setdefault(candidate, 1)
    return candidate


def _matching(pattern: str, skipped: Counter[str]) -> list[Source]:
    matches = [Path(name) for name in sorted(glob(pattern, recursive=True))]  # noqa: PTH207 - the pattern may be absolute
    files = [path for path in matches if path.is_file() and not path.name.endswith(PARTIAL)]
    skipped.update(path.suffix.lower() or "no ending" for path in files if _ending(path) not in ENDINGS)
    found = [Source(_name(path), path, _ending(path)) for path in files if _ending(path) in ENDINGS]
    if not found:
        what = "no file that can be read" if files else "no file"
        raise InputError(f"the pattern {pattern} matches {what}; readable are {', '.join(ENDINGS)}")
    return found


def _in_folder(folder: Path, prefix: str, skipped: Counter[str]) -> list[Source]:
    found, others = [], Counter[str]()
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(root, name)
            if name.startswith(".") or name.endswith(PARTIAL):
                continue
            if _ending(path) in ENDINGS:
                found.append(Source(_readable(prefix + path.relative_to(folder).as_posix()), path, _ending(path)))
            else:
                others[path.suffix.lower() or "no ending"] += 1
    skipped.update(others)
    if not found:
        what = "only files ending in " + ", ".join(sorted(others)) if others else "no files"
        raise InputError(f"the folder {folder} holds {what}; readable are {', '.join(ENDINGS)}")
    return sorted(found, key=lambda source: source.name)


def _ending(path: Path) -> str:
    name = path.name.lower()
    return Path(name.removesuffix(".gz")).suffix


def _name(path: Path) -> str:
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
    here = Path.cwd()
    return _readable(absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else path.name)


def _readable(name: str) -> str:
    """Replace the bytes of a file's name that are not UTF-8, which no output could hold."""
    return os.fsencode(name).decode("utf-8", "replace")


@contextmanager
def open_bytes(source: Source) -> Iterator[IO[bytes]]:
    """Open a source for reading bytes, decompressed and seekable.

    :param source: The source.
    :returns: A context manager around the stream.
    :raises InputError: If it cannot be opened or read, or ends in something that is not read.
    """
    where = source.path or "standard input"
    try:
        if source.path is None:
            with tempfile.TemporaryFile() as copy:
                while block := sys.stdin.buffer.read(_BLOCK):
                    copy.write(block)
                copy.seek(0)
                yield copy
            return
        if source.ending not in ENDINGS:
            raise InputError(
                f"cannot read {source.path}: it ends in {source.ending or 'nothing'}; "
                f"readable are {', '.join(ENDINGS)} (also with .gz behind it) and folders of these"
                if source.path.exists()
                else f"there is no file or folder {source.path}; check the path"
            )
        compressed = source.path.name.lower().endswith(".gz")
        with source.path.open("rb") as raw:
            if source.meter:
                source.meter.enter(source.path, raw.tell)
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if compressed else raw)
    except FileNotFoundError as error:
        raise InputError(f"there is no file or folder {where}; check the path") from error
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise InputError(f"{where} is not a whole gzip file ({error}); compress it again") from error
    except OSError as error:
        raise InputError(f"cannot read {where}: {error.strerror or error}; check its permissions") from error


@contextmanager
def open_text(
    source: Source, encoding: str | None = None, newline: str | None = None, errors: str = "strict"
) -> Iterator[IO[str]]:
    """Open a source for reading text, after a pass that finds what would break the reading half-way.

    :param source: The source.
    :param encoding: The encoding; UTF-8, with or without a byte order mark, if None.
    :param newline: As for :func:`open`.
    :param errors: What is done with bytes that cannot be decoded, as for :func:`open`; ``STRAY`` reads them singly.
    :returns: A context manager around the stream.
    :raises InputError: If the source cannot be read, is empty, binary or in another encoding.
    """
    with open_bytes(source) as stream:
        check_text(stream, str(source.path or "standard input"), encoding, errors)
        stream.seek(0)
        reader = io.TextIOWrapper(stream, encoding=encoding or "utf-8-sig", errors=errors, newline=newline)
        yield reader
        reader.detach()


def text_encoding(source: Source) -> tuple[str | None, str]:
    """Tell how to read a text whose corpus mixes encodings: as UTF-8, or as Windows-1252 or Latin-1 if it is not that.

    :param source: The file.
    :returns: Values of ``encoding`` and ``errors`` for :func:`open_text`; None for UTF-8, with or without a byte order
        mark, and for what is no text. In UTF-8 with a few other bytes, these alone are read as Windows-1252.
    :raises InputError: If it cannot be read.
    """
    with open_bytes(source) as stream:
        raw = stream.read()
    text = raw.decode("utf-8", "ignore")
    valid = len(text.encode())
    if b"\0" in raw or valid - len(text) >= len(raw) - valid:  # binary or UTF-16 (open_text says so), or UTF-8
        return None, STRAY
    return "cp1252", STRAY


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Read bytes as Windows-1252, or as Latin-1 where that has no sign for them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    raw = error.object[error.start : error.end]
    return "".join(bytes([byte]).decode("latin-1" if byte in _UNUSED else "cp1252") for byte in raw), error.end


codecs.register_error(STRAY, _stray)


def check_text(stream: IO[bytes], where: str, encoding: str | None, errors: str = "strict") -> None:
    """Read a stream to its end and complain if it is empty, binary or in another encoding.

    Where bytes are judged row by row, only the beginning is read.

    :param stream: The bytes.
    :param where: What to call it in an error message.
    :param encoding: The encoding; UTF-8 if None.
    :param errors: As for :func:`open_text`.
    :raises InputError: If the stream is not text.
    """
    try:
        decoder = codecs.getincrementaldecoder(encoding or "utf-8")(errors)
    except LookupError as error:
        raise InputError(f"there is no encoding '{encoding}'; give --encoding utf-8, cp1252, utf-16 ...") from error
    offset, blank = 0, True
    while True:
        block = stream.read(_BLOCK)
        if encoding is None:
            _check_block(block, where, first=offset == 0)
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeError as error:
            at = offset - pending + getattr(error, "start", 0)
            raise InputError(
                f"{where} is not {encoding or 'UTF-8'} text (byte {at} cannot be decoded); "
                f"give its encoding, such as --encoding {'cp1252' if encoding is None else 'latin-1'}"
            ) from error
        blank = blank and not text.replace("\ufeff", "").strip()
        offset += len(block)
        if not block or (errors == ROW_BY_ROW and not blank):
            break
    if blank:
        raise InputError(f"{where} is empty; there is nothing to read in it")


def _check_block(block: bytes, where: str, *, first: bool) -> None:
    if first and block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"{where} looks like UTF-16 text; give --encoding utf-16")
    if b"\0" in block:
        raise InputError(f"{where} looks binary (it holds NUL bytes); give a text file, or its --encoding")
