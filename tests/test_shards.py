from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from fakes import FakeClassifier, StopAfter, fake_extract

from stance import cli
from stance.errors import InputError, MissingExtraError
from stance.inference import api, batch, pipeline, score_corpus, shards
from stance.inference.pipeline import Job
from stance.inference.readers import Layout
from stance.inference.shards import LOG, MANIFEST, RUN, check_folder, is_folder
from stance.inference.sources import find_sources


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stance.extraction.extract", fake_extract)
    monkeypatch.setattr("stance.inference.classifier.load", lambda path=None, **_: FakeClassifier())
    api._release.cache_clear()
    yield tmp_path
    api._release.cache_clear()


def write_rows(path, number, **more):
    lines = [{"text": f"We lift it, {i}.", "id": i, **more} for i in range(number)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def classify(inputs, out, shard_rows=10, format="jsonl", resume=False, model=None):
    found = find_sources(inputs)
    plan = batch.check_output(out, inputs, found, format, shard_rows)
    job = Job("classify", Layout(statements=True), "en", model or FakeClassifier())
    return batch.run(found, job, Path(out), plan, resume=resume)


def content(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


# --- what a folder holds


def test_a_folder_of_shards_and_its_manifest(here):
    write_rows(here / "in.jsonl", 25)
    summary = classify(["in.jsonl"], "out")
    assert sorted(content("out")) == [MANIFEST, RUN, "part-00000.jsonl", "part-00001.jsonl", "part-00002.jsonl"]
    manifest = json.loads((here / "out" / MANIFEST).read_text())
    assert [(shard["name"], shard["documents"]) for shard in manifest["files"]] == [
        ("part-00000.jsonl", 10),
        ("part-00001.jsonl", 10),
        ("part-00002.jsonl", 5),
    ]
    for shard in manifest["files"]:
        data = (here / "out" / shard["name"]).read_bytes()
        assert (shard["size"], shard["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert data.count(b"\n") == shard["statements"] + shard["failed"]
    assert manifest["total"] == {
        **{"documents": 25, "statements": 25, "failed": 0, "uncertain": 0, "tags": {"anti_sanctions": 25}}
    }
    assert (summary.documents, summary.statements) == (25, 25)
    assert manifest["shards"] == {"format": "jsonl", "rows": 10}
    assert manifest["columns"]["id"] == "whole number"


@pytest.mark.parametrize("rows", [10, 20])
def test_a_last_shard_that_is_full(here, rows):
    write_rows(here / "in.jsonl", rows)
    classify(["in.jsonl"], "out")
    assert len([name for name in content("out") if name.startswith("part")]) == rows // 10


def test_no_statement_still_makes_a_shard_with_columns(here):
    (here / "a.txt").write_text("Nothing is quoted.")
    score_corpus("a.txt", "out", model=FakeClassifier(), format="csv")
    assert (here / "out" / "part-00000.csv").read_text().startswith("doc_id,statement_id,")


def test_batches_do_not_cross_shards(here, monkeypatch):
    monkeypatch.setattr(pipeline, "CHUNK_STATEMENTS", 7)
    write_rows(here / "in.jsonl", 25)
    model = FakeClassifier()
    classify(["in.jsonl"], "out", model=model)
    assert model.batches == [7, 3, 7, 3, 5]


def test_shards_hold_the_rows_of_a_single_file(here):
    write_rows(here / "in.jsonl", 25)
    classify(["in.jsonl"], "out")
    classify(["in.jsonl"], "one.jsonl", None, None)
    rows = [json.loads(line) for path in sorted(Path("out").glob("part*")) for line in path.read_text().splitlines()]
    assert all(row.pop("input_more") is None for row in rows)
    assert rows == [json.loads(line) for line in Path("one.jsonl").read_text().splitlines()]


def read_together(format):
    """Read the shards in ``out`` as one table."""
    arrow = pytest.importorskip("pyarrow")
    if format == "parquet":
        return __import__("pyarrow.dataset").dataset.dataset("out").to_table()
    if format == "jsonl":
        reader = __import__("pyarrow.json").json
        options = reader.ReadOptions(use_threads=False)
        tables = [reader.read_json(path, options) for path in sorted(Path("out").glob("part*"))]
        assert len({tuple(table.column_names) for table in tables}) == 1
        return arrow.concat_tables(tables, promote_options="default")
    pandas = pytest.importorskip("pandas")
    frames = [pandas.read_csv(path, dtype="str") for path in sorted(Path("out").glob("part*"))]
    assert len({tuple(frame.columns) for frame in frames}) == 1
    return arrow.Table.from_pandas(pandas.concat(frames, ignore_index=True))


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl"])
def test_a_folder_is_read_as_one_table(here, format):
    write_rows(here / "a.jsonl", 15, note=None, share=1)
    write_rows(here / "b.jsonl", 1500, other={"k": 1})
    with (here / "b.jsonl").open("a") as stream:
        stream.write('{"text": "Lift it.", "id": "odd", "late": 1}\n{"text": 5}\n{\n')
    summary = classify(["a.jsonl", "b.jsonl"], "out", 100, format)
    assert (summary.documents, summary.failed) == (1518, 2)
    table = read_together(format)
    assert table.num_rows == 1518
    odd = table.slice(1515, 1).to_pylist()[0]
    assert odd["id"] is None
    assert json.loads(odd["input_more"]) == {"id": "odd", "late": 1}
    if format == "parquet":
        frame = pytest.importorskip("pandas").read_parquet("out")
        parquet = pytest.importorskip("pyarrow.parquet")
        assert len(frame) == 1518
        schemas = {str(parquet.read_schema(path)) for path in Path("out").glob("part*")}
        assert len(schemas) == 1
        types = {
            name: str(table.schema.field(name).type) for name in ("id", "note", "share", "other", "doc_id", "tags")
        }
        assert types == {
            **{"id": "int64", "note": "string", "share": "int64", "other": "string", "doc_id": "string"},
            "tags": "list<element: string>",
        }


def test_columns_of_parquet_come_from_its_schema(here):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {
        "text": ["Lift it."] * 1500,
        "late": arrow.array([None] * 1400 + [1] * 100, arrow.int64()),
        "when": arrow.array([None] * 1500, arrow.timestamp("s")),
        "deep": arrow.array([[[1]]] * 1500),
        "names": arrow.array([["a"]] * 1500),
        "code": arrow.array(["x"] * 1500).dictionary_encode(),
        "share": arrow.array([1.5] * 1500),
        "flag": arrow.array([True] * 1500),
    }
    parquet.write_table(arrow.table(columns), "in.parquet")
    classify(["in.parquet"], "out", 1000, "parquet")
    table = parquet.read_table("out")
    assert table.column("input_more").null_count == 1500
    assert sum(value or 0 for value in table.column("late").to_pylist()) == 100
    types = [str(table.schema.field(name).type) for name in columns]
    assert types == ["string", "int64", "string", "string", "list<element: string>", "string", "double", "bool"]


# --- resuming


@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("stop", [1, 4, 5])
def test_a_run_that_was_cut_off_ends_in_the_same_bytes(here, monkeypatch, format, stop):
    monkeypatch.setattr(pipeline, "CHUNK_STATEMENTS", 5)
    write_rows(here / "in.jsonl", 34)
    expected = classify(["in.jsonl", "gone.csv"], "whole", format=format)
    with pytest.raises(KeyboardInterrupt):
        classify(["in.jsonl", "gone.csv"], "again", format=format, model=StopAfter(stop))
    assert (here / "again").exists() == (stop > 1)
    for torn in (f".part-00003.{format}.tmp", f"part-00009.{format}"):
        if stop > 1:
            (here / "again" / torn).write_text("torn")
    model = FakeClassifier()
    assert classify(["in.jsonl", "gone.csv"], "again", format=format, resume=True, model=model) == expected
    assert sum(model.batches) == 34 - (stop // 2) * 10
    assert content("again") == content("whole")


def test_a_shard_that_was_changed_is_made_again(here):
    write_rows(here / "in.jsonl", 25)
    classify(["in.jsonl"], "out")
    before = content("out")
    (here / "out" / "part-00001.jsonl").write_text("{}\n")
    model = FakeClassifier()
    classify(["in.jsonl"], "out", resume=True, model=model)
    assert sum(model.batches) == 15
    assert content("out") == before


@pytest.mark.parametrize("torn", [b'{"name": "part-0000', b"[1]\n", b"\xff\n"])
def test_a_torn_list_of_shards(here, torn):
    write_rows(here / "in.jsonl", 34)
    classify(["in.jsonl"], "whole")
    with pytest.raises(KeyboardInterrupt):
        classify(["in.jsonl"], "again", model=StopAfter(2))
    with (here / "again" / LOG).open("ab") as stream:
        stream.write(torn)
    classify(["in.jsonl"], "again", resume=True)
    assert content("again") == content("whole")


def test_a_finished_run_says_so(here, capsys):
    write_rows(here / "in.jsonl", 25)
    arguments = ["classify", "in.jsonl", "-o", "out/", "--shard-rows", "10"]
    assert cli.main(arguments) == 0
    assert capsys.readouterr().err == "25 statements, 0 uncertain; written to out/\n"
    (here / "out" / LOG).write_text("left by a kill")
    before = {name: data for name, data in content("out").items() if name != LOG}
    assert cli.main([*arguments, "--resume"]) == 0
    assert capsys.readouterr().err == "25 statements, 0 uncertain; out/ was complete already\n"
    assert content("out") == before
    assert cli.main(arguments) == 2
    assert "out holds a finished run; give another folder, or delete that folder" in capsys.readouterr().err


def test_another_run_is_refused(here):
    write_rows(here / "in.jsonl", 34)
    with pytest.raises(KeyboardInterrupt):
        classify(["in.jsonl"], "out", model=StopAfter(2))
    before = content("out")
    with pytest.raises(InputError, match="out holds the part of a run that was cut off; go on with it with --resume"):
        classify(["in.jsonl"], "out")
    with pytest.raises(InputError, match=r"is of a run with another shards .*'rows': 10.*'rows': 20"):
        classify(["in.jsonl"], "out", 20, resume=True)
    with pytest.raises(InputError, match="another shards"):
        classify(["in.jsonl"], "out", 10, "csv", resume=True)
    other = FakeClassifier()
    other.name = "other@1"
    with pytest.raises(InputError, match=r"another model \(fake@000000, not other@1\)"):
        classify(["in.jsonl"], "out", resume=True, model=other)
    with (here / "in.jsonl").open("a") as stream:
        stream.write('{"text": "One more."}\n')
    with pytest.raises(InputError, match="another set of input files"):
        classify(["in.jsonl"], "out", resume=True)
    with batch.only_run(Path("out")), pytest.raises(InputError, match="another run is writing out; wait until it is"):
        classify(["in.jsonl"], "out", resume=True)
    (here / "out" / RUN).write_text("[")
    with pytest.raises(InputError, match=r"_run\.json is not the part of a run; delete the folder out and run again"):
        classify(["in.jsonl"], "out", resume=True)
    (here / "out" / RUN).write_bytes(before[RUN])
    assert content("out") == before
    assert sorted(path.name for path in here.iterdir()) == ["in.jsonl", "out"]


def test_a_run_that_breaks_before_its_first_shard_leaves_nothing(here):
    write_rows(here / "in.jsonl", 5)
    with pytest.raises(KeyboardInterrupt):
        classify(["in.jsonl"], "out", model=StopAfter(0))
    (here / "made").mkdir()
    with pytest.raises(InputError, match="no column 'quote'"):
        score_corpus("in.jsonl", "made", model=FakeClassifier(), text_column="quote", format="jsonl")
    assert sorted(path.name for path in here.iterdir()) == ["in.jsonl", "made"]
    assert content("made") == {}


# --- where a folder cannot be written


def test_outputs_that_are_folders():
    assert [is_folder(out) for out in ("out", "out/", "v1.2/", Path("a.b/out"))] == [True] * 4
    assert [is_folder(out) for out in ("out.csv", "a/v1.2", Path("o.parquet"))] == [False] * 3


def test_folders_that_cannot_be_written(here, monkeypatch):
    write_rows(here / "in.jsonl", 5)
    (here / "file").write_text("x")
    (here / "full").mkdir()
    (here / "full" / "x.txt").write_text("x")
    with pytest.raises(InputError, match="cannot write shards into file: it is a file"):
        classify(["in.jsonl"], "file")
    with pytest.raises(InputError, match=r"cannot read the folder file/out \(Not a directory\)"):
        classify(["in.jsonl"], "file/out")
    with pytest.raises(InputError, match="full is not empty and holds no run; give a new folder"):
        classify(["in.jsonl"], "full")
    with pytest.raises(InputError, match=r"full/out lies in full, which is read; give a folder beside it"):
        classify(["full"], "full/out")
    write_rows(here / "full" / "x.jsonl", 1)
    for pattern, out in (("*/*.jsonl", "new"), ("**/*.jsonl", "full/new")):
        with pytest.raises(InputError, match=f"would match what is written into {out}; give a folder out of its reach"):
            classify([pattern], out)
    classify(["*.jsonl"], "new")
    with pytest.raises(InputError, match="standard input cannot be written into a folder"):
        classify(["-"], "out")
    assert sorted(path.name for path in here.iterdir()) == ["file", "full", "in.jsonl", "new"]


def test_options_of_folders(here, monkeypatch):
    with pytest.raises(InputError, match="there is no format 'xml' of shards; use jsonl, csv or parquet"):
        check_folder(here / "out", [], "xml", None)
    with pytest.raises(InputError, match="a shard cannot have 0 rows; give 1 or more"):
        check_folder(here / "out", [], "csv", 0)
    write_rows(here / "in.jsonl", 5)
    with pytest.raises(InputError, match=r"o\.csv is one file, not a folder of shards; leave out --format and"):
        classify(["in.jsonl"], "o.csv", None, "csv")
    assert check_folder(here / "out", [], "csv", None).rows == 10_000
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    assert check_folder(here / "out", [], None, None).format == "jsonl"
    with pytest.raises(MissingExtraError, match=r"pip install 'diplomatic-stance\[parquet\]'"):
        check_folder(here / "out", [], "parquet", None)


def test_a_full_disk_keeps_the_whole_shards(here, monkeypatch):
    write_rows(here / "in.jsonl", 34)
    classify(["in.jsonl"], "whole")
    with monkeypatch.context() as patch:

        def write(path, *more):
            if "00002" in path.name:
                path.write_text("half")
                raise OSError(28, "No space left on device")
            write_shard(path, *more)

        write_shard = shards.write_rows
        patch.setattr(shards, "write_rows", write)
        with pytest.raises(
            InputError, match=r"cannot write again/part-00002\.jsonl: No space left on device; make room"
        ):
            classify(["in.jsonl"], "again")
    assert sorted(content("again")) == [RUN, LOG, "part-00000.jsonl", "part-00001.jsonl"]
    classify(["in.jsonl"], "again", resume=True)
    assert content("again") == content("whole")
