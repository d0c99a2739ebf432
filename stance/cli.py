"""The command ``stance``: one sub-command a verb, and the errors of all of them on one line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from stance import __version__
from stance.errors import StanceError

DONE, SOME_FAILED, WRONG_USE, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141

DESCRIPTION = """\
Find what diplomats say in articles and speeches, who says it and for which country, and whether it
supports sanctions (pro_sanctions), opposes them (anti_sanctions) or justifies force (self_defence)."""

EXAMPLES = """\
examples:
  stance score article.txt                    a table of who said what, on the terminal
  stance score articles/ -o scores.csv        a whole folder, into a file for pandas, R or Excel
  stance score news.parquet -o scores.parquet --text-column body
  stance score articles/ -o scores.csv --resume      go on after an interruption
  stance classify quotes.csv -o tagged.csv    your own statements, one a row, in the column `text`
  echo "Sanctions must be lifted." | stance classify -

`stance COMMAND --help` explains a command. Exit status: 0 done, 1 some rows failed (the column
`error` says why), 2 wrong use."""

INPUTS = """\
INPUT is a .txt, .html, .jsonl, .csv, .tsv or .parquet file (the text ones also with .gz), a folder of
these, a pattern such as 'news/*.jsonl', or - for standard input (JSON lines, or one text). OUT is a .jsonl,
.csv, .tsv or .parquet file, or, without an ending or with / behind it, a folder of shards; without OUT there
is a table on a terminal, and JSON lines in a pipe."""

SPEECHES = """\
Files of the UN General Debate Corpus (PRK_69_2014.txt) and of the UN Security Council Debates
(UNSC_2014_SPV.7138_spch001.txt) are known by their names, and read as speeches without --speech."""

VERBS = {
    "extract": ("find the statements in articles, with speaker and country", "articles; a table holds one in each row"),
    "classify": ("score statements that you have already", "statements; a table holds one in each row"),
    "score": ("find the statements in articles and score them", "articles; a table holds one in each row"),
}
PASSED_ON = {
    "train": ("train a model", "stance.training.run"),
    "evaluate": ("measure a model on labelled statements", "stance.evaluation.run"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    :param argv: The arguments without the program's name; those of the process if None.
    :returns: The exit status.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in PASSED_ON:
        return run_script(PASSED_ON[arguments[0]][1], arguments[1:])
    return guarded(_run, arguments)


def run_script(module: str, arguments: Sequence[str] | None = None) -> int:
    """Run the ``main`` of a module that needs the extra ``train``, its errors on one line.

    :param module: The module's name.
    :param arguments: Its arguments; those of the process if None.
    :returns: The exit status.
    """

    def run(given: list[str]) -> int:
        from stance.extras import require

        status: int = require(module, "train").main(given)
        return status

    return guarded(run, list(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    from stance.inference.command import run

    return run(options)


def guarded(call: Callable[[list[str]], int], arguments: list[str]) -> int:
    """Call the ``main`` of a command; print its errors on one line.

    :param call: The function; it returns the exit status.
    :param arguments: Its arguments.
    :returns: The exit status.
    """
    try:
        return call(arguments)
    except StanceError as error:
        print(f"stance: error: {' '.join(str(error).split())}", file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        print(f"\nstance: stopped{_how_to_resume(arguments)}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _parser() -> argparse.ArgumentParser:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("stance", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=plain)
    parser.add_argument("--version", action="version", version=f"stance {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for verb, (purpose, what) in VERBS.items():
        text = f"{purpose[0].upper()}{purpose[1:]}.\n\n{INPUTS}"
        if verb != "classify":
            text += f"\n\n{SPEECHES}"
        command = commands.add_parser(verb, help=purpose, description=text, formatter_class=plain)
        _add_options(command, verb, what)
    for name, (purpose, _) in PASSED_ON.items():
        commands.add_parser(name, help=f"{purpose} (see stance {name} --help)", add_help=False)
    return parser


def _add_options(command: argparse.ArgumentParser, verb: str, what: str) -> None:
    command.add_argument("inputs", nargs="+", metavar="INPUT", help=what)
    command.add_argument(
        "-o", "--out", metavar="OUT", help="the file or folder to write; a file appears when it is complete"
    )
    command.add_argument("--format", choices=("parquet", "jsonl", "csv"), help="of shards (default: parquet)")
    command.add_argument(
        "--shard-rows",
        type=int,
        metavar="N",
        help="how many articles or rows of a table a shard holds (default: 10000)",
    )
    command.add_argument("--table", action="store_true", help="print the table also where no terminal reads it")
    command.add_argument("--resume", action="store_true", help="go on with a run into OUT that was cut off")
    if verb != "extract":
        command.add_argument(
            "--model", metavar="PATH", help="a model folder (default: the model that comes with stance)"
        )
        command.add_argument(
            "--device", choices=("cpu", "cuda"), default="cpu", help="where the network runs (default: cpu)"
        )
        command.add_argument(
            "--cascade",
            action="store_true",
            help="let a fast first stage answer for statements that hardly can carry a tag",
        )
        command.add_argument(
            "--error-rate",
            type=float,
            metavar="E",
            help="call answers uncertain until the others are wrong at most so often, such as 0.05 (see the card)",
        )
    command.add_argument(
        "--language",
        choices=("en", "any"),
        default="en",
        help="en: a document in another language gets an error (default); any: read it all the same",
    )
    command.add_argument(
        "--text-column", default="text", metavar="NAME", help="the column with the text (default: text)"
    )
    name, meaning = ("context", "what it is about") if verb == "classify" else ("title", "the headline")
    command.add_argument(
        f"--{name}-column",
        dest="context_column",
        metavar="NAME",
        help=f"the column with {meaning} (default: {name}, if there is one)",
    )
    if verb != "classify":
        command.add_argument(
            "--speech",
            action="store_true",
            help="each text is one speaker's words; a table may name them in the columns speaker and country",
        )
    command.add_argument("--encoding", metavar="NAME", help="the encoding of text files (default: utf-8)")
    command.add_argument(
        "--engine", choices=("local", "ray"), default="local", help="where to run: in this process (default) or on Ray"
    )
    command.add_argument("--workers", type=int, metavar="N", help="of Ray: processes that score (default: one a CPU)")
    command.add_argument(
        "--address", metavar="URL", help="of Ray: the cluster, such as auto or ray://HOST:10001 (default: this machine)"
    )
    command.add_argument("--quiet", action="store_true", help="no progress and no summary on standard error")


def _how_to_resume(arguments: list[str]) -> str:
    to_file = any(argument in ("-o", "--out") or argument.startswith(("-o", "--out=")) for argument in arguments)
    return "; what is done is kept: run the same command with --resume to go on" if to_file else ""
