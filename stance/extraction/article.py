"""Statements of an article: quotes and reported clauses of its paragraphs, put together and given their speakers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Literal

from stance.extraction.according import Report
from stance.extraction.direct import Speech
from stance.extraction.labels import find_labelled
from stance.extraction.layout import Line, find_headline, read_lines
from stance.extraction.origins import Origins
from stance.extraction.plan import Plan, plan_line
from stance.extraction.speakers import Cast
from stance.extraction.subjects import leading_phrase
from stance.extraction.tagger import Tagger, release_tagger
from stance.extraction.tokens import Token
from stance.statement import Kind, Span, Speaker, Statement


@dataclass
class Draft:
    """A statement before its speaker is known; all numbers are character offsets."""

    spans: list[Span]
    kind: Kind
    mention: Span | None
    sentence: Span  # from the first sentence that holds speaker, cue and content to the last
    paragraph: Span
    open: bool = False  # True for a quote that the next paragraph carries on
    lead: Span | None = None  # the subject of the sentence before, whom a pronoun may mean
    after: Draft | None = field(default=None, repr=False)  # whose speaker this quote shares, where it names none


def extract(
    text: str, title: str | None = None, tagger: Tagger | Literal["release"] | None = "release"
) -> list[Statement]:
    """Find the statements in an article: quotes, reported speech and mixtures of both, with their speakers.

    Rules read it, and a small network corrects what they found. A text in which nobody is quoted or reported, such as a
    speech in the first person, gives an empty list: that is for :func:`stance.extraction.extract_speech`.

    :param text: The article; the offsets of the statements index this text.
    :param title: Its headline; if None, a headline at the start of the text is taken.
    :param tagger: The network; by default the one that ships with the package, None for rules alone.
    :returns: Statements in the order of the text.
    :raises ModelError: If the network that ships is damaged.
    """
    lines = read_lines(text)
    context = find_headline(text, lines) if title is None else title
    labelled = find_labelled(text, lines)
    plans = _plans(text, lines, labelled)
    reader = release_tagger() if tagger == "release" else tagger
    if reader is not None:
        revised = iter(reader.revise(text, list(chain.from_iterable(plans.values()))))
        plans = {start: list(islice(revised, len(sentences))) for start, sentences in plans.items()}
    drafts: list[Draft] = []
    lead: list[Token] | None = None
    for line in lines:
        if line.start in labelled:
            mention, span = labelled[line.start]
            drafts.append(Draft([span], "direct", mention, span, (line.start, line.end)))
        elif line.start in plans:
            lead = _read_paragraph(text, line, plans[line.start], drafts, lead)
    return _finish(text, context, drafts)


def plan_text(text: str) -> list[Plan]:
    """Read all paragraphs of a text by rules.

    :param text: The text.
    :returns: Its sentences, without those of lines that bear a speaker's name or are no prose.
    """
    lines = read_lines(text)
    return list(chain.from_iterable(_plans(text, lines, find_labelled(text, lines)).values()))


def _plans(text: str, lines: list[Line], labelled: Collection[int]) -> dict[int, list[Plan]]:
    """Read by rules the lines that are prose and bear no speaker's name, each by its offset."""
    return {line.start: plan_line(text, line) for line in lines if not line.noise and line.start not in labelled}


def _read_paragraph(
    text: str, line: Line, plans: list[Plan], drafts: list[Draft], previous: list[Token] | None
) -> list[Token] | None:
    """Add the drafts of one paragraph; return its last sentence if a colon there leads up to the next paragraph."""
    paragraph = (line.start, line.end)
    first = len(drafts)
    for plan in plans:
        tokens = plan.tokens
        found: list[Draft] = []
        _add_speech(text, tokens, plan.speeches, drafts, first, found, paragraph, previous)
        if plan.unquoted is not None:
            start, subject = tokens[plan.unquoted[0]].start, plan.unquoted[1]
            drafts.append(Draft([(start, line.end)], "direct", _offsets(tokens, subject), (start, line.end), paragraph))
            return None
        found.extend(_reported(tokens, report, paragraph) for report in plan.reports)
        taken: list[Span] = []
        for draft in sorted(found, key=lambda draft: draft.kind != "direct"):
            draft.spans = [span for span in draft.spans if not any(span[0] < b and a < span[1] for a, b in taken)]
            taken.extend(draft.spans)
        for draft in found:
            draft.lead = draft.lead or (
                _subject(previous) if previous and draft.sentence[0] == tokens[0].start else None
            )
        drafts.extend(sorted((draft for draft in found if draft.spans), key=lambda draft: draft.spans))
        previous = tokens
    return previous if previous and previous[-1].text == ":" else None


def _add_speech(
    text: str,
    tokens: list[Token],
    speeches: list[Speech],
    drafts: list[Draft],
    first: int,
    found: list[Draft],
    paragraph: Span,
    previous: list[Token] | None,
) -> None:
    """Turn the direct quotes of a sentence into drafts, or into further spans of an earlier one."""
    sentence = (tokens[0].start, tokens[-1].end)
    for speech in speeches:
        quote = tokens[speech.at].quote
        if quote is None:
            continue
        span = (quote.start, quote.end)
        mention = _offsets(tokens, speech.subject)
        last = found[-1] if found else drafts[-1] if len(drafts) > first else None
        same = (
            last is not None
            and last.kind == "direct"
            and (mention is None or mention == last.mention or last.mention is None)
        )
        if last is not None and same and _adjoins(text, last, span, mention, found):
            last.spans.append(span)
            last.mention = last.mention or mention
            last.sentence = (last.sentence[0], sentence[1])
            last.open = not quote.closed
            continue
        draft = Draft([span], "direct", mention, sentence, paragraph, not quote.closed)
        if mention is None:
            if (
                last is None
                and drafts
                and drafts[-1].kind == "direct"
                and len(drafts) == first
                and _carries_on(text, drafts[-1], draft)
            ):
                drafts[-1].spans.append(span)
                drafts[-1].open = not quote.closed
                drafts[-1].paragraph = (drafts[-1].paragraph[0], paragraph[1])
                found.append(drafts.pop())
                continue
            subject = (
                _subject(previous) if previous and (last is None or last.sentence[1] < previous[0].start) else None
            )
            if subject is not None:
                draft.mention = subject
            else:
                draft.after = last or (drafts[-1] if drafts else None)
        elif len(drafts) == first and not found:
            _claim_open(text, drafts, draft)
        found.append(draft)


def _adjoins(text: str, last: Draft, span: Span, mention: Span | None, found: list[Draft]) -> bool:
    """Whether a quote goes on from the statement before it in the same paragraph."""
    if mention is not None and last.mention == mention:
        return True
    return mention is None or ((last.mention is None and last.after is None) or bool(found))


def _carries_on(text: str, last: Draft, draft: Draft) -> bool:
    """Whether a paragraph that is one quote goes on from the quote of the paragraph before."""
    between = text[last.paragraph[1] : draft.paragraph[0]]
    return not between.strip() and (last.open or last.spans[-1][1] + 2 >= last.paragraph[1] or len(last.spans) == 1)


def _claim_open(text: str, drafts: list[Draft], draft: Draft) -> None:
    """Join the quotes of the paragraphs before that were left open for this one."""
    while (
        drafts
        and drafts[-1].open
        and drafts[-1].mention is None
        and not text[drafts[-1].paragraph[1] : draft.paragraph[0]].strip()
    ):
        earlier = drafts.pop()
        draft.spans[:0] = earlier.spans
        draft.paragraph = (earlier.paragraph[0], draft.paragraph[1])


def _subject(tokens: list[Token]) -> Span | None:
    """Find the subject of a sentence that leads up to a quote: "The envoy shook his head."""
    return _offsets(tokens, leading_phrase(tokens))


def _reported(tokens: list[Token], report: Report, paragraph: Span) -> Draft:
    spans = [(tokens[first].start, tokens[last - 1].end) for first, last in sorted(report.ranges)]
    mixed = any(token.quote for first, last in report.ranges for token in tokens[first:last])
    mention = _offsets(tokens, report.subject)
    return Draft(spans, "mixed" if mixed else "indirect", mention, (tokens[0].start, tokens[-1].end), paragraph)


def _offsets(tokens: list[Token], subject: tuple[int, int] | None) -> Span | None:
    return (tokens[subject[0]].start, tokens[subject[1]].end) if subject is not None else None


def _finish(text: str, context: str, drafts: list[Draft]) -> list[Statement]:
    cast, origins = Cast(text), Origins(text)
    speakers: dict[int, Speaker | None] = {}
    statements = []
    for draft in drafts:
        if draft.mention is not None:
            speaker: Speaker | None = _speaker(text, cast, origins, draft)
        else:
            speaker = speakers.get(id(draft.after)) if draft.after is not None else None
        speakers[id(draft)] = speaker
        statements.append(_statement(text, context, draft, speaker))
    return sorted(statements, key=lambda statement: statement.spans)


def _speaker(text: str, cast: Cast, origins: Origins, draft: Draft) -> Speaker:
    assert draft.mention is not None
    start, end = draft.mention
    named = cast.look_up(draft.mention, draft.spans[0][0], draft.lead)
    country = origins.country(named, draft.paragraph, draft.sentence[0])
    return Speaker(named.name, text[start:end], country, draft.mention)


def _statement(text: str, context: str, draft: Draft, speaker: Speaker | None) -> Statement:
    spans = tuple(draft.spans)
    words = " ".join(text[start:end] for start, end in spans)
    if draft.kind == "direct":
        pieces = (text[start:end].strip() for start, end in spans)
        sentence = " ".join(piece[:-1] + "." if piece.endswith(",") else piece for piece in pieces)
    else:
        sentence = text[draft.sentence[0] : draft.sentence[1]]
    return Statement(words, " ".join(sentence.split()), draft.kind, spans, context, speaker)
