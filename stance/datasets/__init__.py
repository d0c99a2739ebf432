"""Labelled statements: the starter set, stand-off labels and their rebuilding, and the label format itself."""

from __future__ import annotations

from stance.datasets.records import LabelledStatement, read_labels, write_labels
from stance.datasets.starter import load_starter, starter_records, to_dataset_dict

__all__ = ["LabelledStatement", "load_starter", "read_labels", "starter_records", "to_dataset_dict", "write_labels"]
