"""``cac suggest``: codes for one note or many."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cac
from cac.commands.common import (
    NOTHING,
    OK,
    UnreadableNoteError,
    UsageError,
    add_date,
    check_files,
    colour,
    command,
    complain,
    prepare_output,
    read_note,
    whole,
    width,
)
from cac.errors import NoteError
from cac.output.write import MANY_NOTES, WRITERS, Look

if TYPE_CHECKING:
    from cac.result import CodingResult

__all__ = ["add"]


def add(commands: Any) -> None:
    sub = command(commands, "suggest", _suggest, "suggest codes for a clinical note")
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
    sub.add_argument(
        "--systems",
        action="append",
        type=_systems,
        metavar="NAME,...",
        help="code systems to suggest from: ICD-10-CM, CPT, HCPCS (default: ICD-10-CM,CPT)",
    )
    add_date(sub)
    sub.add_argument("--age", type=_age, metavar="N", help="age of the patient in years")
    sub.add_argument("--sex", choices=("F", "M"), help="sex of the patient")
    sub.add_argument(
        "--threshold", type=float, metavar="X", help="score from 0 to 1 a code must reach to be suggested"
    )
    sub.add_argument("--tables", type=Path, metavar="DIR", help="folder with code tables of your own")
    sub.add_argument(
        "--index-files",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="official index files of your own to use as well: a folder, a zip archive or XML files",
    )
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


def _suggest(arguments: argparse.Namespace) -> int:
    files: list[str] = arguments.files
    if len(files) > 1 and arguments.format not in MANY_NOTES:
        raise UsageError(f"several notes need --format {' or '.join(MANY_NOTES)}")
    check_files(files)
    prepare_output(utf8=arguments.format != "table")
    failed: list[str] = []
    found = 0

    def results() -> Iterator[tuple[str, CodingResult]]:
        nonlocal found
        code = _coder(arguments)
        for name in files:
            try:
                result = code(read_note(name))
            except (NoteError, UnreadableNoteError) as error:
                # One bad note does not cost the others their codes.
                complain(f"{name}: {error}")
                failed.append(name)
                continue
            found += len(result)
            yield name, result

    look = Look(width(), colour(), arguments.all)
    WRITERS[arguments.format](results(), sys.stdout, look)
    return OK if found and not failed else NOTHING


def _coder(arguments: argparse.Namespace) -> Callable[[str], CodingResult]:
    suggest: Callable[..., CodingResult] = cac.suggest
    if arguments.tables or arguments.index_files:
        own = cac.Config(tables=arguments.tables, index_files=arguments.index_files)
        suggest = cac.Coder(own).suggest

    chosen = {} if arguments.systems is None else {"systems": tuple(dict.fromkeys(chain(*arguments.systems)))}

    def code(note: str) -> CodingResult:
        return suggest(
            note,
            setting=arguments.setting,
            scope=arguments.scope,
            date_of_service=arguments.date_of_service,
            age=arguments.age,
            sex=arguments.sex,
            threshold=arguments.threshold,
            **chosen,
        )

    return code


def _systems(value: str) -> list[str]:
    names = [name.strip().upper() for name in value.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("must name code systems such as ICD-10-CM,CPT")
    return names


def _age(value: str) -> int:
    return whole(value, 0)
