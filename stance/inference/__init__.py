"""From text to scores: the classifier, and the functions that read articles and tables through it.

Names are imported when they are first used, so that ``import stance`` stays fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stance.inference.api import score_article, score_frame
    from stance.inference.batch import score_corpus
    from stance.inference.classifier import Classifier, load
    from stance.inference.scorer import Scorer

_HOMES = {
    "Classifier": "stance.inference.classifier",
    "Scorer": "stance.inference.scorer",
    "load": "stance.inference.classifier",
    "score_article": "stance.inference.api",
    "score_frame": "stance.inference.api",
    "score_corpus": "stance.inference.batch",
}

__all__ = ["Classifier", "Scorer", "load", "score_article", "score_corpus", "score_frame"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'stance.inference' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
