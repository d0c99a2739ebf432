"""Whether a predicted speaker is the marked one: by the last word of the name or by the full name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stance.evaluation.spans import TRIM

PRONOUNS = frozenset(
    {"he", "she", "they", "it", "we", "i", "you", "who", "which", "that", "him", "her", "them", "his", "their", "its"}
    | {"this", "these", "those", "us", "me", "one"}
)
_GENERIC = frozenset(
    {"the", "a", "an", "mr", "mrs", "ms", "dr", "sir", "of", "and", "ambassador", "minister", "president", "secretary"}
    | {"general", "spokesperson"}
)
_LONGER = 80  # characters by which a prediction that holds the full name may be longer than it


def squash(name: str | None) -> str:
    """Join blanks and drop the punctuation around a name."""
    return re.sub(r"\s+", " ", name or "").strip(TRIM)


def last_word(name: str | None) -> str:
    """Return the last word of a name before any apposition, in small letters."""
    bare = re.split(r",|\(|;| who | whose |—|–", squash(name))[0].strip()
    parts = [part.strip(TRIM).lower() for part in re.sub(r"['’]s$", "", bare).split()]
    return next((part for part in reversed(parts) if part), "")


def name_matches(guess: Mapping[str, Any], gold: Mapping[str, Any]) -> bool | None:
    """Compare speakers by name.

    :param guess: The prediction, with ``speaker`` and ``canonical``.
    :param gold: The marked statement.
    :returns: Whether they match; None where the marked speaker has no name to compare.
    """
    full = gold.get("canonical")
    accepted = {part.strip(TRIM).lower() for part in full.split()} - _GENERIC if full else set()
    word = last_word(gold.get("speaker"))
    if word and word not in PRONOUNS and not (full and word in _GENERIC):
        accepted.add(word)
    if not accepted:
        return None
    for name in (squash(guess.get("canonical")), squash(guess.get("speaker"))):
        if name and (last_word(name) in accepted or name.split()[-1].lower() in accepted):
            return True
        if name and full and full in name and len(name) < len(full) + _LONGER:
            return True
    return False
