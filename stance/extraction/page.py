"""Web pages: the readable text, the title and the date of an HTML document, through trafilatura."""

from __future__ import annotations

from typing import NamedTuple

from stance.errors import InputError


class Page(NamedTuple):
    """What a web page says, without its menus; offsets of statements index ``text``."""

    text: str
    title: str
    date: str  # ISO 8601, empty if the page gives none


def html_to_text(html: str | bytes) -> Page:
    """Take the article out of a web page.

    :param html: The page as it was downloaded.
    :returns: Its text, title and date.
    :raises InputError: If no readable text is found in it.
    """
    import trafilatura  # slow to import, and only web pages need it

    found = (
        trafilatura.bare_extraction(html, with_metadata=True, include_comments=False, include_tables=False)
        if html
        else None
    )
    text = (found.text or "").strip() if found is not None else ""
    if found is None or not text:
        raise InputError("the page holds no readable article; save its text as a .txt file and give that instead")
    paragraphs = "\n\n".join(line.strip() for line in text.splitlines() if line.strip())
    return Page(paragraphs, found.title or "", found.date or "")
