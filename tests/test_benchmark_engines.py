import numpy as np
import pytest

from stance.benchmark.contestants import form_of
from stance.benchmark.engines import Job, open_engine
from stance.benchmark.preparation import prepare
from stance.datasets.starter import starter_records
from stance.inference import load


@pytest.mark.parametrize("name", ["onnx", "pipeline"])
def test_engines_with_our_weights_give_our_probabilities(name, tiny_model, tmp_path):
    torch = pytest.importorskip("torch")
    records = [record for record in starter_records() if record.split == "dev"][:40]
    ours = load(tiny_model)
    raw, prepared = form_of("raw", records, False), form_of("masked", records, ours.manifest.mask_countries)
    whole = [not score.windowed for score in ours.score(raw.texts, raw.contexts)]
    assert sum(whole) > 10
    prepare(name, tiny_model, tmp_path / name, [], [])
    opened = open_engine(Job(name, str(tmp_path / name), torch.get_num_threads(), batch=8))
    p = opened.score(prepared.texts, prepared.contexts)
    assert opened.thresholds == ours.thresholds
    assert np.abs(p - ours.predict_proba(raw.texts, raw.contexts))[whole].max() < 1e-5
