"""What the commands extract, classify and score do with their options."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from stance.errors import InputError
from stance.inference.batch import Summary, check_output, choose_engine, summary
from stance.inference.batch import run as run_corpus
from stance.inference.journal import Counts
from stance.inference.pipeline import Job, chunks
from stance.inference.progress import Progress
from stance.inference.readers import Layout
from stance.inference.rows import renamed
from stance.inference.sources import Found, find_sources
from stance.inference.table import Style, legend, table_lines
from stance.inference.writers import json_line


def run(options: argparse.Namespace) -> int:
    """Run one of the commands.

    :param options: What :mod:`stance.cli` parsed.
    :returns: The exit status: 0, or 1 if some rows failed.
    :raises StanceError: If the command cannot be carried out.
    """
    if options.table and options.out:
        raise InputError("--table prints, and -o OUT writes a file; give one of the two")
    if options.resume and not options.out:
        raise InputError("--resume goes on with a file; name it with -o OUT")
    if options.engine != "local" and not options.out:
        raise InputError("--engine ray writes a file or a folder; name it with -o OUT")
    if options.engine != "local" and options.command != "extract" and options.device != "cpu":
        raise InputError("--engine ray scores on CPUs; leave --device out")
    if not options.out and (options.format or options.shard_rows is not None):
        raise InputError("--format and --shard-rows are for a folder of shards; name it with -o OUT/")
    engine = choose_engine(options.engine, options.workers, options.address)
    found = find_sources(options.inputs)
    shards = None
    if options.out:
        shards = check_output(options.out, options.inputs, found, options.format, options.shard_rows)
    classify = options.command == "classify"
    speech = not classify and options.speech
    layout = Layout(classify, options.text_column, options.context_column, options.encoding, speech)
    classifier = None
    if options.command != "extract":
        from stance.inference.api import classifier_for

        classifier = classifier_for(
            options.model, cascade=options.cascade, device=options.device, error_rate=options.error_rate
        )
    job = Job(options.command, layout, options.language, classifier)
    found.meter.watch([source.path for source in found.sources if source.path])
    progress = Progress(sys.stderr, found.meter, quiet=options.quiet or not (options.out or not sys.stdout.isatty()))
    try:
        if options.out:
            out, resume = Path(options.out), options.resume
            result = run_corpus(found, job, out, shards, resume=resume, tell=progress, engine=engine)
        else:
            result = _run_to_stdout(found, job, options.table or sys.stdout.isatty(), progress)
    finally:
        progress.clear()
    if not options.quiet:
        sys.stderr.write(_report(result, job, options.out) + "\n")
    return 1 if result.failed else 0


def _run_to_stdout(found: Found, job: Job, as_table: bool, tell: Callable[[Counts], None]) -> Summary:
    """Write the rows as a table, or as JSON lines."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(**({"errors": "replace"} if sys.stdout.isatty() else {"encoding": "utf-8"}))
    (text_column,) = renamed({job.layout.text_column: None}, job.names)  # as the rows have it
    style = Style(
        job.command,
        text_column,
        shutil.get_terminal_size().columns,
        colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb",
    )
    counts = Counts()
    for rows, documents in chunks(found, job):
        counts.documents += documents
        for row in rows:
            counts.add(row)
        lines = (line + "\n" for line in table_lines(rows, style)) if as_table else map(json_line, rows)
        sys.stdout.writelines(lines)
        sys.stdout.flush()
        tell(counts)
    if as_table and counts.uncertain and job.command != "extract":
        sys.stdout.write(legend(style) + "\n")
    sys.stdout.flush()
    return summary(counts, found)


def _report(result: Summary, job: Job, out: str | None) -> str:
    parts = [] if job.layout.statements else [_count(result.documents, "document")]
    parts.append(_count(result.statements, "statement"))
    if result.failed:
        parts.append(f"{result.failed:,} failed (see the column error)")
    if job.classifier is not None:
        parts.append(f"{result.uncertain:,} uncertain")
    text = ", ".join(parts)
    if result.skipped:
        endings = ", ".join(f"{number} {ending}" for ending, number in sorted(result.skipped.items()))
        text += f"; files passed over: {endings}"
    if result.was_complete:
        return f"{text}; {out} was complete already"
    return f"{text}; written to {out}" if out else text


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
