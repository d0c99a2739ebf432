"""Indirect and mixed speech of a sentence: the clause that a cue reports, before it, behind it or around it."""

from __future__ import annotations

from stance.extraction import words
from stance.extraction.according import Range, Report, according_to, clause_floor, clause_stop
from stance.extraction.adjuncts import skip_adjuncts
from stance.extraction.complements import content_end, content_start
from stance.extraction.cues import Cue, inverted_subject
from stance.extraction.phrases import looks_finite
from stance.extraction.subjects import antecedent, subject_before
from stance.extraction.tokens import Token
from stance.extraction.words import word_set

_JOINERS = word_set("and but while whereas though although then with")
_DOCUMENTS = word_set("statement note dispatch letter report message post communique article commentary bulletin text")


def find_reports(
    tokens: list[Token],
    cues: list[Cue],
    speakers: dict[int, Range | None],
    quotes: set[int] | frozenset[int] = frozenset(),
) -> list[Report]:
    """Find the reported clauses of a sentence.

    :param tokens: The tokens of the sentence.
    :param cues: Its cues.
    :param speakers: The speakers of the cues that attribute a direct quote, by the index of the verb.
    :param quotes: Indices of the direct quotes, where a content ends.
    :returns: Reports in the order of their cues.
    """
    reports = according_to(tokens)
    taken = [span for report in reports for span in report.ranges]
    left = _left_reports(tokens, cues, speakers)
    reports += [
        report for report in left if not any(_overlap(span, other) for span in report.ranges for other in taken)
    ]
    taken = [span for report in reports for span in report.ranges]
    previous: Range | None = None
    for number, cue in enumerate(cues):
        if cue.at in speakers:
            previous = speakers[cue.at]
            continue
        mine = next((report for report in reports if report.cue == cue.at), None)
        if mine is not None:
            previous = mine.subject
            continue
        if any(first <= cue.at < last for first, last in taken):
            continue
        report = _right_report(tokens, cues, number, previous, quotes)
        if report is not None and not any(_overlap(report.ranges[0], span) for span in taken):
            reports.append(report)
            taken.extend(report.ranges)
            previous = report.subject
    return reports


def _overlap(a: Range, b: Range) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _right_report(
    tokens: list[Token], cues: list[Cue], number: int, previous: Range | None, quotes: set[int] | frozenset[int]
) -> Report | None:
    cue = cues[number]
    start = content_start(tokens, cue)
    if start is None:
        return None
    subject = cue.subject
    if subject is None and cue.joined:
        subject = previous or subject_of_joined(tokens, cue)
    if subject is None:
        return None
    limit = min([_limit(tokens, cues, number, start), *(quote for quote in quotes if quote >= start)])
    end = content_end(tokens, start, limit)
    return Report(((start, end),), named_in_document(tokens, subject), cue.at) if end > start else None


def subject_of_joined(tokens: list[Token], cue: Cue) -> Range | None:
    """Find the subject that a verb behind "and" or a participle shares with the verb before it."""
    for index in range(cue.group - 1, 0, -1):
        if looks_finite(tokens, index) and tokens[index - 1].lower not in ("who", "which", "that", "to"):
            subject = subject_before(tokens, index, 0)
            if subject is not None and not (subject[0] and tokens[subject[0] - 1].lower in ("whether", "if", "what")):
                return subject
    return antecedent(tokens, cue.group - 1) if cue.verb.form == "ing" and cue.group > 1 else None


def named_in_document(tokens: list[Token], subject: Range) -> Range:
    """Turn "a statement from its foreign ministry" into "its foreign ministry"."""
    first, last = subject
    for index in range(first, last - 1):
        if tokens[index].lower in _DOCUMENTS and tokens[index + 1].lower in ("from", "by", "of") and index <= first + 2:
            return index + 2, last
    return subject


def _limit(tokens: list[Token], cues: list[Cue], number: int, start: int) -> int:
    """Find where the next cue of the sentence, or a semicolon before one, ends the content of this cue."""
    cue = cues[number]
    if (
        cue.group
        and tokens[cue.group - 1].lower in ("who", "which")
        and cue.group > 1
        and tokens[cue.group - 2].text == ","
    ):
        comma = next((i for i in range(start, len(tokens)) if tokens[i].text == ","), len(tokens))
        if any(later.group > comma for later in cues[number + 1 :]):  # the main verb follows the relative clause
            return comma
    for later in cues[number + 1 :]:
        if later.group < start:
            continue
        begin = _region_start(tokens, later)
        if begin is not None and begin > start and content_start(tokens, later) is not None:
            return begin
    for index in range(start, len(tokens)):
        if tokens[index].lower == "according" and tokens[index - 1].text == ",":
            return index - 1
    return len(tokens)


def _region_start(tokens: list[Token], cue: Cue) -> int | None:
    """Find the first token that belongs to a cue which stands beside, not within, what came before it."""
    begin = cue.subject[0] if cue.subject else cue.group
    while begin > 0 and cue.subject is None and tokens[begin - 1].lower in words.ADVERBS:
        begin -= 1
    if begin == 0:
        return None
    before = tokens[begin - 1]
    if cue.verb.form == "ing" and cue.joined:
        return begin - 1
    if before.lower in _JOINERS:
        return begin - 2 if begin > 1 and tokens[begin - 2].text == "," else begin - 1
    if before.text == ";" or (before.quote is None and before.text == "—"):
        return begin - 1
    if before.text == "," and cue.subject is not None:  # "; in Rome, the minister said"
        for index in range(begin - 2, max(-1, begin - 10), -1):
            if tokens[index].text == ";" or (tokens[index].lower in _JOINERS and tokens[index - 1].text == ","):
                return index
    return None


def _left_reports(tokens: list[Token], cues: list[Cue], speakers: dict[int, Range | None]) -> list[Report]:
    """Find clauses that stand before their cue: "The road is shut, officials said"."""
    reports = []
    for cue in cues:
        if cue.at in speakers or cue.verb.form == "ing" or not ({"clause", "speech"} & cue.verb.frames):
            continue
        report = _left_report(tokens, cue)
        if report is not None:
            reports.append(report)
    return reports


def _left_report(tokens: list[Token], cue: Cue) -> Report | None:
    after = skip_adjuncts(tokens, cue.after, False)
    if cue.subject is not None and cue.subject[0] > 1 and tokens[cue.subject[0] - 1].text in ",-—–":
        subject, comma = cue.subject, cue.subject[0] - 1
        if after < len(tokens) and tokens[after].is_word and content_start(tokens, cue) is not None:
            return None
        if after < len(tokens) and tokens[after].is_word and not _mere_tail(tokens, after):
            return None
    elif (cue.group > 1 and tokens[cue.group - 1].text == "," and cue.subject is None) or _inverted(tokens, cue):
        found = inverted_subject(tokens, cue)
        if found is None or not _closes(tokens, found[1] + 1):
            return None
        subject, comma, after = found, cue.group - 1, found[1] + 1
    else:
        return None
    floor = clause_floor(tokens, comma)
    if tokens[comma - 1].lower in ("which", "who", "that"):
        floor = comma
    elif comma - floor < 1 or any(
        token.quote is not None and token.quote.end - token.quote.start > 60 for token in tokens[comma - 1 : comma]
    ):
        return None
    has_verb = any(looks_finite(tokens, i) for i in range(floor, comma)) or any(t.quote for t in tokens[floor:comma])
    right: Range | None = None
    if after < len(tokens) - 2 and tokens[after].text == "," and not _other_cue(tokens, after + 1):
        right = (after + 1, content_end(tokens, after + 1, clause_stop(tokens, after + 1)))
    if floor == comma or (
        (tokens[floor].lower in words.PREPOSITIONS and not has_verb) and (right is None or comma - floor < 5)
    ):
        return Report((right,), subject, cue.at) if right is not None and right[1] - right[0] > 2 else None
    if right is None and (comma - floor < 3 or not (has_verb or comma - floor > 5)):
        return None
    ranges = ((floor, comma), right) if right is not None and right[1] > right[0] else ((floor, comma),)
    return Report(ranges, subject, cue.at)


def _inverted(tokens: list[Token], cue: Cue) -> bool:
    return (
        cue.group > 2
        and tokens[cue.group - 1].text == ","
        and cue.verb.lemma in ("say", "add", "report", "announce", "state", "declare", "write")
    )


def _closes(tokens: list[Token], at: int) -> bool:
    return (
        at >= len(tokens)
        or tokens[at].text in ".,;"
        or tokens[at].lower in words.PREPOSITIONS | {"who", "as", "while"} | words.DAYS
    )


def _mere_tail(tokens: list[Token], at: int) -> bool:
    """Whether what follows the verb only tells when, where or how."""
    return tokens[at].lower in words.PREPOSITIONS | {"as", "while", "when", "before", "after", "through"}


def _other_cue(tokens: list[Token], at: int) -> bool:
    return tokens[at].lower.endswith("ing") or tokens[at].lower in (
        "and",
        "but",
        "who",
        "which",
        "in",
        "speaking",
        "as",
        "while",
        "a",
        "after",
    )
