"""Training data of the network of extraction: from the marks of articles to a label for each token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from stance.extraction.article import plan_text
from stance.extraction.decode import BEGIN, INSIDE, OTHER, QUOTE, SPEAKER
from stance.extraction.plan import Plan
from stance.extraction.tagger import encode, worth_reading

IGNORED = -100  # the label of a word piece that is not the first of its token


def labels_of(item: Mapping[str, Any], plan: Plan) -> list[int]:
    """Return the label of each token of a sentence, from the marks of its article."""
    labels = [OTHER] * len(plan.tokens)
    for statement in item["statements"]:
        for start, end in statement["spans"]:
            inside = [i for i, t in enumerate(plan.tokens) if start <= (t.start + t.end) / 2 < end or _holds(t, start)]
            for index in inside:
                if plan.tokens[index].quote is not None and statement["kind"] == "direct":
                    labels[index] = QUOTE
                else:
                    labels[index] = BEGIN if index == inside[0] else INSIDE
        if statement["speaker_span"]:
            start, end = statement["speaker_span"]
            for index, token in enumerate(plan.tokens):
                if token.quote is None and start <= token.start < end and labels[index] == OTHER:
                    labels[index] = SPEAKER
    return labels


def _holds(token: Any, start: int) -> bool:
    """Whether a quote holds the beginning of a span."""
    return token.quote is not None and token.start <= start < token.end


def rows_of(items: Sequence[Mapping[str, Any]], tokenizer: Any) -> list[dict[str, Any]]:
    """Turn articles into sentences to train on.

    :param items: Marked articles.
    :param tokenizer: The tokenizer of the network.
    :returns: ``input_ids``, ``token_type_ids``, ``labels`` (one a word piece), and ``written``: whether the rules were
        written on the article.
    """
    rows = []
    for item in items:
        plans = [plan for plan in plan_text(item["text"]) if worth_reading(plan)]
        for plan, found in zip(plans, encode(tokenizer, item["text"], plans), strict=True):
            if found is None:
                continue
            labels = [IGNORED] * len(found.ids)
            for position, label in zip(found.first, labels_of(item, plan), strict=True):
                labels[position] = label
            written = item["id"].startswith("w")
            rows.append({"input_ids": found.ids, "token_type_ids": found.types, "labels": labels, "written": written})
    return rows


class Collator:
    """Pads a batch; hides the rules' answer in a share of the sentences, so that the network learns to do without."""

    def __init__(self, hidden: float, hidden_where_written: float, seed: int) -> None:
        self.shares = {False: hidden, True: hidden_where_written}
        self.draw = np.random.default_rng(seed)

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """Return the tensors of a batch."""
        size = max(len(row["input_ids"]) for row in rows)
        batch = {
            name: torch.full((len(rows), size), fill)
            for name, fill in (("input_ids", 0), ("token_type_ids", 0), ("attention_mask", 0), ("labels", IGNORED))
        }
        for number, row in enumerate(rows):
            length = len(row["input_ids"])
            types = np.array(row["token_type_ids"])
            if self.draw.random() < self.shares[row["written"]]:
                types = types // 4 * 4  # the capital stays
            batch["input_ids"][number, :length] = torch.tensor(row["input_ids"])
            batch["token_type_ids"][number, :length] = torch.tensor(types)
            batch["attention_mask"][number, :length] = 1
            batch["labels"][number, :length] = torch.tensor(row["labels"])
        return batch
