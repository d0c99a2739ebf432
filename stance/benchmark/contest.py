"""What the benchmark measures, step by step: labelled statements, a stream of sentences, agreement of equal weights."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.benchmark.contestants import MATMUL, Contestant, Setting, form_of, openers_of, reference_of
from stance.benchmark.report import Row, StreamRow
from stance.benchmark.throughput import Race, Spread, Texts
from stance.datasets.jsonlines import Faults, numbered_objects
from stance.datasets.records import LabelledStatement
from stance.evaluation.bootstrap import Estimate, cluster_numbers
from stance.evaluation.evaluation import cluster_of
from stance.evaluation.scores import Outcome, score_outcome
from stance.inference.tokenize import PairTokenizer, Tokens
from stance.model_folder import Manifest, read_manifest
from stance.runtime import load_tokenizer

OURS = "stance"  # of the engines, the one that is ours
TOLERANCE = 1e-3  # by which probabilities of engines with the same weights may differ


@dataclass(frozen=True, slots=True)
class Answers:
    """What an engine said of statements."""

    p: NDArray[np.float64]  # (n_texts, n_tags)
    thresholds: tuple[float, ...]

    @property
    def given(self) -> NDArray[np.bool_]:
        """Which tags it gave (n_texts, n_tags)."""
        return np.asarray(self.p >= np.array(self.thresholds))


@dataclass(frozen=True, slots=True)
class Task:
    """The statements of a benchmark."""

    records: Sequence[LabelledStatement]  # the whole split
    rows: Sequence[int]  # of the records: what is scored in each timed round
    tokens: Sequence[Tokens]  # of the records
    manifest: Manifest  # of our model

    def texts(self, form: str, rows: Sequence[int] | None = None) -> Texts:
        """Return the records in a form, or some of them."""
        texts = form_of(form, self.records, self.manifest.mask_countries)
        return texts if rows is None else texts.take(rows)


def timed_rows(records: Sequence[LabelledStatement], wanted: int, seed: int) -> list[int]:
    """Return which statements a timed round scores: a sample, or all of them where there are no more than wanted.

    Each stands there once: our engine reads a statement that stands twice once, and other tools read it twice.
    """
    order = list({(record.text, record.context): row for row, record in enumerate(records)}.values())
    random.Random(seed).shuffle(order)
    return order[:wanted]


def counted(folder: Path, records: Sequence[LabelledStatement]) -> list[Tokens]:
    """Cut statements into tokens as our model does."""
    manifest = read_manifest(folder)
    tokenizer = PairTokenizer(load_tokenizer(folder), manifest.max_tokens, manifest.mask_countries)
    return tokenizer([record.text for record in records], [record.context for record in records])


def race_rows(
    race: Race, contestants: Sequence[Contestant], task: Task, starts: int, rounds: int
) -> tuple[list[Row], dict[str, Answers], dict[str, Spread]]:
    """Measure all engines on labelled statements.

    :param race: Their processes.
    :param contestants: The engines.
    :param task: The statements.
    :param starts: How often each process is started.
    :param rounds: How often the statements are scored.
    :returns: What was measured of each engine that did not fail, what they said of the whole split, and the machine's
        rates of matrix multiplication, in billions of operations a second.
    """
    rates: list[dict[str, float]] = []
    form = {one.engine.name: one.engine.form for one in contestants}
    cold = race.start({name: task.texts(form[name], task.rows[:1]) for name in form}, starts)
    race.score({name: task.texts(form[name]) for name in form}, 1)  # answers for the whole split; warms up, too
    answers = answers_of(race, form)

    def multiply(name: str) -> float:
        rates.append(race.ask(name, "rates")["rates"])
        return 0.0

    race.open(MATMUL)  # where it cannot start, the shares of the bound stay unknown, and it is among those left out
    seconds = race.score({name: task.texts(form[name], task.rows) for name in form}, rounds, {MATMUL: multiply})
    tokens = sum(task.tokens[row].n_tokens for row in task.rows)
    spreads = {kind: Spread(tuple(one[kind] for one in rates)) for kind in (rates[0] if len(rates) == rounds else ())}
    rows = []
    for one in contestants:
        name, state = one.engine.name, race.attempt(one.engine.name, "state")
        if not state:
            continue
        row = Row(
            name=name,
            label=one.engine.label,
            seconds=seconds[name],
            statements=len(task.rows),
            tokens=tokens,
            cold=cold[name],
            peak_mb=state["peak_mb"],
            macro_f1=macro_f1_of(task, answers[name]),
            operations=2 * one.weights * tokens / 1e9,
            rate=spreads.get(one.engine.bound),
            versions=state["versions"],
        )
        rows.append(row)
    return rows, answers, spreads


def answers_of(race: Race, names: Sequence[str] | Mapping[str, Any]) -> dict[str, Answers]:
    """Return what each live engine said last."""
    got = {name: race.attempt(name, "answers") for name in names}
    return {name: Answers(np.array(one["p"]), tuple(one["thresholds"])) for name, one in got.items() if one}


def macro_f1_of(task: Task, answers: Answers) -> Estimate:
    """Return macro-F1 with its interval over documents."""
    tags = task.manifest.tags
    truth = np.array([[tag in record.tags for tag in tags] for record in task.records], dtype=bool)
    clusters = cluster_numbers([cluster_of(record) for record in task.records])
    outcome = Outcome(truth, answers.p, answers.given, np.zeros(len(truth), dtype=bool), clusters)
    return score_outcome(outcome, tags).macro_f1


def flips(one: Answers, other: Answers) -> int:
    """Return how many statements get other tags from one engine than from another."""
    return int((one.given != other.given).any(axis=1).sum())


def read_stream(path: str) -> list[LabelledStatement]:
    """Read every sentence of a corpus: JSON lines with ``text`` and, if it is known, ``context``.

    :raises InputError: If the file cannot be read, or a row has no text.
    """
    faults, found = Faults(path), []
    for line, row in numbered_objects(path, faults):
        if isinstance(row.get("text"), str) and isinstance(row.get("context") or "", str):
            found.append(LabelledStatement(str(line), row["text"], row.get("context") or ""))
        else:
            faults.add(line, "has no 'text' that is a string; give rows with text and, if it is known, context")
    faults.raise_if_any()
    return found


def stream_rows(
    race: Race,
    contestants: Sequence[Contestant],
    task: Task,
    stream: Sequence[LabelledStatement],
    rounds: int,
    sample: int,
) -> list[StreamRow]:
    """Measure all engines that are alive on every sentence of a corpus, as often as it stands there.

    :param race: Their processes.
    :param contestants: The engines; the tags of the first one that is alive are what the others are compared with.
    :param task: The statements from before, for the model's settings.
    :param stream: The sentences.
    :param rounds: How often they are scored.
    :param sample: How many of them those engines read that do not read the whole.
    :returns: What was measured of each engine that did not fail.
    """
    order = sorted(random.Random(0).sample(range(len(stream)), min(sample, len(stream))))
    everything = Task(stream, order, (), task.manifest)
    engines = [one.engine for one in contestants if one.engine.name in race.live]
    texts = {engine.name: everything.texts(engine.form, None if engine.whole else order) for engine in engines}
    seconds = race.score(texts, rounds)
    answers = answers_of(race, seconds)
    first = next(iter(answers), "")

    def differ(name: str) -> float:
        """Return the share of texts, of those that both read, that got other tags than the first engine's."""
        one, other = answers[first].given, answers[name].given
        if len(one) != len(other):  # one of them read the sample
            one, other = (given if len(given) == len(order) else given[order] for given in (one, other))
        return float((one != other).any(axis=1).mean())

    return [
        StreamRow(
            name=engine.name,
            label=engine.label,
            seconds=seconds[engine.name],
            read=len(texts[engine.name]),
            texts=len(stream),
            differ=differ(engine.name),
            tagged=float(answers[engine.name].given.any(axis=1).mean()),
        )
        for engine in engines
        if engine.name in answers
    ]


def agreements(
    contestants: Sequence[Contestant],
    answers: Mapping[str, Answers],
    setting: Setting,
    task: Task,
    tell: Callable[[str], None] = lambda line: None,
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Compare engines that have the weights of our network with that network.

    :param contestants: The engines.
    :param answers: What they said of the split.
    :param setting: Where the models lie.
    :param task: The statements.
    :param tell: Called with a line of progress.
    :returns: By the name of the engine: the statements that fit into one window, the greatest difference of a
        probability on those, how many of all statements change tags, and how many have other tags than our engine
        gives (None where it did not run); and, if our network cannot be asked, why.
    """
    reference = reference_of([one for one in contestants if one.engine.name in answers], setting)
    if reference is None:
        return {}, {}
    with Race(openers_of([reference], setting), tell) as race:
        name = reference.engine.name
        race.open(name)
        race.score({name: task.texts(reference.engine.form)}, 1)
        ours = answers_of(race, [name]).get(name)
    if ours is None:
        return {}, race.failed
    whole = np.array([not one.windowed for one in task.tokens])
    same = {
        one.engine.name: {
            "statements": int(whole.sum()),
            "max_difference": float(np.abs(ours.p - answers[one.engine.name].p)[whole].max(initial=0)),
            "flips": flips(ours, answers[one.engine.name]),
            "flips_of_ours": flips(answers[OURS], answers[one.engine.name]) if OURS in answers else None,
        }
        for one in contestants
        if one.engine.folder == reference.engine.folder and one.engine.name in answers
    }
    return same, {}
