"""Train SetFit on the data of one of our recipes, as a peer to measure against, and write its answers.

    pip install -e ".[peers]"
    python scripts/train_setfit.py configs/small.yaml -o models/setfit.jsonl [--save models/setfit] [key=value ...]

It starts from the same encoder, reads the same statements with their contexts, and makes as many steps of as many texts
as the recipe does; everything else is SetFit's own default (Tunstall et al. 2022, "Efficient Few-Shot Learning Without
Prompts"). The answers, for dev and for the test part of the starter set, are what scripts/evaluate.py takes beside our
models; --save keeps the model itself, which scripts/benchmark.py times.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from stance.cli import guarded
from stance.datasets import LabelledStatement, starter_records
from stance.errors import ConfigError
from stance.extras import require
from stance.inference.tokenize import normalise
from stance.training.config import load_config
from stance.training.data import collect
from stance.training.encoders import find_encoder
from stance.training.run import quiet_libraries


def joined(record: LabelledStatement) -> str:
    """Return a statement with its context as the one text that SetFit reads."""
    return normalise(f"{record.text} ({record.context})" if record.context else record.text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the script.

    :param argv: The arguments, without the name of the script.
    :returns: 0.
    :raises StanceError: If SetFit is not installed, or the recipe, its data or its encoder cannot be read.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", metavar="CONFIG", help="a recipe, such as configs/small.yaml")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="such as seed=14")
    parser.add_argument("-o", "--output", default="models/setfit.jsonl", metavar="FILE", help="default: %(default)s")
    parser.add_argument("--save", metavar="FOLDER", help="keep the model, in SetFit's own format")
    arguments = parser.parse_intermixed_args(argv)
    out = Path(arguments.output)
    if out.exists():
        raise ConfigError(f"{out} exists; choose another --output, or delete the file")
    if arguments.save and Path(arguments.save).exists():
        raise ConfigError(f"{arguments.save} exists; choose another folder for --save, or delete it")
    out.parent.mkdir(parents=True, exist_ok=True)
    setfit, datasets = require("setfit", "peers"), require("datasets", "train")
    quiet_libraries()
    config = load_config(arguments.config, arguments.overrides)
    data = collect(config.data)
    train = datasets.Dataset.from_dict(
        {"text": [joined(record) for record in data.train], "label": data.truth(data.train).astype(int).tolist()}
    )
    begin = time.monotonic()
    model = setfit.SetFitModel.from_pretrained(
        str(find_encoder(config.encoder.name)), multi_target_strategy="one-vs-rest"
    )
    with tempfile.TemporaryDirectory() as scratch:
        settings = setfit.TrainingArguments(
            output_dir=scratch,
            batch_size=config.optim.batch_size // 2,  # in pairs
            max_steps=int(config.optim.epochs * -(-len(data.train) // config.optim.batch_size)),
            max_length=config.encoder.max_tokens,
            save_strategy="no",
            report_to="none",
            seed=config.seed,
        )
        setfit.Trainer(model=model, args=settings, train_dataset=train).train()
    minutes = (time.monotonic() - begin) / 60
    if arguments.save:
        model.save_pretrained(arguments.save)
    asked = [*data.dev, *(record for record in starter_records() if record.split == "test")]
    p = model.predict_proba([joined(record) for record in asked], as_numpy=True)
    rows = [
        {"text": record.text, "context": record.context}
        | {f"p_{tag}": round(float(value), 6) for tag, value in zip(data.codebook.tag_names, row, strict=True)}
        for record, row in zip(asked, p, strict=True)
    ]
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    sys.stdout.write(f"SetFit trained in {minutes:.1f} minutes on {len(data.train):,} statements; answers in {out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
