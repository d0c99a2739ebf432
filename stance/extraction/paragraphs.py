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
    r"page \d+(?: of \d+)?|(?:[AES]|GA)/(?!RES/)[\w/.()-]{2,29}[\w)](?: [\d/. ]{0,20})?|\d\d-\d{5}(?: ?\([EF]\))?"
    r"|general assembly\s*[-–—,]\s*(?:[\w-]+ ){1,2}session\W*",
    re.IGNORECASE,
)
_PAGE_LENGTH = 80  # in characters; a longer line is no head of a page
_LETTERS = re.compile(r"[^\W\d_]+")
_HYPHEN = re.compile(r"[^\W\d_]-[ \t]*[\r\n]")
_BROKEN = re.compile(r"([^\W\d_]+)-$")
_CLOSING = "\"”»›’')]*_"
_ENDS = (".", "?", "!", "…", ":", ";")
_TOUCHING = re.compile(r"[.?!:;,)](?!\.)")  # no blank stands before these
_HEADING = 12  # words; a longer line is a sentence that lost its mark
_NARROW = 0.6  # of the width of the text: a longer line is no heading
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
    :returns: Its paragraphs in the order of the text, headings and page numbers left out; what no prose follows is no
        heading.
    """
    lines = _lines(text)
    inside = [(one, other) for one, other in pairwise(lines) if not (other.apart or one.page or other.page)]
    open_ends = sum(not _ended(text, one) for one, _ in inside)
    lengths = sorted(line.end - line.start for line in lines) or [0]
    widest = lengths[len(lengths) * 9 // 10]
    width = widest if open_ends * 2 > len(inside) else 0  # broken at a margin: most lines stop in mid-sentence
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
    return [Paragraph(tuple(pieces)) for group in _prose(text, groups, widest) if (pieces := _pieces(text, group))]


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
            joined += f" {piece}" if joined and piece and not _TOUCHING.match(piece) else piece
    return joined


def _lines(text: str) -> list[_Line]:
    spans: list[Span] = []
    gaps: list[str] = []  # what stands between a line and the one before
    behind = 0
    for match in _LINE.finditer(text):
        start, end = match.span()
        while start < end and (text[start].isspace() or text[start] in _BLANK):
            start += 1
        while end > start and (text[end - 1].isspace() or text[end - 1] in _BLANK):
            end -= 1
        if end > start:
            spans.append((start, end))
            gaps.append(text[behind:start])
            behind = end
    aparts = [len(_BREAK.findall(gap)) > 1 for gap in gaps]
    edges = [at == 0 or apart or "\f" in gaps[at] for at, apart in enumerate(aparts)]
    kinds = [_kind(text[start : min(end, start + _PAGE_LENGTH + 1)]) for start, end in spans]
    lines = []
    for at, (span, apart, kind) in enumerate(zip(spans, aparts, kinds, strict=True)):
        # A number in mid-sentence may be alone on its line as well.
        alone = any(edges[at : at + 2]) or "head" in kinds[max(at - 1, 0) : at + 2]
        lines.append(_Line(*span, apart, page=kind in ("head", "rule") or (kind == "number" and alone)))
    return lines


def _kind(line: str) -> str:
    """Tell what a line may be beside the speech: "head" or "number" of a page, "rule" (such as stars), else empty."""
    if len(line) > _PAGE_LENGTH:
        return ""
    if _PAGE.fullmatch(line):
        return "head"
    if any(map(str.isalpha, line)) or "%" in line or line.rstrip(_CLOSING).endswith(_ENDS):
        return ""
    return "number" if any(map(str.isalnum, line)) else "rule"


def _ended(text: str, line: _Line) -> bool:
    return text[max(line.start, line.end - 10) : line.end].rstrip(_CLOSING).endswith(_ENDS)


def _goes_on(text: str, last: _Line, line: _Line, width: int, gap: bool) -> bool:
    """Whether a line carries on the paragraph of the line before."""
    ended, length = _ended(text, last), last.end - last.start
    first = text[line.start]
    item = _NUMBER.match(text, line.start, line.end)
    if item and (ended or first in _BULLETS):
        return False  # a dash or a number may begin a line in mid-sentence
    if gap or not width:  # a page may end, or a line be broken, in mid-sentence
        return not ended and first.islower() and length >= _LEAST
    if ended:
        return length >= _FULL * width
    return first.islower() or length >= width / 2 or (not item and (first.isdigit() or first in "$€£"))


def _prose(text: str, groups: list[list[_Line]], widest: int) -> list[list[_Line]]:
    """Leave out the headings, which have prose behind them."""
    kept: list[list[_Line]] = []
    prose = False
    for group in reversed(groups):
        torn = kept and text[kept[-1][0].start].islower()
        if prose and not torn and _is_heading(text, group, widest):
            continue
        kept.append(group)
        prose = prose or _ended(text, group[-1])
    return kept[::-1]


def _is_heading(text: str, group: list[_Line], widest: int) -> bool:
    """Whether a paragraph looks like a heading: short lines without a final mark."""
    words = text[group[0].start : min(group[-1].end, group[0].start + 400)]
    if _ended(text, group[-1]) or len(words.split()) > _HEADING or words[0].islower():
        return False
    open_quote = words.count('"') % 2 or sum(map(words.count, "“„«")) > sum(map(words.count, "”»"))
    return not open_quote and max(line.end - line.start for line in group) <= _NARROW * widest


def _pieces(text: str, group: list[_Line]) -> list[Span]:
    number = _NUMBER.match(text, group[0].start, group[0].end)
    pieces = [(line.start, line.end) for line in group]
    pieces[0] = (number.end() if number else pieces[0][0], pieces[0][1])
    return [(start, end) for start, end in pieces if start < end]
