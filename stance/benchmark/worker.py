"""The process of one engine of the benchmark: it reads orders as JSON lines and answers each with one line.

    python -m stance.benchmark.worker '{"opener": "stance", "folder": "...", "options": {}, "threads": 2}'

An engine is opened at the first order that needs it. Imports stand inside the functions, so that the time from the
start to the first score is the engine's own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

PACKAGES = (
    "numpy",
    "onnxruntime",
    "tokenizers",
    "torch",
    "transformers",
    "sentence-transformers",
    "setfit",
    "scikit-learn",
)


class Server:
    """Carries out the orders for one engine."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        self.engine: Any = None
        self.texts: list[str] = []
        self.contexts: list[str] = []
        self.p: Any = None  # of the last score

    def do(self, order: dict[str, Any]) -> dict[str, Any]:
        """Carry out one order and return the answer."""
        answer: dict[str, Any] = getattr(self, f"do_{order.pop('do')}")(**order)
        return answer

    def do_prepare(self, target: str, texts: list[str], truth: list[list[bool]]) -> dict[str, Any]:
        """Make what the engine reads."""
        from stance.benchmark.preparation import prepare

        prepare(self.job["prepared"], Path(self.job["folder"]), Path(target), texts, truth)
        return {}

    def do_load(self, texts: list[str], contexts: list[str]) -> dict[str, Any]:
        """Keep the texts that the orders after this one score."""
        self.texts, self.contexts = texts, contexts
        return {}

    def do_score(self) -> dict[str, Any]:
        """Score the texts; the time is that of the engine alone."""
        if self.engine is None:
            from stance.benchmark.engines import Job, open_engine

            self.engine = open_engine(Job(**self.job))
        begin = time.perf_counter()
        self.p = self.engine.score(self.texts, self.contexts)
        return {"seconds": time.perf_counter() - begin}

    def do_answers(self) -> dict[str, Any]:
        """Return the probabilities of the last score."""
        return {"p": self.p.tolist(), "thresholds": list(self.engine.thresholds)}

    def do_rates(self) -> dict[str, Any]:
        """Return how fast this machine multiplies matrices."""
        from stance.benchmark.matmul import multiplication_rates

        return {"rates": multiplication_rates(self.job["threads"])}

    def do_state(self) -> dict[str, Any]:
        """Return the peak of memory so far and the versions of what is installed here."""
        from importlib.metadata import PackageNotFoundError, version

        versions = {"python": sys.version.split()[0]}
        for name in PACKAGES:
            try:
                versions[name] = version(name)
            except PackageNotFoundError:
                continue
        return {"peak_mb": peak_memory(), "versions": versions}


def peak_memory() -> float:
    """Return the peak resident memory of this process in MB."""
    status = Path("/proc/self/status")
    if status.is_file():  # the other way counts what the parent held when it started this process
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def main() -> int:
    """Serve orders until standard input ends.

    :returns: 0, or 1 after an order that failed; the answer then holds ``error``.
    """
    job = json.loads(sys.argv[1])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: job["threads"]])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    server = Server(job)
    for line in sys.stdin:
        try:
            answer = server.do(json.loads(line))
        except Exception as error:  # whatever a library raises, the others are measured all the same
            answer = {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
        if "error" in answer:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
