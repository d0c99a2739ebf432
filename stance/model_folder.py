"""The model folder: ``stance.json``, the manifest that names a model's tags, files, hashes and figures.

Nothing in a folder is executed, and nothing is unpickled: an unknown format or a file that does not match its hash is
refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from stance.errors import ModelError

FORMAT_VERSION = 1
MANIFEST = "stance.json"
RUN_FILE = "run.json"  # of a training run that goes on: which recipe and data its checkpoints belong to
UNCOVERED = {MANIFEST, MANIFEST + ".tmp", RUN_FILE, RUN_FILE + ".tmp", "README.md"}  # files without a hash


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt scaling per tag: ``p = sigmoid(slope * logit + intercept)`` (Platt 1999)."""

    slope: tuple[float, ...]
    intercept: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``stance.json`` holds."""

    name: str
    kind: str  # "encoder" or "linear", or "extraction": the network that corrects the rules
    tags: tuple[str, ...]
    definitions: tuple[str, ...]
    calibration: Calibration
    thresholds: tuple[
        float, ...
    ]  # a tag is given where its calibrated probability reaches this; of "extraction": added to each label's logit
    doubt_margin: float  # a tag is uncertain where its logit lies nearer than this to the threshold's
    max_tokens: int = 0  # in tokens, statement and context together; 0 for a model without tokens
    mask_countries: bool = False  # hide from the model which countries are named
    encoder: Mapping[str, str] = field(default_factory=dict)  # name and sha256 of the encoder it started from
    config: Mapping[str, Any] = field(default_factory=dict)  # the resolved training configuration
    data: Mapping[str, Any] = field(default_factory=dict)  # hash, counts and votes of the training data
    fitted_on: Mapping[str, Any] = field(default_factory=dict)  # what calibration and thresholds were fitted on
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    cost: Mapping[str, float] = field(default_factory=dict)  # minutes, peak memory in MB
    figures: Mapping[str, Any] = field(default_factory=dict)  # measured quality
    parity: Mapping[str, Any] = field(default_factory=dict)  # an exported model against its source
    gate: Mapping[str, Any] = field(default_factory=dict)  # the first stage of a cascade: its settings and figures
    conformal: Mapping[str, Any] = field(default_factory=dict)  # held-out probabilities, for stated errors
    files: Mapping[str, str] = field(default_factory=dict)  # file name -> sha256
    format_version: int = FORMAT_VERSION

    def to_json(self) -> str:
        """Return the manifest as JSON text, keys in a fixed order."""
        values = asdict(self)
        for name in (
            "mask_countries",
            "gate",
            "conformal",
        ):  # younger than the format: without them the old hash
            if not values[name]:
                del values[name]
        return json.dumps(values, indent=1, ensure_ascii=False) + "\n"

    @property
    def hash(self) -> str:
        """Eight hexadecimal digits that name this very model: any change of weights or settings changes them."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:8]


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``stance.json`` into a folder, whole or not at all: its existence proves the folder complete."""
    scratch = folder / (MANIFEST + ".tmp")
    scratch.write_text(manifest.to_json(), encoding="utf-8")
    scratch.replace(folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest:
    """Read and check ``stance.json``.

    :param folder: The model folder.
    :returns: The manifest.
    :raises ModelError: If the folder, the file or a field is missing, or the format version is unknown.
    """
    if not folder.is_dir():
        raise ModelError(
            f"no model folder {folder}; give a folder that holds {MANIFEST}, as scripts/train.py writes it"
        )
    path = folder / MANIFEST
    if not path.is_file():
        raise ModelError(f"{folder} holds no {MANIFEST}: not a model folder, or its training did not finish")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} is not valid JSON ({error}); fetch or train the model again") from error
    return parse_manifest(data, path)


def parse_manifest(data: Any, path: Path) -> Manifest:
    """Turn the parsed JSON of a manifest into a :class:`Manifest`, checking what inference relies on."""
    version = data.get("format_version") if isinstance(data, dict) else None
    if version != FORMAT_VERSION:
        raise ModelError(
            f"{path} has format version {version!r}, and this release of stance reads version {FORMAT_VERSION}; "
            "upgrade stance, or train the model again"
        )
    known = {f.name for f in fields(Manifest)}
    values = {key: value for key, value in data.items() if key in known}
    try:
        values["calibration"] = Calibration(**{k: tuple(map(float, v)) for k, v in data["calibration"].items()})
        for name in ("tags", "definitions", "thresholds"):
            values[name] = tuple(data[name])
        manifest = Manifest(**values)
        if any(Path(name).name != name for name in manifest.files):
            raise ValueError("a file's name holds a folder")
        if not isinstance(manifest.max_tokens, int) or not isinstance(manifest.doubt_margin, int | float):
            raise ValueError("max_tokens and doubt_margin must be numbers")
        sizes = {len(manifest.tags), len(manifest.definitions), len(manifest.thresholds)}
        sizes |= {len(manifest.calibration.slope), len(manifest.calibration.intercept)}
        if len(sizes) != 1 or not manifest.tags:
            raise ValueError("tags, definitions, thresholds and calibration differ in length")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{path} lacks a field or holds a wrong one ({error}); fetch or train the model again"
        ) from error
    return manifest


def check_files(folder: Path, manifest: Manifest, needed: Iterable[str]) -> None:
    """Check that files are in a model folder and unchanged.

    :param folder: The model folder.
    :param manifest: Its manifest.
    :param needed: The names of the files that are about to be read.
    :raises ModelError: If one is missing, or does not match the hash in the manifest.
    """
    for name in needed:
        path = folder / name
        if name not in manifest.files or not path.is_file():
            raise ModelError(f"{folder} lacks {name}; fetch, export or train the model again")
        if file_hash(path) != manifest.files[name]:
            raise ModelError(f"{path} does not match its hash in {MANIFEST}: damaged or changed; fetch the model again")


def hash_files(folder: Path) -> dict[str, str]:
    """Return the hash of every file of a model folder that the manifest covers."""
    covered = (p for p in sorted(folder.iterdir()) if p.is_file() and p.name not in UNCOVERED)
    return {path.name: file_hash(path) for path in covered}
