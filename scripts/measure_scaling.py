"""Measure where the time of scoring goes, and what more workers can bring.

python scripts/measure_scaling.py [--statements 2000] [--model MODEL]

Each stage is timed by itself, on one CPU, over statements of the starter set: reading rows, telling the language,
masking and tokens, the network, making and writing rows. From these a model says how fast N workers are: reading and
writing are done once, in one process each, and the rest by the workers. The model is checked against runs of
``stance classify`` on one CPU and on two, where there are two.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import stance
from stance.cli import guarded
from stance.datasets import starter_records
from stance.errors import InputError
from stance.inference.backends import TokenBackend
from stance.inference.columns import Kind
from stance.inference.language import foreign_language
from stance.inference.readers import Layout, read_records
from stance.inference.rows import score_names, scored, table_row
from stance.inference.sources import find_sources
from stance.inference.writers import write_rows

WORKERS = (1, 2, 16, 256)
STAGES = ("read", "language", "tokens", "network", "write")
SHARED = ("read", "write")  # done by one process, however many workers there are


def main(argv: Sequence[str] | None = None) -> int:
    """Run the script.

    :param argv: The arguments, without the name of the script.
    :returns: 0.
    :raises StanceError: If the model is no network, or a run fails.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=int, default=2000, metavar="N", help="of each run (default: 2000)")
    parser.add_argument("--model", metavar="PATH", help="a model folder (default: the release model)")
    arguments = parser.parse_args(argv)
    cpus = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "in.jsonl"
        count = write_table(table, arguments.statements)
        os.sched_setaffinity(0, cpus[:1])
        seconds = stages(table, Path(folder) / "out.parquet", arguments.model)
        os.sched_setaffinity(0, cpus)
        print(f"{count:,} statements of the starter set; microseconds of one CPU for each statement:")
        for stage in STAGES:
            print(f"  {stage:<9} {1e6 * seconds[stage] / count:8.0f}")
        for number in range(1, min(len(cpus), 2) + 1):
            took = run(table, Path(folder) / f"run{number}", arguments.model, cpus[:number])
            small = run(table, Path(folder) / f"start{number}", arguments.model, cpus[:number], rows=1)
            print(
                f"stance classify on {number} CPU{'s' if number > 1 else ''}: {count / (took - small):,.0f} a second "
                f"after {small:.1f} s of start; the model says {count / local_seconds(seconds, number):,.0f}"
            )
    print("workers  statements/s  hours for a million  days for a billion  busiest")
    for number in WORKERS:
        rate, busiest = cluster_rate({stage: value / count for stage, value in seconds.items()}, number)
        print(f"{number:7} {rate:13,.0f} {1e6 / rate / 3600:20.2f} {1e9 / rate / 86400:19.1f}  {busiest}")
    return 0


def write_table(path: Path, wanted: int) -> int:
    """Write statements of the starter set, none of them twice, and return how many."""
    texts = list(dict.fromkeys(record.text for record in starter_records()))[:wanted]
    write_rows(path, ".jsonl", ({"id": i, "text": text} for i, text in enumerate(texts)), {})
    return len(texts)


def stages(table: Path, out: Path, model: str | None) -> dict[str, float]:
    """Time each stage, one after the other.

    :param table: The statements.
    :param out: The Parquet file to write.
    :param model: A model folder.
    :returns: The seconds of each stage.
    :raises InputError: If the model is no network.
    """
    classifier = stance.load(model)
    backend = classifier.backend
    if not isinstance(backend, TokenBackend):
        raise InputError(f"{classifier.name} reads no tokens; give a model folder with a network")
    backend.n_threads = 1
    seconds: dict[str, float] = {}

    def timed(stage: str, call: Callable[[], Any]) -> Any:
        begin = time.perf_counter()
        result = call()
        seconds[stage] = time.perf_counter() - begin
        return result

    found = find_sources([table])
    layout = Layout(statements=True)
    records = timed("read", lambda: list(read_records(found.sources, layout)))
    texts = [record.document.text for record in records]
    foreign_language(texts[0])  # loads its model
    timed("language", lambda: [foreign_language(text) for text in texts])
    contexts = [""] * len(texts)
    tokens = timed("tokens", lambda: backend.tokenizer(texts, contexts))
    timed("network", lambda: [backend.greatest(one) for one in tokens])
    names = score_names(classifier.tags)
    values = scored(classifier.score(texts[:1])[0], classifier.name)
    columns = {
        "id": Kind.WHOLE,
        "text": Kind.TEXT,
        "doc_id": Kind.TEXT,
        "statement_id": Kind.TEXT,
        "kind": Kind.TEXT,
        **dict.fromkeys(names, Kind.TEXT),
        **{f"p_{tag}": Kind.REAL for tag in classifier.tags},
        **dict.fromkeys(("tags", "uncertain"), Kind.TEXTS),
        **{"n_tokens": Kind.WHOLE, "windowed": Kind.TRUTH},
    }
    write_rows(out, ".parquet", [], columns)  # loads pyarrow
    rows = (table_row(record.document, names, record.number, values) for record in records)
    timed("write", lambda: write_rows(out, ".parquet", rows, columns))
    return seconds


def run(table: Path, out: Path, model: str | None, cpus: Sequence[int], rows: int | None = None) -> float:
    """Return the seconds that ``stance classify`` takes on some CPUs, over all rows of a table or the first ones."""
    if rows is not None:
        part = table.with_name("part.jsonl")
        part.write_text("".join(table.read_text("utf-8").splitlines(keepends=True)[:rows]), "utf-8")
        table = part
    options = ["--model", model] if model else []
    command = [sys.executable, "-m", "stance", "classify", str(table), "-o", f"{out}.parquet", "--quiet", *options]
    begin = time.perf_counter()
    done = subprocess.run(command, check=False, preexec_fn=lambda: os.sched_setaffinity(0, cpus))
    if done.returncode:
        raise InputError(f"{' '.join(command)} failed; its message stands above")
    return time.perf_counter() - begin


def local_seconds(seconds: dict[str, float], cpus: int) -> float:
    """Return what a run in one process takes: the network on all CPUs, the other stages on one, one after the other."""
    return sum(seconds.values()) - seconds["network"] + seconds["network"] / cpus


def cluster_rate(cost: dict[str, float], workers: int) -> tuple[float, str]:
    """Return the statements a second of a cluster, and what limits them.

    :param cost: Seconds of each stage for one statement.
    :param workers: Processes that score, one CPU each; one more reads, and one writes.
    """
    rates = {stage: 1 / cost[stage] for stage in SHARED}
    rates["workers"] = workers / sum(value for stage, value in cost.items() if stage not in SHARED)
    busiest = min(rates, key=rates.__getitem__)
    return rates[busiest], busiest


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
