"""Our network as a transformers model, so that ``pipeline("text-classification")`` runs the same weights (torch).

The calibration of each tag is folded into the head (slope times weights, slope times bias plus intercept), so that the
sigmoid of the pipeline gives calibrated probabilities.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModel, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from stance.inference.network import StanceNetwork
from stance.model_folder import MANIFEST, Manifest


class PooledClassifier(PreTrainedModel):
    """An encoder, mean pooling and a linear head, as :class:`StanceNetwork` has them."""

    base_model_prefix = "network"

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        encoder = AutoModel.from_config(config, add_pooling_layer=False)
        self.network = StanceNetwork(encoder, config.num_labels, 0.0)
        self.post_init()

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **others: Any) -> Any:
        """Return the logits (n_texts, n_tags) as the pipeline expects them."""
        return SequenceClassifierOutput(logits=self.network(input_ids, attention_mask, **others))


def save_pooled(network: StanceNetwork, manifest: Manifest, source: Path, target: Path) -> None:
    """Write a network as a folder that transformers reads.

    :param network: The network; it is changed: its calibration goes into the head.
    :param manifest: Its manifest.
    :param source: The model folder that it was read from.
    :param target: A folder that exists.
    """
    slope = torch.tensor(manifest.calibration.slope)
    with torch.no_grad():
        network.head.weight *= slope[:, None]
        network.head.bias.mul_(slope).add_(torch.tensor(manifest.calibration.intercept))
    config = AutoConfig.from_pretrained(
        source, local_files_only=True, num_labels=len(manifest.tags), id2label=dict(enumerate(manifest.tags))
    )
    model = PooledClassifier(config)
    model.network.load_state_dict(network.state_dict())
    model.save_pretrained(target)
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", MANIFEST):
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)


def read_pooled(folder: Path) -> PooledClassifier:
    """Read what :func:`save_pooled` has written."""
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    model: PooledClassifier = PooledClassifier.from_pretrained(folder, config=config, local_files_only=True)
    model.eval()
    return model
