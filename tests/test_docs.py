"""What the documents show works: their Python runs, their commands can be parsed, their links lead somewhere."""

import json
import re
import shlex
from pathlib import Path

import pytest

from stance import cli

ROOT = Path(__file__).parent.parent
PAGES = sorted(path for path in (ROOT / "docs").glob("*.md"))
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES]
SKIP = "<!-- not run:"  # on the line before a block, with the reason
ARTICLE = '"Sanctions must be lifted," said the Ruritanian envoy, Mr. Rudolf Rassendyll.\n'


def blocks(path, *languages):
    """Yield the blocks of a document, without those that say why they are not run."""
    document = path.read_text()
    for found in re.finditer(r"^```(\w+)[^\n]*\n(.*?)^```", document, re.DOTALL | re.MULTILINE):
        line_before = document[: found.start()].rstrip("\n").rpartition("\n")[2]
        if found[1] in languages and not line_before.startswith(SKIP):
            yield found[2]


def commands():
    """Yield the command lines of all documents."""
    for path in DOCUMENTS:
        shown = "".join(re.findall(r"^\$ (.*\n)", "\n".join(blocks(path, "console")), re.MULTILINE))
        for text in [*blocks(path, "sh"), shown]:
            for line in text.replace("\\\n", " ").splitlines():
                if re.match(r"(stance|python scripts/|make) ?", line):
                    yield pytest.param(shlex.split(line, comments=True), id=f"{path.name}: {line[:60]}")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with what the examples read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text(ARTICLE)
    (tmp_path / "corpus" / "empty.txt").write_text("")
    return tmp_path


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_python_of_documents_runs(path, here):
    pandas = pytest.importorskip("pandas")
    datasets = pytest.importorskip("datasets")
    names = {
        "article_text": ARTICLE,
        "frame": pandas.DataFrame({"quote": ["Sanctions must be lifted."], "headline": ["Talks"]}),
        "data": datasets.Dataset.from_dict({"quote": ["Sanctions must be lifted."]}),
    }
    for text in blocks(path, "python"):
        exec(compile(text, str(path), "exec"), names)


def test_the_notebook_has_the_code_of_its_page():
    cells = json.loads((ROOT / "docs" / "pandas.ipynb").read_text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert code == [text.strip() for text in blocks(ROOT / "docs" / "first-hour.md", "python")]
    assert not any(cell.get("outputs") for cell in cells)


@pytest.mark.parametrize("words", list(commands()))
def test_commands_can_be_parsed(words):
    if words[0] == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert set(words[1:]) <= set(targets)
    elif words[0] == "python":
        assert (ROOT / words[1]).is_file()
        assert all((ROOT / word).is_file() for word in words if word.startswith("configs/") and "*" not in word)
    elif words[1] not in cli.PASSED_ON and not words[1].isupper():
        if ">" in words or "|" in words:
            words = words[: min(words.index(sign) for sign in ">|" if sign in words)]
        cli._parser().parse_args(words[1:])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text()):
        if not re.match(r"\w+://|mailto:", target):
            assert (path.parent / target).exists(), target


def test_every_page_is_in_the_table_of_contents():
    index = (ROOT / "docs" / "index.md").read_text()
    listed = {line for block in re.findall(r"```{toctree}\n(.*?)```", index, re.DOTALL) for line in block.split()}
    assert {path.stem for path in PAGES} - {"index"} <= listed


def test_the_site_builds(tmp_path):
    build = pytest.importorskip("sphinx.cmd.build")
    assert build.main(["-W", "-q", "-b", "html", str(ROOT / "docs"), str(tmp_path)]) == 0
    assert "stance.load" in (tmp_path / "reference.html").read_text()
