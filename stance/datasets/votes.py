"""How labels were made: counts of readings, hesitations and adjudications, from the votes of the readers."""

from __future__ import annotations

from collections.abc import Iterable

from stance.datasets.records import LabelledStatement

HESITATED = "?"  # behind an answer
BROKEN = "!"  # broken text, or nobody's statement


def vote_summary(records: Iterable[LabelledStatement]) -> dict[str, int]:
    """Count how often statements were read and how the readers decided.

    Where a statement was adjudicated, its last vote is the adjudicator's and is not counted as a reading.

    :param records: The statements, with their votes.
    :returns: ``statements``; ``without_votes``, ``read_once`` and ``read_twice_or_more``, which add up to it;
        ``adjudicated``; ``hesitated`` and ``called_broken``, statements of which at least one reader did so.
    """
    names = (
        "statements",
        "without_votes",
        "read_once",
        "read_twice_or_more",
        "adjudicated",
        "hesitated",
        "called_broken",
    )
    summary = dict.fromkeys(names, 0)
    for record in records:
        readings = len(record.votes) - record.adjudicated
        summary["statements"] += 1
        summary["without_votes" if readings < 1 else "read_once" if readings == 1 else "read_twice_or_more"] += 1
        summary["adjudicated"] += record.adjudicated
        summary["hesitated"] += any(HESITATED in vote for vote in record.votes)
        summary["called_broken"] += any(BROKEN in vote for vote in record.votes)
    return summary
