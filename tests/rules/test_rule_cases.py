"""Every rule fires where it should and nowhere else: cases in ``rule_cases.csv``.

A positive case has to come out differently when its rule is switched off, a negative one has to come
out the same: a row that decides nothing is a defect of the row or of the case.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.rules.synthetic import RULES, run

COLUMNS = ["rule", "polarity", "setting", "given", "expected", "absent"]


def _cases() -> list[dict[str, str]]:
    with Path(__file__).with_name("rule_cases.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == COLUMNS
        return list(reader)


CASES = _cases()


def _outcome(case: dict[str, str], disabled: tuple[str, ...] = ()) -> tuple[frozenset[str], object]:
    setting = "inpatient" if case["setting"] == "inpatient" else "outpatient"
    got = run(case["given"], setting=setting, disabled=disabled)  # type: ignore[arg-type]
    return got.codes, (got.ruled, got.gated)


def _tables() -> dict[str, list[str]]:
    return {
        "combination": [r.id for r in RULES.combinations],
        "companion": [r.id for r in RULES.companions],
        "refine": [r.id for r in RULES.refinements],
        "integral": [r.id for r in RULES.integral],
        "superseded": [r.id for r in RULES.superseded],
        "history": [r.id for r in RULES.history],
        "family": [r.id for r in RULES.family],
        "lifelong": [r.id for r in RULES.lifelong],
        "unconfirmed": [r.id for r in RULES.unconfirmed],
        "ruled_out": [r.id for r in RULES.ruled_out],
        "sections": [r.id for r in RULES.sections.values()],
        "past_only": [r.id for r in RULES.past_only],
        "tested": [r.id for r in RULES.tested],
        "gone": [r.id for r in RULES.gone],
        "recode": [r.id for r in RULES.recodes],
        "parts": [r.id for r in RULES.parts],
    }


@pytest.mark.parametrize("table", list(_tables()))
def test_cases_come_out_as_written(table: str) -> None:
    mine = set(_tables()[table])
    wrong: list[str] = []
    for case in CASES:
        rule = case["rule"]
        if rule not in mine:
            continue
        codes, everything = _outcome(case)
        label = f"{rule} {case['polarity']}: {case['given']}"
        if codes != set(case["expected"].split()) or codes & set(case["absent"].split()):
            wrong.append(f"{label}: got {' '.join(sorted(codes))}, expected {case['expected']}")
        fired = everything != _outcome(case, (rule,))[1]
        if fired != (case["polarity"] == "positive"):
            wrong.append(f"{label}: {'fires' if fired else 'does not fire'}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("polarity", ["positive", "negative"])
def test_every_rule_has_a_case(polarity: str) -> None:
    covered = {c["rule"] for c in CASES if c["polarity"] == polarity}
    assert sorted(set(RULES.ids()) - covered) == []


def test_no_case_is_for_a_rule_that_is_gone() -> None:
    assert sorted({c["rule"] for c in CASES} - set(RULES.ids())) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # every part of the hypertension table at once (I.C.9.a.3)
        ("I10 I50.32 N18.4 I51.7", "I13.0 I50.32 N18.4"),
        ("I10 I50.9 N18.6 Z99.2", "I13.2 I50.9 N18.6 Z99.2"),
        # dialysis makes the stage, the stage makes the combination
        ("I10 N18.9 Z99.2", "I12.0 N18.6 Z99.2"),
        # coronary disease, fibrillation and lung hypertension are no part of it
        ("I10 I25.10 I48.91", "I10 I25.10 I48.91"),
        # as many complications as are documented, never the uncomplicated code beside them
        (
            "E11.9 N18.31 G62.9=peripheral+neuropathy I10 L97.512",
            "E11.22 E11.42 E11.621 I12.9 L97.512 N18.31",
        ),
        # lipids, obesity and hypertension are not on the list of presumed links
        ("E11.9 E78.5 E66.9 I10", "E11.9 E66.9 E78.5 I10"),
        # the infection stays beside the combined code
        ("J44.1 J18.9 R05.9 R50.9", "J18.9 J44.0 J44.1"),
        # retention with an enlarged prostate: two rules in a row, and the symptom stays
        ("N40.0 R33.9", "N40.1 R33.8"),
        # several deficits of one old stroke
        ("Z86.73 G81.94 R47.01 R13.12", "I69.320 I69.354 I69.391 R13.12"),
        # an acute stroke keeps its deficits
        ("I63.9 G81.94 R47.01", "G81.94 I63.9 R47.01"),
        # weeks decide the trimester of what the pregnancy makes of a condition
        ("I10 Z3A.20 Z33.1", "O10.012 Z3A.20"),
        ("E11.9 N39.0 Z3A.30", "E11.9 O23.43 O24.113 Z3A.30"),
        # a condition that does not concern the pregnancy leaves it a circumstance
        ("S93.401A Z33.1", "S93.401A Z33.1"),
        # BMI only beside a diagnosis
        ("Z68.31 I10", "I10"),
        ("Z68.31 E66.9 I10", "E66.9 I10 Z68.31"),
        # one statement on tobacco
        ("F17.210 Z72.0 Z87.891", "F17.210"),
        # sepsis with its organism; the organism of the other infection stays
        ("A41.9@1 B96.20@1 N39.0@1", "A41.51 B96.20 N39.0"),
        # a link that is denied
        ("I10 N18.31=CKD+not+related+to+hypertension", "I10 N18.31"),
        ("Z3A.20", ""),
    ],
)
def test_rules_work_together(given: str, expected: str) -> None:
    assert " ".join(sorted(run(given).codes)) == expected
