"""From a statement to codes, units and modifiers: one row a behaviour."""

from __future__ import annotations

import re

import pytest

from cac.procedures.suggest import suggest_procedures
from cac.text.reader import read
from tests.procedures.rows import PERFORMED

ROWS = [
    tuple(cell.strip() for cell in line.split("|"))
    for line in PERFORMED.splitlines()
    if line.strip() and not line.startswith("#")
]


def coded(text: str, age: float | None = None) -> set[str]:
    """Suggested codes of a note, with units and modifiers as the rows write them."""
    found = set()
    for s in suggest_procedures(read(text), age=age).suggestions:
        units = f"x{s.units}" if s.units != 1 else ""
        found.add(s.code + units + "".join(f"-{m.code}" for m in s.modifiers))
    return found


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[r[0][:60] for r in ROWS])
def test_performed(text: str, expected: str) -> None:
    assert coded(text) == set(expected.split())


def test_there_are_hundreds_of_rows() -> None:
    assert len(ROWS) >= 250
    assert len({re.sub(r"\W+", " ", t.lower()) for t, _ in ROWS}) == len(ROWS)
