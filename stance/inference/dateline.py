"""Find the date of an article in its first lines: a dateline ("GENEVA, 4 March 2021 - ...") or a line of its own."""

from __future__ import annotations

import datetime
import re
from itertools import islice

MAX_LINES = 10  # that are looked at, of those that are not blank
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<{}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = (
    rf"(?:(?P<day1>\d{{1,2}})\s+{_MONTH.format('month1')},?\s+(?P<year1>\d{{4}})"
    rf"|{_MONTH.format('month2')}\s+(?P<day2>\d{{1,2}}),?\s+(?P<year2>\d{{4}})"
    r"|(?P<year3>\d{4})-(?P<month3>\d\d)-(?P<day3>\d\d))(?!\d)"
)
_PLACE = r"[A-Z][A-Z .,'’/()-]{2,40}?,?\s+\(?"  # in capitals, as agencies write it
_LABEL = (
    r"(?:(?:published|updated|posted|date|issued)(?:\s+(?:on|at))?\s*:?\s+)?"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?"
)
_LINE = re.compile(rf"(?:{_PLACE}|(?i:{_LABEL}))(?i:{_DATE})")


def dateline(text: str) -> str:
    """Return the date that an article's first lines give, with its year.

    :param text: The article.
    :returns: The date as ISO 8601, such as ``"2021-03-04"``; empty if there is none.
    """
    lines = (line.strip() for line in text[:5000].splitlines())
    for line in islice(filter(None, lines), MAX_LINES):
        match = _LINE.match(line)
        if match:
            parts = {name[:-1]: value for name, value in match.groupdict().items() if value}
            month = parts["month"]
            number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
            try:
                return datetime.date(int(parts["year"]), number, int(parts["day"])).isoformat()
            except ValueError:  # such as 31 February
                continue
    return ""
