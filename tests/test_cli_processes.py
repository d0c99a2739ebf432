"""The command as a process of its own: closed pipes, kills, ``python -m``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import stance

ROOT = Path(__file__).parent.parent
FAKE_MAIN = """
import sys, time
sys.path[:0] = [{tests!r}, {root!r}]
import fakes, stance.extraction, stance.inference.classifier
from stance.inference import pipeline

class Slow(fakes.FakeClassifier):
    def score(self, texts, contexts=None):
        time.sleep({pause})
        return super().score(texts, contexts)

stance.inference.classifier.load = lambda path=None, **_: Slow()
stance.extraction.extract = fakes.fake_extract
pipeline.CHUNK_STATEMENTS = {chunk}
from stance.cli import main
sys.exit(main(sys.argv[1:]))
"""


def fake_main(pause=0.0, chunk=2):
    return FAKE_MAIN.format(tests=str(ROOT / "tests"), root=str(ROOT), pause=pause, chunk=chunk)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_closed_pipe_is_quiet(here):
    (here / "t.jsonl").write_text('{"text": "Lift it."}\n' * 2000)
    process = subprocess.Popen(
        [sys.executable, "-c", fake_main(), "classify", "t.jsonl"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout.readline().startswith(b'{"text"')
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141


def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(here):
    (here / "t.jsonl").write_text("".join(f'{{"text": "Lift it {i}.", "id": {i}}}\n' for i in range(40)))
    arguments = ["classify", "t.jsonl", "-o"]
    subprocess.run([sys.executable, "-c", fake_main(), *arguments, "whole.csv"], check=True)
    process = subprocess.Popen([sys.executable, "-c", fake_main(0.05), *arguments, "again.csv"])
    partial = here / "again.csv.partial.jsonl"
    deadline = time.monotonic() + 30
    while not (partial.exists() and partial.read_bytes().count(b"\n") > 7):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert partial.exists()
    assert not (here / "again.csv").exists()
    subprocess.run([sys.executable, "-c", fake_main(), *arguments, "again.csv", "--resume"], check=True)
    assert (here / "again.csv").read_bytes() == (here / "whole.csv").read_bytes()
    assert not partial.exists()


def test_the_module_runs_as_a_command():
    done = subprocess.run([sys.executable, "-m", "stance", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == f"stance {stance.__version__}\n"
