"""Runs that are killed at random moments, or run out of room: resumed, they end in the bytes of an unbroken run."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_cli_processes import fake_main

WORDS = ("enforce", "lift", "defend", "discuss")
OUTS = [
    ("out.jsonl", ()),
    ("out.csv", ()),
    ("out.parquet", ()),
    ("out", ("jsonl",)),
    ("out", ("csv",)),
    ("out", ("parquet",)),
]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_rows(path, number, longer_from=10**9):
    with path.open("w") as stream:
        for i in range(number):
            note = "kept " * (200 if i >= longer_from else 1)
            text = "" if i % 50 == 7 else f"We shall {WORDS[i % 4]} measure {i}."
            stream.write(json.dumps({"text": text, "id": i, "note": note}) + "\n")
        stream.write("{\n")


def command(out, format, pause=0.0):
    if out.endswith("parquet") or "parquet" in format:
        pytest.importorskip("pyarrow")
    options = ["--format", *format, "--shard-rows", "60"] if format else []
    code = fake_main(pause, 16)
    return [sys.executable, "-c", code, "classify", "in.jsonl", "--resume", "--quiet", "-o", out, *options]


def content(out):
    """Return the bytes of a file, or of the files of a folder."""
    out = Path(out)
    if out.is_dir():
        return {path.name: path.read_bytes() for path in out.iterdir()}
    return {out.name: out.read_bytes()} if out.exists() else {}


def remove(out):
    shutil.rmtree(out) if Path(out).is_dir() else Path(out).unlink()


def kill_and_resume(out, format, kills, seed, rows=400):
    """Kill a run so many times, and compare what is there at any moment with an unbroken run."""
    write_rows(Path("in.jsonl"), rows)
    subprocess.run(command(out, format), check=False)
    begin = time.monotonic()
    remove(out)
    assert subprocess.run(command(out, format, 0.004), check=False).returncode == 1  # some rows failed
    duration = time.monotonic() - begin
    whole = content(out)
    remove(out)
    draw = random.Random(seed)
    killed = 0
    while killed < kills:
        process = subprocess.Popen(command(out, format, 0.004))
        try:
            process.wait(draw.uniform(0.3, 1.1) * duration)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += 1
        if process.wait() != -signal.SIGKILL:
            assert content(out) == whole
            remove(out)
        for name, data in content(out).items():
            assert name[0] in "._" or data == whole[name], f"{name} is half written"
    assert subprocess.run(command(out, format), check=False).returncode == 1
    assert content(out) == whole
    left = [path.name for path in Path().iterdir()]
    assert sorted(left) == sorted(["in.jsonl", out])


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("out", "format"), [("out.csv", ()), ("out", ("jsonl",))])
def test_runs_killed_a_few_times(out, format):
    kill_and_resume(out, format, kills=3, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("out", "format"), OUTS)
def test_runs_killed_fifty_times(out, format):
    kill_and_resume(out, format, kills=50, seed=2, rows=1000)


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files cannot be limited there")
@pytest.mark.parametrize(("out", "format"), OUTS)
def test_a_run_without_room_says_so_and_goes_on_when_there_is(here, out, format):
    import resource

    write_rows(here / "in.jsonl", 200, longer_from=150)
    subprocess.run(command(out, format), check=False)
    whole = content(out)
    remove(out)
    limit = 20_000 if "parquet" not in out + "".join(format) else 9_000  # bytes of a file

    def set_limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(command(out, format), preexec_fn=set_limit, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("stance: error: cannot write out")
    assert "File too large; make room" in done.stderr
    assert done.stderr.count("\n") == 1
    for name, data in content(out).items():
        assert name[0] in "._" or data == whole[name]
    assert not list(here.rglob("*.tmp"))
    assert subprocess.run(command(out, format), check=False).returncode == 1
    assert content(out) == whole
