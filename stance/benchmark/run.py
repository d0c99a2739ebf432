"""The command that measures speed: ``scripts/benchmark.py DATA [--out FOLDER]``.

Every engine runs in a process of its own, with the same number of threads, on the same statements, in rounds whose
order moves on. Beside the speed stand macro-F1 on the whole split, so that speed bought with errors shows, and the
share of what this machine could do at most. Engines with the weights of our model get statements that are prepared
already (countries masked, typography plain); that work counts in our time alone. Calibration and thresholds of our
models, and of those engines, were fitted on dev.

A round times different statements, none of them twice: our engine would read a repeated one once, the others twice.
In a --stream duplicates count, as a corpus has them.

What takes how long with the defaults, by the rates of two cores of an AMD EPYC, on data/labels.jsonl (637 statements
of dev, 10,190 of train): what engines need made, the first time alone, 3 minutes, nearly all for the sentence
embeddings of train; five starts of all engines, 2 and a half; macro-F1, 1 and a half; five rounds, 2 and a half, of
which matrix products half a minute (bfloat16 is slow where the CPU lacks it); the comparison of equal weights, a
quarter. In all 9 to 10 minutes, 7 when it is run again; longer where the machine does other work, which spoils the
figures, too.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stance.benchmark.contest import (
    TOLERANCE,
    Task,
    agreements,
    counted,
    race_rows,
    read_stream,
    stream_rows,
    timed_rows,
)
from stance.benchmark.contestants import Setting, chosen_engines, find_contestants, openers_of
from stance.benchmark.report import Row, StreamRow, figures, speed_table, stream_table, write_report
from stance.benchmark.throughput import Race, Spread
from stance.datasets.starter import starter_records
from stance.errors import InputError
from stance.evaluation.run import STARTER, chosen_records
from stance.extras import require
from stance.inference.classifier import default_folder
from stance.model_folder import read_manifest
from stance.runtime import usable_cpus


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    :param argv: The arguments, by default those of the process.
    :returns: 0; the caller prints errors and exits with 2.
    :raises StanceError: If the data or our model cannot be read, or no engine can run.
    """
    begin = time.monotonic()
    options = parser().parse_args(argv)
    check(options)
    folder = default_folder() if options.model == "default" else Path(options.model)
    manifest = read_manifest(folder)
    records = chosen_records(options.data, options.split, manifest.tags)
    sentences = read_stream(options.stream) if options.stream else []
    task = Task(records, timed_rows(records, options.statements, options.seed), counted(folder, records), manifest)
    setting = Setting(
        {name: getattr(options, name) for name in ("model", "source", "baseline", "setfit", "encoder")},
        options.threads,
        Path(options.work),
        options.peer_python,
    )
    train = [one for one in chosen_records(options.data, "all", manifest.tags) if one.split == "train"]
    train += [] if options.data == STARTER else [one for one in starter_records() if one.split == "train"]
    contestants, missing = find_contestants(chosen_engines(options.engines), setting, train, manifest.tags, tell)
    if not contestants:
        raise InputError("no engine can run: " + "; ".join(f"{name}: {why}" for name, why in missing.items()))
    with Race(openers_of(contestants, setting), tell) as race:
        rows, answers, rates = race_rows(race, contestants, task, options.starts, options.rounds)
        stream = stream_rows(race, contestants, task, sentences, options.rounds, options.sample) if sentences else []
    same, unchecked = agreements(contestants, answers, setting, task, tell)
    about = describe(options, task, rates) | {
        "left_out": missing | race.failed | unchecked,
        "share_unknown": {one.engine.name: one.unknown for one in contestants if one.unknown},
        "same_weights": same,
        "minutes": (time.monotonic() - begin) / 60,
    }
    text = summary(rows, stream, about)
    sys.stdout.write(text)
    if options.out:
        for file in write_report(Path(options.out), rows, stream, about, text):
            tell(f"wrote {file}")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    made = argparse.ArgumentParser(
        "benchmark", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("data", metavar="DATA", help="labelled statements (.jsonl or .jsonl.gz), or 'starter'")
    made.add_argument("--split", help="which statements (default: test of the starter set, dev of a file)")
    made.add_argument("--engines", nargs="+", metavar="NAME", help="only these (default: all that can run)")
    made.add_argument("--model", default="default", help="our model: a folder, or 'default' for the release model")
    made.add_argument(
        "--source", default="models/distilled", metavar="DIR", help="its weights in float32 (%(default)s)"
    )
    made.add_argument("--baseline", default="models/baseline", metavar="DIR", help="default: %(default)s")
    made.add_argument("--setfit", default="models/setfit", metavar="DIR", help="default: %(default)s")
    made.add_argument("--encoder", default="all-MiniLM-L6-v2", help="for sentence-transformers (%(default)s)")
    made.add_argument(
        "--peer-python", default=sys.executable, metavar="PATH", help="python with benchmarks/requirements.txt"
    )
    made.add_argument("--work", default="models/benchmark", metavar="DIR", help="keeps what is made (%(default)s)")
    made.add_argument("--statements", type=int, default=192, help="timed in each round, at most (default: %(default)s)")
    made.add_argument("--rounds", type=int, default=5, help="timed rounds (default: %(default)s)")
    made.add_argument("--starts", type=int, default=5, help="starts of each process (default: %(default)s)")
    made.add_argument("--threads", type=int, default=usable_cpus(), help="of each engine (default: all, %(default)s)")
    made.add_argument(
        "--stream", metavar="FILE", help="every sentence of a corpus: JSON lines with 'text'; duplicates count"
    )
    made.add_argument(
        "--sample", type=int, default=2000, help="texts of the stream that peers read (default: %(default)s)"
    )
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--out", metavar="FOLDER", help="write table.txt, benchmark.json, pareto.svg and pareto.png")
    return made


def check(options: argparse.Namespace) -> None:
    """Refuse options that make no benchmark, before minutes of work."""
    for name in ("statements", "rounds", "starts", "threads", "sample"):
        if getattr(options, name) < 1:
            raise InputError(f"--{name} is {getattr(options, name)}; give 1 or more")
    if options.threads > usable_cpus():
        raise InputError(f"--threads is {options.threads}, and only {usable_cpus()} CPUs may be used; give fewer")
    if options.out:
        require("matplotlib", "train")


def tell(line: str) -> None:
    """Print a line of progress, with the time of day."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stderr.flush()


def describe(options: argparse.Namespace, task: Task, rates: Mapping[str, Spread]) -> dict[str, Any]:
    """Return what else belongs to the measurement, as plain values."""
    records = task.records
    return {
        "data": {
            "name": Path(options.data).name,
            "split": sorted({record.split for record in records}),
            "statements": len(records),
            "scored_in_a_round": len(task.rows),
            "tokens_a_statement": sum(task.tokens[row].n_tokens for row in task.rows) / len(task.rows),
        },
        "model": f"{task.manifest.name}@{task.manifest.hash}",
        "machine": {"system": platform.platform(), "cpu": cpu_name(), "threads": options.threads},
        "rounds": options.rounds,
        "starts": options.starts,
        "billion_operations_per_second": {kind: list(rate.values) for kind, rate in rates.items()},
    }


def cpu_name() -> str:
    """Return the name of the processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()


def summary(rows: Sequence[Row], stream: Sequence[StreamRow], about: Mapping[str, Any]) -> str:
    """Write what was measured, for a reader.

    :param rows: The engines.
    :param stream: The engines on a stream; empty if none was read.
    :param about: What :func:`describe` returns, ``left_out`` and ``same_weights``.
    :returns: Lines of text.
    """
    data, machine, rates = about["data"], about["machine"], about["billion_operations_per_second"]
    lines = [
        f"{machine['cpu']}, threads: {machine['threads']} each; {data['scored_in_a_round']:,} different statements "
        f"timed in a round, {data['tokens_a_statement']:.0f} tokens each, {about['rounds']} rounds; macro-F1 on all "
        f"{data['statements']:,} of {data['name']} ({', '.join(data['split'])}); {about['minutes']:.1f} minutes.",
        "",
        speed_table(rows).rstrip() if rows else "No engine came to the end.",
    ]
    if rates:
        kinds = ", ".join(f"{kind} {figures(Spread(tuple(values)).median, 3)}" for kind, values in rates.items())
        lines.append(f"Matrix multiplication here, in billions of operations a second: {kinds}.")
    labels = {row.name: row.label for row in rows}
    for name, same in about["same_weights"].items():
        verdict = "" if same["max_difference"] <= TOLERANCE else f" WARNING: above {TOLERANCE:g}, not the same network."
        lines.append(
            f"{labels.get(name, name)} against our network in float32: probabilities differ by "
            f"{same['max_difference']:.1e} at most on {same['statements']:,} statements of one window; "
            f"{same['flips']} of {data['statements']:,} change tags"
            + ("" if same["flips_of_ours"] is None else f", {same['flips_of_ours']} beside ours as released")
            + f".{verdict}"
        )
    lines += [f"Left out: {name}: {why}." for name, why in about["left_out"].items()]
    lines += [f"Share of the bound unknown: {name}: {why}." for name, why in about["share_unknown"].items()]
    if stream:
        lines += ["", stream_table(stream).rstrip()]
    return "\n".join(lines) + "\n"
