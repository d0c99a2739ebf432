"""Stretches of text that are compared with one another: trimming, pieces, overlap, quotation marks around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Span = tuple[int, int]
MARKS = '"“”„‟«»‹›＂'
TRIM = MARKS + "'‘’`´ \t\r\n\u00a0\u200b,.;:!?…—–-()[]*"
_NEAR = 4  # characters on either side of a piece in which a quotation mark counts as its own


def trim(text: str, start: int, end: int) -> Span:
    """Move both ends inwards over marks, blanks, punctuation and a leading "that" or "whether"."""
    while True:
        while start < end and text[start] in TRIM:
            start += 1
        while end > start and text[end - 1] in TRIM:
            end -= 1
        word = next((word for word in ("that ", "whether ") if text.startswith(word, start, end)), None)
        if word is None:
            return start, end
        start += len(word)


def pieces_of(text: str, spans: Iterable[Sequence[int]]) -> list[Span]:
    """Cut the spans of a statement into trimmed pieces: one per span and paragraph.

    :param text: The article.
    :param spans: Character offsets; spans with only marks and blanks between them are one.
    :returns: Pieces in the order of the text.
    """
    merged: list[list[int]] = []
    for start, end in sorted((int(span[0]), int(span[1])) for span in spans):
        gap = text[merged[-1][1] : start] if merged else "x"
        if "\n" not in gap and not gap.strip(TRIM):
            merged[-1][1] = max(end, merged[-1][1])
        else:
            merged.append([start, end])
    pieces = []
    for start, end in merged:
        at = start
        for line in text[start:end].split("\n"):
            piece = trim(text, at, at + len(line))
            at += len(line) + 1
            if piece[1] > piece[0]:
                pieces.append(piece)
    return pieces


def overlap(a: Span, b: Span) -> float:
    """Return the shared characters of two stretches over their union."""
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return 0.0 if shared <= 0 else shared / (max(a[1], b[1]) - min(a[0], b[0]))


def in_marks(text: str, start: int, end: int) -> bool:
    """Whether a quotation mark stands beside either end of a trimmed piece."""
    left, right = start, end
    while left > 0 and text[left - 1] in TRIM and text[left - 1] != "\n" and start - left < _NEAR:
        left -= 1
    while right < len(text) and text[right] in TRIM and text[right] != "\n" and right - end < _NEAR:
        right += 1
    return any(char in MARKS + "‘" for char in text[left:start] + text[end:right])


def guess_kind(text: str, start: int, end: int) -> str:
    """Name the kind of a piece whose marking gives none, by the share of it that stands in quotation marks."""
    inside = any(char in MARKS for char in text[max(0, start - 2) : start])
    count = 0
    for char in text[start:end]:
        if char in "“„«":
            inside = True
        elif char in "”»":
            inside = False
        elif char == '"':
            inside = not inside
        else:
            count += inside
    share = count / max(1, end - start)
    return "direct" if share >= 0.9 else "indirect" if share == 0 else "mixed"
