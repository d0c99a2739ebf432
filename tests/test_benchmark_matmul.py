import pytest

from stance.benchmark.matmul import matrix_weights
from stance.errors import ModelError


def test_weights_are_counted_from_config_or_onnx(tiny_model, tiny_onnx, tmp_path):
    pytest.importorskip("onnx")
    assert matrix_weights(tiny_model) == 4 * 32 * 32 + 2 * 32 * 64
    assert matrix_weights(tiny_onnx) - matrix_weights(tiny_model) in (0, 3 * 32)  # the head, where it is a MatMul
    with pytest.raises(ModelError, match="holds neither"):
        matrix_weights(tmp_path)
