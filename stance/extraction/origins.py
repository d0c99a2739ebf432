"""For which country or body a speaker speaks: from the mention, the title of the person, or the place of the news."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from functools import lru_cache

from stance.extraction.countries import Found, find_places, table
from stance.extraction.people import name_in
from stance.extraction.speakers import Named

_STATELESS = re.compile(
    r"\b(?:diplomats?|sources?|people|council members?|analysts?|experts|countries|governments|activists"
    r"|charity|newsletter|newspaper|aid (?:group|agency|worker)"
    r"|human rights watch|amnesty international|oxfam|save the children|médecins)\b",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"\b(?:minister|ministry|president|ambassador|envoy|spokes\w+|officials?|government|lawmaker|delegate"
    r"|representative|secretary|diplomat|premier|chancellor|military|army|opposition|commander|governor|senator)\b",
    re.IGNORECASE,
)
_OFFICIAL = re.compile(
    r"\b(?:at|of|in|from) (?:the |its |his |her )?[\w' ]*(?:Ministry|ministry|government|Government)"
)
_CHIEF = re.compile(
    r"\b(?:director[- ]general|secretary[- ]general|high commissioner|(?:assistant|under)[- ]secretary[- ]general"
    r"|(?:deputy )?special representative)\b",
    re.IGNORECASE,
)
_UN_POST = re.compile(r"[ \u00a0](?:deputy |permanent )?(?:ambassador|representative to)", re.IGNORECASE)
_DATELINE = re.compile(r"[^—–\n-]{3,60}?[—–-]|[A-ZÀ-Þ][^.\n]{2,40}\. ")
_CHARITY = re.compile(r"\b(?:charity|charities|ngo|non-governmental)\b", re.IGNORECASE)
_TWO = re.compile(
    r"(?:the two |both |the )(?:foreign |defen[cs]e |prime )?"
    r"(?:ministers|presidents|leaders|countries|sides|governments|delegations|ministries|capitals|neighbou?rs)\b",
    re.IGNORECASE,
)
_PAPER = re.compile(
    r"\b(?:resolution|communiqu[eé]|declaration|panel(?: of experts)?|mandate holder|special rapporteur)$",
    re.IGNORECASE,
)
# Bodies that go by a common noun, and the codes it may mean, where the article names one of them.
_NOUNS = {
    "bloc": ("EU", "ASEAN", "MERCOSUR", "ECOWAS"),
    "alliance": ("NATO",),
    "union": ("EU", "AU"),
    "council": ("GCC", "EU", "UN"),
    "commission": ("EU", "AU"),
    "commissioner": ("EU",),
    "agency": ("IAEA",),
    "watchdog": ("IAEA",),
    "high representative": ("OHR", "EU"),
}
_NOUN = re.compile(r"\b(?:" + "|".join(_NOUNS) + r")\b(?:['’]s)?", re.IGNORECASE)
_OTHER = re.compile(r"union\b|\w+ (?:of|for) (?:the )?[A-Z]")  # "the trade union", "the Union of Polar Shipowners"


@lru_cache(maxsize=1)
def _states() -> frozenset[str]:
    return frozenset(place.code for place in table().values() if place.kind == "name")


_EVERYWHERE = 0.6  # weight of a country that is spoken of everywhere, in the search for an article's own
_NEAR = 3000  # characters before a mention that are looked through for a place


class Origins:
    """Looks up countries in one article."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places = find_places(text)
        self._starts = [place.start for place in self.places]
        self._known: dict[str, str] = {}
        self._home: str | None = None
        self._line: str | None = None
        self._named = {place.code for place in self.places} | (
            {"EU"} if re.search(r"\bBrussels|\bEuropean\b", text) else set()
        )

    def country(self, named: Named, paragraph: tuple[int, int], sentence: int) -> str:
        """Return the code of the country or body for which a speaker speaks, or an empty string.

        :param named: The speaker.
        :param paragraph: Character offsets of the paragraph that names the speaker.
        :param sentence: Offset of the sentence that names the speaker.
        """
        known = self._known.get(named.name)
        if known and (named.person is not None or named.is_pronoun):
            return known
        code = self._own(named) or self._of_person(named) or self._of_chief(named, sentence)
        code = code or self._of_two(named, sentence) or self._of_paper(named, sentence)
        code = code or self._around(named, paragraph, sentence)
        if code:
            self._known.setdefault(named.name, code)
        return code

    def within(self, start: int, end: int) -> list[Found]:
        """Return the places named between two offsets."""
        low = bisect_left(self._starts, start)
        return [place for place in self.places[low : bisect_left(self._starts, end)] if place.end <= end]

    def _own(self, named: Named) -> str:
        if named.is_pronoun or named.span is None:
            return self._of_mention(named.origin) if named.origin else ""
        return self._of_mention(named.span) or (self._of_mention(named.origin) if named.origin else "")

    def _of_mention(self, span: tuple[int, int] | None) -> str:
        """Read the country in a noun phrase: "Israel's ambassador to India" speaks for the first."""
        if span is None:
            return ""
        found = self._outside_name(span)
        if not found and self.text.startswith(" (", span[1]):  # "Mr. Amadi (Nigeria)"
            found = self.within(span[1], min(len(self.text), span[1] + 50))[:1]
        if not found and _STATELESS.search(self.text, *span):
            return ""
        owned = re.match(r"\s*(?:its|their)\b", self.text[span[0] : span[1]], re.IGNORECASE)
        body = self._common_noun(span)
        if body and not (found and found[0].kind != "body" and found[0].start < body[1]):
            return body[0]
        for place in found:
            if place.code == "UN" and len(found) > 1 and _UN_POST.match(self.text, place.end):
                continue
            if place.code == "UN" and _UN_POST.match(self.text, place.end):
                return ""
            before = self.text[max(span[0], place.start - 7) : place.start].lower()
            if re.search(r"\b(?:to|by|with) (?:the )?$", before) or (
                owned and re.search(r"\b(?:in|at) (?:the )?$", before)
            ):
                continue
            return self._joint(found, span) or self._seated(place)
        return ""

    def _seated(self, place: Found) -> str:
        """Return the code that a place stands for: "Brussels" is the union's, "the Foreign Office" maybe Pakistan's."""
        name = self.text[place.start : place.end]
        if name.startswith("Brussels") and "Belgi" not in self.text:
            return "EU"
        if name == "Foreign Office" and self.home() == "PAK":
            return "PAK"
        return place.code

    def _outside_name(self, span: tuple[int, int]) -> list[Found]:
        """Return the places in a noun phrase, towns that are part of a personal name left out."""
        found = self.within(*span)
        if not any(place.kind in ("place", "capital") for place in found):
            return found
        name = name_in(self.text[span[0] : span[1]])
        if name is None or " " not in self.text[span[0] + name[0] : span[0] + name[1]]:
            return found
        return [
            place
            for place in found
            if place.kind not in ("place", "capital") or not span[0] + name[0] <= place.start < span[0] + name[1]
        ]

    def _common_noun(self, span: tuple[int, int]) -> tuple[str, int] | None:
        """Read "the bloc", "the alliance": the code and where the noun stands."""
        match = _NOUN.search(self.text, *span)
        if match is None or re.search(r"\b(?:its|their|his|her)\b", self.text[span[0] : match.start()], re.IGNORECASE):
            return None
        noun = re.sub(r"['’]s$", "", match[0].lower())
        if noun in ("union", "council") and _OTHER.match(self.text, match.start()):
            return None
        for code in _NOUNS[noun]:
            if code in self._named and not (noun == "council" and code == "EU" and "UN" in self._named):
                return code, match.start()
        return None

    def _of_chief(self, named: Named, sentence: int) -> str:
        """Give the head of an international body the body that was named last."""
        spans = [named.span, *(named.person.described[:20] if named.person else ())]
        if not any(span and _CHIEF.search(self.text, *span) for span in spans):
            return ""
        high = bisect_left(self._starts, sentence)
        before = [place for place in self.places[max(0, high - 60) : high] if place.kind == "body"]
        other = [place for place in before if place.code != "UN"]
        return other[-1].code if other else "UN"

    def _of_two(self, named: Named, sentence: int) -> str:
        """Give "the two ministers" the two countries that were named last."""
        if not _TWO.match(named.mention):
            return ""
        codes: list[str] = []
        for place in reversed(self.within(max(0, sentence - _NEAR), sentence)):
            if place.code in _states() and place.code not in codes:
                codes.append(place.code)
        return ",".join(sorted(codes[:2])) if len(codes) > 1 else ""

    def _of_paper(self, named: Named, sentence: int) -> str:
        """Give "the resolution" and "the panel" the international body that was named last."""
        if not _PAPER.search(named.mention):
            return ""
        bodies = [p for p in self.within(max(0, sentence - _NEAR), sentence) if p.code not in _states()]
        return bodies[-1].code if bodies else ""

    def _joint(self, found: list[Found], span: tuple[int, int]) -> str:
        """Join the codes of "Poland and Austria"."""
        codes = {place.code for place in found}
        if len(codes) < 2 or any(place.kind not in ("name", "capital") for place in found):
            return ""
        rest = self.text[span[0] : span[1]]
        for place in reversed(found):
            rest = rest[: place.start - span[0]] + rest[place.end - span[0] :]
        return ",".join(sorted(codes)) if not re.sub(r"\b(?:and|the)\b|[ ,&]", "", rest) else ""

    def _of_person(self, named: Named) -> str:
        if named.person is None:
            return ""
        for begin, end in named.person.described[:20]:
            code = self._of_mention((begin, end))
            if code:
                return code
        return ""

    def _around(self, named: Named, paragraph: tuple[int, int], sentence: int) -> str:
        """Fall back on what stands before the mention: the sentence, the paragraph, the dateline."""
        span = named.origin or named.span
        if span is None:
            return ""
        paragraph = (max(paragraph[0], span[0] - _NEAR), paragraph[1])
        owner = re.match(r"(?:its|their)\b", named.mention, re.IGNORECASE)
        around = " ".join(self.text[slice(*stretch)] for stretch in named.person.described[:20]) if named.person else ""
        if _CHARITY.search(around) or (
            _STATELESS.search(named.name) and not owner and not _OFFICIAL.search(named.name) and named.person is None
        ):
            return ""
        if owner:
            return self._owner(paragraph[0], span[0], self.home())
        if paragraph[0] <= span[0] <= paragraph[1]:
            led = self._led_by_place(sentence, span[0]) or self._led_by_place(paragraph[0], span[0])
            if led:
                return led
            if _OFFICE.search(named.mention) or _OFFICE.search(around):
                topic = self._owner(paragraph[0], max(paragraph[0], sentence - 1), "")
                if topic:
                    return topic
        if self._dateline():
            return self._dateline()
        inside = self.within(paragraph[0], span[0]) if paragraph[0] <= span[0] <= paragraph[1] else []
        countries = [place for place in inside if place.kind in ("name", "adjective", "capital")]
        return countries[0].code if countries else self.home()

    def _led_by_place(self, start: int, end: int) -> str:
        """Read "In Moscow, the ministry said" or "MOSCOW: ..." at the start of a sentence."""
        lead = re.compile(
            r"[\W\d]*(?:(?:and|but|meanwhile|later|elsewhere),? )?(?:in|at|from|across|outside|over|inside) ",
            re.IGNORECASE,
        )
        match = lead.match(self.text, start, end)
        if match is None:
            return ""
        comma = self.text.find(",", match.end(), end)
        found = self.within(match.end(), comma if comma > 0 else min(end, match.end() + 60))
        return found[0].code if found else ""

    def _owner(self, start: int, end: int, default: str) -> str:
        """Find whose "its" is: the place or body that the last sentence before began with."""
        begin = max(self.text.rfind(". ", start, max(start, end - 2)), self.text.rfind(".\u201d ", start, end), start)
        while True:
            found = self.within(begin, end)
            if found:
                return found[0].code
            if begin <= start:
                break
            begin = max(self.text.rfind(". ", start, max(start, begin - 1)), start)
        return default

    def home(self) -> str:
        """Return the country of the dateline, or the one that is named most often, by its places and offices too."""
        if self._home is None:
            states = _states()
            counts: dict[str, float] = defaultdict(float)
            for end in (4000, 200):  # what the article begins with counts twice
                for place in self.within(0, end):
                    if place.code in states:
                        counts[place.code] += _EVERYWHERE if place.code in ("USA", "CHN", "RUS") else 1
            self._home = self._dateline() or (max(counts, key=counts.__getitem__, default=""))
        return self._home

    def _dateline(self) -> str:
        if self._line is None:
            self._line = ""
            for line in re.finditer(r"[^\n]+", self.text[:3000]):
                match = _DATELINE.match(line[0]) if line[0][:3].isupper() else None
                found = (
                    [place for place in self.within(line.start(), line.start() + match.end()) if place.kind != "body"]
                    if match
                    else []
                )
                if found:
                    apart = self.text[found[0].end : found[1].start] if len(found) > 1 else ""
                    self._line = found[1].code if apart == ", " and found[1].kind == "name" else found[0].code
                    break
        return self._line
