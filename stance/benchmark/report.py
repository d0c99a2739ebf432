"""The tables of the benchmark: as text and JSON, and a figure of speed against macro-F1 (extra ``train``)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stance.benchmark.throughput import Spread
from stance.evaluation.bootstrap import Estimate
from stance.evaluation.figures import COLOURS, GREY, STYLE
from stance.evaluation.report import DASH, number, table, with_interval
from stance.evaluation.scores import plain
from stance.extras import require

NOTE = """\
Medians; in brackets the least and the greatest of the rounds. First score: from the start of the process.
Of the bound: of this machine's rate of matrix multiplication, at two operations a weight and token without padding."""


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one engine."""

    name: str
    label: str
    seconds: Spread  # of the rounds
    statements: int  # scored in each round
    tokens: int  # in those, counted by our tokenizer
    cold: Spread  # in seconds
    peak_mb: float
    macro_f1: Estimate
    operations: float  # a round, in billions, of matrix multiplication; 0 for a model without matrices
    rate: Spread | None  # of the machine in the same rounds, in billions of operations a second; None if not measured
    versions: Mapping[str, str]

    @property
    def speed(self) -> Spread:
        """Statements a second."""
        return self.seconds.rate(self.statements)

    @property
    def share(self) -> float:
        """Share of what the machine could do, the median of the rounds; nan where that is unknown."""
        if self.rate is None or not self.operations:
            return math.nan
        rounds = zip(self.seconds.values, self.rate.values, strict=True)
        return Spread(tuple(self.operations / seconds / rate for seconds, rate in rounds)).median

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        speeds = {
            "statements_per_second": self.speed.median,
            "tokens_per_second": self.seconds.rate(self.tokens).median,
        }
        return {**asdict(self), **speeds, "share_of_bound": self.share}


@dataclass(frozen=True, slots=True)
class StreamRow:
    """What was measured of one engine on every sentence of a corpus."""

    name: str
    label: str
    seconds: Spread  # of the rounds
    read: int  # texts that it read
    texts: int  # in the whole stream
    differ: float  # share of the texts with other tags than the first engine's; nan where that is unknown
    tagged: float  # share of the texts that got a tag

    @property
    def whole(self) -> Spread:
        """Seconds for the whole stream; extrapolated where a sample was read."""
        return Spread(tuple(value * self.texts / self.read for value in self.seconds.values))


def speed_table(rows: Sequence[Row]) -> str:
    """Write the table of speed and quality.

    :param rows: The engines.
    :returns: Lines of text.
    """
    header = ["", "statements/s", "tokens/s", "first score, s", "memory, MB", "macro-F1", "of the bound"]
    cells = [
        [
            row.label,
            spread(row.speed, 3),
            figures(row.seconds.rate(row.tokens).median, 3),
            spread(row.cold, 2),
            f"{row.peak_mb:,.0f}",
            with_interval(row.macro_f1),
            DASH if math.isnan(row.share) else f"{row.share:.0%}",
        ]
        for row in rows
    ]
    return f"{table(header, cells)}\n{NOTE}\n"


def stream_table(rows: Sequence[StreamRow]) -> str:
    """Write the table of every sentence of a corpus.

    :param rows: The engines.
    :returns: Lines of text.
    """
    header = ["every sentence of a corpus", "sentences/s", "the whole, s", "read", "tags differ", "tagged"]
    cells = [
        [
            row.label,
            spread(row.seconds.rate(row.read), 3),
            ("" if row.read == row.texts else "~") + figures(row.whole.median, 3),
            f"{row.read:,}",
            DASH if math.isnan(row.differ) else f"{row.differ:.2%}",
            f"{row.tagged:.1%}",
        ]
        for row in rows
    ]
    note = (
        f"~ extrapolated from a sample. Tags differ: share of the texts with other tags than {rows[0].label} gives.\n"
        "A sentence that stands twice in the corpus counts twice; stance reads it once."
    )
    return f"{table(header, cells)}\n{note}\n"


def figures(value: float, digits: int) -> str:
    """Write a number with so many significant figures, and no exponent."""
    if value == 0 or not math.isfinite(value):
        return DASH
    behind = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{behind}f}"


def spread(values: Spread, digits: int) -> str:
    """Write a median with the least and the greatest value: ``212 [208, 215]``."""
    return f"{figures(values.median, digits)} [{figures(values.low, digits)}, {figures(values.high, digits)}]"


def write_report(
    folder: Path, rows: Sequence[Row], stream: Sequence[StreamRow], about: Mapping[str, Any], text: str
) -> list[Path]:
    """Write ``table.txt``, ``benchmark.json``, ``pareto.svg`` and ``pareto.png``.

    :param folder: Where; it is made if missing.
    :param rows: The engines.
    :param stream: The engines on a stream; empty if none was read.
    :param about: What else belongs to the measurement: machine, data, rates.
    :param text: What a reader is shown.
    :returns: The files.
    :raises MissingExtraError: If matplotlib is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    result = {**about, "engines": [row.to_dict() for row in rows], "stream": [asdict(row) for row in stream]}
    files = [folder / "table.txt", folder / "benchmark.json"]
    files[0].write_text(text, encoding="utf-8")
    files[1].write_text(json.dumps(plain(result), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    matplotlib = require("matplotlib", "train")
    require("matplotlib.figure", "train")
    with matplotlib.rc_context(STYLE):
        drawn = draw_pareto(matplotlib, rows)
        for name in ("pareto.svg", "pareto.png"):
            drawn.savefig(folder / name, bbox_inches="tight")
            files.append(folder / name)
    return files


def pareto_front(rows: Sequence[Row]) -> list[Row]:
    """Return the engines that no other beats in speed and in macro-F1 at once, the slowest first."""
    front: list[Row] = []
    for row in sorted(rows, key=lambda row: (-row.speed.median, -row.macro_f1.value)):
        if not front or row.macro_f1.value > front[-1].macro_f1.value:
            front.append(row)
    return front[::-1]


def draw_pareto(matplotlib: Any, rows: Sequence[Row]) -> Any:
    """Draw speed against macro-F1, with the spread of the rounds and the interval of macro-F1."""
    figure = matplotlib.figure.Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    front = pareto_front(rows)
    axes.step(
        [row.speed.median for row in front],
        [row.macro_f1.value for row in front],
        where="pre",
        color=GREY,
        linewidth=0.8,
        linestyle=":",
    )
    colours = (*COLOURS, "#000000")
    ranked = sorted(rows, key=lambda row: -row.macro_f1.value)
    for position, row in enumerate(ranked):
        colour, x, y = colours[position % len(colours)], row.speed, row.macro_f1
        axes.plot([x.low, x.high], [y.value, y.value], color=colour, linewidth=1)
        axes.plot([x.median, x.median], [y.low, y.high], color=colour, linewidth=1, alpha=0.4)
        axes.plot(x.median, y.value, "o", color=colour, markersize=6, markeredgecolor="white")
        # Engines with the same weights lie side by side: their labels stand in a column, each tied to its point.
        axes.annotate(
            f"{row.label}\n{figures(x.median, 3)}/s, {number(y.value, 3)}",
            (x.median, y.value),
            (1.04, 1 - (position + 0.5) / len(ranked)),
            textcoords="axes fraction",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "alpha": 0.6, "relpos": (0, 0.5)},
            va="center",
            color=colour,
            fontsize=8,
            annotation_clip=False,
        )
    axes.set_xscale("log")
    axes.set(xlabel="statements a second (log scale)", ylabel="macro-F1")
    axes.set_title("Dotted: no engine is both faster and better. Bars: rounds across, 95 % interval upright.")
    return figure
