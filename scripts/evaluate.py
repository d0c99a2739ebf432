"""Measure models on labelled statements: ``python scripts/evaluate.py MODEL [MODEL ...] DATA [--split dev]``."""

from __future__ import annotations

import sys

from stance.errors import StanceError
from stance.evaluation.run import main

if __name__ == "__main__":
    try:
        sys.exit(main())
    except StanceError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
