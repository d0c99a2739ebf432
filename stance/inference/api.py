"""Score one article or a pandas frame from Python."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stance.errors import InputError
from stance.extras import require
from stance.inference.language import foreign_language, language_error
from stance.inference.rows import score_names, scored
from stance.inference.tables import as_text
from stance.statement import ScoredStatement

if TYPE_CHECKING:
    import pandas as pd

    from stance.inference.classifier import Classifier
    from stance.runtime import Device

Language = Literal["en", "any"]
_ANY_LANGUAGE = "language='any'"
_CHUNK = 256  # statements that go to the classifier together


def classifier_for(
    model: Classifier | str | Path | None,
    *,
    cascade: bool = False,
    device: Device = "cpu",
    error_rate: float | None = None,
) -> Classifier:
    """Return a classifier: the one given, the one in a folder, or the release model (loaded once).

    :param model: A classifier, a folder, or None for the release model.
    :param cascade: Open the model with its first stage; of no effect on a classifier that is open already.
    :param device: Where it runs; of no effect on a classifier that is open already.
    :param error_rate: Of the answers not called uncertain; of no effect on a classifier that is open already.
    """
    if model is None:
        return _release(cascade, device, error_rate)
    if isinstance(model, str | Path):
        from stance.inference import classifier

        return classifier.load(model, cascade=cascade, device=device, error_rate=error_rate)
    return model


@lru_cache(maxsize=2)
def _release(cascade: bool, device: Device, error_rate: float | None) -> Classifier:
    from stance.inference import classifier

    return classifier.load(cascade=cascade, device=device, error_rate=error_rate)


def score_article(
    article: str,
    title: str | None = None,
    model: Classifier | str | Path | None = None,
    *,
    language: Language = "en",
) -> list[ScoredStatement]:
    """Find the statements in an article and score them.

    :param article: The text of the article.
    :param title: Its headline, if the text does not begin with it.
    :param model: A classifier, or the folder of one; the release model if None.
    :param language: ``"en"`` to refuse an article in another language, ``"any"`` to score it anyway.
    :returns: The statements in the order of the text; their spans index ``article``.
    :raises InputError: If the article is not in English and ``language`` is ``"en"``.
    :raises ModelError: If the model cannot be loaded.
    """
    import stance.extraction

    found = foreign_language(article) if language == "en" else None
    if found:
        raise InputError(language_error(found, _ANY_LANGUAGE))
    statements = stance.extraction.extract(article, title=title)
    if not statements:
        return []
    classifier = classifier_for(model)
    scores = classifier.score([s.sentence for s in statements], [s.context for s in statements])
    name = classifier.name
    return [ScoredStatement(one, score, name) for one, score in zip(statements, scores, strict=True)]


def score_frame(
    df: pd.DataFrame,
    text: str = "text",
    context: str | None = None,
    model: Classifier | str | Path | None = None,
    *,
    language: Language = "en",
) -> pd.DataFrame:
    """Score a pandas frame with one statement a row.

    :param df: The frame; it is not changed.
    :param text: The column with the statements. A row without text gets an ``error`` and no score.
    :param context: The column with what each statement is about, such as a headline; none if None.
        As in files, a cell that is no text is read as its text, and a missing one as no context.
    :param model: A classifier, or the folder of one; the release model if None.
    :param language: ``"en"`` to give statements in other languages an ``error``, ``"any"`` to score them too.
    :returns: A new frame with the same rows and index, and the columns of the scores behind the others; a column that
        has the name of one of these becomes ``input_<name>``.
    :raises InputError: If there is no such column, or two.
    :raises ModelError: If the model cannot be loaded.
    """
    pandas = require("pandas", "pandas")
    classifier = classifier_for(model)
    texts = _column(df, text, "text")
    contexts = [""] * len(df) if context is None else _column(df, context, "context")
    contexts = ["" if value is pandas.NA or value is pandas.NaT else as_text(value) for value in contexts]
    rows = score_values(texts, contexts, classifier, language)
    names = score_names(classifier.tags)
    result = df.rename(columns=new_names(list(df.columns), names))
    for column in names:
        values = [row.get(column) for row in rows]
        kind = "float64" if column.startswith("p_") else "object"
        dtype = {"n_tokens": "Int64", "windowed": "boolean"}.get(column, kind)
        result[column] = pandas.Series(values, index=df.index, dtype=dtype)
    return result


def score_values(
    texts: Sequence[Any], contexts: Sequence[str], classifier: Classifier, language: Language
) -> list[dict[str, Any]]:
    """Score the cells of a column.

    :param texts: The statements; what is no text gets an ``error``.
    :param contexts: What each is about.
    :param classifier: The classifier.
    :param language: ``"en"`` to give statements in other languages an ``error``, ``"any"`` to score them too.
    :returns: For each cell the columns of its score, or its ``error`` alone.
    """
    rows = [_checked(value, language) for value in texts]
    good = [number for number, row in enumerate(rows) if row["error"] is None]
    for start in range(0, len(good), _CHUNK):
        chunk = good[start : start + _CHUNK]
        scores = classifier.score([texts[number] for number in chunk], [contexts[number] for number in chunk])
        for number, score in zip(chunk, scores, strict=True):
            rows[number] = scored(score, classifier.name)
    return rows


def _column(df: pd.DataFrame, name: str, parameter: str) -> list[Any]:
    count = list(df.columns).count(name)
    if count != 1:
        columns = ", ".join(map(str, df.columns))
        what = f"{count} columns" if count else "no column"
        raise InputError(
            f"the frame has {what} '{name}'; its columns are {columns}; name the right one with {parameter}="
        )
    return df[name].tolist()


def _checked(value: Any, language: Language) -> dict[str, Any]:
    if not isinstance(value, str) or not value.strip():
        return {"error": "the row has no text"}
    found = foreign_language(value) if language == "en" else None
    return {"error": language_error(found, _ANY_LANGUAGE) if found else None}


def new_names(columns: Sequence[str], names: tuple[str, ...]) -> dict[str, str]:
    """Return new names for the columns that have the name of an output column."""
    taken = {*columns, *names}
    new = {}
    for name in columns:
        if name in names:
            fresh = f"input_{name}"
            while fresh in taken:
                fresh = f"input_{fresh}"
            taken.add(fresh)
            new[name] = fresh
    return new
