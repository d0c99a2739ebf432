"""Train a model by a recipe: ``python scripts/train.py CONFIG [key=value ...] [--resume]``."""

from __future__ import annotations

import sys

from stance.cli import run_script

if __name__ == "__main__":
    sys.exit(run_script("stance.training.run"))
