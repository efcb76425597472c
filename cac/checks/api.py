"""Checking a coder's own list of codes with the rules that the suggestions go through.

The codes are looked up, looked at with each other (the engine of ``cac.rules`` and the notes of the tabular
list), put in order, held against the patient, and, where there is a note, against what the note says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from cac.api import default_coder
from cac.checks.lists import companions, lookup, order, together
from cac.checks.notes import support
from cac.checks.result import CheckFinding, CheckResult, made
from cac.checks.services import in_sample, parts_of, services, system_of
from cac.coder import SYSTEMS, Coder
from cac.codes.releases import as_date
from cac.errors import ConfigError
from cac.procedures.edits import Line
from cac.procedures.imported import open_imports
from cac.rules.edits import check_patient, patient_findings
from cac.rules.sequence import in_order

__all__ = ["check", "check_codes"]

_CLAIM = "NCCI Policy Manual ch. I"


def check(
    codes: str | Iterable[str],
    note: str | None = None,
    *,
    setting: str | None = None,
    date_of_service: date | datetime | str | None = None,
    age: float | None = None,
    sex: str | None = None,
) -> CheckResult:
    """Check codes that a person chose, with the default coder. See ``check_codes``.

    Examples
    --------
    >>> [(f.code, f.kind) for f in check("S93.402, R05.9, J18.9")]
    [('S93.402', 'seventh_character'), ('R05.9', 'integral_symptom')]
    >>> [(f.code, f.kind) for f in check(["J18.9"], "Cough. No evidence of pneumonia.")][0]
    ('J18.9', 'unsupported')
    """
    return check_codes(
        default_coder(), codes, note, setting=setting, date_of_service=date_of_service, age=age, sex=sex
    )


def check_codes(
    coder: Coder,
    codes: str | Iterable[str],
    note: str | None = None,
    *,
    setting: str | None = None,
    date_of_service: date | datetime | str | None = None,
    age: float | None = None,
    sex: str | None = None,
) -> CheckResult:
    """Check codes that a person chose.

    Parameters
    ----------
    coder
        Whose tables, rules and settings are used.
    codes
        The list in its order, with or without dots; a string is split at blanks and commas. Services
        (CPT, HCPCS) may have modifiers and units: ``99213-25``, ``97110-GP*2``. They are looked up in the
        samples and in what the user imported, and held against the edits that were imported.
    note
        The note they were chosen for. Without one, nothing is said about support.
    setting, date_of_service, age, sex
        As in ``Coder.suggest``.

    Returns
    -------
    CheckResult

    Raises
    ------
    ConfigError
        When the codes are no list of strings, or an argument has a value that does not exist.
    NoteError
        When the note is not text that can be read.
    TableError
        When an imported set is damaged.
    """
    config = coder.config.override(setting=setting)
    patient = check_patient(age, sex)
    day = as_date(date_of_service) if date_of_service is not None else None
    release = coder.release(day)
    listed, lines = parts_of(_listed(codes), release.table)
    off = config.disabled_rules
    found: list[CheckFinding] = []
    valid: list[str] = []
    done: list[Line] = []
    for code in listed:
        if code in lines:
            if lines[code] in done:
                message = "is in the list twice: units or a modifier tell lines apart"
                found.append(made("duplicate", lines[code].code, message, cited=_CLAIM))
            done.append(lines[code])
        elif code in valid:
            found.append(made("duplicate", code, "is in the list twice"))
        elif (problem := lookup(code, release.table)) is not None:
            found.append(problem)
        else:
            valid.append(code)
    reported = list(dict.fromkeys(line.code for line in done))
    result = None
    if note is not None:
        result = coder.suggest(
            note,
            setting=config.setting,
            scope="reportable",
            systems=_systems(reported),
            date_of_service=day,
            age=age,
            sex=sex,
        )
    found += together(coder.rules, valid, result, release, off)
    found += companions(coder.rules, valid, result, release, off)
    ordered = in_order(valid, release.tabular, off)
    found += order(valid, release, off)
    for code in valid:
        for f in patient_findings(code, release.table, patient, off):
            found.append(CheckFinding(code, "patient", "warning", f.message, f.citation, rule=f.rule))
    if result is not None:
        # Of a code that the samples lack, a note says nothing either way.
        dumb = {code for code in reported if not in_sample(code)}
        known = support([*valid, *reported], result, release)
        found += [f for f in known if f.code not in dumb or f.kind != "unsupported"]
    if done:
        found += services(done, open_imports(config.data_dir), day, off)
    named = [lines[code].code if code in lines else code for code in listed]
    place = {code: i for i, code in enumerate(dict.fromkeys((*named, *(f.code for f in found))))}
    rank = {"error": 0, "warning": 1, "info": 2}
    unique = dict.fromkeys(found)
    return CheckResult(
        codes=tuple(listed),
        findings=tuple(
            sorted(unique, key=lambda f: (place[f.code], rank[f.severity], f.kind, f.related, f.message))
        ),
        ordered=tuple(ordered),
        setting=config.setting,
        release=release.table.release,
        date_of_service=day.isoformat() if day is not None else None,
    )


def _systems(reported: Iterable[str]) -> tuple[str, ...]:
    """The usual code systems, and others that the list has codes of."""
    return tuple(dict.fromkeys((*SYSTEMS, *(system_of(code) for code in reported))))


def _listed(codes: object) -> tuple[str, ...]:
    parts = re.split(r"[\s,;]+", codes) if isinstance(codes, str) else codes
    if not isinstance(parts, Iterable):
        raise ConfigError("codes has to be a list of codes, or a string of them")
    out: list[str] = []
    for part in parts:
        if not isinstance(part, str):
            raise ConfigError("codes has to be a list of codes, or a string of them")
        if code := part.strip().upper():
            out.append(code)
    return tuple(out)
