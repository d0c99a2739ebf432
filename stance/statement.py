"""What flows through the package: documents, the statements in them, their speakers and their scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["direct", "indirect", "mixed", "statement"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Document:
    """A text to read: an article, a speech, or one row of a table of statements."""

    doc_id: str
    text: str
    title: str = ""
    date: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)  # the other columns of the input row, kept in the output


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who a statement is attributed to."""

    name: str  # the full name as it stands in the article, "" if nobody is named
    mention: str  # the words that name the speaker at the statement, verbatim
    country: str = ""  # ISO 3166 alpha-3 code, or an organisation's acronym; several joined by a comma
    mention_span: Span | None = None  # character offsets of the mention in the text


@dataclass(frozen=True, slots=True)
class Statement:
    """The words of one speaker in a text.

    Offsets index the text that the user gave: ``text == " ".join(article[a:b] for a, b in spans)``.
    """

    text: str
    sentence: str  # what a model reads: the words themselves, or the whole sentence of reported speech
    kind: Kind
    spans: tuple[Span, ...]  # character offsets, in the order of the text
    context: str = ""
    speaker: Speaker | None = None

    @property
    def start(self) -> int:
        """The offset of the first character."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """The offset behind the last character."""
        return self.spans[-1][1]

    def to_dict(self) -> dict[str, Any]:
        """Return the statement as plain values that JSON can hold."""
        return {
            "text": self.text,
            "sentence": self.sentence,
            "kind": self.kind,
            "spans": [list(span) for span in self.spans],
            "start": self.start,
            "end": self.end,
            "context": self.context,
            "speaker": None
            if self.speaker is None
            else {
                "name": self.speaker.name,
                "mention": self.speaker.mention,
                "country": self.speaker.country,
                "mention_span": list(self.speaker.mention_span) if self.speaker.mention_span else None,
            },
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Statement:
        """Rebuild a statement from what :meth:`to_dict` returned."""
        speaker = data.get("speaker")
        if speaker is not None:
            span = speaker.get("mention_span")
            speaker = Speaker(
                speaker["name"], speaker["mention"], speaker.get("country", ""), (span[0], span[1]) if span else None
            )
        spans = tuple((int(start), int(end)) for start, end in data["spans"])
        return cls(data["text"], data["sentence"], data["kind"], spans, data.get("context", ""), speaker)


@dataclass(frozen=True, slots=True)
class Score:
    """What a model says of one statement."""

    p: Mapping[str, float]  # a calibrated probability per tag
    tags: tuple[str, ...]  # the tags whose probability reaches the model's threshold
    uncertain: tuple[str, ...]  # the tags whose probability lies too near the threshold to rely on
    n_tokens: int  # in tokens, statement and context together
    windowed: bool  # True where the text was longer than the model reads at once


@dataclass(frozen=True, slots=True)
class ScoredStatement:
    """A statement, its score and the name of the model that gave it."""

    statement: Statement
    score: Score
    model: str

    def to_row(self) -> dict[str, Any]:
        """Return the columns of a scored statement, without those that belong to the document."""
        return {**statement_columns(self.statement), **score_columns(self.score), "model": self.model, "error": None}


def statement_columns(statement: Statement) -> dict[str, Any]:
    """Return the output columns that an extracted statement fills."""
    speaker = statement.speaker
    return {
        "kind": statement.kind,
        "text": statement.text,
        "sentence": statement.sentence,
        "spans": [list(span) for span in statement.spans],
        "start": statement.start,
        "end": statement.end,
        "speaker": (speaker.name or speaker.mention) if speaker else "",
        "speaker_mention": speaker.mention if speaker else "",
        "country": speaker.country if speaker else "",
        "context": statement.context,
    }


def score_columns(score: Score) -> dict[str, Any]:
    """Return the output columns that a score fills."""
    return {
        **{f"p_{tag}": round(p, 5) for tag, p in score.p.items()},
        "tags": list(score.tags),
        "uncertain": list(score.uncertain),
        "n_tokens": score.n_tokens,
        "windowed": score.windowed,
    }
