"""Short notes for the chapter rules (I.C) and the conventions, each with every code that is suggested."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import cac


def _notes() -> list[tuple[str, str, str]]:
    with Path(__file__).with_name("chapter_notes.csv").open(encoding="utf-8", newline="") as file:
        return [(r["note"], r["setting"], r["codes"]) for r in csv.DictReader(file)]


@pytest.mark.parametrize(("note", "setting", "codes"), _notes())
def test_note(note: str, setting: str, codes: str) -> None:
    found = cac.suggest(note, setting=setting, systems=("ICD-10-CM",))
    assert sorted(s.code for s in found) == sorted(codes.split())
