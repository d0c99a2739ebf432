"""The classifier: calibrated probabilities, tags and doubt for statements."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stance.errors import InputError, ModelError
from stance.inference.backends import Backend, open_backend
from stance.inference.conformal import cutoffs, doubts
from stance.inference.decision import apply_calibration, margins
from stance.inference.gate import Gate, open_gate
from stance.inference.hub import fetch_folder
from stance.model_folder import MANIFEST, Manifest, read_manifest
from stance.runtime import Device
from stance.statement import Score


class Classifier:
    """Tags statements.

    Scores depend on a statement and its context alone: not on the texts beside it, nor on the function that was called.

    :param folder: The model folder.
    :param manifest: What its ``stance.json`` holds.
    :param backend: The engine.
    :param gate: The first stage, which keeps statements without a tag from the engine; None to read them all.
    :param error_rate: What share of the answers that are not called uncertain may be wrong, as of
        :meth:`from_pretrained`; None for the margin that the model came with.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        backend: Backend,
        gate: Gate | None = None,
        error_rate: float | None = None,
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.backend = backend
        self.gate = gate
        self.error_rate = error_rate
        self._edges = None if error_rate is None else cutoffs(manifest.conformal, manifest.tags, error_rate)
        self._name = f"{manifest.name}@{manifest.hash}{'+cascade' if gate else ''}"
        if getattr(backend, "device", "cpu") != "cpu":
            self._name += "+cuda"
        if error_rate is not None:
            self._name += f"+error={error_rate:g}"

    @classmethod
    def from_pretrained(
        cls,
        path: str | Path | None = None,
        backend: str = "auto",
        *,
        cascade: bool = False,
        device: Device = "cpu",
        error_rate: float | None = None,
    ) -> Classifier:
        """Open a model.

        :param path: A model folder, or a hub id such as ``"org/model"``; None is the model that ships with the package.
        :param backend: ``"onnx"``, ``"torch"``, or ``"auto"``: ONNX where the folder holds ``model.onnx``.
        :param cascade: Let the model's first stage answer for statements that hardly can carry a tag. They get the
            probabilities that such statements have on average, no tags, and 0 as their number of tokens.
        :param device: ``"cpu"``, or ``"cuda"`` for a GPU. Scores there may differ in the last decimals.
        :param error_rate: Call as many answers uncertain as it takes for the others to be wrong at most so often: for
            each tag, in this share of the statements that bear it and in this share of those that do not (up to 0.25;
            see :mod:`stance.inference.conformal`). None for the margin that the model came with: the nearest tenth.
        :returns: The classifier.
        :raises InputError: If the error rate is out of reach.
        :raises ModelError: If the folder is missing, damaged, of an unknown format, or lacks what the backend or the
            cascade needs.
        """
        folder = default_folder() if path is None else find_folder(path)
        manifest = read_manifest(folder)
        gate = open_gate(folder, manifest) if cascade else None
        return cls(folder, manifest, open_backend(folder, manifest, backend, device), gate, error_rate)

    def save_pretrained(self, path: str | Path) -> None:
        """Copy the model folder to ``path``, the manifest last.

        :param path: A folder that does not exist yet, or is empty.
        :raises ModelError: If it holds something already.
        """
        target = Path(path)
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise ModelError(f"{target} exists and is not an empty folder; choose another name")
        target.mkdir(parents=True, exist_ok=True)
        names = [name for name in (*self.manifest.files, "README.md", MANIFEST) if (self.folder / name).is_file()]
        for name in names:
            shutil.copyfile(self.folder / name, target / name)

    @property
    def tags(self) -> tuple[str, ...]:
        """The names of the tags, in the order of the columns."""
        return self.manifest.tags

    @property
    def thresholds(self) -> tuple[float, ...]:
        """The calibrated probability from which on each tag is given."""
        return self.manifest.thresholds

    @property
    def name(self) -> str:
        """The model's name and hash, such as ``default@1a2b3c4d``, with ``+cascade`` and the like behind it."""
        return self._name

    def predict_proba(self, texts: Sequence[str], contexts: Sequence[str | None] | None = None) -> NDArray[np.float64]:
        """Return the calibrated probability of each tag.

        :param texts: The statements.
        :param contexts: The headline or agenda item of each; None where there is none.
        :returns: Probabilities, (n_texts, n_tags).
        :raises InputError: If a text is not a string, or the lengths differ.
        """
        return self._run(texts, contexts)[0]

    def predict(self, texts: Sequence[str], contexts: Sequence[str | None] | None = None) -> list[tuple[str, ...]]:
        """Return the tags of each statement: those whose probability reaches the threshold.

        :param texts: The statements.
        :param contexts: The headline or agenda item of each; None where there is none.
        :returns: A tuple of tag names for each text; empty where no tag applies.
        :raises InputError: If a text is not a string, or the lengths differ.
        """
        return [score.tags for score in self.score(texts, contexts)]

    def score(self, texts: Sequence[str], contexts: Sequence[str | None] | None = None) -> list[Score]:
        """Return probabilities, tags and doubt of each statement.

        :param texts: The statements.
        :param contexts: The headline or agenda item of each; None where there is none.
        :returns: One score for each text.
        :raises InputError: If a text is not a string, or the lengths differ.
        """
        p, n_tokens, windowed = self._run(texts, contexts)
        given = p >= np.array(self.thresholds)
        if self._edges is None:
            doubtful = margins(p, self.thresholds) < self.manifest.doubt_margin
        else:
            doubtful = doubts(p, given, self._edges)
        return [
            Score(
                p=dict(zip(self.tags, map(float, p[row]), strict=True)),
                tags=tuple(tag for tag, flag in zip(self.tags, given[row], strict=True) if flag),
                uncertain=tuple(tag for tag, flag in zip(self.tags, doubtful[row], strict=True) if flag),
                n_tokens=n_tokens[row],
                windowed=windowed[row],
            )
            for row in range(len(p))
        ]

    def _run(
        self, texts: Sequence[str], contexts: Sequence[str | None] | None
    ) -> tuple[NDArray[np.float64], list[int], list[bool]]:
        texts, filled = checked_input(texts, contexts)
        places: dict[tuple[str, str], int] = {}  # a statement that stands twice is read once
        where = [places.setdefault(pair, len(places)) for pair in zip(texts, filled, strict=True)]
        p, n_tokens, windowed = self._read(list(places))
        return p[where], [n_tokens[place] for place in where], [windowed[place] for place in where]

    def _read(self, pairs: Sequence[tuple[str, str]]) -> tuple[NDArray[np.float64], list[int], list[bool]]:
        """Return probabilities (n_pairs, n_tags), the number of tokens and whether windows were cut, for each pair."""
        p = np.zeros((len(pairs), len(self.tags)))
        n_tokens, windowed = [0] * len(pairs), [False] * len(pairs)
        chosen = list(range(len(pairs)))
        if self.gate and pairs:
            p[:] = self.gate.p
            chosen = np.flatnonzero(self.gate.passes([text for text, _ in pairs])).tolist()
        if chosen:
            texts, contexts = zip(*(pairs[place] for place in chosen), strict=True)
            logits, counts, cut = self.backend(texts, contexts)
            p[chosen] = apply_calibration(logits, self.manifest.calibration)
            for place, count, flag in zip(chosen, counts, cut, strict=True):
                n_tokens[place], windowed[place] = count, flag
        return p, n_tokens, windowed


def checked_input(texts: Sequence[str], contexts: Sequence[str | None] | None) -> tuple[list[str], list[str]]:
    """Return texts and contexts as lists of strings of one length, or say what is wrong with them."""
    if isinstance(texts, str):
        raise InputError("texts is one string; give a list: predict([text])")
    if isinstance(contexts, str):
        raise InputError("contexts is one string; give a list with one context for each text")
    texts = list(texts)
    filled = [""] * len(texts) if contexts is None else [context or "" for context in contexts]
    if len(filled) != len(texts):
        raise InputError(f"there are {len(texts)} texts and {len(filled)} contexts; give one context for each text")
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"text {number} is {type(text).__name__}, not a string; drop or fill empty cells first")
    for number, context in enumerate(filled):
        if not isinstance(context, str):
            raise InputError(f"context {number} is {type(context).__name__}, not a string; use None for no context")
    return texts, filled


def default_folder() -> Path:
    """Return the folder of the model that ships with the package."""
    return Path(str(files("stance"))) / "models" / "default"


def find_folder(path: str | Path) -> Path:
    """Return the folder of a model: a local one, or one from the hub."""
    folder = Path(path)
    looks_like_hub_id = isinstance(path, str) and path.count("/") == 1 and not path.startswith((".", "/", "~"))
    if folder.exists() or not looks_like_hub_id or folder.parent.is_dir():
        return folder
    return fetch_folder(str(path))


def load(
    path: str | Path | None = None,
    backend: str = "auto",
    *,
    cascade: bool = False,
    device: Device = "cpu",
    error_rate: float | None = None,
) -> Classifier:
    """Open a model: the one that ships with the package, a model folder, or a hub id.

    :param path: A model folder, or a hub id; None is the model that ships with the package.
    :param backend: ``"onnx"``, ``"torch"``, or ``"auto"``.
    :param cascade: As of :meth:`Classifier.from_pretrained`.
    :param device: ``"cpu"``, or ``"cuda"`` for a GPU.
    :param error_rate: As of :meth:`Classifier.from_pretrained`.
    :returns: The classifier.
    :raises InputError: If the error rate is out of reach.
    :raises ModelError: If the model is missing, damaged, or of an unknown format.
    """
    return Classifier.from_pretrained(path, backend, cascade=cascade, device=device, error_rate=error_rate)
