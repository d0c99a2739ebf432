"""Train the network of extraction: ``python scripts/train_extraction.py configs/extraction.yaml [key=value ...]``.

It is written to ``models/extraction``; with ``--output stance/models/extraction`` it becomes the one that ships.
"""

from __future__ import annotations

import sys

from stance.cli import guarded
from stance.training.extraction import main

if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
