"""The model card: what a model is, what it was trained on, how good it is and where it fails, from its manifest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stance.evaluation.bootstrap import Estimate
from stance.evaluation.report import with_interval
from stance.model_folder import Manifest, read_manifest

DEV = "dev"
STARTER_TEST = "starter_test"
NAMES = {
    DEV: "dev: statements of documents that were not trained on; each document's calibration and thresholds were "
    "fitted on the others (5-fold), but the best epoch was chosen on dev",
    STARTER_TEST: "the starter set's test split: hard statements written for this project; nothing was fitted on them",
}

STARTER = (
    "The starter set's tags were given by its writers, language models in part (series s, v, p and n), and checked by "
    "a second, blind reader. "
)

HIDDEN = """\
- Which countries a statement names is hidden from the model: the first is read as Norway, the second as Kenya,
  and so on.
"""

FITTED_ANEW = "Calibration and thresholds were fitted anew on its own answers; the figures above are its own."

TEMPLATE = """\
# {name}

Tags statements of diplomats: {tags}. Several tags, or none, may apply. Made with stance {stance}; format version
{format_version}; seed {seed}.

## Use

```python
import stance

clf = stance.load({where})
clf.predict(["Sanctions must be lifted."])
```

## What the tags mean

{definitions}

## Training data

{data}

Statements by tag: {train} in train, {dev} in dev.

{starter}{votes}

{rights}

## Figures

Intervals are 95 %, from 1,000 bootstrap resamples of whole documents.

{figures}

{doubt}{parity}{cascade}## Limits

- English only. Read the codebook before relying on a tag: it says what counts, such as the speaker's own position only.
- The labels come from language-model readers, not from human coders; figures say how well the model follows them.
- Statements were drawn by their vocabulary, so that the tags are far more common in this data than in the world:
  on running text, expect lower precision than here.
- A statement that names the three themes without taking a side, reports somebody else's position, or is ironic is
  where the model errs most. `uncertain` marks the nearest calls.
- A negation that turns the meaning is often missed; `scripts/evaluate_behaviour.py` measures how often.
{hidden}
## How it was made

Recipe `{recipe}`, {encoder}, {minutes} minutes of training, peak memory {memory} MB.
Versions: {versions}. Data hash `{data_hash}`.
"""


def write_card(folder: Path, manifest: Manifest) -> None:
    """Write ``README.md``, the card, into a model folder.

    :param folder: The model folder.
    :param manifest: Its manifest.
    """
    (folder / "README.md").write_text(card(manifest, folder), encoding="utf-8")


def card(manifest: Manifest, folder: Path) -> str:
    """Return the card of a model as Markdown."""
    encoder = manifest.encoder
    return TEMPLATE.format(
        name=manifest.name,
        tags=", ".join(f"`{tag}`" for tag in manifest.tags),
        stance=manifest.versions.get("stance", "?"),
        format_version=manifest.format_version,
        seed=manifest.seed,
        where="" if manifest.name == "default" else repr(f"models/{manifest.name}"),
        definitions="\n".join(f"- `{t}`: {d}" for t, d in zip(manifest.tags, manifest.definitions, strict=True)),
        data=data_text(manifest.data),
        train=tag_counts(manifest, "train"),
        dev=tag_counts(manifest, "dev"),
        starter=STARTER if manifest.data["starter_statements"] else "",
        votes=votes_text(manifest.data["votes"]),
        rights=rights_text(manifest.data["sources"]),
        figures="\n\n".join(figures_text(manifest, key) for key in NAMES if key in manifest.figures),
        hidden=HIDDEN if manifest.mask_countries else "",
        parity=parity_text(manifest.parity),
        doubt=doubt_text(manifest),
        cascade=cascade_text(manifest.gate),
        recipe=manifest.config.get("name", "?"),
        encoder=f"encoder {encoder['name']} (weights `{encoder['sha256'][:12]}`)" if encoder else "no encoder",
        minutes=manifest.cost.get("minutes", "?"),
        memory=f"{manifest.cost.get('peak_memory_mb', 0):,.0f}",
        versions=", ".join(f"{name} {version}" for name, version in manifest.versions.items()),
        data_hash=str(manifest.data["sha256"])[:12],
    )


def data_text(data: Mapping[str, Any]) -> str:
    """Say how many statements there are, and of what kind."""
    real = data["votes"]["statements"]
    parts = [f"{data['train']['statements']:,} statements in train and {data['dev']['statements']:,} in dev"]
    parts.append(f"{data['starter_statements']:,} of them written for this project (the starter set)")
    if real:
        parts.append(f"{real:,} of other files, whose texts are not part of the project")
    if data.get("unlabelled"):
        parts.append(f"{data['unlabelled']:,} more that only the teacher has read ({', '.join(data['teachers'])})")
    return "; ".join(parts) + "."


def tag_counts(manifest: Manifest, split: str) -> str:
    """Return the number of statements of each tag in a split."""
    return ", ".join(f"{manifest.data[split][tag]:,} `{tag}`" for tag in manifest.tags)


def votes_text(votes: Mapping[str, int]) -> str:
    """Say how the real statements were labelled."""
    if not votes["statements"]:
        return "There are no other statements."
    if votes["without_votes"] == votes["statements"]:
        return "How the other statements were labelled is not recorded with them."
    return (
        "The other statements were labelled by **language models** that read the codebook, not by human coders: "
        f"{votes['read_once']:,} were read once, {votes['read_twice_or_more']:,} twice or more, "
        f"{votes['adjudicated']:,} of these adjudicated; over {votes['hesitated']:,} a reader hesitated. "
        "Agreement between such readers is agreement between readers of one kind."
    )


def rights_text(sources: list[Mapping[str, Any]]) -> str:
    """List whose the texts are."""
    if not sources:
        return "No source is recorded beside the starter set."
    head = (
        "| source | statements | licence as stated there | original data set and rights |\n| --- | ---: | --- | --- |\n"
    )
    rows = [f"| {s['name']} | {s['statements']:,} | {s['licence']} | {s['rights']} |" for s in sources]
    return "Rights of the texts:\n\n" + head + "\n".join(rows)


def figures_text(manifest: Manifest, key: str) -> str:
    """Return the table of figures of one set of statements."""
    figures = manifest.figures[key]
    rows = [f"On {NAMES[key]} ({figures['n']:,} statements):", ""]
    rows += [
        "| | F1 | precision | recall | calibration error (by chance) | statements |",
        "| --- | --- | --- | --- | --- | ---: |",
    ]
    for tag in manifest.tags:
        one = figures["tags"][tag]
        error = f"{one['calibration_error']['value']:.3f} ({one['chance_calibration_error']:.3f})"
        cells = [interval(one[name]) for name in ("f1", "precision", "recall")]
        rows.append(f"| `{tag}` | {' | '.join(cells)} | {error} | {one['support']:,} |")
    rows += [
        "",
        f"Macro-F1 {interval(figures['macro_f1'])}; the whole set of tags right {interval(figures['exact_match'])}; "
        f"called uncertain {figures['flagged']['value']:.0%}, which holds "
        f"{figures['errors_flagged']['value'] or 0:.0%} of the errors.",
    ]
    return "\n".join(rows)


def interval(figure: Mapping[str, float | None]) -> str:
    """Write a figure of the manifest with its interval, such as ``.85 [.82, .88]``."""
    defined = {name: math.nan if value is None else value for name, value in figure.items()}
    return with_interval(Estimate(defined["value"], defined["low"], defined["high"]))


def parity_text(parity: Mapping[str, Any]) -> str:
    """Say how an exported model differs from the one it was made from."""
    if not parity:
        return ""
    return (
        f"## Export\n\n{parity['format']} ONNX, {parity['megabytes']:.1f} MB. Against the source, on "
        f"{parity['statements']:,} statements, with the source's calibration and thresholds: greatest difference of a "
        f"probability {parity['max_difference']:.3f}; {parity['flips']:,} statements get other tags "
        f"({parity['flip_share']:.2%}). "
        + ("The figures above are the source's." if parity["figures_of_source"] else FITTED_ANEW)
        + "\n\n"
    )


def doubt_text(manifest: Manifest) -> str:
    """Return the table of doubt with a stated error rate."""
    if not manifest.conformal:
        return ""
    rows = [
        "## Doubt with a stated error rate",
        "",
        "`stance.load(error_rate=0.05)` (`--error-rate 0.05`) calls an answer `uncertain` unless it is sure: for each "
        "tag, at most that share of the statements that bear it are surely denied it, and at most that share of those "
        "that do not are surely given it, if the statements are like those of dev (conformal prediction by class). On "
        "dev, each document with edges from the others:",
        "",
        "| error rate | tag | uncertain | with the tag, surely denied | without, surely given |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for error, figures in manifest.conformal["tried"].items():
        for tag in manifest.tags:
            cells = " | ".join(f"{figures[tag][name]:.1%}" for name in ("uncertain", "missed", "wrong"))
            rows.append(f"| {error} | `{tag}` | {cells} |")
    return "\n".join(rows) + "\n\n"


def cascade_text(gate: Mapping[str, Any]) -> str:
    """Say what the first stage of a cascade loses."""
    if not gate:
        return ""
    return (
        "## Cascade\n\n`stance.load(cascade=True)` lets a linear model of words answer for statements that hardly can "
        f"carry a tag. Out of fold, on the labelled statements that it was trained on, it stops {gate['lost']:,} of "
        f"{gate['positives']:,} that do carry one ({gate['lost_share']:.2%}; 95 % sure to be below "
        f"{gate['lost_upper_bound']:.2%}, if statements were independent), and lets {gate['passed_share']:.0%} of all "
        "of them through to the network.\n\n"
    )


def summary(folder: Path) -> str:
    """Return the figures of a model folder in a few lines."""
    manifest = read_manifest(folder)
    lines = []
    for key, figures in manifest.figures.items():
        tags = ", ".join(f"{tag} {interval(figures['tags'][tag]['f1'])}" for tag in manifest.tags)
        lines.append(
            f"{key}: macro-F1 {interval(figures['macro_f1'])} ({tags}), exact {interval(figures['exact_match'])}"
        )
    return "\n".join(lines)
