# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
PEERS ?= .peers

.PHONY: install demo check fix test test-slow wheel release extraction docs benchmark clean

install: $(READY)

# The lock file pins every version, torch among them.
$(READY): pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev]'
	touch $(READY)

# Trains the quick recipe on the starter set, measures it beside the release model, and scores an article.
demo: install
	$(BIN)/python scripts/train.py configs/quickstart.yaml --resume
	$(BIN)/python scripts/evaluate.py models/quickstart default starter --split test
	$(BIN)/stance score --table stance/examples/article.txt

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: install
	$(BIN)/python -m pytest

test-slow: install
	$(BIN)/python -m pytest -m slow

# Builds the wheel and tries it in a fresh environment with the core packages alone.
wheel: install
	sh scripts/try_wheel.sh $(BIN)/python

# The release model, from labels and the teacher's logits to the package, and its card. See CONTRIBUTING.md for the data.
release: install
	$(BIN)/python scripts/train.py configs/distill.yaml --resume
	$(BIN)/python scripts/export.py models/distilled --name default --refit --data data/labels.jsonl data/transfer.jsonl \
		--output stance/models/default
	$(BIN)/python scripts/train_gate.py stance/models/default
	cat stance/models/default/README.md

# The network of extraction, from the marked articles to the package, and its card.
extraction: install
	$(BIN)/python scripts/train_extraction.py configs/extraction.yaml --output stance/models/extraction
	cat stance/models/extraction/README.md

# The site of the documents, into build/docs.
docs: install
	$(BIN)/python -m sphinx --fail-on-warning --quiet -b html docs build/docs

# Speed beside other tools, in an environment of their own. Let nothing else run meanwhile.
benchmark: install $(PEERS)/.ready
	$(BIN)/python scripts/benchmark.py data/labels.jsonl --peer-python $(PEERS)/bin/python --out benchmarks/results

$(PEERS)/.ready: benchmarks/requirements.txt requirements.lock
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock \
		--requirement benchmarks/requirements.txt
	touch $(PEERS)/.ready

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
