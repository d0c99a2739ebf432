"""Read what diplomats say: find statements, who made them and for which country, and score their stance.

    >>> import stance
    >>> clf = stance.load()
    >>> clf.predict(["Sanctions must be lifted."])
    [('anti_sanctions',)]

Names are imported when they are first used, so that ``import stance`` stays fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stance.codebook import Codebook
    from stance.errors import ConfigError, InputError, MissingExtraError, ModelError, StanceError
    from stance.extraction import extract, extract_speech
    from stance.inference import Classifier, Scorer, load, score_article, score_corpus, score_frame
    from stance.statement import Document, Score, ScoredStatement, Speaker, Statement

__version__ = "0.1.0"

_HOMES = {
    "Codebook": "stance.codebook",
    "ConfigError": "stance.errors",
    "InputError": "stance.errors",
    "MissingExtraError": "stance.errors",
    "ModelError": "stance.errors",
    "StanceError": "stance.errors",
    "extract": "stance.extraction",
    "extract_speech": "stance.extraction",
    "Classifier": "stance.inference",
    "Scorer": "stance.inference",
    "load": "stance.inference",
    "score_article": "stance.inference",
    "score_corpus": "stance.inference",
    "score_frame": "stance.inference",
    "Document": "stance.statement",
    "Score": "stance.statement",
    "ScoredStatement": "stance.statement",
    "Speaker": "stance.statement",
    "Statement": "stance.statement",
}

__all__ = [
    "Classifier",
    "Codebook",
    "ConfigError",
    "Document",
    "InputError",
    "MissingExtraError",
    "ModelError",
    "Score",
    "ScoredStatement",
    "Scorer",
    "Speaker",
    "StanceError",
    "Statement",
    "extract",
    "extract_speech",
    "load",
    "score_article",
    "score_corpus",
    "score_frame",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'stance' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
