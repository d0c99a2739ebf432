"""Names of places and bodies to codes: ISO 3166 alpha-3, or the acronym of an organisation."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import NamedTuple


class Place(NamedTuple):
    """What a name stands for."""

    code: str
    kind: str  # "name", "adjective", "capital", "place" (a city or region) or "body"


class Found(NamedTuple):
    """A name found in a text, with its character offsets in that text."""

    code: str
    kind: str
    start: int
    end: int


# Names of states as the records of the United Nations have them that are no longer borne.
_FORMER = {
    "byelorussian soviet socialist republic": "BLR",
    "czechoslovakia": "CSK",
    "democratic yemen": "YMD",
    "former yugoslav republic of macedonia": "MKD",
    "german democratic republic": "DDR",
    "libyan arab jamahiriya": "LBY",
    "serbia and montenegro": "SCG",
    "ukrainian soviet socialist republic": "UKR",
    "union of soviet socialist republics": "RUS",
    "united nations": "UN",
    "yugoslavia": "YUG",
    "zaire": "COD",
}
# Codes in ISO 3166-3 and in corpora of states that are no more.
_OLD_CODES = frozenset(["ANT", "BUR", "BYS", "CSK", "DDR", "ROM", "SCG", "SUN", "TMP", "YMD", "YUG", "ZAR"])
_NOTE = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:[.'’-][^\W_]+)*")


def fold(name: str) -> str:
    """Drop accents and typographic apostrophes from a name."""
    if name.isascii():
        return name
    plain = unicodedata.normalize("NFD", name.replace("’", "'").replace("ı", "i").replace("ø", "o").replace("ł", "l"))
    return "".join(char for char in plain if not unicodedata.combining(char))


@lru_cache(maxsize=1)
def table() -> dict[str, Place]:
    """Return every known name with what it stands for; names of countries win over those of towns."""
    data = resources.files("stance.extraction") / "data"
    names: dict[str, Place] = {}
    rows = [row.split("\t") for row in (data / "places.tsv").read_text("utf-8").splitlines() if not row.startswith("#")]
    for column, kind in ((4, "place"), (3, "capital"), (2, "adjective"), (1, "name")):
        for row in rows:
            for name in filter(None, row[column].split("|")):
                names[name] = Place(row[0], kind)
    for line in (data / "metonyms.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            code, _, bodies = line.partition("\t")
            names.update((name, Place(code, "body")) for name in bodies.split("|"))
    names.update(
        {name.upper(): place for name, place in names.items() if place.kind in ("capital", "name") and len(name) > 3}
    )
    return names


def country_code(name: str) -> str:
    """Return the code of a country or body that stands alone, as in the column of a table.

    :param name: Its name, such as "Iran (Islamic Republic of)", or its code already.
    :returns: An ISO 3166 alpha-3 code or an organisation's acronym; empty if the name is not known.
    """
    plain = fold(" ".join(_NOTE.sub(" ", name).split())).removeprefix("the ").removeprefix("The ")
    place = table().get(plain) or table().get(f"the {plain}")
    if place is not None and place.kind in ("name", "body"):
        return place.code
    if plain.lower() in _FORMER:
        return _FORMER[plain.lower()]
    return plain if plain in _codes() else ""


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return _OLD_CODES | {place.code for place in table().values()}


@lru_cache(maxsize=1)
def _lengths() -> dict[str, int]:
    """Return how many words the longest name has that begins with a word."""
    lengths: dict[str, int] = {}
    for name in table():
        first, size = name.split(" ", 1)[0], name.count(" ") + 1
        lengths[first] = max(lengths.get(first, 0), size)
    return lengths


def find_places(text: str, start: int = 0, end: int | None = None) -> list[Found]:
    """Find the names of countries, nationalities, towns and bodies in ``text[start:end]``; longer names win.

    :param text: The text.
    :param start: Offset where the search begins.
    :param end: Offset where it ends; the end of the text if None.
    :returns: Names in the order of the text.
    """
    names, lengths = table(), _lengths()
    tokens = [(m.group(), m.start(), m.end()) for m in _WORD.finditer(text, start, len(text) if end is None else end)]
    found: list[Found] = []
    at = 0
    while at < len(tokens):
        word = fold(tokens[at][0])
        bare = _bare(word)
        longest = max(lengths.get(word, 0), lengths.get(bare, 0))
        step = 1
        for size in range(min(longest, len(tokens) - at), 0, -1):
            words = word if size == 1 else fold(" ".join(token[0] for token in tokens[at : at + size]))
            place = names.get(words) or names.get(_bare(words))
            if place is not None and _one_phrase(text, tokens[at : at + size]):
                if word == "the" and _goes_on(text, tokens, at + size):
                    continue  # "the South" of "the South African envoy" is not Korea
                found.append(Found(place.code, place.kind, tokens[at][1], tokens[at + size - 1][2]))
                step = size
                break
        else:
            if "-" in word:
                found.extend(_hyphenated(tokens[at], names))
        at += step
    return found


def _bare(words: str) -> str:
    """Drop the ending of a genitive or a plural: "Iran's", "Philippines'", "Iranians"."""
    if words.endswith("'s"):
        return words[:-2]
    return words[:-1] if words.endswith(("s", "'")) and len(words) > 5 else words


def _one_phrase(text: str, tokens: list[tuple[str, int, int]]) -> bool:
    return all(text[a[2] : b[1]] in (" ", " & ", ", ", "\u00a0") for a, b in pairwise(tokens))


def _goes_on(text: str, tokens: list[tuple[str, int, int]], at: int) -> bool:
    """Tell whether a capitalised word follows after a mere blank."""
    return at < len(tokens) and tokens[at][0][0].isupper() and text[tokens[at - 1][2] : tokens[at][1]] == " "


def _hyphenated(token: tuple[str, int, int], names: dict[str, Place]) -> list[Found]:
    """Read "NATO-led" and "Saudi-owned" by their first part."""
    first, dash, _ = fold(token[0]).partition("-")
    place = names.get(first) if dash else None
    return [Found(place.code, place.kind, token[1], token[1] + len(first))] if place else []
