"""The command that evaluates models: ``scripts/evaluate.py MODEL [MODEL ...] DATA``.

A MODEL may also be a file with the answers of another tool (see :mod:`stance.evaluation.answers`). Models of one recipe
that differ by their seed are summed up in one column: mean and standard deviation over the seeds. DATA is a file of
labelled statements (JSON lines) or the word ``starter``. What the figures cannot tell is how good the labels are: the
report says how they were made.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from stance.codebook import Codebook, Tag
from stance.datasets.records import SPLITS, LabelledStatement, read_labels
from stance.datasets.starter import starter_records
from stance.datasets.votes import vote_summary
from stance.errors import InputError, StanceError
from stance.evaluation.answers import SUFFIXES, read_answers
from stance.evaluation.bootstrap import LEVEL, RESAMPLES
from stance.evaluation.evaluation import Evaluation, Tagger, evaluate, mistakes
from stance.evaluation.recipes import by_recipe, recipe_table
from stance.evaluation.report import mistake_list, report
from stance.evaluation.scores import macro_f1_difference
from stance.extras import require

STARTER = "starter"


def main(argv: Sequence[str] | None = None) -> int:
    """Evaluate models on labelled statements and print a report.

    :param argv: The arguments, by default those of the process.
    :returns: 0; the caller prints errors and exits with 2.
    :raises StanceError: If a model or the data cannot be read, or they do not belong together.
    """
    arguments = _parser().parse_args(argv)
    if arguments.figures:
        require("matplotlib", "train")  # before minutes of scoring, not after
    classifiers = _load(arguments.model)
    records = chosen_records(arguments.data, arguments.split, classifiers[0].tags)
    evaluations = [evaluate(classifier, records, arguments.seed) for classifier in classifiers]
    first = evaluations[0]
    differences = {
        other.model: macro_f1_difference(first.outcome, other.outcome, arguments.seed) for other in evaluations[1:]
    }
    provenance = [_describe(arguments.data, records), _readers(records), *_warnings(classifiers, records)]
    recipes = by_recipe(classifiers, evaluations)
    if len(recipes) < len(evaluations):
        sys.stdout.write(f"{recipe_table(recipes)}\n\n")
    sys.stdout.write(report(evaluations, provenance, differences, _unit(records)))
    if arguments.json:
        result = {
            "data": arguments.data,
            "provenance": provenance,
            "bootstrap": {"unit": _unit(records), "resamples": RESAMPLES, "level": LEVEL, "seed": arguments.seed},
            "recipes": [recipe.to_dict() for recipe in recipes],
            "models": [evaluation.to_dict() for evaluation in evaluations],
            "macro_f1_minus_first": {model: difference.to_dict() for model, difference in differences.items()},
        }
        _write(arguments.json, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    if arguments.errors:
        _write_mistakes(arguments.errors, evaluations, records)
    if arguments.figures:
        _draw(arguments.figures, evaluations)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="evaluate", description="Measure models on labelled statements.")
    models = "a model folder, 'default' for the release model, or a file of another tool's answers (.jsonl)"
    parser.add_argument("model", nargs="+", metavar="MODEL", help=models)
    parser.add_argument("data", metavar="DATA", help="labelled statements (.jsonl or .jsonl.gz), or 'starter'")
    parser.add_argument(
        "--split",
        choices=[*SPLITS, "all"],
        help="which statements (default: test of the starter set, dev of a file, all of a file without splits)",
    )
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--figures", metavar="DIR", help="draw reliability, precision-recall and risk-coverage as PNG")
    parser.add_argument(
        "--errors", metavar="N|FILE", help="print the N surest mistakes of each model, or write all as JSON lines"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the resampling (default: 0)")
    return parser


def _load(names: Sequence[str]) -> list[Tagger]:
    from stance.inference import load

    def one(name: str) -> Tagger:
        return read_answers(name) if name.endswith(SUFFIXES) else load(None if name == "default" else name)

    classifiers = [one(name) for name in names]
    for other in classifiers[1:]:
        if set(other.tags) != set(classifiers[0].tags):
            raise InputError(
                f"{classifiers[0].name} and {other.name} have different tags; evaluate them in separate calls"
            )
    return classifiers


def chosen_records(data: str, split: str | None, tags: Sequence[str]) -> list[LabelledStatement]:
    """Return the statements to measure on.

    :param data: A file of labelled statements, or the word ``starter``.
    :param split: Which of them, or ``"all"``; None is test of the starter set, dev of a file, all without splits.
    :param tags: The tags that labels may have.
    :returns: The statements.
    :raises InputError: If the file cannot be read, or holds none of that split.
    """
    if data == STARTER:
        records, split = starter_records(), split or "test"
    else:
        records = read_labels(data, Codebook("model", tuple(Tag(tag, "") for tag in tags)))
        split = split or ("dev" if any(record.split for record in records) else "all")
    chosen = [record for record in records if split in ("all", record.split)]
    if not chosen:
        there = ", ".join(sorted({record.split or "(none)" for record in records})) or "no statement at all"
        raise InputError(f"{data} has no statement in the split {split!r}, only: {there}; choose another with --split")
    return chosen


def _describe(data: str, records: Sequence[LabelledStatement]) -> str:
    name = "the starter set" if data == STARTER else data
    splits = [split for split in SPLITS if any(record.split == split for record in records)]
    where = f"split {' + '.join(splits)}" if splits else "no splits"
    documents = len({record.doc_id for record in records if record.doc_id})
    of = f" of {documents:,} documents" if documents else ""
    return f"Data: {name} ({where}), {len(records):,} statements{of}."


def _readers(records: Sequence[LabelledStatement]) -> str:
    """Say how many readers the labels rest on."""
    votes = vote_summary(records)
    if votes["without_votes"] == votes["statements"]:
        return "Labels: the file does not say how many readers they rest on."
    return (
        f"Labels: {votes['read_once']:,} read once, {votes['read_twice_or_more']:,} twice or more, "
        f"{votes['without_votes']:,} without votes; {votes['adjudicated']:,} adjudicated, "
        f"{votes['hesitated']:,} with a reader's doubt."
    )


def _unit(records: Sequence[LabelledStatement]) -> str:
    """Name what the intervals resample."""
    if any(record.doc_id for record in records):
        return "documents"
    return "statements (contrast pairs together)"


def _warnings(classifiers: Sequence[Tagger], records: Sequence[LabelledStatement]) -> list[str]:
    """Say which figures are no held-out figures."""
    splits = {record.split for record in records} - {""}
    lines = []
    if not splits:
        lines.append("Note: the data name no splits; see to it that no model has learned from these statements.")
    if "train" in splits:
        lines.append("Warning: the train split is among these statements; a model that learned from it looks too good.")
    for classifier in classifiers:
        manifest = getattr(classifier, "manifest", None)
        split = manifest.fitted_on.get("split") if manifest else ""
        if split and split in splits:
            lines.append(
                f"Warning: calibration and thresholds of {classifier.name} were fitted on a {split} split; "
                "if on this one, its figures are somewhat too good."
            )
    return lines


def _write_mistakes(target: str, evaluations: Sequence[Evaluation], records: Sequence[LabelledStatement]) -> None:
    rows = [mistakes(evaluation, records) for evaluation in evaluations]
    if target.isdigit():
        sys.stdout.write("\n" + mistake_list(list(chain.from_iterable(part[: int(target)] for part in rows))))
        return
    lines: list[dict[str, Any]] = sorted(chain.from_iterable(rows), key=lambda row: -row["confidence"])
    _write(target, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}; name a file in a folder that exists") from error


def _draw(folder: str, evaluations: Sequence[Evaluation]) -> None:
    from stance.evaluation.figures import write_figures

    try:
        for evaluation in evaluations:
            write_figures(evaluation, folder)
    except OSError as error:
        raise StanceError(f"cannot write figures to {folder}: {error.strerror}; name another folder") from error
