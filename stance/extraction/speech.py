"""Statements of a speech: the words of one speaker, cut into pieces of one to three sentences.

>>> from stance.extraction import extract_speech
>>> extract_speech("Mr. Amadi (Ghana): Sanctions must be lifted.")[0].speaker.country
'GHA'
"""

from __future__ import annotations

import math
import re
from functools import partial

from stance.extraction.countries import country_code
from stance.extraction.paragraphs import Paragraph, read_paragraphs, unwrapped, words_of
from stance.extraction.tokens import Token, sentences, tokenize
from stance.statement import Span, Speaker, Statement

# Lengths in characters. With them, statements of the labelled paragraphs have 1, 2 and 3 sentences as often as the
# labelled ones do (46, 42, 12 % for 45, 44, 12 %).
_AIM, _SHORT, _LONG = 220, 45, 500
_MOST = 3  # sentences in a statement
_PENALTY = 3.0  # of a statement that is too short or too long, in units of a length that is wrong by a factor of e

_MARKS = frozenset("\"“”„‟«»‹›＂'‘’")
_ENDS = (".", "?", "!", "…")
_CLOSING = " \t\xa0)]" + "".join(_MARKS)
_STAGE = (
    r"[(\[](?:(?:spoke|speaks|spoken|speaking|continued|continues|continuing|resumed|interpretation|interpreted"
    r"|translated|translation)\s(?:in|from|by|into)\b[^()\[\]]{0,80}"
    r"|(?:prolonged |loud |long )*(?:applause|laughter|silence|cheers|pause|inaudible)\.?)[)\]]"
)
_DIRECTIONS = re.compile(rf"{_STAGE}(?:\s*{_STAGE})*", re.IGNORECASE)
_CAPITALS = "".join(filter(str.isupper, map(chr, range(0x1F00))))  # of the Latin, Greek and Cyrillic letters
_PERSON = (
    r"(?:(?:H\.\s?E|Mr|Mrs|Ms|Miss|Messrs|Dr|Sir|Dame|Lord|Lady|Baroness|Baron|Prince|Princess|King|Queen|Sheikh|Sheikha"
    r"|Monsignor|Archbishop|Cardinal|Ambassador)\.?)"
)
_OFFICE = r"(?:President|General|Judge|Prime\sMinister)"
_WORD = rf"(?:[a-z]{{1,4}}[’'-])?[{_CAPITALS}’'`-][\w.’'`-]*"  # "al-Amadi" and "d'Amadi" too
_REST = rf"(?:\s{{1,2}}(?:{_WORD}|[a-z’']{{1,4}})){{1,6}}"
_NAME = rf"(?:The\s{_WORD}(?:\s{_WORD}){{0,3}}|(?:{_PERSON}|{_OFFICE}){_REST})"
_INNER = r"(?:[^()]|\([^()]{1,60}\)){1,90}"
_NOTE = re.compile(rf"\(({_INNER})\)")  # "(Ghana)", "(Iran (Islamic Republic of))"
_NOTES = rf"(?:,?\s{{0,2}}(?:\({_INNER}\)|\[[^\[\]]{{1,90}}\]))"
_LABEL = re.compile(
    rf"(?P<name>{_NAME})(?P<notes>{_NOTES}{{0,3}})\s?:\s*"
    rf"|(?P<other>{_PERSON}{_REST})(?P<others>{_NOTES}{{1,3}})\s+(?=[{_CAPITALS}“\"])"
)
_ADDRESSED = re.compile(r"(?:Mr|Mrs|Ms|Madam)\.? (?:\w+[ -])?(?:President|Chair\w*|Speaker|Secretary)\b")
_LABEL_REACH = 400  # characters in which the speaker's name must stand


def extract_speech(text: str, speaker: str = "", country: str = "", context: str = "") -> list[Statement]:
    """Cut a speech into statements of one to three sentences, all by the same speaker.

    Headings, page numbers and stage directions such as "(spoke in French)" are left out, and no statement crosses a
    paragraph. Where the text begins with the name of its speaker, as in "Mr. Amadi (Ghana): ...", the name is read
    there unless it is given.

    :param text: The speech; the offsets of the statements index this text.
    :param speaker: The name of the speaker.
    :param country: The country or body that the speaker speaks for, by its name or its code.
    :param context: What the speech is about, such as the item of the agenda.
    :returns: Statements in the order of the text, one span each; ``sentence`` is the text without its line breaks.
    """
    paragraphs = read_paragraphs(text)
    name, mention, stated = "", None, ""
    if paragraphs and (label := _label(text, paragraphs[0])):
        mention, stated, begin = label
        name = " ".join(text[slice(*mention)].split())
        rest = paragraphs[0].within(begin, len(text))
        paragraphs[:1] = [Paragraph(tuple(rest))] if rest else []
    name, code = speaker.strip() or name, country_code(country) or stated
    who = None
    if name or code:
        who = Speaker(name, text[slice(*mention)] if mention else "", code, mention)
    join = partial(unwrapped, text, words_of(text))
    parts = [part for paragraph in paragraphs for part in _parts(text, paragraph)]
    return [
        Statement(text[start:end], join(part, start, end), "statement", ((start, end),), context, who)
        for part in parts
        for start, end in _groups(_sentences(text, part))
    ]


def _label(text: str, paragraph: Paragraph) -> tuple[Span, str, int] | None:
    """Read the name at the start of a speech: its place, the code of the country behind it, where the words begin."""
    start = paragraph.pieces[0][0]
    match = _LABEL.match(text, start, min(paragraph.pieces[-1][1], start + _LABEL_REACH))
    if match is None or _ADDRESSED.match(match.group()):
        return None
    group = "name" if match["name"] else "other"
    notes = _NOTE.findall(match["notes"] if match["name"] else match["others"])
    codes = [code for note in notes if (code := country_code(note))]
    if group == "other" and not codes:  # without a colon only the country tells a label from a sentence
        return None
    return match.span(group), codes[0] if codes else "", match.end()


def _parts(text: str, paragraph: Paragraph) -> list[Paragraph]:
    """Take the stage directions out of a paragraph, and cut it at those behind the end of a sentence.

    A direction in mid-sentence is no cut, as half a sentence may say the opposite: "We do not (laughter) agree."
    """
    start, end = paragraph.pieces[0][0], paragraph.pieces[-1][1]
    parts: list[list[Span]] = [[]]
    for direction in [*_DIRECTIONS.finditer(text, start, end), None]:
        within = paragraph.within(start, direction.start() if direction else end)
        parts[-1] += [piece for piece in within if text[slice(*piece)].strip()]
        if direction:
            start = direction.end()
            if parts[-1] and text[slice(*parts[-1][-1])].rstrip(_CLOSING).endswith(_ENDS):
                parts.append([])
    return [Paragraph(tuple(pieces)) for pieces in parts if pieces]


def _sentences(text: str, part: Paragraph) -> list[Span]:
    start, end = part.pieces[0][0], part.pieces[-1][1]
    tokens: list[Token] = []
    for first, last in part.pieces:
        tokens += tokenize(text, first, last, [])
    # Quotation marks would hide the end of a sentence; each goes to the sentence that it touches.
    groups = sentences(text, [token for token in tokens if token.text not in _MARKS])
    spans: list[Span] = []
    at = start
    for group in groups:
        begin = _before(text, group[0].start, at)
        at = _behind(text, group[-1].end, end)
        if any(token.text[0].isalpha() for token in group):
            if not spans:
                begin = next(
                    (token.start for token in group if token.text[0].isalnum() or token.text in "([$€£"), begin
                )
                begin = _before(text, begin, start)
            spans.append((begin, at))
    return spans


def _before(text: str, start: int, limit: int) -> int:
    while start > limit and text[start - 1] in _MARKS:
        start -= 1
    return start


def _behind(text: str, end: int, limit: int) -> int:
    while end < limit and text[end] in _MARKS:
        end += 1
    return end


def _groups(spans: list[Span]) -> list[Span]:
    """Group consecutive sentences so that the lengths come as near as they can to the one aimed at."""
    best, back = [0.0], [0]
    for last in range(1, len(spans) + 1):
        options = []
        for first in range(max(0, last - _MOST), last):
            length = spans[last - 1][1] - spans[first][0]
            cost = abs(math.log(length / _AIM))
            if length < _SHORT or (length > _LONG and last - first > 1):
                cost += _PENALTY
            options.append((best[first] + cost, first))
        cost, first = min(options)
        best.append(cost)
        back.append(first)
    groups, last = [], len(spans)
    while last:
        groups.append((spans[back[last]][0], spans[last - 1][1]))
        last = back[last]
    return groups[::-1]
