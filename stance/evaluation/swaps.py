"""Swap the countries and the speaker that a statement names: rule 11 of the codebook, who speaks is no evidence."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stance.datasets.records import LabelledStatement
from stance.evaluation.bootstrap import Estimate, cluster_numbers, percentile_estimates, resampled_sums
from stance.evaluation.evaluation import cluster_of
from stance.extraction.countries import find_places
from stance.inference import Classifier
from stance.inference.masking import PEERS, countries_in, with_countries

SURNAMES = ("Abara", "Castellan", "Dumont", "Eriksen", "Haddad", "Ilves", "Kovac", "Mensah", "Okafor", "Tanaka")
_ROLES = (
    "Administration Agency Ambassador Army Assembly Authority Bank Cabinet Chief Commander Commission Committee "
    "Congress Council Court Delegation Department Director Embassy Envoy Federation General Government Group House "
    "Judge King Leader Legislature Mayor Minister Ministry Mission Monarch Nations Office Officer Official Officials "
    "Parliament Party Pentagon President Premier Prince Queen Regime Representative Republic Republicans Democrats "
    "Secretary Senate Senator Service Speaker Spokesman Spokesperson Spokeswoman State States Treasury Union"
)
ROLES = frozenset(_ROLES.split())  # last words of "speakers" that are no surnames


@dataclass(frozen=True, slots=True)
class SwapReport:
    """How often a model gives a statement and its swapped forms the same tags."""

    groups: int
    members: int  # statements in all, the originals included
    consistent: Estimate  # share of groups whose members all bear the same tags
    changed: tuple[tuple[str, ...], ...]  # the ids of groups that are not, with the tags of their members


def swap(record: LabelledStatement, draw: random.Random) -> LabelledStatement | None:
    """Return a statement with its countries, and its speaker's surname, replaced by others.

    Text and context are changed by one mapping, so that what was one country stays one.

    :param record: The statement.
    :param draw: The source of chance.
    :returns: The statement with another text, or None if it names no country and no speaker that can be swapped.
    """
    codes = {found.code for part in (record.text, record.context) for found in countries_in(part)}
    peers = [code for code in PEERS if code not in codes]
    others = dict(zip(sorted(codes), draw.sample(peers, min(len(codes), len(peers))), strict=False))
    surname = surname_of(record.speaker)
    other_surname = draw.choice(SURNAMES)

    def changed(text: str) -> str:
        text = with_countries(text, others)
        if surname:
            text = re.sub(rf"\b{re.escape(surname)}\b", other_surname, text)
        return text

    swapped = dataclasses.replace(record, text=changed(record.text), context=changed(record.context))
    return None if (swapped.text, swapped.context) == (record.text, record.context) else swapped


def surname_of(speaker: str) -> str:
    """Return the last word of a person's name; an empty text for roles, bodies and countries."""
    words = speaker.split()
    if not re.fullmatch(r"(?:[A-Z][\w.'’-]*\s)+[A-Z][a-z'’-]{3,}", speaker) or words[0] == "The":
        return ""
    return "" if words[-1] in ROLES or find_places(speaker) else words[-1]


def swap_groups(
    records: Sequence[LabelledStatement], n_groups: int = 500, n_swaps: int = 4, seed: int = 0
) -> list[list[LabelledStatement]]:
    """Draw statements that name a country or a speaker, each with its swapped forms.

    :param records: The statements to draw from.
    :param n_groups: How many to draw; fewer if there are not so many.
    :param n_swaps: Swapped forms of each.
    :param seed: The seed of the draw.
    :returns: Groups of 1 + ``n_swaps`` statements, the original first.
    """
    draw = random.Random(seed)
    groups = []
    for record in draw.sample(list(records), len(records)):
        swapped = [form for _ in range(n_swaps) if (form := swap(record, draw)) is not None]
        if len(swapped) == n_swaps:
            groups.append([record, *swapped])
        if len(groups) == n_groups:
            break
    return groups


def swap_report(classifier: Classifier, groups: Sequence[Sequence[LabelledStatement]], seed: int = 0) -> SwapReport:
    """Tell how often all members of a group bear the same tags.

    :param classifier: The model.
    :param groups: At least one group, as :func:`swap_groups` makes them.
    :param seed: The seed of the bootstrap over documents.
    """
    flat = [record for group in groups for record in group]
    tags = iter(classifier.predict([record.text for record in flat], [record.context for record in flat]))
    answers = [[next(tags) for _ in group] for group in groups]
    same = np.array([[float(len(set(answer)) == 1), 1.0] for answer in answers])
    sums = resampled_sums(same, cluster_numbers([cluster_of(group[0]) for group in groups]), seed=seed)
    (share,) = percentile_estimates(same[:, :1].mean(0), sums[:, :1] / sums[:, 1:])
    changed = tuple(
        (group[0].id, *("+".join(given) or "none" for given in answer))
        for group, answer in zip(groups, answers, strict=True)
        if len(set(answer)) > 1
    )
    return SwapReport(len(groups), len(flat), share, changed)
