"""Tell whether a document is written in English; short texts get the benefit of the doubt."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

MIN_WORDS = 20  # a shorter text is never rejected: names and quotes would decide it
MIN_FOREIGN_LETTERS = 40  # ... unless it is written in letters beyond the Latin alphabet, which may come without blanks
MAX_SAMPLE = 4000  # in characters; more does not change the answer
MIN_MARGIN = 0.3  # how much likelier than English another language must be, as a difference of probabilities
ENGLISH = frozenset({"en", "pcm", "sco"})  # English, and the two that the detector takes plain English for


def foreign_language(text: str) -> str | None:
    """Name the language of a text that is clearly not English.

    :param text: A document or a statement.
    :returns: An ISO 639 code such as ``"fr"``, or None if the text is English, short or in doubt.
    """
    sample = _sample(text)
    if len(sample.split()) < MIN_WORDS and sum(char.isalpha() and ord(char) >= 0x250 for char in sample) < (
        MIN_FOREIGN_LETTERS
    ):
        return None
    # The detector judges words in capitals badly where a few small letters stand between them.
    upper = sum(map(str.isupper, sample)) > sum(map(str.islower, sample))
    ranking = _identifier().rank(sample.lower() if upper else sample)
    best, probability = ranking[0]
    english = max(p for language, p in ranking if language in ENGLISH)
    return None if best in ENGLISH or probability - english < MIN_MARGIN else str(best)


def language_error(language: str, remedy: str = "--language any") -> str:
    """Return what to say of a document in another language.

    :param language: What :func:`foreign_language` returned.
    :param remedy: How the option that accepts it is written.
    """
    return f"language is '{language}', not English; use {remedy} to score it anyway"


def _sample(text: str) -> str:
    """Return the longest lines of a text: its body rather than its menus."""
    lines = sorted(text.splitlines(), key=len, reverse=True)
    taken, length = [], 0
    for line in lines:
        if length >= MAX_SAMPLE:
            break
        taken.append(line[: MAX_SAMPLE - length])
        length += len(taken[-1]) + 1
    return "\n".join(taken).strip()


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
