"""Show rows as a table that fits the terminal: what was said, by whom, for which country, and the tags."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Row = dict[str, Any]

MIN_WIDTH, MAX_WIDTH = 60, 140  # in characters
MAX_TEXT = 600  # characters of a statement that are shown
_GAP = "  "
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")  # could move the cursor
_STYLES = {"head": "1", "line": "2", "error": "31", "tag": "36", "doubt": "33"}


@dataclass(frozen=True, slots=True)
class Style:
    """How to draw a table."""

    command: Literal["extract", "classify", "score"]
    text_column: str = "text"
    width: int = 80  # of the terminal, in characters
    colour: bool = False

    def paint(self, text: str, style: str) -> str:
        """Wrap a text in the escapes of a style, if colours are on."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.colour and text else text


def table_lines(rows: Sequence[Row], style: Style) -> Iterator[str]:
    """Draw rows as a table, with a heading wherever a new article begins.

    :param rows: Rows of the output.
    :param style: How to draw them.
    :returns: The lines, without line ends.
    """
    names, widths = _layout(style)
    document: Any = None
    for row in rows:
        doc_id = row["doc_id"] if style.command != "classify" else ""
        if doc_id != document:
            document = doc_id
            if style.command != "classify":
                heading = " · ".join(filter(None, (_clean(doc_id), _clean(row["context"]))))
                heading = textwrap.shorten(heading, sum(widths) + len(_GAP) * (len(widths) - 1), placeholder=" …")
                yield style.paint(heading, "head")
            yield from _heading(names, widths, style)
        if row["error"] is not None:
            message = f"{row['doc_id']}: {row['error']}" if style.command == "classify" else str(row["error"])
            for line in textwrap.wrap(_clean(f"not read: {message}"), sum(widths) + len(_GAP) * (len(widths) - 1)):
                yield style.paint(line, "error")
        else:
            yield from _row_lines(row, widths, style)
        yield ""


def legend(style: Style) -> str:
    """Return the line that explains the marks of a table."""
    mark = style.paint("?", "doubt")
    return f"{mark} in doubt: read it yourself; a tag in brackets just misses its threshold."


def _layout(style: Style) -> tuple[list[str], list[int]]:
    tail = {
        "extract": [("Speaker", 18), ("Country", 7), ("Kind", 8)],
        "classify": [("Tags", 22)],
        "score": [("Speaker", 15), ("Country", 7), ("Tags", 22)],
    }[style.command]
    width = min(max(style.width, MIN_WIDTH), MAX_WIDTH)
    rest = width - sum(size + len(_GAP) for _, size in tail)
    return ["Statement", *(name for name, _ in tail)], [rest, *(size for _, size in tail)]


def _heading(names: list[str], widths: list[int], style: Style) -> Iterator[str]:
    cells = (name.ljust(width) for name, width in zip(names, widths, strict=True))
    yield style.paint(_GAP.join(cells).rstrip(), "line")
    yield style.paint(_GAP.join("─" * width for width in widths), "line")


def _row_lines(row: Row, widths: list[int], style: Style) -> Iterator[str]:
    shown = style.text_column if style.command == "classify" else "sentence" if row["kind"] == "direct" else "text"
    text = _clean(row[shown]).removesuffix(",")
    cells = [_wrap(text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…", widths[0])]
    if style.command != "classify":
        cells += [_wrap(_clean(row["speaker"]), widths[1]), _wrap(_clean(row["country"]).replace(",", ", "), widths[2])]
    if style.command == "extract":
        cells.append([row["kind"]])
        marks = []
    else:
        marks = _tags(row)
        cells.append([text for text, _ in marks])
    for number in range(max(map(len, cells))):
        parts = [
            (cell[number] if number < len(cell) else "").ljust(width) for cell, width in zip(cells, widths, strict=True)
        ]
        if number < len(marks):
            parts[-1] = style.paint(parts[-1].rstrip(), marks[number][1])
        yield _GAP.join(parts).rstrip()


def _tags(row: Row) -> list[tuple[str, str]]:
    """Return what to write of each tag that applies or is in doubt, and in which style."""
    shown = [*row["tags"], *(tag for tag in row["uncertain"] if tag not in row["tags"])]
    if not shown:
        return [("–", "line")]
    lines = []
    for tag in shown:
        doubt = tag in row["uncertain"]
        name = tag if tag in row["tags"] else f"({tag})"
        percent = min(max(round(100 * row[f"p_{tag}"]), 1), 99)
        lines.append((f"{name} {percent}%{' ?' if doubt else ''}", "doubt" if doubt else "tag"))
    return lines


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width) or [""]


def _clean(value: Any) -> str:
    return " ".join(_CONTROL.sub(" ", str(value or "")).split())
