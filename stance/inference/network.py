"""The network: an encoder, mean pooling and one linear layer with a logit per tag (torch; extra ``train``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn


class StanceNetwork(nn.Module):
    """An encoder with a linear head over its mean-pooled token states (Reimers and Gurevych 2019)."""

    encoder: Any  # the transformers model; its attributes are not typed

    def __init__(self, encoder: nn.Module, n_tags: int, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(self.encoder.config.hidden_size, n_tags)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
        **_: Any,
    ) -> torch.Tensor:
        """Return the logits.

        :param input_ids: Token ids (n_texts, n_tokens).
        :param attention_mask: 1 for a token, 0 for padding (n_texts, n_tokens).
        :param token_type_ids: 0 for the text, 1 for the context (n_texts, n_tokens); None where the encoder has none.
        :returns: Logits (n_texts, n_tags).
        """
        types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask, **types).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(states.dtype)
        pooled = (states * weights).sum(1) / weights.sum(1).clamp(min=1)
        logits: torch.Tensor = self.head(self.dropout(pooled))
        return logits


def uses_token_types(config: Any) -> bool:
    """Tell whether an encoder of this configuration has an embedding for the context's tokens."""
    return getattr(config, "type_vocab_size", 0) > 1


def build_network(folder: Path, n_tags: int, dropout: float = 0.1, pretrained: bool = True) -> StanceNetwork:
    """Build a network on the encoder whose configuration lies in ``folder``.

    :param folder: A folder with ``config.json``, and the encoder's weights if ``pretrained``.
    :param n_tags: The number of logits.
    :param dropout: The share of pooled features that is dropped in training.
    :param pretrained: Read the encoder's weights; without it they are random, to be overwritten by the caller.
    :returns: The network.
    """
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    extra = {"add_pooling_layer": False} if config.model_type in {"bert", "mpnet", "roberta", "xlm-roberta"} else {}
    if pretrained:
        encoder = AutoModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, trust_remote_code=False, **extra
        )
    else:
        encoder = AutoModel.from_config(config, **extra)
    return StanceNetwork(encoder.float(), n_tags, dropout)
