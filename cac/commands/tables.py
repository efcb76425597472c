"""``cac lookup``, ``cac search`` and ``cac tables``: the code tables themselves."""

from __future__ import annotations

import argparse
import sys
import tomllib
from typing import Any

import cac
from cac.commands import imports
from cac.commands.common import (
    NOTHING,
    OK,
    add_date,
    add_format,
    colour,
    command,
    complain,
    count,
    prepare_output,
    width,
    write_json,
)
from cac.errors import UnknownCodeError
from cac.output.jsonout import SCORE_PLACES
from cac.output.text import hits_text, record_text, tables_text
from cac.resources import data_text

__all__ = ["add_lookup", "add_search", "add_tables"]

_RELEASE_FACTS = ("valid_from", "valid_to", "rows", "billable", "notes", "origin", "licence")


def add_lookup(commands: Any) -> None:
    sub = command(commands, "lookup", _lookup, "show codes with their notes from the code table")
    sub.add_argument("codes", nargs="+", metavar="CODE", help="a code, such as E11.22")
    add_date(sub)
    add_format(sub)


def add_search(commands: Any) -> None:
    sub = command(commands, "search", _search, "search the code table by words")
    sub.add_argument("words", nargs="+", metavar="WORDS", help="what to look for, such as kidney stone")
    sub.add_argument("-k", type=count, default=10, metavar="N", help="how many hits (default: %(default)s)")
    add_date(sub)
    add_format(sub)


def add_tables(commands: Any) -> None:
    told = "list the code tables and where they come from, or import your own"
    sub = command(commands, "tables", _tables, told)
    add_format(sub)
    imports.add(sub)


def _lookup(arguments: argparse.Namespace) -> int:
    prepare_output(utf8=arguments.format == "json")
    records: list[dict[str, Any]] = []
    for code in arguments.codes:
        try:
            records.append(cac.lookup(code, date_of_service=arguments.date_of_service).to_dict())
        except UnknownCodeError as error:
            complain(str(error))
    if arguments.format == "json":
        write_json(records)
    else:
        blocks = (record_text(r, width=width(), colour=colour()) for r in records)
        sys.stdout.write("\n".join(blocks))
    return OK if len(records) == len(arguments.codes) else NOTHING


def _search(arguments: argparse.Namespace) -> int:
    prepare_output(utf8=arguments.format == "json")
    query = " ".join(arguments.words)
    hits = cac.search(query, k=arguments.k, date_of_service=arguments.date_of_service)
    if arguments.format == "json":
        write_json(
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
        sys.stdout.write(hits_text(hits, width=width(), colour=colour()))
    return OK if hits else NOTHING


def _tables(arguments: argparse.Namespace) -> int:
    prepare_output(utf8=arguments.format == "json")
    rows = _releases() + imports.listed()
    if arguments.format == "json":
        write_json(rows)
    else:
        shown = [{**row, "counts": _listed(row.get("counts", {}))} for row in rows]
        sys.stdout.write(tables_text(shown, width=width()))
    return OK if rows else NOTHING


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in counts.items())


def _releases() -> list[dict[str, Any]]:
    """The releases that come with the package, oldest first, as the build recorded them."""
    rows = []
    for name, facts in tomllib.loads(data_text("icd10cm/SOURCE.toml")).items():
        system = facts["release"].partition(",")[0]
        rows.append({"system": system, "release": name, **{key: facts[key] for key in _RELEASE_FACTS}})
    return rows
