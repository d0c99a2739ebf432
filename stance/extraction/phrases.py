"""Noun phrases beside a reporting verb: who is speaking, to the left of the verb or to its right."""

from __future__ import annotations

from stance.extraction import words
from stance.extraction.tokens import Token
from stance.extraction.verbs import NOUNS, VERBS
from stance.extraction.words import word_set

MAX_SUBJECT = 22  # in tokens; a longer stretch before a verb is no noun phrase
RELATIVES = word_set("who which whose whom where")
INTRODUCTIONS = words.PREPOSITIONS | word_set(
    "asked speaking questioned addressing explaining responding replying noting citing quoting referring "
    "commenting meanwhile according when while although though if because taking writing visiting turning "
    "summoned pressed"
)


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


def whole_phrase(tokens: list[Token], first: int, last: int) -> tuple[int, int] | None:
    """Take a whole comma-free stretch as the noun phrase, without a conjunction or adverb in front."""
    while first <= last and (
        tokens[first].lower in ("and", "but", "or", "while", "so", "yet", "whereas", "though")
        or is_adverb(tokens[first])
    ):
        first += 1
    if first > last or last - first >= MAX_SUBJECT or has_verb(tokens, first, last):
        return None
    if tokens[first].lower in INTRODUCTIONS or tokens[first].lower in RELATIVES:
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


def rightmost_phrase(tokens: list[Token], first: int, last: int) -> tuple[int, int] | None:
    """Take the last noun phrase of a stretch that begins with something else, such as "In Brussels a commissioner"."""
    if first > last:
        return None
    if tokens[last].lower in words.PRONOUNS:
        return (last, last) if tokens[last].lower not in RELATIVES else None
    best: int | None = None
    for index in range(last, max(first - 1, last - MAX_SUBJECT), -1):
        token, previous = tokens[index], tokens[index - 1] if index > first else None
        if token.quote is not None or token.text in ",;:()" or looks_finite(tokens, index) or token.lower in RELATIVES:
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


def has_verb(tokens: list[Token], first: int, last: int) -> bool:
    """Whether a stretch holds a finite verb behind its first word."""
    return any(looks_finite(tokens, i) for i in range(first + 1, last + 1))
