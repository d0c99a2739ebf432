"""The linear baseline: TF-IDF of word and character n-grams with one weight a term and tag (extra ``train``)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.errors import ModelError
from stance.extras import require
from stance.inference.tokenize import normalise
from stance.model_folder import Manifest, check_files

VOCABULARY = "vocabulary.json"
WEIGHTS = "model.safetensors"


def joined(texts: Sequence[str], contexts: Sequence[str]) -> list[str]:
    """Return what the baseline reads: text and context, normalised, with a bar between them."""
    pairs = zip(texts, contexts, strict=True)
    return [normalise(text) + (f" | {normalise(context)}" if context else "") for text, context in pairs]


class NgramFeatures:
    """Word and character n-grams, weighted by TF-IDF, side by side."""

    def __init__(self, word_ngrams: Sequence[int], char_ngrams: Sequence[int], **options: Any) -> None:
        text = require("sklearn.feature_extraction.text", "train")
        common = {"sublinear_tf": True, "lowercase": True, "dtype": np.float32, **options}
        self.words = text.TfidfVectorizer(ngram_range=tuple(word_ngrams), token_pattern=r"(?u)\b\w+\b", **common)
        self.chars = text.TfidfVectorizer(ngram_range=tuple(char_ngrams), analyzer="char_wb", **common)

    def fit(self, texts: Sequence[str]) -> NgramFeatures:
        """Learn the terms and their document frequencies."""
        self.words.fit(texts)
        self.chars.fit(texts)
        return self

    def transform(self, texts: Sequence[str]) -> Any:
        """Return a sparse matrix (n_texts, n_terms)."""
        return (
            require("scipy.sparse", "train").hstack([self.words.transform(texts), self.chars.transform(texts)]).tocsr()
        )


def save_linear(
    folder: Path, features: NgramFeatures, coef: NDArray[np.float64], intercept: NDArray[np.float64]
) -> None:
    """Write the terms and weights of a baseline.

    :param folder: The model folder.
    :param features: The fitted features.
    :param coef: Weights, (n_tags, n_terms).
    :param intercept: Intercepts, (n_tags,).
    """
    vocabulary: dict[str, Any] = {}
    arrays: dict[str, NDArray[Any]] = {"coef": coef.astype(np.float32), "intercept": intercept.astype(np.float32)}
    for name, part in (("words", features.words), ("chars", features.chars)):
        vocabulary[name] = {"ngrams": list(part.ngram_range), "terms": part.get_feature_names_out().tolist()}
        arrays[f"{name}_idf"] = part.idf_.astype(np.float32)
    (folder / VOCABULARY).write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    require("safetensors.numpy", "train").save_file(arrays, folder / WEIGHTS)


class LinearBackend:
    """The engine of a saved baseline."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        safetensors = require("safetensors.numpy", "train")
        check_files(folder, manifest, (VOCABULARY, WEIGHTS))
        arrays = safetensors.load_file(folder / WEIGHTS)
        vocabulary = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        try:
            words, chars = vocabulary["words"], vocabulary["chars"]
            self.features = NgramFeatures(words["ngrams"], chars["ngrams"])
            for name, part in (("words", self.features.words), ("chars", self.features.chars)):
                part.vocabulary_ = {term: column for column, term in enumerate(vocabulary[name]["terms"])}
                part.idf_ = arrays[f"{name}_idf"]
            self.coef, self.intercept = arrays["coef"], arrays["intercept"]
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{folder} holds a damaged baseline ({error}); train it again") from error

    def __call__(
        self, texts: Sequence[str], contexts: Sequence[str]
    ) -> tuple[NDArray[np.float64], list[int], list[bool]]:
        """Return logits (n_texts, n_tags), the number of words, and that nothing was cut, for each text."""
        inputs = joined(texts, contexts)
        logits = np.asarray(self.features.transform(inputs) @ self.coef.T + self.intercept, dtype=np.float64)
        return logits, [len(text.split()) for text in inputs], [False] * len(inputs)
