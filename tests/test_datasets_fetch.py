import pytest
from local_site import Site

from stance.datasets.fetch import Fetcher
from stance.datasets.sources import source_table
from stance.errors import InputError

SOURCE = source_table()["linatal/UNSCon"]
PLACE = f"/{SOURCE.repository}/{SOURCE.commit}"


@pytest.fixture
def site():
    site = Site()
    yield site
    site.close()


@pytest.fixture
def waits():
    return []


@pytest.fixture
def fetch(site, waits):
    return Fetcher(site.url, pause=0.1, timeout=5, sleep=waits.append)


def test_a_file_is_fetched_by_commit_with_its_name_quoted(site, fetch, tmp_path):
    site.pages[f"{PLACE}/data/Session%2054%20-%201999/a%25b.txt"] = [b"words"]
    target = tmp_path / "deep" / "a.txt"
    assert fetch(SOURCE, "data/Session 54 - 1999/a%b.txt", target) == ""
    assert target.read_bytes() == b"words"
    assert list(target.parent.iterdir()) == [target]


def test_a_passing_fault_is_tried_again_after_growing_waits(site, fetch, waits, tmp_path):
    site.pages[f"{PLACE}/a"] = [503, 429, b"words"]
    assert fetch(SOURCE, "a", tmp_path / "a") == ""
    assert waits == [0.1, 1.0, 2.0]


def test_an_answer_that_broke_off_is_tried_again(site, fetch, tmp_path):
    site.pages[f"{PLACE}/a"] = [(b"wor", 5), b"words"]
    assert fetch(SOURCE, "a", tmp_path / "a") == ""
    assert (tmp_path / "a").read_bytes() == b"words"


def test_a_file_that_is_not_there_is_asked_for_once(site, fetch, tmp_path):
    for number in range(5):  # a missing file is no sign of a missing network
        assert "answers 404" in fetch(SOURCE, f"none{number}", tmp_path / "a")
    assert set(site.asked.values()) == {1}
    assert not (tmp_path / "a").exists()


def test_a_lasting_fault_leaves_no_file(site, fetch, tmp_path):
    site.pages[f"{PLACE}/a"] = [(b"wor", 5)]
    assert "cannot be reached" in fetch(SOURCE, "a", tmp_path / "a")
    assert site.asked[f"{PLACE}/a"] == 3
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_it_gives_up(site, waits, tmp_path):
    site.close()
    fetch = Fetcher(site.url, attempts=2, give_up_after=2, sleep=waits.append)
    faults = [fetch(SOURCE, name, tmp_path / name) for name in "abcd"]
    assert ["cannot be reached" in fault for fault in faults] == [True, True, False, False]
    assert faults[-1] == "not asked for: 2 files in a row could not be fetched"
    assert len(waits) == 4


def test_a_file_that_is_too_large_is_refused(site, fetch, tmp_path, monkeypatch):
    monkeypatch.setattr("stance.datasets.fetch.MAX_BYTES", 3)
    site.pages[f"{PLACE}/a"] = [b"words"]
    assert "larger than 3 bytes" in fetch(SOURCE, "a", tmp_path / "a")


def test_only_web_addresses_are_fetched_from():
    with pytest.raises(InputError, match="is not a web address"):
        Fetcher("file:///etc")
