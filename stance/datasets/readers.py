"""Read the files of the public sources: each reader turns one file into the documents that labels point into."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import yaml

from stance.datasets.normalise import (
    curly_quotes,
    detokenised,
    paragraphs,
    squeeze,
    without_directions,
    without_markdown,
)
from stance.errors import InputError

WHOLE_FILE = ""  # the key of a file that holds one document
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_DATELINE = re.compile(r"\A[^.]{0,60}\(KCNA\)\s*--\s*")
_JS_STRING = r"('(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\")"
_MESSAGE_START = re.compile(r"^\s*(?=id: ')", re.MULTILINE)
_MESSAGE_FIELD = re.compile(r"^\s*(id|name|date|text): " + _JS_STRING, re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class SourceText:
    """A document as a source holds it, in every reading that a label's hash may have been taken of."""

    titles: tuple[str, ...]
    texts: tuple[str, ...]


Documents = dict[str, SourceText]  # by document id


def source_text(title: str, *readings: Iterable[str]) -> SourceText:
    """Gather the readings of a document, each with straight and with curly quotes.

    :param title: The headline or the agenda item.
    :param readings: Paragraphs, normalised in one way or another.
    """
    texts = ["\n\n".join(form) for parts in readings for form in _quote_forms(list(parts))]
    return SourceText(tuple(dict.fromkeys([title, curly_quotes(title)])), tuple(dict.fromkeys(texts)))


def read_documents(reader: str, raw: bytes, path: str) -> Documents:
    """Read a source file.

    :param reader: The name of the reader, as in the table of sources.
    :param raw: The bytes of the file.
    :param path: The path of the file in its repository.
    :returns: The documents by their ids, or one under ``WHOLE_FILE``.
    :raises InputError: If the file does not have the form that the reader knows.
    """
    try:
        return _READERS[reader](raw.decode("utf-8-sig", errors="replace"), path)
    except (ValueError, LookupError, TypeError, AttributeError, yaml.YAMLError, csv.Error) as error:
        raise InputError(f"{path} has not the form that was expected ({error}); fetch it again") from error


def _quote_forms(parts: list[str]) -> Iterable[list[str]]:
    yield parts
    yield [curly_quotes(part) for part in parts]


def _plain_speech(text: str, path: str) -> Documents:
    # Some files break lines behind a hyphen: the hash may have been taken with or without a blank there.
    joined = re.sub(r"(?<=\w-)\s*\n\s*(?=\w)", "", text)
    return {WHOLE_FILE: source_text("", [squeeze(joined)], [squeeze(text)])}


def _plain_news(text: str, path: str) -> Documents:
    title = PurePosixPath(path).stem.partition("_")[2].partition("_")[2].replace("-", " ")
    lines = [squeeze(line) for line in text.splitlines() if line.strip()]
    return {WHOLE_FILE: source_text(title, paragraphs(text), lines, [detokenised(line) for line in lines])}


def _markdown(text: str, path: str) -> Documents:
    text = text.replace("\r\n", "\n")
    front = _FRONT_MATTER.match(text)
    body = text[front.end() :] if front else text
    heading = re.match(r"\s*# (.*)", body)
    title = str(yaml.safe_load(front.group(1))["title"]) if front else heading.group(1) if heading else ""
    plain = paragraphs(without_markdown(body))
    return {WHOLE_FILE: source_text(squeeze(title), [without_directions(part) for part in plain], plain)}


def _article_object(text: str, path: str) -> Documents:
    article = json.loads(text)
    readings = [paragraphs(article["content_original"])] if article.get("content_original") else []
    tokenised = [detokenised(squeeze(line)) for line in (article.get("content") or "").splitlines()]
    return {WHOLE_FILE: source_text(squeeze(article["title"] or ""), *readings, tokenised)}


def _sentence_object(text: str, path: str) -> Documents:
    sentences = [squeeze(_longest_text(sentence)) for sentence in json.loads(text)["sentences"]]
    return {WHOLE_FILE: source_text(sentences[0], [sentences[0], " ".join(sentences[1:])])}


def _headline_list(text: str, path: str) -> Documents:
    documents: Documents = {}
    for article in json.loads(text):
        title = squeeze(article["headline"])
        lines = [squeeze(line) for line in article["story_text"].removesuffix("-0-").splitlines() if line.strip()]
        lines[:1] = [_DATELINE.sub("", line) for line in lines[:1]]
        name = re.sub(r"[^A-Za-z0-9]+", "_", title)[:50]
        _add(documents, f"KCNA_{article['date_str']}_{name}", source_text(title, lines))
    return documents


def _message_script(text: str, path: str) -> Documents:
    documents: Documents = {}
    for entry in _MESSAGE_START.split(text):
        message = {name: re.sub(r"\\(.)", r"\1", value[1:-1]) for name, value in _MESSAGE_FIELD.findall(entry)}
        if message.keys() >= {"id", "name", "date", "text"}:
            name = f"UKRPRES_{message['date'][:10]}_{re.sub(r'[^A-Za-z0-9]', '_', message['id'])}"
            parts = paragraphs(without_markdown(message["text"]))
            _add(documents, name, source_text(squeeze(message["name"]), parts))
    return documents


def _add(documents: Documents, name: str, document: SourceText) -> None:
    """Add a document; a source may list one twice, whole and as a photo without text, or two of one name."""
    known = documents.get(name, SourceText((), ()))
    documents[name] = SourceText(known.titles + document.titles, known.texts + document.texts)


def _sentence_table(text: str, path: str) -> Documents:
    speeches: dict[str, list[str]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        speech = "_".join(row["file_id"].split("_")[:4])
        speeches.setdefault(speech, []).append(detokenised(squeeze(row["sentence_text"])))
    return {speech: source_text("", [" ".join(sentences)]) for speech, sentences in speeches.items()}


def _speech_table(text: str, path: str) -> Documents:
    days: dict[str, list[str]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        days.setdefault(f"PUTIN_{row['date'][:10]}", []).append(squeeze(row["words"]))
    return {day: source_text("", speeches) for day, speeches in days.items()}


def _longest_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    texts = [item for item in value.values() if isinstance(item, str)]
    return max(texts, key=len)


_READERS: dict[str, Callable[[str, str], Documents]] = {
    "plain_speech": _plain_speech,
    "plain_news": _plain_news,
    "markdown": _markdown,
    "article_object": _article_object,
    "sentence_object": _sentence_object,
    "headline_list": _headline_list,
    "message_script": _message_script,
    "sentence_table": _sentence_table,
    "speech_table": _speech_table,
}
