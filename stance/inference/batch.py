"""Score many documents into a file or a folder of shards: resumable, each file whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock, Timeout

import stance
from stance.errors import InputError
from stance.extraction.tagger import release_tagger
from stance.extras import require
from stance.inference import un
from stance.inference.columns import FixedColumns
from stance.inference.journal import Counts, Journal
from stance.inference.pipeline import Engine, Job, chunks, sample_rows
from stance.inference.readers import Layout
from stance.inference.shards import Format, ShardFolder, Shards, check_folder, is_folder
from stance.inference.sources import Found, find_sources
from stance.inference.writers import check_out, write_file

if TYPE_CHECKING:
    from stance.inference.classifier import Classifier


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did."""

    documents: int  # articles and speeches, or rows of a table of statements
    statements: int  # rows without an error
    failed: int  # rows with an error
    uncertain: int  # statements with a tag that is too near its threshold to rely on
    skipped: dict[str, int]  # files of folders that are not read, by their ending
    was_complete: bool = False  # True where the run that was to be resumed had nothing left to do


def score_corpus(
    inputs: str | Path | Iterable[str | Path],
    out: str | Path,
    resume: bool = False,
    engine: Literal["local", "ray"] = "local",
    *,
    model: Classifier | str | Path | None = None,
    language: Literal["en", "any"] = "en",
    text_column: str = "text",
    title_column: str | None = None,
    encoding: str | None = None,
    speech: bool = False,
    format: Format | None = None,
    shard_rows: int | None = None,
    workers: int | None = None,
    address: str | None = None,
) -> Summary:
    """Find and score the statements of many articles, as ``stance score INPUT... -o OUT`` does.

    :param inputs: Files, folders, patterns such as ``news/*.jsonl``, or several of these.
    :param out: The file to write: ``.jsonl``, ``.csv``, ``.tsv`` or ``.parquet``; or, without an ending or with a slash
        behind it, a folder of shards (see :mod:`stance.inference.shards`).
    :param resume: Go on with a run that was cut off.
    :param engine: Where to run: ``"local"`` is this process, ``"ray"`` a Ray cluster (extra ``ray``).
    :param model: A classifier, or the folder of one; the release model if None.
    :param language: ``"en"`` to give articles in other languages a row with an error, ``"any"`` to score them too.
    :param text_column: The column of a table that holds the article.
    :param title_column: The column that holds its headline; ``title``, where there is one, if None.
    :param encoding: The encoding of text files; UTF-8 if None.
    :param speech: Read each text as the words of one speaker, named in the columns ``speaker`` and ``country``.
    :param format: Of shards: ``"jsonl"``, ``"csv"`` or ``"parquet"``; Parquet, where pyarrow is there, if None.
    :param shard_rows: How many documents (articles, or rows of a table) a shard holds; 10,000 if None.
    :param workers: Of Ray: how many processes score; as many as there are CPUs if None.
    :param address: Of Ray: the cluster, such as ``"auto"`` or ``"ray://HOST:10001"``; this machine alone if None.
    :returns: How many documents and rows there were.
    :raises InputError: If nothing can be read, or the output cannot be written.
    :raises ModelError: If the model cannot be loaded.
    :raises StanceError: If Ray cannot be reached, or fails.
    """
    chosen = choose_engine(engine, workers, address)
    from stance.inference.api import classifier_for

    given = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    found = find_sources(given)
    shards = check_output(out, given, found, format, shard_rows)
    layout = Layout(False, text_column, title_column, encoding, speech)
    job = Job("score", layout, language, classifier_for(model))
    return run(found, job, Path(out), shards, resume=resume, engine=chosen)


def choose_engine(name: str, workers: int | None = None, address: str | None = None) -> Engine:
    """Return what turns documents into rows.

    :param name: ``"local"`` or ``"ray"``.
    :param workers: Of Ray: how many processes score.
    :param address: Of Ray: the cluster.
    :returns: The engine.
    :raises InputError: If there is no such engine, or an option is wrong.
    :raises MissingExtraError: If Ray is not installed.
    """
    if name == "ray":
        from stance.inference.ray_engine import RayEngine

        require("ray.data", "ray")
        if workers is not None and workers < 1:
            raise InputError(f"{workers} workers cannot score anything; give 1 or more")
        return RayEngine(workers, address)
    if name != "local":
        raise InputError(f"there is no engine {name!r}; use 'local' or 'ray'")
    if workers is not None or address is not None:
        raise InputError("workers and an address are for Ray; add --engine ray, or leave them out")
    return chunks


def check_output(
    out: str | Path, inputs: Iterable[str | Path], found: Found, format: str | None, shard_rows: int | None
) -> Shards | None:
    """Complain about an output that cannot be written, before any work is done.

    :param out: The file or folder.
    :param inputs: The inputs as the user gave them.
    :param found: What was found there.
    :param format: The format of shards, if it was given.
    :param shard_rows: The documents of a shard, if it was given.
    :returns: How to cut the output into shards; None where it is a file.
    :raises InputError: If it cannot be written, or the options do not fit it.
    :raises MissingExtraError: If it is Parquet and pyarrow is not installed.
    """
    if is_folder(out):
        if any(source.path is None for source in found.sources):
            raise InputError("standard input cannot be written into a folder of shards; save it in a file first")
        return check_folder(Path(out), inputs, format, shard_rows)
    if format is not None or shard_rows is not None:
        raise InputError(
            f"{out} is one file, not a folder of shards; leave out --format and --shard-rows, or its ending"
        )
    check_out(Path(out), [source.path for source in found.sources if source.path])
    return None


def run(
    found: Found,
    job: Job,
    out: Path,
    shards: Shards | None = None,
    *,
    resume: bool,
    tell: Callable[[Counts], None] | None = None,
    engine: Engine = chunks,
) -> Summary:
    """Run a job and write its rows to a file or a folder.

    :param found: What to read.
    :param job: What to do.
    :param out: The file or folder to write, checked by :func:`check_output`.
    :param shards: How to cut the output into shards; None for a file.
    :param resume: Go on with a run that was cut off.
    :param tell: Called with the counts after each batch of documents.
    :param engine: What turns documents into rows.
    :returns: How many documents and rows there were.
    :raises InputError: If nothing can be read, or the output cannot be written.
    """
    if resume and any(source.path is None for source in found.sources):
        raise InputError("a run over standard input cannot be resumed; save the input in a file first")
    with only_run(out):
        if shards:
            return _run_to_folder(found, job, ShardFolder(out, _header(found, job), shards), resume, tell, engine)
        return _run_to_file(found, job, out, resume, tell, engine)


def _run_to_file(
    found: Found, job: Job, out: Path, resume: bool, tell: Callable[[Counts], None] | None, engine: Engine
) -> Summary:
    journal = Journal.start(out, _header(found, job), resume=resume)
    complete = False
    try:
        with closing(engine(found, job, journal.counts.documents, None)) as made:  # workers end with it, on errors too
            for rows, documents in made:
                journal.write(rows, documents)
                if tell:
                    tell(journal.counts)
        write_file(out, journal.rows, job.names, names_first=not job.layout.statements)
        complete = True
    finally:
        journal.close(discard=complete or not journal.counts.documents)
    return summary(journal.counts, found)


def _run_to_folder(
    found: Found,
    job: Job,
    folder: ShardFolder,
    resume: bool,
    tell: Callable[[Counts], None] | None,
    engine: Engine,
) -> Summary:
    def settle() -> FixedColumns:
        return FixedColumns.settle(sample_rows(found, job), job.names, names_first=not job.layout.statements)

    folder.start(settle, resume=resume)
    if folder.complete:
        return summary(folder.counts, found, was_complete=True)
    try:
        with closing(engine(found, job, folder.counts.documents, folder.plan.rows)) as made:
            folder.write(made, tell)
    finally:
        if not folder.shards:
            folder.discard()
    return summary(folder.counts, found)


@contextmanager
def only_run(out: Path) -> Iterator[None]:
    """Keep other runs off an output as long as this one goes on, by a lock in ``.OUT.lock`` beside it.

    A kill lifts the lock, though the file stays until the run is resumed. Where a file system knows no locks there is
    none.

    :param out: The file or folder that is written.
    :raises InputError: If another run is writing it.
    """
    with suppress(OSError):  # what is wrong with the place is told when it is written to
        out.parent.mkdir(parents=True, exist_ok=True)
    path = out.with_name(f".{out.name}.lock")
    lock = FileLock(path, blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise InputError(f"another run is writing {out}; wait until it is done, or choose another output") from error
    except (OSError, NotImplementedError):
        pass
    try:
        yield
    finally:
        if lock.is_locked:
            with suppress(OSError):  # on Windows, where an open file cannot be deleted, releasing does it
                path.unlink()
            lock.release()


def summary(counts: Counts, found: Found, *, was_complete: bool = False) -> Summary:
    """Return the summary of a run."""
    return Summary(
        counts.documents, counts.statements, counts.failed, counts.uncertain, dict(found.skipped), was_complete
    )


def _header(found: Found, job: Job) -> dict[str, Any]:
    """Return what decides the rows of a run, for the check on resuming it."""
    tagger = None if job.layout.statements or job.layout.speech else release_tagger()
    digest = hashlib.sha256()
    tables = [(path.name, path) for path in un.table_paths(found.sources)]
    for name, path in [*((source.name, source.path) for source in found.sources), *tables]:
        status = path.stat() if path and path.exists() else None
        size, changed = (status.st_size, status.st_mtime_ns) if status else (0, 0)
        digest.update(json.dumps([name, str(path), size, changed]).encode())
    return {
        "command": job.command,
        "model": job.model,
        "options": {**asdict(job.layout), "language": job.language},
        "set of input files": digest.hexdigest()[:16],
        "version": stance.__version__,
        **({"extraction": tagger.name} if tagger else {}),
    }
