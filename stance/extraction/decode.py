"""From what the network says of each token to quotes and reported clauses with their speakers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stance.extraction.according import Range, Report
from stance.extraction.direct import Speech
from stance.extraction.plan import Plan
from stance.extraction.tokens import Token

LABELS = ("other", "begin", "inside", "quote", "speaker")
OTHER, BEGIN, INSIDE, QUOTE, SPEAKER = range(len(LABELS))
SURE = 0.9  # mean share of a clause in its tokens' scores from which it counts where the rules found none
Floats = NDArray[np.float32]
_EDGE = frozenset(",;:.?!…–—-()[]\"'“”’")
_LEADS = frozenset(("that", "whether"))  # words before a clause that are no part of it
_JOINERS = frozenset(
    (",", "and", "or", "that", "whether", "whereas", "which")
)  # what may stand between two halves of one clause
_JOINED = 12  # tokens at most between two parts of one reported clause
_TIMES = frozenset(("before", "after", "since", "when", "while", "until", "because"))  # they lead up to narration
_BRACKETS = {")": "(", "]": "["}


def decode(plan: Plan, logits: Floats) -> Plan:
    """Turn the logits of a sentence into quotes and reported clauses with their speakers.

    :param plan: The sentence, with the answer of the rules.
    :param logits: The logits of each token, (n_tokens, n_labels).
    :returns: The sentence with the answer of the network.
    """
    tokens = plan.tokens
    scores = logits.copy()
    for index, token in enumerate(tokens):
        if token.quote is None:
            scores[index, QUOTE] = -np.inf
        else:
            scores[index, SPEAKER] = -np.inf
    labels = best_path(scores)
    speakers = [part for run in _runs(labels, (SPEAKER,)) if (part := _trimmed(tokens, run, _EDGE)) is not None]
    clauses = [
        part
        for run in _clauses(tokens, labels)
        if (part := _trimmed(tokens, run, _EDGE | _LEADS)) is not None and _credible(plan, part, logits)
    ]
    quotes = [index for index, label in enumerate(labels) if label == QUOTE]
    contents = sorted([*clauses, *((index, index + 1) for index in quotes)])
    ruled = {speech.at: speech for speech in plan.speeches}
    speeches = [
        ruled[at]
        if at in ruled and ruled[at].subject is not None
        else Speech(at, _speaker((at, at + 1), speakers, contents), None)
        for at in quotes
    ]
    reports: list[Report] = []
    for clause in clauses:
        ruled_here = _ruled(clause, plan.reports)
        subject = _speaker(clause, speakers, contents) or (ruled_here.subject if ruled_here else None)
        last = reports[-1] if reports else None
        if last and last.subject == subject is not None and _split_by(tokens, last.ranges[-1], clause, subject):
            reports[-1] = Report((*last.ranges, clause), subject, last.cue)
        else:
            reports.append(Report((clause,), subject, -1))
    return Plan(tokens, speeches, reports, plan.unquoted)


def best_path(scores: Floats) -> NDArray[np.int64]:
    """Return the labels with the highest sum of scores in which a clause never goes on that has not begun.

    (Viterbi 1967, "Error Bounds for Convolutional Codes", with transitions that are free or forbidden.)

    :param scores: The scores of each token, (n_tokens, n_labels).
    :returns: One label a token.
    """
    n_tokens = len(scores)
    sums, back = scores[0].copy(), np.zeros((n_tokens, len(LABELS)), dtype=np.int64)
    sums[INSIDE] = -np.inf
    for index in range(1, n_tokens):
        back[index] = sums.argmax()
        back[index, INSIDE] = INSIDE if sums[INSIDE] > sums[BEGIN] else BEGIN
        sums = sums[back[index]] + scores[index]
    labels = np.zeros(n_tokens, dtype=np.int64)
    labels[-1] = sums.argmax()
    for index in range(n_tokens - 1, 0, -1):
        labels[index - 1] = back[index, labels[index]]
    return labels


def _runs(labels: NDArray[np.int64], of: tuple[int, ...]) -> list[Range]:
    """Return the stretches of tokens that bear one of some labels."""
    runs: list[Range] = []
    for index, label in enumerate(labels):
        if label not in of:
            continue
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs


def _clauses(tokens: Sequence[Token], labels: NDArray[np.int64]) -> list[Range]:
    """Return the reported clauses: one begins where the network says so, but not behind a mere "and that"."""
    clauses: list[Range] = []
    for start, end in _runs(labels, (BEGIN, INSIDE)):
        cuts = [start, *(index for index in range(start + 1, end) if labels[index] == BEGIN), end]
        for part in pairwise(cuts):
            last = clauses[-1] if clauses else None
            gap = tokens[last[1] : part[0]] if last is not None else []
            if last is not None and gap and all(token.lower in _JOINERS for token in gap):
                clauses[-1] = (last[0], part[1])
            else:
                clauses.append(part)
    return clauses


def _trimmed(tokens: Sequence[Token], run: Range, edge: frozenset[str]) -> Range | None:
    """Take marks off both ends, and words that only lead up to a clause off its beginning; brackets stay in pairs."""
    start, end = run
    while start < end and tokens[start].quote is None and tokens[start].lower in edge:
        start += 1
    while end > start and tokens[end - 1].quote is None and tokens[end - 1].text in _EDGE:
        opening = _BRACKETS.get(tokens[end - 1].text)
        if opening and any(token.text == opening for token in tokens[start : end - 1]):
            break
        end -= 1
    return (start, end) if end > start else None


def _credible(plan: Plan, clause: Range, logits: Floats) -> bool:
    """Whether a clause is long enough, and the network sure enough of it where the rules found none there."""
    start, end = clause
    words = [token for token in plan.tokens[start:end] if token.is_word or token.quote is not None]
    leads = not any(token.is_word for token in plan.tokens[:start])  # "Nobody, the envoy said, had come"
    if len(words) < 2 and not leads and not any(token.quote is not None for token in words):
        return False
    if _ruled(clause, plan.reports) is not None:
        return True
    before = plan.tokens[start - 1].lower if start else ""
    if before in _TIMES or (end < len(plan.tokens) and plan.tokens[end].is_capital and plan.tokens[end - 1].is_capital):
        return False  # "before Russia left", or one half of a name
    odds = np.exp(logits[start:end] - logits[start:end].max(axis=1, keepdims=True))
    return bool((odds[:, [BEGIN, INSIDE]].sum(axis=1) / odds.sum(axis=1)).mean() >= SURE)


def _speaker(content: Range, speakers: Sequence[Range], contents: Sequence[Range]) -> Range | None:
    """Find whose a content is: of the speaker before it, behind it, or before an earlier content, in this order."""

    def free(start: int, end: int) -> bool:
        return not any(start <= a and b <= end for a, b in contents)

    before = [run for run in speakers if run[1] <= content[0]]
    behind = [run for run in speakers if run[0] >= content[1]]
    if before and free(before[-1][1], content[0]):
        found = before[-1]
    elif behind and free(content[1], behind[0][0]):
        found = behind[0]
    elif before:
        found = before[-1]
    else:
        return None
    return found[0], found[1] - 1


def _ruled(clause: Range, reports: Sequence[Report]) -> Report | None:
    """Return what the rules found where this clause stands."""
    for report in reports:
        if any(start < clause[1] and clause[0] < end for start, end in report.ranges):
            return report
    return None


def _split_by(tokens: Sequence[Token], one: Range, other: Range, subject: Range) -> bool:
    """Whether only the naming of the speaker, between commas or dashes, stands between two parts of a clause."""
    return (
        one[1] <= subject[0]
        and subject[1] < other[0]
        and other[0] - one[1] <= _JOINED
        and tokens[other[0] - 1].text in ",-–—"
    )
