"""The tables that come with corpora of UN speeches: who spoke, for which country, when and on what."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from stance.errors import InputError
from stance.inference.sources import Source, open_text, text_encoding
from stance.inference.tables import MAX_FIELD, delimiter_of

Entry = tuple[tuple[str, ...], dict[str, str]]  # the key of a speech or a meeting, and what is said of it

# The names that columns have in one release or another, in small letters with "_" for other signs; the first counts.
_COLUMNS = {
    "file": ("filename", "file_name", "file", "doc_id"),
    "basename": ("basename", "base_name", "debate", "meeting_id"),
    "spv": ("spv", "meeting_symbol", "meeting_record", "symbol", "meeting"),
    "number": ("speech", "speech_number", "speech_no", "number"),
    "speaker": ("speaker", "speaker_name", "name", "name_of_person_speaking"),
    "country": ("country", "country_org", "country_organization", "country_organisation", "speaker_country", "nation"),
    "topic": ("topic", "agenda", "agenda_item", "agenda_item_manual", "subject"),
    "date": ("date", "meeting_date"),
    "year": ("year",),
    "month": ("month",),
    "day": ("day",),
    "session": ("session", "session_number"),
    "code": ("iso_code", "iso", "iso3", "country_code", "code"),
}
_NUMBER = re.compile(r"(\d{1,4})(?:\.0)?", re.ASCII)
_NOTHING = frozenset({"", "na", "nan", "none", "null"})
_CODE_FIXES = {
    "CZK": "CSK",
    "DKN": "DNK",
    "PAR": "PRY",
    "PKR": "PRK",
    "POR": "PRT",
    "YDYE": "YMD",
    "ZFA": "ZAF",
}  # slips


def read_debate(path: Path) -> Iterator[Entry]:
    """Read an export of the speakers of the General Debate, keyed by session and code.

    :param path: The table.
    :raises InputError: If it is damaged or lacks a column.
    """
    for row in _rows(path, ("session", "code", "speaker")):
        session, code = row["session"].removesuffix(".0"), row["code"].strip().upper()
        if row["speaker"]:
            yield (session, _CODE_FIXES.get(code, code).lower()), {"speaker": row["speaker"]}


def read_council(path: Path, name: re.Pattern[str]) -> Iterator[Entry]:
    """Read a table of the Security Council Debates, keyed by meeting and number of the speech, or by meeting alone.

    :param path: The table.
    :param name: The names of the files with its speeches.
    :raises InputError: If it is damaged or does not say which speech or meeting a row is about.
    """
    for row in _rows(path, ()):
        key = _council_key(path, row, name)
        values = {field: row[field] for field in ("speaker", "country", "topic") if row.get(field)}
        if date := _date(row):
            values["date"] = date
        if len(key) == 1:
            values = {field: value for field, value in values.items() if field in ("topic", "date")}
        if key[0]:
            yield key, values


def _council_key(path: Path, row: dict[str, str], name: re.Pattern[str]) -> tuple[str, ...]:
    file = row.get("file", "")
    if match := name.fullmatch(file) or name.fullmatch(f"{file}.txt"):
        return _plain(match["meeting"]), str(int(match["number"]))
    meeting = row.get("basename") or row.get("spv")
    if meeting is None:
        raise InputError(
            f"the table {path} names neither the file nor the meeting of a speech (columns such as filename, basename "
            "or spv); download it again, or move it elsewhere if it is another table"
        )
    meeting = _plain(re.sub(r".*PV\.", "", meeting, flags=re.IGNORECASE))
    number = whole_number(row.get("number", ""))
    return (meeting,) if number is None else (meeting, str(number))


def _plain(meeting: str) -> str:
    return re.sub(r"[\W_]", "", meeting.removesuffix(".0")).lower()


def _date(row: dict[str, str]) -> str:
    year, month, day = (whole_number(row.get(name, "")) for name in ("year", "month", "day"))
    if row.get("date") or year is None or month is None or day is None:
        return row.get("date", "")
    return f"{year}-{month:02d}-{day:02d}"


def whole_number(text: str) -> int | None:
    """Read a number of four digits at most, such as a year or a session; None if the text is something else.

    :param text: The number, with ".0" behind it or not.
    """
    match = _NUMBER.fullmatch(text)
    return int(match[1]) if match else None


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Read the rows of a table under the names of ``_COLUMNS``; cells that say nothing are empty."""
    csv.field_size_limit(MAX_FIELD)
    source = Source(path.name, path, Path(path.name.lower().removesuffix(".gz")).suffix)
    encoding, errors = text_encoding(source)
    with open_text(source, encoding, newline="", errors=errors) as stream:
        first = stream.readline()
        stream.seek(0)
        tabs = source.ending == ".tsv"  # in these a quotation mark may stand alone, and cells hold no line breaks
        reader = csv.reader(
            stream, delimiter=delimiter_of(source, first), quoting=csv.QUOTE_NONE if tabs else csv.QUOTE_MINIMAL
        )
        header = [_bare(name) if tabs else name for name in next(reader, [])]
        places = _places(header)
        if missing := [name for name in needed if name not in places]:
            raise InputError(
                f"the table {path} has no column for the {missing[0]} (such as {_COLUMNS[missing[0]][0]}); its columns "
                f"are {', '.join(header)}; export it again, or move it elsewhere if it is another table"
            )
        try:
            for cells in reader:
                cells = [_bare(cell) for cell in cells] if tabs else cells
                shift = len(cells) - len(header)  # 1 where the rows have numbers that the header does not name
                if shift > 1 or (shift == 1 and header and not cells[0].isdigit()):
                    raise csv.Error(f"{len(cells)} cells, the header has {len(header)}")
                cells = cells[max(shift, 0) :] + [""] * max(-shift, 0)
                values = {name: " ".join(cells[at].split()) for name, at in places.items()}
                if any(cells):
                    yield {name: "" if value.lower() in _NOTHING else value for name, value in values.items()}
        except csv.Error as error:
            raise InputError(
                f"the table {path} is damaged at line {reader.line_num} ({error}); get it again"
            ) from error


def _bare(cell: str) -> str:
    """Take the quotation marks around a cell away."""
    cell = cell.strip()
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _places(header: list[str]) -> dict[str, int]:
    names = [re.sub(r"[\W_]+", "_", name.strip().lower()).strip("_") for name in header]
    return {field: names.index(known[0]) for field, options in _COLUMNS.items() if (known := _known(options, names))}


def _known(options: tuple[str, ...], names: list[str]) -> list[str]:
    return [option for option in options if option in names]
