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
        # whole ranges by sex: organs, their neoplasms, injuries, malformations, screening and history
        ("C56.1", None, "M", ["sex-female-only"]),
        ("C56.1", None, "F", []),
        ("D39.10", None, "M", ["sex-female-only"]),
        ("E28.2", None, "M", ["sex-female-only"]),
        ("F53.0", 30, "M", ["sex-female-only"]),
        ("N95.1", 50, "M", ["sex-female-only"]),
        ("Q50.01", None, "M", ["sex-female-only"]),
        ("S37.60XA", None, "M", ["sex-female-only"]),
        ("T21.27XA", None, "M", ["sex-female-only"]),
        ("T21.27XA", None, "F", []),
        ("Z12.4", None, "M", ["sex-female-only"]),
        ("Z34.01", 30, "M", ["sex-female-only"]),
        ("Z90.710", None, "M", ["sex-female-only"]),
        ("C61", 70, "F", ["sex-male-only"]),
        ("D40.0", None, "F", ["sex-male-only"]),
        ("B26.0", None, "F", ["sex-male-only"]),
        ("Q53.9", 1, "F", ["sex-male-only"]),
        ("Q53.9", 1, "M", []),
        ("R97.20", None, "F", ["sex-male-only"]),
        ("S31.20XA", None, "F", ["sex-male-only"]),
        ("T21.26XA", None, "F", ["sex-male-only"]),
        ("Z98.52", None, "F", ["sex-male-only"]),
        # other genital organs are everybody's, and so is the breast
        ("Z90.79", None, "F", []),
        ("C50.911", None, "M", []),
        ("N63.10", None, "M", []),
        # newborn, child, adult: the ages of the Medicare Code Editor
        ("P59.9", 0.1, None, []),
        ("P59.9", 40, None, ["age-perinatal"]),
        ("Z05.1", 30, None, ["age-perinatal"]),
        ("P14.0", 12, None, []),
        ("P91.60", 12, None, []),
        ("Z37.0", 70, "F", ["age-maternity"]),
        ("R10.83", 40, None, ["age-child"]),
        ("R62.51", 3, None, []),
        ("F93.0", 30, None, ["age-child"]),
        ("T74.12XA", 30, None, ["age-child-abuse"]),
        ("T74.12XA", 5, None, []),
        ("T74.11XA", 5, None, ["age-adult-abuse"]),
        ("T74.11XA", 35, None, []),
        ("Z04.42", 25, None, ["age-child-abuse"]),
        ("N40.0", 10, "M", ["age-adult"]),
        ("N40.0", 60, "M", []),
        ("F03.90", 9, None, ["age-adult"]),
        ("G30.9", 80, None, []),
        ("H25.9", 5, None, ["age-adult"]),
        ("Z00.00", 18, None, []),
        ("Z00.129", 17.9, None, []),
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
