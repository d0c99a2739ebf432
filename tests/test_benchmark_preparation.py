import pytest

from stance.benchmark.preparation import prepare
from stance.errors import StanceError


def test_what_cannot_be_prepared_leaves_nothing_behind(tmp_path):
    with pytest.raises(StanceError, match="no model folder"):
        prepare("onnx", tmp_path / "none", tmp_path / "made", [], [])
    assert not (tmp_path / "made").exists()
