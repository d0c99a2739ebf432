from __future__ import annotations

import csv
import json

import pytest
from fakes import FakeClassifier, StopAfter, fake_extract

from stance.errors import InputError, ModelError
from stance.inference import batch, pipeline, score_corpus
from stance.inference.api import score_article, score_frame
from stance.inference.journal import partial_path
from stance.inference.pipeline import Job, chunks
from stance.inference.readers import Layout
from stance.inference.rows import STATEMENT_NAMES, score_names
from stance.inference.sources import find_sources

FRENCH = "Le ministre a déclaré hier devant la presse que son pays ne renoncera jamais à protéger ses citoyens. " * 3
ARTICLE = 'Talks went on.\n"We will lift nothing," Dupont said. "Perhaps we, perhaps, defend it," Schmidt said.\n'


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stance.extraction.extract", fake_extract)
    return tmp_path


@pytest.fixture
def classifier():
    return FakeClassifier()


def articles(folder, number):
    """Write articles with 0, 1, 2, ... statements each."""
    folder.mkdir()
    for i in range(number):
        quotes = " ".join(f'"Statement {j}: lift it," Dupont said.' for j in range(i))
        (folder / f"{i:03d}.txt").write_text(f"Article {i}. {quotes}")
    return folder


def rows_of(out):
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


# --- rows


def test_the_columns_of_scored_statements(here, classifier):
    row = {"id": 5, "text": ARTICLE, "title": "Talks", "date": "2020-01-02", "tags": ["mine"], "outlet": "wire"}
    (here / "in.jsonl").write_text(json.dumps(row))
    summary = score_corpus("in.jsonl", "o.jsonl", model=classifier)
    first, second = rows_of(here / "o.jsonl")
    assert tuple(first) == (*STATEMENT_NAMES, *score_names(classifier.tags), "id", "title", "input_tags", "outlet")
    assert (first["doc_id"], first["statement_id"], second["statement_id"]) == ("5", "5:001", "5:002")
    assert (first["date"], first["context"], first["input_tags"]) == ("2020-01-02", "Talks", ["mine"])
    assert (first["speaker"], first["country"], first["kind"]) == ("Dupont", "FRA", "direct")
    assert (first["tags"], first["p_anti_sanctions"], first["uncertain"]) == (["anti_sanctions"], 0.9, [])
    assert (first["model"], first["error"], first["windowed"]) == ("fake@000000", None, False)
    for scored in (first, second):
        assert " ".join(ARTICLE[a:b] for a, b in scored["spans"]) == scored["text"]
        assert ARTICLE[scored["start"] : scored["end"]] == scored["text"]
    assert (summary.documents, summary.statements, summary.failed, summary.uncertain) == (1, 2, 0, 1)


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_articles_can_be_joined_to_their_rows_although_an_id_stands_twice(here, classifier, ending):
    rows = [{"doc_id": "X", "text": ARTICLE}, {"doc_id": "X", "text": ARTICLE}, {"doc_id": None, "text": ""}]
    (here / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    score_corpus("in.jsonl", f"o.{ending}", model=classifier)
    if ending == "jsonl":
        written = rows_of(here / "o.jsonl")
    else:
        with (here / "o.csv").open(newline="") as stream:
            written = list(csv.DictReader(stream))
    assert [row["doc_id"] for row in written] == ["X", "X", "X~2", "X~2", "in.jsonl#3"]
    assert [row["input_doc_id"] or None for row in written] == ["X", "X", "X", "X", None]


def test_offsets_index_the_file_as_python_reads_it(here, classifier):
    (here / "a.txt").write_bytes("\ufeffDie „Lage“ …\r\n".encode() + ARTICLE.replace("\n", "\r\n").encode())
    score_corpus("a.txt", "o.jsonl", model=classifier)
    text = (here / "a.txt").read_text(encoding="utf-8-sig")
    for row in rows_of(here / "o.jsonl"):
        assert text[row["start"] : row["end"]] == row["text"]


def test_failed_documents_stand_among_the_others(here, classifier, monkeypatch):
    def extract(text, title=None):
        if "odd" in text:
            raise RecursionError("too deep")
        return fake_extract(text, title)

    monkeypatch.setattr("stance.extraction.extract", extract)
    rows = [{"text": ARTICLE}, {"text": FRENCH, "note": "n"}, {"text": ""}, {"text": "odd"}, {"text": "No quote."}]
    (here / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    summary = score_corpus(["in.jsonl", "gone.txt"], "o.jsonl", model=classifier)
    written = rows_of(here / "o.jsonl")
    assert [row["error"] for row in written] == [
        None,
        None,
        "language is 'fr', not English; use --language any to score it anyway",
        "the row has no text in its column 'text'",
        "the statements could not be found (RecursionError: too deep)",
        "there is no file or folder gone.txt; check the path",
    ]
    assert (written[2]["doc_id"], written[2]["note"], written[2]["tags"]) == ("in.jsonl#2", "n", None)
    assert (summary.documents, summary.statements, summary.failed) == (6, 2, 4)


def test_a_damaged_network_of_extraction_stops_the_run(here, classifier, monkeypatch):
    def extract(text, title=None):
        raise ModelError("model.onnx does not match its hash")

    monkeypatch.setattr("stance.extraction.extract", extract)
    (here / "in.txt").write_text(ARTICLE)
    with pytest.raises(ModelError, match="does not match its hash"):
        score_corpus("in.txt", "o.jsonl", model=classifier)


def test_any_language_may_be_scored(here, classifier):
    (here / "a.txt").write_text(FRENCH + ARTICLE)
    assert score_corpus("a.txt", "o.jsonl", model=classifier).failed == 1
    assert score_corpus("a.txt", "o.jsonl", model=classifier, language="any").statements == 2


def test_a_table_of_statements_comes_back_with_scores(here, classifier):
    rows = [
        {"text": "Lift it.", "doc_id": "s", "speaker": "A", "model": "old", "start": 7},
        {"text": "", "doc_id": "s", "speaker": "B", "model": "old", "start": 9},
        {"text": "Enforce it.", "doc_id": "s", "speaker": "C", "model": "old", "start": 11},
    ]
    (here / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    job = Job("classify", Layout(statements=True), "en", classifier)
    batch.run(find_sources(["in.jsonl"]), job, here / "o.jsonl", resume=False)
    written = rows_of(here / "o.jsonl")
    assert list(written[0]) == [
        *("text", "doc_id", "speaker", "input_model", "start", "statement_id", "kind"),
        *score_names(classifier.tags),
    ]
    assert [row["text"] for row in written] == ["Lift it.", "", "Enforce it."]
    assert [row["statement_id"] for row in written] == ["s:001", "s:002", "s:003"]
    assert [row["tags"] for row in written] == [["anti_sanctions"], None, ["pro_sanctions"]]
    assert {row["kind"] for row in written} == {"statement"}


@pytest.mark.parametrize("missing", [None, ""])
def test_missing_ids_of_statements_are_filled(here, classifier, missing):
    rows = [{"doc_id": "s", "kind": "direct", "text": "Lift it."}, {"doc_id": missing, "kind": missing, "text": "Go."}]
    (here / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    job = Job("classify", Layout(statements=True), "en", classifier)
    batch.run(find_sources(["in.jsonl"]), job, here / "o.jsonl", resume=False)
    written = rows_of(here / "o.jsonl")
    assert [(row["doc_id"], row["statement_id"], row["kind"]) for row in written] == [
        ("s", "s:001", "direct"),
        ("in.jsonl#2", "in.jsonl#2:001", "statement"),
    ]


def test_no_statement_at_all_still_makes_a_table(here, classifier):
    (here / "a.txt").write_text("Nothing is quoted.")
    assert score_corpus("a.txt", "o.csv", model=classifier).statements == 0
    assert (here / "o.csv").read_text() == ",".join((*STATEMENT_NAMES, *score_names(classifier.tags))) + "\n"


# --- many documents


def test_statements_of_several_documents_are_scored_together_and_in_order(here, classifier, monkeypatch):
    monkeypatch.setattr(pipeline, "CHUNK_STATEMENTS", 10)
    articles(here / "in", 8)
    score_corpus("in", "o.jsonl", model=classifier)
    assert classifier.batches == [10, 11, 7]
    ids = [row["statement_id"] for row in rows_of(here / "o.jsonl")]
    assert ids == [f"{i:03d}.txt:{j:03d}" for i in range(8) for j in range(1, i + 1)]


def test_the_name_of_the_model_is_asked_for_once(here):
    class Named(FakeClassifier):
        asked = 0

        @property
        def name(self):  # a hash of the whole manifest: dear
            self.asked += 1
            return "fake@1"

    articles(here / "in", 8)
    classifier = Named()
    score_corpus("in", "o.jsonl", model=classifier)
    assert classifier.asked == 1


def test_long_documents_are_not_piled_up(here, classifier, monkeypatch):
    monkeypatch.setattr(pipeline, "CHUNK_CHARACTERS", 100)
    articles(here / "in", 6)
    counts = [documents for _, documents in chunks(find_sources(["in"]), Job("score", Layout(), "en", classifier))]
    assert sum(counts) == 6
    assert max(counts) < 6


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("stop", [1, 2, 3])
def test_a_run_that_was_cut_off_ends_in_the_same_bytes(here, classifier, monkeypatch, ending, stop):
    monkeypatch.setattr(pipeline, "CHUNK_STATEMENTS", 10)
    articles(here / "in", 10)
    inputs = ["in", "gone.txt"]
    whole, again = here / f"whole.{ending}", here / f"again.{ending}"
    expected = score_corpus(inputs, whole, model=classifier)
    with pytest.raises(KeyboardInterrupt):
        score_corpus(inputs, again, model=StopAfter(stop))
    assert not again.exists()
    partial = partial_path(again)
    partial.write_bytes(partial.read_bytes() + b'{"doc_id": "to')
    resumed = FakeClassifier()
    assert score_corpus(inputs, again, resume=True, model=resumed) == expected
    assert resumed.batches == classifier.batches[stop:]
    assert again.read_bytes() == whole.read_bytes()
    assert not partial.exists()


def test_resuming_asks_for_the_same_inputs_and_options(here, classifier, monkeypatch):
    monkeypatch.setattr(pipeline, "CHUNK_STATEMENTS", 10)
    articles(here / "in", 9)
    with pytest.raises(KeyboardInterrupt):
        score_corpus("in", "o.csv", model=StopAfter(1))
    with pytest.raises(InputError, match="holds the part of a run"):
        score_corpus("in", "o.csv", model=classifier)
    with pytest.raises(InputError, match="of a run with another options"):
        score_corpus("in", "o.csv", resume=True, model=classifier, language="any")
    (here / "in" / "000.txt").write_text("changed")
    with pytest.raises(InputError, match="of a run with another set of input files"):
        score_corpus("in", "o.csv", resume=True, model=classifier)


def test_a_run_that_breaks_before_its_first_rows_leaves_nothing(here):
    (here / "a.txt").write_text(ARTICLE)
    with pytest.raises(KeyboardInterrupt):
        score_corpus("a.txt", "o.csv", model=StopAfter(0))
    with pytest.raises(InputError, match="none of the 2 inputs can be read: there is no file"):
        score_corpus(["gone.txt", "lost.csv"], "o.csv", model=FakeClassifier())
    with pytest.raises(InputError, match=r"^there is no file or folder gone\.txt"):
        score_corpus("gone.txt", "o.csv", model=FakeClassifier())
    assert sorted(path.name for path in here.iterdir()) == ["a.txt"]


def test_wrong_use_of_score_corpus(here, classifier):
    (here / "a.csv").write_text("text\nx\n")
    with pytest.raises(InputError, match="there is no engine 'gpu'"):
        score_corpus("a.csv", "o.csv", engine="gpu", model=classifier)
    with pytest.raises(InputError, match="would be overwritten"):
        score_corpus("a.csv", "a.csv", model=classifier)


# --- from Python


def test_score_article(classifier):
    first, second = score_article(ARTICLE, title="Talks", model=classifier)
    assert (first.statement.context, first.score.tags, first.model) == ("Talks", ("anti_sanctions",), "fake@000000")
    assert second.to_row()["uncertain"] == ["self_defence"]
    assert score_article("Nothing.", model=classifier) == []
    with pytest.raises(InputError, match=r"^language is 'fr', not English; use language='any' to score it anyway$"):
        score_article(FRENCH, model=classifier)
    assert score_article(FRENCH, model=classifier, language="any") == []


def test_models_may_be_folders_and_the_release_model_is_loaded_once(monkeypatch):
    from stance.inference import api

    loaded = []
    monkeypatch.setattr(
        "stance.inference.classifier.load", lambda path=None, **_: loaded.append(path) or FakeClassifier()
    )
    api._release.cache_clear()
    for model in (None, None, "folder"):
        score_article(ARTICLE, model=model)
    api._release.cache_clear()
    assert loaded == [None, "folder"]


def test_score_frame(classifier):
    pandas = pytest.importorskip("pandas")
    texts = ["Lift it.", None, float("nan"), 5, " ", FRENCH, "Enforce it, perhaps."]
    df = pandas.DataFrame({"text": texts, "tags": range(7)}, index=[3, 1, 1, "a", "b", "c", "d"])
    before = df.copy()
    scored = score_frame(df, model=classifier)
    pandas.testing.assert_frame_equal(df, before)
    assert list(scored.columns) == ["text", "input_tags", *score_names(classifier.tags)]
    assert list(scored.index) == list(df.index)
    assert list(scored["tags"]) == [["anti_sanctions"], None, None, None, None, None, ["pro_sanctions"]]
    assert scored["error"].notna().tolist() == [False, True, True, True, True, True, False]
    assert scored["error"].iloc[5] == "language is 'fr', not English; use language='any' to score it anyway"
    assert scored["p_anti_sanctions"].iloc[0] == 0.9
    assert scored["p_anti_sanctions"].isna().sum() == 5
    assert (str(scored["p_pro_sanctions"].dtype), str(scored["n_tokens"].dtype)) == ("float64", "Int64")
    assert classifier.batches == [2]


def test_score_frame_and_files_agree(here, classifier):
    pandas = pytest.importorskip("pandas")
    df = pandas.DataFrame({"text": ["Lift it.", "Enforce it."], "context": ["a", "b"]})
    df.to_json("in.jsonl", orient="records", lines=True)
    job = Job("classify", Layout(statements=True), "en", classifier)
    batch.run(find_sources(["in.jsonl"]), job, here / "o.jsonl", resume=False)
    names = score_names(classifier.tags)
    scored = score_frame(df, context="context", model=classifier)
    assert scored[list(names)].to_dict("records") == [{k: row[k] for k in names} for row in rows_of(here / "o.jsonl")]


class Listening(FakeClassifier):
    """Keep the contexts that came."""

    def score(self, texts, contexts=None):
        self.contexts = contexts
        return super().score(texts, contexts)


def test_contexts_that_are_no_text_are_read_alike_in_frames_and_files(here):
    pandas = pytest.importorskip("pandas")
    cells = ["Talks", 5, 2.5, True, None, float("nan"), float("inf"), ""]
    expected = ["Talks", "5", "2.5", "True", "", "", "", ""]
    (here / "in.jsonl").write_text("\n".join(json.dumps({"text": "Lift it.", "context": cell}) for cell in cells))
    from_file, from_frame = Listening(), Listening()
    job = Job("classify", Layout(statements=True), "en", from_file)
    batch.run(find_sources(["in.jsonl"]), job, here / "o.jsonl", resume=False)
    frame = pandas.DataFrame({"text": "Lift it.", "context": pandas.Series(cells, dtype="object")})
    score_frame(frame, context="context", model=from_frame)
    assert from_file.contexts == from_frame.contexts == expected
    cells = [pandas.NA, pandas.NaT, pandas.Timestamp("2021-03-04")]
    frame = pandas.DataFrame({"text": "Lift it.", "context": pandas.Series(cells, dtype="object")})
    score_frame(frame, context="context", model=from_frame)
    assert from_frame.contexts == ["", "", "2021-03-04"]


def test_score_frame_with_wrong_columns(classifier):
    pandas = pytest.importorskip("pandas")
    df = pandas.DataFrame([["x", "y"]], columns=["text", "text"])
    with pytest.raises(InputError, match="the frame has 2 columns 'text'"):
        score_frame(df, model=classifier)
    with pytest.raises(InputError, match=r"no column 'body'; its columns are text, text; .*with text="):
        score_frame(df, text="body", model=classifier)
    assert list(score_frame(df.iloc[:0, :1], model=classifier)["tags"]) == []


def test_clashing_names_never_meet(classifier):
    pandas = pytest.importorskip("pandas")
    df = pandas.DataFrame({"text": ["x"], "tags": [1], "input_tags": [2]})
    assert list(score_frame(df, model=classifier).columns)[:3] == ["text", "input_input_tags", "input_tags"]
