"""Rebuild the real labelled statements, whose texts may not be shipped, into data/labels.jsonl.

    python scripts/build_dataset.py                        fetch the files from the public repositories (thousands)
    python scripts/build_dataset.py --sources DIR          read local clones: DIR/owner__name/path
    python scripts/build_dataset.py --corpus DIR           read a corpus of normalised paragraphs and articles
    python scripts/build_dataset.py --transfer ...         unlabelled statements, for distillation: data/transfer.jsonl
    python scripts/build_dataset.py --make-standoff train.jsonl dev.jsonl --corpus DIR -o standoff.jsonl.gz
                                                           the way back, for maintainers

Every text is checked against the hash of its stand-off label. What cannot be had or proved is reported, and the rest
is written. An interrupted fetch goes on where it stopped. Exit status: 0 all rebuilt, 1 some are missing, 2 wrong use.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stance.datasets.corpus import LocalCorpus, PublicSources
from stance.datasets.fetch import RAW_URL, Fetcher
from stance.datasets.jsonlines import Faults, numbered_objects
from stance.datasets.rebuild import rebuild
from stance.datasets.records import SPLITS, write_labels
from stance.datasets.standoff import make_standoff, read_standoff, read_transfer, write_standoff
from stance.errors import InputError, StanceError

SHOWN_FAULTS = 10


def main(argv: Sequence[str] | None = None) -> int:
    """Run the script.

    :param argv: The arguments, without the name of the script.
    :returns: The exit status.
    """
    arguments = _parser().parse_args(argv)
    arguments.out = arguments.out or Path("data/transfer.jsonl" if arguments.transfer else "data/labels.jsonl")
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    try:
        if arguments.make_standoff:
            return _make(arguments)
        return _rebuild(arguments)
    except (StanceError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--corpus", type=Path, metavar="DIR", help="a folder with un_statements.jsonl.gz, news_articles.jsonl.gz"
    )
    where.add_argument(
        "--sources", type=Path, metavar="DIR", help="a folder with clones of the repositories, owner__name"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--labels", type=Path, metavar="FILE", help="stand-off labels (default: those of the package)")
    which.add_argument("--transfer", action="store_true", help="the package's unlabelled statements instead")
    parser.add_argument(
        "-o", "--out", type=Path, metavar="FILE", help="default: data/labels.jsonl, data/transfer.jsonl with --transfer"
    )
    parser.add_argument(
        "--cache", type=Path, default=Path("data/raw"), help="where fetched files stay (default: %(default)s)"
    )
    parser.add_argument("--base-url", default=RAW_URL, help="where to fetch from (default: %(default)s)")
    parser.add_argument("--make-standoff", type=Path, nargs="+", metavar="FILE", help="make stand-off labels of these")
    return parser


def _rebuild(arguments: argparse.Namespace) -> int:
    labels = read_transfer() if arguments.transfer else read_standoff(arguments.labels)
    public: PublicSources | None = None
    if arguments.corpus:
        find = LocalCorpus(arguments.corpus).find
    else:
        if arguments.sources and not arguments.sources.is_dir():
            raise InputError(f"there is no folder {arguments.sources}; give the folder that holds the clones")
        fetch = None if arguments.sources else Fetcher(arguments.base_url)
        public = PublicSources(arguments.sources or arguments.cache, fetch)
        find = public.find
    records, report = rebuild(labels, find, lambda done: _show_progress(done, len(labels)))
    print(report.table())
    for fault in list(public.faults.values())[:SHOWN_FAULTS] if public else ():
        print(fault, file=sys.stderr)
    if public and len(public.faults) > SHOWN_FAULTS:
        print(
            f"... and {len(public.faults) - SHOWN_FAULTS:,} more files that could not be had or read", file=sys.stderr
        )
    if not records:
        print(f"no text could be rebuilt; {arguments.out} is left as it was", file=sys.stderr)
        return 1
    write_labels(arguments.out, records)
    print(f"{len(records):,} statements in {arguments.out}")
    return 0 if report.complete else 1


def _make(arguments: argparse.Namespace) -> int:
    if not arguments.corpus:
        raise InputError("--make-standoff needs the texts; give --corpus DIR")
    rows = [row for path in arguments.make_standoff for row in _labelled_rows(path)]
    labels, left_out = make_standoff(rows, LocalCorpus(arguments.corpus).find)
    write_standoff(arguments.out, labels)
    print(
        f"{len(labels):,} stand-off labels in {arguments.out}; {len(left_out):,} left out, which offsets cannot rebuild"
    )
    return 0


def _labelled_rows(path: Path) -> list[dict[str, Any]]:
    faults = Faults(path)
    rows = [{"split": path.stem, **row} for _, row in numbered_objects(path, faults)]
    faults.raise_if_any()
    if any(row["split"] not in SPLITS for row in rows):
        raise InputError(f"{path}: rows have no split; name the file train.jsonl, dev.jsonl or test.jsonl")
    return rows


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty() and (done % 50 == 0 or done == total):
        print(f"\r{done:,} of {total:,}", end="\n" if done == total else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
