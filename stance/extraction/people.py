"""The people that an article names in full: where each name stands, and the words that describe its bearer there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from stance.extraction import words
from stance.extraction.countries import fold, table
from stance.extraction.words import word_set

_SHORT = r"(?:[^\W\d_a-zß-öø-ÿ]\.)+|(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gen|Col|Lt|Capt|Maj|Gov|Rev|Hon|St|Brig|Adm|Sgt)\."
_CAPITAL = rf"(?:{_SHORT}|(?:(?:al|el|ad|as|ash|an|ar|bin)-)?[^\W\d_a-zß-öø-ÿ](?:[\w]|['’‑-](?=\w))*)"
_PARTICLE = r"(?:de|da|do|dos|del|della|van|von|der|den|ter|bin|bint|ibn|abu|al|el|di|du|la|le|af|zu|ould|e|y)"
_NAME = re.compile(rf"{_CAPITAL}(?:[ \u00a0](?:{_PARTICLE}[ \u00a0]){{0,2}}{_CAPITAL})*")
_BODIES = word_set(
    "university affairs council ministry party agency force forces committee bank commission union organization "
    "organisation command court house street river strait sea group news press times post institute center centre "
    "forum summit treaty charter act article resolution association federation office department nations assembly "
    "guard guards corps navy army school college hospital fund programme program convention agreement movement "
    "front league authority service services board bureau foundation company airport island islands gulf ocean "
    "road square palace parliament senate congress mission day war panel embassy cross crescent media radio "
    "television tv journal gazette herald wire reuters x facebook twitter whatsapp telegram pages kingdom "
    "republic states delegation republicans democrats republic's coast city county province region state january "
    "february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday the a an in on at but and he she it they we this that his her their its as "
    "for from when while after according asked speaking meanwhile however yet one two three"
)
_BREAK = re.compile(r"[,.;:\n\r\"“”«»]")
_APPOSITION = re.compile(
    r"(?:an?|the|its|his|her|who (?:heads|leads|runs|chairs|represents|speaks|serves)|director|head|vice|deputy|chief"
    r"|former|of|from|spokes\w+|president|minister|in)\b"
)
_FEMALE = re.compile(
    r"\b(?:mrs|ms|miss|dame|lady|queen|princess|\w*woman|mother|sister|daughter|wife|actress)\b", re.IGNORECASE
)
_MALE = re.compile(
    r"\b(?:mr|sir|lord|king|prince|sheikh|(?:spokes|chair|business|fisher|congress|guards?)man|father|brother|son|husband)\b",
    re.IGNORECASE,
)


@dataclass
class Person:
    """Somebody named in full."""

    name: str
    places: list[tuple[int, int]] = field(default_factory=list)  # where the full name stands
    described: list[tuple[int, int]] = field(default_factory=list)  # stretches with titles and appositions
    gender: str = ""  # "f", "m" or ""

    @property
    def parts(self) -> list[str]:
        """The words of the name in small letters."""
        return [fold(part).lower() for part in self.name.split()]


def name_in(phrase: str) -> tuple[int, int] | None:
    """Find the personal name in a noun phrase, titles and nationalities left out.

    :param phrase: Such as "Chinese envoy Deng Haoran".
    :returns: Offsets in the phrase, or None where no name stands in it.
    """
    best: tuple[int, int] | None = None
    for match in _NAME.finditer(phrase):
        span = _strip(phrase, match.start(), match.end())
        if span is not None:
            best = span
    return best


def _strip(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Cut titles, offices and places from the front of a run of capitals."""
    known = table()
    tokens = [(match.start() + start, match.end() + start) for match in re.finditer(r"\S+", text[start:end])]
    while tokens:
        word = text[tokens[0][0] : tokens[0][1]]
        lower = word.lower()
        pair = re.sub(r"['’]s$", "", fold(text[tokens[0][0] : tokens[1][1]])) if len(tokens) > 1 else ""
        if pair in known and len(tokens) > 1:
            tokens = tokens[2:]
        elif (
            lower in words.TITLES
            or lower in words.ROLES
            or lower.endswith(("'s", "’s"))
            or (re.sub(r"['’]s$", "", fold(word)) in known and known[re.sub(r"['’]s$", "", fold(word))].kind != "place")
            or lower in ("the", "a", "an", "in", "but", "and", "at", "on", "for", "as", "while", "when", "prime")
        ):
            tokens = tokens[1:]
        else:
            break
    if not tokens:
        return None
    if any(text[a:b].lower().rstrip(".") in _BODIES for a, b in tokens):
        return None
    last = tokens[-1][1]
    tail = re.search(r"['’]s$", text[tokens[0][0] : last])
    return tokens[0][0], last - (2 if tail else 0)


def find_people(text: str) -> list[Person]:
    """Find everybody whom a text names with two words or more.

    :param text: The text.
    :returns: People in the order of their first naming.
    """
    people: dict[str, Person] = {}
    for match in _NAME.finditer(text):
        if " " not in match.group() and "\u00a0" not in match.group():
            continue
        span = _strip(text, match.start(), match.end())
        if span is None or not re.search(r"[ \u00a0]", text[span[0] : span[1]]):
            continue
        name = text[span[0] : span[1]]
        person = people.setdefault(fold(name).lower(), Person(name))
        person.places.append(span)
        person.described.append(_description(text, *span))
        around = text[person.described[-1][0] : person.described[-1][1]]
        person.gender = person.gender or ("f" if _FEMALE.search(around) else "m" if _MALE.search(around) else "")
    return list(people.values())


def _description(text: str, start: int, end: int) -> tuple[int, int]:
    """Find the stretch around a name that holds its title and its apposition."""
    begin = start
    left = max(0, start - 90)
    cut = max(text.rfind(mark, left, start) for mark in '.;:?!\n\r"“”«»()—')
    begin = max(left, cut + 1)
    for _ in range(2):  # "the ministry's spokesman, NAME": at most one comma stands in between
        comma = text.rfind(",", begin, start - 2)
        if comma < 0:
            break
        begin = comma + 1
    stop = end
    if text[end : end + 2] == ", ":
        closing = _BREAK.search(text, end + 2, min(len(text), end + 120))
        aside = text[end + 2 : closing.start()] if closing else ""
        if _APPOSITION.match(aside):
            stop = closing.start() if closing else end
    elif re.match(r" (?:of|for|from|in|at) ", text[end : end + 6]) or text[end : end + 2] == " (":
        closing = re.compile(r"[,.;:\n\r\"“”«»)]| (?:said|told|says|has|had|was|is)\b").search(
            text, end + 2, min(len(text), end + 70)
        )
        stop = closing.start() if closing else end
    return begin, stop
