"""Age and sex edits: conflicts between the patient and a code are findings, never silent drops."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from cac.codes.table import CodeTable
from cac.errors import ConfigError
from cac.resources import one_of, read_table, required
from cac.rules.prefixes import Prefixes
from cac.rules.tables import citation
from cac.types import Finding

__all__ = ["Patient", "PatientEdit", "check_patient", "load_edits", "patient_findings"]


@dataclass(frozen=True, slots=True)
class Patient:
    """What the caller knows of the patient: years at the date of service, "F" or "M"."""

    age: float | None = None
    sex: str | None = None


@dataclass(frozen=True, slots=True)
class PatientEdit:
    """Codes that belong to one sex, or to ages ``youngest <= age < past``."""

    id: str
    codes: Prefixes
    unless: Prefixes
    sex: str
    youngest: float
    past: float
    citation: str


@lru_cache(maxsize=1)
def load_edits() -> tuple[PatientEdit, ...]:
    """The rows of ``data/rules/patient.csv``, by id.

    Raises
    ------
    TableError
        Naming every bad row.
    """
    rows = read_table(
        "rules/patient.csv",
        ("id", "codes", "unless", "sex", "youngest", "past", "citation", "note"),
        {
            "id": required,
            "codes": required,
            "sex": one_of("", "F", "M"),
            "youngest": _years,
            "past": _years,
            "citation": citation,
        },
    )
    edits = (
        PatientEdit(
            r["id"],
            Prefixes(r["codes"]),
            Prefixes(r["unless"]),
            r["sex"],
            float(r["youngest"] or 0),
            float(r["past"] or math.inf),
            r["citation"],
        )
        for r in rows
    )
    return tuple(sorted(edits, key=lambda e: e.id))


def check_patient(age: float | None, sex: str | None) -> Patient:
    """Validated age and sex; raises ConfigError."""
    if age is not None and (
        isinstance(age, bool)
        or not isinstance(age, int | float)
        or not math.isfinite(age)
        or not 0 <= age <= 130
    ):
        raise ConfigError("age has to be a number of years from 0 to 130")
    if sex is not None and sex not in ("F", "M"):
        raise ConfigError('sex has to be "F" or "M"')
    return Patient(age, sex)


def patient_findings(
    code: str, table: CodeTable, patient: Patient, disabled: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    """Conflicts of one code with the patient's sex or age.

    Examples
    --------
    >>> from cac.codes.table import CodeTable
    >>> found = patient_findings("N40.1", CodeTable.open("2026-04"), Patient(sex="F"))
    >>> [(f.rule, f.message) for f in found]
    [('sex-male-only', 'N40.1 conflicts with the sex given')]
    """
    if patient.age is None and patient.sex is None:
        return ()
    found: list[Finding] = []
    for edit in load_edits():
        if edit.id in disabled or code not in edit.codes or code in edit.unless:
            continue
        if edit.sex:
            what = "sex" if patient.sex is not None and patient.sex != edit.sex else ""
        else:
            what = "age" if patient.age is not None and not edit.youngest <= patient.age < edit.past else ""
        if what:
            message = f"{code} conflicts with the {what} given"
            found.append(Finding(edit.id, "patient_edit", message, edit.citation, (code,)))
    return tuple(found)


def _years(cell: str) -> str | None:
    return None if not cell or cell.isdigit() else f"is {cell!r}, not a number of years"
