"""Swap the countries and the speaker that a statement names: rule 11 of the codebook, who speaks is no evidence."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from stance.datasets.records import LabelledStatement
from stance.evaluation.bootstrap import Estimate, cluster_numbers, percentile_estimates, resampled_sums
from stance.evaluation.evaluation import cluster_of
from stance.extraction.countries import Found, find_places, table
from stance.inference import Classifier

# Countries that may stand in for one another: their names need no article.
_PEERS = (
    "ALB DZA AGO ARG ARM AUS AUT AZE BHR BGD BOL BRA BGR CMR CAN CHL CHN COL CUB EGY EST ETH FIN FRA GEO DEU GHA GRC "
    "HUN IND IDN IRN IRQ ISR ITA JPN JOR KAZ KEN KWT LBN LBY LTU MYS MLI MEX MAR NPL NGA NOR PAK PER POL QAT ROU RUS "
    "RWA SAU SEN SRB SVN ZAF ESP SDN SYR TUN TUR UGA UKR VEN VNM YEM ZMB ZWE"
)
PEERS = tuple(_PEERS.split())
SURNAMES = ("Abara", "Castellan", "Dumont", "Eriksen", "Haddad", "Ilves", "Kovac", "Mensah", "Okafor", "Tanaka")
_ROLES = (
    "Administration Agency Ambassador Army Assembly Authority Bank Cabinet Chief Commander Commission Committee "
    "Congress Council Court Delegation Department Director Embassy Envoy Federation General Government Group House "
    "Judge King Leader Legislature Mayor Minister Ministry Mission Monarch Nations Office Officer Official Officials "
    "Parliament Party Pentagon President Premier Prince Queen Regime Representative Republic Republicans Democrats "
    "Secretary Senate Senator Service Speaker Spokesman Spokesperson Spokeswoman State States Treasury Union"
)
ROLES = frozenset(_ROLES.split())  # last words of "speakers" that are no surnames
SWAPPED = ("name", "adjective", "capital")


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
        for found in reversed(countries_in(text)):
            text = replace(text, found, others.get(found.code, found.code))
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


def swap_some(records: Sequence[LabelledStatement], share: float, seed: int) -> list[LabelledStatement]:
    """Return the statements, a share of them with other countries (of those that name any)."""
    draw = random.Random(seed)
    return [(swap(record, draw) or record) if draw.random() < share else record for record in records]


def countries_in(text: str) -> list[Found]:
    """Return the names, adjectives and capitals of countries in a text."""
    return [found for found in find_places(text) if found.kind in SWAPPED and len(found.code) == 3]


def replace(text: str, found: Found, code: str) -> str:
    """Put another country's name, adjective or capital where one was found, and mend the article before it."""
    old, before, after = text[found.start : found.end], text[: found.start], text[found.end :]
    kind, ending = found.kind, ""
    if old.endswith(("'s", "’s")):
        ending = old[-2:]
    elif old.endswith("s") and re.match(r"['’](?!\w)", after):
        ending, after = after[0] + "s", after[1:]  # "the Philippines' right"
    if ending and kind == "adjective":
        kind = "name"  # "the Russians' claim"
    new = word_for(code, kind)
    if not new:
        return text
    if kind == "adjective" and old[:-1] in table() and old.endswith("s") and new.endswith("n"):
        new += "s"  # the people
    if kind == "name" and before.lower().endswith("the "):
        before = before[:-4]  # "the United States"
    else:
        before = re.sub(r"\b([Aa])n? $", lambda m: m[1] + ("n " if new[0] in "AEIO" else " "), before)
    return before + new + ending + after


@lru_cache(maxsize=1)
def _words() -> dict[tuple[str, str], str]:
    shortest: dict[tuple[str, str], str] = {}
    for name, place in table().items():
        key = (place.code, place.kind)
        if not (name.isupper() or "." in name) and len(name) < len(shortest.get(key, name + ".")):
            shortest[key] = name
    return shortest


def word_for(code: str, kind: str) -> str:
    """Return the shortest name of a kind of a country; an empty text if it has none."""
    return _words().get((code, kind), "")


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
