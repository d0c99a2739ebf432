"""The table of public sources: where the texts of the stand-off labels come from, and whose they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

import yaml

from stance.datasets.records import LabelledStatement
from stance.errors import InputError


@dataclass(frozen=True, slots=True)
class Source:
    """One public repository that texts come from."""

    name: str  # what stands before the colon in a label's `source`
    repository: str  # owner/name
    commit: str
    reader: str  # the function in stance.datasets.readers
    texts: str  # what was taken
    licence: str  # as the repository states it
    rights: str  # the original dataset and whose the texts are

    @property
    def folder(self) -> str:
        """The name of the repository's folder in a folder of clones."""
        return self.repository.replace("/", "__")


@cache
def source_table() -> dict[str, Source]:
    """Read the table that ships with the package.

    :returns: The sources by name.
    """
    rows = yaml.safe_load(files("stance.datasets").joinpath("sources.yaml").read_text(encoding="utf-8"))
    return {name: Source(**{"name": name, "repository": name, **row}) for name, row in rows.items()}


def split_source(source: str) -> tuple[Source, str]:
    """Split the ``source`` of a label into repository and path.

    :param source: ``repository:path``.
    :returns: The entry of the table, and the path in the repository.
    :raises InputError: If the repository is not in the table, or the path leaves the repository.
    """
    name, _, path = source.partition(":")
    entry = source_table().get(name)
    if entry is None:
        raise InputError(f"the source {name!r} is not in the table of sources; add it to sources.yaml")
    if not path or path.startswith("/") or ".." in PurePosixPath(path).parts or Path(path).is_absolute():
        raise InputError(f"the source {source!r} has no path inside its repository; write repository:path")
    return entry, path


def rights_of(records: Iterable[LabelledStatement]) -> list[tuple[Source, int]]:
    """List the sources of labelled statements, with the rights as they are stated.

    Statements without a source (such as the starter set, which is this project's own) are not listed.

    :param records: The statements.
    :returns: Each source and the number of its statements, the largest first.
    """
    counts = Counter(record.source.partition(":")[0] for record in records if record.source)
    table = source_table()
    return [(table.get(name) or _unlisted(name), count) for name, count in counts.most_common()]


def _unlisted(name: str) -> Source:
    return Source(name, name, "", "", "not described", "not known to this project", "not known to this project")
