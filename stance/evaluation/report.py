"""The figures of one or more models as tables of plain text."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stance.evaluation.bootstrap import RESAMPLES, Estimate
from stance.evaluation.evaluation import MIN_GROUP, Evaluation
from stance.evaluation.scores import Scores

DASH = "–"  # what is undefined
_MIN_SUPPORT = 10  # statements that bear a tag, for its F1 within a group
_OVERALL: dict[str, Callable[[Scores], str]] = {
    "macro-F1": lambda scores: with_interval(scores.macro_f1),
    "micro-F1": lambda scores: with_interval(scores.micro_f1),
    "exact match": lambda scores: with_interval(scores.exact_match),
    "calibration error": lambda scores: with_interval(scores.calibration_error, 3),
    "flagged uncertain": lambda scores: with_interval(scores.flagged),
    "errors among the flagged": lambda scores: with_interval(scores.errors_flagged),
}


def number(value: float, digits: int = 2) -> str:
    """Write a share as papers do: ``.85``, ``1.00``, a dash where it is undefined.

    :param value: The share.
    :param digits: Digits behind the point.
    :returns: The text.
    """
    if math.isnan(value):
        return DASH
    text = f"{value:.{digits}f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def with_interval(estimate: Estimate, digits: int = 2) -> str:
    """Write a figure with its interval: ``.85 [.82, .88]``.

    :param estimate: The figure.
    :param digits: Digits behind the point.
    :returns: The text.
    """
    if math.isnan(estimate.value):
        return DASH
    return f"{number(estimate.value, digits)} [{number(estimate.low, digits)}, {number(estimate.high, digits)}]"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align rows under a header: the first column to the left, the others to the right.

    :param header: The names of the columns.
    :param rows: The cells, as many a row as the header has.
    :returns: Lines without trailing blanks.
    """
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def report(
    evaluations: Sequence[Evaluation], provenance: Sequence[str], differences: Mapping[str, Estimate], unit: str
) -> str:
    """Write everything that a reader needs to judge the models.

    :param evaluations: The figures of each model.
    :param provenance: Lines that say on what, and warnings.
    :param differences: Macro-F1 of each further model minus that of the first, by the name of the model.
    :param unit: What was resampled, in the plural, such as ``"documents"``.
    :returns: Lines of text.
    """
    method = (
        f"In brackets: 95 % intervals from {RESAMPLES:,} bootstrap resamples of {unit}. Noise inflates a calibration\n"
        "error: its interval allows for that and may lie below it; by chance = what a perfectly calibrated model shows."
    )
    parts = ["\n".join([*provenance, method])]
    if len(evaluations) > 1:
        parts.append(_side_by_side(evaluations))
        parts.append(_differences(evaluations[0].model, differences))
    parts += [_details(evaluation) for evaluation in evaluations]
    return "\n\n".join(parts) + "\n"


def _side_by_side(evaluations: Sequence[Evaluation]) -> str:
    rows = [[f"F1 {tag}", *(with_interval(e.overall.tags[tag].f1) for e in evaluations)] for tag in evaluations[0].tags]
    rows += [[name, *(cell(e.overall) for e in evaluations)] for name, cell in _OVERALL.items()]
    rows.append(["AURC", *(number(e.ranking.aurc, 3) for e in evaluations)])
    return table(["", *(evaluation.model for evaluation in evaluations)], rows)


def _differences(first: str, differences: Mapping[str, Estimate]) -> str:
    rows = []
    for model, estimate in differences.items():
        clear = estimate.low > 0 or estimate.high < 0
        verdict = "" if clear else "  (the interval holds 0: no clear difference)"
        rows.append(f"macro-F1 of {model} minus {first}, paired: {with_interval(estimate, 3)}{verdict}")
    return "\n".join(rows)


def _details(evaluation: Evaluation) -> str:
    title = f"{evaluation.model}\n{'=' * len(evaluation.model)}"
    parts = [title, _tag_table(evaluation), _overall_table(evaluation), _confusion(evaluation)]
    parts += [_group_table(way, groups, evaluation.tags) for way, groups in evaluation.groups.items()]
    return "\n\n".join(parts)


def _tag_table(evaluation: Evaluation) -> str:
    header = ["tag", "support", "F1", "precision", "recall", "AP", "Brier", "calibration error", "by chance"]
    rows = []
    for tag, scores in evaluation.overall.tags.items():
        shares = [with_interval(estimate) for estimate in (scores.f1, scores.precision, scores.recall)]
        errors = [number(scores.brier.value, 3), with_interval(scores.calibration_error, 3)]
        chance = number(scores.chance_calibration_error, 3)
        rows.append([tag, str(scores.support), *shares, number(scores.average_precision), *errors, chance])
    return table(header, rows)


def _overall_table(evaluation: Evaluation) -> str:
    remarks = {
        "exact match": "the whole set of tags is right",
        "calibration error": f"mean over the tags; by chance {number(evaluation.overall.chance_calibration_error, 3)}",
        "flagged uncertain": "share of the statements",
        "errors among the flagged": "share of the wrongly tagged statements",
    }
    rows = [[name, cell(evaluation.overall), remarks.get(name, "")] for name, cell in _OVERALL.items()]
    ranking = evaluation.ranking
    rows.append(
        ["AURC", number(ranking.aurc, 3), f"at best {number(ranking.best, 3)}, at random {number(ranking.useless, 3)}"]
    )
    for share, found in ranking.found.items():
        rows.append([f"errors in doubtful {share.replace('%', ' %')}", number(found), "share of the errors there"])
    if evaluation.windowed:
        rows.append(["windowed", str(evaluation.windowed), "statements longer than the model reads at once"])
    width = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(f"{name:<{width[0]}}  {cell:<{width[1]}}  {remark}".rstrip() for name, cell, remark in rows)


def _confusion(evaluation: Evaluation) -> str:
    sets = sorted(
        {tuple(entry[side]) for entry in evaluation.confusion for side in ("true", "predicted")},
        key=lambda tags: (len(tags), [evaluation.tags.index(tag) for tag in tags]),
    )
    counts = {(tuple(entry["true"]), tuple(entry["predicted"])): entry["n"] for entry in evaluation.confusion}
    rows = []
    for i, true in enumerate(sets, 1):
        cells = [str(counts.get((true, predicted), ".")) for predicted in sets]
        rows.append([f"{i} {' + '.join(true) or 'none'}", *cells])
    return table(["true set of tags, by predicted set", *(str(i) for i in range(1, len(sets) + 1))], rows)


def _group_table(way: str, groups: Mapping[str, Scores], tags: Sequence[str]) -> str:
    header = [f"by {way}", "n", "micro-F1", "exact match", *(f"F1 {tag} (n)" for tag in tags), "calibration error"]
    rows = []
    for name, scores in groups.items():
        by_tag = [f"{_group_f1(scores, tag)} ({scores.tags[tag].support})" for tag in tags]
        calibration = (
            f"{number(scores.calibration_error.value, 3)} (chance {number(scores.chance_calibration_error, 3)})"
        )
        shares = [with_interval(scores.micro_f1), with_interval(scores.exact_match)]
        rows.append([name, str(scores.n), *shares, *by_tag, calibration])
    limits = f"(groups of {MIN_GROUP} statements or more; F1 of a tag that {_MIN_SUPPORT} or more of them bear)"
    return f"{table(header, rows)}\n{limits}"


def _group_f1(scores: Scores, tag: str) -> str:
    enough = scores.tags[tag].support >= _MIN_SUPPORT
    return number(scores.tags[tag].f1.value) if enough else DASH


def mistake_list(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write wrongly tagged statements for reading.

    :param rows: The statements, as :func:`stance.evaluation.evaluation.mistakes` lists them.
    :returns: Lines of text.
    """
    parts = []
    for row in rows:
        predicted, true = (" + ".join(row[side]) or "none" for side in ("predicted", "tags"))
        title = f"{row['id']}  {row['model']} says {predicted} ({number(row['confidence'])} sure), readers say {true}"
        body = [part for part in (row["context"] and f"[{row['context']}]", row["text"]) if part]
        parts.append("\n".join([title, *(textwrap.indent(textwrap.fill(part, 110), "    ") for part in body)]))
    return "\n\n".join(parts) + "\n"
