"""Statements as plain values and as rows."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from stance.extraction import extract
from stance.inference.rows import STATEMENT_NAMES, score_names
from stance.statement import Score, ScoredStatement, Speaker, Statement

SPEAKER = Speaker("Carla Whitmore", "Whitmore", "USA", (40, 48))
STATEMENT = Statement("We act. Now.", "We act. Now.", "mixed", ((3, 10), (20, 24)), "Talks", SPEAKER)
SCORE = Score({"a": 0.12345678, "b": 0.9}, ("b",), ("a",), 12, True)


@pytest.fixture(scope="module")
def extracted():
    article = (resources.files("stance") / "examples" / "article.txt").read_text("utf-8")
    return [*extract(article, title="Talks go on"), *extract('"We agree to all of this," it said.')]


def test_statements_of_an_article_come_back_from_json(extracted):
    assert len(extracted) > 8
    for statement in extracted:
        data = json.loads(json.dumps(statement.to_dict()))
        assert Statement.from_dict(data) == statement
        assert (data["start"], data["end"]) == (statement.start, statement.end)


@pytest.mark.parametrize("speaker", [SPEAKER, Speaker("", "the ministry"), None])
def test_every_speaker_comes_back(speaker):
    statement = Statement("We act.", "We act.", "direct", ((0, 7),), speaker=speaker)
    assert Statement.from_dict(json.loads(json.dumps(statement.to_dict()))) == statement


def test_what_may_be_left_out():
    data = {"text": "We act.", "sentence": "We act.", "kind": "direct", "spans": [[0, 7]]}
    assert Statement.from_dict(data) == Statement("We act.", "We act.", "direct", ((0, 7),))


def test_the_row_of_a_scored_statement():
    row = ScoredStatement(STATEMENT, SCORE, "m@1").to_row()
    assert row == {
        **{"kind": "mixed", "text": "We act. Now.", "sentence": "We act. Now.", "spans": [[3, 10], [20, 24]]},
        **{"start": 3, "end": 24, "speaker": "Carla Whitmore", "speaker_mention": "Whitmore", "country": "USA"},
        **{"context": "Talks", "p_a": 0.12346, "p_b": 0.9, "tags": ["b"], "uncertain": ["a"], "n_tokens": 12},
        **{"windowed": True, "model": "m@1", "error": None},
    }
    of_the_document = {"doc_id", "statement_id", "date"}
    assert set(row) == {*STATEMENT_NAMES, *score_names(("a", "b"))} - of_the_document


@pytest.mark.parametrize(
    ("speaker", "shown"), [(None, ("", "", "")), (Speaker("", "the envoy", "FRA"), ("the envoy", "the envoy", "FRA"))]
)
def test_rows_without_a_name(speaker, shown):
    row = ScoredStatement(Statement("x", "x", "direct", ((0, 1),), speaker=speaker), SCORE, "m@1").to_row()
    assert (row["speaker"], row["speaker_mention"], row["country"]) == shown
