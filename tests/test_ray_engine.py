from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import stance
from stance import cli
from stance.errors import InputError, MissingExtraError, ModelError, StanceError
from stance.inference import batch, ray_engine
from stance.inference.pipeline import Job
from stance.inference.readers import Layout
from stance.inference.shards import MANIFEST, Shards
from stance.inference.sources import find_sources

ROOT = Path(__file__).parent.parent
WORDS = ("We will enforce", "We will lift", "We discussed", "Nobody may defend", "The council regrets")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *sys.path]))  # for the processes of Ray
    return tmp_path


# --- what needs no Ray


def test_options_of_engines(here, monkeypatch, capsys):
    with pytest.raises(InputError, match="workers and an address are for Ray; add --engine ray"):
        batch.choose_engine("local", 2)
    (here / "a.txt").write_text("Talks went on.")
    assert cli.main(["score", "a.txt", "--engine", "ray"]) == 2
    assert "--engine ray writes a file or a folder; name it with -o OUT" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "ray.data", None)
    assert cli.main(["score", "a.txt", "--engine", "ray", "-o", "o.csv"]) == 2
    assert "pip install 'diplomatic-stance[ray]'" in capsys.readouterr().err
    with pytest.raises(MissingExtraError):
        stance.score_corpus("a.txt", "o.csv", engine="ray")


def test_options_of_ray(monkeypatch):
    monkeypatch.setattr(batch, "require", lambda module, extra: None)
    with pytest.raises(InputError, match="0 workers cannot score anything; give 1 or more"):
        batch.choose_engine("ray", 0)
    engine = batch.choose_engine("ray", 3, "auto")
    assert (engine.workers, engine.address) == (3, "auto")
    with pytest.raises(InputError, match="standard input cannot be read on Ray"):
        next(engine(find_sources(["-"]), Job("extract"), 0, None))


def test_a_cluster_that_cannot_be_reached(here, monkeypatch):
    class Ray:
        exceptions = SimpleNamespace(RayError=RuntimeError)
        is_initialized = staticmethod(lambda: False)

        def init(**options):
            assert options["address"] == "ray://far:10001"
            raise ConnectionError("connection timed out")

    monkeypatch.setattr(ray_engine, "require", lambda module, extra: Ray)
    (here / "a.txt").write_text("Talks went on.")
    with pytest.raises(
        StanceError, match=r"cannot reach Ray at ray://far:10001 \(connection timed out\); check --address"
    ):
        run(Job("extract"), ["a.txt"], "o", ray_engine.RayEngine(address="ray://far:10001"))
    assert not (here / "o").exists()


# --- a cluster of this machine; starting it takes half a minute


def write_inputs(folder, number):
    lines = [{"text": f"{WORDS[i % 5]} measure {i}.", "id": i, "note": "kept"} for i in range(number)]
    lines[7]["text"] = None
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "in.jsonl").write_text(text + "{\n")


def workers_of_this_process():
    """Return the processes of Ray that score, among those that descend from this one."""
    parents, titles = {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(path.name)] = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
            titles[int(path.name)] = (path / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue

    def descends(pid):
        while pid > 1 and pid != os.getpid():
            pid = parents.get(pid, 0)
        return pid == os.getpid()

    return [
        pid for pid, title in titles.items() if title.startswith(b"ray::") and b"MapWorker" in title and descends(pid)
    ]


def run(job, inputs, out, engine, resume=False, rows=700):
    return batch.run(find_sources(inputs), job, Path(out), Shards("jsonl", rows), resume=resume, engine=engine)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="workers are found where Linux tells processes")
def test_a_run_whose_worker_is_killed_has_the_rows_of_a_local_run(here, tiny_onnx):
    pytest.importorskip("ray")
    write_inputs(here, 3000)
    job = Job("classify", Layout(statements=True), "any", stance.load(tiny_onnx))
    expected = run(job, ["in.jsonl", "gone.csv"], "local", batch.chunks)
    engine = batch.choose_engine("ray", workers=2)
    killed = []

    def kill_one(*arguments):
        for number, chunk in enumerate(engine(*arguments)):
            if number == 2:
                workers = workers_of_this_process()
                assert len(workers) == 2
                assert not any("libtorch" in Path(f"/proc/{pid}/maps").read_text() for pid in workers)
                os.kill(workers[0], signal.SIGKILL)
                killed.append(workers[0])
            yield chunk

    assert run(job, ["in.jsonl", "gone.csv"], "ray", kill_one) == expected
    assert len(killed) == 1
    rows = {}
    for name in ("local", "ray"):
        parts = sorted((here / name).glob("part*"))
        rows[name] = [json.loads(line) for path in parts for line in path.read_text().splitlines()]
    assert len(rows["ray"]) == len(rows["local"]) == 3002
    for one, other in zip(rows["local"], rows["ray"], strict=True):
        for name, value in one.items():
            if name.startswith("p_") and value is not None:
                assert other[name] == pytest.approx(value, abs=1e-4)
            else:
                assert other[name] == value


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_articles_on_ray_and_the_errors_of_its_processes(here, tiny_onnx, monkeypatch):
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    engine = batch.choose_engine("ray", workers=1)
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)  # is used, and left as it is
    try:
        (here / "in").mkdir()
        article = (ROOT / "stance" / "examples" / "article.txt").read_text()
        for number in range(5):
            (here / "in" / f"{number}.txt").write_text(article)
        job = Job("score", Layout(), "en", stance.load(tiny_onnx))
        local = run(job, ["in"], "local", batch.chunks, rows=2)
        assert run(job, ["in"], "ray", engine, rows=2) == local
        names = sorted(path.name for path in (here / "local").iterdir())
        assert [(here / "ray" / name).read_bytes() for name in names] == [
            (here / "local" / name).read_bytes() for name in names
        ]
        (here / "ray" / "part-00002.jsonl").unlink()
        assert run(job, ["in"], "ray", engine, resume=True, rows=2) == local
        assert (here / "ray" / MANIFEST).read_bytes() == (here / "local" / MANIFEST).read_bytes()
        with pytest.raises(InputError, match="no column 'quote'"):
            (here / "t.csv").write_text("text\nx\n")
            run(Job("extract", Layout(text_column="quote")), ["t.csv"], "o", engine)
        monkeypatch.setattr(Job, "model", "another@1")
        with pytest.raises(ModelError, match=r"a worker has tiny@.*, not another@1; copy the model there"):
            run(Job("score", Layout(), "en", job.classifier), ["in"], "o", engine)  # job has kept the right name
        assert ray.is_initialized()
        assert not (here / "o").exists()
    finally:
        ray.shutdown()
