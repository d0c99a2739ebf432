"""Where texts are found: a local corpus of normalised paragraphs and articles, or the files of public repositories."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from stance.datasets.jsonlines import Faults, numbered_objects
from stance.datasets.readers import WHOLE_FILE, Documents, SourceText, read_documents
from stance.datasets.sources import Source, split_source
from stance.datasets.standoff import StandoffLabel
from stance.errors import InputError

SPEECHES, ARTICLES = "un_statements.jsonl.gz", "news_articles.jsonl.gz"

Fetch = Callable[[Source, str, Path], str]  # source, path, where to put the file; returns why it could not be had


class LocalCorpus:
    """A folder with ``un_statements.jsonl.gz`` (paragraphs) and ``news_articles.jsonl.gz`` (articles), or one of them.

    :param folder: The folder.
    :raises InputError: If it holds neither file, or one of them is damaged.
    """

    def __init__(self, folder: str | Path) -> None:
        present = [path for name in (SPEECHES, ARTICLES) if (path := Path(folder) / name).is_file()]
        if not present:
            raise InputError(f"{folder} holds neither {SPEECHES} nor {ARTICLES}; give the folder of the corpus")
        self._texts: dict[str, SourceText] = {}
        for path in present:
            faults = Faults(path)
            for number, row in numbered_objects(path, faults):
                key, title, text = _corpus_row(row)
                if key and isinstance(text, str):
                    self._texts[key] = SourceText((title,), (text,))
                else:
                    faults.add(number, "has no para_id or doc_id, or no text; give each line both")
            faults.raise_if_any()

    def find(self, label: StandoffLabel) -> SourceText | None:
        """Return the paragraph or the article that a label points into, or None if the corpus lacks it."""
        return self._texts.get(label.para_id or label.doc_id)


class PublicSources:
    """A folder with the files of the public repositories, one folder ``owner__name`` for each.

    :param folder: The folder.
    :param fetch: Called for a file that the folder lacks; None takes the folder as it is.
    """

    def __init__(self, folder: str | Path, fetch: Fetch | None = None) -> None:
        self._folder = Path(folder)
        self._fetch = fetch
        self._documents = lru_cache(maxsize=16)(self._read)  # large files hold many documents
        self.faults: dict[str, str] = {}  # why a file could not be had or read, by its source

    def find(self, label: StandoffLabel) -> SourceText | None:
        """Return the document that a label points into, or None if it cannot be had."""
        documents = self._documents(label.source)
        return documents.get(label.doc_id) or documents.get(WHOLE_FILE)

    def _read(self, source: str) -> Documents:
        entry, path = split_source(source)
        file = self._folder / entry.folder / path
        fault = "" if file.is_file() else self._fetch(entry, path, file) if self._fetch else f"there is no file {file}"
        if not fault:
            try:
                return read_documents(entry.reader, file.read_bytes(), path)
            except (OSError, InputError) as error:
                fault = str(error)
        self.faults[source] = fault
        return {}


def _corpus_row(row: dict[str, Any]) -> tuple[str, str, Any]:
    if row.get("para_id"):
        return str(row["para_id"]), str(row.get("topic") or ""), row.get("text")
    return str(row.get("doc_id") or ""), str(row.get("title") or ""), row.get("text")
