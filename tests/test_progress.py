from __future__ import annotations

import gzip
import io
from collections import Counter

import pytest
from reading import STATEMENTS

from stance.inference import progress
from stance.inference.journal import Counts
from stance.inference.meter import Meter
from stance.inference.progress import Progress
from stance.inference.readers import read_records
from stance.inference.sources import find_sources


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Read(Meter):
    """A meter that is told the part."""

    def part(self):
        return self.told


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setenv("COLUMNS", "120")
    return now


@pytest.mark.parametrize(
    ("told", "left"), [(0.25, ", 0:04 min left"), (0.1001, ", 1:40 h left"), (None, ""), (0.1, "")]
)
def test_rate_time_left_and_tags(clock, told, left):
    meter, stream = Read(), Terminal()
    show = Progress(stream, meter)
    meter.told = 0.1
    show(Counts(1000, 1000))  # what was done before the run was resumed
    clock[0], meter.told = (0.75, told) if told != 0.1001 else (0.667, told)
    show(Counts(1075, 1080, tags=Counter(pro_sanctions=1200, anti_sanctions=7)))
    line = stream.getvalue().split("\x1b[K")[-1]
    assert (
        line
        == f"1,075 read, 1,080 statements, {75 / clock[0]:.0f} a second{left}, anti_sanctions 7, pro_sanctions 1,200"
    )


def test_a_line_does_not_wrap(clock, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    stream, meter = Terminal(), Read()
    meter.told = None
    show = Progress(stream, meter)
    show(Counts(1, 1))
    clock[0] = 1.0
    show(Counts(2, 2))
    assert stream.getvalue() == "\r\x1b[K2 read, 2 statement"


def test_nothing_is_written_where_nobody_looks():
    stream = io.StringIO()
    show = Progress(stream, Meter())
    show(Counts(1, 1))
    show.clear()
    assert stream.getvalue() == ""


def test_the_part_that_was_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = '{"text": "Lift it."}\n' * 5000
    (tmp_path / "a.jsonl").write_text(rows)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(rows.encode(), mtime=0))
    (tmp_path / "c.txt").write_text("Lift it." * 1000)
    found = find_sources(["a.jsonl", "b.jsonl.gz", "gone.txt", "c.txt"])
    assert found.meter.part() is None
    found.meter.watch([source.path for source in found.sources])
    parts = []
    for record in read_records(found.sources, STATEMENTS):
        assert not record.error or record.failed_source
        parts.append(found.meter.part())
    assert parts == sorted(parts)
    total = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert parts[4999] == pytest.approx((tmp_path / "a.jsonl").stat().st_size / total)
    assert (parts[0] < 0.2, parts[-1]) == (True, 1.0)


def test_the_part_that_was_read_of_parquet(tmp_path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({"text": ["Lift it."] * 400}), tmp_path / "a.parquet")
    found = find_sources([tmp_path / "a.parquet"])
    found.meter.watch([source.path for source in found.sources])
    parts = [found.meter.part() for _ in read_records(found.sources, STATEMENTS)]
    assert parts[0] == 0.25  # a hundred rows are looked at first
    assert parts[100:] == pytest.approx([number / 400 for number in range(101, 401)])
