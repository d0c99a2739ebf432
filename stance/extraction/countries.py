"""Names of places and bodies to codes: ISO 3166 alpha-3, or the acronym of an organisation."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

_LONGEST = 7  # words in the longest name that is looked up


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
    for row in (data / "metonyms.tsv").read_text("utf-8").splitlines():
        if not row.startswith("#"):
            code, _, bodies = row.partition("\t")
            names.update((name, Place(code, "body")) for name in bodies.split("|"))
    names.update(
        {name.upper(): place for name, place in names.items() if place.kind in ("capital", "name") and len(name) > 3}
    )
    return names


def find_places(text: str, start: int = 0, end: int | None = None) -> list[Found]:
    """Find the names of countries, nationalities, towns and bodies in ``text[start:end]``; longer names win.

    :param text: The text.
    :param start: Offset where the search begins.
    :param end: Offset where it ends; the end of the text if None.
    :returns: Names in the order of the text.
    """
    names = table()
    tokens = [
        (fold(m.group()), m.start(), m.end()) for m in _WORD.finditer(text, start, len(text) if end is None else end)
    ]
    found: list[Found] = []
    at = 0
    while at < len(tokens):
        step = 1
        if tokens[at][0][0].isupper() or tokens[at][0] in ("the", "nuclear"):
            for size in range(min(_LONGEST, len(tokens) - at), 0, -1):
                words = " ".join(token[0] for token in tokens[at : at + size])
                place = names.get(words) or names.get(re.sub(r"'s?$", "", words)) or names.get(_singular(words))
                if place is not None and _one_phrase(text, tokens[at : at + size]):
                    found.append(Found(place.code, place.kind, tokens[at][1], tokens[at + size - 1][2]))
                    step = size
                    break
            else:
                found.extend(_hyphenated(tokens[at], names))
        at += step
    return found


def _one_phrase(text: str, tokens: list[tuple[str, int, int]]) -> bool:
    return all(text[a[2] : b[1]] in (" ", " & ", ", ", "\u00a0") for a, b in zip(tokens, tokens[1:], strict=False))


def _singular(words: str) -> str:
    return words[:-1] if words.endswith("s") and not words.endswith("ss") and len(words) > 5 else ""


def _hyphenated(token: tuple[str, int, int], names: dict[str, Place]) -> list[Found]:
    """Read "NATO-led" and "Saudi-owned" by their first part."""
    first, dash, _ = token[0].partition("-")
    place = names.get(first) if dash else None
    return [Found(place.code, place.kind, token[1], token[1] + len(first))] if place else []
