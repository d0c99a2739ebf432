"""Reporting verbs of news and diplomacy, and what may follow each of them."""

from __future__ import annotations

from typing import NamedTuple

from stance.extraction.words import word_set

# What a verb takes.  clause: "that" and a clause, or a bare clause; addressee: a hearer before the clause; hearer: one
# that belongs to the content; noun: a noun phrase that is the content; nounto: one with an infinitive; quoted: one that
# holds a quote or "as"; to: an infinitive; wh: a question; speech: direct quotes.
_FRAMES = {
    "clause speech": (
        "say add note insist argue claim state declare announce report confirm stress underline underscore "
        "emphasize emphasise maintain acknowledge admit concede assert allege contend explain recall remark "
        "observe reply respond retort reiterate repeat predict estimate suggest indicate reveal disclose "
        "complain affirm reaffirm specify comment charge counter lament testify write tweet post quip joke "
        "conclude hint deplore regret highlight assess mention boast reason hold"
    ),
    "clause": (
        "reckon deem posit profess proclaim clarify attest avow deny recognise recognize believe fear expect "
        "doubt judge agree propose recommend guarantee certify concur hope signal"
    ),
    "clause addressee speech": "tell warn caution",
    "clause hearer": "remind assure inform notify reassure",
    "noun to clause": "urge demand request promise pledge vow threaten propose offer",
    "nounto to clause": "advise beg implore press ask",
    "to": "plead swear commit agree",
    "noun": ("reject deny dismiss accuse blame denounce confirm oppose suspect recognise recognize reaffirm"),
    "quoted": (
        "term renew echo describe call condemn criticize criticise welcome praise defend hail slam blast "
        "decry cite brand label characterize characterise denounce deplore regret acknowledge express voice "
        "disavow deride mock ridicule thank stress highlight note see admit urge dub lambast lambaste applaud "
        "commend report observe compare liken"
    ),
    "wh": "ask wonder question inquire explain",
    "speech": (
        "read recount fume opine elaborate venture ask laugh shout sigh smile cry whisper recall continue "
        "plead joke snap interject conclude correct answer exclaim reflect muse tease believe think offer go "
        "begin repeat finish murmur growl scoff confide caption bark grumble insist demand urge vow promise "
        "protest thunder reply mutter call appeal concede close"
    ),
}
# Prepositions and particles that stand between a verb and its content.
_PARTICLES = {
    "call": "for on upon",
    "appeal": "to for",
    "caution": "against",
    "warn": "against of about",
    "insist": "on upon",
    "rule": "out",
    "object": "to",
    "argue": "for against",
    "push": "for",
    "press": "for",
    "plead": "for",
    "ask": "for",
    "speak": "of",
    "talk": "of",
    "complain": "of about",
    "hint": "at",
    "wish": "for",
    "advocate": "for",
    "boast": "of",
    "protest": "against",
    "advise": "against",
}
# Words that must follow a verb for it to count.
_PHRASAL = {
    "point": "out",
    "go": "on",
    "spell": "out",
    "lash": "out",
    "hit": "back",
    "shoot": "back",
    "fire": "back",
    "make": "clear",
}
_IRREGULAR = {
    "say": "says said saying said",
    "tell": "tells told telling told",
    "write": "writes wrote writing written",
    "deny": "denies denied denying denied",
    "reply": "replies replied replying replied",
    "testify": "testifies testified testifying testified",
    "certify": "certifies certified certifying certified",
    "specify": "specifies specified specifying specified",
    "notify": "notifies notified notifying notified",
    "cry": "cries cried crying cried",
    "decry": "decries decried decrying decried",
    "admit": "admits admitted admitting admitted",
    "regret": "regrets regretted regretting regretted",
    "commit": "commits committed committing committed",
    "concur": "concurs concurred concurring concurred",
    "quip": "quips quipped quipping quipped",
    "snap": "snaps snapped snapping snapped",
    "slam": "slams slammed slamming slammed",
    "dub": "dubs dubbed dubbing dubbed",
    "go": "goes went going gone",
    "swear": "swears swore swearing sworn",
    "speak": "speaks spoke speaking spoken",
    "hold": "holds held holding held",
    "see": "sees saw seeing seen",
    "think": "thinks thought thinking thought",
    "begin": "begins began beginning begun",
    "read": "reads read reading read",
    "clarify": "clarifies clarified clarifying clarified",
    "make": "makes made making made",
    "label": "labels labelled labelling labelled",
    "beg": "begs begged begging begged",
    "hit": "hits hit hitting hit",
    "shoot": "shoots shot shooting shot",
}
# Present forms and stems that are nouns as often as verbs.
NOUNS = word_set(
    "call calls claim claims report reports state states demand demands note notes request requests promise "
    "promises reply replies comment comments appeal appeals charge charges blame blames offer offers post posts "
    "tweet tweets pledge pledges vow vows fear fears doubt doubts hope hopes answer answers counter counters "
    "signal signals cry cries laugh laughs smile smiles sigh sighs estimate estimates repeat caution press "
    "question questions label labels brand brands highlight highlights stress stresses judge judges close remark "
    "remarks joke joked hold holds recall recalls complaint points point push wish talk talks threat remind hail "
    "blast dub go see sees saw hit boast advocate"
)


class Verb(NamedTuple):
    """A form of a reporting verb."""

    lemma: str
    form: str  # "s" says, "past" said (or the participle), "ing" saying, "base" say
    frames: frozenset[str]
    particles: frozenset[str]
    needs: str  # a word that must follow, "" if none


def _forms(lemma: str) -> tuple[tuple[str, str], ...]:
    if lemma in _IRREGULAR:
        third, past, ing, participle = _IRREGULAR[lemma].split()
        return (lemma, "base"), (third, "s"), (past, "past"), (participle, "past"), (ing, "ing")
    stem = lemma[:-1] if lemma.endswith("e") and not lemma.endswith("ee") else lemma
    third = lemma + "es" if lemma.endswith(("s", "sh", "ch", "x")) else lemma + "s"
    return (lemma, "base"), (third, "s"), (stem + "ed", "past"), (stem + "ing", "ing")


def _build() -> dict[str, Verb]:
    frames: dict[str, set[str]] = {}
    for names, lemmas in _FRAMES.items():
        for lemma in lemmas.split():
            frames.setdefault(lemma, set()).update(names.split())
    for lemma in [*_PARTICLES, *_PHRASAL]:
        frames.setdefault(lemma, set())
    frames["point"].update(("clause", "speech"))
    frames["make"].add("clause")
    frames["go"].update(("speech",))
    for lemma in ("hit", "shoot", "fire"):
        frames[lemma].add("speech")
    table: dict[str, Verb] = {}
    for lemma, kinds in frames.items():
        particles = frozenset(_PARTICLES.get(lemma, "").split())
        for word, form in _forms(lemma):
            if word not in table or form == "past":
                table[word] = Verb(lemma, form, frozenset(kinds), particles, _PHRASAL.get(lemma, ""))
    return table


VERBS = _build()
