"""Score many documents into a file: resumable, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import stance
from stance.errors import InputError
from stance.extraction.tagger import release_tagger
from stance.inference import un
from stance.inference.journal import Counts, Journal
from stance.inference.pipeline import Job, chunks
from stance.inference.readers import Layout
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


def score_corpus(
    inputs: str | Path | Iterable[str | Path],
    out: str | Path,
    resume: bool = False,
    engine: Literal["local"] = "local",
    *,
    model: Classifier | str | Path | None = None,
    language: Literal["en", "any"] = "en",
    text_column: str = "text",
    title_column: str | None = None,
    encoding: str | None = None,
    speech: bool = False,
) -> Summary:
    """Find and score the statements of many articles, as ``stance score INPUT... -o OUT`` does.

    :param inputs: Files, folders, or both.
    :param out: The file to write: ``.jsonl``, ``.csv``, ``.tsv`` or ``.parquet``.
    :param resume: Go on with a run that was cut off.
    :param engine: Where to run; ``"local"`` is this process.
    :param model: A classifier, or the folder of one; the release model if None.
    :param language: ``"en"`` to give articles in other languages a row with an error, ``"any"`` to score them too.
    :param text_column: The column of a table that holds the article.
    :param title_column: The column that holds its headline; ``title``, where there is one, if None.
    :param encoding: The encoding of text files; UTF-8 if None.
    :param speech: Read each text as the words of one speaker, named in the columns ``speaker`` and ``country``.
    :returns: How many documents and rows there were.
    :raises InputError: If nothing can be read, or the output cannot be written.
    :raises ModelError: If the model cannot be loaded.
    """
    if engine != "local":
        raise InputError(f"there is no engine {engine!r}; use engine='local'")
    from stance.inference.api import classifier_for

    found = find_sources([inputs] if isinstance(inputs, str | Path) else inputs)
    check_out(Path(out), [source.path for source in found.sources if source.path])
    layout = Layout(False, text_column, title_column, encoding, speech)
    job = Job("score", layout, language, classifier_for(model))
    return run_to_file(found, job, Path(out), resume=resume)


def run_to_file(
    found: Found, job: Job, out: Path, *, resume: bool, tell: Callable[[Counts], None] | None = None
) -> Summary:
    """Run a job and write its rows to a file.

    :param found: What to read.
    :param job: What to do.
    :param out: The file to write, checked by :func:`stance.inference.writers.check_out`.
    :param resume: Go on with a run that was cut off.
    :param tell: Called with the counts after each batch of documents.
    :returns: How many documents and rows there were.
    :raises InputError: If nothing can be read, or the output cannot be written.
    """
    if resume and any(source.path is None for source in found.sources):
        raise InputError("a run over standard input cannot be resumed; save the input in a file first")
    journal = Journal.start(out, _header(found, job), resume=resume)
    complete = False
    try:
        for rows, documents in chunks(found, job, skip=journal.counts.documents):
            journal.write(rows, documents)
            if tell:
                tell(journal.counts)
        write_file(out, journal.rows, job.names, names_first=not job.layout.statements)
        complete = True
    finally:
        journal.close(discard=complete or not journal.counts.documents)
    return summary(journal.counts, found)


def summary(counts: Counts, found: Found) -> Summary:
    """Return the summary of a run."""
    return Summary(counts.documents, counts.statements, counts.failed, counts.uncertain, dict(found.skipped))


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
