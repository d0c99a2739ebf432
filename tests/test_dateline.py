from __future__ import annotations

import pytest

from stance.inference.dateline import dateline


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("GENEVA, 4 March 2021 - Talks went on.", "2021-03-04"),
        ("Talks end\n\nUNITED NATIONS, Sept. 14, 2017 (wire) - Talks ended.", "2017-09-14"),
        ("NEW YORK/LONDON (May 1, 2020) -- Talks ended.", "2020-05-01"),
        ("Published: Tuesday, 3 June 2014 10:20 GMT\nTalks ended.", "2014-06-03"),
        ("Talks end\n2019-12-31\nTalks ended.", "2019-12-31"),
        ("Updated on January 5, 2022\nTalks ended.", "2022-01-05"),
    ],
)
def test_dates_of_articles(text, date):
    assert dateline(text) == date


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UNITED NATIONS, Sept 14 (wire) - There is no year.",
        "The measures of 4 March 2021 stay in force, he said.",
        "On March 4, 2021, the council met.",
        "GENEVA, 31 February 2021 - There is no such day.",
        "GENEVA, 4 March 20211 - There is no such year.",
        "line\n" * 11 + "GENEVA, 4 March 2021 - This is too far down.",
    ],
)
def test_other_dates_are_left_alone(text):
    assert dateline(text) == ""
