"""Measure whether a model's tags stay when countries are swapped, and flip when a statement is negated.

    python scripts/evaluate_behaviour.py MODEL [MODEL ...] DATA [--groups 500] [--swaps 4]

DATA is a file of labelled statements or ``starter``, of which all is swapped but the train split. The negations are
120 pairs that were written for this project and are never trained on. Prints shares of groups and pairs, with 95 %
intervals over documents and pairs, and those that go wrong. Models with ``mask_countries`` know countries
by the same lists of names as the swaps: what these lists lack is neither swapped here nor masked there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from stance.cli import guarded
from stance.codebook import Codebook
from stance.datasets import read_labels, starter_records
from stance.errors import InputError
from stance.evaluation.negation import negation_pairs, negation_report
from stance.evaluation.report import with_interval
from stance.evaluation.swaps import swap_groups, swap_report
from stance.inference import load

SHOWN = 20  # groups and pairs that go wrong, of each model


def positive(text: str) -> int:
    """Read a whole number above zero."""
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def main(argv: Sequence[str] | None = None) -> int:
    """Run the script.

    :param argv: The arguments, without the name of the script.
    :returns: 0.
    :raises StanceError: If a model or the data cannot be read, or no statement names a country.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="+", metavar="MODEL", help="a model folder, or 'default' for the release model")
    parser.add_argument("data", metavar="DATA", help="labelled statements (.jsonl or .jsonl.gz), or 'starter'")
    parser.add_argument("--groups", type=positive, default=500, help="statements to swap (default: %(default)s)")
    parser.add_argument("--swaps", type=positive, default=4, help="swapped forms of each (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    records = starter_records() if arguments.data == "starter" else read_labels(arguments.data)
    groups = swap_groups(
        [record for record in records if record.split != "train"], arguments.groups, arguments.swaps, arguments.seed
    )
    if not groups:
        raise InputError(f"no statement of {arguments.data} outside train names a country; give other statements")
    for name in arguments.model:
        classifier = load(None if name == "default" else name)
        report = swap_report(classifier, groups, arguments.seed)
        sys.stdout.write(
            f"{classifier.name}: the same tags in {with_interval(report.consistent, 3)} "
            f"of {report.groups:,} groups ({report.members:,} statements) whose countries are swapped\n"
        )
        for identity, *tags in report.changed[:SHOWN]:
            sys.stdout.write(f"  {identity}: {', '.join(tags)}\n")
        if set(classifier.tags) != set(Codebook.default().tag_names):
            continue  # the pairs are of the default codebook
        negation = negation_report(classifier, negation_pairs(), arguments.seed)
        sys.stdout.write(
            f"{classifier.name}: negation flips what it should in {with_interval(negation.flipped, 3)} "
            f"of {negation.pairs:,} pairs; both members are right in {with_interval(negation.right, 3)}\n"
        )
        for identity, *tags in negation.missed[:SHOWN]:
            sys.stdout.write(f"  {identity}: {', '.join(tags)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
