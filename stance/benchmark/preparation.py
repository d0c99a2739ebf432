"""What some engines of the benchmark need made before anything is timed: an export, a folder, a fitted regression."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stance.benchmark.engines import LOGISTIC, embed
from stance.errors import ModelError
from stance.extras import require
from stance.model_folder import MANIFEST

if TYPE_CHECKING:
    from stance.inference.backends import TorchBackend

Maker = Callable[[Path, Path, Sequence[str], Sequence[Sequence[bool]]], None]


def prepare(name: str, folder: Path, target: Path, texts: Sequence[str], truth: Sequence[Sequence[bool]]) -> None:
    """Make what an engine reads; ``target`` appears when it is complete.

    :param name: What to make, a name of :data:`MAKERS`.
    :param folder: The model that it is made of.
    :param target: The folder to write.
    :param texts: The statements of train, for what is fitted on them.
    :param truth: Whether each bears each tag (n_texts, n_tags).
    :raises StanceError: If a package is missing, or the model cannot be read.
    """
    scratch = target.with_name(target.name + ".tmp")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    MAKERS[name](folder, scratch, texts, truth)
    scratch.rename(target)


def make_onnx(folder: Path, target: Path, texts: Sequence[str], truth: Sequence[Sequence[bool]]) -> None:
    """Export a network to ONNX in float32."""
    require("torch", "train")
    from stance.training.export import write_onnx

    backend = torch_backend(folder)
    write_onnx(backend.network, backend.with_types, target / "model.onnx", "fp32")
    for name in ("tokenizer.json", "config.json", MANIFEST):
        shutil.copyfile(folder / name, target / name)


def make_pipeline(folder: Path, target: Path, texts: Sequence[str], truth: Sequence[Sequence[bool]]) -> None:
    """Write a network as a folder that the pipeline of transformers reads."""
    require("torch", "train")
    from stance.benchmark.pooled_model import save_pooled
    from stance.model_folder import read_manifest

    save_pooled(torch_backend(folder).network, read_manifest(folder), folder, target)


def torch_backend(folder: Path) -> TorchBackend:
    """Read the weights of a model folder with torch."""
    from stance.inference.backends import TorchBackend
    from stance.inference.classifier import load

    backend = load(folder, backend="torch").backend
    if not isinstance(backend, TorchBackend):
        raise ModelError(f"{folder} is no encoder; give one with model.safetensors, such as models/distilled")
    return backend


def make_sentence(folder: Path, target: Path, texts: Sequence[str], truth: Sequence[Sequence[bool]]) -> None:
    """Fit one logistic regression a tag on the sentence embeddings of the statements of train."""
    library = require("sentence_transformers", "peers")
    linear = require("sklearn.linear_model", "peers")
    model = library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    vectors, labels = embed(model, texts), np.array(truth, dtype=bool)
    fitted = [linear.LogisticRegression(max_iter=1000).fit(vectors, column) for column in labels.T]
    model.save(str(target))
    np.savez(
        target / LOGISTIC,
        coef=np.concatenate([one.coef_ for one in fitted]),
        intercept=np.concatenate([one.intercept_ for one in fitted]),
    )


MAKERS: Mapping[str, Maker] = {"onnx": make_onnx, "pipeline": make_pipeline, "sentence": make_sentence}
