import functools
import gzip
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from local_site import Site

from scripts.build_dataset import main
from scripts.make_transfer import is_open
from scripts.make_transfer import main as choose
from stance.datasets import LabelledStatement, read_labels, write_labels
from stance.datasets.fetch import Fetcher
from stance.datasets.standoff import digest, read_standoff

# A made-up world in the forms of the real sources: what the corpus holds, and the raw files that it came from.
SPEECH = "UNGD_NOR_54_1999"
SPEECH_SOURCE = "SarahFranzen/Emotions_in_the_United_Nations_General_Debates:data/Session 54 - 1999/NOR_54_1999.txt"
PARAGRAPH = "Norland thanks the Secretary-General. We ask that the embargo on our ports end at once."
ARTICLE_SOURCE = "ramybaly/Article-Bias-Prediction:data/jsons/made-up.json"
ARTICLE = "Minister Oda spoke on Monday.\n\n“We want stricter measures,” she said. “And we want them now.”"
BRIEFING_SOURCE = "brian14708/wh-briefings:remarks/made-up.md"
BRIEFING = "We stand by the right of Norland to defend itself."
FIRST, SECOND = ARTICLE.index("We want"), ARTICLE.index("And we")
RAW = {
    SPEECH_SOURCE: "\ufeffMr. President,\nNorland thanks the Secretary-\nGeneral. We ask that the embargo\n"
    "on our ports end at once.\n",
    ARTICLE_SOURCE: json.dumps(
        {
            "title": "Oda wants more",
            "content_original": "Image caption A port\n\nMinister Oda spoke on Monday.\n\n"
            '"We want stricter measures," she said. "And we want them now."',
        }
    ),
    BRIEFING_SOURCE: '---\ntitle: "Remarks on\\_Norland"\n---\n\nMS. LEE:  We stand by the right (Applause.) of\n'
    "Norland to *defend* itself.\n",
}
LABELS = [
    {
        "id": "n1",
        "text": PARAGRAPH[PARAGRAPH.index("We ask") :],
        "context": "UN General Debate, session 54 (1999)",
        "source": SPEECH_SOURCE,
        "doc_id": SPEECH,
        "para_id": f"{SPEECH}#p1",
        "start": PARAGRAPH.index("We ask"),
        "end": len(PARAGRAPH),
        "spans": None,
        "kind": "speech",
        "speaker": "A. Lind",
        "country": "Norland",
        "year": 1999,
        "tags": ["anti_sanctions"],
        "votes": ["A?", "A"],
        "adjudicated": True,
    },
    {
        "id": "n2",
        "text": "We want stricter measures. And we want them now.",
        "context": "Oda wants more",
        "source": ARTICLE_SOURCE,
        "doc_id": "abp_made-up",
        "para_id": None,
        "start": FIRST,
        "end": len(ARTICLE),
        "spans": [[FIRST, FIRST + 26], [SECOND, SECOND + 21]],
        "kind": "news_direct",
        "tags": ["pro_sanctions"],
        "votes": ["P"],
    },
    {
        "id": "n3",
        "text": BRIEFING,
        "context": "Remarks on Norland",
        "source": BRIEFING_SOURCE,
        "doc_id": "WH_made-up",
        "para_id": "WH_made-up#p0",
        "start": 0,
        "end": len(BRIEFING),
        "spans": None,
        "kind": "speech",
        "tags": ["self_defence"],
        "votes": ["S", "S"],
    },
]


def write_lines(path, rows):
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def folder_of(source):
    repository, _, path = source.partition(":")
    return Path(repository.replace("/", "__")) / path


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    speech = {"para_id": f"{SPEECH}#p1", "topic": LABELS[0]["context"], "text": PARAGRAPH}
    briefing = {"para_id": "WH_made-up#p0", "topic": "Remarks on Norland", "text": BRIEFING}
    write_lines(folder / "un_statements.jsonl.gz", [speech, briefing])
    article = {"doc_id": "abp_made-up", "title": "Oda wants more", "text": ARTICLE}
    write_lines(folder / "news_articles.jsonl.gz", [article])
    return folder


@pytest.fixture
def standoff(tmp_path, corpus):
    write_lines(tmp_path / "train.jsonl", LABELS)
    path = tmp_path / "standoff.jsonl.gz"
    assert main(["--make-standoff", str(tmp_path / "train.jsonl"), "--corpus", str(corpus), "-o", str(path)]) == 0
    return path


@pytest.fixture
def sources(tmp_path):
    for source, raw in RAW.items():
        path = tmp_path / "clones" / folder_of(source)
        path.parent.mkdir(parents=True)
        path.write_text(raw, encoding="utf-8")
    return tmp_path / "clones"


@pytest.fixture
def build(tmp_path, standoff, monkeypatch, capsys):
    monkeypatch.setattr("scripts.build_dataset.Fetcher", functools.partial(Fetcher, sleep=lambda seconds: None))

    def run(*arguments):
        out = tmp_path / "out" / "labels.jsonl"
        status = main(
            ["--labels", str(standoff), "-o", str(out), "--cache", str(tmp_path / "raw"), *map(str, arguments)]
        )
        printed = capsys.readouterr()
        return status, read_labels(out) if out.exists() and out.stat().st_size else [], printed

    return run


@pytest.fixture
def site():
    site = Site()
    commits = {
        "SarahFranzen/Emotions_in_the_United_Nations_General_Debates": "3b277c4",
        "ramybaly/Article-Bias-Prediction": "ced8111",
        "brian14708/wh-briefings": "737ca03",
    }
    for source, raw in RAW.items():
        repository, _, path = source.partition(":")
        site.pages[f"/{repository}/{commits[repository]}/{path.replace(' ', '%20')}"] = [raw.encode()]
    yield site
    site.close()


def test_stand_off_labels_hold_no_words(standoff):
    text = gzip.decompress(standoff.read_bytes()).decode()
    for words in ("embargo", "stricter", "defend itself", "Oda wants more", "Remarks"):
        assert words not in text
    assert '"split": "train"' in text


def test_a_corpus_gives_every_label_back(build, corpus):
    status, records, printed = build("--corpus", corpus)
    assert status == 0
    for record, row in zip(records, LABELS, strict=True):
        assert (record.id, record.text, record.context, list(record.tags)) == (
            row["id"],
            row["text"],
            row["context"],
            row["tags"],
        )
    assert (records[0].speaker, records[0].year, records[0].votes, records[0].adjudicated) == (
        "A. Lind",
        1999,
        ("A?", "A"),
        True,
    )
    assert "3 statements in" in printed.out


def test_unlabelled_statements_are_rebuilt_too(standoff, corpus, monkeypatch, tmp_path):
    pointers = [replace(label, tags=(), votes=(), split="") for label in read_standoff(standoff)]
    monkeypatch.setattr("scripts.build_dataset.read_transfer", lambda: pointers)
    monkeypatch.chdir(tmp_path)
    assert main(["--transfer", "--corpus", str(corpus)]) == 0
    records = read_labels(tmp_path / "data" / "transfer.jsonl")
    assert [(record.text, record.tags, record.split) for record in records] == [(row["text"], (), "") for row in LABELS]


def test_documents_of_dev_and_test_are_never_chosen(monkeypatch):
    monkeypatch.setattr("scripts.make_transfer.reserved_digests", lambda: frozenset({digest("secret")}))
    rows = [{"doc_id": name} for name in ("secret", "of dev", "free")]
    assert [row["doc_id"] for row in rows if is_open(row, {"of dev"})] == ["free"]


def test_unlabelled_statements_are_chosen_from_open_documents_alone(corpus, tmp_path):
    speeches = [
        {
            "para_id": f"{doc_id}#p1",
            "doc_id": doc_id,
            "topic": "Remarks",
            "speaker": "A. Lind",
            "country": "Norland",
            "source": SPEECH_SOURCE,
            "text": PARAGRAPH,
        }
        for doc_id in (SPEECH, "OTHER")
    ]
    write_lines(corpus / "un_statements.jsonl.gz", speeches)
    article = {"doc_id": "abp_1", "title": "Rain", "source": ARTICLE_SOURCE, "text": "It rained."}
    write_lines(corpus / "news_articles.jsonl.gz", [article])
    write_labels(tmp_path / "labels.jsonl", [LabelledStatement("n1", "Elsewhere.", doc_id=SPEECH, split="dev")])
    out = tmp_path / "transfer.jsonl.gz"
    command = ["--corpus", str(corpus), "--labels", str(tmp_path / "labels.jsonl"), "-o", str(out)]
    assert choose(command) == 0
    found = read_standoff(out)
    assert {label.doc_id for label in found} == {"OTHER"}
    assert {(label.tags, label.split) for label in found} == {((), "")}


def test_clones_give_every_label_back(build, sources):
    status, records, printed = build("--sources", sources)
    assert (status, printed.err) == (0, "")
    assert [(record.text, record.context) for record in records] == [(row["text"], row["context"]) for row in LABELS]


def test_a_missing_file_and_changed_words_are_reported_and_the_rest_is_built(build, sources):
    (sources / folder_of(SPEECH_SOURCE)).unlink()
    article = sources / folder_of(ARTICLE_SOURCE)
    article.write_text(article.read_text(encoding="utf-8").replace("stricter", "harsher"), encoding="utf-8")
    status, records, printed = build("--sources", sources)
    assert status == 1
    assert [record.id for record in records] == ["n3"]
    table = {line.split()[-1]: line.split()[:-1] for line in printed.out.splitlines()}
    assert table["SarahFranzen/Emotions_in_the_United_Nations_General_Debates"] == ["1", "0", "0", "1", "0"]
    assert table["ramybaly/Article-Bias-Prediction"] == ["1", "0", "1", "0", "0"]
    assert table["brian14708/wh-briefings"] == ["1", "1", "0", "0", "0"]
    assert "there is no file" in printed.err


def test_a_file_that_cannot_be_read_is_reported(build, sources):
    (sources / folder_of(ARTICLE_SOURCE)).write_text("<html>", encoding="utf-8")
    status, records, printed = build("--sources", sources)
    assert (status, len(records)) == (1, 2)
    assert "made-up.json has not the form that was expected" in printed.err


def test_files_are_fetched_and_kept(build, site, tmp_path):
    status, records, _ = build("--base-url", site.url)
    assert (status, len(records)) == (0, 3)
    kept = tmp_path / "raw" / folder_of(ARTICLE_SOURCE)
    assert kept.read_text(encoding="utf-8") == RAW[ARTICLE_SOURCE]


def test_an_interrupted_fetch_goes_on_where_it_stopped(build, site):
    gone = next(path for path in site.pages if "wh-briefings" in path)
    page = site.pages.pop(gone)
    status, records, printed = build("--base-url", site.url)
    assert (status, len(records)) == (1, 2)
    assert "answers 404" in printed.err
    site.pages[gone] = page
    status, records, _ = build("--base-url", site.url)
    assert (status, len(records)) == (0, 3)
    assert sorted(site.asked.values()) == [1, 1, 2]  # only what was missing is asked for again


def test_without_a_network_nothing_is_lost(build, site, corpus):
    build("--corpus", corpus)
    site.close()
    status, records, printed = build("--base-url", site.url)
    assert (status, len(records)) == (1, 3)  # those of the first run
    assert "cannot be reached" in printed.err
    assert "no text could be rebuilt" in printed.err


def test_half_a_corpus_gives_half_of_the_labels(build, corpus):
    (corpus / "news_articles.jsonl.gz").unlink()
    status, records, _ = build("--corpus", corpus)
    assert (status, [record.id for record in records]) == (1, ["n1", "n3"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--corpus", "nowhere"], "nowhere holds neither un_statements.jsonl.gz nor news_articles.jsonl.gz"),
        (["--sources", "nowhere"], "there is no folder nowhere"),
        (["--labels", "nowhere.jsonl"], "there is no file nowhere.jsonl"),
        (["--base-url", "ftp://x"], "is not a web address"),
        (["--make-standoff", "train.jsonl"], "--make-standoff needs the texts; give --corpus DIR"),
    ],
)
def test_wrong_use_is_told_in_one_line(build, arguments, message):
    status, _, printed = build(*arguments)
    assert status == 2
    assert message in printed.err
    assert printed.err.count("\n") == 1


def test_a_damaged_corpus_is_refused(build, corpus):
    write_lines(corpus / "news_articles.jsonl.gz", [{"title": "no id"}])
    status, _, printed = build("--corpus", corpus)
    assert status == 2
    assert "line 1: has no para_id or doc_id, or no text" in printed.err
    shutil.copy(__file__, corpus / "news_articles.jsonl.gz")
    assert build("--corpus", corpus)[0] == 2


def test_stand_off_labels_need_a_split(tmp_path, corpus, capsys):
    write_lines(tmp_path / "mine.jsonl", LABELS)
    status = main(["--make-standoff", str(tmp_path / "mine.jsonl"), "--corpus", str(corpus), "-o", str(tmp_path / "x")])
    assert status == 2
    assert "rows have no split; name the file train.jsonl" in capsys.readouterr().err
