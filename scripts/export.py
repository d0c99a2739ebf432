"""Export a trained model to ONNX: ``python scripts/export.py MODEL [--output DIR]``."""

from __future__ import annotations

import sys

from stance.cli import run_script

if __name__ == "__main__":
    sys.exit(run_script("stance.training.export"))
