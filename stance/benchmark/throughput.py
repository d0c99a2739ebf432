"""Time engines side by side: each in a process of its own, in rounds, so that a busy moment of the machine hits all.

While one engine scores, the others wait. The order moves on by one each round. An engine that fails is left out from
then on, with its reason; the others go on. What this module does not know: what an engine is.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stance.errors import StanceError

LIMIT = 3600.0  # in seconds, for one answer of a worker
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


class WorkerError(StanceError):
    """A worker died, hung, or reported an error."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What an engine scores at once."""

    texts: tuple[str, ...]
    contexts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: Sequence[int]) -> Texts:
        """Return some of the texts."""
        return Texts(tuple(self.texts[row] for row in rows), tuple(self.contexts[row] for row in rows))


@dataclass(frozen=True, slots=True)
class Spread:
    """A measurement that was repeated."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    @property
    def low(self) -> float:
        """The least value."""
        return min(self.values)

    @property
    def high(self) -> float:
        """The greatest value."""
        return max(self.values)

    def rate(self, amount: float) -> Spread:
        """Return amounts a second, where the values are the seconds that the amount took."""
        return Spread(tuple(amount / value for value in self.values))


class Worker:
    """A live process that answers orders, one JSON line each (see :mod:`stance.benchmark.worker`)."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], limit: float = LIMIT) -> None:
        self.begin = time.perf_counter()
        self.limit = limit
        self.errors = tempfile.TemporaryFile(mode="w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self.process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            encoding="utf-8",
            env=dict(environment),
        )

    def ask(self, do: str, **values: Any) -> dict[str, Any]:
        """Give an order and wait for the answer.

        :param do: The order.
        :param values: What it needs.
        :returns: The answer.
        :raises WorkerError: If the process dies, takes longer than the limit, or reports an error.
        """
        assert self.process.stdin and self.process.stdout
        alarm = threading.Timer(self.limit, self.process.kill)
        alarm.start()
        try:
            self.process.stdin.write(json.dumps({"do": do, **values}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except OSError:  # the pipe is broken
            line = ""
        finally:
            timely = alarm.is_alive()
            alarm.cancel()
        if not line.endswith("\n"):
            raise WorkerError(self._last_words() if timely else f"gave no answer within {self.limit:g} s; stopped")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    def _last_words(self) -> str:
        status = self.process.wait()
        self.errors.seek(0)
        lines = self.errors.read().strip().splitlines()
        return f"died with exit status {status}" + (f": {lines[-1][:300]}" if lines else "")

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.close()
            self.process.wait(timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()


def environment_for(threads: int, path: str) -> dict[str, str]:
    """Return the environment of a worker: its threads, where stance lies, and no downloads.

    :param threads: The number of threads.
    :param path: The folder that holds the package ``stance``.
    :returns: All variables.
    """
    paths = os.pathsep.join(filter(None, [path, os.environ.get("PYTHONPATH", "")]))
    offline = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "STANCE_OFFLINE": "1"}
    return {**os.environ, **dict.fromkeys(_THREAD_VARIABLES, str(threads)), **offline, "PYTHONPATH": paths}


@dataclass
class Race:
    """Workers that are measured together.

    :param open_worker: Functions that start a worker, by the name of the engine.
    :param tell: Called with a line of progress before each step.
    """

    open_worker: Mapping[str, Callable[[], Worker]]
    tell: Callable[[str], None] = lambda line: None
    live: dict[str, Worker] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)  # the reason, by the name of the engine

    def __enter__(self) -> Race:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.live):
            self._stop(name)

    def start(self, first: Mapping[str, Texts], starts: int) -> dict[str, Spread]:
        """Start every worker several times; the last ones stay alive.

        :param first: One text for each engine.
        :param starts: How often; at least 1.
        :returns: Seconds from the start of the process to its first score, of each engine that has not failed.
        """

        def cold(name: str) -> float:
            self._stop(name)
            self.live[name] = worker = self.open_worker[name]()
            worker.ask("load", texts=first[name].texts, contexts=first[name].contexts)
            worker.ask("score")
            return time.perf_counter() - worker.begin

        return self._rounds("start", starts, dict.fromkeys(first, cold))

    def score(
        self, texts: Mapping[str, Texts], rounds: int, also: Mapping[str, Callable[[str], float]] | None = None
    ) -> dict[str, Spread]:
        """Let every worker score its texts in each round.

        :param texts: The texts of each engine.
        :param rounds: How often.
        :param also: Other steps that take their turn in each round, by the name of their worker.
        :returns: The seconds of the rounds, of each engine that has not failed.
        """
        for name, own in texts.items():
            self.attempt(name, "load", texts=own.texts, contexts=own.contexts)

        def timed(name: str) -> float:
            return float(self.ask(name, "score")["seconds"])

        return self._rounds("round", rounds, {**dict.fromkeys(texts, timed), **(also or {})})

    def open(self, name: str) -> None:
        """Start one worker; one that does not start counts as failed."""

        def begin(name: str) -> None:
            self.live[name] = self.open_worker[name]()

        self._try(name, begin)

    def ask(self, name: str, do: str, **values: Any) -> dict[str, Any]:
        """Give one worker an order.

        :raises WorkerError: If it fails.
        """
        return self.live[name].ask(do, **values)

    def attempt(self, name: str, do: str, **values: Any) -> dict[str, Any]:
        """Give one worker an order; return an empty answer where the engine has failed, now or before."""
        answer: dict[str, Any] | None = self._try(name, lambda name: self.ask(name, do, **values))
        return answer or {}

    def _rounds(self, what: str, rounds: int, steps: Mapping[str, Callable[[str], float]]) -> dict[str, Spread]:
        values: dict[str, list[float]] = {name: [] for name in steps}
        names = list(steps)
        for number in range(rounds):
            turn = number % max(len(names), 1)
            for name in names[turn:] + names[:turn]:
                self.tell(f"{what} {number + 1} of {rounds}: {name}")
                value = self._try(name, steps[name])
                if value is not None:
                    values[name].append(value)
        return {name: Spread(tuple(found)) for name, found in values.items() if name not in self.failed}

    def _try(self, name: str, step: Callable[[str], Any]) -> Any:
        """Carry out a step of one engine; None where it has failed, now or before."""
        if name in self.failed:
            return None
        try:
            return step(name)
        except (WorkerError, OSError) as error:
            self.failed[name] = str(error)
            self._stop(name)
            return None

    def _stop(self, name: str) -> None:
        if name in self.live:
            self.live.pop(name).close()
