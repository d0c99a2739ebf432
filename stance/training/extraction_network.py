"""The network of extraction before it is trained: some layers and word pieces of a BERT, and logits for each token."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel

from stance.errors import ConfigError
from stance.extraction.decode import LABELS
from stance.extraction.tagger import MAX_PIECES, N_TYPES


class TokenNetwork(nn.Module):
    """An encoder with a linear layer over each token."""

    encoder: Any

    def __init__(self, encoder: nn.Module, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(self.encoder.config.hidden_size, len(LABELS))

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor, **_: Any
    ) -> torch.Tensor:
        """Return the logits (n_sentences, n_pieces, n_labels)."""
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        logits: torch.Tensor = self.head(self.dropout(states))
        return logits


def prune(encoder: Path, texts: Sequence[str], size: int, target: Path) -> tuple[Any, list[int]]:
    """Write a tokenizer with fewer word pieces: BERT's vocabulary is sorted by frequency, and its head is kept.

    :param encoder: The folder of the encoder.
    :param texts: Texts whose word pieces are kept, too.
    :param size: How many word pieces to keep.
    :param target: The file to write.
    :returns: The tokenizer, and the kept ids in their new order.
    """
    from tokenizers import Tokenizer

    data = json.loads((encoder / "tokenizer.json").read_text(encoding="utf-8"))
    full = Tokenizer.from_str(json.dumps({**data, "truncation": None, "padding": None}))
    vocabulary: dict[str, int] = data["model"]["vocab"]
    specials = {token["id"] for token in data["added_tokens"]}
    used = {piece for encoding in full.encode_batch(list(texts)) for piece in encoding.ids}
    kept = sorted(specials | used)
    rest = (number for word, number in sorted(vocabulary.items(), key=lambda pair: pair[1]) if "[unused" not in word)
    known = set(kept)
    kept += [number for number in rest if number not in known][: max(0, size - len(kept))]
    kept.sort()
    new = {old: number for number, old in enumerate(kept)}
    data["model"]["vocab"] = {word: new[number] for word, number in vocabulary.items() if number in new}
    for token in data["added_tokens"]:
        token["id"] = new[token["id"]]
    for token in data["post_processor"]["special_tokens"].values():
        token["ids"] = [new[number] for number in token["ids"]]
    data["truncation"] = data["padding"] = None
    target.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return Tokenizer.from_file(str(target)), kept


def check_encoder(folder: Path) -> None:
    """Refuse an encoder that the network cannot be built on.

    :param folder: The folder of the encoder.
    :raises ConfigError: If it is no BERT, or reads fewer word pieces than a sentence may have.
    """
    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if config.model_type != "bert" or config.max_position_embeddings < MAX_PIECES:
        raise ConfigError(
            f"the encoder {folder.name} is no BERT that reads {MAX_PIECES} word pieces; "
            "choose one that is, such as encoder=all-MiniLM-L6-v2"
        )


def build(encoder: Path, kept: Sequence[int], n_layers: int, dropout: float) -> TokenNetwork:
    """Build the network on the first layers of an encoder, with the kept word pieces and a type for each answer."""
    model = AutoModel.from_pretrained(
        encoder, local_files_only=True, use_safetensors=True, trust_remote_code=False, add_pooling_layer=False
    ).float()
    model.encoder.layer = model.encoder.layer[:n_layers]
    model.config.num_hidden_layers = len(model.encoder.layer)
    embeddings = model.embeddings
    words = nn.Embedding(len(kept), model.config.hidden_size, padding_idx=0)
    words.weight.data = embeddings.word_embeddings.weight.data[list(kept)].clone()
    embeddings.word_embeddings = words
    model.config.vocab_size = len(kept)
    old = embeddings.token_type_embeddings.weight.data[0]
    types = nn.Embedding(N_TYPES, len(old))
    types.weight.data = old + 0.02 * torch.randn(N_TYPES, len(old))
    embeddings.token_type_embeddings = types
    model.config.type_vocab_size = N_TYPES
    return TokenNetwork(model, dropout)
