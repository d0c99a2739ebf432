"""A tiny encoder and a model trained on it, made once a session; nothing is downloaded."""

import json
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_downloads(tmp_path_factory):
    """Keep every test off the network and away from the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STANCE_OFFLINE", "1")
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("STANCE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory) -> Path:
    """A BERT of one layer and 32 dimensions, with a word-piece vocabulary of the starter set."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tokenizers import BertWordPieceTokenizer

    from stance.datasets import starter_records

    folder = tmp_path_factory.mktemp("encoder")
    tokenizer = BertWordPieceTokenizer()
    tokenizer.train_from_iterator(
        (record.text for record in starter_records()), vocab_size=2000, min_frequency=2, show_progress=False
    )
    transformers.BertTokenizerFast(tokenizer_object=tokenizer._tokenizer).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=192,
    )
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_config(tiny_encoder):
    """A recipe that trains the tiny encoder in seconds."""
    from stance.training.config import parse_config

    return parse_config(
        {
            "name": "tiny",
            "encoder": {"name": str(tiny_encoder), "max_tokens": 48},
            "optim": {"epochs": 2, "learning_rate": 5e-3, "bf16": "off"},
        },
        "tiny",
    )


@pytest.fixture(scope="session")
def tiny_model(tiny_config, tmp_path_factory) -> Path:
    """A model folder trained by the tiny recipe on the starter set."""
    from stance.training.run import train

    folder = tmp_path_factory.mktemp("models") / "tiny"
    train(tiny_config, folder)
    return folder


@pytest.fixture(scope="session")
def tiny_onnx(tiny_model, tmp_path_factory) -> Path:
    """The tiny model, exported to int8 ONNX."""
    from stance.training.export import export

    folder = tmp_path_factory.mktemp("onnx") / "tiny"
    export(tiny_model, folder, max_flips=1.0)
    return folder


@pytest.fixture
def edit_manifest():
    """A function that changes fields of a folder's stance.json."""

    def edit(folder: Path, **changes) -> None:
        path = folder / "stance.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return edit


@pytest.fixture
def fake_worker(tmp_path):
    """A function that returns a function that starts a fake engine of the benchmark, and the file they all write."""
    from fakes import WORKER

    from stance.benchmark.throughput import Worker, environment_for

    script, log = tmp_path / "fake.py", tmp_path / "log.txt"
    script.write_text(WORKER)

    def made(name, fault="", limit=30.0):
        return lambda: Worker([sys.executable, str(script), name, str(log), fault], environment_for(1, "."), limit)

    made.log = log
    return made
