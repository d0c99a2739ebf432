"""Who is speaking: the subject to the left of a reporting verb, or behind it, or at the head of a sentence."""

from __future__ import annotations

from stance.extraction import words
from stance.extraction.phrases import (
    INTRODUCTIONS,
    MAX_SUBJECT,
    RELATIVES,
    has_verb,
    is_adverb,
    looks_finite,
    rightmost_phrase,
    starts_phrase,
    whole_phrase,
)
from stance.extraction.tokens import Token

_CLAUSE_BREAK = frozenset((";", ":", "—", "–", "-", "--", "(", ")", "[", "]"))


def subject_before(tokens: list[Token], verb: int, floor: int) -> tuple[int, int] | None:
    """Find the noun phrase that ends before a verb group.

    :param tokens: The tokens of a sentence.
    :param verb: Index of the first word of the verb group.
    :param floor: Index of the first token that may belong to the phrase.
    :returns: First and last token index (inclusive), or None.
    """
    stop = verb
    while stop > floor and is_adverb(tokens[stop - 1]):
        stop -= 1
    stop = _skip_times(tokens, stop, floor)
    start = _clause_start(tokens, stop, floor)
    segments = _segments(tokens, start, stop)
    if not segments:
        return None
    first, last = segments[-1]
    if first <= last:  # the phrase stands right before the verb
        return whole_phrase(tokens, first, last) or rightmost_phrase(tokens, first, last)
    for first, last in segments[:-1]:
        found = whole_phrase(tokens, first, last)
        if found and not _is_intro(tokens, first) and not has_verb(tokens, first, last):
            return found
    first, last = segments[-2] if len(segments) > 1 else segments[-1]
    return rightmost_phrase(tokens, first, last)


def _skip_times(tokens: list[Token], stop: int, floor: int) -> int:
    """Step back over "on Tuesday", "last week" and the like between subject and verb."""
    if stop - 2 < floor or tokens[stop - 2].lower not in {"on", "last", "this"}:
        return stop
    return stop - 2 if tokens[stop - 1].lower in words.DAYS | {"week", "month", "year", "morning", "evening"} else stop


def _clause_start(tokens: list[Token], stop: int, floor: int) -> int:
    start = max(floor, 0)
    for index in range(stop - 1, start - 1, -1):
        token = tokens[index]
        if token.text in _CLAUSE_BREAK and token.text not in ")]":
            return index + 1
        if token.quote is not None and index < stop - 1 and tokens[index + 1].text != ",":
            return index + 1
        if (
            token.lower
            in (
                "while",
                "but",
                "whereas",
                "and",
                "though",
                "although",
                "as",
                "because",
                "after",
                "when",
                "before",
                "that",
                "since",
            )
            and index > start
        ):
            if (
                tokens[index - 1].text == ","
                and tokens[index + 1].text != ","
                and token.lower not in ("as", "since", "after", "before")
            ):
                return index + 1
            if token.lower == "and" and not _joins_nouns(tokens, index, start):
                return index + 1
            if token.lower in ("while", "but", "because", "when", "after", "as") and any(
                looks_finite(tokens, i) for i in range(start, index)
            ):
                return index + 1
            if token.lower == "that" and any(looks_finite(tokens, i) for i in range(start, index)):
                return index + 1
    return start


def _joins_nouns(tokens: list[Token], index: int, start: int) -> bool:
    """Whether "and" at ``index`` joins two nouns rather than two clauses."""
    for i in range(index - 1, start - 1, -1):
        if tokens[i].text in (";", ":", ","):
            break
        if tokens[i].quote is not None or looks_finite(tokens, i):
            return False
    return True


def _segments(tokens: list[Token], start: int, stop: int) -> list[tuple[int, int]]:
    """Cut ``tokens[start:stop]`` at commas; every part as first and last index (inclusive)."""
    parts: list[tuple[int, int]] = []
    first = start
    for index in range(start, stop):
        if tokens[index].text == ",":
            if index > first:
                parts.append((first, index - 1))
            first = index + 1
    if first < stop:
        parts.append((first, stop - 1))
    elif parts and stop > start and tokens[stop - 1].text == ",":
        parts.append((stop, stop - 1))
    return parts


def leading_phrase(tokens: list[Token]) -> tuple[int, int] | None:
    """Find the noun phrase that a sentence begins with, introductions such as "In Rome," left out.

    :param tokens: The tokens of a sentence.
    :returns: First and last token index (inclusive), or None.
    """
    for first, last in _segments(tokens, 0, min(len(tokens), 60)):
        while first <= last and (
            not tokens[first].is_word or tokens[first].lower in ("and", "but", "yet") or is_adverb(tokens[first])
        ):
            if tokens[first].quote is not None:
                return None
            first += 1
        if first > last or _is_intro(tokens, first):
            continue
        stop = first + 1
        while stop <= last and tokens[stop].is_word and not looks_finite(tokens, stop):
            stop += 1
        if not starts_phrase(tokens[first]):
            return None
        if tokens[first].lower in words.PRONOUNS or stop <= last or last + 1 < len(tokens):
            return whole_phrase(tokens, first, first if tokens[first].lower in words.PRONOUNS else stop - 1)
        return None
    return None


def antecedent(tokens: list[Token], comma: int) -> tuple[int, int] | None:
    """Find the noun phrase that ends before a relative pronoun, or before the comma in front of one."""
    last = comma - 1 if tokens[comma].text == "," else comma
    first = last
    while first > 0 and tokens[first - 1].text not in ",;:" and tokens[first - 1].quote is None:
        first -= 1
    return whole_phrase(tokens, first, last) or rightmost_phrase(tokens, first, last)


def _is_intro(tokens: list[Token], first: int) -> bool:
    token = tokens[first]
    if token.lower in words.CONJUNCTIONS and token.lower not in ("that",):
        return True
    return (
        token.lower in INTRODUCTIONS
        or is_adverb(token)
        or (token.lower.endswith("ing") and token.text[0].isupper() and len(token.text) > 6)
    )


def phrase_after(tokens: list[Token], start: int) -> tuple[int, int] | None:
    """Find the noun phrase that begins at ``start``, as in "said the spokesman of the government".

    :param tokens: The tokens of a sentence.
    :param start: Index of its first token.
    :returns: First and last token index (inclusive), or None.
    """
    if start >= len(tokens) or not starts_phrase(tokens[start]):
        return None
    if tokens[start].lower in words.PRONOUNS and tokens[start].lower not in ("one", "her"):
        return start, start
    proper = tokens[start].is_capital and tokens[start].lower not in words.DETERMINERS
    last = start
    named = False
    for index in range(start, min(len(tokens), start + MAX_SUBJECT)):
        token = tokens[index]
        if not token.is_word:
            if token.text == "&" or (
                token.text == "." and index + 1 < len(tokens) and tokens[index - 1].text.endswith(".")
            ):
                continue
            break
        if (
            token.lower in RELATIVES
            or looks_finite(tokens, index)
            or token.lower in ("that", "as", "after", "during", "while", "when", "but", "because", "before")
        ):
            break
        if token.lower in words.DAYS or (is_adverb(token) and index > start):
            break
        if token.lower in ("on", "over", "by", "with", "via", "about", "under", "amid"):
            break
        if token.lower in words.PREPOSITIONS and (_is_person(tokens, start, last, proper) or named):
            break
        if token.lower == "and" and not (index + 1 < len(tokens) and tokens[index + 1].is_word and not proper):
            break
        if token.is_word and token.lower not in words.PREPOSITIONS and token.lower not in ("and", "the", "a", "an"):
            last = index
    return (
        (start, last)
        if last > start or tokens[start].lower not in words.DETERMINERS or tokens[start].lower == "one"
        else None
    )


def _is_person(tokens: list[Token], first: int, last: int, proper: bool) -> bool:
    """Whether a phrase that begins with a capital ends in a name, which no preposition carries on."""
    if tokens[last].lower in words.ROLES or tokens[last].lower.rstrip("s") in words.ROLES:
        return False
    if proper:
        return tokens[last].is_capital and last > first
    return tokens[last].is_capital and last - first >= 2 and tokens[last - 1].is_capital
