"""Measure the extraction of statements on marked articles: ``python scripts/evaluate_extraction.py [ARTICLES.jsonl]``.

With ``--model`` the statements are scored as well, and the end-to-end figure is printed: span, speaker, country and
tags all right.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stance.datasets.jsonlines import Faults, numbered_objects
from stance.errors import InputError, StanceError
from stance.evaluation.extraction import as_prediction, score_extraction
from stance.evaluation.extraction_report import format_report
from stance.extraction import extract

DEFAULT = Path(__file__).resolve().parent.parent / "tests" / "data" / "articles.jsonl"


def main(argv: Sequence[str] | None = None) -> int:
    """Extract the statements of marked articles and print how they compare.

    :param argv: The arguments, by default those of the process.
    :returns: 0; the caller prints errors and exits with 2.
    :raises StanceError: If the articles or the model cannot be read.
    """
    parser = argparse.ArgumentParser(prog="evaluate_extraction", description=__doc__)
    parser.add_argument("articles", nargs="?", type=Path, default=DEFAULT, help="marked articles (.jsonl)")
    parser.add_argument("--ids", default="", metavar="PREFIX", help="only the articles whose id begins with PREFIX")
    parser.add_argument("--model", help="score the statements too: a model folder, or 'default'")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there as JSON")
    arguments = parser.parse_args(argv)
    items = read_marked(arguments.articles, arguments.ids)
    begin = time.perf_counter()
    predictions = [[as_prediction(found) for found in _find(item["text"], arguments.model)] for item in items]
    seconds = time.perf_counter() - begin
    report = score_extraction(items, predictions)
    report["articles"], report["articles_per_s"] = len(items), round(len(items) / seconds, 1)
    print(format_report(str(arguments.articles), report))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def read_marked(path: Path, prefix: str) -> list[dict[str, Any]]:
    """Read marked articles; those whose id begins with a prefix.

    :raises InputError: If the file cannot be read, or holds no marked article with such an id.
    """
    faults = Faults(path)
    items = []
    for line, item in numbered_objects(path, faults):
        if not isinstance(item.get("text"), str) or not isinstance(item.get("statements"), list):
            faults.add(line, "has no 'text' and 'statements'; give marked articles, one a line")
        elif str(item.get("id", "")).startswith(prefix):
            items.append(item)
    faults.raise_if_any()
    if not items:
        raise InputError(f"{path}: no article's id begins with '{prefix}'; leave out --ids to take all")
    return items


def _find(text: str, model: str | None) -> Sequence[Any]:
    if model is None:
        return extract(text)
    from stance.inference import score_article

    return score_article(text, model=None if model == "default" else model, language="any")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StanceError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
