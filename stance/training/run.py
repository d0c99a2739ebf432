"""The command that trains a model: ``scripts/train.py CONFIG [key=value ...]``.

Checkpoints lie in ``OUTPUT/checkpoints`` until the model is complete, so that ``--resume`` goes on after a kill.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from stance.errors import ConfigError, InputError
from stance.evaluation.evaluation import cluster_of
from stance.model_folder import MANIFEST, RUN_FILE, file_hash, read_manifest
from stance.training.baseline import fit_baseline
from stance.training.card import summary
from stance.training.config import Config, load_config
from stance.training.data import TrainingData, collect
from stance.training.encoders import WEIGHTS, find_encoder
from stance.training.save import finish, save_network

CHECKPOINTS = "checkpoints"

log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Train a model.

    :param argv: The arguments, by default those of the process.
    :returns: 0; the caller prints errors and exits with 2.
    :raises StanceError: If the recipe, the data or the encoder cannot be read, or the output is in the way.
    """
    arguments = parser().parse_intermixed_args(argv)
    quiet_libraries()
    config = load_config(arguments.config, arguments.overrides)
    if arguments.dry_run:
        sys.stdout.write(yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False))
        return 0
    folder = Path(arguments.output or f"models/{config.name}")
    if (folder / MANIFEST).is_file():
        if not arguments.resume:
            raise ConfigError(f"{folder} holds a complete model; choose another --output, or delete the folder")
        check_same(config, folder)
        sys.stdout.write(f"{folder} holds a complete model already\n")
    else:
        train(config, folder, arguments.resume)
        sys.stdout.write(f"{summary(folder)}\nThe model is in {folder}; its card is {folder / 'README.md'}\n")
    if arguments.record:
        record_run(folder, Path(arguments.record))
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments."""
    result = argparse.ArgumentParser(prog="train", description="Train a model by a recipe.")
    result.add_argument("config", metavar="CONFIG", help="a recipe, such as configs/small.yaml")
    result.add_argument("overrides", nargs="*", metavar="key=value", help="such as optim.epochs=3")
    result.add_argument("--output", metavar="DIR", help="the model folder (default: models/NAME)")
    result.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    result.add_argument("--record", metavar="FILE", help="append recipe, data hash, figures and cost as a JSON line")
    result.add_argument("--dry-run", action="store_true", help="print the resolved recipe and stop")
    return result


def train(config: Config, folder: Path, resume: bool = False) -> None:
    """Train a model by a recipe and write its folder.

    :param config: The recipe.
    :param folder: The model folder.
    :param resume: Go on from the last checkpoint in it.
    :raises StanceError: If the data or the encoder cannot be read, dev is a single document, or checkpoints belong to
        another recipe or other data.
    """
    data = collect(config.data)
    if len({cluster_of(record) for record in data.dev}) < 2:
        raise InputError("dev holds one document, and its figures need two; give statements of more documents")
    log.info("%d statements to train on, %d in dev", len(data.train) + len(data.unlabelled), len(data.dev))
    work = folder / CHECKPOINTS
    begin = time.monotonic() - start_run(config, data, folder, resume)
    if config.kind == "linear":
        logits = fit_baseline(config, data, folder)
        encoder = {}
    else:
        from stance.training.finetune import finetune

        source = find_encoder(config.encoder.name)
        network, logits = finetune(config, data, source, work, resume, lambda: note_time(folder, begin))
        save_network(network, source, folder)
        encoder = {"name": config.encoder.name, "sha256": file_hash(source / WEIGHTS)}
    finish(folder, config, data, logits, encoder, (time.monotonic() - begin) / 60)
    (folder / RUN_FILE).unlink()
    shutil.rmtree(work, ignore_errors=True)


def check_same(config: Config, folder: Path) -> None:
    """Raise :class:`ConfigError` unless a complete model was made by this recipe from this data."""
    manifest = read_manifest(folder)
    if manifest.config != config.model_dump(mode="json") or manifest.data["sha256"] != collect(config.data).sha256:
        raise ConfigError(
            f"{folder} holds a complete model of another recipe or other data; "
            "choose another --output, or delete the folder"
        )


def start_run(config: Config, data: TrainingData, folder: Path, resume: bool) -> float:
    """Prepare the folder; return the seconds that an interrupted run spent before."""
    identity = {"config": config.model_dump(mode="json"), "data_sha256": data.sha256}
    path = folder / RUN_FILE
    if resume and path.is_file():
        before = json.loads(path.read_text(encoding="utf-8"))
        if {key: before.get(key) for key in identity} != identity:
            raise ConfigError(
                f"the checkpoints in {folder} belong to another recipe or other data; "
                "train without --resume, or choose another --output"
            )
        return float(before["seconds"])
    if path.is_file():
        raise ConfigError(f"{folder} holds a part of a training run; add --resume to go on, or delete the folder")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder} is not empty and holds no training run; choose another --output")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**identity, "seconds": 0.0}), encoding="utf-8")
    return 0.0


def note_time(folder: Path, begin: float) -> None:
    """Record beside a checkpoint how long the run has taken, so that a resumed run adds to it."""
    path, scratch = folder / RUN_FILE, folder / (RUN_FILE + ".tmp")
    run = json.loads(path.read_text(encoding="utf-8"))
    scratch.write_text(json.dumps({**run, "seconds": time.monotonic() - begin}), encoding="utf-8")
    scratch.replace(path)


def record_run(folder: Path, path: Path) -> None:
    """Append to a log of experiments what a model was made of, how good it is, and what it cost.

    :param folder: The folder of a complete model.
    :param path: The log, JSON lines.
    :raises ConfigError: If the log cannot be written.
    """
    manifest = read_manifest(folder)
    figures = {
        name: {"macro_f1": part["macro_f1"], "exact": part["exact_match"]} for name, part in manifest.figures.items()
    }
    entry = {
        "name": manifest.name,
        "config": manifest.config,
        "data_sha256": manifest.data["sha256"],
        "encoder": manifest.encoder,
        "figures": figures,
        "cost": manifest.cost,
        "versions": manifest.versions,
    }
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}; name a file in a folder that exists") from error


def quiet_libraries() -> None:
    """Show the package's own messages on standard error, and only warnings of the libraries."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("stance").setLevel(logging.INFO)
    import datasets
    import transformers

    datasets.disable_progress_bars()
    transformers.logging.set_verbosity_error()
