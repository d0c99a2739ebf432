"""Hide from a model which countries a statement speaks of: rule 11 of the codebook, who speaks is no evidence.

The first country of a statement is read as Norway, the second as Kenya, and so on, the same one alike in text and
context. (Replacing entities by stand-ins against shortcuts: Zhang et al. 2017, "Position-aware Attention and Supervised
Data Improve Slot Filling"; stand-ins of the same kind, not bare marks, keep the sentence whole.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from stance.extraction.countries import Found, find_places, table

# Countries that may stand in for one another: their names need no article. The first ones are what masks are made of.
_PEERS = (
    "NOR KEN PER JPN MAR CHL NPL GHA FIN JOR ZMB BOL ALB DZA AGO ARG ARM AUS AUT AZE BHR BGD BRA BGR CMR CAN CHN COL "
    "CUB EGY EST ETH FRA GEO DEU GRC HUN IND IDN IRN IRQ ISR ITA KAZ KWT LBN LBY LTU MYS MLI MEX NGA PAK POL QAT ROU "
    "RUS RWA SAU SEN SRB SVN ZAF ESP SDN SYR TUN TUR UGA UKR VEN VNM YEM ZWE"
)
PEERS = tuple(_PEERS.split())
MASKED = ("name", "adjective", "capital")


def mask_countries(text: str, context: str) -> tuple[str, str]:
    """Put stand-ins for the countries of a statement, in the order in which they are named.

    :param text: The statement.
    :param context: Its context.
    :returns: Both, masked; of a text with more countries than there are stand-ins, the last ones stay.
    """
    in_text, in_context = countries_in(text), countries_in(context)
    stand_ins = dict(zip(dict.fromkeys(found.code for found in in_text + in_context), PEERS, strict=False))
    return replace_all(text, in_text, stand_ins), replace_all(context, in_context, stand_ins)


def with_countries(text: str, others: Mapping[str, str]) -> str:
    """Return a text in which countries are replaced by others.

    :param text: The text.
    :param others: Codes to codes; a country that is not in it stays, its name in the shortest form.
    """
    return replace_all(text, countries_in(text), others)


def replace_all(text: str, named: Sequence[Found], others: Mapping[str, str]) -> str:
    """Return a text in which the countries that were found in it are replaced by others."""
    for found in reversed(named):
        text = replace(text, found, others.get(found.code, found.code))
    return text


def countries_in(text: str) -> list[Found]:
    """Return the names, adjectives and capitals of countries in a text."""
    return [found for found in find_places(text) if found.kind in MASKED and len(found.code) == 3]


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
