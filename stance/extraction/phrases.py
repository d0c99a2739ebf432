"""Noun phrases beside a reporting verb: who is speaking, to the left of the verb or to its right."""

from __future__ import annotations

from stance.extraction import words
from stance.extraction.tokens import Token
from stance.extraction.verbs import NOUNS, VERBS
from stance.extraction.words import word_set

_MAX_SUBJECT = 22  # in tokens; a longer stretch before a verb is no noun phrase
_INTRO = words.PREPOSITIONS | word_set(
    "asked speaking questioned addressing explaining responding replying noting citing quoting referring "
    "commenting meanwhile according when while although though if because taking writing visiting turning "
    "summoned pressed"
)
_RELATIVE = word_set("who which whose whom where")
_CLAUSE_BREAK = frozenset((";", ":", "—", "–", "-", "--", "(", ")", "[", "]"))


def is_adverb(token: Token) -> bool:
    """Whether a token is an adverb that may stand beside a verb."""
    if token.quote is not None:
        return False
    return token.lower in words.ADVERBS or (
        token.lower.endswith("ly") and token.lower not in words.NOT_ADVERBS and not token.is_capital
    )


def looks_finite(tokens: list[Token], index: int) -> bool:
    """Whether the word at ``index`` looks like a finite verb."""
    token = tokens[index]
    if token.quote is not None or not token.text[0].islower():
        return False
    lower = token.lower
    if lower in words.AUXILIARIES:
        return True
    if lower in VERBS and lower not in NOUNS and VERBS[lower].form in ("past", "s"):
        return True
    previous = tokens[index - 1].lower if index else ""
    return (
        (lower in words.PASTS or (lower.endswith("ed") and len(lower) > 4))
        and previous not in words.DETERMINERS | words.PREPOSITIONS
        and not previous.endswith("'s")
    )


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
        return _in_segment(tokens, first, last) or _rightmost(tokens, first, last)
    for first, last in segments[:-1]:
        found = _in_segment(tokens, first, last)
        if found and not _is_intro(tokens, first) and not _has_verb(tokens, first, last):
            return found
    first, last = segments[-2] if len(segments) > 1 else segments[-1]
    return _rightmost(tokens, first, last)


def _skip_times(tokens: list[Token], stop: int, floor: int) -> int:
    """Step back over "on Tuesday", "last week" and the like between subject and verb."""
    if stop - 2 >= floor and tokens[stop - 2].lower in {"on", "last", "this"}:
        if tokens[stop - 1].lower in words.DAYS | {"week", "month", "year", "morning", "evening"}:
            return stop - 2
    return stop


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
            return _in_segment(tokens, first, first if tokens[first].lower in words.PRONOUNS else stop - 1)
        return None
    return None


def antecedent(tokens: list[Token], comma: int) -> tuple[int, int] | None:
    """Find the noun phrase that ends before a relative pronoun, or before the comma in front of one."""
    last = comma - 1 if tokens[comma].text == "," else comma
    first = last
    while first > 0 and tokens[first - 1].text not in ",;:" and tokens[first - 1].quote is None:
        first -= 1
    return _in_segment(tokens, first, last) or _rightmost(tokens, first, last)


def _is_intro(tokens: list[Token], first: int) -> bool:
    token = tokens[first]
    if token.lower in words.CONJUNCTIONS and token.lower not in ("that",):
        return True
    return (
        token.lower in _INTRO
        or is_adverb(token)
        or (token.lower.endswith("ing") and token.text[0].isupper() and len(token.text) > 6)
    )


def _has_verb(tokens: list[Token], first: int, last: int) -> bool:
    return any(looks_finite(tokens, i) for i in range(first + 1, last + 1))


def _in_segment(tokens: list[Token], first: int, last: int) -> tuple[int, int] | None:
    """Take a whole comma-free stretch as the noun phrase, without a conjunction or adverb in front."""
    while first <= last and (
        tokens[first].lower in ("and", "but", "or", "while", "so", "yet", "whereas", "though")
        or is_adverb(tokens[first])
    ):
        first += 1
    if first > last or last - first >= _MAX_SUBJECT or _has_verb(tokens, first, last):
        return None
    if tokens[first].lower in _INTRO or tokens[first].lower in _RELATIVE:
        return None
    return (first, last) if starts_phrase(tokens[first]) else None


def starts_phrase(token: Token) -> bool:
    """Whether a noun phrase may begin with the token."""
    if token.quote is not None or not token.text[0].isalnum():
        return False
    if token.lower in words.PREPOSITIONS or token.lower in words.AUXILIARIES:
        return False
    return (
        token.is_capital
        or token.text[0].isdigit()
        or token.lower in words.DETERMINERS | words.PRONOUNS
        or token.lower.isalpha()
    )


def _rightmost(tokens: list[Token], first: int, last: int) -> tuple[int, int] | None:
    """Take the last noun phrase of a stretch that begins with something else, such as "In Brussels a commissioner"."""
    if first > last:
        return None
    if tokens[last].lower in words.PRONOUNS:
        return (last, last) if tokens[last].lower not in _RELATIVE else None
    best: int | None = None
    for index in range(last, max(first - 1, last - _MAX_SUBJECT), -1):
        token, previous = tokens[index], tokens[index - 1] if index > first else None
        if token.quote is not None or token.text in ",;:()" or looks_finite(tokens, index) or token.lower in _RELATIVE:
            break
        if token.lower in (
            "that",
            "while",
            "but",
            "because",
            "when",
            "if",
            "where",
            "although",
            "though",
            "after",
            "as",
        ):
            break
        if token.lower in words.PREPOSITIONS or token.lower == "and":
            continue
        if (
            previous is not None
            and previous.quote is None
            and previous.lower in words.PREPOSITIONS
            and previous.lower != "after"
        ):
            if index != last and token.lower in words.DETERMINERS:
                continue
            if token.is_capital and best is not None and best == index + 1:
                continue
            if token.lower in words.DETERMINERS:
                continue
        if token.lower in words.DETERMINERS:
            return index, last
        if token.lower in words.ROLES and token.text[0].islower() and index < last and tokens[index + 1].is_capital:
            return (
                (index, last)
                if previous is None or previous.lower in words.PREPOSITIONS or not previous.is_word
                else (_role_start(tokens, index, first), last)
            )
        if token.is_capital or best is None or best == index + 1:
            best = index
    return (best, last) if best is not None else None


def _role_start(tokens: list[Token], index: int, first: int) -> int:
    """Step left over the adjectives and names before a role: "ministry spokesman Luo", "deputy floor leader Kim"."""
    while index > first and tokens[index - 1].is_word and tokens[index - 1].lower not in words.PREPOSITIONS:
        previous = tokens[index - 1]
        if previous.lower in words.ROLES or previous.lower in words.TITLES or previous.lower.endswith("'s"):
            index -= 1
        else:
            break
    return index


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
    for index in range(start, min(len(tokens), start + _MAX_SUBJECT)):
        token = tokens[index]
        if not token.is_word:
            if token.text == "&" or (
                token.text == "." and index + 1 < len(tokens) and tokens[index - 1].text.endswith(".")
            ):
                continue
            break
        if (
            token.lower in _RELATIVE
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
