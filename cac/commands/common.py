"""What the commands share: options, checked arguments, reading notes, writing data."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

__all__ = [
    "EXIT_CODES",
    "NOTHING",
    "OK",
    "WRONG",
    "UnreadableNoteError",
    "UsageError",
    "add_date",
    "add_format",
    "check_files",
    "colour",
    "command",
    "complain",
    "count",
    "prepare_output",
    "read_note",
    "whole",
    "width",
    "write_json",
]

OK, NOTHING, WRONG = 0, 1, 2
EXIT_CODES = "exit codes: 0 ok; 1 nothing found or unusable data; 2 wrong usage or settings"


class UsageError(Exception):
    """The command line asks for something that cannot be done."""


class UnreadableNoteError(Exception):
    """A file is there and is not text."""


def command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], told: str
) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = commands.add_parser(
        name, help=told, description=f"{told[0].upper()}{told[1:]}.", epilog=EXIT_CODES, allow_abbrev=False
    )
    sub.set_defaults(run=run)
    return sub


def add_date(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--date-of-service",
        type=_iso_date,
        metavar="YYYY-MM-DD",
        help="take the release in force on this day (default: the newest)",
    )


def add_format(sub: argparse.ArgumentParser) -> None:
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


def count(value: str) -> int:
    return whole(value, 1)


def whole(value: str, least: int) -> int:
    if not re.fullmatch(r"\d{1,6}", value, re.ASCII) or int(value) < least:
        raise argparse.ArgumentTypeError(f"must be a whole number, {least} or more")
    return int(value)


def check_files(names: Sequence[str]) -> None:
    """Refuse what is not there before anything is coded or written."""
    if names.count("-") > 1:
        raise UsageError("- (stdin) can be read only once")
    for name in names:
        path = Path(name)
        if name != "-" and path.is_dir():
            raise UsageError(f"{name}: is a directory")
        if name != "-" and not path.exists():
            raise UsageError(f"{name}: no such file")


def read_note(name: str) -> str:
    """The note as it stands in the file: line ends are kept, so offsets are those of the file."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or type(error).__name__}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableNoteError(f"is not UTF-8 text (byte {error.start})") from None


def write_json(data: object) -> None:
    sys.stdout.write(json.dumps(data, indent=2, allow_nan=False) + "\n")


def prepare_output(*, utf8: bool) -> None:
    """Files are UTF-8 whatever the locale; a terminal shows what it can instead of failing."""
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="backslashreplace", **({"encoding": "utf-8"} if utf8 else {}))


def width() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def colour() -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def complain(message: str) -> None:
    print(f"cac: error: {message}", file=sys.stderr)
