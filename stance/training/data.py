"""Training data: collect labelled statements by split, weigh them, and turn them into token ids."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import datasets
import numpy as np
from numpy.typing import NDArray

from stance.codebook import Codebook
from stance.datasets.records import LabelledStatement, Uniqueness, read_labels
from stance.datasets.standoff import digest, reserved_digests
from stance.datasets.starter import starter_records
from stance.errors import InputError
from stance.inference.tokenize import PairTokenizer
from stance.training.config import DataConfig
from stance.training.teacher import TeacherLogits, read_teacher


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Labelled statements by split, and the hash that names them."""

    codebook: Codebook
    train: tuple[LabelledStatement, ...]
    dev: tuple[LabelledStatement, ...]  # calibration and thresholds are fitted on these, the best epoch chosen
    starter_ids: frozenset[str]  # those that this project wrote itself
    sha256: str
    unlabelled: tuple[LabelledStatement, ...] = ()  # trained on by the teacher's logits alone
    teacher: TeacherLogits | None = None
    teacher_share: float = 0.0

    def truth(self, records: Sequence[LabelledStatement]) -> NDArray[np.bool_]:
        """Return the tags of records as booleans (n_texts, n_tags)."""
        names = self.codebook.tag_names
        return np.array([[name in record.tags for name in names] for record in records], dtype=bool)

    def weights(self, records: Sequence[LabelledStatement], config: DataConfig) -> list[float]:
        """Return how much each record counts.

        Less where its only reader hesitated or its readers stayed divided; as the recipe says for the starter set.
        """

        def weight(record: LabelledStatement) -> float:
            if record.id in self.starter_ids:
                return config.starter_weight
            doubtful = any("?" in vote for vote in record.votes) and not record.adjudicated
            return config.doubt_weight if doubtful else 1.0

        return [weight(record) for record in records]

    def targets(self) -> tuple[list[LabelledStatement], NDArray[np.float32]]:
        """Return what a network learns: the statements, labelled ones first, and a target in [0, 1] for each tag.

        The target of a labelled statement is its label or, where the teacher has read it, a mean of label and teacher's
        probability; that of an unlabelled one is the teacher's probability (Hinton et al. 2015, at temperature 1).
        """
        target = self.truth(self.train).astype(np.float32)
        if self.teacher is None:
            return list(self.train), target
        read, p = self.teacher.probabilities(self.train)
        target[read] += self.teacher_share * (p - target[read])
        _, soft = self.teacher.probabilities(self.unlabelled)
        return [*self.train, *self.unlabelled], np.concatenate([target, soft])


def collect(config: DataConfig) -> TrainingData:
    """Read what a configuration names.

    Where real labels are given, dev is their dev split alone, since calibration should fit real statements; the starter
    set's own dev split then joins neither side. Statements that a reader marked as broken text are left out of train.

    :param config: The data section of a recipe.
    :returns: The statements.
    :raises InputError: If a file is missing or broken, a split is empty, or a statement may not be trained on.
    """
    codebook = Codebook.from_yaml(config.codebook) if config.codebook else Codebook.default()
    starter = starter_records() if config.starter else []
    if not {tag for record in starter for tag in record.tags} <= set(codebook.tag_names):
        raise InputError(f"the starter set has other tags than {config.codebook}; set data.starter=false")
    real = [record for path in config.labels for record in read_labels(path, codebook)]
    unlabelled = [record for path in config.unlabelled for record in read_labels(path, codebook)]
    if closed := next((record.id for record in unlabelled if record.split in ("dev", "test")), None):
        raise InputError(f"the unlabelled statement {closed!r} is of the split dev or test; take those out")
    check_documents([*starter, *real, *(dataclasses.replace(record, split="train") for record in unlabelled)])
    teacher = read_teacher(config.teacher, codebook.tag_names, unlabelled) if config.teacher else None
    if unlabelled and not teacher:
        raise InputError("unlabelled statements need a teacher; give data.teacher, as scripts/distill.py writes it")
    if teacher and not unlabelled and not teacher.knows(real).any():
        raise InputError(f"the teacher of {config.teacher} has read none of these statements; give data.unlabelled")
    train = [r for r in (*starter, *real) if r.split == "train" and not any("!" in vote for vote in r.votes)]
    dev = [r for r in real if r.split == "dev"] or [r for r in starter if r.split == "dev"]
    train, dev, unlabelled = train[: config.limit], dev[: config.limit], unlabelled[: config.limit]
    for name, part in (("train", train), ("dev", dev)):
        if not part:
            raise InputError(f"no statement is in the split {name!r}; set data.starter=true or give data.labels files")
    content = hashlib.sha256()
    for record in (*train, *dev):
        content.update(json.dumps([record.id, record.text, record.context, record.tags, record.split]).encode())
    if teacher:
        content.update(teacher.sha256.encode() + json.dumps([[r.id, r.text, r.context] for r in unlabelled]).encode())
    return TrainingData(
        codebook,
        tuple(train),
        tuple(dev),
        frozenset(record.id for record in starter),
        content.hexdigest(),
        tuple(unlabelled),
        teacher,
        config.teacher_share,
    )


def check_documents(records: Sequence[LabelledStatement]) -> None:
    """Refuse statements of documents that are held out for testing, and documents or ids that files share wrongly.

    :param records: All statements of all files.
    :raises InputError: At the first fault.
    """
    held_out, unique = reserved_digests(), Uniqueness()
    for number, record in enumerate(records, start=1):
        if digest(record.doc_id) in held_out:
            raise InputError(
                f"statement {record.id!r} is of a document held out for testing; take it out of the labels"
            )
        row = {"id": record.id, "doc_id": record.doc_id, "split": record.split}
        for fault in unique.faults(number, row):
            raise InputError(f"the data files together, statement {number}: {fault}")


def encode(
    records: Sequence[LabelledStatement], targets: NDArray[Any], tokenizer: PairTokenizer, weights: Sequence[float]
) -> Any:
    """Turn records into a ``datasets.Dataset`` of token ids; of a long text, the first window is taken.

    :param records: The statements.
    :param targets: What to learn of them, in [0, 1] (n_texts, n_tags).
    :param tokenizer: The tokenizer of the encoder.
    :param weights: How much each of them counts.
    :returns: A dataset with the columns ``input_ids, token_type_ids, labels, weight, length``.
    """
    tokens = tokenizer([r.text for r in records], [r.context for r in records])
    first = [t.windows[0] for t in tokens]
    return datasets.Dataset.from_dict(
        {
            "input_ids": [ids for ids, _ in first],
            "token_type_ids": [types for _, types in first],
            "labels": targets.astype(np.float32).tolist(),
            "weight": list(weights),
            "length": [len(ids) for ids, _ in first],
        }
    )
