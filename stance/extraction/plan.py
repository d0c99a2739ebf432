"""What the rules make of a paragraph: its sentences, with the quotes and reported clauses in each."""

from __future__ import annotations

from dataclasses import dataclass

from stance.extraction.according import Range, Report
from stance.extraction.cues import find_cues
from stance.extraction.direct import Speech, find_speech, find_unquoted
from stance.extraction.layout import Line
from stance.extraction.quotes import find_quotes
from stance.extraction.reported import find_reports
from stance.extraction.tokens import Token, sentences, tokenize


@dataclass
class Plan:
    """A sentence, and what is said in it; all numbers but those of the tokens are token indices."""

    tokens: list[Token]
    speeches: list[Speech]
    reports: list[Report]
    unquoted: tuple[int, Range] | None = None  # where words without marks begin behind a colon, and their speaker


def plan_line(text: str, line: Line) -> list[Plan]:
    """Read a paragraph by rules.

    :param text: The whole text.
    :param line: The paragraph.
    :returns: One plan a sentence, in the order of the text.
    """
    plans = []
    for tokens in sentences(text, tokenize(text, line.start, line.end, find_quotes(text, line.start, line.end))):
        cues = find_cues(tokens)
        speeches = find_speech(text, tokens, cues)
        speakers = {speech.cue: speech.subject for speech in speeches if speech.cue is not None}
        reports = find_reports(tokens, cues, speakers, {speech.at for speech in speeches})
        plans.append(Plan(tokens, speeches, reports, find_unquoted(tokens, cues)))
    return plans
