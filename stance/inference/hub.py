"""The Hugging Face hub: model folders by their id, with a short time-out and an offline mode."""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path

from stance.errors import ModelError

HUB_TIMEOUT = 5.0  # seconds until the hub counts as out of reach
PATTERNS = ["*.json", "*.onnx", "*.safetensors", "gate.npz", "*.txt", "README.md"]


def is_offline() -> bool:
    """Tell whether ``STANCE_OFFLINE`` or ``HF_HUB_OFFLINE`` forbids any download."""
    return any(
        os.environ.get(name, "").lower() in {"1", "true", "yes"} for name in ("STANCE_OFFLINE", "HF_HUB_OFFLINE")
    )


def check_reachable(hub_id: str, file: str) -> None:
    """Raise an ``OSError`` within :data:`HUB_TIMEOUT` if the hub does not give a file; its client retries for minutes.

    :param hub_id: Such as ``"org/model"``.
    :param file: A file that its folder holds.
    """
    from huggingface_hub import hf_hub_url

    with urllib.request.urlopen(hf_hub_url(hub_id, file), timeout=HUB_TIMEOUT):
        pass


def fetch_folder(hub_id: str) -> Path:
    """Download a model folder, or find it in the hub's cache.

    :param hub_id: Such as ``"org/model"``.
    :returns: The folder.
    :raises ModelError: If it is neither cached nor to be had.
    """
    from huggingface_hub import snapshot_download

    try:
        if not is_offline():
            check_reachable(hub_id, "stance.json")
        return Path(snapshot_download(hub_id, allow_patterns=PATTERNS, local_files_only=is_offline()))
    except Exception as error:  # the hub's client raises many kinds; each of them means: not to be had
        reason = "downloads are off" if is_offline() else " ".join(str(error).split())[:160]
        raise ModelError(
            f"no model folder {hub_id!r} here, and the hub does not give it ({reason}); check the name"
        ) from error
