"""Which engines of the benchmark can run here: where their models lie, what is made of them first, how they start."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stance
from stance.benchmark.engines import ENGINES, Engine
from stance.benchmark.matmul import matrix_weights
from stance.benchmark.throughput import Texts, Worker, WorkerError, environment_for
from stance.datasets.records import LabelledStatement
from stance.errors import InputError, StanceError
from stance.inference.classifier import default_folder
from stance.inference.gate import open_gate
from stance.inference.masking import mask_countries
from stance.inference.tokenize import normalise
from stance.model_folder import file_hash, read_manifest

MATMUL = "matmul"  # the worker that multiplies matrices and scores nothing
_HINTS = {
    "source": "train it by scripts/train.py configs/distill.yaml, or give another by --source",
    "baseline": "train it by scripts/train.py configs/baseline.yaml, or give another by --baseline",
    "setfit": "train it by scripts/train_setfit.py CONFIG --save FOLDER, or give another by --setfit",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What is alike for all engines of a benchmark."""

    folders: Mapping[str, str]  # model, source, baseline, setfit: folders; encoder: a name or a folder
    threads: int
    work: Path  # where what is made for engines is kept for the next time
    peer_python: str = sys.executable


@dataclass(frozen=True, slots=True)
class Contestant:
    """An engine that can run, and the folder that it opens."""

    engine: Engine
    folder: Path
    weights: int = 0  # that each token is multiplied with; 0 for a model without matrices, and where it is unknown
    unknown: str = ""  # why it is unknown


def chosen_engines(names: Sequence[str] | None) -> list[Engine]:
    """Return engines by name; all of them if None.

    :raises InputError: If there is none of that name.
    """
    known = {engine.name: engine for engine in ENGINES}
    unknown = [name for name in names or [] if name not in known]
    if unknown:
        raise InputError(f"there is no engine {unknown[0]!r}; choose from: {', '.join(known)}")
    return [known[name] for name in names] if names else list(ENGINES)


def starter_of(job: Mapping[str, Any], python: str, threads: int) -> Callable[[], Worker]:
    """Return a function that starts the process of an engine.

    :param job: What :mod:`stance.benchmark.worker` reads: opener, folder, options.
    :param python: The interpreter.
    :param threads: The number of threads.
    :returns: The function.
    """
    root = str(Path(stance.__file__).resolve().parents[1])
    command = [python, "-m", "stance.benchmark.worker", json.dumps({**job, "threads": threads})]
    environment = environment_for(threads, root)
    return lambda: Worker(command, environment)


def openers_of(contestants: Sequence[Contestant], setting: Setting) -> dict[str, Callable[[], Worker]]:
    """Return the functions that start the processes, by the name of the engine, and of :data:`MATMUL`."""
    openers = {MATMUL: starter_of({}, sys.executable, setting.threads)}
    for one in contestants:
        engine = one.engine
        job = {"opener": engine.opener, "folder": str(one.folder), "batch": engine.batch, "options": engine.options}
        openers[engine.name] = starter_of(job, python_of(engine, setting), setting.threads)
    return openers


def python_of(engine: Engine, setting: Setting) -> str:
    """Return the interpreter that runs an engine."""
    return setting.peer_python if engine.peer else sys.executable


def find_contestants(
    engines: Sequence[Engine],
    setting: Setting,
    train: Sequence[LabelledStatement],
    tags: Sequence[str],
    tell: Callable[[str], None] = lambda line: None,
) -> tuple[list[Contestant], dict[str, str]]:
    """Find the model of each engine, and make what it needs.

    :param engines: The engines.
    :param setting: Where the models lie.
    :param train: The statements to fit on what must be fitted.
    :param tags: The tags, in order; a model with others cannot take part.
    :param tell: Called with a line of progress before the model of an engine is made.
    :returns: The engines that can run, and why the others cannot, by name.
    """
    found, missing = [], {}
    for engine in engines:
        try:
            folder = source = folder_of(engine, setting, tags)
            if engine.prepared:
                tell(f"what {engine.name} needs, made once for the same model and data")
                folder = prepared_folder(engine, source, setting, train, tags)
            found.append(weighed(engine, folder, source))
        except StanceError as error:
            hint = _HINTS.get(engine.folder, "") if not isinstance(error, WorkerError) else ""
            missing[engine.name] = str(error) + (f" ({hint})" if hint else "")
    return found, missing


def weighed(engine: Engine, folder: Path, source: Path) -> Contestant:
    """Return an engine that can run, with the number of its weights, or why that is unknown."""
    try:
        return Contestant(engine, folder, matrix_weights(source) if engine.bound else 0)
    except StanceError as error:
        return Contestant(engine, folder, unknown=str(error))


def folder_of(engine: Engine, setting: Setting, tags: Sequence[str]) -> Path:
    """Return the folder of the model that an engine reads.

    :raises StanceError: If it is missing, its model has other tags, or has no first stage for a cascade.
    """
    name = setting.folders[engine.folder]
    if engine.folder == "encoder":
        from stance.training.encoders import find_encoder

        return find_encoder(name)
    folder = default_folder() if name == "default" else Path(name)
    if not folder.is_dir():
        raise InputError(f"there is no model folder {folder}")
    if engine.folder != "setfit":
        manifest = read_manifest(folder)
        if tuple(manifest.tags) != tuple(tags):
            raise InputError(f"{folder} has other tags than the model that is measured")
        if engine.options.get("cascade"):
            open_gate(folder, manifest)
    return folder


def prepared_folder(
    engine: Engine, source: Path, setting: Setting, train: Sequence[LabelledStatement], tags: Sequence[str]
) -> Path:
    """Return the folder that is made of a model for an engine; it is made once for the same model and data.

    :raises WorkerError: If it cannot be made.
    """
    texts, truth = [], []
    key = file_hash(source / "model.safetensors") if (source / "model.safetensors").is_file() else str(source)
    if engine.folder == "encoder":  # fitted on statements, which thus belong to the key
        texts = list(form_of("joined", train, False).texts)
        truth = [[tag in record.tags for tag in tags] for record in train]
        key += json.dumps([texts, truth])
    else:
        key += read_manifest(source).hash
    target = setting.work / f"{engine.prepared}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    if target.is_dir():
        return target
    job = {"prepared": engine.prepared, "folder": str(source)}
    python = python_of(engine, setting) if engine.folder == "encoder" else sys.executable
    worker = starter_of(job, python, setting.threads)()
    try:
        worker.ask("prepare", target=str(target), texts=texts, truth=truth)
    finally:
        worker.close()
    return target


def form_of(form: str, records: Sequence[LabelledStatement], mask: bool) -> Texts:
    """Return what an engine of this form reads of statements (see :class:`stance.benchmark.engines.Engine`).

    :param form: ``"raw"``, ``"masked"`` or ``"joined"``.
    :param records: The statements.
    :param mask: Whether our model hides countries, so that an engine with its weights needs them hidden.
    :returns: Texts and contexts.
    """
    pairs = [(record.text, record.context) for record in records]
    if form == "masked":
        masked = [mask_countries(*pair) if mask else pair for pair in pairs]
        pairs = [(normalise(text), normalise(context)) for text, context in masked]
    elif form == "joined":
        pairs = [(normalise(f"{text} ({context})" if context else text), "") for text, context in pairs]
    return Texts(tuple(text for text, _ in pairs), tuple(context for _, context in pairs))


def reference_of(contestants: Sequence[Contestant], setting: Setting) -> Contestant | None:
    """Return our own network in float32, against which the engines with its weights are checked; None without any."""
    same = next((one for one in contestants if one.engine.folder == "source"), None)
    if same is None:
        return None
    engine = dataclasses.replace(
        same.engine, name="reference", opener="stance", form="raw", options={"backend": "torch"}, peer=False
    )
    return Contestant(engine, Path(setting.folders["source"]))
