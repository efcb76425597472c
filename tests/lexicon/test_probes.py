"""Problem phrases as clinicians write them: every row of ``probes_*.csv`` is one case.

``expect`` are the codes an expert gives for these words alone, ``forbid`` codes or beginnings of codes that
would be wrong, ``why`` what the words mean.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import cac

COLUMNS = ["text", "expect", "forbid", "why"]


def _probes() -> list[tuple[str, frozenset[str], tuple[str, ...]]]:
    found = []
    for path in sorted(Path(__file__).parent.glob("probes_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            assert reader.fieldnames == COLUMNS, path.name
            for row in reader:
                expect = frozenset(filter(None, row["expect"].split("|")))
                forbid = tuple(filter(None, row["forbid"].split("|")))
                assert expect or forbid, f"{path.name}: {row['text']!r} can never fail"
                found.append((row["text"], expect, forbid))
    return found


PROBES = _probes()


@pytest.mark.parametrize(("text", "expect", "forbid"), PROBES, ids=[p[0] for p in PROBES])
def test_probe(text: str, expect: frozenset[str], forbid: tuple[str, ...]) -> None:
    suggested = {s.code for s in cac.suggest(text) if s.system == "ICD-10-CM"}
    assert expect <= suggested
    assert not [code for code in suggested if forbid and code.startswith(forbid)]


def test_probes_expect_codes_that_can_be_billed() -> None:
    assert all(cac.lookup(code).billable for _, expect, _ in PROBES for code in expect)
