"""The command line: the verbs of the library, data on stdout, messages on stderr.

Exit codes: 0 all is well; 1 nothing found, or a note or table that cannot be used; 2 wrong usage or
settings; 130 interrupted; 141 the reader of the output went away. Coding, look-up and search go
through the public API only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import tomllib
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import cac
from cac.errors import CacError, NoteError, TableError, UnknownCodeError
from cac.output.jsonout import SCORE_PLACES
from cac.output.text import hits_text, record_text, tables_text
from cac.output.write import MANY_NOTES, WRITERS, Look
from cac.resources import data_text

if TYPE_CHECKING:
    from cac.result import CodingResult

__all__ = ["build_parser", "main"]

OK, NOTHING, WRONG, INTERRUPTED, NO_READER = 0, 1, 2, 130, 141

_RELEASE_FACTS = ("valid_from", "valid_to", "rows", "billable", "notes", "origin", "licence")
_EXIT_CODES = "exit codes: 0 ok; 1 nothing found or unusable data; 2 wrong usage or settings"


class _UsageError(Exception):
    """The command line asks for something that cannot be done."""


class _UnreadableNoteError(Exception):
    """A file is there and is not text."""


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
    except (_UsageError, CacError) as error:
        _complain(str(error))
        return _status(error)
    except OSError as error:
        _complain(error.strerror or type(error).__name__)
        return WRONG
    except Exception as error:
        # The message of an unforeseen error may quote the note; its type and place do not.
        place = traceback.extract_tb(error.__traceback__)[-1]
        _complain(f"internal error: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}")
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
        epilog=_EXIT_CODES,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_suggest(commands)
    _add_lookup(commands)
    _add_search(commands)
    _add_tables(commands)
    return parser


# ---------------------------------------------------------------------------------- commands


def _suggest(arguments: argparse.Namespace) -> int:
    files: list[str] = arguments.files
    if len(files) > 1 and arguments.format not in MANY_NOTES:
        raise _UsageError(f"several notes need --format {' or '.join(MANY_NOTES)}")
    _check_files(files)
    _prepare_output(utf8=arguments.format != "table")
    failed: list[str] = []
    found = 0

    def results() -> Iterator[tuple[str, CodingResult]]:
        nonlocal found
        code = _coder(arguments)
        for name in files:
            try:
                result = code(_read(name))
            except (NoteError, _UnreadableNoteError) as error:
                # One bad note does not cost the others their codes.
                _complain(f"{name}: {error}")
                failed.append(name)
                continue
            found += len(result)
            yield name, result

    look = Look(_width(), _colour(), arguments.all)
    WRITERS[arguments.format](results(), sys.stdout, look)
    return OK if found and not failed else NOTHING


def _lookup(arguments: argparse.Namespace) -> int:
    _prepare_output(utf8=arguments.format == "json")
    records: list[dict[str, Any]] = []
    for code in arguments.codes:
        try:
            records.append(cac.lookup(code, date_of_service=arguments.date_of_service).to_dict())
        except UnknownCodeError as error:
            _complain(str(error))
    if arguments.format == "json":
        _write_json(records)
    else:
        blocks = (record_text(r, width=_width(), colour=_colour()) for r in records)
        sys.stdout.write("\n".join(blocks))
    return OK if len(records) == len(arguments.codes) else NOTHING


def _search(arguments: argparse.Namespace) -> int:
    _prepare_output(utf8=arguments.format == "json")
    query = " ".join(arguments.words)
    hits = cac.search(query, k=arguments.k, date_of_service=arguments.date_of_service)
    if arguments.format == "json":
        _write_json(
            [
                {
                    "code": hit.code,
                    "description": hit.description,
                    "score": round(hit.score, SCORE_PLACES),
                    "billable": hit.billable,
                    "matched": hit.matched,
                }
                for hit in hits
            ]
        )
    else:
        sys.stdout.write(hits_text(hits, width=_width(), colour=_colour()))
    return OK if hits else NOTHING


def _tables(arguments: argparse.Namespace) -> int:
    _prepare_output(utf8=arguments.format == "json")
    rows = _releases()
    if arguments.format == "json":
        _write_json(rows)
    else:
        sys.stdout.write(tables_text(rows, width=_width()))
    return OK if rows else NOTHING


def _releases() -> list[dict[str, Any]]:
    """The releases that come with the package, oldest first, as the build recorded them."""
    rows = []
    for name, facts in tomllib.loads(data_text("icd10cm/SOURCE.toml")).items():
        system = facts["release"].partition(",")[0]
        rows.append({"system": system, "release": name, **{key: facts[key] for key in _RELEASE_FACTS}})
    return rows


# ----------------------------------------------------------------------------------- options


def _add_suggest(commands: Any) -> None:
    sub = _command(commands, "suggest", _suggest, "suggest codes for a clinical note")
    sub.add_argument("files", nargs="+", metavar="FILE", help="a UTF-8 text file, or - for stdin")
    sub.add_argument(
        "--setting",
        choices=("outpatient", "inpatient"),
        default="outpatient",
        help="where the patient was seen; uncertain diagnoses are coded for inpatients only "
        "(default: %(default)s)",
    )
    sub.add_argument(
        "--scope",
        choices=("reportable", "documented"),
        default="reportable",
        help="what a claim should carry, or every affirmed condition and finding (default: %(default)s)",
    )
    _add_date(sub)
    sub.add_argument("--age", type=_age, metavar="N", help="age of the patient in years")
    sub.add_argument("--sex", choices=("F", "M"), help="sex of the patient")
    sub.add_argument(
        "--threshold", type=float, metavar="X", help="score from 0 to 1 a code must reach to be suggested"
    )
    sub.add_argument("--tables", type=Path, metavar="DIR", help="folder with code tables of your own")
    sub.add_argument(
        "--all",
        action="store_true",
        help="table and csv: every code below the threshold too (json, jsonl and html carry them anyway)",
    )
    sub.add_argument(
        "--format",
        choices=tuple(WRITERS),
        default="table",
        help="form of the output; jsonl and csv take several notes (default: %(default)s)",
    )


def _add_lookup(commands: Any) -> None:
    sub = _command(commands, "lookup", _lookup, "show codes with their notes from the code table")
    sub.add_argument("codes", nargs="+", metavar="CODE", help="a code, such as E11.22")
    _add_date(sub)
    _add_format(sub)


def _add_search(commands: Any) -> None:
    sub = _command(commands, "search", _search, "search the code table by words")
    sub.add_argument("words", nargs="+", metavar="WORDS", help="what to look for, such as kidney stone")
    sub.add_argument("-k", type=_count, default=10, metavar="N", help="how many hits (default: %(default)s)")
    _add_date(sub)
    _add_format(sub)


def _add_tables(commands: Any) -> None:
    sub = _command(commands, "tables", _tables, "list the code table releases and where they come from")
    _add_format(sub)


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], told: str
) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = commands.add_parser(
        name, help=told, description=f"{told[0].upper()}{told[1:]}.", epilog=_EXIT_CODES, allow_abbrev=False
    )
    sub.set_defaults(run=run)
    return sub


def _add_date(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--date-of-service",
        type=_iso_date,
        metavar="YYYY-MM-DD",
        help="take the release in force on this day (default: the newest)",
    )


def _add_format(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--format",
        choices=("table", "json"),
        default="table",
        help="form of the output (default: %(default)s)",
    )


def _iso_date(value: str) -> str:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise argparse.ArgumentTypeError("must be a day such as 2026-04-01")


def _age(value: str) -> int:
    return _whole(value, 0)


def _count(value: str) -> int:
    return _whole(value, 1)


def _whole(value: str, least: int) -> int:
    if not re.fullmatch(r"\d{1,6}", value, re.ASCII) or int(value) < least:
        raise argparse.ArgumentTypeError(f"must be a whole number, {least} or more")
    return int(value)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message} (see {self.prog} --help)")


class _Version(argparse.Action):
    """Reads the version of the installed package only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"{parser.prog} {version('cac')}")
        parser.exit()


# ------------------------------------------------------------------------------ input, output


def _coder(arguments: argparse.Namespace) -> Callable[[str], CodingResult]:
    suggest = cac.Coder(cac.Config(tables=arguments.tables)).suggest if arguments.tables else cac.suggest

    def code(note: str) -> CodingResult:
        return suggest(
            note,
            setting=arguments.setting,
            scope=arguments.scope,
            date_of_service=arguments.date_of_service,
            age=arguments.age,
            sex=arguments.sex,
            threshold=arguments.threshold,
        )

    return code


def _check_files(names: Sequence[str]) -> None:
    """Refuse what is not there before anything is coded or written."""
    if names.count("-") > 1:
        raise _UsageError("- (stdin) can be read only once")
    for name in names:
        path = Path(name)
        if name != "-" and path.is_dir():
            raise _UsageError(f"{name}: is a directory")
        if name != "-" and not path.exists():
            raise _UsageError(f"{name}: no such file")


def _read(name: str) -> str:
    """The note as it stands in the file: line ends are kept, so offsets are those of the file."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise _UsageError(f"{name}: {error.strerror or type(error).__name__}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _UnreadableNoteError(f"is not UTF-8 text (byte {error.start})") from None


def _write_json(data: object) -> None:
    sys.stdout.write(json.dumps(data, indent=2, allow_nan=False) + "\n")


def _prepare_output(*, utf8: bool) -> None:
    """Files are UTF-8 whatever the locale; a terminal shows what it can instead of failing."""
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="backslashreplace", **({"encoding": "utf-8"} if utf8 else {}))


def _width() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def _colour() -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def _complain(message: str) -> None:
    print(f"cac: error: {message}", file=sys.stderr)


def _status(error: Exception) -> int:
    return NOTHING if isinstance(error, NoteError | TableError | UnknownCodeError) else WRONG


def _discard_output() -> None:
    # Else the interpreter flushes into the closed pipe at exit and complains (Python docs, SIGPIPE).
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
