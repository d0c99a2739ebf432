"""Export a trained model to ONNX: ``python scripts/export.py MODEL [--output DIR]``."""

from __future__ import annotations

import sys

from stance.errors import StanceError
from stance.training.export import main

if __name__ == "__main__":
    try:
        sys.exit(main())
    except StanceError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
