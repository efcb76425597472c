"""Whole notes, written by us: exactly the HCPCS codes of the day, with their units."""

from __future__ import annotations

from pathlib import Path

import pytest

from cac.procedures.hcpcs import find_hcpcs
from cac.text.reader import read

_FILE = Path(__file__).parent / "hcpcs_notes.txt"
# "=== code:units ..." and the note below it
NOTES = [part.partition("\n") for part in _FILE.read_text(encoding="utf-8").split("=== ")[1:]]


@pytest.mark.parametrize(
    ("expected", "text"), [(e, t) for e, _, t in NOTES], ids=[t.split("\n")[0][:30] for _, _, t in NOTES]
)
def test_a_whole_note(expected: str, text: str) -> None:
    found = {f"{s.code}:{s.units}" for s in find_hcpcs(read(text)) if s.performed}
    assert found == set(expected.split())


def test_there_are_notes() -> None:
    assert len(NOTES) >= 8
