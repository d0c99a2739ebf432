"""Paragraphs of a speech: lines put together that were broken at a margin, without numbers, page heads and headings."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from stance.statement import Span

_LINE = re.compile(r"[^\r\n\u2028\u2029\x0b\x0c\x85]+")
_BREAK = re.compile(r"\r\n|[\r\n\u2028\u2029\x0b\x0c\x85]")
_BLANK = "\u200b\u2060\ufeff\x00"
_INVISIBLE = re.compile("[\ufeff\u200b\u2060\ufffc\u00ad\x00]")
_NUMBER = re.compile(r"(?:\d{1,3}\s*[.)]|\(\d{1,3}\)|[•●▪◦·*–—-])[\s\u00a0]+")
_BULLETS = "•●▪◦"
_PAGE = re.compile(
    r"page \d+(?: of \d+)?|(?:[AES]|GA)/[\w/.()-]{3,30}(?: [\d/. ]{0,20})?|\d\d-\d{5}(?: ?\([EF]\))?"
    r"|general assembly\s*[-–—,]\s*(?:[\w-]+ ){1,2}session\W*",
    re.IGNORECASE,
)
_PAGE_LENGTH = 80  # in characters; a longer line is no head of a page
_LETTERS = re.compile(r"[^\W\d_]+")
_HYPHEN = re.compile(r"[^\W\d_]-[ \t]*[\r\n]")
_BROKEN = re.compile(r"([^\W\d_]+)-$")
_CLOSING = "\"”»›’')]*_"
_ENDS = ".?!…:;"
_TOUCHING = (*_ENDS, ",", ")")  # no blank stands before these
_HEADING = 12  # words; a longer line is a sentence that lost its mark
_FULL = 0.75  # of the width of the text: a line that is shorter and ends in a mark ends a paragraph
_LEAST = 30  # characters of a line that a break of the page may have cut


class _Line(NamedTuple):
    start: int
    end: int
    apart: bool  # True behind a blank line
    page: bool  # True for what a page bears beside the speech: its number, the symbol of the record


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, as the stretches of the text that hold its words."""

    pieces: tuple[Span, ...]  # character offsets, one a line

    def within(self, start: int, end: int) -> list[Span]:
        """Return what lies between two offsets."""
        low = bisect_right(self.pieces, start, key=itemgetter(1))
        high = bisect_left(self.pieces, end, key=itemgetter(0))
        return [(max(first, start), min(last, end)) for first, last in self.pieces[low:high]]


def read_paragraphs(text: str) -> list[Paragraph]:
    """Find the paragraphs of a speech.

    :param text: The speech.
    :returns: Its paragraphs in the order of the text, headings and page numbers left out; a text that holds nothing
        but lines without a final mark is taken as it stands.
    """
    lines = _lines(text)
    inside = [(one, other) for one, other in pairwise(lines) if not (other.apart or one.page or other.page)]
    open_ends = sum(not _ended(text, one) for one, _ in inside)
    width = 0
    if open_ends * 2 > len(inside):  # broken at a margin: most lines stop in mid-sentence
        lengths = sorted(line.end - line.start for line in lines)
        width = lengths[len(lengths) * 9 // 10]
    groups: list[list[_Line]] = []
    gap = True
    for line in lines:
        if line.page:
            gap = True
            continue
        if groups and _goes_on(text, groups[-1][-1], line, width, gap or line.apart):
            groups[-1].append(line)
        else:
            groups.append([line])
        gap = False
    prose = [group for group in groups if not _is_heading(text, group)] or groups
    return [Paragraph(tuple(pieces)) for group in prose if (pieces := _pieces(text, group))]


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text in small letters, where a line ends in a hyphen; else none, as none is asked for."""
    return frozenset(_LETTERS.findall(text.lower())) if _HYPHEN.search(text) else frozenset()


def unwrapped(text: str, words: frozenset[str], paragraph: Paragraph, start: int, end: int) -> str:
    """Return ``text[start:end]`` on one line, without what a page bears and with words that were broken put together.

    A hyphen at the end of a line stays, unless the word stands elsewhere in the text without it.

    :param text: The speech.
    :param words: What :func:`words_of` returned.
    :param paragraph: The paragraph.
    :param start: Offset of the first character.
    :param end: Offset behind the last one.
    """
    joined = ""
    for first, last in paragraph.within(start, end):
        piece = " ".join(_INVISIBLE.sub("", text[first:last]).split())
        broken, rest = _BROKEN.search(joined[-40:]), _LETTERS.match(piece)
        if broken and rest and rest[0][0].islower():
            whole = (broken[1] + rest[0]).lower()
            joined = (joined[:-1] if whole in words else joined) + piece
        else:
            joined += f" {piece}" if joined and piece[:1] not in _TOUCHING else piece
    return joined


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    behind = 0
    for match in _LINE.finditer(text):
        start, end = match.span()
        while start < end and (text[start].isspace() or text[start] in _BLANK):
            start += 1
        while end > start and (text[end - 1].isspace() or text[end - 1] in _BLANK):
            end -= 1
        if end > start:
            apart = len(_BREAK.findall(text, behind, start)) > 1
            lines.append(_Line(start, end, apart, _is_page(text[start : min(end, start + _PAGE_LENGTH + 1)])))
            behind = end
    return lines


def _is_page(line: str) -> bool:
    if len(line) > _PAGE_LENGTH:
        return False
    return not any(map(str.isalpha, line)) or _PAGE.fullmatch(line) is not None


def _ended(text: str, line: _Line) -> bool:
    tail = text[max(line.start, line.end - 10) : line.end].rstrip(_CLOSING)
    return bool(tail) and tail[-1] in _ENDS


def _goes_on(text: str, last: _Line, line: _Line, width: int, gap: bool) -> bool:
    """Whether a line carries on the paragraph of the line before."""
    ended, length = _ended(text, last), last.end - last.start
    first = text[line.start]
    if _NUMBER.match(text, line.start, line.end) and (ended or first in _BULLETS):
        return False  # a dash or a number may begin a line in mid-sentence
    if gap or not width:  # a page may end, or a line be broken, in mid-sentence
        return not ended and first.islower() and length >= _LEAST
    if ended:
        return length >= _FULL * width
    return first.islower() or length >= width / 2


def _is_heading(text: str, group: list[_Line]) -> bool:
    words = text[group[0].start : min(group[-1].end, group[0].start + 400)].split()
    return not _ended(text, group[-1]) and len(words) <= _HEADING


def _pieces(text: str, group: list[_Line]) -> list[Span]:
    number = _NUMBER.match(text, group[0].start, group[0].end)
    pieces = [(line.start, line.end) for line in group]
    pieces[0] = (number.end() if number else pieces[0][0], pieces[0][1])
    return [(start, end) for start, end in pieces if start < end]
