"""Bring the raw text of public sources into the form that the labels' hashes were taken of.

The words are never changed: only line wraps, blanks, markdown marks, stage directions, tokenised punctuation and, in
news, straight double quotes.
"""

from __future__ import annotations

import re

_INVISIBLE = re.compile("[\ufeff\u200b\u2060\ufffc\u00ad]")
_BLANK_LINE = re.compile(r"\n[ \t\u00a0]*(?:\n[ \t\u00a0]*)+")
_DIRECTION = re.compile(r"\([A-Z][^()]{0,60}\.\)")  # "(Applause.)"
_MD_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_MD_LINK = re.compile(r"(?<!\\)\[([^\[\]]*)(?<!\\)\]\([^()\s]*\)")
_MD_MARK = re.compile(r"(?<!\\)(?:\*+|(?<!\w)_+|_+(?!\w))|^#+\s+", re.MULTILINE)
_TOKENISED = (  # pattern and replacement, applied in this order
    (re.compile(r"\s+([,.;:?!%)\]”’])"), r"\1"),
    (re.compile(r"([(\[“‘$])\s+"), r"\1"),
    (re.compile(r"\s+(['’](?:s|re|ve|ll|d|m)\b|n['’]t\b)"), r"\1"),
    (re.compile(r"(?<=\w) ([-/]) (?=\w)"), r"\1"),
)


def squeeze(text: str) -> str:
    """Put a text on one line with single blanks, without invisible characters."""
    return " ".join(_INVISIBLE.sub("", text).split())


def paragraphs(text: str) -> list[str]:
    """Split a text at its blank lines and unwrap the lines of each paragraph."""
    return [part for block in _BLANK_LINE.split(text.replace("\r\n", "\n")) if (part := squeeze(block))]


def without_directions(paragraph: str) -> str:
    """Take out stage directions such as ``(Applause.)``."""
    return squeeze(_DIRECTION.sub(" ", paragraph))


def curly_quotes(paragraph: str) -> str:
    """Turn straight double quotes into curly ones, opening and closing by turns."""
    first, *others = paragraph.split('"')
    return first + "".join(("“" if index % 2 == 0 else "”") + part for index, part in enumerate(others))


def without_markdown(text: str) -> str:
    """Take out marks of emphasis, headings and links, and the backslashes before punctuation."""
    return _MD_ESCAPE.sub(r"\1", _MD_MARK.sub("", _MD_LINK.sub(r"\1", text)))


def detokenised(text: str) -> str:
    """Close up the blanks that a tokeniser put around punctuation."""
    for pattern, replacement in _TOKENISED:
        text = pattern.sub(replacement, text)
    return text
