"""Where the content of a reporting verb begins and ends."""

from __future__ import annotations

from stance.extraction import words
from stance.extraction.adjuncts import OCCASIONS, SPANS, hearer_end, is_time, skip_adjuncts, that_behind
from stance.extraction.cues import Cue
from stance.extraction.phrases import is_adverb, looks_finite, starts_phrase
from stance.extraction.tokens import Token
from stance.extraction.words import word_set

_BARE = word_set(
    "say tell insist claim argue add warn acknowledge suggest vow promise pledge believe fear think admit write "
    "joke hope predict concede allege maintain note state assert caution demand assure estimate confirm "
    "report complain reply explain judge post emphasize emphasise stress deny quip respond retort swear "
    "declare tweet"
)
_WH = word_set("whether if why how what when where who")
_FEELINGS = word_set(
    "support hope conviction belief confidence concern regret readiness willingness view opinion fear fears "
    "concerns hopes"
)
_ASIDE = word_set("asking speaking citing quoting referring according requesting insisting")
_STRESSING = word_set(
    "stress underline underscore emphasize emphasise highlight reiterate reaffirm renew repeat echo recall restate "
    "voice"
)
_NEEDS = word_set(
    "need importance call calls right support commitment opposition position urgency role necessity responsibility "
    "obligation demand"
)
_NAMING = frozenset(("call", "brand", "label", "dub", "term"))  # "called the embargo illegal", "called it a crime"
_JUDGING = ("al", "ful", "able", "ible", "ive", "ous", "ed", "less", "fair", "wrong", "just")
_TURNS = word_set("claim charge word figure drop rise move phrase allegation accusation position demand suggestion")


def content_start(tokens: list[Token], cue: Cue) -> int | None:
    """Find the first token of the content that follows a cue.

    :param tokens: The tokens of a sentence.
    :param cue: A cue of it.
    :returns: The index of the token, or None where no content follows.
    """
    verb, frames = cue.verb, cue.verb.frames
    at = cue.after
    while at < len(tokens) and is_adverb(tokens[at]) and tokens[at].lower not in verb.particles:
        at += 1
    if at + 1 < len(tokens) and tokens[at].lower in verb.particles and not is_time(tokens[at + 1]):
        return _after_particle(tokens, at, verb.lemma)
    at = skip_adjuncts(tokens, at, "clause" in frames)
    if at >= len(tokens):
        return None
    token = tokens[at]
    if token.lower in verb.particles and at + 1 < len(tokens):
        return _after_particle(tokens, at, verb.lemma)
    if "addressee" in frames or "hearer" in frames:
        return _after_hearer(tokens, at, verb.lemma, "hearer" in frames)
    if "clause" in frames and token.lower == "that" and at + 1 < len(tokens):
        return at + 1
    if "wh" in frames and token.lower in _WH:
        return at + 1
    if "to" in frames and token.lower == "to":
        return at
    if verb.lemma in _STRESSING and _names_need(tokens, at):
        return at
    if verb.lemma in ("express", "voice", "reiterate", "reaffirm"):
        found = _after_feeling(tokens, at)
        if found is not None:
            return found
    if "nounto" in frames and starts_phrase(token):
        return at if _infinitive_behind(tokens, at) else None
    if "noun" in frames and (
        token.quote is not None or token.lower == "as" or (starts_phrase(token) and not is_adverb(token))
    ):
        return at if token.quote is None or not _opens_speech(tokens, at) else None
    if "clause" in frames and verb.lemma in _BARE and _bare_clause(tokens, at, verb.form == "ing"):
        return at
    if "quoted" in frames and _quoted_phrase(tokens, at, verb.lemma):
        return at
    return None


def _infinitive_behind(tokens: list[Token], at: int) -> bool:
    for index in range(at + 1, min(at + 12, len(tokens))):
        if tokens[index].lower == "to":
            return True
        if not tokens[index].is_word or looks_finite(tokens, index):
            return False
    return False


def _opens_speech(tokens: list[Token], at: int) -> bool:
    return at + 1 >= len(tokens) or tokens[at + 1].text == "."


def _after_particle(tokens: list[Token], at: int, lemma: str) -> int | None:
    following = tokens[at + 1]
    if lemma in ("speak", "talk", "boast", "wish") and following.quote is None and not _quote_ahead(tokens, at + 1):
        return None
    if following.text in ".,;:":
        return None
    return at + 1


def _after_hearer(tokens: list[Token], at: int, lemma: str, keep: bool) -> int | None:
    """Find the content of "told reporters that", "warned his hosts not to", "reminded both sides that"."""
    if tokens[at].lower == "that":
        return at + 1
    if lemma in ("warn", "caution") or keep:
        for index in range(at, min(at + 12, len(tokens))):
            token = tokens[index]
            if token.text in ",;:" or token.quote is not None or token.lower in words.AUXILIARIES:
                break
            if token.lower == "that" and index > at:
                return at if keep else index + 1
            if token.lower == "to":
                return at
        return at if not keep and _bare_clause(tokens, at) else None
    stop = that_behind(tokens, at) or hearer_end(tokens, at)
    stop = skip_adjuncts(tokens, stop, True)
    if stop >= len(tokens):
        return None
    if tokens[stop].lower == "that" or tokens[stop].lower in _WH:
        return stop + 1 if stop + 1 < len(tokens) else None
    if tokens[stop].lower == "to":
        return stop
    return stop if _bare_clause(tokens, stop) else None


def _names_need(tokens: list[Token], at: int) -> bool:
    """Whether a noun phrase such as "the need for" or "his country's opposition to" begins at ``at``."""
    if not starts_phrase(tokens[at]):
        return False
    for index in range(at, min(at + 6, len(tokens) - 1)):
        if not tokens[index].is_word or tokens[index].lower in words.PREPOSITIONS:
            return False
        if tokens[index].lower in _NEEDS:
            return tokens[index + 1].lower in ("for", "of", "to", "that", "on", "against", "in")
    return False


def _after_feeling(tokens: list[Token], at: int) -> int | None:
    for index in range(at, min(at + 5, len(tokens) - 1)):
        if tokens[index].quote is not None:
            return None
        if tokens[index].lower in _FEELINGS and tokens[index + 1].lower in ("that", "for"):
            return index + 2 if index + 2 < len(tokens) else None
    return None


def _bare_clause(tokens: list[Token], at: int, plain: bool = False) -> bool:
    """Whether a clause without "that" begins at ``at``: a noun phrase and, before the next break, a finite verb."""
    first = tokens[at]
    if first.text in ",;:.?!-–—)" or (
        first.quote is None and first.lower in ("of", "by", "so", "as", "nothing", "about")
    ):
        return False
    if first.quote is not None:
        return True
    for index in range(at + 1, min(len(tokens), at + 40)):
        if tokens[index].text in ";:" or (plain and tokens[index].text == ","):
            break
        if (
            tokens[index].quote is not None
            or looks_finite(tokens, index)
            or tokens[index].lower.endswith(("n't", "'d", "'ll", "'re", "'ve"))
        ):
            return True
    return first.lower in ("it's", "he's", "she's", "there's", "that's", "they're", "we're", "i'm") or _present_verb(
        tokens, at
    )


def _present_verb(tokens: list[Token], at: int) -> bool:
    """Whether a plain present or irregular past follows the first noun phrase."""
    return any(
        token.is_word
        and token.text[0].islower()
        and token.lower.endswith(("s", "t", "d", "e", "n"))
        and len(token.text) > 2
        for token in tokens[at + 2 : at + 14]
    )


def _quote_ahead(tokens: list[Token], at: int) -> bool:
    for index in range(at, min(len(tokens), at + 25)):
        if tokens[index].quote is not None:
            return True
        if tokens[index].text in ";:" or (
            tokens[index].text == "," and index + 1 < len(tokens) and tokens[index + 1].lower in ("and", "but", "while")
        ):
            return False
    return False


def _quoted_phrase(tokens: list[Token], at: int, lemma: str) -> bool:
    """Whether a noun phrase with a quote in it, or "X as Y", begins at ``at``."""
    first = tokens[at]
    if first.quote is not None:
        return not _opens_speech(tokens, at) or tokens[at].text != ""
    if not starts_phrase(first) or first.lower in words.PREPOSITIONS:
        return False
    for index in range(at, min(len(tokens), at + 20)):
        token = tokens[index]
        if token.quote is not None:
            return True
        if token.text in ",;:" or token.lower in ("who", "which", "while"):
            return False
        if (
            token.lower == "as"
            and index > at
            and lemma
            in (
                "describe",
                "condemn",
                "criticize",
                "criticise",
                "hail",
                "defend",
                "decry",
                "brand",
                "denounce",
                "characterize",
                "characterise",
                "welcome",
                "deride",
                "see",
            )
        ):
            return True
        if (
            lemma in _NAMING
            and index > at + 1
            and token.lower in ("a", "an")
            and tokens[index - 1].lower not in words.PREPOSITIONS
        ):
            return True
        if lemma in _NAMING and index > at and token.lower.endswith(_JUDGING) and _closes_clause(tokens, index + 1):
            return True
        if token.lower == "fact" and lemma in ("welcome", "deplore", "regret"):
            return True
    return False


def _closes_clause(tokens: list[Token], at: int) -> bool:
    return at >= len(tokens) or tokens[at].text in ".,;" or tokens[at].lower in ("and", "but")


def content_end(tokens: list[Token], start: int, limit: int) -> int:
    """Find the end of a content that begins at ``start``.

    :param tokens: The tokens of a sentence.
    :param start: Index of the first token of the content.
    :param limit: Index of the first token that belongs to something else.
    :returns: Index behind the last token of the content.
    """
    end = limit
    for index in range(start + 1, limit):
        token = tokens[index]
        if token.text == "," and index + 1 < limit and _is_trailer(tokens, index + 1, limit):
            end = index
            break
    while end > start and (
        tokens[end - 1].text in ",;:.?!…-–—("
        or tokens[end - 1].lower in ("and", "but", "while", "though", "although", "whereas")
    ):
        end -= 1
    return end


def _is_trailer(tokens: list[Token], at: int, limit: int) -> bool:
    """Whether what follows a comma tells of the speaking rather than of what was said."""
    first = tokens[at].lower
    if first in _ASIDE:
        return True
    rest = [token.lower for token in tokens[at : min(at + 5, limit)]]
    if first == "in" and any(word in OCCASIONS for word in rest):
        return True
    if first == "in" and rest[1:2] == ["what"]:
        return True
    if first == "and" and len(rest) > 1 and rest[1] in ("declined", "refused", "left", "smiled", "laughed"):
        return True
    if first == "which" and any(word in ("said", "called") for word in rest):
        return True
    if first in ("a", "an") and len(rest) > 2 and rest[1] in _TURNS:
        return True
    return any(SPANS.match(word) for word in rest[:3]) and any(word in ("after", "before") for word in rest[1:4])
