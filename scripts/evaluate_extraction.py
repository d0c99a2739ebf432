"""Measure the extraction of statements on marked articles.

    python scripts/evaluate_extraction.py [ARTICLES.jsonl] [--split test] [--only rules] [--model default]

Without a file, the marked articles that ship with the package are taken, by default their test split, which nobody
looked at while writing rules. With ``--model`` the statements are scored as well, and the end-to-end figure is printed:
span, speaker, country and tags all right.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from stance.cli import guarded
from stance.datasets.articles import marked_articles, read_articles
from stance.errors import InputError
from stance.evaluation.extraction import as_prediction, score_extraction
from stance.evaluation.extraction_report import format_report
from stance.extraction import extract
from stance.extraction.tagger import Tagger, release_tagger


def main(argv: Sequence[str] | None = None) -> int:
    """Extract the statements of marked articles and print how they compare.

    :param argv: The arguments, by default those of the process.
    :returns: 0.
    :raises StanceError: If the articles or the model cannot be read.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", nargs="?", type=Path, metavar="ARTICLES", help="marked articles (.jsonl)")
    parser.add_argument("--split", choices=("train", "dev", "test", "all"), help="of the articles that ship")
    parser.add_argument("--ids", default="", metavar="PREFIX", help="only the articles whose id begins with PREFIX")
    parser.add_argument("--only", choices=("rules", "network"), help="leave the other out, to see what each does")
    parser.add_argument("--model", help="score the statements too: a model folder, or 'default'")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there as JSON")
    arguments = parser.parse_args(argv)
    if arguments.articles and arguments.split:
        raise InputError("--split is for the articles that ship; choose from a file with --ids")
    if arguments.only and arguments.model:
        raise InputError("--model scores what rules and network find together; leave out --only")
    split = arguments.split or "test"
    if arguments.articles:
        items, name = read_articles(arguments.articles, arguments.ids), str(arguments.articles)
    else:
        items, name = marked_articles(None if split == "all" else split), f"the marked articles (split {split})"
        items = [item for item in items if item["id"].startswith(arguments.ids)]
        if not items:
            raise InputError(f"{name} have no id that begins with {arguments.ids!r}")
    ways: dict[str | None, Callable[[], Tagger | None]] = {
        "rules": lambda: None,
        "network": lambda: Tagger(alone=True),
        None: release_tagger,
    }
    tagger = ways[arguments.only]()
    begin = time.perf_counter()
    predictions = [[as_prediction(found) for found in find(item["text"], tagger, arguments.model)] for item in items]
    seconds = time.perf_counter() - begin
    report = score_extraction(items, predictions)
    report["articles"], report["articles_per_s"] = len(items), round(len(items) / seconds, 1)
    report["characters_per_s"] = round(sum(len(item["text"]) for item in items) / seconds)
    print(format_report(name, report))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def find(text: str, tagger: Tagger | None, model: str | None) -> Sequence[Any]:
    """Return the statements of an article, scored if a model is named."""
    if model is None:
        return extract(text, tagger=tagger)
    from stance.inference import score_article

    return score_article(text, model=None if model == "default" else model, language="any")


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
