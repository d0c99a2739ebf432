"""Write teachers' logits: ``python scripts/distill.py DATA [DATA ...] --teacher MODEL [-o FILE] [--resume]``."""

from __future__ import annotations

import sys

from stance.cli import run_script

if __name__ == "__main__":
    sys.exit(run_script("stance.training.distil"))
