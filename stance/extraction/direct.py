"""Direct speech: which quotes of a paragraph are somebody's own words, and the cue that says whose."""

from __future__ import annotations

from typing import NamedTuple

from stance.extraction import words
from stance.extraction.adjuncts import skip_adjuncts
from stance.extraction.complements import content_start
from stance.extraction.cues import Cue, inverted_subject
from stance.extraction.phrases import looks_finite, starts_phrase
from stance.extraction.reported import named_in_document, subject_of_joined
from stance.extraction.subjects import phrase_after, subject_before
from stance.extraction.tokens import Token

Range = tuple[int, int]
_POSTING = frozenset(("write", "post", "tweet", "say", "reply", "respond", "add", "answer"))
_FINAL = ",.?!…—–-"


class Speech(NamedTuple):
    """A direct quote; numbers are token indices in its sentence."""

    at: int  # the quote
    subject: Range | None  # first and last token of its speaker, None where the sentence names none
    cue: int | None  # the verb (or colon) that attributes it


def find_speech(text: str, tokens: list[Token], cues: list[Cue]) -> list[Speech]:
    """Find the quotes of a sentence that are direct speech.

    :param text: The whole text.
    :param tokens: The tokens of the sentence.
    :param cues: Its cues.
    :returns: Direct quotes in the order of the sentence.
    """
    found: list[Speech] = []
    for index, token in enumerate(tokens):
        if token.quote is None:
            continue
        speech = _speech(text, tokens, cues, index, found[-1] if found else None)
        if speech is not None:
            found.append(speech)
    return found


def _speech(text: str, tokens: list[Token], cues: list[Cue], at: int, last: Speech | None) -> Speech | None:
    begin = at
    while begin > 0 and tokens[begin - 1].text in "-–—()*•·":
        begin -= 1
    if begin == 0 or (last is not None and last.at == at - 1):
        return _opening_quote(text, tokens, cues, at)
    before = tokens[at - 1]
    if before.text == ":":
        return _after_colon(tokens, cues, at)
    if last is not None and last.cue is not None and before.text in ",.;:-–—" and _only_attribution(tokens, last, at):
        return Speech(at, last.subject, last.cue)
    own = _attribution_behind(tokens, cues, at)
    if before.text in ".?!" and own is not None:
        return own
    if before.text == "," and at > 3 and tokens[at - 2].lower == "words":  # "in his words, ..."
        begin = next((i for i in range(at - 3, -1, -1) if tokens[i].lower == "in"), at - 4)
        return Speech(at, (begin + 1, at - 3), None)
    cue = _cue_in_front(tokens, cues, at)
    if cue is None:
        if own is not None and before.text in ";—–" and _sayable(text, tokens[at]):
            return own
        return None
    if before.text == "," or (_sayable(text, tokens[at]) and "speech" in cue.verb.frames):
        subject = _subject_of(tokens, cue, at)
        return Speech(at, subject, cue.at) if subject else None
    return None


def _sayable(text: str, token: Token) -> bool:
    """Whether a quote looks like a sentence rather than a phrase."""
    assert token.quote is not None
    words_in = text[token.quote.start : token.quote.end]
    return words_in[:1].isupper() and words_in.count(" ") >= 2


def _opening_quote(text: str, tokens: list[Token], cues: list[Cue], at: int) -> Speech | None:
    """Judge a quote at the start of a sentence."""
    quote = tokens[at].quote
    assert quote is not None
    attributed = _attribution_behind(tokens, cues, at)
    if attributed is not None:
        return attributed
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    ends = text[quote.end - 1] in _FINAL or not quote.closed
    long = quote.end - quote.start > 60 and text[quote.start].isupper()  # with a mark out of place behind it
    ends = ends or long
    if (
        following is None
        or following.text in ".-–—()*"
        or (ends and (following.quote is not None or following.is_capital))
    ):
        return Speech(at, None, None) if ends or quote.end - quote.start > 25 else None
    return None


def _attribution_behind(tokens: list[Token], cues: list[Cue], at: int) -> Speech | None:
    """Find "NAME said" or "said NAME" directly behind a quote."""
    start = at + 1
    while start < len(tokens) and tokens[start].text in ",.-–—*":
        if tokens[start].text == "." and start > at + 1:
            break
        start += 1
    for cue in cues:
        if cue.group < start:
            continue
        if cue.verb.form == "ing" or not ({"speech", "clause"} & cue.verb.frames):
            continue
        if tokens[cue.at].lower == "quoted" and cue.group - start < 12:
            return Speech(at, cue.subject, cue.at)
        if cue.group == start:
            subject = inverted_subject(tokens, cue)
            return Speech(at, subject, cue.at) if subject else None
        if cue.group - start > 24:
            return None
        if cue.subject is not None and cue.subject[0] == start:
            return Speech(at, cue.subject, cue.at)
        if not starts_phrase(tokens[start]) or any(tokens[i].quote for i in range(start, cue.group)):
            return None
        subject = phrase_after(tokens, start)
        if (
            subject is not None
            and not any(looks_finite(tokens, i) for i in range(start, subject[1] + 1))
            and (
                subject[1] + 1 >= cue.group
                or tokens[subject[1] + 1].text in ",("
                or tokens[subject[1] + 1].lower in words.PREPOSITIONS
            )
        ):
            return Speech(at, subject, cue.at)
        return None
    return _signed(tokens, at)


def _signed(tokens: list[Token], at: int) -> Speech | None:
    """Read a quote that a dash and a name close, as pull quotes do."""
    if at + 2 >= len(tokens) or tokens[at + 1].text not in ("—", "–", "-", "--") or not tokens[at + 2].is_capital:
        return None
    subject = phrase_after(tokens, at + 2)
    closing = subject[1] + 1 if subject else len(tokens)
    return Speech(at, subject, None) if subject and (closing >= len(tokens) or tokens[closing].text in ".,") else None


def find_unquoted(tokens: list[Token], cues: list[Cue]) -> tuple[int, Range] | None:
    """Find words that stand behind a colon without marks, as in "the envoy writes on X: we are ready".

    :param tokens: The tokens of a sentence.
    :param cues: Its cues.
    :returns: The index of the first word and the first and last token of the speaker, or None.
    """
    for index in range(2, len(tokens) - 2):
        if tokens[index].text != ":" or tokens[index + 1].quote is not None:
            continue
        if any(token.quote is not None for token in tokens):
            return None
        cue = _cue_in_front(tokens, cues, index + 1)
        if cue is not None and cue.verb.lemma in _POSTING and _leads_up(tokens, cue, index + 1):
            subject = _subject_of(tokens, cue, index)
            return (index + 1, subject) if subject else None
        return None
    return None


def _after_colon(tokens: list[Token], cues: list[Cue], at: int) -> Speech:
    own = _attribution_behind(tokens, cues, at)
    if own is not None:
        return own
    cue = _cue_in_front(tokens, cues, at)
    if cue is not None:
        subject = _subject_of(tokens, cue, at)
        if subject is not None:  # a cue with a content of its own before the colon stays free for it
            return Speech(at, subject, cue.at if _leads_up(tokens, cue, at) else at - 1)
    earlier = [cue for cue in cues if cue.at < at and cue.subject is not None]
    if earlier:
        return Speech(at, earlier[-1].subject, at - 1)
    return Speech(at, _label(tokens, at - 1), at - 1)


def _label(tokens: list[Token], colon: int) -> Range | None:
    """Find the speaker in front of a colon: "The mayor, Ada Holm: ..." or "14.20 Minister Ada Holm: ..."."""
    start = 0
    while start < colon and (
        not tokens[start].is_word or tokens[start].text[0].isdigit() or tokens[start].lower in ("and", "but")
    ):
        start += 1
    for index in range(start, colon):  # a clause whose verb stands before the colon
        if looks_finite(tokens, index) and index > start:
            return subject_before(tokens, index, start)
    for index in range(start + 1, colon):
        if tokens[index].text in "—–-":
            start = index + 1
    return phrase_after(tokens, start) if start < colon else None


def _cue_in_front(tokens: list[Token], cues: list[Cue], at: int) -> Cue | None:
    """Find the cue that leads up to a quote, with at most a hearer or a circumstance in between."""
    for cue in reversed(cues):
        if cue.at >= at or not ({"speech", "clause", "wh"} & cue.verb.frames):
            continue
        between = tokens[cue.after : at]
        if any(token.quote is not None or token.lower == "that" or token.text in ";.?!" for token in between):
            return None
        if tokens[at - 1].text in ",:":
            clause = tokens[at - 1].text == "," and any(looks_finite(tokens, i) for i in range(cue.after, at))
            return cue if len(between) < 24 and not clause else None
        return cue if skip_adjuncts(tokens, cue.after, False) >= at or _ends_hearer(tokens, cue, at) else None
    return None


def _leads_up(tokens: list[Token], cue: Cue, at: int) -> bool:
    """Whether nothing but a hearer or a circumstance stands between a cue and the colon before a quote."""
    start = content_start(tokens, cue)
    return (
        start is None
        or start >= at - 1
        or (cue.verb.lemma == "tell" and not any(looks_finite(tokens, i) for i in range(cue.after, at)))
    )


def _ends_hearer(tokens: list[Token], cue: Cue, at: int) -> bool:
    return (
        cue.verb.lemma == "tell"
        and at - cue.after < 6
        and not any(looks_finite(tokens, i) for i in range(cue.after, at))
    )


def _subject_of(tokens: list[Token], cue: Cue, stop: int) -> Range | None:
    if cue.subject is not None:
        return named_in_document(tokens, cue.subject)
    if cue.joined:
        return subject_of_joined(tokens, cue)
    found = inverted_subject(tokens, cue)
    return found if found and found[1] < stop else None


def _only_attribution(tokens: list[Token], last: Speech, at: int) -> bool:
    """Whether only the attribution of the last quote stands between it and the quote ``at``."""
    return not any(token.text == ";" for token in tokens[last.at : at]) and at - last.at < 40
