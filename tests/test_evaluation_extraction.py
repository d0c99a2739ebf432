"""The scorer of extraction, on statements small enough to count by hand."""

import importlib.util
import json
from pathlib import Path

import pytest

from stance.datasets.articles import marked_articles
from stance.errors import InputError
from stance.evaluation.extraction import as_prediction, score_extraction
from stance.evaluation.spans import guess_kind, pieces_of
from stance.evaluation.speakers import last_word, name_matches
from stance.statement import Score, ScoredStatement, Speaker, Statement

TEXT = 'Ada Holm said that the road was shut. "We will dig," she added. Nobody came.'
GOLD = [
    {
        "spans": [[19, 36]],
        "speaker": "Ada Holm",
        "canonical": "Ada Holm",
        "country": "DNK",
        "kind": "indirect",
        "tags": [],
    },
    {"spans": [[39, 51]], "speaker": "she", "canonical": "Ada Holm", "country": "DNK", "kind": "direct", "tags": None},
]
ITEM = {"id": "a", "text": TEXT, "statements": GOLD, "ignore": [[64, 76]]}


def guess(span, speaker, **more):
    return {"spans": [list(span)], "speaker": speaker, "canonical": "Ada Holm", "country": "DNK", **more}


def test_all_right():
    report = score_extraction([ITEM], [[guess((14, 36), "Ada Holm", kind="indirect"), guess((38, 52), "she")]])
    assert report["all"]["exact"]["f1"] == report["all"]["attributed"]["f1"] == report["quoted"]["exact"]["f1"] == 1.0
    assert report["speaker"]["country"] == {"acc": 1.0, "n": 2}
    assert "end_to_end" not in report["all"]


def test_ignored_stretches_and_repeats_count_neither_way():
    report = score_extraction(
        [ITEM], [[guess((64, 76), "x"), guess((19, 36), "Ada Holm"), guess((19, 37), "Ada Holm")]]
    )
    assert report["all"]["overlap"] == {"p": 1.0, "r": 0.5, "f1": 0.6667, "hits": 1, "predicted": 1, "gold": 2}


def test_half_a_statement_is_touched_only():
    report = score_extraction([ITEM], [[guess((19, 27), "Ada Holm")]])
    assert report["recall_by_kind"]["indirect"] == {"gold": 1, "exact": 0.0, "overlap": 0.0, "touched": 1.0}


def test_end_to_end_needs_the_tags_and_leaves_out_the_unsettled():
    right = guess((19, 36), "Ada Holm", tags=[])
    wrong = guess((19, 36), "Ada Holm", tags=["pro_sanctions"])
    second = guess((39, 51), "she", tags=["self_defence"])
    assert score_extraction([ITEM], [[right, second]])["all"]["end_to_end"]["f1"] == 1.0
    assert score_extraction([ITEM], [[wrong, second]])["all"]["end_to_end"]["f1"] == 0.0


def test_split_quotes_may_be_one_statement_or_several():
    assert pieces_of("“One,” he said. “Two.”\n“Three.”", [[1, 30]]) == [(1, 20), (24, 29)]
    assert pieces_of("“One.” “Two.”", [[1, 5], [8, 12]]) == [(1, 11)]


@pytest.mark.parametrize(("text", "kind"), [("the road was shut", "indirect"), ("a “road” to ruin", "mixed")])
def test_kind_is_guessed_from_the_marks(text, kind):
    assert guess_kind(text, 0, len(text)) == kind


def test_names_match_by_last_word_and_pronouns_never():
    gold = {"speaker": "the envoy", "canonical": "Ada Holm"}
    assert name_matches({"speaker": "Holm", "canonical": None}, gold)
    assert not name_matches({"speaker": "she", "canonical": None}, gold)
    assert name_matches({"speaker": "she"}, {"speaker": "she"}) is None
    assert last_word("Dr Ada Holm, a nurse") == "holm"


def test_statements_become_predictions():
    statement = Statement("x", "x", "direct", ((0, 1),), "", Speaker("Ada Holm", "she", "", (2, 3)))
    scored = ScoredStatement(statement, Score({}, ("pro_sanctions",), (), 3, False), "m")
    assert as_prediction(statement)["country"] is None
    assert as_prediction(scored)["tags"] == ["pro_sanctions"]


@pytest.fixture(scope="module")
def script():
    path = Path(__file__).parent.parent / "scripts" / "evaluate_extraction.py"
    spec = importlib.util.spec_from_file_location("evaluate_extraction", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_script_prints_and_writes_the_figures(script, tmp_path, capsys):
    out = tmp_path / "figures.json"
    assert script.main(["--split", "dev", "--only", "rules", "--json", str(out)]) == 0
    report = json.loads(out.read_text())
    assert report["articles"] == len(marked_articles("dev")) == 32
    assert report["all"]["overlap"]["f1"] > 0.75
    assert report["quoted"]["exact"]["f1"] > 0.9
    assert f"{report['all']['overlap']['f1']:.3f}" in capsys.readouterr().out


def test_script_refuses_what_is_not_marked(script, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x"}\n')
    with pytest.raises(InputError, match="no 'text' and 'statements'"):
        script.main([str(path)])
    with pytest.raises(InputError, match="no id that begins with 'zz'"):
        script.main(["--ids", "zz"])
    path.write_text(json.dumps(ITEM) + "\n")
    with pytest.raises(InputError, match="no marked article whose id begins with 'zz'"):
        script.main([str(path), "--ids", "zz"])
    with pytest.raises(InputError, match="choose from a file with --ids"):
        script.main([str(path), "--split", "dev"])
    with pytest.raises(InputError, match="leave out --only"):
        script.main([str(path), "--only", "rules", "--model", "default"])
