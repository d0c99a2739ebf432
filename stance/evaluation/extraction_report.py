"""The figures of an extractor as a table of plain text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stance.evaluation.report import table


def format_report(name: str, report: Mapping[str, Any]) -> str:
    """Write the figures of :func:`stance.evaluation.extraction.score_extraction` as tables.

    :param name: What was scored.
    :param report: The figures, with ``articles`` and ``articles_per_s``.
    :returns: Lines of text.
    """
    tracks = [
        [
            f"{track}, {key.replace('_', ' ')}",
            *(f"{found[key][figure]:.3f}" for figure in ("p", "r", "f1")),
            _of(found[key]),
        ]
        for track, found in (("quoted", report["quoted"]), ("all", report["all"]))
        for key in found
    ]
    kinds = [
        [kind, *(_share(found[key]) for key in ("exact", "overlap", "touched")), str(found["gold"])]
        for kind, found in report["recall_by_kind"].items()
    ]
    speakers = [
        [key.replace("_", ", "), _share(rate["acc"]), str(rate["n"])] for key, rate in report["speaker"].items()
    ]
    parts = [
        f"{name}: {report['articles']} articles, {report['articles_per_s']} a second"
        f" ({report['characters_per_s']:,} characters)",
        table(["pieces", "precision", "recall", "F1", "hits/predicted/marked"], tracks),
        table(["recall", "exact", "overlap", "touched", "marked"], kinds),
        table(["speaker", "accuracy", "pieces"], speakers),
    ]
    return "\n\n".join(parts)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _of(figures: Mapping[str, Any]) -> str:
    return f"{figures['hits']}/{figures['predicted']}/{figures['gold']}"
