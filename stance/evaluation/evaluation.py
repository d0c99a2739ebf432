"""Evaluate a classifier on labelled statements: overall, by kind, decade, country, region and rule of the codebook."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from stance.datasets.starter import BLOCK
from stance.errors import InputError
from stance.evaluation.bootstrap import cluster_numbers
from stance.evaluation.calibration import ReliabilityBin, reliability_bins
from stance.evaluation.metrics import Floats
from stance.evaluation.regions import region_of
from stance.evaluation.scores import Outcome, Scores, confusion_shares, plain, score_outcome
from stance.evaluation.selective import aurc, best_aurc, doubt_of, errors_found
from stance.statement import Score

if TYPE_CHECKING:
    from stance.datasets.records import LabelledStatement

REVIEWED = (0.1, 0.2)  # shares of the statements, the most doubtful ones, that somebody might check by hand
MIN_GROUP = 30  # statements; the figures of a smaller group would be noise
_STARTER_ID = re.compile(r"([a-z]\d)-(\d+)")


class Tagger(Protocol):
    """What :func:`evaluate` needs of a classifier."""

    @property
    def name(self) -> str:
        """The name that the figures stand under."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The names of the tags."""

    @property
    def thresholds(self) -> Sequence[float]:
        """The probability from which on each tag is given."""

    def score(self, texts: Sequence[str], contexts: Sequence[str] | None = None) -> Sequence[Score]:
        """Score each text."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """How well doubt ranks the errors: areas under risk-coverage curves of the whole set of tags, lower is better."""

    aurc: float
    best: float  # if every error came last
    useless: float  # if doubt said nothing: the error rate
    found: Mapping[str, float]  # share of the errors among the most doubtful 10 % and 20 % of the statements

    def to_dict(self) -> dict[str, Any]:
        """Return the areas as plain values."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The figures of one model on one set of labelled statements."""

    model: str
    tags: tuple[str, ...]
    thresholds: tuple[float, ...]
    overall: Scores
    groups: Mapping[str, Mapping[str, Scores]]  # "kind" -> "speech" -> its figures; groups of MIN_GROUP or more
    confusion: Sequence[Mapping[str, Any]]  # true and predicted set of tags, n, share with its interval
    ranking: Ranking
    reliability: Mapping[str, Sequence[ReliabilityBin]]  # by tag
    windowed: int  # statements that were longer than the model reads at once
    outcome: Outcome  # the arrays behind the figures; not part of the JSON

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain values that JSON can hold."""
        return {name: plain(getattr(self, name)) for name in self.__slots__ if name != "outcome"}


def evaluate(classifier: Tagger, records: Sequence[LabelledStatement], seed: int = 0) -> Evaluation:
    """Score labelled statements with a classifier and measure how well it does.

    :param classifier: The model, as :func:`stance.load` returns it.
    :param records: The statements; their documents are the unit of the intervals.
    :param seed: Seed of resampling and of chance.
    :returns: The figures.
    :raises InputError: If there are no statements, or none bears a tag of the model, or one bears another tag.
    """
    tags = tuple(classifier.tags)
    _check(records, tags)
    scores = classifier.score([record.text for record in records], [record.context for record in records])
    outcome = Outcome(
        truth=np.array([[tag in record.tags for tag in tags] for record in records], dtype=bool),
        p=np.array([[score.p[tag] for tag in tags] for score in scores], dtype=np.float64),
        predicted=np.array([[tag in score.tags for tag in tags] for score in scores], dtype=bool),
        flagged=np.array([bool(score.uncertain) for score in scores], dtype=bool),
        clusters=cluster_numbers([cluster_of(record) for record in records]),
    )
    return Evaluation(
        model=classifier.name,
        tags=tags,
        thresholds=tuple(float(threshold) for threshold in classifier.thresholds),
        overall=score_outcome(outcome, tags, seed),
        groups=_groups(records, outcome, tags, seed),
        confusion=confusion_shares(outcome, tags, seed),
        ranking=_ranking(outcome),
        reliability={tag: reliability_bins(outcome.truth[:, t], outcome.p[:, t]) for t, tag in enumerate(tags)},
        windowed=sum(bool(score.windowed) for score in scores),
        outcome=outcome,
    )


def cluster_of(record: LabelledStatement) -> str:
    """Return what a statement shares with others that are not independent of it.

    :param record: The statement.
    :returns: Its document; in the starter set its block of ten ids (contrast pairs); else its own id.
    """
    if record.doc_id:
        return f"document {record.doc_id}"
    starter = _STARTER_ID.fullmatch(record.id)
    if starter:
        return f"block {starter[1]}-{(int(starter[2]) - 1) // BLOCK}"
    return f"statement {record.id}"


def mistakes(evaluation: Evaluation, records: Sequence[LabelledStatement]) -> list[dict[str, Any]]:
    """List the wrongly tagged statements, those first of which the model was surest.

    :param evaluation: The figures of a model.
    :param records: The statements that it was evaluated on.
    :returns: The records with ``model``, ``predicted``, ``p`` by tag, ``confidence`` and ``uncertain``.
    """
    outcome = evaluation.outcome
    confidence: Floats = 1.0 - doubt_of(outcome.p, outcome.predicted)
    wrong = np.flatnonzero(outcome.wrong)
    return [
        {
            **records[row].to_dict(),
            "model": evaluation.model,
            "predicted": [tag for t, tag in enumerate(evaluation.tags) if outcome.predicted[row, t]],
            "p": {tag: round(float(outcome.p[row, t]), 4) for t, tag in enumerate(evaluation.tags)},
            "confidence": round(float(confidence[row]), 4),
            "uncertain": bool(outcome.flagged[row]),
        }
        for row in wrong[np.argsort(-confidence[wrong], kind="stable")]
    ]


def _check(records: Sequence[LabelledStatement], tags: tuple[str, ...]) -> None:
    if not records:
        raise InputError("there is no statement to evaluate on; give labelled statements")
    found = Counter(tag for record in records for tag in record.tags)
    foreign = sorted(set(found) - set(tags))
    if foreign:
        raise InputError(
            f"the labels use {', '.join(foreign)}, the model knows only {', '.join(tags)}; train it on them"
        )
    if not found:
        raise InputError(
            f"none of the {len(records)} statements bears a tag of the model ({', '.join(tags)}); "
            "evaluate on labels that have some"
        )


def _ranking(outcome: Outcome) -> Ranking:
    wrong = outcome.wrong
    doubt = doubt_of(outcome.p, outcome.predicted)
    found = {f"{share:.0%}": errors_found(wrong, doubt, share) for share in REVIEWED}
    return Ranking(aurc(wrong, doubt), best_aurc(wrong), float(wrong.mean()), found)


def _groups(
    records: Sequence[LabelledStatement], outcome: Outcome, tags: tuple[str, ...], seed: int
) -> dict[str, dict[str, Scores]]:
    ways: dict[str, Callable[[LabelledStatement], str]] = {
        "kind": lambda record: record.kind,
        "decade": lambda record: f"{record.year // 10 * 10}s" if record.year else "",
        "country": lambda record: record.country,
        "region": lambda record: region_of(record.country),
        "rule": lambda record: f"rule {record.rule}" if record.rule else "",
    }
    groups: dict[str, dict[str, Scores]] = {}
    for way, name_of in ways.items():
        names = np.array([name_of(record) for record in records], dtype=np.str_)
        sizes = Counter(names.tolist())
        order = sorted(sizes) if way == "decade" else [name for name, _ in sizes.most_common()]
        large = {
            name: score_outcome(outcome.part(names == name), tags, seed)
            for name in order
            if name and sizes[name] >= MIN_GROUP
        }
        if large:
            groups[way] = large
    return groups
