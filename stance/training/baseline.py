"""Fit the baseline: n-gram TF-IDF and one logistic regression a tag, by scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from stance.errors import ConfigError
from stance.inference.linear import NgramFeatures, joined, save_linear
from stance.training.config import Config
from stance.training.data import TrainingData


def fit_baseline(config: Config, data: TrainingData, folder: Path) -> Callable[[Any], NDArray[np.float64]]:
    """Fit the baseline and write its files.

    :param config: The recipe.
    :param data: The statements.
    :param folder: The model folder.
    :returns: A function from records to logits (n_texts, n_tags).
    :raises ConfigError: If the recipe names a teacher.
    """
    if data.teacher:
        raise ConfigError("the linear model learns from labels alone; take data.teacher and data.unlabelled out")
    linear = config.linear
    features = NgramFeatures(
        linear.word_ngrams, linear.char_ngrams, min_df=linear.min_count, max_features=linear.max_features
    ).fit(inputs_of(data.train))
    matrix, truth = features.transform(inputs_of(data.train)), data.truth(data.train)
    weights = np.array(data.weights(data.train, config.data))
    coef = np.zeros((truth.shape[1], matrix.shape[1]))
    intercept = np.full(truth.shape[1], -10.0)  # of a tag that train does not hold: never given
    for column in np.flatnonzero(truth.any(axis=0)):
        # liblinear does not spread the penalty's choice over threads, so that results repeat to the bit
        model = LogisticRegression(C=linear.c, solver="liblinear", random_state=config.seed)
        model.fit(matrix, truth[:, column], sample_weight=weights)
        coef[column], intercept[column] = model.coef_[0], model.intercept_[0]
    save_linear(folder, features, coef, intercept)

    def logits(records: Any) -> NDArray[np.float64]:
        return np.asarray(features.transform(inputs_of(records)) @ coef.T + intercept, dtype=np.float64)

    return logits


def inputs_of(records: Any) -> list[str]:
    """Return what the baseline reads of each record."""
    return joined([record.text for record in records], [record.context for record in records])
