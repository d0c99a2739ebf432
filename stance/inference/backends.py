"""Engines that turn tokens into logits: ONNX Runtime (the default), torch, or the linear baseline."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stance.errors import ModelError
from stance.extras import require
from stance.inference.tokenize import PairTokenizer, Tokens
from stance.model_folder import Manifest, check_files
from stance.runtime import Device, load_tokenizer, open_session, usable_cpus

Logits = NDArray[np.float64]


class Backend(Protocol):
    """What a classifier asks of an engine."""

    def __call__(self, texts: Sequence[str], contexts: Sequence[str]) -> tuple[Logits, list[int], list[bool]]:
        """Return logits (n_texts, n_tags), the number of tokens and whether windows were cut, for each text."""
        ...


class TokenBackend:
    """Common to the engines that read tokens: one run a window, the greatest logit of the windows of a text.

    Every window runs by itself, not padded into a batch: int8 engines choose their scales by what they are given at
    once, so that a batch would let a text's neighbours change its score. Windows run in parallel on threads instead.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.n_tags = len(manifest.tags)
        self.tokenizer = PairTokenizer(load_tokenizer(folder), manifest.max_tokens, manifest.mask_countries)
        self.n_threads = usable_cpus()

    def run(self, ids: list[int], types: list[int]) -> NDArray[np.float32]:
        """Return the logits of one window (n_tags,)."""
        raise NotImplementedError

    def __call__(self, texts: Sequence[str], contexts: Sequence[str]) -> tuple[Logits, list[int], list[bool]]:
        """Return logits (n_texts, n_tags), the number of tokens and whether windows were cut, for each text."""
        tokens = self.tokenizer(texts, contexts)
        with ThreadPoolExecutor(self.n_threads) as pool:
            logits = list(pool.map(self.greatest, tokens))
        found = np.array(logits, dtype=np.float64).reshape(len(texts), self.n_tags)
        return found, [t.n_tokens for t in tokens], [t.windowed for t in tokens]

    def greatest(self, tokens: Tokens) -> NDArray[np.float32]:
        """Return the greatest logits of the windows of one text (n_tags,)."""
        result: NDArray[np.float32] = np.max([self.run(ids, types) for ids, types in tokens.windows], axis=0)
        return result


class OnnxBackend(TokenBackend):
    """ONNX Runtime."""

    def __init__(self, folder: Path, manifest: Manifest, device: Device = "cpu") -> None:
        check_files(folder, manifest, ("model.onnx", "tokenizer.json"))
        super().__init__(folder, manifest)
        self.device = device
        self.session = open_session(folder / "model.onnx", device)
        self.inputs = {node.name for node in self.session.get_inputs()}

    def run(self, ids: list[int], types: list[int]) -> NDArray[np.float32]:
        """Return the logits of one window (n_tags,)."""
        feed = {"input_ids": np.array([ids]), "attention_mask": np.ones((1, len(ids)), dtype=np.int64)}
        if "token_type_ids" in self.inputs:
            feed["token_type_ids"] = np.array([types])
        logits: NDArray[np.float32] = self.session.run(None, feed)[0][0]
        return logits


class TorchBackend(TokenBackend):
    """Torch (extra ``train``), for models that were not exported."""

    def __init__(self, folder: Path, manifest: Manifest, device: Device = "cpu") -> None:
        self.torch = require("torch", "train")
        if device == "cuda" and not self.torch.cuda.is_available():
            raise ModelError("torch finds no CUDA device; install a build of torch for yours, or use device 'cpu'")
        self.device = device
        require("transformers", "train")
        safetensors = require("safetensors.torch", "train")
        from stance.inference.network import build_network, uses_token_types

        check_files(folder, manifest, ("model.safetensors", "config.json", "tokenizer.json"))
        super().__init__(folder, manifest)
        self.n_threads = 1  # torch spreads each run over the cores itself
        self.network = build_network(folder, self.n_tags, pretrained=False)
        self.network.load_state_dict(safetensors.load_file(folder / "model.safetensors"))
        self.network.to(device).eval()
        self.with_types = uses_token_types(self.network.encoder.config)

    def run(self, ids: list[int], types: list[int]) -> NDArray[np.float32]:
        """Return the logits of one window (n_tags,)."""
        tensor = self.torch.tensor
        with self.torch.inference_mode():
            mask = self.torch.ones(1, len(ids), dtype=self.torch.long, device=self.device)
            kinds = tensor([types], device=self.device) if self.with_types else None
            found = self.network(tensor([ids], device=self.device), mask, kinds)[0]
            logits: NDArray[np.float32] = found.cpu().numpy()
        return logits


def open_backend(folder: Path, manifest: Manifest, name: str = "auto", device: Device = "cpu") -> Backend:
    """Open the engine for a model folder.

    :param folder: The model folder.
    :param manifest: Its manifest.
    :param name: ``"onnx"``, ``"torch"``, or ``"auto"``: ONNX where the folder holds ``model.onnx``.
    :param device: ``"cpu"`` or ``"cuda"``, for networks.
    :returns: The engine.
    :raises ModelError: If the folder lacks what the engine needs, or the name, the device or the kind of model is
        unknown.
    """
    if device not in {"cpu", "cuda"}:
        raise ModelError(f"unknown device {device!r}; use 'cpu' or 'cuda'")
    if name not in {"auto", "onnx", "torch"}:
        raise ModelError(f"unknown backend {name!r}; use 'auto', 'onnx' or 'torch'")
    if manifest.kind == "linear":
        from stance.inference.linear import LinearBackend

        return LinearBackend(folder, manifest)
    if manifest.kind == "extraction":
        raise ModelError(f"{folder} holds the network of extraction, which gives no tags; name a model that does")
    if manifest.kind != "encoder":
        raise ModelError(f"{folder} holds a model of the unknown kind {manifest.kind!r}; upgrade stance")
    if name == "onnx" or (name == "auto" and "model.onnx" in manifest.files):
        return OnnxBackend(folder, manifest, device)
    return TorchBackend(folder, manifest, device)
