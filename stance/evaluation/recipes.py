"""Models whose recipes differ by the seed alone, as one column: mean and standard deviation over the seeds."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stance.evaluation.evaluation import Evaluation, Tagger
from stance.evaluation.report import DASH, number, table
from stance.evaluation.scores import plain


@dataclass(frozen=True, slots=True)
class Recipe:
    """The figures of all models of one recipe."""

    name: str
    evaluations: tuple[Evaluation, ...]

    def figures(self) -> dict[str, tuple[float, ...]]:
        """Return each figure by its name, one value a model; figures of small groups are left out."""
        columns = [dict(_figures(evaluation)) for evaluation in self.evaluations]
        return {name: tuple(column[name] for column in columns) for name in columns[0]}

    def to_dict(self) -> dict[str, Any]:
        """Return name, models, and mean and standard deviation of each figure as plain values."""
        figures = {
            name: plain({"mean": statistics.fmean(values), "sd": sd(values)}) for name, values in self.figures().items()
        }
        return {"name": self.name, "models": [e.model for e in self.evaluations], "figures": figures}


def by_recipe(classifiers: Sequence[Tagger], evaluations: Sequence[Evaluation]) -> list[Recipe]:
    """Gather the figures of models whose recipes differ by the seed alone.

    :param classifiers: The models; one without a recipe, such as the answers of another tool, stands alone.
    :param evaluations: Their figures, in the same order.
    :returns: The recipes, in the order of their first models.
    """
    gathered: dict[str, list[Evaluation]] = {}
    for classifier, evaluation in zip(classifiers, evaluations, strict=True):
        gathered.setdefault(_key(classifier), []).append(evaluation)
    return [Recipe(_name(found), tuple(found)) for found in gathered.values()]


def recipe_table(recipes: Sequence[Recipe]) -> str:
    """Write the figures of recipes side by side: ``.85 ± .01``, or the figure alone where there is one model.

    :param recipes: The recipes, evaluated on the same statements.
    :returns: Lines of text.
    """
    figures = [recipe.figures() for recipe in recipes]
    rows = [[name, *(_cell(column[name]) for column in figures)] for name in figures[0]]
    limits = "(± standard deviation over seeds; the interval of each model stands in its own tables below)"
    return f"{table(['', *(recipe.name for recipe in recipes)], rows)}\n{limits}"


def sd(values: Sequence[float]) -> float:
    """Return the standard deviation (n - 1) of one figure over models; ``nan`` for a single model."""
    return statistics.stdev(values) if len(values) > 1 else float("nan")


def _key(classifier: Tagger) -> str:
    """Return what models of one recipe have in common."""
    manifest = getattr(classifier, "manifest", None)
    if manifest is None or not manifest.config:
        return classifier.name
    config = {name: value for name, value in manifest.config.items() if name != "seed"}
    return json.dumps([config, manifest.data.get("sha256"), sorted(manifest.files)], sort_keys=True)


def _name(evaluations: Sequence[Evaluation]) -> str:
    first = evaluations[0].model
    return first if len(evaluations) == 1 else f"{first.partition('@')[0]}, {len(evaluations)} seeds"


def _figures(evaluation: Evaluation) -> Iterator[tuple[str, float]]:
    overall = evaluation.overall
    yield "macro-F1", overall.macro_f1.value
    for tag, found in overall.tags.items():
        yield f"F1 {tag}", found.f1.value
    yield "micro-F1", overall.micro_f1.value
    yield "exact match", overall.exact_match.value
    yield "calibration error", overall.calibration_error.value
    yield "flagged uncertain", overall.flagged.value
    yield "errors among the flagged", overall.errors_flagged.value
    for name, groups in evaluation.groups.items():
        for group, scores in groups.items():
            yield f"exact match, {name} {group}", scores.exact_match.value


def _cell(values: Sequence[float]) -> str:
    middle = statistics.fmean(values)
    if math.isnan(middle):
        return DASH
    return number(middle) if len(values) == 1 else f"{number(middle)} ± {number(sd(values), 3)}"
