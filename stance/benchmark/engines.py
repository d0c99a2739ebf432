"""The engines of the benchmark: ours, and what others would use in its place, each opened in a process of its own.

An engine is one line in :data:`ENGINES`. Its opener imports what it needs when it is called, so that a process pays in
memory and in time for its own engine alone. What this module does not know: how anything is timed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stance.extras import require

BATCH = 32  # in statements; what the libraries take by default, or recommend
LOGISTIC = "logistic.npz"
Floats = NDArray[np.float64]
Form = Literal["raw", "masked", "joined"]


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to get tags for statements."""

    name: str  # as the option --engines takes it
    label: str  # as tables and figures show it
    opener: str  # of OPENERS
    folder: str  # the model that it reads: model, source, baseline, setfit or encoder
    form: Form  # raw pairs; pairs with countries masked and typography plain; or raw pairs joined into one text
    bound: str = ""  # the matrix multiplication that bounds it: fp32 or int8; empty where not each token meets matrices
    prepared: str = ""  # of stance.benchmark.preparation: what is made of the folder before, untimed
    peer: bool = False  # runs in the environment of the peers
    whole: bool = False  # reads the whole of a stream, not a sample
    batch: int = BATCH  # in statements, of engines that are given batches
    options: Mapping[str, Any] = field(default_factory=dict)  # of our own models: what stance.load takes


# name, label, opener, folder, form, bound, prepared, peer
ENGINES = (
    Engine("stance", "stance, int8 ONNX", "stance", "model", "raw", "int8", whole=True),
    Engine("cascade", "stance, cascade", "stance", "model", "raw", whole=True, options={"cascade": True}),
    Engine("onnx", "ONNX Runtime fp32", "onnx", "source", "masked", "fp32", "onnx"),
    Engine("pipeline-1", "pipeline, batch 1", "pipeline", "source", "masked", "fp32", "pipeline", True, batch=1),
    Engine("pipeline-32", "pipeline, batch 32", "pipeline", "source", "masked", "fp32", "pipeline", True),
    Engine("setfit", "SetFit", "setfit", "setfit", "joined", "fp32", peer=True),
    Engine("sentence", "sentence-transformers + LR", "sentence", "encoder", "joined", "fp32", "sentence", True),
    Engine("tfidf", "TF-IDF baseline", "stance", "baseline", "raw", whole=True),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """An engine that is ready to score."""

    score: Callable[[Sequence[str], Sequence[str]], Floats]  # texts and contexts to probabilities (n_texts, n_tags)
    thresholds: tuple[float, ...]  # the probability from which on each tag is given


@dataclass(frozen=True, slots=True)
class Job:
    """What the process of an engine is told."""

    opener: str  # of OPENERS
    folder: str
    threads: int
    batch: int = BATCH
    options: Mapping[str, Any] = field(default_factory=dict)


def open_engine(job: Job) -> Opened:
    """Open an engine.

    :param job: Which one, its model, and what it may use.
    :returns: The engine.
    :raises StanceError: If a package is missing, or the model cannot be read.
    """
    return OPENERS[job.opener](job)


def open_stance(job: Job) -> Opened:
    """Open a model of ours, as a user does; it takes as many threads as the process has CPUs."""
    from stance.inference import load

    classifier = load(job.folder, **job.options)
    return Opened(classifier.predict_proba, classifier.thresholds)


def open_onnx(job: Job) -> Opened:
    """Open ONNX Runtime as its examples do: padded batches, each run spread over the threads."""
    import onnxruntime

    from stance.inference.decision import apply_calibration
    from stance.model_folder import read_manifest
    from stance.runtime import load_tokenizer

    folder = Path(job.folder)
    manifest = read_manifest(folder)
    tokenizer = load_tokenizer(folder)
    tokenizer.enable_padding()
    tokenizer.enable_truncation(manifest.max_tokens)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = job.threads
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), settings, providers=["CPUExecutionProvider"])
    inputs = {node.name for node in session.get_inputs()}

    def run(pairs: Sequence[Any]) -> Floats:
        encoded = tokenizer.encode_batch(pairs)
        feed = {
            "input_ids": np.array([one.ids for one in encoded]),
            "attention_mask": np.array([one.attention_mask for one in encoded]),
            "token_type_ids": np.array([one.type_ids for one in encoded]),
        }
        logits = session.run(None, {name: array for name, array in feed.items() if name in inputs})[0]
        return apply_calibration(logits.astype(np.float64), manifest.calibration)

    def score(texts: Sequence[str], contexts: Sequence[str]) -> Floats:
        pairs = [(t, c) if c else t for t, c in zip(texts, contexts, strict=True)]
        return np.concatenate([run(pairs[at : at + job.batch]) for at in range(0, len(pairs), job.batch)])

    return Opened(score, manifest.thresholds)


def open_pipeline(job: Job) -> Opened:
    """Open the ``text-classification`` pipeline of transformers over the same weights."""
    transformers, torch = require("transformers", "peers"), require("torch", "peers")
    from stance.benchmark.pooled_model import read_pooled
    from stance.model_folder import read_manifest

    torch.set_num_threads(job.threads)
    folder = Path(job.folder)
    manifest = read_manifest(folder)
    logging.disable(logging.ERROR)  # the pipeline says at error level that the class is new to it, and runs it
    try:
        pipe = transformers.pipeline(
            "text-classification",
            model=read_pooled(folder),
            tokenizer=transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True),
            device="cpu",
            function_to_apply="sigmoid",
            top_k=None,
        )
    finally:
        logging.disable(logging.NOTSET)

    def score(texts: Sequence[str], contexts: Sequence[str]) -> Floats:
        pairs = [{"text": t, "text_pair": c} if c else t for t, c in zip(texts, contexts, strict=True)]
        answers = pipe(pairs, batch_size=job.batch, truncation=True, max_length=manifest.max_tokens)
        p = [{one["label"]: one["score"] for one in answer} for answer in answers]
        return np.array([[row[tag] for tag in manifest.tags] for row in p], dtype=np.float64)

    return Opened(score, manifest.thresholds)


def open_setfit(job: Job) -> Opened:
    """Open a model that scripts/train_setfit.py has saved; ``predict`` gives tags, taken here as probabilities."""
    require("torch", "peers").set_num_threads(job.threads)
    model = require("setfit", "peers").SetFitModel.from_pretrained(job.folder, device="cpu", local_files_only=True)

    def score(texts: Sequence[str], contexts: Sequence[str]) -> Floats:
        given = model.predict(list(texts), batch_size=job.batch, as_numpy=True, show_progress_bar=False)
        return np.asarray(given, dtype=np.float64)

    n_tags = score(["."], [""]).shape[1]
    return Opened(score, (0.5,) * n_tags)


def open_sentence(job: Job) -> Opened:
    """Open sentence embeddings, and the logistic regressions that were fitted on them."""
    require("torch", "peers").set_num_threads(job.threads)
    library = require("sentence_transformers", "peers")
    from stance.inference.decision import sigmoid

    model = library.SentenceTransformer(job.folder, device="cpu", local_files_only=True)
    with np.load(Path(job.folder) / LOGISTIC, allow_pickle=False) as arrays:
        coef, intercept = arrays["coef"], arrays["intercept"]

    def score(texts: Sequence[str], contexts: Sequence[str]) -> Floats:
        return sigmoid(embed(model, texts).astype(np.float64) @ coef.T + intercept)

    return Opened(score, (0.5,) * len(coef))


def embed(model: Any, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the sentence embeddings of texts (n_texts, n_dimensions), of length 1 as all-MiniLM-L6-v2 gives them."""
    vectors: NDArray[np.float32] = model.encode(
        list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
    )
    return vectors


OPENERS: Mapping[str, Callable[[Job], Opened]] = {
    "stance": open_stance,
    "onnx": open_onnx,
    "pipeline": open_pipeline,
    "setfit": open_setfit,
    "sentence": open_sentence,
}
