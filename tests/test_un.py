from __future__ import annotations

import csv
import gzip
import json

import pytest
from fakes import FakeClassifier
from reading import STATEMENTS, read, write

from stance import cli
from stance.errors import InputError
from stance.inference import pipeline, score_corpus
from stance.inference.readers import Layout
from stance.inference.sources import find_sources
from stance.inference.un import Speech

SPEECH = Layout(speech=True)
DEBATE = (
    "1.\tMr. President, we thank you for your words. Sanctions must be lifted.\r\n2.\tWe shall defend ourselves.\r\n"
)
COUNCIL = "Mr. Ivanenko (Russian Federation) (spoke in Russian): The measures are\nunlawful. They must be lifted."
SPEAKER = (
    "spv\tspeech\tspeaker\tcountry\tparticipanttype\trole_in_un\tfilename\tbasename\n"
    "7138\t1\tIvan Ivanenko\tRussian Federation\tMentioned\tNA\tUNSC_2014_SPV.7138_spch001.txt\tUNSC_2014_SPV.7138\n"
)
META = "\tbasename\tdate\tnum_speeches\ttopic\n1\tUNSC_2014_SPV.7138\t15 March 2014\t2\tLetter from Elbonia\n"
SESSION = "Year,Session,ISO Code,Country,Name of Person Speaking,Post\n2014,69,PRK,North Korea,Han Made-Up,Minister\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def debate(here):
    write(here / "TXT/Session 69 - 2014/PRK_69_2014.txt", "\ufeff" + DEBATE)
    write(here / "TXT/Session 69 - 2014/EU_69_2014.txt", "The café is open. We will enforce it.".encode("latin-1"))
    return here / "TXT"


@pytest.fixture
def council(here):
    write(here / "sc/speeches/UNSC_2014_SPV.7138_spch001.txt", COUNCIL)
    write(here / "sc/speeches/UNSC_2014_SPV.7138_spch002.txt", "The President: I give the floor to the next speaker.")
    return here / "sc"


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def known(record):
    return record.speech.speaker, record.speech.country, record.document.title, record.document.date


# --- the General Debate


def test_a_session_of_the_general_debate(debate):
    union, korea = read("TXT")
    assert known(union) == ("", "EU", "UN General Debate, session 69 (2014)", "2014")
    assert known(korea) == ("", "PRK", "UN General Debate, session 69 (2014)", "2014")
    assert (union.document.text, union.document.doc_id) == (
        "The café is open. We will enforce it.",
        "Session 69 - 2014/EU_69_2014.txt",
    )
    assert korea.document.text == DEBATE.replace("\r\n", "\n")


@pytest.mark.parametrize("place", ["", "TXT/", "TXT/Session 69 - 2014/"])
@pytest.mark.parametrize("ending", ["csv", "tsv"])
def test_speakers_of_the_general_debate(debate, here, place, ending):
    table = SESSION.replace(",", "\t") if ending == "tsv" else SESSION
    write(here / f"{place}Speakers_by_session.{ending}", table)
    records = read("TXT")
    assert [record.speech.speaker for record in records] == ["", "Han Made-Up"]


@pytest.mark.parametrize("name", ["PRK_69_2013.txt", "prk_69_2014.txt", "PRK_69_2014_new.txt", "PRK_69_2014.html.txt"])
def test_other_names_are_articles(here, name):
    write(here / name, DEBATE)
    assert read(name)[0].speech is None


def test_compressed_speeches_and_a_given_encoding(here):
    write(here / "GHA_50_1995.txt.gz", gzip.compress(DEBATE.encode()))
    assert read("GHA_50_1995.txt.gz")[0].speech == Speech("", "GHA")
    write(here / "GHA_51_1996.txt", "naïve".encode("utf-16"))
    assert read("GHA_51_1996.txt", layout=Layout(encoding="utf-16"))[0].document.text == "naïve"


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b"PK\0\0", "looks binary"), ("x".encode("utf-16"), "looks like UTF-16 text; give --encoding")],
)
def test_speeches_that_cannot_be_read(here, content, message):
    write(here / "GHA_50_1995.txt", content)
    with pytest.raises(InputError, match=message):
        read("GHA_50_1995.txt")


def test_one_stray_byte_spoils_no_other(here):
    raw = "“We” were in a café – once.".encode()
    write(here / "GHA_50_1995.txt", raw + b" Na\xefve\x81 he was \x93then\x94.")
    (record,) = read("GHA_50_1995.txt")
    assert record.document.text == "“We” were in a café – once. Naïve\x81 he was “then”."
    write(here / "GHA_51_1996.txt", "We “were” in a café.".encode("cp1252") + b" \x81")
    assert read("GHA_51_1996.txt")[0].document.text == "We “were” in a café. \x81"


@pytest.mark.parametrize("name", ["README.txt", "TXT/readme_first.txt", "TXT/Session 69 - 2014/Read me.TXT"])
def test_a_readme_of_the_corpus_is_passed_over(debate, here, name):
    write(here / name, "What this corpus holds.")
    found = find_sources(["."])
    assert len(found.sources) == 2
    assert found.skipped == {".txt": 1}


def test_a_readme_elsewhere_is_an_article(debate, here):
    write(here / "news/README.txt", "What this corpus holds.")
    assert [source.name for source in find_sources(["news"]).sources] == ["README.txt"]
    assert len(find_sources(["."]).sources) == 3


# --- the Security Council


def test_the_council_without_tables(council):
    first, second = read("sc")
    assert known(first) == ("", "", "UN Security Council, meeting S/PV.7138 (2014)", "2014")
    assert second.speech == Speech()


@pytest.mark.parametrize("place", ["sc/", "sc/speeches/"])
def test_the_tables_of_the_council(council, here, place):
    write(here / f"{place}speaker.tsv", SPEAKER)
    write(here / f"{place}meta.tsv", META)
    first, second = read("sc")
    assert known(first) == ("Ivan Ivanenko", "Russian Federation", "Letter from Elbonia", "2014-03-15")
    assert known(second) == ("", "", "Letter from Elbonia", "2014-03-15")


@pytest.mark.parametrize(
    "table",
    [
        "Meeting_Symbol,Speech Number,SPEAKER,Country/Organization,Topic,Year,Month,Day\n"
        "S/PV.7138,1,A,Ghana,Peace,2014,3,5\n",
        "filename,speaker,country_org,agenda_item_manual,date\nUNSC_2014_SPV.7138_spch001.txt,A,Ghana,Peace,2014-03-05\n",
        "basename;speech;speaker;country;topic;date\nUNSC_2014_SPV.7138;1;A;Ghana;Peace;5 March 2014\n",
    ],
)
def test_columns_of_other_releases(council, here, table):
    write(here / "sc/speaker.csv", table)
    assert known(read("sc")[0]) == ("A", "Ghana", "Peace", "2014-03-05")


@pytest.mark.parametrize(
    "table",
    [
        "filename\tspeaker\nUNSC_2014_SPV.7138_spch001\tA\n",
        "filename\tbasename\tspeaker\nUNSC_2014_SPV.7138_spch001\tUNSC_2014_SPV.7138\tA\n",
        'basename\tspeech\tspeaker\ttopic\nUNSC_2014_SPV.7138\t2\tB\t"Odd\n"UNSC_2014_SPV.7138"\t1\t"A"\t"The ""x"""\n',
    ],
)
def test_tables_with_odd_cells(council, here, table):
    write(here / "sc/speaker.tsv", table)
    assert read("sc")[0].speech.speaker == "A"


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "x"])
def test_what_is_no_number_names_no_speech(council, here, number):
    write(
        here / "sc/speaker.csv",
        f"basename,speech,speaker,year,month,day\nUNSC_2014_SPV.7138,{number},A,2014,{number},1\n",
    )
    assert read("sc")[0].speech == Speech()


def test_tables_that_are_no_files(council, here):
    (here / "sc/speeches/meta.tsv").mkdir()
    (here / "sc/speeches/speaker.tsv").symlink_to("nowhere")
    write(here / "sc/meta.tsv", META)
    records = read(*sorted((here / "sc/speeches").glob("*.txt")))
    assert [record.document.title for record in records] == ["Letter from Elbonia"] * 2


def test_rows_may_be_numbered_without_a_name_for_it(council, here):
    header, row = SPEAKER.splitlines()
    write(here / "sc/speaker.tsv", f"{header}\n1\t{row}\n")
    assert read("sc")[0].speech.speaker == "Ivan Ivanenko"


def test_a_resumed_meeting_and_four_digits(here):
    write(here / "UNSC_2003_SPV.4717Resumption1_spch0012.txt", COUNCIL)
    write(here / "meta.tsv", "basename\ttopic\tdate\nUNSC_2003_SPV.4717Resumption1\tElbonia\t2003-03-11\n")
    assert known(read("UNSC_2003_SPV.4717Resumption1_spch0012.txt")[0])[2:] == ("Elbonia", "2003-03-11")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("speaker.tsv", "a\tb\n1\t2\n", "names neither the file nor the meeting of a speech .*; download it again"),
        ("speaker.tsv", SPEAKER + "7138\t" * 12 + "\n", r"speaker\.tsv is damaged at line 3 \(13 cells, .* has 8\)"),
        ("meta.tsv", b"\0\0", "looks binary"),
        ("meta.tsv", "", "is empty"),
    ],
)
def test_a_damaged_table_stops_the_run(council, here, name, content, message):
    write(here / "sc" / name, content)
    with pytest.raises(InputError, match=message):
        score_corpus("sc", "o.jsonl", model=FakeClassifier())
    assert sorted(path.name for path in here.iterdir()) == ["sc"]


@pytest.mark.parametrize(
    "table", [SESSION.replace(",", "\t"), SESSION.replace(",", ";").replace("Post", '"Post, if known, or, else"')]
)
def test_the_sign_between_cells_is_the_most_frequent(debate, here, table):
    write(here / "TXT/Speakers_by_session.csv", table)
    assert read("TXT")[1].speech.speaker == "Han Made-Up"


def test_a_table_of_speakers_without_its_column(debate, here):
    write(here / "TXT/Speakers_by_session.csv", "Year,Session,Country\n2014,69,North Korea\n")
    with pytest.raises(
        InputError, match=r"has no column for the code \(such as iso_code\); its columns are Year, Sess"
    ):
        read("TXT")


def test_tables_alone_are_read_as_before(here):
    write(here / "in/meta.csv", "text\nNothing was said.\n")
    assert [source.name for source in find_sources(["in"]).sources] == ["meta.csv"]


def test_a_table_that_comes_later_is_found(council, here):
    assert read("sc")[0].speech.speaker == ""
    write(here / "sc/speaker.tsv", SPEAKER)
    assert read("sc")[0].speech.speaker == "Ivan Ivanenko"


# --- --speech


def test_any_text_may_be_a_speech(here):
    write(here / "a.txt", "4 March 2021\nWe shall lift it.")
    assert read("a.txt")[0].speech is None
    (record,) = read("a.txt", layout=SPEECH)
    assert (record.speech, record.document.date) == (Speech(), "2021-03-04")
    assert read("a.txt", layout=STATEMENTS)[0].speech is None


def test_tables_of_speeches(here):
    rows = [
        {"session": 70, "year": 2015, "country": "GHA", "text": "We shall."},
        {"Speaker": "A", "Country": "Ghana", "topic": "Peace", "date": "2015-01-02", "year": 2015, "text": "We shall."},
        {"text": "We shall.", "session": "x", "year": None, "title": "Talks"},
        {"text": "We shall.", "session": "²", "year": "9" * 5000},
    ]
    write(here / "in.jsonl", "\n".join(map(json.dumps, rows)))
    assert [known(record) for record in read("in.jsonl", layout=SPEECH)] == [
        ("", "GHA", "UN General Debate, session 70 (2015)", "2015"),
        ("A", "Ghana", "Peace", "2015-01-02"),
        ("", "", "Talks", ""),
        ("", "", "", ""),
    ]


# --- from end to end


def test_statements_of_speeches_are_scored(council, here):
    write(here / "sc/meta.tsv", META)
    summary = score_corpus("sc", "o.jsonl", model=FakeClassifier())
    first, second = rows_of(here / "o.jsonl")
    assert (first["text"], first["sentence"], first["tags"]) == (
        "The measures are\nunlawful. They must be lifted.",
        "The measures are unlawful. They must be lifted.",
        ["anti_sanctions"],
    )
    assert (first["speaker"], first["speaker_mention"], first["country"]) == ("Mr. Ivanenko", "Mr. Ivanenko", "RUS")
    assert (first["kind"], first["context"], first["date"]) == ("statement", "Letter from Elbonia", "2014-03-15")
    assert first["doc_id"] == "speeches/UNSC_2014_SPV.7138_spch001.txt"
    assert COUNCIL[first["start"] : first["end"]] == first["text"]
    assert (second["speaker"], second["country"]) == ("The President", "")
    assert (summary.documents, summary.statements, summary.failed) == (2, 2, 0)


def test_speeches_in_another_language_are_refused(here):
    write(
        here / "FRA_60_2005.txt", "Le ministre a déclaré que son pays ne renoncera jamais à protéger ses citoyens. " * 4
    )
    score_corpus("FRA_60_2005.txt", "o.jsonl", model=FakeClassifier())
    assert rows_of(here / "o.jsonl")[0]["error"].startswith("language is 'fr', not English")


def test_a_run_is_not_resumed_with_another_table(council, here, monkeypatch):
    class Stop(FakeClassifier):
        def score(self, texts, contexts=None):
            if self.batches:
                raise KeyboardInterrupt
            return super().score(texts, contexts)

    monkeypatch.setattr(pipeline, "CHUNK_STATEMENTS", 1)
    write(here / "sc/speaker.tsv", SPEAKER)
    with pytest.raises(KeyboardInterrupt):
        score_corpus("sc", "o.jsonl", model=Stop())
    with pytest.raises(InputError, match="of a run with another options"):
        score_corpus("sc", "o.jsonl", resume=True, model=FakeClassifier(), speech=True)
    write(here / "sc/speaker.tsv", SPEAKER.replace("Ivan ", "Igor "))
    with pytest.raises(InputError, match="of a run with another set of input files"):
        score_corpus("sc", "o.jsonl", resume=True, model=FakeClassifier())
    write(here / "sc/speaker.tsv", SPEAKER.replace("Ivan ", "Ivana "))
    write(here / "sc/meta.tsv", META)
    with pytest.raises(InputError, match="of a run with another set of input files"):
        score_corpus("sc", "o.jsonl", resume=True, model=FakeClassifier())


def test_the_command_line(debate, here, tiny_onnx, capsys):
    assert cli.main(["score", "TXT/Session 69 - 2014", "-o", "o.csv", "--model", str(tiny_onnx)]) == 0
    assert capsys.readouterr().err.startswith("2 documents, 3 statements, ")
    with (here / "o.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["country"], row["kind"], row["error"]) for row in rows] == [
        ("EU", "statement", ""),
        ("PRK", "statement", ""),
        ("PRK", "statement", ""),
    ]
    write(here / "s.csv", "speaker,country,text\nA,Ghana,We shall lift it. It was wrong.\n")
    assert cli.main(["extract", "s.csv", "--speech"]) == 0
    (row,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (row["speaker"], row["country"], row["text"]) == ("A", "GHA", "We shall lift it. It was wrong.")
    assert (row["input_speaker"], row["input_country"]) == ("A", "Ghana")
    with pytest.raises(SystemExit):
        cli.main(["classify", "s.csv", "--speech"])
