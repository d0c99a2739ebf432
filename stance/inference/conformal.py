"""Doubt with a stated error rate: which tags can be given or denied so that at most a chosen share goes wrong.

Split conformal prediction for each tag, and within it for each class (Vovk, Gammerman and Shafer 2005, "Algorithmic
Learning in a Random World", ch. 4.5: Mondrian conformal predictors). Of a statement, the labels "present" and "absent"
of a tag are each kept where the statement is not stranger than all but a share ``error`` of the held-out statements
with that label. An answer is in doubt where the opposite label is kept. If the statements to come are like those held
out, then in the mean over held-out sets at most a share ``error`` of the statements with a tag are surely denied it,
and at most such a share of those without are surely given it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.errors import InputError, ModelError

MAX_ERROR = 0.25  # the largest error rate that a model folder has the probabilities for
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def cutoffs(kept: Mapping[str, Any], tags: Sequence[str], error: float) -> tuple[Floats, Floats]:
    """Return from which probability on a tag may be present, and up to which it may be absent.

    :param kept: What :func:`strangest` returned.
    :param tags: The names of the tags.
    :param error: The share of statements of each class that may go wrong, above 0 and at most :data:`MAX_ERROR`.
    :returns: Two arrays of probabilities, (n_tags,) each; -1 and 2 where too few statements are held out to exclude
        anything.
    :raises InputError: If the error rate is out of reach.
    :raises ModelError: If the model has no held-out probabilities.
    """
    if not 0 < error <= MAX_ERROR:
        raise InputError(f"an error rate of {error} is out of reach; give one above 0 and up to {MAX_ERROR}")
    if not kept:
        raise ModelError("the model holds no probabilities of held-out statements; train or export it anew")
    present, absent = np.full(len(tags), -1.0), np.full(len(tags), 2.0)
    for place, tag in enumerate(tags):
        for edge, label in ((present, "present"), (absent, "absent")):
            allowed = int(error * (kept[tag][label]["statements"] + 1) + 1e-9)
            if allowed:
                edge[place] = kept[tag][label]["p"][allowed - 1]
    return present, absent


def doubts(p: Floats, given: Bools, edges: tuple[Floats, Floats]) -> Bools:
    """Return which answers are in doubt.

    :param p: Calibrated probabilities, (n_texts, n_tags).
    :param given: Whether each probability reaches its threshold, (n_texts, n_tags).
    :param edges: What :func:`cutoffs` returned.
    :returns: True where an answer is in doubt, (n_texts, n_tags).
    """
    result: Bools = np.where(given, p <= edges[1], p >= edges[0])
    return result


def strangest(p: Floats, truth: Bools, tags: Sequence[str]) -> dict[str, Any]:
    """Return the probabilities of held-out statements that are least like their label, for a model folder.

    :param p: Calibrated probabilities of statements that nothing was trained on, (n_texts, n_tags).
    :param truth: Their tags, (n_texts, n_tags).
    :param tags: The names of the tags.
    :returns: For each tag and label the number of statements, and the share :data:`MAX_ERROR` of the probabilities: the
        lowest where the tag is present, the highest where it is absent.
    """
    kept = {}
    for place, tag in enumerate(tags):
        labels = {}
        for label, chosen, sign in (("present", truth[:, place], 1), ("absent", ~truth[:, place], -1)):
            ranked = np.sort(sign * p[chosen, place]) * sign
            some = ranked[: int(MAX_ERROR * (len(ranked) + 1))]
            labels[label] = {"statements": len(ranked), "p": [round(float(value), 6) for value in some]}
        kept[tag] = labels
    return kept
