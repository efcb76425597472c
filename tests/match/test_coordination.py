"""Conditions joined in one breath: whose is a site, an acuity, a side that stands between them?

Every row of ``coordination.csv`` (two conditions, one without a site) and of ``lists.csv`` (sites, nouns and
sides in lists) is an assessment, all the codes a coder gives for it, and why. Words that name no particular
condition ("abscess") get no code where something else is said.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import cac

COLUMNS = ["text", "codes", "why"]


def _rows() -> list[tuple[str, frozenset[str]]]:
    rows: list[dict[str, str]] = []
    for name in ("coordination.csv", "lists.csv"):
        with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            assert reader.fieldnames == COLUMNS, name
            rows += reader
    assert all(row["why"] for row in rows)
    return [(row["text"], frozenset(filter(None, row["codes"].split("|")))) for row in rows]


ROWS = _rows()


@pytest.mark.parametrize(("text", "codes"), ROWS, ids=[text for text, _ in ROWS])
def test_coordination(text: str, codes: frozenset[str]) -> None:
    result = cac.suggest(f"Assessment: {text}.", systems=("ICD-10-CM",))
    assert {s.code for s in result} == codes


def test_every_phrase_is_there_once() -> None:
    texts = [text for text, _ in ROWS]
    assert len(set(texts)) == len(texts)
    assert all(cac.lookup(code).billable for _, codes in ROWS for code in codes)
