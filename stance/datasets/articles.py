"""The marked articles: 314 articles written for this project, with every statement, speaker and country marked.

The splits: the rules were written on ``train`` (part w) and the network is trained on all of ``train``; thresholds are
chosen on ``dev``; nobody looked at ``test`` while writing rules.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from stance.datasets.jsonlines import Faults, numbered_objects
from stance.errors import InputError


def marked_articles(split: str | None = None) -> list[dict[str, Any]]:
    """Read the marked articles that ship with the package.

    :param split: ``train``, ``dev`` or ``test``; None for all.
    :returns: Mappings with ``id``, ``text``, ``statements``, ``ignore`` and ``split``.
    """
    with as_file(files("stance.datasets").joinpath("articles.jsonl.gz")) as path:
        return [item for item in read_articles(path) if split in (None, item["split"])]


def read_articles(path: str | Path, prefix: str = "") -> list[dict[str, Any]]:
    """Read marked articles from a file.

    :param path: JSON lines, plain or gzipped.
    :param prefix: Only those whose id begins with it.
    :returns: The articles.
    :raises InputError: If the file cannot be read, a line holds no marked article, or no id begins so.
    """
    faults = Faults(path)
    items = []
    for line, item in numbered_objects(path, faults):
        if not isinstance(item.get("text"), str) or not isinstance(item.get("statements"), list):
            faults.add(line, "has no 'text' and 'statements'; give marked articles, one a line")
        elif str(item.get("id", "")).startswith(prefix):
            items.append(item)
    faults.raise_if_any()
    if not items:
        raise InputError(f"{path} has no marked article whose id begins with {prefix!r}")
    return items
