import json
import sys

import pytest

from stance.benchmark.throughput import Worker, WorkerError, environment_for


def test_a_worker_reports_what_is_wrong_with_a_model(tmp_path):
    job = json.dumps({"opener": "stance", "folder": str(tmp_path / "none"), "threads": 1})
    worker = Worker([sys.executable, "-m", "stance.benchmark.worker", job], environment_for(1, "."))
    try:
        worker.ask("load", texts=["a"], contexts=[""])
        with pytest.raises(WorkerError, match="ModelError: no model folder"):
            worker.ask("score")
    finally:
        worker.close()
