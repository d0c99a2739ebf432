from __future__ import annotations

import re

import pytest

from stance.inference.table import Style, legend, table_lines

WORDS = "This is the ninth violation in a single year and this Council has answered with nine silences"
ROW = {
    **{
        "doc_id": "talks.txt",
        "context": "Talks go on",
        "kind": "direct",
        "speaker": "Carla Whitmore",
        "country": "USA",
    },
    **{"text": f"{WORDS},", "sentence": f"{WORDS}.\x1b[2J"},
    **{"p_pro_sanctions": 0.934, "p_anti_sanctions": 0.45, "p_self_defence": 0.001},
    **{"tags": ["pro_sanctions"], "uncertain": ["anti_sanctions"], "error": None},
}
PLAIN = {
    **ROW,
    "kind": "mixed",
    "text": "We will talk.",
    "sentence": "He said: we will talk.",
    "country": "CHN,RUS",
    "tags": [],
    "uncertain": [],
}
FAILED = {**dict.fromkeys(ROW), "doc_id": "rede.txt", "error": "language is 'de', not English"}

SCORE = """\
talks.txt · Talks go on
Statement                       Speaker          Country  Tags
──────────────────────────────  ───────────────  ───────  ──────────────────────
This is the ninth violation in  Carla Whitmore   USA      pro_sanctions 93%
a single year and this Council                            (anti_sanctions) 45% ?
has answered with nine
silences. [2J

We will talk.                   Carla Whitmore   CHN,     –
                                                 RUS

rede.txt
Statement                       Speaker          Country  Tags
──────────────────────────────  ───────────────  ───────  ──────────────────────
not read: language is 'de', not English
"""

CLASSIFY = """\
Statement                                                 Tags
────────────────────────────────────────────────────────  ──────────────────────
We will talk.                                             –

not read: rede.txt: language is 'de', not English
"""


def draw(rows, **style):
    return "\n".join(table_lines(rows, Style(**style)))


def test_scores_at_80_columns():
    assert draw([ROW, PLAIN, FAILED], command="score") == SCORE


def test_a_table_of_statements():
    assert draw([{**PLAIN, "quote": "We will talk."}, FAILED], command="classify", text_column="quote") == CLASSIFY


def test_extracted_statements_show_their_kind():
    lines = draw([ROW], command="extract").splitlines()
    assert lines[1].split() == ["Statement", "Speaker", "Country", "Kind"]
    assert lines[3].endswith("direct")


@pytest.mark.parametrize("width", [20, 80, 100, 400])
@pytest.mark.parametrize("command", ["extract", "classify", "score"])
def test_no_line_is_wider_than_the_terminal(width, command):
    long = {**ROW, "text": "word " * 900 + "x" * 300, "speaker": "A" * 90}
    assert max(map(len, draw([long, FAILED], command=command, width=width).splitlines())) <= max(width, 70)


def test_colours_change_nothing_else():
    rows = [ROW, PLAIN, FAILED]
    coloured = draw(rows, command="score", colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[\d*m", "", coloured) == SCORE
    assert "\x1b" not in legend(Style("score"))
