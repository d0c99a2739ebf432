"""What is found in articles: statements, their speakers, names and countries."""

import itertools
import random
from functools import partial
from importlib import resources

import pytest

from stance import extraction
from stance.datasets.articles import marked_articles

extract = partial(extraction.extract, tagger=None)  # what the rules find by themselves
EVERY_WAY = pytest.mark.parametrize("extract", [extract, extraction.extract], ids=["rules", "network"])


def texts():
    return [item["text"] for item in marked_articles()][::5]


def found(text, **options):
    return [
        (s.kind, s.text, s.speaker.mention if s.speaker else None, s.speaker.country if s.speaker else None)
        for s in extract(text, **options)
    ]


def names(text):
    return [s.speaker.name if s.speaker else None for s in extract(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"We will vote no," Ada Holm said.', "We will vote no,"),
        ("“We will vote no,” said Ada Holm.", "We will vote no,"),
        ("„We will vote no“, said Ada Holm.", "We will vote no"),
        ("« We will vote no », said Ada Holm.", "We will vote no"),
        ("»We will vote no«, said Ada Holm.", "We will vote no"),
        ("‘We will vote no,’ Ada Holm said.", "We will vote no,"),
        ("'We won't vote, no,' Ada Holm said.", "We won't vote, no,"),
        ('Ada Holm said: "We will vote no."', "We will vote no."),
        ('Ada Holm told the Council, "We will vote no."', "We will vote no."),
        ("Minister Ada Holm: “We will vote no.”", "We will vote no."),
    ],
)
def test_direct_speech_in_every_style_of_marks(text, words):
    [statement] = extract(text)
    assert (statement.kind, statement.text) == ("direct", words)
    assert statement.speaker.name == "Ada Holm"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ada Holm said that the border would stay open.", "the border would stay open"),
        ("Ada Holm said on Friday the border would stay open.", "the border would stay open"),
        ("The border would stay open, Ada Holm said.", "The border would stay open"),
        ("The border would stay open, according to Ada Holm.", "The border would stay open"),
        ("According to Ada Holm, a lawyer in Bern, the border is open.", "the border is open"),
        ("Ada Holm accused the council of hiding the report.", "the council of hiding the report"),
        ("Ada Holm warned that the border would close.", "the border would close"),
        ("Ada Holm urged both sides to return to talks.", "both sides to return to talks"),
        ("Ada Holm called on both sides to return to talks.", "both sides to return to talks"),
        ("Ada Holm rejected the claim that the border was shut.", "the claim that the border was shut"),
        ("Ada Holm told reporters that the border would stay open.", "the border would stay open"),
        ("Ada Holm defended the tests as a means of defence.", "the tests as a means of defence"),
        ("Ada Holm was quoted as saying that the border was open.", "the border was open"),
    ],
)
def test_indirect_speech(text, words):
    [statement] = extract(text)
    assert (statement.kind, statement.text, statement.speaker.name) == ("indirect", words, "Ada Holm")
    assert statement.sentence == text


def test_mixed_speech_is_read_with_its_whole_sentence():
    text = 'Ada Holm described the vote as "a farce", and said the result was void.'
    first, second = extract(text)
    assert (first.kind, first.text) == ("mixed", 'the vote as "a farce"')
    assert (second.kind, second.text) == ("indirect", "the result was void")
    assert first.sentence == second.sentence == text
    assert second.speaker.name == "Ada Holm"


def test_split_quote_is_one_statement_whose_commas_become_full_stops():
    [statement] = extract('"We waited," the envoy said. "Nobody came."')
    assert statement.text == "We waited, Nobody came."
    assert statement.sentence == "We waited. Nobody came."
    assert len(statement.spans) == 2


def test_quote_over_paragraphs_is_one_statement():
    text = "“We waited for nine days.\n\n“Nobody came.\n\n“We went home,” said Ada Holm, a nurse."
    [statement] = extract(text)
    assert [text[a:b] for a, b in statement.spans] == ["We waited for nine days.", "Nobody came.", "We went home,"]
    assert statement.speaker.name == "Ada Holm"


@pytest.mark.parametrize(
    "text",
    [
        '"We waited for nine days, the envoy said. "Nobody came."',  # the first closing mark is missing
        '"We waited for nine days "the envoy said. "Nobody came."',  # it is glued to the next word
        '"We waited for nine days," the envoy said. "Nobody came.',  # the last one is missing
    ],
)
def test_missing_and_misplaced_marks_do_not_swallow_the_attribution(text):
    statements = extract(text)
    assert all("envoy" not in statement.text for statement in statements)
    assert statements[0].text.startswith("We waited for nine days")
    assert "Nobody came." in " ".join(statement.text for statement in statements)


def test_pronouns_titles_and_last_names_lead_to_the_full_name():
    text = (
        "French envoy Marie Delon said the vote was fair. She added that more would follow. "
        "The envoy warned that time was short.\n\n“Time is short,” Delon said."
    )
    assert names(text) == ["Marie Delon"] * 4


def test_two_people_of_one_name_are_told_apart():
    text = (
        "“The price is fair,” said Finance Minister Ekow Larti.\n\n"
        "“It is not,” said farmer Naa Larti. “We will not sell,” Larti told reporters."
    )
    assert names(text)[0] == "Ekow Larti"
    assert set(names(text)[1:]) == {"Naa Larti"}


def test_apposition_gives_the_name_and_its_country_is_that_of_the_sentence_before():
    text = "South Korea sat in the chamber. Its ambassador, Han Seo-jun, called on all members to vote."
    [statement] = extract(text)
    assert statement.speaker.mention == "Its ambassador"
    assert (statement.speaker.name, statement.speaker.country) == ("Han Seo-jun", "KOR")


@pytest.mark.parametrize(
    ("speaker", "code"),
    [
        ("Moscow", "RUS"),
        ("The Kremlin", "RUS"),
        ("The White House", "USA"),
        ("Pyongyang", "PRK"),
        ("The DPRK", "PRK"),
        ("Kyiv", "UKR"),
        ("The Chinese foreign ministry", "CHN"),
        ("Israel's ambassador to India", "ISR"),
        ("The representative of Côte d’Ivoire", "CIV"),
        ("A spokesman for the European Union", "EU"),
        ("The International Atomic Energy Agency", "IAEA"),
        ("China's U.N. Ambassador Zhang Jun", "CHN"),
        ("The UN secretary general", "UN"),
        ("Kosovo", "XKX"),
        ("A senator from Alaska", "USA"),
        ("One diplomat", ""),
    ],
)
def test_country_of_a_mention(speaker, code):
    [statement] = extract(f"{speaker} said that the measures would stay.")
    assert statement.speaker.country == code


def test_page_furniture_is_no_statement():
    text = (
        "Page Nav\n\nHIDE\n\nMinister says “no” to talks\n\nImage: Reuters\n\n"
        "“No,” the minister said.\n\nShare on Facebook | Copy link\n\nRelated: “What next?” asks our editor\n"
    )
    assert found(text) == [("direct", "No,", "the minister", "")]
    assert extract(text)[0].context == "Minister says “no” to talks"


def test_the_title_given_is_the_context():
    assert extract("“No,” the minister said.", title="Talks fail")[0].context == "Talks fail"
    assert extract("“No,” the minister said.")[0].context == ""


def test_scare_quotes_acts_and_thoughts_are_no_statements():
    assert (
        extract('The so-called "grand bargain" was buried on Friday. The Council adopted the text by 13 votes.') == []
    )


def test_interview_without_marks():
    text = "Question: Will you sign?\n\nLarisa Petrova: We will not sign anything today.\n\nQuestion: Why?\n\n" + (
        "Larisa Petrova: Nobody has asked us to do so."
    )
    assert [s.text for s in extract(text)] == ["We will not sign anything today.", "Nobody has asked us to do so."]
    assert names(text) == ["Larisa Petrova"] * 2


def test_a_speech_gives_no_statements():
    assert extract("Mr. President, our people want peace. We have always worked for it, and we always will.") == []


@EVERY_WAY
def test_the_example_article(extract):
    text = (resources.files("stance") / "examples" / "article.txt").read_text("utf-8")
    statements = extract(text)
    assert len(statements) >= 8
    assert {s.speaker.country for s in statements} == {"USA", "CHN", "RUS", "PRK", "JPN", "KOR"}


def mangled(text, seed):
    chance = random.Random(seed)
    kept = "".join(char for char in text if char not in "\"“”‘’'«»" or chance.random() > 0.3)
    return kept.replace("\n", chance.choice(["\n", "\r\n", "\r"])).replace(" ", chance.choice([" ", "\u00a0"]))


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
@EVERY_WAY
def test_spans_are_the_words_in_order_without_overlap(seed, extract):
    for original in texts():
        text = original if seed is None else mangled(original, seed)
        for statement in extract(text):
            assert statement.text == " ".join(text[a:b] for a, b in statement.spans)
            ends = [offset for span in statement.spans for offset in span]
            assert ends == sorted(ends)
            assert all(a < b for a, b in statement.spans)
            if statement.speaker:
                assert text[slice(*statement.speaker.mention_span)] == statement.speaker.mention


@EVERY_WAY
def test_pieces_of_statements_do_not_overlap_and_come_in_order(extract):
    for text in texts():
        statements = extract(text)
        spans = sorted(span for statement in statements for span in statement.spans)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
        assert [s.start for s in statements] == sorted(s.start for s in statements)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "\x00",
        '"',
        '"' * 999,
        "“”" * 500,
        "'",
        "said",
        "שלום “עולם” אמר he said \x00 it",
        "he said that \ud83d it came",
        ":",
        "A:\nA: B",
        "﻿“x",
    ],
)
@EVERY_WAY
def test_odd_texts_never_raise(text, extract):
    assert isinstance(extract(text), list)


@pytest.mark.parametrize(
    "unit", ["x", '"', "' ", "he said that, ", "“ a said ", "A. ", "Its aide said so. ", "(", "said: "]
)
@EVERY_WAY
def test_long_lines_are_read(unit, extract):
    assert isinstance(extract((unit * 20_000)[:200_000]), list)


@pytest.mark.parametrize(
    ("text", "words", "name", "country"),
    [
        ("Mr. Amadi (Nigeria): We support the renewal.", "We support the renewal.", "Mr. Amadi", "NGA"),
        ("The Ukrainian envoy writes on X: We are ready.", "We are ready.", "The Ukrainian envoy", "UKR"),
        ("“We are ready.” — Ada Holm, nurse", "We are ready.", "Ada Holm", ""),
        (
            "It ended with the French minister saying that time was short.",
            "time was short",
            "the French minister",
            "FRA",
        ),
        ("Cuba's delegate called the embargo illegal.", "the embargo illegal", "Cuba's delegate", "CUB"),
        ("Cuba's delegate stressed the need for talks.", "the need for talks", "Cuba's delegate", "CUB"),
    ],
)
def test_rarer_forms(text, words, name, country):
    [statement] = extract(text)
    assert statement.text == words
    assert statement.speaker.country == country
    assert statement.speaker.mention == name


def test_answers_without_a_name_belong_to_the_speaker_of_the_headline():
    text = (
        "Remarks by Spokesperson Mei Lan\n\nQ: Will you sign?\n\nA: We will not sign anything today.\n\nAFP: And later?"
    )
    [statement] = extract(text)
    assert (statement.text, statement.speaker.name) == ("We will not sign anything today.", "Mei Lan")


@pytest.mark.parametrize(
    ("who", "country"),
    [("South African", "ZAF"), ("North Macedonian", "MKD"), ("South Korean", "KOR"), ("South Sudanese", "SSD")],
)
def test_the_south_of_an_adjective_is_not_korea(who, country):
    ((_, _, _, found_country),) = found(f"The {who} envoy said that the talks would go on for another week.")
    assert found_country == country
    ((_, _, _, found_country),) = found(f"On Monday the {who} envoy said that the talks would go on for a week.")
    assert found_country == country


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Brussels said that the talks on fish between Peru and Chile would end.", "EU"),
        ("Belgian farmers blocked a road. Brussels said that the road would open.", "BEL"),
        ("ISLAMABAD, May 3 - The Foreign Office said that the envoy had left.", "PAK"),
        ("The Foreign Office said that the envoy had left.", "GBR"),
        ("The Federal Foreign Office said that the envoy had left.", "DEU"),
        (
            "Dockers in Leeds met a Chinese firm, and the Home Office was asked.\n\nAnn Lowe said that it was late.",
            "GBR",
        ),
        ("Envoys of Peru met those of Chile. The two ministers said that the border would open.", "CHL,PER"),
        ("Kenya wrote to the African Union. The communique said that talks would go on.", "AU"),
        ("The European Union was absent. Ove Lind of the Union of Norwegian Shipowners said that it was late.", "NOR"),
        ("The European Union was absent. The trade union said that Norway was late.", "NOR"),
        ("The European Union was absent. The Union said that Norway was late.", "EU"),
    ],
)
def test_offices_and_bodies_that_stand_for_a_country(text, code):
    assert extract(text)[-1].speaker.country == code
