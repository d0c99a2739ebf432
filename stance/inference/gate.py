"""The first stage of a cascade: a linear model of words that may only answer "no tag", much faster than a network.

It reads hashed words and pairs of neighbouring words (Weinberger et al. 2009, "Feature Hashing for Large Scale
Multitask Learning"). Their weights are whole numbers, so that sums are exact and a text's answer cannot depend on its
neighbours. Countries are masked first, as for the network: which one is named must not decide who is looked at.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stance.errors import ModelError
from stance.inference.masking import mask_countries
from stance.inference.tokenize import normalise
from stance.model_folder import Manifest, check_files

FILE = "gate.npz"
BUCKETS = 1 << 18
SCALE = 2**-11  # what one unit of a stored weight stands for
_WORD = re.compile(r"[a-z]+|\d+")
_PAIR = 0x9E3779B1  # an odd number that mixes the hash of a pair's first word (Knuth's multiplicative hashing)

Integers = NDArray[np.int64]


class Gate:
    """Tells which statements a network must read.

    :param weights: Of each bucket, in units of :data:`SCALE`, (BUCKETS,).
    :param intercept: Added to a statement's sum.
    :param threshold: A statement whose score reaches this goes on to the network.
    :param p: The probability of each tag that is given to the others, (n_tags,).
    """

    def __init__(self, weights: NDArray[np.int16], intercept: float, threshold: float, p: Sequence[float]) -> None:
        self.weights = weights.astype(np.int64)
        self.intercept = intercept
        self.threshold = threshold
        self.p = np.array(p, dtype=np.float64)

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the log-odds, as the linear model has them, that a statement carries any tag.

        :param texts: The statements.
        :returns: One score for each, (n_texts,).
        """
        buckets, owners, sizes = features(texts)
        sums = np.bincount(owners, self.weights[buckets], minlength=len(texts))
        scores: NDArray[np.float64] = sums * SCALE / np.sqrt(np.maximum(sizes, 1)) + self.intercept
        return scores

    def passes(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Tell which statements go on to the network, (n_texts,)."""
        result: NDArray[np.bool_] = self.scores(texts) >= self.threshold
        return result


def features(texts: Sequence[str]) -> tuple[Integers, Integers, Integers]:
    """Return what the first stage reads of statements.

    :param texts: The statements.
    :returns: The bucket of each word and pair, (n_features,); the number of the statement that it is of,
        (n_features,); and how many of them each statement has, (n_texts,).
    """
    masked = [normalise(mask_countries(text, "")[0]).lower() for text in texts]
    hashes = [[_hash(word) for word in _WORD.findall(text)] for text in masked]
    lengths = np.array([len(one) for one in hashes], dtype=np.int64)
    words = np.array([value for one in hashes for value in one], dtype=np.int64)
    owners = np.repeat(np.arange(len(texts)), lengths)
    inside = owners[:-1] == owners[1:]  # pairs of one statement, not across two
    pairs = ((words[:-1] * _PAIR + words[1:])[inside] & 0xFFFFFFFF) >> 14
    return (
        np.concatenate([words & (BUCKETS - 1), pairs]),
        np.concatenate([owners, owners[:-1][inside]]),
        np.maximum(2 * lengths - 1, 0),
    )


@lru_cache(maxsize=1 << 16)
def _hash(word: str) -> int:
    return zlib.crc32(word.encode())


def open_gate(folder: Path, manifest: Manifest) -> Gate:
    """Read the first stage of a model.

    :param folder: The model folder.
    :param manifest: Its manifest.
    :raises ModelError: If the model has none, or it is damaged.
    """
    if not manifest.gate:
        raise ModelError(
            f"{folder} has no first stage, so it cannot run as a cascade; train one with scripts/train_gate.py {folder}"
        )
    check_files(folder, manifest, (FILE,))
    try:
        with np.load(folder / FILE, allow_pickle=False) as arrays:
            weights = arrays["weights"]
        settings = manifest.gate
        p = [float(settings["p"][tag]) for tag in manifest.tags]
        if weights.shape != (BUCKETS,) or weights.dtype != np.int16:
            raise ValueError(f"its weights are {weights.dtype} of shape {weights.shape}")
        return Gate(weights, float(settings["intercept"]), float(settings["threshold"]), p)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{folder / FILE} is damaged ({error}); train it again with scripts/train_gate.py {folder}"
        ) from error
