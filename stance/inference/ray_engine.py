"""Run a job on Ray: one task reads, so that ids and batches are those of a local run, and workers find and score.

The rows come back to this process, in the order of the input, and are written as those of a local run are: a run may be
resumed with the other engine. Every machine must have stance, the model and the input files at the same paths.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from stance.errors import InputError, ModelError, StanceError
from stance.extras import require
from stance.inference.pipeline import Chunks, Job, readable, rows_of
from stance.inference.readers import Layout, Record
from stance.inference.sources import Found, Source

BATCH_DOCUMENTS = 64  # documents that go to a worker together
BATCH_CHARACTERS = 500_000
_BLOCK = 1 << 16  # bytes of a block of Ray, as few as a batch, so that every worker gets some
_ERRORS = {error.__name__: error for error in (InputError, ModelError, StanceError)}


@dataclass(frozen=True, slots=True)
class RayEngine:
    """Turns documents into rows as :func:`stance.inference.pipeline.chunks` does, on Ray.

    A worker that dies is started again and its batch is given out anew.
    """

    workers: int | None = None  # processes that score; as many as the cluster has CPUs if None
    address: str | None = None  # "auto", "ray://HOST:PORT"; None or "local" for a cluster of this machine alone

    def __call__(self, found: Found, job: Job, skip: int, border: int | None) -> Chunks:
        """Run a job, some documents at a time.

        :param found: What to read.
        :param job: What to do.
        :param skip: How many documents to leave out at the start.
        :param border: No chunk crosses a multiple of this number of documents; None if any may.
        :returns: Pairs of rows and the number of documents that they are of, in the order of the documents.
        :raises InputError: If no source at all can be read.
        :raises ModelError: If a worker cannot load the model, or finds another one.
        :raises StanceError: If Ray cannot be reached, or fails.
        """
        if any(source.path is None for source in found.sources):
            raise InputError("standard input cannot be read on Ray; save it in a file first")
        ray, data = require("ray", "ray"), require("ray.data", "ray")
        folder = str(job.classifier.folder.resolve()) if job.classifier else None
        sources = tuple(replace(source, meter=None) for source in found.sources)
        cascade = job.classifier is not None and job.classifier.gate is not None
        error_rate = job.classifier.error_rate if job.classifier else None
        what = (job.command, job.layout, job.language, folder, cascade, error_rate, job.model)
        run = _Run(str(Path.cwd()), sources, *what, skip, border)
        waiting: dict[int, dict[str, Any]] = {}
        number = 0
        try:
            with self._connected(ray), _settings(data):
                workers = self.workers or max(1, int(ray.cluster_resources().get("CPU", 1)) - 1)
                begin = data.from_items([{"begin": 0}])
                batches = begin.map_batches(_read_batches, fn_kwargs={"run": run}, num_cpus=0)
                pool = data.ActorPoolStrategy(size=workers)
                scored = batches.map_batches(
                    _Worker, fn_constructor_kwargs={"run": run}, batch_size=1, compute=pool, num_cpus=1
                )
                for row in scored.iter_rows():
                    waiting[row["number"]] = row
                    while number in waiting:
                        done = waiting.pop(number)
                        if done["error"]:
                            kind, message = json.loads(done["error"])
                            raise _ERRORS[kind](message)
                        yield json.loads(done["rows"]), done["documents"]
                        number += 1
        except (ray.exceptions.RayError, ConnectionError) as error:
            reason = " ".join(str(error).split())[:300]
            raise StanceError(f"Ray failed ({reason}); what is done is kept: go on with --resume") from error

    @contextmanager
    def _connected(self, ray: Any) -> Iterator[None]:
        """Use the cluster that this process is connected to already, or connect to one for as long as it is needed."""
        if ray.is_initialized():
            yield
            return
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to Ray's makers
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        if self.address in (None, "local"):
            cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
            options |= {"address": "local", "include_dashboard": False, "num_cpus": max(cpus, self.workers or 1) + 1}
        else:
            options |= {"address": self.address}
        try:
            ray.init(**options)
        except Exception as error:  # of many kinds
            reason = " ".join(str(error).split())[:300]
            raise StanceError(f"cannot reach Ray at {self.address or 'local'} ({reason}); check --address") from error
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        try:
            yield
        finally:
            ray.shutdown()


@contextmanager
def _settings(data: Any) -> Iterator[None]:
    context = data.DataContext.get_current()
    wanted = {"target_max_block_size": _BLOCK, "target_min_block_size": 1, "enable_progress_bars": False}
    before = {name: getattr(context, name) for name in wanted}
    ordered = context.execution_options.preserve_order
    context.execution_options.preserve_order = True  # so that no worker runs far ahead of a slow one
    try:
        for name, value in wanted.items():
            setattr(context, name, value)
        yield
    finally:
        context.execution_options.preserve_order = ordered
        for name, value in before.items():
            setattr(context, name, value)


@dataclass(frozen=True, slots=True)
class _Run:
    """What the other processes must know."""

    folder: str  # the working directory
    sources: tuple[Source, ...]
    command: Literal["extract", "classify", "score"]
    layout: Layout
    language: Literal["en", "any"]
    model: str | None  # the folder of the model
    cascade: bool
    error_rate: float | None
    model_name: str | None
    skip: int
    border: int | None

    def job(self) -> Job:
        """Load the model."""
        if self.model is None:
            return Job(self.command, self.layout, self.language)
        from stance.inference import classifier
        from stance.inference.backends import TokenBackend

        model = classifier.load(self.model, cascade=self.cascade, error_rate=self.error_rate)
        job = Job(self.command, self.layout, self.language, model)
        if job.model != self.model_name:
            raise ModelError(f"a worker has {job.model} in {self.model}, not {self.model_name}; copy the model there")
        backend = job.classifier.backend if job.classifier else None
        if isinstance(backend, TokenBackend):
            backend.n_threads = 1  # the other CPUs are for the other workers
        return job


def _read_batches(batch: Any, run: _Run) -> Iterator[dict[str, list[Any]]]:
    """Read all documents, and give them out in numbered batches."""
    number, records, characters = 0, list[Record](), 0
    try:
        with suppress(OSError):
            os.chdir(run.folder)
        job = Job(run.command, run.layout, run.language)
        for place, record in enumerate(readable(Found(run.sources), job, run.skip), start=run.skip + 1):
            records.append(record)
            characters += len(record.document.text)
            full = len(records) >= BATCH_DOCUMENTS or characters >= BATCH_CHARACTERS
            if full or (run.border and place % run.border == 0):
                yield {"number": [number], "records": [pickle.dumps(records)], "error": [""]}
                number, records, characters = number + 1, [], 0
        if records:
            yield {"number": [number], "records": [pickle.dumps(records)], "error": [""]}
    except StanceError as error:
        yield {"number": [number], "records": [b""], "error": [_packed(error)]}


class _Worker:
    """Finds and scores the statements of batches; the model is loaded once."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._job: Job | None = None

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        number, error = batch["number"], str(batch["error"][0])
        rows, documents = "", 0
        if not error:
            try:
                if self._job is None:
                    self._job = self._run.job()
                records: list[Record] = pickle.loads(batch["records"][0])
                rows, documents = json.dumps(rows_of(records, self._job)), len(records)
            except StanceError as problem:
                error = _packed(problem)
        return {"number": list(number), "rows": [rows], "documents": [documents], "error": [error]}


def _packed(error: StanceError) -> str:
    kind = next(kind for kind, base in _ERRORS.items() if isinstance(error, base))
    return json.dumps([kind, str(error)])
