"""The lines of an article: paragraphs to read, its headline, and the noise of a web page to skip."""

from __future__ import annotations

import re
from typing import NamedTuple

_TERMINAL = ".?!…:;,\"”’'»)]*_"
_LINE = re.compile(r"[^\r\n\u2028\u2029\x0b\x0c]+")
_BLANK = " \t\u00a0\u200b\ufeff\u202f\u2009\x00"
_FURNITURE = re.compile(
    r"(?:(?:also )?read (?:more|next|also|on)\b|also read\b|related\b|see also\b|more (?:on|from|in)\b|"
    r"most read\b|sign (?:up|in)\b|log in\b|subscribe\b|unsubscribe\b|share(?:$|[ :,])|tweet\b|"
    r"advertisement\b|sponsored\b|photo(?:graph|s)?\b ?(?:by|:|$|/|credit)|pictures?:|"
    r"images? ?(?::|source|credit|by)|video:|watch:|listen:|graphic:|file photo|©|\(c\)|copyright\b|"
    r"all rights reserved|follow us|follow @|click here|get the\b.*\b(?:inbox|newsletter|app)\b|"
    r"newsletter|menu\b|skip to|home ?[|>·»]|"
    r"comments?(?:$| ?[(:\d])|leave a comment|your comment|source:|tags?:|topics?:|filed under|editor's pick|"
    r"\(?(?:additional )?(?:reporting|writing|editing|edited|translat\w+) by\b|notes? to editors?|by our correspondent|"
    r"for (?:further|more) information|press (?:contact|office)|for information media|you are receiving|view all|"
    r"continue reading|recommended|trending|cookie|privacy policy|terms of|back to top|published|"
    r"not an official record|updated|last (?:updated|modified)|this blog is now closed|catch up:|key points|page nav|"
    r"responsive ad)",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"\((?:photo|image|picture|file|reuters|ap|afp|getty)\b[^)]*\)\.?$|\[(?:photo|image|picture)\b[^\]]*\]$",
    re.IGNORECASE,
)
_DATELINE = re.compile(r"^[A-ZÀ-Þ][A-ZÀ-Þ .'/-]{2,}(?:,[^—–-]{2,40})?(?: \([^)]*\))? ?[—–-]")
_ATTRIBUTED = re.compile(
    r"[\"”’»,] ?(?:\w+[ .]){1,5}(?:said|says|added|told [\w ]+)$|[\"”’»] ?[—–-]+ ?[A-Z][^.]{3,60}$"
)
_QUESTION = re.compile(r"(?:Q|Question|A|Answer)\b ?(?:\([^)]*\))? ?[:.]")
_STRONG_WORDS = 30  # a line as long as this is prose even without a final mark


class Line(NamedTuple):
    """A paragraph of the text."""

    start: int
    end: int
    noise: bool  # True where nobody's words are looked for in it


def is_furniture(line: str) -> bool:
    """Whether a line begins like a menu, a caption or another part of a page."""
    return _FURNITURE.match(line.strip("*_#•·->[]() ")) is not None


def read_lines(text: str) -> list[Line]:
    """Cut a text into paragraphs and mark those that are page furniture or headings.

    :param text: The text of an article, or of a page with its menus and captions.
    :returns: Lines that are not blank, in the order of the text.
    """
    spans: list[tuple[int, int]] = []
    for match in _LINE.finditer(text):
        start, end = match.span()
        while start < end and (text[start] in _BLANK or text[start].isspace()):
            start += 1
        while end > start and (text[end - 1] in _BLANK or text[end - 1].isspace()):
            end -= 1
        if end > start:
            if spans and _wrapped(text, spans[-1], start):
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return [Line(start, end, _is_noise(text, start, end)) for start, end in spans]


def _wrapped(text: str, previous: tuple[int, int], start: int) -> bool:
    """Whether a line only carries on the one before it, as in mail that is broken at 70 columns."""
    gap = text[previous[1] : start]
    if gap.count("\n") + gap.count("\r") - gap.count("\r\n") != 1 or previous[1] - previous[0] < 40:
        return False
    return text[start].islower() and text[previous[1] - 1] not in ".?!…:;"


def _is_noise(text: str, start: int, end: int) -> bool:
    if end - start > 2000:
        return False
    line = text[start:end]
    bare = line.strip("*_#•·->[]() ")
    if not any(char.isalpha() for char in bare) or _FURNITURE.match(bare):
        return True
    if _CAPTION.search(line) or line.count(" | ") > 1 or line.count(" · ") > 1:
        return True
    words = line.count(" ") + 1
    if words > _STRONG_WORDS or _QUESTION.match(bare):
        return False
    if line[-1] not in _TERMINAL:
        return not _ATTRIBUTED.search(line)
    if line[-1] in "*_\"”’'»)]" and words <= 20:
        return not re.search(r"[.?!…,][\"”’'»)\]*_]*$", line) and not re.search(r"[\"”'»“«].*(?:said|says|:)", line)
    return False


def find_headline(text: str, lines: list[Line]) -> str:
    """Return the headline that stands above the first paragraph of an article, or an empty string.

    :param text: The text.
    :param lines: Its lines.
    :returns: The headline without the marks of its layout.
    """
    for line in lines[:12]:
        words = text[line.start : line.end].strip("*_#> ")
        count = words.count(" ") + 1
        if not line.noise:
            return words if _titled(words, line, lines) else ""
        if (
            4 <= count <= _STRONG_WORDS
            and not _FURNITURE.match(words)
            and " | " not in words
            and not _DATELINE.match(words)
        ):
            return words
    return ""


def _titled(words: str, line: Line, lines: list[Line]) -> bool:
    """Whether a first line that ends in a mark is a heading still: a short one that ends in a question mark."""
    return line is lines[0] and words.endswith("?") and words.count(" ") < 16 and "“" not in words and '"' not in words
