"""Train the network that corrects the rules of extraction: ``scripts/train_extraction.py CONFIG [key=value ...]``.

It starts from the first layers of a sentence encoder, with a pruned vocabulary, so that it stays under 12 MB in int8.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import Field
from torch import nn
from transformers import Trainer, TrainingArguments, set_seed

from stance.datasets.articles import marked_articles
from stance.errors import ConfigError
from stance.evaluation.extraction import as_prediction, score_extraction
from stance.extraction.article import extract
from stance.extraction.decode import LABELS
from stance.extraction.tagger import KIND, MAX_PIECES, Tagger
from stance.model_folder import MANIFEST, Calibration, Manifest, file_hash, hash_files, read_manifest, write_manifest
from stance.training.config import Section, parse_section, read_overridden
from stance.training.encoders import WEIGHTS, find_encoder
from stance.training.export import write_onnx
from stance.training.extraction_data import IGNORED, Collator, rows_of
from stance.training.extraction_network import TokenNetwork, build, check_encoder, prune
from stance.training.run import quiet_libraries
from stance.training.save import package_versions, peak_memory

CARD = """\
# {name}

Corrects what the rules of `stance.extraction` find in an article: it reads each sentence with the answer of the rules
beside it, and marks reported clauses, quotes that are somebody's own words, and the mentions of speakers. Made with
stance {stance}, seed {seed}.

## Data

{train} articles ({sentences:,} sentences) to train on, {dev} for the figures below and for the bias of "nothing here"
({bias:+.1f}). All of them were written for this project, by language models, and marked by their writers.

## Figures on dev

| | quotations, exact F1 | all statements, overlap F1 | … with the right speaker |
| --- | ---: | ---: | ---: |
{rows}

Figures for articles that nothing was fitted on: `python scripts/evaluate_extraction.py`.

## Made of

The first {layers} layers of {encoder}, {vocabulary:,} word pieces, in int8: {megabytes:.1f} MB. Training took
{minutes:.1f} minutes and {peak_memory_mb:,.0f} MB of memory on a CPU.

## Limits

English news prose. Thoughts, acts and votes are not marked in the data, so it does not look for them.
`python scripts/evaluate_extraction.py ARTICLES.jsonl` measures it on articles of your own.
"""
BIASES = (-1.0, -0.5, 0.0, 0.5, 1.0)  # of "other", tried on dev: higher finds less, and finds it more surely
DEFINITIONS = (
    "Nothing that is sought.",
    "The first token of a reported clause.",
    "A further token of a reported clause.",
    "A quote that is somebody's own words.",
    "A token of the mention of a speaker.",
)


class ExtractionConfig(Section):
    """A recipe of the network."""

    name: str = "extraction"
    seed: int = 13
    encoder: str = "all-MiniLM-L6-v2"  # a folder, a known name, or a hub id; a BERT
    layers: int = Field(4, ge=1)  # the first ones of the encoder
    vocabulary: int = Field(11_000, ge=1000)  # word pieces kept: the most frequent ones, and those in the articles
    epochs: float = Field(12, gt=0)
    batch_size: int = Field(16, gt=0)  # in sentences
    learning_rate: float = Field(2e-4, gt=0)
    warmup: float = Field(0.1, ge=0, lt=1)  # share of the steps
    dropout: float = Field(0.1, ge=0, lt=1)
    rules_hidden: float = Field(0.3, ge=0, le=1)  # share of sentences that are read without the rules' answer
    rules_hidden_where_written: float = Field(0.6, ge=0, le=1)  # the same, of articles that the rules were written on
    limit: int | None = Field(None, gt=0)  # in articles a split, for trying a recipe out


class TokenTrainer(Trainer):
    """A ``Trainer`` with cross-entropy over the first word piece of each token."""

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, **_: Any) -> Any:
        """Return the mean cross-entropy of the tokens."""
        labels = inputs.pop("labels")
        logits = model(**inputs)
        loss = nn.functional.cross_entropy(logits.transpose(1, 2), labels, ignore_index=IGNORED)
        return (loss, {"logits": logits}) if return_outputs else loss


def train_extraction(config: ExtractionConfig, target: Path) -> Manifest:
    """Train the network and write its folder.

    :param config: The recipe.
    :param target: The folder; replaced only when the network is complete.
    :returns: The manifest as written.
    :raises ConfigError: If something else stands at ``target``.
    """
    if target.exists() and (not (target / MANIFEST).is_file() or read_manifest(target).kind != KIND):
        raise ConfigError(f"{target} exists and holds no network of extraction; choose another --output")
    begin = time.monotonic()
    set_seed(config.seed)
    train, dev = (marked_articles(split)[: config.limit] for split in ("train", "dev"))
    source = find_encoder(config.encoder)
    check_encoder(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".extraction-") as scratch:
        folder = Path(scratch) / "model"
        folder.mkdir()
        texts = [item["text"] for item in train]
        tokenizer, kept = prune(source, texts, config.vocabulary, folder / "tokenizer.json")
        network = build(source, kept, config.layers, config.dropout)
        rows = rows_of(train, tokenizer)
        fit(network, rows, config, Path(scratch) / "checkpoints")
        write_onnx(network, True, folder / "model.onnx", "int8", per_token=True)
        manifest = describe(config, source, train, dev, rows, len(kept), folder, (time.monotonic() - begin) / 60)
        write_manifest(folder, manifest)
        manifest = tune(manifest, folder, dev)
        (folder / "README.md").write_text(card(manifest), encoding="utf-8")
        write_manifest(folder, manifest)
        if target.exists():
            shutil.rmtree(target)
        folder.rename(target)
    return manifest


def fit(network: TokenNetwork, rows: list[dict[str, Any]], config: ExtractionConfig, work: Path) -> None:
    """Train the network on sentences."""
    steps = int(config.epochs * -(-len(rows) // config.batch_size))
    settings = TrainingArguments(
        output_dir=str(work),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        warmup_steps=int(config.warmup * steps),
        lr_scheduler_type="linear",
        weight_decay=0.01,
        save_strategy="no",
        logging_steps=100,
        remove_unused_columns=False,
        report_to=[],
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=config.seed,
        data_seed=config.seed,
    )
    collate = Collator(config.rules_hidden, config.rules_hidden_where_written, config.seed)
    TokenTrainer(model=network, args=settings, data_collator=collate, train_dataset=rows).train()
    network.cpu().eval()


def describe(
    config: ExtractionConfig,
    source: Path,
    train: Sequence[Mapping[str, Any]],
    dev: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    n_pieces: int,
    folder: Path,
    minutes: float,
) -> Manifest:
    """Return the manifest of the network, before its bias is chosen."""
    digest = hashlib.sha256(json.dumps([train, dev], sort_keys=True).encode()).hexdigest()
    return Manifest(
        name=config.name,
        kind=KIND,
        tags=LABELS,
        definitions=DEFINITIONS,
        calibration=Calibration((1.0,) * len(LABELS), (0.0,) * len(LABELS)),
        thresholds=(0.0,) * len(LABELS),
        doubt_margin=0.0,
        max_tokens=MAX_PIECES,
        encoder={"name": config.encoder, "sha256": file_hash(source / WEIGHTS)},
        config=config.model_dump(mode="json"),
        data={"sha256": digest, "train_articles": len(train), "dev_articles": len(dev), "sentences": len(rows)}
        | {"word_pieces": n_pieces},
        fitted_on={"split": "dev", "articles": len(dev)},
        versions=package_versions(),
        seed=config.seed,
        cost={"minutes": round(minutes, 1), "peak_memory_mb": round(peak_memory(), 0)},
        parity={"format": "int8", "megabytes": round((folder / "model.onnx").stat().st_size / 1e6, 2)},
        files=hash_files(folder),
    )


def tune(manifest: Manifest, folder: Path, dev: Sequence[Mapping[str, Any]]) -> Manifest:
    """Choose the bias of "other" for the best attributed F1 on dev, and add the figures there and by rules alone."""
    reader = Tagger(folder)
    best: tuple[float, float, dict[str, Any]] | None = None
    for bias in BIASES:
        reader.bias = np.array([bias, 0, 0, 0, 0], dtype=np.float32)
        report = measure(dev, reader)
        score = report["all"]["attributed"]["f1"]
        if best is None or score > best[0]:
            best = (score, bias, report)
    assert best is not None
    figures = {"dev": best[2], "dev_rules_only": measure(dev, None)}
    return replace(manifest, thresholds=(best[1], 0.0, 0.0, 0.0, 0.0), figures=figures)


def card(manifest: Manifest) -> str:
    """Write the card of the network, from its manifest."""
    parts = {"with the network": manifest.figures["dev"], "rules alone": manifest.figures["dev_rules_only"]}
    rows = [
        f"| {name} | {part['quoted']['exact']['f1']:.3f} | {part['all']['overlap']['f1']:.3f} "
        f"| {part['all']['attributed']['f1']:.3f} |"
        for name, part in parts.items()
    ]
    return CARD.format(
        name=manifest.name,
        train=manifest.data["train_articles"],
        dev=manifest.data["dev_articles"],
        sentences=manifest.data["sentences"],
        rows="\n".join(rows),
        encoder=f"{manifest.encoder['name']} (sha256 {manifest.encoder['sha256'][:12]})",
        layers=manifest.config["layers"],
        vocabulary=manifest.data["word_pieces"],
        megabytes=manifest.parity["megabytes"],
        bias=manifest.thresholds[0],
        stance=manifest.versions["stance"],
        seed=manifest.seed,
        **manifest.cost,
    )


def measure(items: Sequence[Mapping[str, Any]], reader: Tagger | None) -> dict[str, Any]:
    """Return the figures of extraction on marked articles."""
    found = [[as_prediction(statement) for statement in extract(item["text"], tagger=reader)] for item in items]
    return score_extraction(items, found)


def main(argv: Sequence[str] | None = None) -> int:
    """Train the network by a recipe.

    :param argv: The arguments, by default those of the process.
    :returns: 0.
    :raises StanceError: If the recipe or the encoder cannot be read, or the output is in the way.
    """
    parser = argparse.ArgumentParser(prog="train_extraction", description="Train the network of extraction.")
    parser.add_argument("config", metavar="CONFIG", help="a recipe, such as configs/extraction.yaml")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="such as epochs=3")
    parser.add_argument("--output", default="models/extraction", metavar="DIR", help="default: %(default)s")
    arguments = parser.parse_intermixed_args(argv)
    quiet_libraries()
    config = parse_section(ExtractionConfig, read_overridden(arguments.config, arguments.overrides), arguments.config)
    manifest = train_extraction(config, Path(arguments.output))
    figures = {name: part["all"]["attributed"]["f1"] for name, part in manifest.figures.items()}
    sys.stdout.write(
        f"{arguments.output}: {manifest.parity['megabytes']:.1f} MB, {manifest.cost['minutes']:.1f} minutes; "
        f"attributed F1 on dev {figures['dev']:.3f}, by rules alone {figures['dev_rules_only']:.3f}\n"
    )
    return 0
