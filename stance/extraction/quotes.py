"""Quotation marks: find what stands between them, whatever their style, even where one is missing or misplaced."""

from __future__ import annotations

import re
from typing import NamedTuple

OPENING = "“„‟«‹"
CLOSING = "”»›"
STRAIGHT = '"＂'
MARKS = OPENING + CLOSING + STRAIGHT
_MARK = re.compile(f"[{MARKS}]|(?<![^\\W_])['‘](?=[^\\W_$€£…])|['’](?![^\\W_])")
# Words that begin with an apostrophe, not with an opening mark.
_ELISION = re.compile(r"['‘’](?:em|til|tis|twas|cause|n|\d\ds?)\b", re.IGNORECASE)
# Where speech stops and its speaker is named, in a quote that lost its closing mark.
INCISE = re.compile(
    r"[,?!] (?=(?:(?:the |a |an )?[\w.'’-]+(?: [\w.'’-]+){0,5} (?:said|says|added|adds|told|wrote|writes"
    r"|asked|believes|retorted|quoted|noted|stated|replied|declared|stressed|argued|warned|insisted)\b"
    r"|(?:said|says|added|adds|confides|retorted|declared|stated|wrote|told|replied)\b (?:to us )?"
    r"(?:the |a |an )?[A-Zh]))"
)


_NEAR = 400  # characters before a mark in which the naming of a speaker is looked for


class Quote(NamedTuple):
    """A stretch between quotation marks in one paragraph; the offsets leave the marks out."""

    start: int
    end: int
    outer_start: int  # offset of the opening mark, or the start where it is missing
    outer_end: int  # offset behind the closing mark
    closed: bool  # False where the paragraph ends before a closing mark


class _Mark(NamedTuple):
    at: int
    char: str
    opens: bool  # its place in the text looks like that of an opening mark
    closes: bool


def find_quotes(text: str, start: int, end: int) -> list[Quote]:
    """Find the outermost quotes of the paragraph ``text[start:end]``.

    Double marks are read first; single marks count where no double quote holds them.

    :param text: The whole text.
    :param start: Offset of the first character of the paragraph.
    :param end: Offset behind its last character.
    :returns: Quotes in the order of the text, without overlap.
    """
    marks = [_mark(text, match.start(), start, end) for match in _MARK.finditer(text, start, end)]
    doubles = _pair_doubles(text, [mark for mark in marks if mark.char in MARKS], start, end)
    singles = [mark for mark in marks if mark.char not in MARKS and not _ELISION.match(text, mark.at)]
    quotes = doubles + _pair_singles(text, singles, doubles)
    return sorted(quote for quote in quotes if text[quote.start : quote.end].strip())


def _mark(text: str, at: int, start: int, end: int) -> _Mark:
    before = text[at - 1] if at > start else " "
    after = text[at + 1] if at + 1 < end else " "
    gap_before, gap_after = not before.isalnum() and before not in ".,?!…)", after.isspace() or after in ".,;:?!)…"
    char = text[at]
    if char in "“„‟‘":
        return _Mark(at, char, True, False)
    if char in "«»‹›":  # French sets blanks inside, German turns the marks round
        return _Mark(at, char, char in "«‹", char in "»›")
    if char == "”" and not (gap_before and not gap_after):
        return _Mark(at, char, False, True)
    return _Mark(at, char, gap_before and not gap_after, not gap_before and (gap_after or before in ".,?!…"))


def _pair_doubles(text: str, marks: list[_Mark], start: int, end: int) -> list[Quote]:
    if not marks:
        return []
    if marks[0].char in "»›" and all(mark.char in "«»‹›" for mark in marks):
        marks = [mark._replace(opens=mark.char in "»›", closes=mark.char in "«‹") for mark in marks]
    if all(mark.char in STRAIGHT for mark in marks) and len(marks) % 2 == 0:
        first, second = marks[::2], marks[1::2]
        if not any(mark.closes and not mark.opens for mark in first):  # plain alternation holds, odd blanks or not
            return [_quote(text, a.at, b.at, True) for a, b in zip(first, second, strict=True)]
    return _scan(text, marks, start, end)


def _scan(text: str, marks: list[_Mark], start: int, end: int) -> list[Quote]:
    quotes: list[Quote] = []
    opened: _Mark | None = None
    depth = 0
    for mark in marks:
        if opened is None:
            if mark.closes and not mark.opens:
                begin = _lost_opening(text, quotes[-1].outer_end if quotes else start, mark.at)
                quotes.append(Quote(begin, mark.at, begin, mark.at + 1, True))
            else:
                opened, depth = mark, 0
        elif opened.char == "„" and mark.char == "“":  # the German closing mark
            quotes.append(_quote(text, opened.at, mark.at, True))
            opened = None
        elif mark.opens and not mark.closes:
            incise = INCISE.search(text, max(opened.at, mark.at - _NEAR), mark.at)
            if incise:
                quotes.append(Quote(opened.at + 1, incise.start() + 1, opened.at, incise.start() + 1, True))
                opened, depth = mark, 0
            elif mark.char in OPENING and opened.char in OPENING:
                depth += 1
            else:
                quotes.append(_quote(text, opened.at, mark.at, True))
                opened = None
        elif depth and mark.char in CLOSING:
            depth -= 1
        else:
            quotes.append(_quote(text, opened.at, mark.at, True))
            opened = None
    if opened is not None:
        incises = list(INCISE.finditer(text, max(opened.at, end - _NEAR), end))
        last = incises[-1] if incises else None
        stop = last.start() + 1 if last else end
        quotes.append(Quote(opened.at + 1, stop, opened.at, stop, last is not None))
    return quotes


def _quote(text: str, opening: int, closing: int, closed: bool) -> Quote:
    start, end = opening + 1, closing
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Quote(start, end, opening, closing + 1, closed)


def _lost_opening(text: str, start: int, end: int) -> int:
    """Guess where a quote without an opening mark begins: at the sentence that the closing mark ends."""
    begin = start
    for boundary in re.finditer(r"[.?!:] (?=[A-ZÀ-Þ])", text[start : max(start, end - 2)]):
        begin = start + boundary.end()
    while begin < end and text[begin].isspace():
        begin += 1
    return begin


def _pair_singles(text: str, marks: list[_Mark], doubles: list[Quote]) -> list[Quote]:
    quotes: list[Quote] = []
    opened: _Mark | None = None
    holders = iter(doubles)
    holder = next(holders, None)
    for index, mark in enumerate(marks):
        while holder is not None and holder.outer_end <= mark.at:
            if opened is not None and opened.at <= holder.outer_end:
                opened = None
            holder = next(holders, None)
        if holder is not None and holder.outer_start <= mark.at:
            continue
        opens = mark.char == "‘" or (mark.char == "'" and mark.opens)
        if opens:
            opened = mark if opened is None or opened.char == mark.char else opened
        elif opened is not None and (mark.char == "'") == (opened.char == "'"):
            if _plural_possessive(text, mark, marks[index + 1 : index + 7]):
                continue
            quotes.append(_quote(text, opened.at, mark.at, True))
            opened = None
    return quotes


def _plural_possessive(text: str, mark: _Mark, later: list[_Mark]) -> bool:
    """Tell "the ministers' meeting" from the end of a quote: a small letter follows, and a better end later."""
    if text[mark.at - 1] != "s" or not text[mark.at + 1 : mark.at + 3].strip()[:1].islower():
        return False
    for other in later:
        if other.char == "‘" or (other.char == "'" and other.opens):
            return False
        if text[other.at - 1] in ".,?!" or text[other.at + 1 : other.at + 2] in (".", ",", ""):
            return True
    return False
