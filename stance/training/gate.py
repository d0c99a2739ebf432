"""Train the first stage of a cascade on labels and on the model's own answers for unlabelled statements.

Its threshold is chosen out of fold: each labelled statement is scored by a model that has read none of its document.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression

from stance.datasets.articles import marked_articles
from stance.datasets.records import LabelledStatement
from stance.datasets.starter import BLOCK
from stance.errors import InputError, ModelError
from stance.extraction import extract
from stance.inference.classifier import Classifier, default_folder, load
from stance.inference.decision import margins
from stance.inference.gate import BUCKETS, FILE, SCALE, Gate, features
from stance.model_folder import hash_files, write_manifest
from stance.training.card import write_card
from stance.training.config import parse_config
from stance.training.data import TrainingData, collect

FOLDS = 5
MAX_LOST = 0.003  # share of the statements with a tag that the first stage may answer "none" to
LIMIT = 2**15 - 1  # of a stored weight
PENALTY = 3.0  # C of the logistic regression
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Trained:
    """A first stage, and what it does out of fold."""

    gate: Gate
    positives: int  # labelled statements with a tag
    lost: int  # of these, how many it answers "none" to
    passed: float  # share of all labelled statements that go on

    def settings(self, tags: Sequence[str]) -> dict[str, Any]:
        """Return what the manifest keeps of it."""
        return {
            "intercept": self.gate.intercept,
            "threshold": self.gate.threshold,
            "p": dict(zip(tags, self.gate.p.tolist(), strict=True)),
            "positives": self.positives,
            "lost": self.lost,
            "lost_share": self.lost / self.positives,
            "lost_upper_bound": upper_bound(self.lost, self.positives),
            "passed_share": self.passed,
        }


def main(argv: Sequence[str] | None = None) -> int:
    """Train the first stage of a model and put it into the model's folder.

    :param argv: The arguments, by default those of the process.
    :returns: 0; the caller prints errors and exits with 2.
    :raises StanceError: If the model or the data of its recipe cannot be read.
    """
    parser = argparse.ArgumentParser(prog="train_gate", description="Train the first stage of a model's cascade.")
    parser.add_argument("model", nargs="?", metavar="MODEL", help="a model folder (default: the one in the package)")
    parser.add_argument(
        "--max-lost",
        type=float,
        default=MAX_LOST,
        help=f"share of the statements with a tag that it may answer 'none' to (default: {MAX_LOST})",
    )
    options = parser.parse_args(argv)
    if not 0 <= options.max_lost < 1:
        raise InputError(f"--max-lost is {options.max_lost}; give a share from 0 to below 1, such as {MAX_LOST}")
    folder = Path(options.model) if options.model else default_folder()
    classifier = load(folder)
    data = collect(parse_config(dict(classifier.manifest.config), "the manifest").data)
    trained = fit_gate(classifier, data, options.max_lost)
    save_gate(folder, classifier, trained)
    bound = upper_bound(trained.lost, trained.positives)
    sys.stdout.write(
        f"{folder}: out of fold, {trained.lost} of {trained.positives:,} statements with a tag are lost "
        f"({trained.lost / trained.positives:.2%}; {CONFIDENCE:.0%} sure to be below {bound:.2%}); "
        f"{trained.passed:.1%} of all labelled statements go on to the network\n"
    )
    texts = {
        "dev": [record.text for record in data.dev],
        "unlabelled": [record.text for record in data.unlabelled],
        "statements of the marked articles": article_statements(),
    }
    for name, part in texts.items():
        if part:
            sys.stdout.write(f"{name}: {trained.gate.passes(part).mean():.1%} go on\n")
    return 0


def article_statements() -> list[str]:
    """Return what the classifier reads of the marked articles."""
    return [found.sentence for article in marked_articles() for found in extract(article["text"])]


def fit_gate(classifier: Classifier, data: TrainingData, max_lost: float = MAX_LOST) -> Trained:
    """Train a first stage.

    :param classifier: The model that it is for; what it says of the unlabelled statements is learnt too.
    :param data: The data that the model was trained on; dev is not looked at.
    :param max_lost: The share of labelled statements with a tag that may be lost, out of fold.
    :returns: The first stage, trained on everything.
    :raises InputError: If no statement, or every one, carries a tag.
    """
    truth = data.truth(data.train)
    tagged = np.asarray(truth.any(axis=1))
    if not tagged.any() or tagged.all():
        raise InputError("a first stage needs statements with a tag and statements without one; give it both")
    matrix = rows_of(data.train)
    unlabelled = rows_of(data.unlabelled)
    soft = answers(classifier, data.unlabelled)
    fold = np.array([fold_of(record) for record in data.train])
    other_fold = np.array([fold_of(record) for record in data.unlabelled], dtype=int)
    scores = np.zeros(len(tagged))
    for held in range(FOLDS):
        own, other = fold != held, other_fold != held
        part = fit(matrix[own], tagged[own], unlabelled[other], soft[other])
        scores[~own] = decide(*part, matrix[~own])
    threshold = highest_threshold(scores[tagged], max_lost)
    stopped = scores < threshold
    weights, intercept = fit(matrix, tagged, unlabelled, soft)
    p = (truth[stopped].sum(axis=0) + 0.5) / (stopped.sum() + 1)  # of those that it answers itself
    gate = Gate(np.clip(np.round(weights / SCALE), -LIMIT, LIMIT).astype(np.int16), intercept, threshold, p.tolist())
    return Trained(gate, int(tagged.sum()), int((stopped & tagged).sum()), float((~stopped).mean()))


def save_gate(folder: Path, classifier: Classifier, trained: Trained) -> None:
    """Put a first stage into a model folder, and its figures into manifest and card.

    :param folder: The model folder; its manifest is written anew, so that the model's hash changes.
    :param classifier: The model.
    :param trained: The first stage.
    :raises ModelError: If what it says of a statement that it stops would be a tag, or in doubt.
    """
    near = margins(trained.gate.p[np.newaxis], classifier.thresholds) < classifier.manifest.doubt_margin
    if near.any() or (trained.gate.p >= np.array(classifier.thresholds)).any():
        raise ModelError("the statements that the first stage stops carry too many tags; take a smaller --max-lost")
    np.savez_compressed(folder / FILE, weights=trained.gate.weights.astype(np.int16))
    manifest = replace(classifier.manifest, gate=trained.settings(classifier.tags), files=hash_files(folder))
    write_card(folder, manifest)
    write_manifest(folder, manifest)


def upper_bound(lost: int, positives: int) -> float:
    """Return the exact upper bound of a share at :data:`CONFIDENCE`, one-sided (Clopper and Pearson 1934)."""
    return 1.0 if lost == positives else float(beta.ppf(CONFIDENCE, lost + 1, positives - lost))


def highest_threshold(scores: NDArray[np.float64], max_lost: float) -> float:
    """Return the highest threshold under which at most a share of scores lies."""
    allowed = int(max_lost * len(scores))
    return float(np.sort(scores)[allowed])


def answers(classifier: Classifier, records: Sequence[LabelledStatement]) -> NDArray[np.float64]:
    """Return the probability that each statement carries any tag, the tags taken as independent, (n_texts,)."""
    p = classifier.predict_proba([record.text for record in records], [record.context for record in records])
    result: NDArray[np.float64] = 1 - np.prod(1 - p, axis=1)
    return result


def rows_of(records: Sequence[LabelledStatement]) -> Any:
    """Return the features of statements as a sparse matrix (n_texts, BUCKETS), of length 1 where no word repeats."""
    buckets, owners, sizes = features([record.text for record in records])
    values = 1 / np.sqrt(sizes[owners])
    return csr_matrix((values, (owners, buckets)), shape=(len(records), BUCKETS))


def fit(
    matrix: Any, tagged: NDArray[np.bool_], unlabelled: Any, soft: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Fit a logistic regression to labels, and to probabilities as statements of both kinds in their shares."""
    rows = vstack([matrix, unlabelled, unlabelled]).tocsr()
    target = np.concatenate([tagged, np.ones(len(soft), dtype=bool), np.zeros(len(soft), dtype=bool)])
    weight = np.concatenate([np.ones(len(tagged)), soft, 1 - soft])
    model = LogisticRegression(C=PENALTY, solver="liblinear", random_state=0)
    model.fit(rows, target, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def decide(weights: NDArray[np.float64], intercept: float, matrix: Any) -> NDArray[np.float64]:
    """Return the scores of a fitted model (n_texts,)."""
    result: NDArray[np.float64] = matrix @ weights + intercept
    return result


def fold_of(record: LabelledStatement) -> int:
    """Return the fold of a statement: the same for all of a document, or of a block of the starter set."""
    name = record.doc_id
    if not name:
        series, _, number = record.id.rpartition("-")
        name = f"{series}-{(int(number) - 1) // BLOCK}" if number.isdigit() else record.id
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % FOLDS
