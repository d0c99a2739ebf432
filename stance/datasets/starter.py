"""The starter set: 3,236 statements written for this project, in fixed splits."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from importlib.resources import as_file, files
from typing import Any

from stance.codebook import Codebook
from stance.datasets.records import SPLITS, LabelledStatement, read_labels
from stance.errors import InputError
from stance.extras import require

# Blocks of ten ids stay together, because contrast pairs (nearly the same words, other tags) are neighbours by id. In
# each series (w1 ... n3) the blocks are dealt in rounds of ten, by this order. It keeps in train the few pairs that
# straddle two blocks (w1-160, h1-150) or two series (w2-017).
BLOCK = 10
_ROUND = ("train", "train", "test", "dev", "train", "train", "train", "test", "train", "train")


def starter_split(statement_id: str) -> str:
    """Say which split a starter statement belongs to.

    :param statement_id: The id, such as ``"w1-001"``.
    :returns: ``train``, ``dev`` or ``test``.
    """
    number = int(statement_id.rpartition("-")[2])
    return _ROUND[(number - 1) // BLOCK % len(_ROUND)]


def starter_records() -> list[LabelledStatement]:
    """Read the starter set that ships with the package.

    :returns: All statements in the order of their ids, each with its split.
    """
    with as_file(files("stance.datasets").joinpath("starter.jsonl")) as path:
        records = read_labels(path, Codebook.default())
    return [dataclasses.replace(record, split=starter_split(record.id)) for record in records]


def load_starter() -> Any:
    """Load the starter set for training.

    :returns: A ``datasets.DatasetDict`` with the splits ``train``, ``dev`` and ``test``.
    :raises MissingExtraError: If the package ``datasets`` is not installed.
    """
    return to_dataset_dict(starter_records())


def to_dataset_dict(records: Iterable[LabelledStatement], codebook: Codebook | None = None) -> Any:
    """Turn labelled statements into a ``datasets.DatasetDict``, by their splits.

    :param records: The statements; each has a split.
    :param codebook: The order of the labels; by default that of the package.
    :returns: One dataset for each split that occurs, with ``labels`` of shape ``(n_texts, n_tags)``, one float32 of 0
        or 1 for each tag, and the fields of :class:`LabelledStatement` (lists for tuples).
    :raises InputError: If a statement has no split.
    :raises MissingExtraError: If the package ``datasets`` is not installed.
    """
    datasets = require("datasets", "train")
    tag_names = (codebook or Codebook.default()).tag_names
    rows: dict[str, list[dict[str, Any]]] = {split: [] for split in SPLITS}
    for record in records:
        if record.split not in rows:
            raise InputError(f"statement {record.id!r} has no split; give each 'split': train, dev or test")
        labels = [float(tag in record.tags) for tag in tag_names]
        rows[record.split].append({**dataclasses.asdict(record), "labels": labels})
    features = _features(datasets)
    return datasets.DatasetDict(
        {split: datasets.Dataset.from_list(part, features=features) for split, part in rows.items() if part}
    )


def _features(datasets: Any) -> Any:
    types = {"str": "string", "bool": "bool", "int | None": "int64"}
    columns: dict[str, Any] = {}
    for field in dataclasses.fields(LabelledStatement):
        is_list = str(field.type).startswith("tuple")
        value = datasets.Value(types["str" if is_list else str(field.type)])
        columns[field.name] = datasets.Sequence(value) if is_list else value
    return datasets.Features({**columns, "labels": datasets.Sequence(datasets.Value("float32"))})
