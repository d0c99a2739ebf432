"""Train the first stage of a cascade: ``python scripts/train_gate.py [MODEL]``."""

from __future__ import annotations

import sys

from stance.cli import run_script

if __name__ == "__main__":
    sys.exit(run_script("stance.training.gate"))
