"""A small network that reads a sentence with the answer of the rules beside it, and corrects that answer.

It says of every token whether a reported clause begins there or goes on, whether a quote is somebody's own words, and
whether the token belongs to the mention of a speaker. (Tagging the content and the source of attributions: Pareti 2016,
"PARC 3.0: A Corpus of Attribution Relations"; the rules' answer comes in as the type of each token.)
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stance.errors import ModelError
from stance.extraction.decode import LABELS, Floats, decode
from stance.extraction.plan import Plan
from stance.extraction.tokens import Token
from stance.model_folder import check_files, read_manifest
from stance.runtime import load_tokenizer, open_session, usable_cpus

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FOLDER = Path(__file__).resolve().parent.parent / "models" / "extraction"
KIND = "extraction"
N_TYPES = 8  # of a word piece: what the rules say of its token, and whether that begins with a capital
MAX_PIECES = 160  # of one sentence, in word pieces; what is longer is left to the rules
_QUOTE_HEAD, _QUOTE_TAIL = 14, 6  # words of a long quote that are read


@dataclass(frozen=True, slots=True)
class Encoded:
    """A sentence as the network reads it."""

    ids: list[int]
    types: list[int]  # one of N_TYPES a word piece
    first: list[int]  # the position of each token's first word piece


def words_of(text: str, tokens: Sequence[Token]) -> list[str]:
    """Return what the network reads for each token: its text; of a long quote, the beginning and the end."""
    words = []
    for token in tokens:
        if token.quote is None:
            words.append(_sound(token.text))
            continue
        inner = text[token.quote.start : token.quote.end].split()
        if len(inner) > _QUOTE_HEAD + _QUOTE_TAIL:
            inner = [*inner[:_QUOTE_HEAD], "...", *inner[-_QUOTE_TAIL:]]
        words.append(_sound('"' + " ".join(inner) + '"'))
    return words


def _sound(word: str) -> str:
    """Replace halves of characters, which the tokenizer refuses."""
    return word.encode("utf-8", "replace").decode("utf-8")


def rule_types(plan: Plan) -> list[int]:
    """Return the type of each token: 0 nothing, 1 reported clause, 2 speaker, 3 own words; 4 more for a capital."""
    types = [0] * len(plan.tokens)
    for report in plan.reports:
        for start, end in report.ranges:
            types[start:end] = [1] * (end - start)
    for speech in plan.speeches:
        types[speech.at] = 3
    for subject in [report.subject for report in plan.reports] + [speech.subject for speech in plan.speeches]:
        if subject is not None:
            types[subject[0] : subject[1] + 1] = [2] * (subject[1] + 1 - subject[0])
    return [kind + 4 * token.is_capital for kind, token in zip(types, plan.tokens, strict=True)]


def encode(tokenizer: Tokenizer, text: str, plans: Sequence[Plan]) -> list[Encoded | None]:
    """Turn sentences into what the network reads.

    :param tokenizer: The tokenizer of the encoder.
    :param text: The whole text.
    :param plans: The sentences.
    :returns: One for each sentence; None for one that is too long.
    """
    found = tokenizer.encode_batch([words_of(text, plan.tokens) for plan in plans], is_pretokenized=True)
    result: list[Encoded | None] = []
    for plan, encoding in zip(plans, found, strict=True):
        by_token = rule_types(plan)
        types = [0 if word is None else by_token[word] for word in encoding.word_ids]
        places = {word: position for position, word in reversed([*enumerate(encoding.word_ids)])}
        first = [places.get(index, 0) for index in range(len(plan.tokens))]  # a character that is no piece: at [CLS]
        result.append(Encoded(encoding.ids, types, first) if len(encoding.ids) <= MAX_PIECES else None)
    return result


def worth_reading(plan: Plan) -> bool:
    """Whether a sentence is left to the network: it has three words or more outside its quotes."""
    return sum(token.is_word for token in plan.tokens) >= 3


class Tagger:
    """The network, by ONNX Runtime on the CPU.

    :param folder: A model folder of the kind ``extraction``.
    :param alone: Hide the answer of the rules from it, to measure what it does by itself.
    :raises ModelError: If the folder is incomplete, damaged or of another kind.
    """

    def __init__(self, folder: Path = FOLDER, alone: bool = False) -> None:
        manifest = read_manifest(folder)
        if manifest.kind != KIND:
            raise ModelError(f"{folder} holds a model of the kind {manifest.kind!r}, not one that extracts statements")
        if manifest.tags != LABELS:
            raise ModelError(f"{folder} has other labels than this version of stance; train it again")
        check_files(folder, manifest, ("model.onnx", "tokenizer.json"))
        self.alone = alone
        self.name = f"{manifest.name}@{manifest.hash}"
        self.bias = np.array(manifest.thresholds, dtype=np.float32)
        try:
            self.tokenizer = load_tokenizer(folder)
            self.session = open_session(folder / "model.onnx")
        except ModelError as error:
            raise ModelError(f"cannot read the network in {folder}: {error}") from error
        self.n_threads = usable_cpus()

    def revise(self, text: str, plans: Sequence[Plan]) -> list[Plan]:
        """Correct what the rules found.

        :param text: The whole text.
        :param plans: The sentences of the text.
        :returns: The sentences with the network's answer; one that it cannot read keeps that of the rules, if shown.
        """
        if self.alone:
            plans = [Plan(plan.tokens, [], []) for plan in plans]
        chosen = [plan for plan in plans if worth_reading(plan)]
        encoded = encode(self.tokenizer, text, chosen)
        with ThreadPoolExecutor(self.n_threads) as pool:
            logits = list(pool.map(self._run, encoded))
        revised = {
            id(plan): decode(plan, found + self.bias)
            for plan, found in zip(chosen, logits, strict=True)
            if found is not None
        }
        return [revised.get(id(plan), plan) for plan in plans]

    def _run(self, encoded: Encoded | None) -> Floats | None:
        """Return the logits of each token (n_tokens, n_labels)."""
        if encoded is None:
            return None
        feed = {
            "input_ids": np.array([encoded.ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(encoded.ids)), dtype=np.int64),
            "token_type_ids": np.array([encoded.types], dtype=np.int64),
        }
        logits: Floats = self.session.run(None, feed)[0][0]
        return logits[encoded.first]


@lru_cache(maxsize=1)
def release_tagger() -> Tagger | None:
    """Return the network that ships with the package; None where it was left out."""
    return Tagger(FOLDER) if FOLDER.is_dir() else None
