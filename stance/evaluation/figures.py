"""Figures of an evaluation as PNG: reliability, precision and recall, risk and coverage (extra ``train``).

Colours are those of Okabe and Ito, which colour-blind readers tell apart; lines are labelled in their colour.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stance.evaluation.calibration import ReliabilityBin
from stance.evaluation.evaluation import Evaluation
from stance.evaluation.metrics import precision_recall_curve
from stance.evaluation.report import number
from stance.evaluation.selective import doubt_of, risk_coverage
from stance.extras import require

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
GREY = "#767676"
STYLE = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "figure.dpi": 150,
}


def write_figures(evaluation: Evaluation, folder: str | Path) -> list[Path]:
    """Draw the figures of one model.

    :param evaluation: Its figures.
    :param folder: Where the files go; it is made if missing.
    :returns: The files: ``NAME-reliability.png``, ``NAME-precision-recall.png`` and ``NAME-risk-coverage.png``.
    :raises MissingExtraError: If matplotlib is not installed.
    """
    matplotlib = require("matplotlib", "train")
    require("matplotlib.figure", "train")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^\w.-]+", "-", evaluation.model)
    files = []
    with matplotlib.rc_context(STYLE):
        for name, draw in (
            ("reliability", _reliability),
            ("precision-recall", _precision_recall),
            ("risk-coverage", _risk_coverage),
        ):
            path = folder / f"{stem}-{name}.png"
            draw(matplotlib, evaluation).savefig(path, bbox_inches="tight")
            files.append(path)
    return files


def _reliability(matplotlib: Any, evaluation: Evaluation) -> Any:
    n = len(evaluation.tags)
    columns = min(n, 3)
    rows = -(-n // columns)
    figure = matplotlib.figure.Figure(figsize=(3.3 * columns, 3.5 * rows), layout="constrained")
    panels = np.atleast_1d(figure.subplots(rows, columns, squeeze=False).ravel())
    for panel in panels[n:]:
        panel.set_axis_off()
    for t, tag in enumerate(evaluation.tags):
        _reliability_panel(panels[t], evaluation.reliability[tag], COLOURS[t % len(COLOURS)])
        scores = evaluation.overall.tags[tag]
        error, chance = number(scores.calibration_error.value, 3), number(scores.chance_calibration_error, 3)
        panels[t].set_title(f"{tag}\ncalibration error {error}, by chance {chance}")
        panels[t].set_xlabel("stated probability")
    panels[0].set_ylabel("share that bears the tag")
    figure.supxlabel(
        f"{evaluation.model}. Grey: where 95 % of perfectly calibrated models of this size would lie. "
        "Numbers: statements in the bin.",
        fontsize=8,
        color=GREY,
    )
    return figure


def _reliability_panel(axes: Any, bins: Sequence[ReliabilityBin], colour: str) -> None:
    filled = [b for b in bins if b.n]
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8)
    for b in filled:
        axes.fill_between([b.low, b.high], b.chance_low, b.chance_high, color=GREY, alpha=0.2, linewidth=0)
    axes.plot([b.mean_p for b in filled], [b.share for b in filled], "o", color=colour, markersize=5)
    for b in filled:
        # The numbers stand in a row below the plot, where they cannot hide a point.
        axes.annotate(
            f"{b.n}",
            ((b.low + b.high) / 2, -0.085),
            ha="center",
            va="center",
            fontsize=7,
            color=GREY,
            annotation_clip=False,
        )
    axes.set(xlim=(0, 1), ylim=(-0.13, 1.03), xticks=np.arange(0, 1.1, 0.25), yticks=np.arange(0, 1.1, 0.25))
    axes.set_aspect("equal")


def _precision_recall(matplotlib: Any, evaluation: Evaluation) -> Any:
    figure = matplotlib.figure.Figure(figsize=(5.6, 4.4), layout="constrained")
    axes = figure.subplots()
    outcome = evaluation.outcome
    for t, tag in enumerate(evaluation.tags):
        if not outcome.truth[:, t].any():
            continue
        colour = COLOURS[t % len(COLOURS)]
        precision, recall, _ = precision_recall_curve(outcome.truth[:, t], outcome.p[:, t])
        axes.step(recall, precision, where="pre", color=colour, linewidth=1.4)
        scores = evaluation.overall.tags[tag]
        axes.plot(scores.recall.value, scores.precision.value, "o", color=colour, markersize=7, markeredgecolor="white")
        area, threshold = number(scores.average_precision), number(evaluation.thresholds[t])
        _side_label(axes, t, f"{tag}\nAP {area}, threshold {threshold}", colour)
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
    axes.set_title(f"{evaluation.model}: a dot marks each tag's threshold")
    return figure


def _risk_coverage(matplotlib: Any, evaluation: Evaluation) -> Any:
    figure = matplotlib.figure.Figure(figsize=(5.6, 3.8), layout="constrained")
    axes = figure.subplots()
    outcome, ranking = evaluation.outcome, evaluation.ranking
    wrong = outcome.wrong
    curves = (
        (doubt_of(outcome.p, outcome.predicted), f"by doubt\nAURC {number(ranking.aurc, 3)}", COLOURS[0]),
        (wrong.astype(np.float64), f"errors last\nAURC {number(ranking.best, 3)}", GREY),
    )
    for position, (doubt, label, colour) in enumerate(curves):
        axes.plot(*risk_coverage(wrong, doubt), color=colour, linewidth=1.4)
        _side_label(axes, position, label, colour)
    kept = 1 - evaluation.overall.flagged.value
    axes.axvline(kept, color=GREY, linewidth=0.8, linestyle=":")
    axes.annotate(
        f"not flagged\nuncertain ({number(kept)})",
        (kept, 1.0),
        (-4, 0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="right",
        va="top",
        color=GREY,
        fontsize=8,
    )
    axes.set(xlim=(0, 1.01), xlabel="share of statements kept, surest first", ylabel="share of wrong sets of tags")
    axes.set_ylim(bottom=0)
    axes.set_title(evaluation.model)
    return figure


def _side_label(axes: Any, position: int, label: str, colour: str) -> None:
    """Write a label of two lines beside the plot, in the colour of its line."""
    axes.annotate(
        label, (1.03, 0.97 - 0.14 * position), xycoords="axes fraction", va="top", color=colour, annotation_clip=False
    )
