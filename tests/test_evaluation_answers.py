import json

import pytest

from stance.errors import InputError
from stance.evaluation.answers import read_answers

ROW = {"text": "Lift them.", "context": "Cuba", "p_war": 0.7, "p_peace": 0.2}


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_answers_are_found_by_text_and_context(tmp_path):
    given = {"text": "Keep them.", "p_war": 0.7, "p_peace": 0.2, "tags": ["peace"], "uncertain": ["war"]}
    answers = read_answers(write(tmp_path / "llm.jsonl", ROW, given))
    assert (answers.name, answers.tags, answers.thresholds) == ("llm", ("war", "peace"), (0.5, 0.5))
    kept, lifted = answers.score(["Keep them.", "Lift them."], ["", "Cuba"])
    assert (lifted.p, lifted.tags, lifted.uncertain) == ({"war": 0.7, "peace": 0.2}, ("war",), ())
    assert (kept.tags, kept.uncertain) == (("peace",), ("war",))
    assert answers.score(["Keep them."]) == [kept]
    with pytest.raises(InputError, match=r"llm gives no answer for 1 of 2 statements, the first being 'Lift them.'"):
        answers.score(["Lift them.", "Keep them."])


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"p_war": 0.1}, "has no 'text'"),
        ({"text": "x"}, "has no column p_TAG"),
        ({**ROW, "p_peace": 1.5}, "p_peace is 1.5; give a probability"),
        ({**ROW, "p_peace": None}, "p_peace is None"),
        ({**ROW, "p_war": True}, "p_war is True"),
        ({**ROW, "p_war": float("nan")}, "p_war is nan"),
        ({**ROW, "tags": "war"}, "'tags' is no list"),
    ],
)
def test_what_is_wrong_with_answers(tmp_path, row, cause):
    with pytest.raises(InputError, match=f"line 1: .*{cause}"):
        read_answers(write(tmp_path / "a.jsonl", row))


def test_files_that_hold_none(tmp_path):
    with pytest.raises(InputError):
        read_answers(tmp_path / "missing.jsonl")
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(InputError):
        read_answers(tmp_path / "empty.jsonl")
