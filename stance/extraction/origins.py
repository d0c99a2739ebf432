"""For which country or body a speaker speaks: from the mention, the person's title, or the place where the text stands."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter

from stance.extraction.countries import Found, find_places
from stance.extraction.speakers import Named

_STATELESS = re.compile(
    r"\b(?:diplomats?|sources?|people|council members?|analysts?|experts?|briefers?|both|countries|governments|activists)\b",
    re.IGNORECASE,
)
_UN_POST = re.compile(r"[ \u00a0](?:deputy |permanent )?(?:ambassador|representative to)", re.IGNORECASE)
_DATELINE = re.compile(r"[^—–\n-]{3,60}?[—–-]|[A-ZÀ-Þ][^.\n]{2,40}\. ")


class Origins:
    """Looks up countries in one article."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places = find_places(text)
        self._starts = [place.start for place in self.places]
        self._known: dict[str, str] = {}
        self._home: str | None = None

    def country(self, named: Named, paragraph: tuple[int, int], sentence: int) -> str:
        """Return the code of the country or body for which a speaker speaks, or an empty string.

        :param named: The speaker.
        :param paragraph: Character offsets of the paragraph that names the speaker.
        :param sentence: Offset of the sentence that names the speaker.
        """
        known = self._known.get(named.name)
        if known and (named.person is not None or named.is_pronoun):
            return known
        code = self._own(named) or self._of_person(named) or self._around(named, paragraph, sentence)
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
        found = self.within(*span)
        for place in found:
            if place.code == "UN" and len(found) > 1 and _UN_POST.match(self.text, place.end):
                continue
            if place.code == "UN" and _UN_POST.match(self.text, place.end):
                return ""
            before = self.text[max(span[0], place.start - 7) : place.start].lower()
            if re.search(r"\bto (?:the )?$", before):
                continue
            joint = self._joint(found, span)
            return joint or place.code
        return ""

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
        for begin, end in named.person.described:
            code = self._of_mention((begin, end))
            if code:
                return code
        return ""

    def _around(self, named: Named, paragraph: tuple[int, int], sentence: int) -> str:
        """Fall back on what stands before the mention: the sentence, the paragraph, the dateline."""
        span = named.origin or named.span
        if span is None:
            return ""
        owner = re.match(r"(?:its|their)\b", named.mention, re.IGNORECASE)
        if _STATELESS.search(named.name) and not owner:
            return ""
        if owner:
            return self._owner(paragraph[0], span[0])
        if paragraph[0] <= span[0] <= paragraph[1]:
            inside = self.within(sentence, span[0]) or self.within(paragraph[0], span[0])
            bodies = [place for place in inside if place.kind != "place" or place.end - place.start > 4]
            if bodies:
                return bodies[0].code if bodies[0].kind != "body" else bodies[-1].code
        return self.home()

    def _owner(self, start: int, end: int) -> str:
        """Find whose "its" is: the place or body that the last sentence before began with."""
        begin = max(self.text.rfind(". ", start, max(start, end - 2)), self.text.rfind(".\u201d ", start, end), start)
        while True:
            found = [place for place in self.within(begin, end) if place.kind != "adjective"] or self.within(begin, end)
            if found:
                return found[0].code
            if begin <= start:
                break
            begin = max(self.text.rfind(". ", start, max(start, begin - 1)), start)
        previous = self.places[: bisect_left(self._starts, start)]
        return previous[-1].code if previous else ""

    def home(self) -> str:
        """Return the country of the dateline, or the one that is named most often at the start."""
        if self._home is None:
            self._home = self._find_home()
        return self._home

    def _find_home(self) -> str:
        for line in re.finditer(r"[^\n]+", self.text[:3000]):
            dateline = _DATELINE.match(line[0])
            if dateline and line[0][:3].isupper():
                found = [
                    place for place in self.within(line.start(), line.start() + dateline.end()) if place.kind != "body"
                ]
                if found:
                    return found[-1].code if "," in dateline[0] else found[0].code
        counts = Counter(place.code for place in self.within(0, 1500) if place.kind != "body")
        return counts.most_common(1)[0][0] if counts else ""
