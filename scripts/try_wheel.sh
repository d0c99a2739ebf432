#!/bin/sh
# Build the wheel, install it with the core packages alone, and use it from an empty folder: try_wheel.sh PYTHON
set -eu
python=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$python" -m build --wheel --outdir "$scratch" "$root" >"$scratch/build.log" 2>&1 || { cat "$scratch/build.log"; exit 1; }
"$python" -m venv "$scratch/core"
"$scratch/core/bin/python" -m pip install --quiet --disable-pip-version-check --constraint "$root/requirements.lock" "$scratch"/*.whl

cd "$scratch"
core="$scratch/core/bin"
"$core/python" - <<'CODE'
import sys
from importlib.resources import files

import stance
from stance.datasets import starter_records
from stance.extraction.tagger import release_tagger

assert len(stance.Codebook.default().tags) == 3
assert len(starter_records()) == 3236
assert release_tagger() is not None
article = files("stance.examples").joinpath("article.txt").read_text(encoding="utf-8")
rows = [scored.to_row() for scored in stance.score_article(article)]
assert len(rows) > 3 and any(row["tags"] for row in rows), rows
heavy = {"torch", "transformers", "sklearn", "pandas", "pydantic"} & set(sys.modules)
assert not heavy, f"scoring imported {heavy}"
CODE
"$core/stance" score --table "$("$core/python" -c 'import stance.examples as e; print(e.__path__[0])')/article.txt"
size=$(du -sm "$scratch/core" | cut -f1)
echo "the core environment takes $size MB"
[ "$size" -lt 350 ] || { echo "error: more than 350 MB"; exit 1; }
