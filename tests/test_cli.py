from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FakeClassifier, fake_extract

import stance
from stance import cli
from stance.inference import api, command

ROOT = Path(__file__).parent.parent
ARTICLE = 'Talks went on.\n"We will lift nothing," Dupont said. "Perhaps we, perhaps, defend it," Schmidt said.\n'
FRENCH = "Le ministre a déclaré hier devant la presse que son pays ne renoncera jamais à protéger ses citoyens. " * 3


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stance.extraction.extract", fake_extract)
    monkeypatch.setattr("stance.inference.classifier.load", lambda path=None, **_: FakeClassifier())
    api._release.cache_clear()
    (tmp_path / "a.txt").write_text(ARTICLE)
    yield tmp_path
    api._release.cache_clear()


@pytest.fixture
def run(capsys):
    """Run a command and return its exit status, standard output and standard error."""

    def call(*arguments):
        status = cli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return call


# --- the three commands


def test_score_into_a_pipe_is_json_lines(run):
    status, out, err = run("score", "a.txt")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["speaker"] for row in rows] == ["Dupont", "Schmidt"]
    assert rows[0]["tags"] == ["anti_sanctions"]
    assert (status, err) == (0, "1 document, 2 statements, 1 uncertain\n")


def test_extract_needs_no_model(run, monkeypatch):
    monkeypatch.setattr("stance.inference.classifier.load", None)
    status, out, err = run("extract", "a.txt")
    first = json.loads(out.splitlines()[0])
    assert (first["text"], list(first)[-1], "tags" in first) == ("We will lift nothing,", "error", False)
    assert (status, err) == (0, "1 document, 2 statements\n")


def test_ray_does_not_take_a_gpu(run):
    status, _, err = run("score", "a.txt", "-o", "o.csv", "--engine", "ray", "--device", "cuda")
    assert (status, "leave --device out" in err) == (2, True)


@pytest.mark.parametrize("given", [[], ["--model", "folder"]])
def test_the_cascade_is_asked_for_by_its_option(run, monkeypatch, given):
    opened = []
    monkeypatch.setattr(
        "stance.inference.classifier.load",
        lambda path=None, cascade=False, **_: opened.append(cascade) or FakeClassifier(),
    )
    assert run("score", "a.txt", "--cascade", *given)[0] == 0
    assert run("score", "a.txt", *given)[0] == 0
    assert opened == [True, False]


@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv", "parquet"])
def test_classify_from_and_into_every_format(run, here, ending):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"quote": ["Lift it.", "Enforce it, perhaps."], "n": [1, 2]})
    given, out = here / f"in.{ending}", here / "made" / f"o.{ending}"
    if ending == "parquet":
        frame.to_parquet(given)
    elif ending == "jsonl":
        frame.to_json(given, orient="records", lines=True)
    else:
        frame.to_csv(given, index=False, sep="\t" if ending == "tsv" else ",")
    status, _, err = run("classify", given, "-o", out, "--text-column", "quote", "--model", "folder")
    assert (status, err) == (0, f"2 statements, 1 uncertain; written to {out}\n")
    if ending == "parquet":
        back = pandas.read_parquet(out)
    elif ending == "jsonl":
        back = pandas.read_json(out, lines=True)
    else:
        back = pandas.read_csv(out, sep="\t" if ending == "tsv" else ",")
        back["tags"] = back["tags"].map(json.loads)
    assert list(back.columns[:2]) == ["quote", "n"]
    assert back[["quote", "n"]].astype(str).values.tolist() == frame.astype(str).values.tolist()
    assert [list(tags) for tags in back["tags"]] == [["anti_sanctions"], ["pro_sanctions"]]
    assert back["p_anti_sanctions"].tolist() == [0.9, 0.1]


def test_standard_input(run, monkeypatch):
    class Stdin:
        buffer = io.BytesIO(b"Sanctions must be lifted.\n")

    monkeypatch.setattr("sys.stdin", Stdin)
    status, out, _ = run("classify", "-")
    row = json.loads(out)
    assert (status, row["text"], row["tags"]) == (0, "Sanctions must be lifted.", ["anti_sanctions"])


def test_a_folder_with_other_files(run, here):
    (here / "in").mkdir()
    (here / "in" / "a.txt").write_text(ARTICLE)
    (here / "in" / "b.pdf").write_text("x")
    status, out, err = run("score", "in", "-o", "o.csv")
    assert (status, out) == (0, "")
    assert err == "1 document, 2 statements, 1 uncertain; files passed over: 1 .pdf; written to o.csv\n"
    with Path("o.csv").open(newline="") as stream:
        assert [row["doc_id"] for row in csv.DictReader(stream)] == ["a.txt", "a.txt"]


def test_quiet(run):
    assert run("score", "a.txt", "-o", "o.csv", "--quiet") == (0, "", "")


# --- exit status and errors


def test_some_failed_rows_are_status_1(run, here):
    (here / "f.txt").write_text(FRENCH)
    status, out, err = run("score", "a.txt", "f.txt", "gone.txt")
    errors = [json.loads(line)["error"] for line in out.splitlines()]
    assert status == 1
    assert errors[2:] == [
        "language is 'fr', not English; use --language any to score it anyway",
        "there is no file or folder gone.txt; check the path",
    ]
    assert err == "3 documents, 2 statements, 2 failed (see the column error), 1 uncertain\n"
    assert run("score", "a.txt", "f.txt", "--language", "any")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["score", "gone.txt"], "there is no file or folder gone.txt; check the path"),
        (["score", "gone.txt", "lost.txt"], "none of the 2 inputs can be read"),
        (["score", "a.txt", "-o", "o.xlsx"], "its ending must be one of"),
        (["score", "a.txt", "--resume"], "--resume goes on with a file; name it with -o OUT"),
        (
            ["score", "a.txt", "--format", "csv"],
            "--format and --shard-rows are for a folder of shards; name it with -o",
        ),
        (["score", "-", "--resume", "-o", "o.csv"], "standard input cannot be resumed"),
        (["classify", "t.csv"], "t.csv has no column 'text'; its columns are body, date; name the right one with"),
        (["classify", "empty.txt"], "empty.txt is empty"),
        (["classify", "binary.txt"], "binary.txt looks binary"),
        (["score", "latin.txt"], "latin.txt is not UTF-8 text (byte 1 cannot be decoded)"),
        (["classify", "t.csv", "--text-column", "body", "-o", "t.csv"], "would be overwritten"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(run, here, arguments, message):
    (here / "t.csv").write_text("body,date\nx,y\n")
    (here / "empty.txt").write_text("")
    (here / "binary.txt").write_bytes(b"\x7fELF\0")
    (here / "latin.txt").write_bytes("déjà".encode("latin-1"))
    before = {path.name for path in here.iterdir()}
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("stance: error: ")
    assert message in err
    assert err.count("\n") == 1
    assert {path.name for path in here.iterdir()} == before


def test_a_bad_model_is_status_2(run, monkeypatch, tmp_path):
    monkeypatch.undo()
    (tmp_path / "a.txt").write_text(ARTICLE)
    status, _, err = run("score", tmp_path / "a.txt", "--model", tmp_path / "nothing")
    assert status == 2
    assert err.startswith("stance: error: ")


@pytest.mark.parametrize("arguments", [[], ["paint"], ["score"], ["score", "a.txt", "--language", "fr"]])
def test_arguments_that_do_not_parse(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "usage: stance" in capsys.readouterr().err


def test_ctrl_c_says_how_to_go_on(run, monkeypatch):
    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeClassifier, "score", stop)
    status, _, err = run("score", "a.txt", "-o", "o.csv")
    assert (status, err) == (
        130,
        "\nstance: stopped; what is done is kept: run the same command with --resume to go on\n",
    )
    assert run("score", "a.txt")[::2] == (130, "\nstance: stopped\n")


# --- help, version and what is passed on


def test_help_and_version(capsys):
    for arguments in (["--help"], ["--version"], ["score", "--help"], ["classify", "--help"]):
        with pytest.raises(SystemExit) as stop:
            cli.main(arguments)
        assert stop.value.code == 0
    out = capsys.readouterr().out
    assert f"stance {stance.__version__}" in out
    assert "stance score articles/ -o scores.csv" in out
    assert "--context-column" in out


def test_help_imports_nothing_heavy():
    heavy = ["numpy", "onnxruntime", "tokenizers", "trafilatura", "py3langid", "yaml", "pandas", "torch"]
    code = (
        "import sys\nfrom stance.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", ["train", "evaluate"])
def test_other_commands_get_their_arguments(run, monkeypatch, name):
    seen = []

    class Module:
        main = staticmethod(lambda arguments: seen.append(arguments) or 1)

    monkeypatch.setitem(sys.modules, cli.PASSED_ON[name][1], Module)
    assert run(name, "x.yaml", "--help", "a.b=1")[0] == 1
    assert seen == [["x.yaml", "--help", "a.b=1"]]


def test_training_without_its_extra(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "stance.training.run", None)
    status, _, err = run("train")
    assert status == 2
    assert "pip install 'diplomatic-stance[train]'" in err


# --- the terminal


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_table_on_a_terminal(run, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("score", "a.txt")[0] == 0
    assert terminal.getvalue() == (
        "a.txt\n"
        "Statement                       Speaker          Country  Tags\n"
        "──────────────────────────────  ───────────────  ───────  ──────────────────────\n"
        "We will lift nothing            Dupont           FRA      anti_sanctions 90%\n"
        "\n"
        "Perhaps we, perhaps, defend it  Schmidt          FRA      self_defence 90% ?\n"
        "\n"
        "? in doubt: read it yourself; a tag in brackets just misses its threshold.\n"
    )
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    assert run("score", "a.txt")[0] == 0
    assert "\x1b[36manti_sanctions 90%\x1b[0m" in terminal.getvalue()


def test_a_table_where_no_terminal_reads_it(run):
    status, out, _ = run("score", "a.txt", "--table")
    assert status == 0
    assert out.startswith("a.txt\nStatement ")
    assert "\x1b" not in out
    status, _, err = run("score", "a.txt", "--table", "-o", "o.csv")
    assert status == 2
    assert "give one of the two" in err


@pytest.mark.parametrize("column", ["quote", "tags"])  # the second becomes input_tags
def test_a_table_shows_the_column_of_the_statements(run, here, column):
    (here / "note.txt").write_text("Lift it now.")
    (here / "notes.csv").write_text(f"{column}\nLift it then.\n")
    status, out, _ = run("classify", "note.txt", "notes.csv", "--text-column", column, "--table")
    assert status == 0
    assert "Lift it now.  " in out
    assert "Lift it then.  " in out


def test_progress_stands_on_one_line_and_goes_away(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("stance.inference.progress._INTERVAL", 0)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "120")
    assert cli.main(["score", "a.txt", "-o", "o.csv"]) == 0
    first, report = terminal.getvalue().split("\r\x1b[K")[1:]
    assert first.startswith("1 read, 2 statements")
    assert first.endswith(", anti_sanctions 1, self_defence 1")
    assert report == "1 document, 2 statements, 1 uncertain; written to o.csv\n"


def test_the_summary_tells_files_and_rows_apart():
    assert command._count(1, "article") == "1 article"
    assert command._count(1200, "statement") == "1,200 statements"
