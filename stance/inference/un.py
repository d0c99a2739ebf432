"""Corpora of UN speeches as they are published: what the name of a file says, and what the tables beside it add.

Read are the UN General Debate Corpus (``Session 69 - 2014/PRK_69_2014.txt``, doi:10.7910/DVN/0TJX8Y) with a CSV or TSV
export of its ``Speakers_by_session.xlsx``, and the UN Security Council Debates (``UNSC_2014_SPV.7138_spch001.txt``,
doi:10.7910/DVN/KGVSYH) with ``speaker.tsv`` and ``meta.tsv``. Tables lie in the folder of the speeches, or above it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from stance.inference.dateline import dateline
from stance.inference.sources import Source
from stance.inference.tables import as_text
from stance.inference.un_tables import read_council, read_debate, whole_number

_ENDING = r"\.txt(?:\.gz)?"
_DEBATE = re.compile(rf"(?P<code>[A-Z]{{2,4}})_(?P<session>\d{{1,3}})_(?P<year>\d{{4}}){_ENDING}")
_COUNCIL = re.compile(
    rf"UNSC_(?P<year>\d{{4}})_SPV\.(?P<meeting>\d{{1,5}}[\w() .-]{{0,30}}?)_spch(?P<number>\d{{3,4}}){_ENDING}"
)
_DEBATE_TABLE = re.compile(r"speakers?_by_session.*\.(?:csv|tsv)(?:\.gz)?", re.IGNORECASE)
_COUNCIL_TABLE = re.compile(
    r"(?:speakers?|meta|speech(?:es)?_subcorpus|meta_subcorpus)\.(?:csv|tsv)(?:\.gz)?", re.IGNORECASE
)
_README = re.compile(r"read[ _-]?me.*\.txt(?:\.gz)?", re.IGNORECASE)
_FIRST_YEAR = 1945  # the year of session 0: session N met in the year 1945 + N
_SPEAKER = ("speaker", "speaker_name", "name_of_person_speaking")
_COUNTRY = ("country", "country_code", "country_org", "iso_code", "iso3", "iso", "country_name")
_CONTEXT = ("title", "context", "topic", "agenda", "agenda_item")
_EC = {"EC": "EU"}  # the code under which the European Union once spoke


@dataclass(frozen=True, slots=True)
class Speech:
    """What is known of the speaker of a whole text."""

    speaker: str = ""
    country: str = ""  # a name or a code


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a speech before it is read."""

    speech: Speech
    context: str
    date: str  # ISO 8601, or the year alone


def without_descriptions(sources: Iterable[Source]) -> tuple[tuple[Source, ...], tuple[Source, ...]]:
    """Leave out the tables about speeches, where the speeches are there too, and the texts that describe the corpus.

    :param sources: All sources of a run.
    :returns: The sources that remain, and the texts ("readme") that do not.
    """
    sources = tuple(sources)
    tables = {path.resolve() for path in table_paths(sources)}
    places = {place for folder in _folders(sources) for place in _places(*folder)}
    kept: list[Source] = []
    readmes: list[Source] = []
    for source in sources:
        if source.path and _README.fullmatch(source.path.name) and source.path.absolute().parent in places:
            readmes.append(source)
        elif source.path is None or not tables or source.path.resolve() not in tables:
            kept.append(source)
    return tuple(kept), tuple(readmes)


def table_paths(sources: Iterable[Source]) -> tuple[Path, ...]:
    """Return the tables that lie beside the speeches of a run, sorted."""
    return tuple(sorted({path for folder in _folders(sources) for path in _tables(*folder)}))


def check_tables(sources: Iterable[Source]) -> None:
    """Read the tables beside the speeches of a run, so that a damaged one stops it before it has begun.

    :param sources: All sources of a run.
    :raises InputError: If a table is damaged.
    """
    for folder in sorted(_folders(sources)):
        _merged(*folder)


def row_speech(row: Mapping[str, Any]) -> Speech:
    """Read the speaker of a speech from the columns of a table.

    :param row: The row.
    """
    return Speech(_first(row, _SPEAKER), _first(row, _COUNTRY))


def row_context(row: Mapping[str, Any]) -> tuple[str, str]:
    """Read the context and the date of a speech from the columns of a table.

    A General Debate, which a table gives as the numbers of a session and a year, is named as in the corpus.

    :param row: The row.
    :returns: The context, and an ISO 8601 date, or a year alone.
    """
    session, year = (whole_number(_first(row, (name,))) for name in ("session", "year"))
    context = _first(row, _CONTEXT)
    if not context and session is not None and year is not None and is_session(session, year):
        context = debate_context(session, year)
    return context, _first(row, ("date",)) or (str(year) if year is not None and 1000 <= year < 3000 else "")


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the first of some columns that says anything, whatever the size of the letters of its name."""
    known = {re.sub(r"[\W_]+", "_", name.lower()): value for name, value in row.items()}
    return next((text for name in names if (text := as_text(known.get(name)).strip())), "")


def _folders(sources: Iterable[Source]) -> set[tuple[Path, str]]:
    """Return the folders with speeches, each with the name of its corpus."""
    found = set()
    for source in sources:
        corpus = "debate" if _debate(source) else "council" if _council(source) else ""
        if corpus and source.path is not None:
            found.add((source.path.absolute().parent, corpus))
    return found


def describe(source: Source) -> Described | None:
    """Say who holds a speech, when and on what.

    :param source: The file.
    :returns: What its name and the tables say; None if it does not bear the name of a speech.
    :raises InputError: If a table beside it is damaged.
    """
    if source.path is None:
        return None
    folder = source.path.absolute().parent
    if match := _debate(source):
        code, session, year = match["code"], int(match["session"]), match["year"]
        name = _merged(folder, "debate").get((str(session), code.lower()), {}).get("speaker", "")
        return Described(Speech(name, _EC.get(code, code)), debate_context(session, year), year)
    if match := _council(source):
        tables = _merged(folder, "council")
        meeting = re.sub(r"[\W_]", "", match["meeting"]).lower()
        row = {**tables.get((meeting,), {}), **tables.get((meeting, str(int(match["number"]))), {})}
        year = match["year"]
        topic = row.get("topic") or f"UN Security Council, meeting S/PV.{match['meeting']} ({year})"
        date = dateline(row.get("date", "")) or year
        return Described(Speech(row.get("speaker", ""), row.get("country", "")), topic, date)
    return None


def debate_context(session: int, year: int | str) -> str:
    """Name a General Debate as the contexts that models were trained on do."""
    return f"UN General Debate, session {session} ({year})"


def is_session(session: int, year: int) -> bool:
    """Tell whether a session of the General Assembly opened in a year."""
    return session > 0 and year - session == _FIRST_YEAR


def _debate(source: Source) -> re.Match[str] | None:
    match = _DEBATE.fullmatch(source.path.name) if source.path is not None else None
    return match if match and is_session(int(match["session"]), int(match["year"])) else None


def _council(source: Source) -> re.Match[str] | None:
    return _COUNCIL.fullmatch(source.path.name) if source.path is not None else None


def _tables(folder: Path, corpus: str) -> tuple[Path, ...]:
    """Return the tables in the folder of a speech, or else above it: the nearest folder that holds one counts."""
    return _listed(tuple((place, place.stat().st_mtime_ns) for place in _places(folder, corpus)), corpus)


def _places(folder: Path, corpus: str) -> list[Path]:
    """Return the folders in which the tables about the speeches in a folder may lie, the nearest first."""
    levels = 3 if corpus == "debate" else 2
    return [place for place in [folder, *folder.parents][:levels] if place.is_dir()]


@lru_cache(maxsize=256)
def _listed(places: tuple[tuple[Path, int], ...], corpus: str) -> tuple[Path, ...]:
    """Look for tables in some folders; kept until one of them changes, as a folder may hold 100,000 speeches."""
    pattern = _DEBATE_TABLE if corpus == "debate" else _COUNCIL_TABLE
    for place, _ in places:
        try:
            names = sorted(filter(pattern.fullmatch, os.listdir(place)))  # noqa: PTH208
            paths = tuple(path for name in names if (path := Path(place, name)).is_file())
        except PermissionError:  # a folder above that is not the user's
            continue
        if paths:
            return paths
    return ()


def _merged(folder: Path, corpus: str) -> Mapping[tuple[str, ...], Mapping[str, str]]:
    state = tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in _tables(folder, corpus))
    return _read(state, corpus)


@lru_cache(maxsize=8)
def _read(state: tuple[tuple[Path, int, int], ...], corpus: str) -> Mapping[tuple[str, ...], Mapping[str, str]]:
    """Read tables into one, by the key of a speech or of a meeting; the first to say a thing counts."""
    merged: dict[tuple[str, ...], dict[str, str]] = {}
    for path, _, _ in state:
        for key, values in read_debate(path) if corpus == "debate" else read_council(path, _COUNCIL):
            row = merged.setdefault(key, {})
            for name, value in values.items():
                row.setdefault(name, value)
    return merged
