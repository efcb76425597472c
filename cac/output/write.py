"""Results of one or many notes written to a stream, in any of the forms the command line offers."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple, TextIO

from cac.output.fhir import result_fhir_json
from cac.output.frames import FRAME_DTYPES, frame_rows
from cac.output.html import html_page, result_html
from cac.output.jsonout import SCORE_PLACES, result_dict, result_json
from cac.output.text import result_text

if TYPE_CHECKING:
    from cac.result import CodingResult

__all__ = ["MANY_NOTES", "WRITERS", "Look", "Results"]

Results = Iterable[tuple[str, "CodingResult"]]
"""Names of notes (file names) with their results, in order; may be a generator."""

MANY_NOTES = ("jsonl", "csv")
"""The forms that can hold more than one note."""


class Look(NamedTuple):
    """How wide and how coloured a table is, and whether every candidate is listed."""

    width: int = 100
    colour: bool = False
    every_candidate: bool = False


def _table(results: Results, out: TextIO, look: Look) -> None:
    for _, result in results:
        out.write(
            result_text(result, width=look.width, every_candidate=look.every_candidate, colour=look.colour)
        )


def _json(results: Results, out: TextIO, look: Look) -> None:
    for _, result in results:
        out.write(result_json(result, indent=2) + "\n")


def _fhir(results: Results, out: TextIO, look: Look) -> None:
    for _, result in results:
        out.write(result_fhir_json(result, indent=2) + "\n")


def _jsonl(results: Results, out: TextIO, look: Look) -> None:
    for name, result in results:
        out.write(json.dumps({"id": name, **result_dict(result)}, allow_nan=False) + "\n")


def _csv(results: Results, out: TextIO, look: Look) -> None:
    columns = ("id", *FRAME_DTYPES)
    score, suggested = columns.index("score"), columns.index("suggested")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for name, result in results:
        for row in frame_rows(result, name):
            if row[suggested] or look.every_candidate:
                writer.writerow((*row[:score], round(row[score], SCORE_PLACES), *row[score + 1 :]))


def _html(results: Results, out: TextIO, look: Look) -> None:
    for name, result in results:
        out.write(html_page(result_html(result), f"cac: {PurePath(name).name}"))


WRITERS: dict[str, Callable[[Results, TextIO, Look], None]] = {
    "table": _table,
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "html": _html,
    "fhir": _fhir,
}
"""Form to writer. A result is written before the next one is asked for."""
