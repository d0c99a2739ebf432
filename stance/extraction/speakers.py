"""From the mention of a speaker to a full name: pronouns, titles, bare last names, "the ambassador"."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from stance.extraction import words
from stance.extraction.countries import fold
from stance.extraction.people import Person, find_people, name_in
from stance.extraction.words import word_set

_ARTICLE = re.compile(r"(?:the|a|an|one|this|that|another)\s+", re.IGNORECASE)
_ISSUER = re.compile(
    r"\b(?:Statement|Declaration|Communiqu[ée]|Remarks|Address) (?:by|of) (?:the )?(.{3,90}?)"
    r"(?: on | at | to |\n|,)|\b[Ww]e, (the [^,.\n]{4,80}),"
)
_SENTENCE = 2000  # characters; no sentence is longer
_RECENT = 60  # speakers and people looked back upon; keeps the time linear
_PERSONAL = {"he": "m", "him": "m", "his": "m", "she": "f", "her": "f"}
_PRONOUNS = words.PRONOUNS | word_set("his hers their its me us")


@dataclass(frozen=True)
class Named:
    """A speaker who has been looked up."""

    name: str  # the full name, or the mention where no name stands in the article
    person: Person | None
    mention: str
    span: tuple[int, int] | None
    is_pronoun: bool = False
    origin: tuple[int, int] | None = None  # the mention that a pronoun or a repeated description goes back to


class Cast:
    """Everybody named in an article, asked in the order of its statements."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.people = find_people(text)
        self.history: list[Named] = []
        self._by_word: dict[str, list[Person]] = {}
        for person in self.people:
            for word in set(person.parts):
                self._by_word.setdefault(word.rstrip("."), []).append(person)
        self._places = sorted((span[0], number) for number, person in enumerate(self.people) for span in person.places)
        self._starts = [place[0] for place in self._places]
        self._described_at = sorted(
            (begin, end, number) for number, person in enumerate(self.people) for begin, end in person.described
        )

    def look_up(self, span: tuple[int, int], before: int, lead: tuple[int, int] | None = None) -> Named:
        """Name the speaker whose mention stands at ``span``.

        :param span: Character offsets of the mention.
        :param before: Offset of the statement's first character; what is meant by "he" stands before it.
        :param lead: The subject of the sentence before, whom a pronoun may mean.
        :returns: The speaker, kept as the latest one.
        """
        mention = self.text[span[0] : span[1]]
        if mention.lower() in _PRONOUNS:
            named = self._pronoun(mention, span, min(before, span[0]), lead)
        else:
            named = self._by_name(mention, span) or self._by_apposition(mention, span) or self._by_role(mention, span)
        self.history.append(named)
        return named

    def _by_name(self, mention: str, span: tuple[int, int]) -> Named | None:
        found = name_in(mention)
        if found is None:
            return None
        name = mention[found[0] : found[1]]
        parts = [fold(part).lower().rstrip(".") for part in name.split()]
        person = self._nearest(parts, span[0])
        if person is not None:
            return Named(person.name, person, mention, span)
        if len(parts) > 1:
            return Named(name, Person(name, [span], [span]), mention, span)
        # one capital word that is nobody's last name: a body or a place, unless nothing else stands in the mention
        return None if name != mention else Named(name, None, mention, span)

    def _nearest(self, parts: list[str], at: int) -> Person | None:
        """Find the person of that name who was named in full last before ``at``, or first behind it."""
        candidates = [person for person in self._by_word.get(parts[-1], []) if _fits(person, parts)]
        best: tuple[int, Person] | None = None
        for person in candidates[:_RECENT]:
            earlier = bisect_right(person.places, (at, len(self.text)))
            distance = at - person.places[earlier - 1][0] if earlier else 1_000_000 + person.places[0][0]
            if best is None or distance < best[0]:
                best = (distance, person)
        return best[1] if best else None

    def _by_apposition(self, mention: str, span: tuple[int, int]) -> Named | None:
        """Read "Its ambassador, Hwang Ji-woo," and "a reader, Bilal in Bradford,"."""
        following = re.compile(r",[ \u00a0]([^,;:.\"“”\n]+(?:\.[ \u00a0][^,;:.\"“”\n]+)?)").match(
            self.text, span[1], min(len(self.text), span[1] + 90)
        )
        if following is None:
            return None
        phrase = following[1]
        found = name_in(phrase)
        lead = phrase[: found[0]] if found else ""
        if (
            found is None
            or not all(word.lower() in words.TITLES | words.ROLES or word[0].isupper() for word in lead.split())
        ) and not (found and re.match(r"(?:the|a|an) \w+(?: \w+)? $|(?:\w+'s|\w+’s) \w+ $|former [\w ]+$", lead)):
            return None
        if re.search(r"\b(?:who|which|said|told|has|was|had|is)\b", lead):
            return None
        name = phrase[found[0] : found[1]]
        person = self._nearest([fold(part).lower().rstrip(".") for part in name.split()], span[1])
        person = person or Person(name, [], [(span[0], following.end())])
        return Named(person.name, person, mention, span)

    def _by_role(self, mention: str, span: tuple[int, int]) -> Named:
        """Find whom "the ambassador" means: an earlier speaker or person who was called that."""
        lowered = mention.lower()
        definite = re.match(r"(?:the|this|that|both)\b", lowered) is not None
        if definite and not re.search(r" (?:of|for|from|in|at|to) ", lowered):
            bare = _ARTICLE.sub("", lowered, count=1)
            for earlier in reversed(self.history[-_RECENT:]):
                if _ARTICLE.sub("", earlier.mention.lower(), count=1) == bare or (
                    earlier.person is None
                    and not earlier.is_pronoun
                    and bare in re.findall(r"[\w-]+", earlier.mention.lower())
                ):
                    return Named(earlier.name, earlier.person, mention, span, origin=earlier.origin or earlier.span)
            person = self._described(bare, span[0])
            if person is not None:
                return Named(person.name, person, mention, span)
        return Named(mention, None, mention, span)

    def _described(self, role: str, at: int) -> Person | None:
        head = role.split()[-1].rstrip("s") if role else ""
        if len(head) < 4 or head in (
            "ministry",
            "government",
            "council",
            "agency",
            "company",
            "military",
            "army",
            "police",
            "embassy",
        ):
            return None
        whole = re.compile(rf"\b{re.escape(role)}\b", re.IGNORECASE)
        by_head = re.compile(rf"\b\w*{re.escape(head)}\b", re.IGNORECASE)
        for pattern in (whole, by_head) if " " not in role else (whole,):
            high = bisect_right(self._described_at, (at, 0, 0))
            for begin, end, number in reversed(self._described_at[max(0, high - _RECENT) : high]):
                if pattern.search(self.text, begin, min(end, at)):
                    return self.people[number]
        return None

    def _pronoun(self, mention: str, span: tuple[int, int], before: int, lead: tuple[int, int] | None) -> Named:
        lower = mention.lower()
        gender = _PERSONAL.get(lower, "")
        last = self.history[-1] if self.history else None
        since = last.span[1] if last and last.span else 0
        if lead is not None and lead[0] > since and self.text[lead[0] : lead[1]].lower() not in _PRONOUNS:
            named = self._of_lead(mention, span, lead, gender)
            if named is not None:
                return named
        if gender:
            fresh = self._introduced(since, before, gender)
            if fresh is not None:
                fresh.gender = fresh.gender or gender
                return Named(fresh.name, fresh, mention, span, True)
            for earlier in reversed(self.history[-6:]):
                if _agrees(earlier, gender):
                    if earlier.person is not None:
                        earlier.person.gender = earlier.person.gender or gender
                    return Named(earlier.name, earlier.person, mention, span, True, earlier.origin or earlier.span)
        elif lower in ("we", "i") and (issuer := _ISSUER.search(self.text[:600])):
            span_of = issuer.span(issuer.lastindex or 0)
            return Named(self.text[slice(*span_of)], None, mention, span, True, span_of)
        elif last is not None:
            return Named(last.name, last.person, mention, span, True, last.origin or last.span)
        return Named(mention, None, mention, span, True)

    def _of_lead(self, mention: str, span: tuple[int, int], lead: tuple[int, int], gender: str) -> Named | None:
        """Take the subject of the sentence before as the one a pronoun means, if it can be a speaker of that kind."""
        phrase = self.text[lead[0] : lead[1]]
        named = self._by_name(phrase, lead) or self._by_apposition(phrase, lead) or self._by_role(phrase, lead)
        if named.person is None and not any(
            word.lower().rstrip("s") in words.ROLES for word in re.findall(r"[\w-]+", phrase)
        ):
            return None
        if gender and not _agrees(named, gender):
            return None
        if not gender and named.person is not None and mention.lower() == "it":
            return None
        if gender and named.person is not None:
            named.person.gender = named.person.gender or gender
        return Named(named.name, named.person, mention, span, True, named.origin or lead)

    def _introduced(self, since: int, before: int, gender: str) -> Person | None:
        """Find the person whom the narration turned to between the last speaker and ``before``."""
        low, high = bisect_right(self._starts, since), bisect_right(self._starts, before - 1)
        for place, number in reversed(self._places[max(low, high - 8) : high]):
            person = self.people[number]
            if person.gender not in ("", gender):
                continue
            near = max(since, place - _SENTENCE)
            sentence = max(self.text.rfind(". ", near, place), self.text.rfind("\n", near, place))
            for other_place, other in self._places[max(low, high - _RECENT) : high]:
                if sentence < other_place < place and self.people[other].gender in ("", gender):
                    return self.people[other]
            return person
        return None


def _fits(person: Person, parts: list[str]) -> bool:
    own = [part.rstrip(".") for part in person.parts]
    if len(parts) == 1:
        return parts[0] in (own[-1], own[0]) or parts[0] in own[1:]
    return all(part in own or (len(part) == 1 and any(word.startswith(part) for word in own)) for part in parts)


def _agrees(named: Named, gender: str) -> bool:
    """Whether "he" or "she" may go back to a speaker."""
    if named.person is not None:
        return named.person.gender in ("", gender)
    lowered = named.name.lower()
    if re.search(
        r"\b(?:ministry|government|council|army|military|agency|commission|union|officials|police|diplomats|embassy)$",
        lowered,
    ):
        return False
    if re.match(r"(?:the|a|an|one|its|his|her|their|this|another)\b|.*(?:'s|’s) ", lowered):
        return not ("woman" in lowered and gender == "m") and not (
            re.search(r"(?:spokes|chair|fisher)man\b", lowered) and gender == "f"
        )
    return named.is_pronoun
