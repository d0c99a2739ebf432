"""Measure a trained model and write its folder: weights, tokenizer, manifest and card; the manifest last."""

from __future__ import annotations

import hashlib
import json
import platform
import resource
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import stance
from stance.datasets.records import LabelledStatement
from stance.datasets.sources import rights_of
from stance.datasets.starter import starter_records
from stance.datasets.votes import vote_summary
from stance.evaluation.bootstrap import cluster_numbers
from stance.evaluation.evaluation import cluster_of
from stance.evaluation.scores import Outcome, score_outcome
from stance.inference.conformal import strangest
from stance.inference.decision import apply_calibration, margins
from stance.inference.network import StanceNetwork
from stance.model_folder import Manifest, hash_files, write_manifest
from stance.training.calibration import (
    ERROR_RATES,
    Decision,
    cross_fit,
    document_folds,
    fit_decision,
    try_error_rate,
)
from stance.training.card import write_card
from stance.training.config import Config
from stance.training.data import TrainingData

PACKAGES = ("numpy", "scikit-learn", "tokenizers", "torch", "transformers", "datasets")
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


def save_network(network: StanceNetwork, encoder: Path, folder: Path) -> None:
    """Write the weights of a network, and the configuration and tokenizer of its encoder."""
    from safetensors.torch import save_file

    state = {name: tensor.contiguous().clone() for name, tensor in network.state_dict().items()}
    save_file(state, folder / "model.safetensors")
    shutil.copyfile(encoder / "config.json", folder / "config.json")
    for name in TOKENIZER_FILES:
        if (encoder / name).is_file():
            shutil.copyfile(encoder / name, folder / name)


def finish(
    folder: Path,
    config: Config,
    data: TrainingData,
    logits: Any,
    encoder: dict[str, str],
    minutes: float,
) -> Manifest:
    """Fit calibration and thresholds on dev, measure the model, and write manifest and card.

    :param folder: The model folder, with its weights in it.
    :param config: The recipe.
    :param data: The statements.
    :param logits: A function from records to logits (n_texts, n_tags).
    :param encoder: Name and sha256 of the encoder that the training started from.
    :param minutes: How long the training took.
    :returns: The manifest as written.
    """
    dev_logits, dev_truth = logits(data.dev), data.truth(data.dev)
    decision = fit_decision(dev_logits, dev_truth)
    manifest = Manifest(
        name=config.name,
        kind=config.kind,
        tags=data.codebook.tag_names,
        definitions=tuple(tag.definition for tag in data.codebook.tags),
        calibration=decision.calibration,
        thresholds=decision.thresholds,
        doubt_margin=decision.doubt_margin,
        max_tokens=config.encoder.max_tokens if config.kind == "encoder" else 0,
        mask_countries=config.kind == "encoder" and config.encoder.mask_countries,
        encoder=encoder,
        config=config.model_dump(mode="json"),
        data=describe(data),
        fitted_on={"split": "dev", "data_sha256": records_hash(data.dev), "statements": len(data.dev)},
        versions=package_versions(),
        seed=config.seed,
        cost={"minutes": round(minutes, 1), "peak_memory_mb": round(peak_memory(), 0)},
        figures=measure(data, logits, dev_logits, decision),
        conformal=held_out(data, dev_logits, decision),
        files=hash_files(folder),
    )
    write_card(folder, manifest)
    write_manifest(folder, manifest)
    return manifest


def package_versions() -> dict[str, str]:
    """Return the versions of this package, Python and the libraries that decide what a model becomes."""
    return {
        "stance": stance.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def describe(data: TrainingData) -> dict[str, Any]:
    """Return what the manifest says of the training data: hash, counts, how labels were made, whose texts they are."""
    everything = [*data.train, *data.dev]
    return {
        "sha256": data.sha256,
        "train": counts(data.train, data.codebook.tag_names),
        "dev": counts(data.dev, data.codebook.tag_names),
        "unlabelled": len(data.unlabelled),
        "teachers": list(data.teacher.teachers) if data.teacher else [],
        "votes": vote_summary(record for record in everything if record.id not in data.starter_ids),
        "starter_statements": sum(record.id in data.starter_ids for record in everything),
        "sources": [
            {"name": source.name, "statements": count, "licence": source.licence, "rights": source.rights}
            for source, count in rights_of([*everything, *data.unlabelled])
        ],
    }


def counts(records: Sequence[LabelledStatement], tags: Sequence[str]) -> dict[str, int]:
    """Return the number of statements, and of those that bear each tag."""
    return {"statements": len(records), **{tag: sum(tag in record.tags for record in records) for tag in tags}}


def records_hash(records: Sequence[LabelledStatement]) -> str:
    """Return a hash that names these statements and their tags."""
    rows = json.dumps([[record.id, record.text, record.context, record.tags] for record in records])
    return hashlib.sha256(rows.encode()).hexdigest()


def measure(
    data: TrainingData, logits: Any, dev_logits: NDArray[np.float64], decision: Decision
) -> dict[str, dict[str, Any]]:
    """Return the figures on dev (cross-fitted) and on the test split of the starter set (never seen).

    A model with other tags than the default codebook has no figures on the starter set.
    """
    tags = data.codebook.tag_names
    documents = [cluster_of(record) for record in data.dev]
    p, given, doubts = cross_fit(dev_logits, data.truth(data.dev), documents)
    figures = {"dev": figures_of(data.truth(data.dev), p, given, doubts, documents, tags)}
    test = [record for record in starter_records() if record.split == "test"]
    if all(set(record.tags) <= set(tags) for record in test):
        p = apply_calibration(logits(test), decision.calibration)
        doubts = margins(p, decision.thresholds) < decision.doubt_margin
        given = p >= np.array(decision.thresholds)
        clusters = [cluster_of(record) for record in test]
        figures["starter_test"] = figures_of(data.truth(test), p, given, doubts, clusters, tags)
    return figures


def held_out(data: TrainingData, dev_logits: NDArray[np.float64], decision: Decision) -> dict[str, Any]:
    """Return what doubt with a stated error rate rests on, and how it does on dev.

    The figures are cross-fitted: the edges come from other documents than the statements they are tried on.

    :param data: The statements.
    :param dev_logits: Raw logits of dev, (n_texts, n_tags).
    :param decision: The decision rule.
    :returns: The strangest probabilities by tag, and under ``"tried"`` the figures of each error rate.
    """
    tags, truth = data.codebook.tag_names, data.truth(data.dev)
    p = apply_calibration(dev_logits, decision.calibration)
    given = p >= np.array(decision.thresholds)
    folds = document_folds([cluster_of(record) for record in data.dev])
    tried = {f"{error:g}": try_error_rate(p, truth, given, folds, tags, error) for error in ERROR_RATES}
    return {**strangest(p, truth, tags), "tried": tried}


def figures_of(
    truth: NDArray[np.bool_],
    p: NDArray[np.float64],
    given: NDArray[np.bool_],
    doubts: NDArray[np.bool_],
    documents: Sequence[str],
    tags: tuple[str, ...],
) -> dict[str, Any]:
    """Return the figures of arrays (n_texts, n_tags), with intervals over documents."""
    flagged: NDArray[np.bool_] = np.asarray(doubts.any(axis=1))
    outcome = Outcome(truth, p, given, flagged, cluster_numbers(documents))
    return score_outcome(outcome, tags).to_dict()


def peak_memory() -> float:
    """Return the peak resident memory of this process so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
