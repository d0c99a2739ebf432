"""Train a model by a recipe: ``python scripts/train.py CONFIG [key=value ...] [--resume]``."""

from __future__ import annotations

import sys

from stance.errors import StanceError
from stance.training.run import main

if __name__ == "__main__":
    try:
        sys.exit(main())
    except StanceError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
