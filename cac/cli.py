"""The command line: the verbs of the library, data on stdout, messages on stderr.

Exit codes: 0 all is well; 1 nothing found, or a note or table that cannot be used; 2 wrong usage or
settings; 130 interrupted; 141 the reader of the output went away. Coding, look-up and search go
through the public API only. Each command is a module of ``cac.commands``.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from cac.commands import check, evaluate, suggest, tables
from cac.commands.common import EXIT_CODES, NOTHING, OK, WRONG, UsageError, complain
from cac.errors import CacError, NoteError, TableError, UnknownCodeError

__all__ = ["build_parser", "main"]

INTERRUPTED, NO_READER = 130, 141
COMMANDS = (
    suggest.add,
    check.add,
    tables.add_lookup,
    tables.add_search,
    tables.add_tables,
    evaluate.add,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never raises, never shows a traceback.

    Parameters
    ----------
    argv
        The arguments after the program's name; those of the process by default.
    """
    try:
        status = _run(argv)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return NO_READER
    except (UsageError, CacError) as error:
        complain(str(error))
        return _status(error)
    except OSError as error:
        complain(error.strerror or type(error).__name__)
        return WRONG
    except Exception as error:
        # The message of an unforeseen error may quote the note; its type and place do not.
        place = traceback.extract_tb(error.__traceback__)[-1]
        complain(f"internal error: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}")
        return WRONG


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = build_parser().parse_args(argv)
    except SystemExit:  # --help and --version have said what they had to say
        return OK
    status: int = arguments.run(arguments)
    return status


def build_parser() -> argparse.ArgumentParser:
    """The parser of every command and option."""
    parser = _Parser(
        prog="cac",
        description="Computer-assisted coding: clinical note in, ranked billable codes out.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in COMMANDS:
        add(commands)
    return parser


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


class _Version(argparse.Action):
    """Reads the version of the installed package only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"{parser.prog} {version('cac')}")
        parser.exit()


def _status(error: Exception) -> int:
    return NOTHING if isinstance(error, NoteError | TableError | UnknownCodeError) else WRONG


def _discard_output() -> None:
    # Else the interpreter flushes into the closed pipe at exit and complains (Python docs, SIGPIPE).
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
