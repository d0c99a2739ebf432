"""Measure models on labelled statements: ``python scripts/evaluate.py MODEL [MODEL ...] DATA [--split dev]``."""

from __future__ import annotations

import sys

from stance.cli import run_script

if __name__ == "__main__":
    sys.exit(run_script("stance.evaluation.run"))
