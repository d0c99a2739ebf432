"""Measure how much memory a run over many documents takes at its peak, and how fast it is.

python scripts/measure_memory.py classify 10000 1000000 --model models/baseline
python scripts/measure_memory.py score 100 1000

The documents are made up: short statements, or the example article with a number in it. Each run is a process of its
own, which writes a folder of shards; its peak is what the system tells of it (``ru_maxrss``, resident memory).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path

from stance.cli import guarded
from stance.errors import InputError
from stance.inference.columns import Kind
from stance.inference.writers import write_rows

WORDS = ("enforce", "lift", "keep", "discuss")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the script.

    :param argv: The arguments, without the name of the script.
    :returns: 0.
    :raises StanceError: If a run fails.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("classify", "extract", "score"), help="of stance")
    parser.add_argument("number", nargs="+", type=int, metavar="N", help="documents of each run")
    parser.add_argument("--model", metavar="PATH", help="a model folder (default: the release model)")
    parser.add_argument("--input", choices=("jsonl", "csv", "parquet"), default="jsonl")
    parser.add_argument("--format", choices=("jsonl", "csv", "parquet"), default="parquet")
    arguments = parser.parse_args(argv)
    for number in arguments.number:
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder) / f"in.{arguments.input}"
            _write(table, arguments.command, number)
            options = ["--model", arguments.model] if arguments.model else []
            options += ["--format", arguments.format, "--quiet", "-o", str(Path(folder) / "out")]
            seconds, peak = _measure([arguments.command, str(table), *options])
            print(f"{number:,} documents: {peak / 2**20:.0f} MiB, {seconds:.0f} s, {number / seconds:.0f} a second")
            sys.stdout.flush()
    return 0


def _texts(command: str, number: int) -> Iterator[str]:
    article = (resources.files("stance") / "examples" / "article.txt").read_text("utf-8")
    for i in range(number):
        statement = f"We shall {WORDS[i % 4]} the sanctions of round {i}."
        yield statement if command == "classify" else f"{article}\n{statement}"


def _write(table: Path, command: str, number: int) -> None:
    """Write a table row by row, so that this process, which the other one begins as a copy of, stays small."""
    rows = ({"id": i, "text": text} for i, text in enumerate(_texts(command, number)))
    write_rows(table, table.suffix, rows, {"id": Kind.WHOLE, "text": Kind.TEXT})


def _measure(arguments: list[str]) -> tuple[float, int]:
    """Return the seconds that a command took, and its peak of memory in bytes."""
    begin = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "stance", *arguments])
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise InputError(f"stance {' '.join(arguments)} failed; its message stands above")
    return time.monotonic() - begin, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
