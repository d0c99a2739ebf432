"""Words, marks and sentences of a paragraph; a quote is one token, so that rules see over it."""

from __future__ import annotations

import re
from typing import NamedTuple

from stance.extraction.quotes import Quote
from stance.extraction.words import word_set

ABBREVIATIONS = word_set(
    "mr mrs ms dr sen rep gen col lt capt maj sgt adm gov st jr sr prof rev hon no vs etc inc ltd co corp dept "
    "est fig approx jan feb mar apr jun jul aug sep sept oct nov dec mt ft art para brig cmdr amb pres"
)
_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}(?:['’]s)?"  # U.S., U.N.'s
    r"|[$€£¥]?\d+(?:[.,:]\d+)*[^\W\d_]*%?"
    r"|[^\W_]+(?:(?:['’‑&/.-]|\.-)[^\W_]+)*(?:(?<=s)['’](?=\s[a-z]))?"
    r"|--+|\.\.\.+|[^\w\s]|_"
)
_END = frozenset(".?!…")
_LONGEST = 400  # in tokens; what is longer is no sentence, and rules look both ways within one
_SKIPPED = frozenset("*_•")


class Token(NamedTuple):
    """A word, a punctuation mark, or a whole quote."""

    text: str
    start: int
    end: int
    lower: str
    quote: Quote | None = None

    @property
    def is_word(self) -> bool:
        """Whether it is a word or a number."""
        return self.quote is None and self.text[0].isalnum()

    @property
    def is_capital(self) -> bool:
        """Whether it is a word with a capital letter."""
        return self.quote is None and self.text[0].isupper()


def tokenize(text: str, start: int, end: int, quotes: list[Quote]) -> list[Token]:
    """Cut the paragraph ``text[start:end]`` into tokens.

    :param text: The whole text.
    :param start: Offset of the paragraph.
    :param end: Offset behind the paragraph.
    :param quotes: The quotes of the paragraph; each becomes one token.
    :returns: Tokens in the order of the text.
    """
    tokens: list[Token] = []
    at = start
    for quote in quotes:
        _plain(text, at, quote.outer_start, tokens)
        tokens.append(Token("“”", quote.outer_start, quote.outer_end, "“”", quote))
        at = quote.outer_end
    _plain(text, at, end, tokens)
    return tokens


def _plain(text: str, start: int, end: int, tokens: list[Token]) -> None:
    for match in _TOKEN.finditer(text, start, end):
        word, stop = match.group(), match.end()
        if tokens and match.start() < tokens[-1].end:  # the point of an abbreviation
            continue
        if word in _SKIPPED:
            continue
        if stop < end and text[stop] == "." and word.lower() in ABBREVIATIONS and word[0].isupper():
            word, stop = word + ".", stop + 1
        elif word == "." and tokens and tokens[-1].end == match.start() and tokens[-1].text.endswith("."):
            continue
        elif word == "." and tokens and tokens[-1].end == match.start() and _is_initial(tokens[-1].text, text, stop):
            last = tokens.pop()
            tokens.append(Token(last.text + ".", last.start, stop, last.lower + "."))
            continue
        tokens.append(Token(word, match.start(), stop, word.lower().replace("’", "'")))


def _is_initial(word: str, text: str, stop: int) -> bool:
    return len(word) == 1 and word.isupper() and word != "I" and text[stop : stop + 2].strip()[:1].isupper()


def sentences(text: str, tokens: list[Token]) -> list[list[Token]]:
    """Group the tokens of a paragraph into sentences.

    :param text: The whole text.
    :param tokens: The tokens of a paragraph.
    :returns: One list of tokens a sentence, its final mark included.
    """
    groups: list[list[Token]] = []
    current: list[Token] = []
    for index, token in enumerate(tokens):
        current.append(token)
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if following is None or _ends(text, token, following) or len(current) >= _LONGEST:
            groups.append(current)
            current = []
    return groups


def _ends(text: str, token: Token, following: Token) -> bool:
    if following.text in _END or following.text in ")]":
        return False
    starts = (
        following.quote is not None
        or following.text[0].isupper()
        or following.text[0].isdigit()
        or following.text[0] in "([-–—"
    )
    if token.quote is not None:
        last = text[token.quote.end - 1]
        return (last in "." and starts and following.is_word) or (last in ".?!,…" and following.quote is not None)
    if token.text in _END or token.text.startswith("..."):
        return starts
    return token.text.endswith(".") and _abbreviation_ends(token, following)


def _abbreviation_ends(token: Token, following: Token) -> bool:
    """Whether a point behind an abbreviation such as U.S. ends the sentence as well."""
    return (
        token.text.count(".") > 1
        and following.lower in {"the", "it", "he", "she", "in", "but", "they", "we", "a", "this"}
        and following.is_capital
    )
