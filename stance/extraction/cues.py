"""Cues of reported speech in a sentence: a reporting verb that is one, and the noun phrase that is its subject."""

from __future__ import annotations

from typing import NamedTuple

from stance.extraction import words
from stance.extraction.phrases import is_adverb, looks_finite, whole_phrase
from stance.extraction.subjects import antecedent, phrase_after, subject_before
from stance.extraction.tokens import Token
from stance.extraction.verbs import NOUNS, VERBS, Verb


class Cue(NamedTuple):
    """A reporting verb in a sentence; numbers are token indices."""

    verb: Verb
    at: int  # the verb
    group: int  # the first word of the verb group ("has", "would")
    after: int  # behind the verb and a particle that belongs to it
    subject: tuple[int, int] | None  # first and last token of the noun phrase before the verb group, of its own
    joined: bool  # True where "and" or a comma hands down the subject of an earlier verb


def find_cues(tokens: list[Token]) -> list[Cue]:
    """Find the reporting verbs of a sentence that may have a content.

    :param tokens: The tokens of a sentence; what stands in quotes is not looked at.
    :returns: Cues in the order of the sentence.
    """
    cues: list[Cue] = []
    for index, token in enumerate(tokens):
        if token.lower == "quoted":
            quoted = _quoted_as_saying(tokens, index)
            if quoted is not None:
                cues.append(quoted)
            continue
        verb = VERBS.get(token.lower)
        if verb is None or not token.text[0].islower():
            continue
        cue = _cue(tokens, index, verb)
        if cue is not None:
            cues.append(cue)
    return cues


def _cue(tokens: list[Token], index: int, verb: Verb) -> Cue | None:
    after = index + 1
    if verb.needs:
        if after >= len(tokens) or tokens[after].lower != verb.needs:
            return None
        after += 1
    group = _verb_group(tokens, index, verb)
    if group is None or (after < len(tokens) and tokens[after].lower == "by" and verb.form == "past"):
        return None
    before = tokens[group - 1] if group else None
    if verb.lemma == "ask" and verb.form == "past" and before is not None and before.text == ",":
        return None  # "the envoy, asked whether ..., said"
    if verb.form == "ing" and group == index:
        lead = next((i for i in range(group - 2, max(-1, group - 9), -1) if tokens[i].lower == "with"), None)
        if lead is not None and whole_phrase(tokens, lead + 1, group - 1) == (lead + 1, group - 1):
            return Cue(verb, index, group, after, (lead + 1, group - 1), False)  # "with the envoy saying that"
        joined = before is not None and (before.text in ",—–-" or before.lower in ("and", "before", "by"))
        return Cue(verb, index, group, after, None, True) if joined else None
    start = group
    while start > 0 and is_adverb(tokens[start - 1]):
        start -= 1
    before = tokens[start - 1] if start else None
    if before is not None and before.lower in ("and", "but", "or", "then"):
        return Cue(verb, index, group, after, None, True)
    if before is not None and before.lower in ("who", "which") and start > 1:
        found = antecedent(tokens, start - 2)
        return Cue(verb, index, group, after, found, False) if found else None
    subject = subject_before(tokens, group, 0)
    if subject is not None and _is_aside(tokens, subject[0]):
        return None
    if subject is None and (before is not None and not (before.text == "," or before.quote is not None)):
        return None
    return Cue(verb, index, group, after, subject, False)


def _quoted_as_saying(tokens: list[Token], index: int) -> Cue | None:
    """Read "she was quoted as saying" and "the agency quoted him as saying"."""
    after = next(
        (i for i in range(index + 1, min(index + 6, len(tokens))) if tokens[i].lower in ("saying", "telling")), None
    )
    if after is None or tokens[after - 1].lower != "as":
        return None
    if after - index > 2:
        return Cue(VERBS["said"], index, index, after + 1, (index + 1, after - 2), False)
    if index and tokens[index - 1].lower in words.BE:
        subject = subject_before(tokens, index - 1, 0)
        return Cue(VERBS["said"], index, index - 1, after + 1, subject, False) if subject else None
    return None


def _is_aside(tokens: list[Token], first: int) -> bool:
    """Whether the clause only names something in passing: "what it called", "if he says"."""
    return first > 0 and tokens[first - 1].lower in ("what", "which", "whom", "if", "whether", "whatever", "how")


def _verb_group(tokens: list[Token], index: int, verb: Verb) -> int | None:
    """Find where the verb group begins; None where the word is no finite verb of saying."""
    at = index
    while at > 0 and is_adverb(tokens[at - 1]) and tokens[at - 1].lower not in words.TIMES:
        at -= 1
    before = tokens[at - 1].lower if at else ""
    if verb.form == "past":
        return _past_group(tokens, index, at, before)
    if verb.form == "ing":
        return at - 1 if before in words.BE else index
    if verb.form == "base":
        return _base_group(tokens, index, at, before, verb)
    if tokens[index].lower in NOUNS and not _verb_like(tokens, index, before):
        return None
    return None if before in words.DETERMINERS | words.PREPOSITIONS else index


def _past_group(tokens: list[Token], index: int, at: int, before: str) -> int | None:
    if before in words.BE or before == "having":
        return None
    if before in words.HAVE:
        return at - 1
    if before in words.DETERMINERS - {
        "all",
        "both",
        "each",
        "many",
        "most",
        "some",
        "several",
        "few",
        "one",
        "two",
        "another",
        "this",
        "that",
    }:
        return None
    return None if before in words.PREPOSITIONS - {"since"} else index


def _base_group(tokens: list[Token], index: int, at: int, before: str, verb: Verb) -> int | None:
    if before in words.MODALS:
        return at - 1
    if before == "to":  # "went on to denounce", "is said to have called"
        lead = [token.lower for token in tokens[max(0, at - 3) : at - 1]]
        return at - 3 if lead in (["went", "on"], ["goes", "on"]) else None
    if not before or before in words.DETERMINERS | words.PREPOSITIONS | words.AUXILIARIES | words.CONJUNCTIONS - {
        "and",
        "but",
        "that",
    }:
        return None
    if before.endswith("'s") or (tokens[index].lower in NOUNS and not _verb_like(tokens, index, before)):
        return None
    previous = tokens[at - 1]
    plural = before in ("they", "we", "i", "you", "who", "and", "but") or before.endswith(
        ("s", "people", "men", "women", "police")
    )
    return index if plural or (previous.is_word and _plural_head(tokens, at)) else None


def _plural_head(tokens: list[Token], stop: int) -> bool:
    subject = subject_before(tokens, stop, 0)
    if subject is None:
        return False
    for token in tokens[subject[0] : subject[1] + 1]:
        if token.lower in words.PREPOSITIONS:
            return False
        if token.lower.endswith("s") and not token.lower.endswith(("ss", "'s")) and len(token.text) > 3:
            return True
    return False


def _verb_like(tokens: list[Token], index: int, before: str) -> bool:
    """Whether a form that is often a noun is a verb here, by what stands on both sides."""
    previous = tokens[index - 1] if index else None
    if previous is None or (previous.text in ",;:" and index < 2):
        return False
    if (
        before in words.DETERMINERS | words.PREPOSITIONS
        or before.endswith("'s")
        or before in words.AUXILIARIES - words.MODALS
    ):
        return False
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if following is None or following.text == ".":
        return previous.is_capital or before in words.PRONOUNS or previous.text == "," or before in words.ROLES
    if following.quote is not None or following.lower in words.DETERMINERS | words.PRONOUNS or following.is_capital:
        return True
    if (
        following.lower in ("that", "on", "for", "to", "out", "against", "upon", "as", "whether", "in")
        or following.text in ",:"
    ):
        return not looks_finite(tokens, index + 1)
    return is_adverb(following) or before in words.SUBJECT_PRONOUNS


def inverted_subject(tokens: list[Token], cue: Cue) -> tuple[int, int] | None:
    """Find the subject behind the verb, as in "said on Friday the head of the bureau".

    :param tokens: The tokens of a sentence.
    :param cue: A cue of it.
    :returns: First and last token index (inclusive), or None.
    """
    at = cue.after
    while at < len(tokens) and is_adverb(tokens[at]):
        at += 1
    if at + 1 < len(tokens) and tokens[at].lower == "to":  # "declared to the press the spokesman"
        at += 3 if tokens[at + 1].lower in words.DETERMINERS else 2
    elif at + 1 < len(tokens) and tokens[at].lower == "on" and tokens[at + 1].lower in words.DAYS:
        at += 2
    return phrase_after(tokens, at)
