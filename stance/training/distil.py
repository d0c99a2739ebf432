"""The command that asks teachers: ``scripts/distill.py DATA [DATA ...] --teacher MODEL [--teacher MODEL] -o FILE``.

The answers are kept after every thousand statements, so that ``--resume`` goes on after a kill.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stance.codebook import Codebook, Tag
from stance.datasets.records import LabelledStatement, read_labels
from stance.errors import ConfigError, InputError, ModelError
from stance.inference.classifier import Classifier
from stance.training.data import check_documents
from stance.training.run import quiet_libraries
from stance.training.teacher import TeacherLogits, make_teacher, merge, read_teacher

CHUNK = 1000  # statements between two savings

log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the teachers' logits of statements.

    :param argv: The arguments, by default those of the process.
    :returns: 0; the caller prints errors and exits with 2.
    :raises StanceError: If a model or the statements cannot be read, or the output is in the way.
    """
    arguments = parser().parse_args(argv)
    quiet_libraries()
    out = Path(arguments.output)
    if out.exists():
        raise ConfigError(f"{out} exists; choose another --output, or delete the file")
    models = [Classifier.from_pretrained(path) for path in arguments.teacher]
    if len({model.tags for model in models}) > 1:
        raise ModelError("the teachers know different tags; give models of one codebook")
    codebook = Codebook("model", tuple(Tag(tag, "") for tag in models[0].tags))
    records = [record for path in arguments.data for record in read_labels(path, codebook)]
    if not records:
        raise InputError(f"there are no statements in {', '.join(arguments.data)}")
    check_documents(records)
    ask(models, records, out, arguments.resume)
    sys.stdout.write(f"{len(records):,} statements read by {', '.join(model.name for model in models)}: {out}\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments."""
    result = argparse.ArgumentParser(prog="distill", description="Write teachers' logits, for a student to learn from.")
    result.add_argument("data", nargs="+", metavar="DATA", help="statements, such as data/transfer.jsonl")
    result.add_argument("--teacher", action="append", required=True, metavar="MODEL", help="several are averaged")
    result.add_argument("-o", "--output", default="models/teacher.npz", metavar="FILE", help="default: %(default)s")
    result.add_argument("--resume", action="store_true", help="go on after a kill")
    return result


def ask(models: Sequence[Classifier], records: Sequence[LabelledStatement], out: Path, resume: bool = False) -> None:
    """Write the mean logits of models for statements.

    :param models: The teachers, of one codebook.
    :param records: The statements.
    :param out: The file; until it is complete, a file of the same name with ``.part.npz`` holds the answers so far.
    :param resume: Go on with that file.
    :raises InputError: If such a file is there and ``resume`` is false, or it is of other teachers.
    """
    part = out.with_name(out.stem + ".part.npz")
    names = tuple(model.name for model in models)
    answers: TeacherLogits | None = None
    if part.exists():
        if not resume:
            raise InputError(f"{part} holds a part of the answers; add --resume to go on, or delete the file")
        answers = read_teacher(part, models[0].tags)
        if answers.teachers != names:
            raise InputError(f"{part} is of {', '.join(answers.teachers)}; delete the file, or take those teachers")
    known = answers.knows(records) if answers else np.zeros(len(records), dtype=bool)
    todo = [record for record, done in zip(records, known, strict=True) if not done]
    for start in range(0, len(todo), CHUNK):
        chunk = todo[start : start + CHUNK]
        texts, contexts = [record.text for record in chunk], [record.context for record in chunk]
        logits = np.mean([model.backend(texts, contexts)[0] for model in models], axis=0)
        fresh = make_teacher(models[0].tags, names, chunk, logits)
        answers = merge(answers, fresh) if answers else fresh
        answers.save(part)
        log.info("%d of %d statements", start + len(chunk), len(todo))
    if answers:
        answers.save(out)
        part.unlink()
