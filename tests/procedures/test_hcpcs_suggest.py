"""HCPCS as suggestions: scores that add up, units, ledger, queries, codes in force."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cac.codes.imports import import_hcpcs, load_codes
from cac.codes.userdata import ImportedTable
from cac.procedures.hcpcs_suggest import suggest_hcpcs
from cac.text.reader import read

NOTE = """\
Plan:
1. Migraine: ketorolac 60 mg IM administered in clinic.
2. Knee pain: Kenalog injected into the left knee.
3. Ankle sprain: crutches dispensed. Rolling walker ordered.
4. Declined the Prolia injection.
Home medications: Lovenox 40 mg daily
"""


def test_suggestions_with_units_and_reasons() -> None:
    done = suggest_hcpcs(read(NOTE))
    assert {s.code: s.units for s in done.suggestions} == {"J1885": 4, "J3301": 1, "E0114": 1}
    assert [s.rank for s in done.suggestions] == [1, 2, 3]
    assert done.candidates == ()
    assert [(n.codes[0], n.reason) for n in done.not_coded] == [("E0143", "planned"), ("J0897", "negated")]
    for s in done.suggestions:
        assert s.system == "HCPCS" and s.billable and s.score > 0.5
        assert s.explanation.score == s.score
        assert all(NOTE[e.start : e.end] == e.text for e in s.evidence)
    assert all(n.cue is None or NOTE[n.cue.start : n.cue.end] == n.cue.text for n in done.not_coded)


def test_units_are_explained_and_a_missing_dose_is_asked_for() -> None:
    done = suggest_hcpcs(read(NOTE))
    messages = {s.code: [f.message for f in s.findings] for s in done.suggestions}
    assert messages == {
        "J1885": ["J1885: 4 units of 15 mg, from 60 mg documented"],
        "J3301": ["the units of J3301 are not known: the dose is not documented (10 mg a unit)"],
        "E0114": [],
    }
    assert [(q.axis, q.code) for q in done.queries] == [("dose", "J3301")]
    assert "how much was given" in done.queries[0].question


def test_a_documented_dose_raises_the_score() -> None:
    with_dose = suggest_hcpcs(read("Ketorolac 60 mg IM given today.")).suggestions[0]
    without = suggest_hcpcs(read("Ketorolac IM given today.")).suggestions[0]
    assert with_dose.score > without.score


def test_the_threshold_parts_suggestions_from_candidates() -> None:
    done = suggest_hcpcs(read(NOTE), threshold=0.99)
    assert done.suggestions == () and [s.rank for s in done.candidates] == [1, 2, 3]


@pytest.fixture
def table(tmp_path: Path) -> ImportedTable:
    path = tmp_path / "h.csv"
    path.write_text("Code,Description,Add Dt,Term Dt\nJ1885,A,19960101,\nE0114,B,19960101,20240630\n")
    import_hcpcs(path, data_dir=tmp_path)
    found = load_codes("hcpcs", tmp_path)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (date(2024, 6, 30), {"J1885", "E0114"}),
        (date(2024, 7, 1), {"J1885"}),
        (date(1995, 1, 1), set()),
        (None, {"J1885"}),
    ],
)
def test_only_codes_in_force(table: ImportedTable, day: date | None, codes: set[str]) -> None:
    done = suggest_hcpcs(read(NOTE), table=table, date_of_service=day)
    assert {s.code for s in done.suggestions} == codes
    gone = {n.codes[0] for n in done.not_coded if n.reason == "not_in_force"}
    assert gone == {"J1885", "J3301", "E0114"} - codes


def test_nothing_for_nothing() -> None:
    done = suggest_hcpcs(read(""))
    assert (done.suggestions, done.candidates, done.not_coded, done.queries) == ((), (), (), ())
