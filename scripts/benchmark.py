"""Measure our speed beside that of other tools: ``python scripts/benchmark.py DATA [--out FOLDER]``.

``make benchmark`` runs it on data/labels.jsonl. By hand, with the other tools in an environment of their own:

    python -m venv .peers && .peers/bin/pip install -r benchmarks/requirements.txt
    python scripts/benchmark.py data/labels.jsonl --peer-python .peers/bin/python --out benchmarks/results
"""

from __future__ import annotations

import sys

from stance.cli import run_script

if __name__ == "__main__":
    sys.exit(run_script("stance.benchmark.run"))
