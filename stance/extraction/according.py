"""Speech reported by "according to", and where the clause before a cue begins."""

from __future__ import annotations

from typing import NamedTuple

from stance.extraction.complements import content_end
from stance.extraction.phrases import looks_finite
from stance.extraction.subjects import phrase_after
from stance.extraction.tokens import Token

Range = tuple[int, int]


class Report(NamedTuple):
    """A content in token indices: its ranges (end exclusive) and the first and last token of the speaker."""

    ranges: tuple[Range, ...]
    subject: Range | None
    cue: int  # index of the cue's token; -1 where the network found the report


def clause_stop(tokens: list[Token], start: int) -> int:
    """Find the semicolon behind ``start`` that ends a clause, or the end of the sentence."""
    for index in range(start, len(tokens)):
        if tokens[index].text == ";":
            return index
    return len(tokens)


def clause_floor(tokens: list[Token], comma: int) -> int:
    """Find where the clause that ends at a comma begins."""
    for index in range(comma - 1, -1, -1):
        if tokens[index].text == ";":
            return index + 1
        if tokens[index].text in "—–-)" and index < 8 and not any(looks_finite(tokens, i) for i in range(index)):
            return index + 1  # behind a dateline
    first = 0
    while first < comma and (not tokens[first].is_word and tokens[first].quote is None):
        first += 1
    return first


def according_to(tokens: list[Token]) -> list[Report]:
    """Find what a sentence reports by "according to".

    :param tokens: The tokens of the sentence.
    :returns: Reports in the order of the sentence.
    """
    reports = []
    for index in range(len(tokens) - 2):
        if tokens[index].lower != "according" or tokens[index + 1].lower != "to":
            continue
        subject = phrase_after(tokens, index + 2)
        if subject is None:
            continue
        floor = clause_floor(tokens, index)
        comma = index - 1 if index and tokens[index - 1].text == "," else index
        behind = _behind_aside(tokens, subject[1] + 1)
        if index - floor < 2 and behind is not None:
            ranges: tuple[Range, ...] = ((behind, content_end(tokens, behind, clause_stop(tokens, behind))),)
        elif index == floor or comma <= floor:
            continue
        else:
            ranges = ((floor, comma),)
            lacks_verb = not any(looks_finite(tokens, i) for i in range(floor, comma))
            if (
                behind is not None
                and behind < len(tokens)
                and lacks_verb
                and tokens[behind].lower not in ("which", "who", "a", "an", "the")
            ):
                ranges += ((behind, content_end(tokens, behind, clause_stop(tokens, behind))),)
        ranges = tuple((first, last) for first, last in ranges if last > first)
        if ranges:
            reports.append(Report(ranges, subject, index))
    return reports


def _behind_aside(tokens: list[Token], at: int) -> int | None:
    """Find the token behind the comma that closes a phrase and its apposition."""
    commas = [i for i in range(at, min(len(tokens), at + 40)) if tokens[i].text == ","]
    if not commas:
        return None
    first = commas[0]
    if any(looks_finite(tokens, i) for i in range(at, first)):
        return None
    if (
        len(commas) > 1
        and first + 1 < len(tokens)
        and tokens[first + 1].lower in ("a", "an", "the", "who", "which", "whose", "head", "director")
    ):
        between = range(first + 1, commas[1])
        relative = tokens[first + 1].lower in ("who", "which", "whose")
        if relative or not any(looks_finite(tokens, i) for i in between):
            return commas[1] + 1
    return first + 1
