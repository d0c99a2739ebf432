from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeClassifier

import stance
from stance.errors import InputError
from stance.inference.rows import score_names

TEXTS = ["We lift it.", "Enforce it, perhaps.", "", "We defend it."]
NAMES = score_names(FakeClassifier.tags)


@pytest.fixture
def scorer(monkeypatch):
    loaded = []
    monkeypatch.setattr(
        "stance.inference.classifier.load", lambda path=None, **_: loaded.append(path) or FakeClassifier()
    )
    scorer = stance.Scorer(context="title", model="folder")
    scorer.loaded = loaded
    return scorer


def test_a_frame_comes_back_as_score_frame_gives_it(scorer):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": TEXTS, "title": ["a", None, "b", 5], "tags": range(4)}, index=[3, 1, 1, 2])
    expected = stance.score_frame(frame, context="title", model=FakeClassifier())
    pandas.testing.assert_frame_equal(scorer(frame), expected)
    pandas.testing.assert_frame_equal(next(scorer.map_in_pandas(iter([frame]))), expected)
    assert scorer.loaded == ["folder"]


@pytest.mark.parametrize("kind", ["lists", "arrays"])
def test_columns_come_back_as_they_came(scorer, kind):
    columns = {"text": TEXTS, "title": ["a", None, float("nan"), 5], "tags": [1, 2, 3, 4]}
    if kind == "arrays":
        columns = {name: np.array(values, dtype=object) for name, values in columns.items()}
    scored = scorer(columns)
    assert list(scored) == ["text", "title", "input_tags", *NAMES]
    assert {type(values) for values in scored.values()} == {list if kind == "lists" else np.ndarray}
    assert list(scored["tags"]) == [["anti_sanctions"], ["pro_sanctions"], None, ["self_defence"]]
    assert list(scored["error"]) == [None, None, "the row has no text", None]
    assert scored["p_anti_sanctions"][0] == 0.9
    missing = scored["p_anti_sanctions"][2]
    assert missing is None or np.isnan(missing)


def test_a_scorer_is_sent_without_its_model(scorer):
    scorer({"text": TEXTS, "title": TEXTS})
    del scorer.loaded
    copy = pickle.loads(pickle.dumps(scorer))
    assert (copy._classifier, copy.context, copy.model) == (None, "title", "folder")
    assert copy({"text": TEXTS[:1], "title": [""]})["tags"] == [["anti_sanctions"]]


def test_a_batch_without_the_column(scorer):
    with pytest.raises(InputError, match="the batch has no column 'title'; its columns are text"):
        scorer({"text": TEXTS})


def test_datasets_map(scorer, monkeypatch):
    datasets = pytest.importorskip("datasets")
    del scorer.loaded
    data = datasets.Dataset.from_dict({"text": TEXTS * 3, "title": ["a"] * 12, "id": range(12)})
    scored = data.map(scorer, batched=True, batch_size=5, new_fingerprint="1")
    assert scored.column_names == ["text", "title", "id", *NAMES]
    assert scored["tags"][:4] == [["anti_sanctions"], ["pro_sanctions"], None, ["self_defence"]]
    assert scored["p_pro_sanctions"][5] == 0.9


def test_the_schema_for_spark(scorer):
    assert scorer.spark_schema("id bigint, text string") == (
        "id bigint, text string, `p_pro_sanctions` double, `p_anti_sanctions` double, `p_self_defence` double, "
        "`tags` array<string>, `uncertain` array<string>, `n_tokens` bigint, `windowed` boolean, `model` string, "
        "`error` string"
    )


@pytest.mark.slow
def test_spark(tiny_onnx, monkeypatch):
    sql = pytest.importorskip("pyspark.sql")
    pandas = pytest.importorskip("pandas")
    scorer = stance.Scorer(model=str(tiny_onnx))
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    spark = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        frame = pandas.DataFrame(
            {"id": range(8), "text": ["Sanctions must be lifted.", "We will enforce them."] * 3 + ["", "No."]}
        )
        given = spark.createDataFrame(frame).repartition(2)
        rows = given.mapInPandas(scorer.map_in_pandas, scorer.spark_schema("id bigint, text string")).collect()
    finally:
        spark.stop()
    expected = stance.score_frame(frame, model=str(tiny_onnx))
    for row in rows:
        one = expected.iloc[row["id"]]
        assert row["text"] == one["text"]
        assert (row["tags"], row["error"]) == (one["tags"], one["error"])
        if one["error"] is None:
            assert [row[name] for name in NAMES[:3]] == [one[name] for name in NAMES[:3]]
            assert (row["n_tokens"], row["windowed"]) == (one["n_tokens"], one["windowed"])
    assert len(rows) == 8


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ray_data(tiny_onnx, monkeypatch):
    ray = pytest.importorskip("ray")
    pandas = pytest.importorskip("pandas")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(stance.__file__).parent.parent), *sys.path]))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    texts = ["Sanctions must be lifted.", "We will enforce them."] * 3 + ["", "No."]
    frame = pandas.DataFrame({"id": range(8), "text": texts})
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        data = ray.data.from_pandas(frame)
        pool = ray.data.ActorPoolStrategy(size=1)
        for form in ("numpy", "pandas"):
            options = {"fn_constructor_kwargs": {"model": str(tiny_onnx)}, "compute": pool}
            scored = data.map_batches(stance.Scorer, batch_size=3, batch_format=form, **options)
            rows = sorted(scored.take_all(), key=lambda row: row["id"])
            expected = stance.score_frame(frame, model=str(tiny_onnx)).to_dict("records")
            for row, one in zip(rows, expected, strict=True):
                assert list(row) == list(one)
                assert (row["text"], row["error"]) == (one["text"], one["error"])
                if one["error"] is None:
                    assert [row[name] for name in NAMES[:3]] == [one[name] for name in NAMES[:3]]
                    assert list(row["tags"]) == one["tags"]
                    assert (row["n_tokens"], row["windowed"]) == (one["n_tokens"], one["windowed"])
    finally:
        ray.shutdown()
