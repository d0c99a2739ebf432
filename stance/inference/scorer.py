"""Score batches of statements where others hand them out: Ray Data, Spark, ``datasets.map``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from stance.errors import InputError
from stance.inference.api import Language, new_names, score_frame, score_values
from stance.inference.rows import score_names
from stance.inference.tables import as_text

if TYPE_CHECKING:
    import pandas as pd

    from stance.inference.classifier import Classifier

_SPARK = {"tags": "array<string>", "uncertain": "array<string>", "n_tokens": "bigint", "windowed": "boolean"}


class Scorer:
    """Scores a batch of statements; the model is loaded once in every process that calls it.

    It holds options alone, so that it can be sent to other processes and machines, where the model must be in reach::

        dataset.map_batches(stance.Scorer, concurrency=4)          # Ray Data; options with fn_constructor_kwargs={...}
        dataset.map(stance.Scorer(), batched=True)                 # Hugging Face datasets
        scorer = stance.Scorer(text="quote")                       # Spark
        frame.mapInPandas(scorer.map_in_pandas, scorer.spark_schema("id bigint, quote string"))

    :param text: The column with the statements. A row without text gets an ``error`` and no score.
    :param context: The column with what each statement is about; none if None.
    :param model: The folder of a model, or a hub id; the release model if None.
    :param language: ``"en"`` to give statements in other languages an ``error``, ``"any"`` to score them too.
    :param cascade: As of :func:`stance.load`.
    :param error_rate: As of :func:`stance.load`.
    """

    def __init__(
        self,
        text: str = "text",
        context: str | None = None,
        model: str | None = None,
        language: Language = "en",
        *,
        cascade: bool = False,
        error_rate: float | None = None,
    ) -> None:
        self.text = text
        self.context = context
        self.model = model
        self.language: Language = language
        self.cascade = cascade
        self.error_rate = error_rate
        self._classifier: Classifier | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_classifier": None}

    @property
    def classifier(self) -> Classifier:
        """The classifier of this process."""
        if self._classifier is None:
            from stance.inference import classifier

            self._classifier = classifier.load(self.model, cascade=self.cascade, error_rate=self.error_rate)
        return self._classifier

    def __call__(self, batch: Any) -> Any:
        """Score a batch.

        :param batch: A pandas frame, or a mapping of columns (lists or arrays).
        :returns: What came, with the columns of the scores behind the others, as :func:`stance.score_frame` gives them;
            of a mapping, a dict of lists, or of arrays where the statements came as one.
        :raises InputError: If there is no such column.
        :raises ModelError: If the model cannot be loaded.
        """
        if not isinstance(batch, Mapping) and hasattr(batch, "columns"):
            return score_frame(batch, self.text, self.context, self.classifier, language=self.language)
        return self._score_columns(batch)

    def map_in_pandas(self, frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        """Score frames one by one, as Spark's ``mapInPandas`` hands them out.

        :param frames: Frames with one statement a row.
        :returns: The same frames with the columns of the scores.
        """
        for frame in frames:
            yield self(frame)

    def spark_schema(self, columns: str) -> str:
        """Return the schema of what :meth:`map_in_pandas` gives, for Spark.

        :param columns: The columns of the frame and their types, such as ``"id bigint, text string"``; of a Spark frame
            ``", ".join(f"`{name}` {kind}" for name, kind in frame.dtypes)``.
        :returns: The same with the columns of the scores behind them.
        """
        names = score_names(self.classifier.tags)
        types = {name: _SPARK.get(name, "double" if name.startswith("p_") else "string") for name in names}
        return ", ".join([columns, *(f"`{name}` {kind}" for name, kind in types.items())])

    def _score_columns(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        for name in (self.text, self.context):
            if name is not None and name not in batch:
                raise InputError(f"the batch has no column '{name}'; its columns are {', '.join(batch)}")
        texts = list(batch[self.text])
        contexts = [""] * len(texts) if self.context is None else list(map(as_text, batch[self.context]))
        rows = score_values(texts, contexts, self.classifier, self.language)
        names = score_names(self.classifier.tags)
        renamed = new_names(list(batch), names)
        result = {renamed.get(name, name): values for name, values in batch.items()}
        as_arrays = isinstance(batch[self.text], np.ndarray)
        for name in names:
            values = [row.get(name) for row in rows]
            result[name] = _array(name, values) if as_arrays else values
        return result


def _array(name: str, values: list[Any]) -> Any:
    if name.startswith("p_"):
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    array = np.empty(len(values), dtype=object)
    for number, value in enumerate(values):  # one by one, as lists of one length would become a matrix
        array[number] = value
    return array
