import json

import pytest

from stance.datasets.normalise import curly_quotes, detokenised, paragraphs, without_directions, without_markdown
from stance.datasets.readers import WHOLE_FILE, read_documents
from stance.datasets.sources import source_table, split_source
from stance.errors import InputError


def whole(reader, text, path="folder/file"):
    return read_documents(reader, text.encode(), path)[WHOLE_FILE]


def test_quotes_open_and_close_by_turns_in_each_paragraph():
    assert curly_quotes('He said "yes" and "no".') == "He said “yes” and “no”."
    assert curly_quotes("It's") == "It's"


def test_lines_are_unwrapped_and_blank_lines_part_paragraphs():
    assert paragraphs("One\ntwo \u00a0 three\r\n \t\r\nfour\ufeff\n\n\n") == ["One two three", "four"]


def test_stage_directions_go_and_other_brackets_stay():
    assert without_directions("We won. (Applause.) Thank you (all).") == "We won. Thank you (all)."


def test_markdown_marks_go_and_words_stay():
    text = "# Title\n\n**Bold** and *Register*, \\[an official\\], [a link](https://x.org), snake_case and \\*."
    assert without_markdown(text) == "Title\n\nBold and Register, [an official], a link, snake_case and *."


def test_tokenised_punctuation_is_closed_up():
    text = "The council 's self - defence clause ( CSC ) , we said , did n't apply ."
    assert detokenised(text) == "The council's self-defence clause (CSC), we said, didn't apply."


def test_plain_speeches_come_with_and_without_a_blank_behind_broken_hyphens():
    speech = whole("plain_speech", "\ufeffThe Secretary-\nGeneral\tspoke.\nWe agree.")
    assert speech.texts == ("The Secretary-General spoke. We agree.", "The Secretary- General spoke. We agree.")


def test_plain_news_take_the_title_from_the_file_name():
    news = whole(
        "plain_news", 'The minister said: "No."\n\nThat was all.', "data/text/times_2015-01-01_minister-says-no.txt"
    )
    assert news.titles == ("minister says no",)
    assert "The minister said: “No.”\n\nThat was all." in news.texts


def test_markdown_with_front_matter():
    text = '---\ntags: x\ntitle: "Remarks in\\_Norland"\n---\n \nMS. ODA:  We are \\[all\\]\nglad.  (Laughs.)  Now —\n'
    page = whole("markdown", text)
    assert page.titles == ("Remarks in Norland",)
    assert page.texts[0] == "MS. ODA: We are [all] glad. Now —"
    assert whole("markdown", "# Tal i FN\n\nMr President,\n").titles == ("Tal i FN",)


def test_articles_take_the_original_text_and_else_the_tokenised_one():
    article = {"title": "A", "content_original": 'Image\n\nHe said "no".', "content": "x"}
    assert "Image\n\nHe said “no”." in whole("article_object", json.dumps(article)).texts
    tokenised = {"title": "A", "content": "He left , sadly .\nThe end ."}
    assert "He left, sadly.\n\nThe end." in whole("article_object", json.dumps(tokenised)).texts


def test_headlines_that_stand_twice_keep_the_one_with_text():
    headline = {"headline": 'Norland\'s "Peace"', "date_str": "2024-01-02"}
    story = "Seatown, January 2 (KCNA) -- We arm in defence.\nNobody else does. -0-"
    stories = [{**headline, "story_text": story}, {**headline, "story_text": ""}]
    documents = read_documents("headline_list", json.dumps(stories).encode(), "x.json")
    document = documents["KCNA_2024-01-02_Norland_s_Peace_"]
    assert "We arm in defence.\n\nNobody else does." in document.texts
    assert 'Norland\'s "Peace"' in document.titles


def test_messages_are_paired_with_their_own_texts():
    script = """const source = [
  {
    id: 'a-1',
    name: 'The mayor\\'s word',
    date: '2022-03-01T22:15:56',
    text: 'Short.',
    url: 'https://x.org'
  },
  {
    id: 'b2',
    name: 'Second',
    date: '2022-03-02T22:15:56',
    text: `
**Friends!**

We defend ourselves.
    `,
  }
]"""
    documents = read_documents("message_script", script.encode(), "x.js")
    assert documents["UKRPRES_2022-03-01_a_1"].texts == ("Short.",)
    assert documents["UKRPRES_2022-03-01_a_1"].titles == ("The mayor's word",)
    assert documents["UKRPRES_2022-03-02_b2"].texts == ("Friends!\n\nWe defend ourselves.",)


def test_tables_of_sentences_and_of_speeches():
    table = 'file_id,sentence_text\nUNSC_2014_SPV.1_spch002_Norland_01.txt,"We agree , too ."\n'
    speech = read_documents("sentence_table", table.encode(), "x.csv")["UNSC_2014_SPV.1_spch002"]
    assert speech.texts == ("We agree, too.",)
    table = 'data_id,date,words\n1,2014-07-21 10:00,"Good day.\nWe act."\n2,2014-07-21,Bye.\n'
    assert read_documents("speech_table", table.encode(), "x.csv")["PUTIN_2014-07-21"].texts == (
        "Good day. We act.\n\nBye.",
    )


def test_objects_of_sentences():
    article = {"sentences": [{"content": "The title"}, {"content": "One  day."}, {"content": "Two days."}]}
    document = whole("sentence_object", json.dumps(article))
    assert (document.titles, document.texts) == (("The title",), ("The title\n\nOne day. Two days.",))


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        ("article_object", "<html>"),
        ("article_object", "[]"),
        ("headline_list", '{"a": 1}'),
        ("sentence_object", '{"a": 1}'),
        ("sentence_object", '{"sentences": []}'),
        ("sentence_table", "a,b\n1,2\n"),
        ("speech_table", "a,b\n1,2\n"),
        ("markdown", "---\ntitle: [\n---\nx"),
    ],
)
def test_a_file_of_another_form_is_named(reader, text):
    with pytest.raises(InputError, match=r"x\.json has not the form that was expected"):
        read_documents(reader, text.encode(), "x.json")


def test_every_source_of_the_table_has_a_reader_and_rights():
    for source in source_table().values():
        assert source.commit
        assert source.licence
        assert source.rights
        try:
            read_documents(source.reader, b"", "x")
        except InputError as error:  # an empty file has not the form; a missing reader would be named as such
            assert f"'{source.reader}'" not in str(error)


@pytest.mark.parametrize(
    "source", ["nobody/nothing:a.txt", "linatal/UNSCon", "linatal/UNSCon:", "linatal/UNSCon:../a", "linatal/UNSCon:/a"]
)
def test_a_source_outside_the_table_or_its_repository_is_refused(source):
    with pytest.raises(InputError, match=r"not in the table|no path inside its repository"):
        split_source(source)
