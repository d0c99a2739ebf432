"""Turn (text, context) pairs into the tokens a model reads, the same way in training and in inference.

A text longer than the model reads at once is split into overlapping windows that each carry the context.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stance.inference.masking import mask_countries

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

MAX_CONTEXT = 48  # in tokens; a longer context is cut, and the row says so
OVERLAP = 0.25  # share of a window that the next one repeats

_PLAIN = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "`": "'", "´": "'"}
    | {"–": "-", "—": "-", "―": "-", "‐": "-", "‑": "-", "−": "-", "\u00ad": None, "\u200b": None, "\ufeff": None}
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text: one window, or several where it was long."""

    windows: tuple[tuple[list[int], list[int]], ...]  # (input ids, token type ids) per window
    n_tokens: int  # in tokens, the whole text and context, before any window was cut
    windowed: bool


def normalise(text: str) -> str:
    """Write a text with plain quotation marks, dashes and blanks, so that typography changes no score."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_PLAIN)).split())


class PairTokenizer:
    """Encodes pairs of text and context in windows of at most ``max_tokens`` tokens.

    :param tokenizer: The tokenizer of the encoder.
    :param max_tokens: In tokens, text and context together.
    :param mask: Hide which countries are named.
    """

    def __init__(self, tokenizer: Tokenizer, max_tokens: int, mask: bool = False) -> None:
        self.tokenizer = tokenizer
        self.max_tokens = max_tokens
        self.mask = mask
        self._pair_specials = tokenizer.num_special_tokens_to_add(is_pair=True)
        self._single_specials = tokenizer.num_special_tokens_to_add(is_pair=False)

    def __call__(self, texts: Sequence[str], contexts: Sequence[str]) -> list[Tokens]:
        """Encode texts with their contexts.

        :param texts: The texts.
        :param contexts: One context for each text; empty where there is none.
        :returns: The tokens, in the order of the texts.
        """
        if self.mask and texts:
            masked = [mask_countries(text, context) for text, context in zip(texts, contexts, strict=True)]
            texts, contexts = zip(*masked, strict=True)
        firsts = self.tokenizer.encode_batch([normalise(text) for text in texts], add_special_tokens=False)
        seconds = self.tokenizer.encode_batch([normalise(context) for context in contexts], add_special_tokens=False)
        return [self._pair(first, second) for first, second in zip(firsts, seconds, strict=True)]

    def _pair(self, text: Encoding, context: Encoding) -> Tokens:
        n_context = len(context.ids)
        n_specials = self._pair_specials if n_context else self._single_specials
        n_tokens = len(text.ids) + n_context + n_specials
        limit = min(MAX_CONTEXT, self.max_tokens // 4)
        if n_context > limit:
            context.truncate(limit)
        room = self.max_tokens - len(context.ids) - n_specials
        cut = n_context > limit or len(text.ids) > room
        if len(text.ids) > room:
            text.truncate(room, stride=int(room * OVERLAP))
        pieces = [text, *text.overflowing]
        joined = [self.tokenizer.post_process(piece, context if n_context else None) for piece in pieces]
        return Tokens(tuple((piece.ids, piece.type_ids) for piece in joined), n_tokens, cut)
