"""A classifier and an extractor that need no model: keyword rules with made-up probabilities."""

from __future__ import annotations

import re

import numpy as np

from stance.statement import Score, Speaker, Statement

TAGS = ("pro_sanctions", "anti_sanctions", "self_defence")
WORDS = ("enforce", "lift", "defend")


class FakeClassifier:
    """Give a tag where its word stands in the text, with doubt where the word "perhaps" does."""

    tags = TAGS
    name = "fake@000000"
    thresholds = (0.5, 0.5, 0.5)
    gate = None

    def __init__(self):
        self.batches = []

    def predict_proba(self, texts, contexts=None):
        return np.array([[0.9 if word in text.lower() else 0.1 for word in WORDS] for text in texts])

    def predict(self, texts, contexts=None):
        return [score.tags for score in self.score(texts, contexts)]

    def score(self, texts, contexts=None):
        assert contexts is None or len(contexts) == len(texts)
        self.batches.append(len(texts))
        scores = []
        for text, row in zip(texts, self.predict_proba(texts), strict=True):
            tags = tuple(tag for tag, p in zip(TAGS, row, strict=True) if p >= 0.5)
            p = dict(zip(TAGS, map(float, row), strict=True))
            scores.append(Score(p, tags, tags if "perhaps" in text else (), len(text.split()) + 2, len(text) > 2000))
        return scores


def fake_extract(text, title=None):
    """Take what stands in quotation marks as a statement of the capitalised word before "said"."""
    found = []
    for match in re.finditer(r'"([^"]+)"', text):
        name = re.search(r"([A-Z]\w+) said", text[match.end() :])
        speaker = Speaker(name[1], name[1], "FRA") if name else None
        found.append(Statement(match[1], match[1], "direct", ((match.start(1), match.end(1)),), title or "", speaker))
    return found
