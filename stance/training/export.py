"""Export a trained encoder to ONNX, in float32 or int8, and refuse it where it no longer says the same.

int8 here is ONNX Runtime's dynamic quantisation: weights are stored in 8 bits, one scale a column (embeddings one scale
in all), and activations get their scale when the model runs, from one window at a time.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stance.codebook import Codebook, Tag
from stance.datasets.records import LabelledStatement, read_labels
from stance.datasets.starter import starter_records
from stance.errors import ModelError
from stance.inference.backends import TorchBackend
from stance.inference.classifier import Classifier, load
from stance.model_folder import MANIFEST, Manifest, hash_files, write_manifest
from stance.training.calibration import fit_decision
from stance.training.card import write_card
from stance.training.config import parse_config
from stance.training.data import collect
from stance.training.save import held_out, measure

log = logging.getLogger(__name__)

MAX_FLIPS = 0.02  # share of statements whose tags may differ from the source's
COPIED = ("tokenizer.json",)
OPSET = 17


def main(argv: Sequence[str] | None = None) -> int:
    """Export a model.

    :param argv: The arguments, by default those of the process.
    :returns: 0; the caller prints errors and exits with 2.
    :raises StanceError: If the model cannot be read, or the export differs too much from it.
    """
    parser = argparse.ArgumentParser(prog="export", description="Export a trained model to ONNX.")
    parser.add_argument("model", metavar="MODEL", help="a model folder with model.safetensors")
    parser.add_argument("--output", metavar="DIR", help="the folder to write (default: MODEL-onnx)")
    parser.add_argument("--name", help="the name of the exported model (default: that of MODEL)")
    parser.add_argument("--format", choices=("int8", "fp32"), default="int8", help="of the weights (default: int8)")
    parser.add_argument(
        "--data",
        nargs="+",
        default=[],
        metavar="FILE",
        help="statements to compare beside the starter set: the dev split, or all of a file without splits",
    )
    parser.add_argument(
        "--refit",
        action="store_true",
        help="fit calibration and thresholds to the export's answers, and measure those (needs the recipe's data)",
    )
    parser.add_argument(
        "--max-flips",
        type=float,
        default=MAX_FLIPS,
        help=f"share of statements that may change tags (default: {MAX_FLIPS})",
    )
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    target = Path(options.output or f"{options.model.rstrip('/')}-onnx")
    manifest = export(
        Path(options.model), target, options.format, options.name, options.data, options.max_flips, options.refit
    )
    parity = manifest.parity
    sys.stdout.write(
        f"{target}: {parity['megabytes']:.1f} MB; on {parity['statements']:,} statements the greatest difference of a "
        f"probability is {parity['max_difference']:.4f}, and {parity['flips']} statements change tags "
        f"({parity['flip_share']:.2%})\n"
    )
    return 0


def export(
    source: Path,
    target: Path,
    form: str = "int8",
    name: str | None = None,
    data: Sequence[str] = (),
    max_flips: float = MAX_FLIPS,
    refit: bool = False,
) -> Manifest:
    """Write an ONNX model folder, and compare it with its source.

    :param source: A model folder with ``model.safetensors``.
    :param target: The folder to write; replaced only when the export has passed.
    :param form: ``"int8"`` or ``"fp32"``.
    :param name: The name of the exported model; that of the source if None.
    :param data: Files of statements to compare beside the starter set: the dev split, or all of a file without splits.
    :param max_flips: The share of statements whose tags may change.
    :param refit: Fit calibration and thresholds anew on the export's own answers; the figures are then the export's.
    :returns: The manifest of the exported model.
    :raises ModelError: If the source is no encoder, the target is in the way, or too many statements change tags.
    """
    before = load(source, backend="torch")
    if not isinstance(before.backend, TorchBackend):
        raise ModelError(f"{source} is a model of kind {before.manifest.kind!r}; only encoders are exported")
    if target.resolve() == source.resolve():
        raise ModelError(f"{target} is the model itself; choose another --output")
    if target.exists() and not (target / MANIFEST).is_file():
        raise ModelError(f"{target} exists and is no model folder; choose another --output")
    records = comparison(data, before.tags)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as scratch:
        folder = Path(scratch) / "model"
        folder.mkdir()
        write_onnx(before.backend.network, before.backend.with_types, folder / "model.onnx", form)
        for file in COPIED:
            shutil.copyfile(source / file, folder / file)
        manifest = replace(
            before.manifest, name=name or before.manifest.name, files=hash_files(folder), parity={}, gate={}
        )
        write_manifest(folder, manifest)
        parity = compare(before, load(folder), records)
        if parity["flip_share"] > max_flips:
            raise ModelError(
                f"the {form} export changes the tags of {parity['flip_share']:.2%} of "
                f"{parity['statements']:,} statements, "
                f"more than {max_flips:.2%}; use --format fp32, or raise --max-flips if you accept that"
            )
        size = (folder / "model.onnx").stat().st_size / 1e6
        manifest = replace(
            manifest, parity={"format": form, "megabytes": round(size, 2), **parity, "figures_of_source": not refit}
        )
        if refit:
            manifest = refitted(manifest, load(folder))
        write_card(folder, manifest)
        write_manifest(folder, manifest)
        if target.exists():
            shutil.rmtree(target)
        folder.rename(target)
    return manifest


def refitted(manifest: Manifest, exported: Classifier) -> Manifest:
    """Return a manifest whose calibration, thresholds and figures are those of an exported model.

    :param manifest: The manifest of the model that it was made from.
    :param exported: The exported model.
    :raises StanceError: If the data of the recipe cannot be read, or are not those that the model was trained on.
    """
    data = collect(parse_config(dict(manifest.config), "the manifest").data)
    if data.sha256 != manifest.data["sha256"]:
        raise ModelError("the data of the recipe have changed since the training; train anew, or leave out --refit")

    def logits(records: Sequence[LabelledStatement]) -> NDArray[np.float64]:
        return exported.backend([record.text for record in records], [record.context for record in records])[0]

    dev_logits = logits(data.dev)
    decision = fit_decision(dev_logits, data.truth(data.dev))
    return replace(
        manifest,
        calibration=decision.calibration,
        thresholds=decision.thresholds,
        doubt_margin=decision.doubt_margin,
        figures=measure(data, logits, dev_logits, decision),
        conformal=held_out(data, dev_logits, decision),
    )


def comparison(data: Sequence[str], tags: Sequence[str]) -> list[LabelledStatement]:
    """Return the statements on which source and export are compared: the starter set, and what the files add."""
    codebook = Codebook("model", tuple(Tag(tag, "") for tag in tags))
    more = [record for path in data for record in read_labels(path, codebook) if record.split in ("dev", "")]
    return [*starter_records(), *more]


def compare(before: Classifier, after: Classifier, records: Sequence[LabelledStatement]) -> dict[str, Any]:
    """Return how the probabilities and tags of two classifiers differ."""
    texts, contexts = [record.text for record in records], [record.context for record in records]
    one, two = before.predict_proba(texts, contexts), after.predict_proba(texts, contexts)
    thresholds = np.array(before.thresholds)
    flips = int(((one >= thresholds) != (two >= thresholds)).any(axis=1).sum())
    return {
        "statements": len(records),
        "max_difference": round(float(np.abs(one - two).max()), 6),
        "mean_difference": round(float(np.abs(one - two).mean()), 6),
        "flips": flips,
        "flip_share": flips / len(records),
    }


def write_onnx(network: Any, with_types: bool, path: Path, form: str, per_token: bool = False) -> None:
    """Write a network as ONNX.

    :param network: The network; its ``encoder`` is a transformers model.
    :param with_types: Whether it reads token types.
    :param path: The file.
    :param form: ``"int8"`` or ``"fp32"``.
    :param per_token: Whether it gives logits for each token, not for each text.
    """
    network.eval()
    network.encoder.set_attn_implementation("eager")  # the fused kernels of others do not trace
    ids = torch.tensor([[0, 10, 11, 2], [0, 12, 13, 2]])
    names = ["input_ids", "attention_mask"] + (["token_type_ids"] if with_types else [])
    inputs = (ids, torch.ones_like(ids)) + ((torch.zeros_like(ids),) if with_types else ())
    full = path if form == "fp32" else path.with_suffix(".fp32.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of every shape that it reads
        torch.onnx.export(
            network,
            inputs,
            str(full),
            input_names=names,
            output_names=["logits"],
            dynamic_axes={name: {0: "texts", 1: "tokens"} for name in names}
            | {"logits": {0: "texts", 1: "tokens"} if per_token else {0: "texts"}},
            opset_version=OPSET,
            dynamo=False,
        )
    if form == "int8":
        quantise(full, path)
        full.unlink()


def quantise(source: Path, target: Path) -> None:
    """Quantise the weights of an ONNX file to int8."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.disable(logging.WARNING)  # the library advises at warning level, on the root logger
    try:
        quantize_dynamic(source, target, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
    finally:
        logging.disable(logging.NOTSET)
