"""What takes minutes: a kill in the middle of many rows, memory over many more, an article of 5 MB."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

import pytest
from fakes import FakeClassifier
from test_cli_processes import fake_main

from stance.inference import score_corpus

pytestmark = pytest.mark.slow

CHUNK = 256  # statements, as in a real run
WORDS = ("enforce", "lift", "defend", "discuss")
TELL_PEAK = """
import atexit, re
from pathlib import Path
atexit.register(lambda: print(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]))
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_rows(path, number):
    with path.open("w") as stream:
        for i in range(number):
            row = {"text": f"We shall {WORDS[i % 4]} measure {i}.", "id": i, "note": "words that are kept " * 10}
            stream.write(json.dumps(row) + "\n")


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_a_run_killed_amid_many_rows_ends_in_the_same_bytes(here, ending):
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    write_rows(here / "in.jsonl", 20_000)
    whole, again = f"whole.{ending}", f"again.{ending}"
    command = [sys.executable, "-c", fake_main(chunk=CHUNK), "classify", "in.jsonl", "--quiet", "-o"]
    subprocess.run([*command, whole], check=True)
    process = subprocess.Popen([sys.executable, "-c", fake_main(0.05, CHUNK), *command[3:], again])
    partial = here / f"{again}.partial.jsonl"
    enough = (
        (here / "in.jsonl").stat().st_size
    )  # a row of the output is longer than one of the input, not twice as long
    deadline = time.monotonic() + 120
    while not (partial.exists() and partial.stat().st_size > enough):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (here / again).exists()
    done = partial.read_bytes().count(b"\n")
    assert 1000 < done < 19_000
    subprocess.run([*command, again, "--resume"], check=True)
    assert (here / again).read_bytes() == (here / whole).read_bytes()
    assert not partial.exists()


def peak_of_classify(out):
    """Run the command and return its peak memory, in KiB."""
    code = TELL_PEAK + fake_main(chunk=CHUNK)
    arguments = ["classify", "in.jsonl", "--quiet", "-o", out]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read where Linux tells it")
@pytest.mark.parametrize("ending", [".jsonl", ".csv", ""])
def test_memory_does_not_grow_with_the_rows(here, ending):
    peaks = []
    for number in (10_000, 200_000):
        write_rows(here / "in.jsonl", number)
        peaks.append(peak_of_classify(f"o{number}{ending}"))
    few, many = peaks
    assert many < 1.2 * few, f"{few} KiB for 10,000 rows, {many} KiB for 200,000"


def test_an_article_of_5_megabytes(here):
    article = (resources.files("stance") / "examples" / "article.txt").read_text("utf-8")
    line = " ".join(article.split()) + "\n"
    text = (line * (5_000_000 // len(line) + 1))[:5_000_000]
    (here / "a.txt").write_text(text)
    summary = score_corpus("a.txt", "o.jsonl", model=FakeClassifier())
    assert (summary.documents, summary.failed) == (1, 0)
    assert summary.statements > 5_000_000 // len(line)
    with (here / "o.jsonl").open() as stream:
        for row in map(json.loads, stream):
            assert " ".join(text[a:b] for a, b in row["spans"]) == row["text"]
