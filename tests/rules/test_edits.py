"""Age and sex: checked when given, conflicts are findings."""

from __future__ import annotations

import math

import pytest

from cac.errors import ConfigError
from cac.rules.edits import Patient, check_patient, load_edits, patient_findings
from tests.rules.synthetic import TABLE


@pytest.mark.parametrize(
    ("code", "age", "sex", "rules"),
    [
        ("N40.1", None, "F", ["sex-male-only"]),
        ("N40.1", None, "M", []),
        ("N80.00", None, "M", ["sex-female-only"]),
        ("Z85.46", None, "F", ["sex-male-only"]),
        ("Z85.46", None, "M", []),
        ("Z85.43", None, "M", ["sex-female-only"]),
        ("O24.111", 70, "M", ["age-maternity", "sex-female-only"]),
        # the ages of the code itself: first day of the range, first day after it
        ("O24.111", 8.9, "F", ["age-maternity"]),
        ("O24.111", 9, "F", []),
        ("O24.111", 64.9, "F", []),
        ("O24.111", 65, "F", ["age-maternity"]),
        ("Z38.00", 1, None, ["age-newborn"]),
        ("Z38.00", 0.01, None, []),
        ("Z00.129", 18, None, ["age-child-exam"]),
        ("Z00.00", 17, None, ["age-adult-exam"]),
        ("Z68.30", 12, None, ["age-bmi-adult"]),
        ("Z68.53", 25, None, ["age-bmi-child"]),
        # perinatal conditions may last a lifetime (I.C.16.a.4)
        ("P27.1", 30, None, []),
        ("I10", 30, "F", []),
        ("O24.111", None, None, []),
    ],
)
def test_conflicts(code: str, age: float | None, sex: str | None, rules: list[str]) -> None:
    found = patient_findings(code, TABLE, check_patient(age, sex))
    assert sorted(f.rule for f in found) == rules
    assert all(f.codes == (code,) and f.citation for f in found)


def test_an_edit_can_be_switched_off() -> None:
    patient = Patient(sex="F")
    assert patient_findings("N40.1", TABLE, patient)
    assert not patient_findings("N40.1", TABLE, patient, frozenset({"sex-male-only"}))


@pytest.mark.parametrize("age", [-1, 131, math.nan, math.inf, True, "30"])
def test_ages_that_do_not_exist(age: object) -> None:
    with pytest.raises(ConfigError, match="age"):
        check_patient(age, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("sex", ["f", "female", "", 1])
def test_sexes_that_are_not_known(sex: object) -> None:
    with pytest.raises(ConfigError, match="sex"):
        check_patient(None, sex)  # type: ignore[arg-type]


def test_every_edit_says_something() -> None:
    for edit in load_edits():
        assert edit.sex or edit.youngest > 0 or edit.past < math.inf
        assert edit.youngest < edit.past
