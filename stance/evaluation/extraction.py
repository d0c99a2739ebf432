"""Score extracted statements against marked articles: spans, speakers, countries, and end to end with tags.

A marked article is a mapping with ``text``, ``statements`` (each with ``spans``, ``speaker``, and where known
``canonical``, ``country``, ``kind``, ``tags``) and ``ignore`` (stretches that count neither way).  Statements are
compared by pieces: one per span and paragraph, so that a split quote can be given as one statement or as several.
A piece is exact if both ends agree once marks and blanks are trimmed; it overlaps if the shared characters are at
least 80 % of the union.  Pieces are matched one to one, best pairs first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from stance.evaluation.spans import Span, guess_kind, in_marks, overlap, pieces_of
from stance.evaluation.speakers import PRONOUNS, last_word, name_matches, squash
from stance.statement import ScoredStatement, Statement

KINDS = ("direct", "mixed", "indirect")
CLOSE = 0.8  # shared characters / union from which two pieces count as the same
Item = Mapping[str, Any]


class Piece(NamedTuple):
    """A trimmed stretch of a statement."""

    span: Span
    statement: Mapping[str, Any]
    kind: str


class Tally:
    """Counts over all articles."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.kinds: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        self.flags: dict[str, list[bool | None]] = defaultdict(list)


def as_prediction(found: Statement | ScoredStatement) -> dict[str, Any]:
    """Turn a statement into the mapping that is compared with a marked one."""
    statement = found.statement if isinstance(found, ScoredStatement) else found
    speaker = statement.speaker
    prediction: dict[str, Any] = {
        "spans": statement.spans,
        "kind": statement.kind,
        "speaker": speaker.mention if speaker else None,
        "canonical": speaker.name if speaker else None,
        "country": (speaker.country or None) if speaker else None,
    }
    if isinstance(found, ScoredStatement):
        prediction["tags"] = list(found.score.tags)
    return prediction


def score_extraction(items: Sequence[Item], predictions: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Compare predicted statements with marked ones.

    :param items: Marked articles.
    :param predictions: For each article its predicted statements, in the form of :func:`as_prediction`.
    :returns: Precision, recall and F1 over all and over quoted pieces, recall by kind, accuracy of speakers.
    """
    tally = Tally()
    for item, predicted in zip(items, predictions, strict=True):
        _score_article(item, predicted, tally)
    return _report(tally)


def _score_article(item: Item, predicted: Sequence[Mapping[str, Any]], tally: Tally) -> None:
    text = item["text"]
    gold = [
        Piece(span, statement, statement.get("kind") or guess_kind(text, *span))
        for statement in item["statements"]
        for span in pieces_of(text, statement["spans"])
    ]
    pred = _predicted_pieces(item, predicted)
    of_gold, of_pred = _match(gold, pred)
    tally.count.update(gold=len(gold), pred=len(pred))
    for number, piece in enumerate(gold):
        mate, value = of_gold.get(number, (-1, 0.0))
        _count_piece(piece, value, tally)
        judged = piece.statement.get("tags") is not None
        tally.count.update(e2e_gold=int(judged), e2e_out=int(value >= CLOSE and not judged))
        if value >= CLOSE:
            _count_speaker(piece, pred[mate].statement, judged, tally)
    _count_quoted(text, gold, pred, of_gold, of_pred, tally)


def _predicted_pieces(item: Item, predicted: Sequence[Mapping[str, Any]]) -> list[Piece]:
    """Cut predictions into pieces; drop repeats and those that lie mostly in an ignored stretch."""
    pieces: dict[Span, Piece] = {}
    for statement in predicted:
        for span in pieces_of(item["text"], statement["spans"]):
            if span not in pieces and not any(_mostly_inside(span, (a, b)) for a, b in item.get("ignore", ())):
                pieces[span] = Piece(span, statement, statement.get("kind", ""))
    return list(pieces.values())


def _mostly_inside(span: Span, other: Span) -> bool:
    return min(other[1], span[1]) - max(other[0], span[0]) >= 0.5 * (span[1] - span[0])


def _match(gold: list[Piece], pred: list[Piece]) -> tuple[dict[int, tuple[int, float]], dict[int, tuple[int, float]]]:
    """Pair gold and predicted pieces one to one, the best overlap first."""
    pairs = sorted(
        (-value, i, j)
        for i, one in enumerate(gold)
        for j, other in enumerate(pred)
        if (value := overlap(one.span, other.span)) > 0
    )
    of_gold: dict[int, tuple[int, float]] = {}
    of_pred: dict[int, tuple[int, float]] = {}
    for value, i, j in pairs:
        if i not in of_gold and j not in of_pred:
            of_gold[i], of_pred[j] = (j, -value), (i, -value)
    return of_gold, of_pred


def _count_piece(piece: Piece, value: float, tally: Tally) -> None:
    hits = {"exact": int(value == 1.0), "overlap": int(value >= CLOSE)}
    tally.count.update(hits)
    tally.kinds[piece.kind].update({**hits, "gold": 1, "touched": int(value > 0)})


def _count_speaker(piece: Piece, guess: Mapping[str, Any], judged: bool, tally: Tally) -> None:
    gold, flags = piece.statement, tally.flags
    if not gold.get("speaker"):
        flags["none_right"].append(not guess.get("speaker"))
        tally.count["attributed"] += not guess.get("speaker")
        return
    mention = squash(guess.get("speaker")) in {squash(m) for m in (gold["speaker"], *gold.get("speaker_also", ()))}
    name = name_matches(guess, gold)
    for suffix in ("", "_" + piece.kind):
        flags["mention" + suffix].append(mention)
        flags["name" + suffix].append(name)
    right = mention if name is None else name
    tally.count["attributed"] += right
    if gold.get("canonical"):
        flags["canonical"].append(gold["canonical"] in (guess.get("canonical"), guess.get("speaker")))
        if last_word(gold["speaker"]) in PRONOUNS:
            flags["name_pronoun"].append(bool(name))
    if gold.get("country") and "country" in guess:
        flags["country"].append(guess["country"] == gold["country"])
    if "kind" in guess and gold.get("kind"):
        flags["kind"].append(guess["kind"] == gold["kind"])
    if judged and "tags" in guess:
        tags = set(guess["tags"]) == set(gold["tags"])
        tally.count["e2e"] += right and tags and (guess.get("country") or None) == (gold.get("country") or None)
        flags["tags"].append(tags)


def _count_quoted(
    text: str,
    gold: list[Piece],
    pred: list[Piece],
    of_gold: Mapping[int, tuple[int, float]],
    of_pred: Mapping[int, tuple[int, float]],
    tally: Tally,
) -> None:
    """Count the track of direct quotes: predictions outside marks or inside another kind are left out."""
    direct = {number for number, piece in enumerate(gold) if piece.kind == "direct"}
    others = [piece.span for piece in gold if piece.kind != "direct"]
    for number, piece in enumerate(pred):
        mate, value = of_pred.get(number, (-1, 0.0))
        if (mate in direct and value >= CLOSE) or (
            in_marks(text, *piece.span) and not any(_mostly_inside(piece.span, other) for other in others)
        ):
            tally.count["q_pred"] += 1
    values = [of_gold[number][1] for number in direct if number in of_gold]
    tally.count["q_exact"] += sum(value == 1.0 for value in values)
    tally.count["q_overlap"] += sum(value >= CLOSE for value in values)


def _figures(hits: int, predicted: int, gold: int) -> dict[str, float]:
    precision, recall = hits / predicted if predicted else 0.0, hits / gold if gold else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    numbers: dict[str, float] = {"p": round(precision, 4), "r": round(recall, 4), "f1": round(f1, 4)}
    return {**numbers, "hits": hits, "predicted": predicted, "gold": gold}


def _rate(flags: Sequence[bool | None]) -> dict[str, float | None]:
    known = [flag for flag in flags if flag is not None]
    return {"acc": round(sum(known) / len(known), 4) if known else None, "n": len(known)}


def _report(tally: Tally) -> dict[str, Any]:
    count, flags = tally.count, tally.flags
    every = {key: _figures(count[key], count["pred"], count["gold"]) for key in ("exact", "overlap", "attributed")}
    if flags["tags"]:
        every["end_to_end"] = _figures(count["e2e"], count["pred"] - count["e2e_out"], count["e2e_gold"])
    direct = tally.kinds["direct"]["gold"]
    names = ["mention", "name", "name_pronoun", "canonical", "country", "kind", "tags", "none_right"]
    names += [prefix + kind for prefix in ("mention_", "name_") for kind in KINDS]
    return {
        "all": every,
        "quoted": {key: _figures(count["q_" + key], count["q_pred"], direct) for key in ("exact", "overlap")},
        "recall_by_kind": {
            kind: {
                "gold": found["gold"],
                **{
                    key: round(found[key] / found["gold"], 4) if found["gold"] else None
                    for key in ("exact", "overlap", "touched")
                },
            }
            for kind, found in tally.kinds.items()
        },
        "speaker": {name: _rate(flags[name]) for name in names if flags[name]},
    }
