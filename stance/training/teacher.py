"""A teacher's logits in a file, by the hash of what it read, so that a student learns from them without the teacher."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.datasets.records import LabelledStatement
from stance.errors import InputError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class TeacherLogits:
    """What a teacher, one model or the mean of several, answered."""

    tags: tuple[str, ...]
    teachers: tuple[str, ...]  # name@hash of each model
    keys: NDArray[np.uint64]  # (n_texts,), ascending
    logits: NDArray[np.float16]  # (n_texts, n_tags), before calibration

    @property
    def sha256(self) -> str:
        """The hash that names these answers."""
        return hashlib.sha256(self.keys.tobytes() + self.logits.tobytes()).hexdigest()

    def knows(self, records: Sequence[LabelledStatement]) -> NDArray[np.bool_]:
        """Tell which statements the teacher has read, (n_texts,)."""
        return np.isin(keys_of(records), self.keys)

    def probabilities(self, records: Sequence[LabelledStatement]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Return which statements the teacher has read, and its probabilities for those.

        :param records: The statements.
        :returns: Booleans (n_texts,), and probabilities (n_read, n_tags).
        """
        keys, read = keys_of(records), self.knows(records)
        logits = self.logits[np.searchsorted(self.keys, keys[read])].astype(np.float32)
        return read, np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)

    def save(self, path: str | Path) -> None:
        """Write the file (``.npz``); it appears only when it is complete."""
        target = Path(path)
        scratch = target.with_name(target.name + ".tmp")
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("wb") as file:
            np.savez_compressed(
                file,
                format=np.array(FORMAT),
                tags=np.array(self.tags),
                teachers=np.array(self.teachers),
                keys=self.keys,
                logits=self.logits,
            )
        scratch.replace(target)


def keys_of(records: Sequence[LabelledStatement]) -> NDArray[np.uint64]:
    """Return the first 64 bits of the SHA-256 of each statement and its context, (n_texts,)."""
    found = [hashlib.sha256(f"{record.text}\0{record.context}".encode()).digest()[:8] for record in records]
    return np.frombuffer(b"".join(found), dtype=">u8").astype(np.uint64)


def make_teacher(
    tags: Sequence[str], teachers: Sequence[str], records: Sequence[LabelledStatement], logits: NDArray[Any]
) -> TeacherLogits:
    """Gather logits (n_texts, n_tags) of statements; of statements with the same words, one is kept."""
    keys, first = np.unique(keys_of(records), return_index=True)
    return TeacherLogits(tuple(tags), tuple(teachers), keys, logits[first].astype(np.float16))


def merge(one: TeacherLogits, other: TeacherLogits) -> TeacherLogits:
    """Join the answers of the same teachers; where both hold a statement, ``one`` counts."""
    keys, first = np.unique(np.concatenate([one.keys, other.keys]), return_index=True)
    return TeacherLogits(one.tags, one.teachers, keys, np.concatenate([one.logits, other.logits])[first])


def read_teacher(path: str | Path, tags: Sequence[str], needed: Sequence[LabelledStatement] = ()) -> TeacherLogits:
    """Read a teacher's logits.

    :param path: The file, as :meth:`TeacherLogits.save` writes it.
    :param tags: The tags that it must speak of, in their order.
    :param needed: Statements that the teacher must have read.
    :returns: The logits.
    :raises InputError: If the file is missing, damaged or of another codebook, or lacks a needed statement.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            version = int(file["format"])
            found = {name: file[name] for name in ("tags", "teachers", "keys", "logits")}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"cannot read the logits in {path}: {reason}; make it by scripts/distill.py") from error
    if version != FORMAT:
        raise InputError(f"{path} has format {version}, and this version reads {FORMAT}; make it anew")
    keys = found["keys"]
    if found["logits"].shape != (len(keys), len(found["tags"])) or (keys[1:] <= keys[:-1]).any():
        raise InputError(f"{path}: keys and logits do not match; make it anew by scripts/distill.py")
    names = tuple(str(name) for name in found["tags"])
    if names != tuple(tags):
        raise InputError(f"the teacher of {path} knows the tags {', '.join(names)}, not {', '.join(tags)}")
    teacher = TeacherLogits(names, tuple(str(name) for name in found["teachers"]), keys, found["logits"])
    missing = int((~teacher.knows(needed)).sum())
    if missing:
        raise InputError(
            f"{path} lacks {missing:,} of {len(needed):,} unlabelled statements; run scripts/distill.py on them"
        )
    return teacher
