"""Planned, ordered, advised, declined, cancelled, past: no code, and the ledger says why."""

from __future__ import annotations

import pytest

from cac.procedures.suggest import suggest_procedures
from cac.text.reader import read
from tests.procedures.rows_not import NOT_PERFORMED

ROWS = [line.strip() for line in NOT_PERFORMED.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("text", ROWS, ids=[r[:60] for r in ROWS])
def test_no_code(text: str) -> None:
    result = suggest_procedures(read(text))
    assert [s.code for s in result.suggestions] == []


@pytest.mark.parametrize("text", ROWS, ids=[r[:60] for r in ROWS])
def test_no_candidate_either(text: str) -> None:
    assert [s.code for s in suggest_procedures(read(text)).candidates] == []


@pytest.mark.parametrize(
    ("text", "reason", "cue", "code"),
    [
        ("Patient declined EKG today.", "declined", "declined", "93000"),
        ("EKG ordered.", "planned", "ordered", "93000"),
        ("Will obtain chest x-ray tomorrow.", "planned", "Will obtain", "71046"),
        ("He had a colonoscopy last year.", "historical", "last year", "45378"),
        ("Colonoscopy was cancelled because of poor preparation.", "cancelled", "was cancelled", "45378"),
        ("Mother had a mastectomy.", "family", "Mother had", "19303"),
    ],
)
def test_the_ledger_says_why(text: str, reason: str, cue: str, code: str) -> None:
    [line] = suggest_procedures(read(text)).not_coded
    assert (line.reason, line.codes) == (reason, (code,))
    assert line.cue is not None and line.cue.text == cue
    assert text[line.start : line.end] == line.text


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # advised first, but done after all
        ("Recommended a right knee injection, which was performed today.", ["20610"]),
        # the plan says that it was done
        ("Plan: EKG performed in the office today, normal.", ["93000"]),
        ("HPI: cough.\nPlan: albuterol nebulizer given in the office.", ["94640"]),
        # the hospital course tells what was done during the stay
        ("Hospital course: She underwent laparoscopic cholecystectomy without complication.", ["47562"]),
        # old and new in one note
        ("PSH: appendectomy.\nPROCEDURE: Colonoscopy with biopsy.", ["45380"]),
    ],
)
def test_performed_after_all(text: str, codes: list[str]) -> None:
    assert [s.code for s in suggest_procedures(read(text)).suggestions] == codes
