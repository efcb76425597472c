"""Reading the labelled data of this folder; what the columns and keys mean is said here.

``notes.jsonl``: one note a line. ``id``, ``kind`` of report, ``setting`` as ``cac.suggest`` takes it,
``text``; ``cpt``: every code the note supports, with ``units``, ``modifiers`` and the ``quotes`` of the text
it rests on; ``not``: codes that would be a mistake, each with its reason in ``why``. Codes of visits (992xx
to 994xx) are neither expected nor forbidden anywhere in this folder.

``adversarial.csv``: ``text``, ``forbidden``, ``reason``. Forbidden is ``*`` (no procedure at all) or codes,
prefixes of codes, or codes with a modifier (``20610-LT``), divided by ``|``.

``performed.csv``: ``text``, ``expect``, ``reason``. Expected codes are divided by ``|`` and may carry units
and modifiers: ``17003x5``, ``20610-RT``.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CODE = re.compile(r"\d{4}[0-9TU]")
EXPECTED = re.compile(r"(?P<code>\d{4}[0-9TU])(?:x(?P<units>[1-9]\d*))?(?P<modifiers>(?:-[A-Z0-9]{2})*)")
FORBIDDEN = re.compile(r"\*|\d{1,4}|(?P<code>\d{4}[0-9TU])(?:-(?P<modifier>[A-Z0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class Label:
    """A code with its units and modifiers."""

    code: str
    units: int = 1
    modifiers: tuple[str, ...] = ()


def is_visit(code: str) -> bool:
    """Evaluation and management: chosen by other rules, tested elsewhere."""
    return "99202" <= code <= "99499"


def notes() -> list[dict[str, Any]]:
    with (HERE / "notes.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def labels(note: dict[str, Any]) -> list[Label]:
    return [Label(c["code"], c["units"], tuple(c["modifiers"])) for c in note["cpt"]]


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, strict=True))


def expected(cell: str) -> list[Label]:
    """The labels of a cell of ``performed.csv``."""
    found = []
    for part in cell.split("|"):
        match = EXPECTED.fullmatch(part)
        if match is None:
            raise ValueError(f"not a code with units and modifiers: {part!r}")
        modifiers = tuple(m for m in match["modifiers"].split("-") if m)
        found.append(Label(match["code"], int(match["units"] or 1), modifiers))
    return found


def offends(cell: str, label: Label) -> bool:
    """Whether a suggestion is one that a cell of ``adversarial.csv`` forbids."""
    if is_visit(label.code):
        return False
    for part in cell.split("|"):
        code, _, modifier = part.partition("-")
        if code == "*" or (label.code.startswith(code) and (not modifier or modifier in label.modifiers)):
            return True
    return False
