"""``cac check``: the rules applied to codes that a person chose."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import cac
from cac.commands.common import (
    NOTHING,
    OK,
    add_date,
    add_format,
    check_files,
    command,
    prepare_output,
    read_note,
    whole,
    write_json,
)

__all__ = ["add"]


def add(commands: Any) -> None:
    sub = command(commands, "check", _check, "check a list of codes, alone or against a note")
    sub.add_argument(
        "codes", nargs="+", metavar="CODE", help="codes in their order, such as I10 E11.9 99213-25 J1885*4"
    )
    sub.add_argument("--note", metavar="FILE", help="the note they were chosen for, or - for stdin")
    sub.add_argument(
        "--setting",
        choices=("outpatient", "inpatient"),
        default="outpatient",
        help="where the patient was seen (default: %(default)s)",
    )
    add_date(sub)
    sub.add_argument("--age", type=_age, metavar="N", help="age of the patient in years")
    sub.add_argument("--sex", choices=("F", "M"), help="sex of the patient")
    add_format(sub)


def _check(arguments: argparse.Namespace) -> int:
    if arguments.note is not None:
        check_files([arguments.note])
    prepare_output(utf8=arguments.format == "json")
    result = cac.check(
        arguments.codes,
        read_note(arguments.note) if arguments.note is not None else None,
        setting=arguments.setting,
        date_of_service=arguments.date_of_service,
        age=arguments.age,
        sex=arguments.sex,
    )
    if arguments.format == "json":
        write_json(result.to_dict())
    else:
        sys.stdout.write(result.summary())
    return OK if result.ok else NOTHING


def _age(value: str) -> int:
    return whole(value, 0)
