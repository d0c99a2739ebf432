"""What every network needs to run: its tokenizer, a session of ONNX Runtime, and the number of CPUs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stance.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Device = Literal["cpu", "cuda"]


def load_tokenizer(folder: Path) -> Tokenizer:
    """Read the tokenizer of a model folder.

    :param folder: A folder with ``tokenizer.json``.
    :returns: The tokenizer, without padding or truncation.
    :raises ModelError: If the file is missing or damaged.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises bare exceptions
        raise ModelError(f"cannot read {folder / 'tokenizer.json'}: {error}; fetch the model again") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def open_session(path: Path, device: Device = "cpu") -> Any:
    """Open an ONNX file, for runs that go side by side on threads.

    :param path: The file.
    :param device: Where it runs.
    :returns: An ``onnxruntime.InferenceSession`` that uses one CPU thread a run.
    :raises ModelError: If the file is damaged, or there is no such device.
    """
    import onnxruntime

    providers = ["CPUExecutionProvider"]
    if device == "cuda":
        if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
            raise ModelError(
                "this ONNX Runtime knows no CUDA; install onnxruntime-gpu in its place, or use device 'cpu'"
            )
        providers.insert(0, "CUDAExecutionProvider")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # the library raises bare exceptions
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"ONNX Runtime cannot read {path}: {reason}; export it again") from error


def usable_cpus() -> int:
    """Return the number of CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
