"""Short ways to write files and to read them as records."""

from __future__ import annotations

from stance.inference.readers import Layout, read_records
from stance.inference.sources import find_sources

ARTICLES, STATEMENTS = Layout(), Layout(statements=True)


def read(*inputs, layout=ARTICLES, skip=0):
    return list(read_records(find_sources(inputs).sources, layout, skip))


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
