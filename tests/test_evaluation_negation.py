import re

from stance.datasets import LabelledStatement, starter_records
from stance.evaluation.negation import negation_pairs, negation_report


class Literal:
    """Finds a tag by its words, and never minds a "not"."""

    def predict(self, texts, contexts):
        return [tuple(tag for tag in ("pro_sanctions", "anti_sanctions") if tag in text) for text in texts]


def pair(name, first, second):
    (text, tags), (other, other_tags) = first, second
    return LabelledStatement(f"{name}a", text, tags=tags), LabelledStatement(f"{name}b", other, tags=other_tags)


def test_flips_and_right_answers_are_counted_apart():
    pro, anti = ("pro_sanctions", ("pro_sanctions",)), ("anti_sanctions", ("anti_sanctions",))
    missed = pair("n1", pro, ("not pro_sanctions", ()))
    right = pair("n2", pro, anti)
    stays = pair("n3", pro, ("pro_sanctions, not that", ("pro_sanctions",)))
    wrong_but_stays = pair("n4", ("nothing", ("anti_sanctions",)), ("nothing, never", ("anti_sanctions",)))
    report = negation_report(Literal(), [missed, right, stays, wrong_but_stays])
    assert (report.pairs, report.flipped.value, report.right.value) == (4, 0.75, 0.5)
    assert report.missed == (("n1a", "pro_sanctions", "pro_sanctions"),)
    assert report.flipped.low < 0.75 < report.flipped.high


def test_the_pairs_that_ship_are_pairs_and_no_part_of_the_starter_set():
    pairs = negation_pairs()
    known = {record.text for record in starter_records()}
    assert len(pairs) == 120
    for one, other in pairs:
        assert re.fullmatch(r"neg-\d{3}a", one.id)
        assert other.id == one.id[:-1] + "b"
        assert one.context == other.context
        assert one.text != other.text
        assert not known & {one.text, other.text}
    unchanged = sum(set(one.tags) == set(other.tags) for one, other in pairs)
    assert 10 <= unchanged <= 20
