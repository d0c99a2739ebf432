from __future__ import annotations

import random
import time

import pytest

import stance
from stance.extraction import extract, extract_speech
from stance.extraction.countries import country_code
from stance.extraction.tokens import sentences, tokenize

OLD = """UNITED NATIONS
A/40/PV.7

1.\tMr. Amadi (Ghana) (interpretation from French): Allow me first of all to
congratulate you, Sir, on your election. My delegation will give you its full co-
operation, and that of its inter-
national partners.
2.\tSanctions have hurt the poor of every international harbour, and the rich
of none. They must be lifted at once. The committee met for three years and went

14

on as before, and nobody was helped by any of it.

The question of the islands

3.\t(spoke in English) I thank the Assembly for its patience. (continued in French) We shall
defend ourselves, as the Charter allows. (Applause.)
"""
PIECES = [
    *("The measures must be lifted now. ", "No! ", "“Never again,” we said. “Who asked us?” ", "\n", "\n\n", "\r\n"),
    *("12.\t", "(spoke in French) ", "Mr. Osei (Ghana): ", "co-\noperation ", "- ", "• ", "\n\n17\n\n", "A/40/PV.3\n"),
    *(
        "Peace and security\n",
        "which nobody wanted ",
        "U.S. ",
        "... ",
        "\u200b",
        "\ufeff",
        "\0",
        "\x0c",
        "\u2028",
        "\x85",
    ),
    *(
        "يجب رفع العقوبات. ",
        "制裁必须解除。",
        "Élan à l’œuvre ; ",
        "(",
        ")",
        '"',
        "’",
        "x" * 600,
        "5 ",
        ": ",
        "Ǆ ",
        "\u00ad",
    ),
]


def texts(number):
    """Make up texts of every oddity at once."""
    for seed in range(number):
        chance = random.Random(seed)
        yield "".join(chance.choice(PIECES) for _ in range(chance.randrange(60)))


def words(found):
    return [statement.sentence for statement in found]


# --- what is a statement


def test_an_old_record_is_read_without_its_numbers_heads_and_directions():
    found = extract_speech(OLD, context="UN General Debate, session 40 (1985)")
    assert words(found) == [
        "Allow me first of all to congratulate you, Sir, on your election. My delegation will give you its full "
        "co-operation, and that of its international partners.",
        "Sanctions have hurt the poor of every international harbour, and the rich of none. They must be lifted at "
        "once. The committee met for three years and went on as before, and nobody was helped by any of it.",
        "I thank the Assembly for its patience.",
        "We shall defend ourselves, as the Charter allows.",
    ]
    assert {(one.kind, one.context, one.speaker.country) for one in found} == {
        ("statement", "UN General Debate, session 40 (1985)", "GHA")
    }
    assert {OLD[slice(*one.speaker.mention_span)] for one in found} == {"Mr. Amadi"}
    assert "\n\n14\n\n" in found[1].text  # verbatim, the number of the page included
    assert stance.extract_speech is extract_speech


def test_a_new_record_has_a_paragraph_a_line():
    text = (
        "Mr. President,\n"
        "Climate\n"
        "The sea has taken two of our islands. It will take the others.\n"
        "• We ask for a fund that pays for dikes;\n"
        "Thank you.\n"
    )
    assert words(extract_speech(text)) == [
        "The sea has taken two of our islands. It will take the others.",
        "We ask for a fund that pays for dikes;",
        "Thank you.",
    ]


def test_lines_that_look_like_something_else_in_mid_sentence():
    text = (
        "We recall what was agreed upon in long and patient talks by the\n"
        "General Assembly at its tenth special session and by the Council\n"
        "— and by many others who came after them — under the resolution\n"
        "12. That was a good day for all who had worked for it so long.\n"
    )
    (one,) = extract_speech(text)
    assert one.sentence == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("We oppose war.\n\nSanctions must be lifted now", ["We oppose war.", "Sanctions must be lifted now"]),
        (
            "We oppose war.\n\nSanctions must be lifted\n\nSo be it.",
            ["We oppose war.", "Sanctions must be lifted", "So be it."],
        ),
        ("He said: “We will\n\nnever give up what is ours.”", ["He said: “We will", "never give up what is ours.”"]),
        (
            "He said: “Never\n\nGive up nothing that is rightfully ours.”",
            ["He said: “Never", "Give up nothing that is rightfully ours.”"],
        ),
        ("We will\n\nnever give up what is ours.", ["We will", "never give up what is ours."]),
        ("He said:\n\nThe measures that hurt us so must go.", ["He said:", "The measures that hurt us so must go."]),
        (
            "Islands\n\nThe sea\n\nThe sea has taken two of our islands.\n\nThank you",
            ["The sea has taken two of our islands.", "Thank you"],
        ),
    ],
)
def test_only_what_prose_follows_is_a_heading(text, sentences):
    assert words(extract_speech(text)) == sentences


@pytest.mark.parametrize(
    "text",
    [
        "We regret the sanctions of resolution\n1718\nbecause they hurt our people.",
        "Trade fell by\n50%\nlast year because of the measures.",
        "We recall what was said there in resolution\nS/RES/1718\nand oppose it.",
        "We recall what was said there in resolution\nS/RES/1718.",
        "We asked for a fund of\n$50.\n",
    ],
)
def test_a_number_in_mid_sentence_is_none_of_a_page(text):
    assert words(extract_speech(text)) == [" ".join(text.split())]


@pytest.mark.parametrize(
    "page", ["\n\n14\n", "\n14\n\n", "\f14\n", "\n14\f", "\nA/40/PV.7\n14\n", "\n- 14 -\nPage 14\n", "\n* * *\n"]
)
def test_a_number_that_stands_apart_is_that_of_a_page(page):
    text = f"The committee met for three years and went{page}on as before, and nobody was helped by any of it."
    assert words(extract_speech(text)) == [text.replace(page, " ")]
    assert words(extract_speech(f"1\nMr. Osei (Ghana): {text}")) == [text.replace(page, " ")]


def test_three_points_at_the_start_of_a_line_keep_their_blank():
    text = "We face threats to our trade and to our ports, and\n... and we face them alone.\n"
    assert words(extract_speech(text)) == [" ".join(text.split())]


def test_a_text_without_any_final_mark_is_read_all_the_same():
    assert words(extract_speech("Sanctions must go")) == ["Sanctions must go"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("We do not (laughter) support sanctions on Iran.", "We do not support sanctions on Iran."),
        ("Sanctions (applause) must be lifted", "Sanctions must be lifted"),
        ("We shall win (Applause.) [laughter].", "We shall win."),
        ("We do not (spoke\nin French) want (continued in English): war.", "We do not want: war."),
    ],
)
def test_a_stage_direction_in_mid_sentence_is_no_cut(text, sentence):
    (one,) = extract_speech(text)
    assert one.sentence == sentence
    assert text.startswith(one.text)


def test_stage_directions_between_sentences_are_cuts():
    text = "We do not agree. (laughter) (applause) We must go! “No.” (spoke in French): We shall win. (Applause.)"
    assert [one.text for one in extract_speech(text)] == [
        "We do not agree.",
        "We must go! “No.”",
        "We shall win.",
    ]


def test_short_sentences_join_and_long_ones_stand_alone():
    sentence = "We have waited for a decision of this Council for the better part of twenty years. "
    short = extract_speech("No. " + sentence + "Why? " + sentence * 3)
    assert all(len(one.text) > 45 for one in short)
    long = "We ask for " + "a fund that pays for dikes, and " * 20 + "for time. "
    assert long.strip() in [one.text for one in extract_speech(sentence + long + sentence)]


def test_no_statement_has_more_than_three_sentences_or_crosses_a_paragraph():
    text = "\n\n".join("We say so. " * number for number in range(1, 12))
    for one in extract_speech(text):
        assert len(sentences(one.text, tokenize(one.text, 0, len(one.text), []))) <= 3
        assert "\n" not in one.text


def test_quotation_marks_hide_no_end_of_a_sentence():
    sentence = "The treaty says, “The parties shall consult each other on every measure that they wish to take.” "
    found = extract_speech(sentence * 6)
    assert all(one.text.endswith("take.”") and one.text.startswith("The treaty") for one in found)
    assert len(found) == 3


# --- who speaks


@pytest.mark.parametrize(
    ("start", "name", "country"),
    [
        ("Mr. Ivanenko (Russian Federation) (spoke in Russian): ", "Mr. Ivanenko", "RUS"),
        ("The President (spoke in Chinese): ", "The President", ""),
        ("Ms. De La Cruz (Bolivia (Plurinational State of)): ", "Ms. De La Cruz", "BOL"),
        ("Sir Miles Fenwick (United Kingdom) ", "Sir Miles Fenwick", "GBR"),
        ("12. Mr. VAN DER MEER (Netherlands): ", "Mr. VAN DER MEER", "NLD"),
        ("Mr. Žbogar (Slovenia): ", "Mr. Žbogar", "SVN"),
        ("Ms. Łoś (Poland) ", "Ms. Łoś", "POL"),
        ("Mr. al-Amadi (Sudan): ", "Mr. al-Amadi", "SDN"),
        ("H.E. Mr. Amadi (Ghana): ", "H.E. Mr. Amadi", "GHA"),
        ("H. E. Ms. Amadi (Ghana) ", "H. E. Ms. Amadi", "GHA"),
        ("Mr. Amadi (Ghana) [interpretation from French]: ", "Mr. Amadi", "GHA"),
        ("Mr. Amadi [interpretation from French]: ", "Mr. Amadi", ""),
    ],
)
def test_the_label_in_front_names_the_speaker(start, name, country):
    (one,) = extract_speech(start + "We shall lift nothing.")
    assert (one.text, one.speaker.name, one.speaker.country) == ("We shall lift nothing.", name, country)
    (one,) = extract_speech(start + "We shall lift nothing.", speaker="Ada Osei", country="Ghana")
    assert (one.speaker.name, one.speaker.mention, one.speaker.country) == ("Ada Osei", name, "GHA")


@pytest.mark.parametrize(
    "text",
    [
        "Mr. President: We shall lift nothing.",
        "Madam Chair: We shall lift nothing.",
        "The choice is simple: we shall lift nothing.",
        "Mr. Osei (who spoke before me) We disagree with him.",
        "The Non-Proliferation Treaty (NPT) Review Conference failed.",
        "The United Nations (UN) Charter forbids it.",
        "General Assembly (UN) Resolution 2 forbids it.",
    ],
)
def test_other_starts_are_no_labels(text):
    (one,) = extract_speech(text)
    assert (one.text, one.speaker) == (text, None)


@pytest.mark.parametrize("blank", ["\u00a0", "  "])
def test_a_name_may_hold_other_blanks(blank):
    text = f"Mr.{blank}Amadi{blank}(Ghana): We shall lift nothing."
    (one,) = extract_speech(text)
    assert (one.text, one.speaker.name, one.speaker.country) == ("We shall lift nothing.", "Mr. Amadi", "GHA")
    assert text[slice(*one.speaker.mention_span)] == one.speaker.mention == f"Mr.{blank}Amadi"


def test_a_label_without_words_is_no_statement():
    assert extract_speech("Mr. Osei (Ghana):") == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(("Iran (Islamic Republic of)", "IRN"), ("the Gambia", "GMB"), ("The Netherlands", "NLD"), ("MALI", "MLI")),
        *(("PRK", "PRK"), ("EU", "EU"), ("UN", "UN"), ("Yugoslavia", "YUG"), ("Côte d’Ivoire", "CIV"), ("UK", "GBR")),
        *(("CSK", "CSK"), ("YUG", "YUG"), ("CEO", ""), ("NPT", ""), ("SDG", "")),
        *(("", ""), ("Mission in South Sudan", ""), ("Paris", ""), ("spoke in French", "")),
    ],
)
def test_names_of_countries_become_codes(name, code):
    assert country_code(name) == code


def test_the_representative_of_ghana_speaks_for_ghana():
    text = "The representative of Ghana said that the measures must be lifted without delay."
    (one,) = extract(text, tagger=None)
    assert (one.text, one.speaker.country) == ("the measures must be lifted without delay", "GHA")
    (one,) = extract(text)
    assert one.speaker.country == "GHA"


# --- whatever the text


def test_statements_are_slices_in_order_and_come_out_the_same_again():
    for text in texts(400):
        found = extract_speech(text)
        behind = 0
        for one in found:
            assert behind <= one.start < one.end <= len(text)
            assert one.text == text[one.start : one.end] == one.text.strip()
            assert one.spans == ((one.start, one.end),)
            assert one.sentence.strip() == one.sentence
            assert one.sentence
            assert not set(one.sentence) & set("\n\r\0\u00ad")
            behind = one.end
        assert extract_speech(text) == found


@pytest.mark.parametrize("text", ["", " \n\ufeff", "\0\0", "12\n13", "* * *", "(spoke in French)"])
def test_nothing_to_read(text):
    assert extract_speech(text) == []


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "start", ["The " + "A-" * 200, "Mr. " + "a’-" * 200, "Mr. A " + "(a (b " * 100, "Mr. A" + "(x)" * 200]
)
def test_what_only_looks_like_a_label_is_read_in_no_time(start):
    assert seconds(start, len(start)) < 1


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "piece",
    ["a\n", "We must.\n\n", "co-\noperation ", "(spoke in French) x. ", "(Laughter) x ", '"x. ', "( ", "1\n\n"],
)
def test_the_time_is_linear_in_the_length(piece):
    # Five times the text: a cost that is linear grows by 5, a quadratic one by 25.
    assert seconds(piece, 500_000) < 12 * max(seconds(piece, 100_000), 0.02)


def test_a_speech_of_two_million_characters_takes_five_times_that_of_a_fifth():
    piece = "We must act now, all of us, and lift what we can.\n"
    assert seconds(piece, 2_000_000) < 12 * seconds(piece, 400_000)


def seconds(piece, length):
    text = piece * (length // len(piece))
    start = time.process_time()
    extract_speech(text)
    return time.process_time() - start
