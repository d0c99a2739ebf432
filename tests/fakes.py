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


class StopAfter(FakeClassifier):
    """Break down after some batches, as if the process had been killed."""

    def __init__(self, batches):
        super().__init__()
        self.left = batches

    def score(self, texts, contexts=None):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().score(texts, contexts)


def fake_extract(text, title=None):
    """Take what stands in quotation marks as a statement of the capitalised word before "said"."""
    found = []
    for match in re.finditer(r'"([^"]+)"', text):
        name = re.search(r"([A-Z]\w+) said", text[match.end() :])
        speaker = Speaker(name[1], name[1], "FRA") if name else None
        found.append(Statement(match[1], match[1], "direct", ((match.start(1), match.end(1)),), title or "", speaker))
    return found


# A worker that tags by keyword, writes down when it was asked to score, and fails as it is told to.
WORKER = """
import json, sys
name, log, fault = sys.argv[1:4]
n = 0
for line in sys.stdin:
    order = json.loads(line)
    answer = {}
    if order["do"] == "load":
        texts = order["texts"]
    elif order["do"] == "score":
        n += 1
        with open(log, "a") as file:
            file.write(f"{name} {len(texts)}\\n")
        if fault == "dies" and n == 3:
            sys.exit("the engine broke")
        if fault == "fails" and n == 3:
            answer = {"error": "ValueError: no such layer"}
        if fault == "hangs" and n == 3:
            import time
            time.sleep(60)
        answer = answer or {"seconds": 0.5 * n}
    elif order["do"] == "answers":
        words = ("enforce", "lift") if name != "blind" else ("x", "x")
        answer = {"p": [[float(word in text) for word in words] for text in texts], "thresholds": [0.5, 0.5]}
    elif order["do"] == "rates":
        answer = {"rates": {"fp32": 10.0 * (n + 1), "int8": 40.0}}
        n += 1
    elif order["do"] == "state":
        answer = {"peak_mb": 12.5, "versions": {"python": "3"}}
    print(json.dumps(answer), flush=True)
"""


def benchmark_row(name, speed, f1, **changes):
    """A row of the benchmark: 10 statements in three rounds, the second one the fastest."""
    from stance.benchmark.report import Row
    from stance.benchmark.throughput import Spread
    from stance.evaluation.bootstrap import Estimate

    values = {
        "seconds": Spread((10 / speed, 9 / speed, 12 / speed)),
        "statements": 10,
        "tokens": 500,
        "cold": Spread((1.0, 2.0)),
        "peak_mb": 321.4,
        "macro_f1": Estimate(f1, f1 - 0.05, f1 + 0.05),
        "operations": 2.0,
        "rate": Spread((40.0, 40.0, 40.0)),
        "versions": {"python": "3.11"},
    }
    return Row(name, name.title(), **{**values, **changes})
