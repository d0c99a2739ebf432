"""Interviews and briefings: lines that begin with the name of a speaker and a colon, without quotation marks."""

from __future__ import annotations

import re
from collections import Counter

from stance.extraction.countries import find_places
from stance.extraction.layout import Line, is_furniture
from stance.extraction.people import find_people, name_in
from stance.extraction.words import ROLES
from stance.statement import Span

_LABEL = re.compile(
    r"(?:\*\*)?(?:\d\d?[.:]\d\d (?:[—–-] )?)?(?:\*\*)?(?P<name>[A-ZÀ-Þ][^:\n\"“”«»]{0,80}?)"
    r"(?P<note>(?: \([^)\n]*\)){1,2}|, [^:\n\"“”]{3,40})?(?:\*\*)?:(?:\*\*)?[ \u00a0]+"
)
_QUESTION = re.compile(r"(?:Q|Question|A|Answer)$", re.IGNORECASE)
_SIGNED = re.compile(r" [—–-] (?P<name>[A-ZÀ-Þ][^—–\n]{2,50}?)(?:, [a-z][^.\n]{2,40})?\.?$")
_QUOTED = "\"“„«'‘"


def find_labelled(text: str, lines: list[Line]) -> dict[int, tuple[Span, Span]]:
    """Find the lines that are one speaker's words, named in front of a colon or behind a dash.

    A label counts if it names an office or comes back, or if the text asks questions.

    :param text: The text.
    :param lines: Its lines.
    :returns: Mention and words of the speaker by the offset of the line.
    """
    labels = {
        line.start: match
        for line in lines
        if (match := _LABEL.match(text, line.start, min(line.end, line.start + 200)))
    }
    names = Counter(match["name"].split()[-1] for match in labels.values())
    asks = any(_QUESTION.match(match["name"]) for match in labels.values())
    people = find_people(text[:400]) if asks else []
    speaker = people[0].places[0] if people else None  # whose answers the headline announces
    found: dict[int, tuple[Span, Span]] = {}
    for line in lines:
        match = labels.get(line.start)
        if match is None:
            continue
        name, begin = match["name"], match.end()
        if re.match(r"A(?:nswer)?$", name) and asks:
            if text[line.end - 1] == "?":
                continue
            signed = _SIGNED.search(text, max(begin, line.end - 110), line.end)
            if signed:
                found[line.start] = (signed.span("name"), (begin, signed.start()))
            elif speaker is not None:
                found[line.start] = (speaker, (begin, line.end))
            continue
        if (
            _QUESTION.match(name.split(" (")[0])
            or text[begin : begin + 1] in _QUOTED
            or line.end - begin < 12
            or text[line.end - 1] == "?"
        ):
            continue
        if (
            is_furniture(text[line.start : begin])
            or not _names_speaker(name)
            or (line.noise and text[line.end - 1] not in ".?!")
        ):
            continue
        office = any(word.lower() in ROLES for word in name.split()) or name_in(name) is not None
        noted = bool(match["note"]) and bool(find_places(text, *match.span("note")))  # "Mr. Amadi (Nigeria):"
        if (
            noted
            or names[name.split()[-1]] > 1
            or (asks and office)
            or (office and match.group().startswith(("**", *"0123456789")))
        ):
            found[line.start] = (match.span("name"), (begin, line.end))
    return found


def _names_speaker(name: str) -> bool:
    words = name.split()
    if len(words) > 9 or re.search(r"\b(?:said|says|told|is|was|were|are|has|have|writes|from|our)\b", name):
        return False
    return name_in(name) is not None or any(word.lower() in ROLES for word in words)
