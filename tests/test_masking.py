import random

import pytest

from stance.datasets import LabelledStatement, starter_records
from stance.evaluation.swaps import swap
from stance.inference.masking import MASKED, PEERS, mask_countries, with_countries, word_for
from stance.inference.tokenize import PairTokenizer
from stance.runtime import load_tokenizer


def test_every_stand_in_has_a_name_an_adjective_and_a_capital():
    assert [code for code in PEERS if not all(word_for(code, kind) for kind in MASKED)] == []


def test_countries_are_masked_in_the_order_in_which_they_are_named():
    masked = mask_countries("The United States warned Iran; the Iranians left Geneva.", "Moscow and US talk")
    assert masked == ("Norway warned Kenya; the Kenyans left Geneva.", "Lima and Norway talk")


def test_what_names_no_country_stays_to_the_letter():
    assert mask_countries("Lift  the “sanctions”.", "") == ("Lift  the “sanctions”.", "")


def test_swapped_countries_are_masked_alike():
    draw = random.Random(1)
    records = [LabelledStatement(r.id, r.text, context=r.context) for r in starter_records()]  # no speaker to swap
    groups = [(record, swapped) for record in records if (swapped := swap(record, draw))]
    same = [mask_countries(a.text, a.context) == mask_countries(b.text, b.context) for a, b in groups]
    assert len(groups) > 500
    assert sum(same) / len(same) > 0.98


def test_more_countries_than_stand_ins():
    names = [word_for(code, "name") for code in PEERS] + ["Belize", "Fiji"]
    text = "; ".join(names)
    assert mask_countries(text, "") == (text, "")
    assert with_countries("Fiji and Belize", {"FJI": "KEN"}) == "Kenya and Belize"


@pytest.mark.parametrize("mask", [False, True])
def test_a_tokenizer_masks_where_it_is_told_to(tiny_encoder, mask):
    tokenizer = PairTokenizer(load_tokenizer(tiny_encoder), 48, mask)
    here, there = tokenizer(["Iran rejects the sanctions.", "Cuba rejects the sanctions."], ["Tehran", "Havana"])
    assert (here.windows == there.windows) == mask
    assert tokenizer([], []) == []
