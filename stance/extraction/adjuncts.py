"""What may stand between a reporting verb and its content: adverbs, times, places, occasions, hearers."""

from __future__ import annotations

import re

from stance.extraction import words
from stance.extraction.phrases import is_adverb, looks_finite
from stance.extraction.tokens import Token
from stance.extraction.words import word_set

_PLACES = word_set("in at on during to from outside by with after before over through via inside for")


OCCASIONS = word_set(
    "statement interview speech letter post briefing note tweet message report email e-mail bulletin communique "
    "broadcast dispatch article commentary remarks press conference reporters journalists us me him her them"
)


SPANS = re.compile(r"(?:second|minute|hour|day|week|month|year)s?$")


# Adverbs that belong to the clause behind the verb as often as to the verb.
_FRONTED = word_set(
    "so there here further only just even now first well rather never always often not recently previously "
    "perhaps soon once elsewhere already still too indeed"
)


MAX_ADJUNCT = 14


def is_time(token: Token) -> bool:
    """Whether a token is a day or a month."""
    return token.lower in words.DAYS | words.MONTHS


def skip_adjuncts(tokens: list[Token], at: int, clause: bool) -> int:
    """Step over adverbs, times, places and occasions behind a verb.

    :param tokens: The tokens of a sentence.
    :param at: Index of the first token behind the verb.
    :param clause: Whether the verb takes "that", which is then looked for behind a place.
    :returns: Index of the first token that is none of these.
    """
    for _ in range(4):
        if at >= len(tokens):
            return at
        token = tokens[at]
        if is_adverb(token) and (token.lower not in _FRONTED or _leads_clause(tokens, at + 1)):
            at += 1
        elif token.lower in _PLACES:
            skipped = _skip_place(tokens, at, clause)
            if skipped == at:
                return at
            at = skipped
        elif (
            token.lower in ("last", "this")
            and at + 1 < len(tokens)
            and (
                tokens[at + 1].lower in words.DAYS
                or tokens[at + 1].lower in ("week", "month", "year", "morning", "evening", "afternoon")
            )
        ):
            at += 2
        elif token.lower in ("two", "three", "a", "some", "several", "four", "five") and (
            at + 2 < len(tokens)
            and SPANS.match(tokens[at + 1].lower)
            and tokens[at + 2].lower in ("earlier", "later", "ago", "before")
        ):
            at += 3
        elif token.lower == "once" or (token.text == "(" and _closing(tokens, at)):
            at = _closing(tokens, at) or at + 1
        else:
            return at
    return at


def _leads_clause(tokens: list[Token], at: int) -> bool:
    return at < len(tokens) and (tokens[at].lower == "that" or tokens[at].lower in _PLACES or tokens[at].text in ",:")


def _closing(tokens: list[Token], at: int) -> int | None:
    for index in range(at, min(at + 8, len(tokens))):
        if tokens[index].text == ")":
            return index + 1
    return None


def _skip_place(tokens: list[Token], at: int, clause: bool) -> int:
    limit = min(len(tokens), at + MAX_ADJUNCT)
    if clause:
        for index in range(at + 1, limit):
            token = tokens[index]
            if token.lower == "that" and tokens[index - 1].lower not in words.PREPOSITIONS:
                return index
            if token.quote is not None or token.text in ",;:" or token.lower in words.AUXILIARIES:
                break
    if at + 1 >= len(tokens):
        return at
    following = tokens[at + 1].lower
    if following in words.DAYS | words.MONTHS or following in OCCASIONS or following.isdigit():
        return at + 2
    if tokens[at].lower == "on" and tokens[at + 1].is_capital:
        return at + 2
    if following in words.DETERMINERS:
        for index in range(at + 2, min(at + 6, len(tokens))):
            if tokens[index].lower in OCCASIONS:
                return index + 1
    return at


def that_behind(tokens: list[Token], at: int) -> int | None:
    """Find "that" behind a hearer and circumstances, before any verb or comma."""
    for index in range(at + 1, min(at + MAX_ADJUNCT, len(tokens))):
        token = tokens[index]
        if token.lower == "that":
            return index
        if token.quote is not None or not token.is_word or looks_finite(tokens, index):
            return None
    return None


def hearer_end(tokens: list[Token], at: int) -> int:
    """Find the end of the noun phrase behind "tell"."""
    token = tokens[at]
    if token.lower in words.PRONOUNS or token.lower == "me" or token.lower == "us":
        return at + 1
    index = at + 1
    while index < min(len(tokens), at + MAX_ADJUNCT):
        current, previous = tokens[index], tokens[index - 1]
        if (
            current.quote is not None
            or not current.is_word
            or current.lower in ("that", "to")
            or looks_finite(tokens, index)
        ):
            break
        if current.lower in words.DETERMINERS | words.SUBJECT_PRONOUNS and previous.lower not in words.PREPOSITIONS:
            break
        if (
            current.lower in ("on", "in", "at", "during", "by")
            and (tokens[index + 1 : index + 2] or [current])[0].lower in words.DAYS
        ):
            break
        if (
            current.is_capital
            and previous.is_word
            and not previous.is_capital
            and previous.lower not in words.PREPOSITIONS | words.DETERMINERS
        ):
            break
        if (
            not current.is_capital
            and previous.lower
            in (
                "reporters",
                "journalists",
                "lawmakers",
                "parliament",
                "members",
                "supporters",
            )
            and current.lower not in words.PREPOSITIONS
        ):
            break
        index += 1
    return index
