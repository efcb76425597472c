"""Evaluation and management: from a note to the code of the visit, with what it rests on.

The level follows from medical decision making or from total time, whichever is higher (CPT E/M
guidelines 2021, extended in 2023 to hospital, emergency, consultation, nursing facility and home
visits); history and examination count for nothing. A note that shows no visit gives None.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cac.errors import ConfigError
from cac.extract.drugs import DrugMention, find_drugs
from cac.procedures.em_claim import add_ons, score, second_visit, service_alone
from cac.procedures.em_mdm import (
    data_element,
    mdm_level,
    problems_element,
    risk_element,
    stated_level,
)
from cac.procedures.em_page import Page, make_page, quote, quote_tokens
from cac.procedures.em_problems import find_problems, problems_level
from cac.procedures.em_query import level_changes, queries
from cac.procedures.em_tables import Category, CodeRow, categories, code_rows
from cac.procedures.em_time import best_time, find_times
from cac.procedures.em_types import Basis, EmElement, EmLevel, EmProblem, Modifier, PatientStatus, VisitTime
from cac.procedures.em_visit import Visit, find_age, find_status, find_visit
from cac.types import Candidate, Evidence, Note, Setting

__all__ = ["em_level"]

_YOUNG = 6
"""Years below which critical care in hospital is billed by the day."""

_BY_AGE = frozenset(("preventive", "critical_care"))
_CHILD_WORDS = frozenset("child wcc adolescent teen school sports camp preparticipation".split())
_INFANT_WORDS = frozenset(("baby", "infant"))
_MODIFIERS = {
    "telehealth": ("95", "visit by audio and video at the same time"),
    "audio": ("93", "visit by audio only"),
}


def em_level(
    note: Note,
    diagnoses: Sequence[Candidate],
    *,
    setting: Setting,
    new_patient: bool | None = None,
    age: float | None = None,
    drugs: Iterable[DrugMention] | None = None,
) -> EmLevel | None:
    """The visit code of a note, or None where the note shows no visit.

    Parameters
    ----------
    note
        A note that has been read.
    diagnoses
        The diagnosis candidates that stand, with their mentions: the problems addressed.
    setting
        "outpatient" or "inpatient".
    new_patient
        Whether the patient is new, where the caller knows; else the note decides.
    age
        Years at the date of service, where the caller knows; else the note decides.
    drugs
        The answer of ``find_drugs`` for the note, where it is at hand.

    Returns
    -------
    EmLevel or None
        ``log_odds`` below 0 means a candidate, not a suggestion: something is missing, and
        ``queries`` says what.

    Raises
    ------
    ConfigError
        When the setting does not exist or the age is no number of years.

    Notes
    -----
    Known weakness: tests that the same clinician bills for are counted as data, and whether a problem
    was managed or only named is judged by the section it stands in. Consultations get consultation
    codes, which some payers replace by office or hospital codes; visits at a distance get modifier 95
    or 93 on the code of the place. Minutes of several stretches are not added up.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> found = em_level(read("Established patient. Total time 32 minutes."), (), setting="outpatient")
    >>> found.code, found.basis, found.minutes
    ('99214', 'time', 32)
    >>> em_level(read("Chest x-ray: no acute disease."), (), setting="outpatient") is None
    True
    """
    if setting not in ("outpatient", "inpatient"):
        raise ConfigError("setting has to be outpatient or inpatient")
    if age is not None and (isinstance(age, bool) or not 0 <= age <= 130):
        raise ConfigError("age has to be a number of years from 0 to 130")
    if not note.sentences:
        return None
    page = make_page(note)
    times = find_times(page)
    status = find_status(page, new_patient)
    visit = find_visit(page, times, status, setting)
    if visit is None:
        return service_alone(times)
    years, age_spans = find_age(note, age) if _asks_age(page, visit) else (age, ())
    category = _category(visit, setting, years)
    time = best_time(times, category.service) if category.by_time else None
    if not category.needs_status:
        status = PatientStatus("not needed")
    problems: tuple[EmProblem, ...] = ()
    elements: tuple[EmElement, ...] = ()
    mdm = 0
    stated: tuple[Evidence, ...] = ()
    if category.by_mdm or category.name == "preventive":
        problems = find_problems(page, diagnoses)
        reach, deciding = problems_level(problems)
        found_drugs = find_drugs(note) if drugs is None else drugs
        elements = (
            problems_element(reach, deciding),
            data_element(page, years),
            risk_element(page, found_drugs),
        )
        mdm, stated = _with_statement(page, elements)
    found = _Found(page, visit, category, mdm, time, years, bool(problems))
    row, basis = _chosen(found, status)
    base = EmLevel(
        code=row.code,
        system=row.system,
        category=category.name,
        wording=row.wording,
        level=mdm if basis == "mdm" else max(row.levels, default=0),
        basis=basis,
        status=status,
        elements=elements if category.by_mdm else (),
        problems=problems if category.by_mdm else (),
        minutes=time.minutes if time is not None else None,
        time_evidence=(time.evidence,) if time is not None and basis == "time" else (),
        visit_evidence=(*visit.evidence, *_age_evidence(page, category, age_spans), *stated),
        modifiers=_modes(page, visit),
    )
    base = replace(base, explanation=score(base, visit, years, bool(stated)))
    further = add_ons(base, times)
    if category.name == "preventive":
        further += second_visit(base, elements, problems, mdm)
    other = _chosen(found, PatientStatus("new"))[0] if status.value == "not documented" else None
    return replace(
        base,
        further=further,
        would_change=level_changes(base, _rows(found, status)),
        queries=queries(base, other, years),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What chooses the code, once the note is read."""

    page: Page
    visit: Visit
    category: Category
    mdm: int
    time: VisitTime | None
    years: float | None
    addressed: bool


def _asks_age(page: Page, visit: Visit) -> bool:
    """Whether anything depends on the age, which takes a search of the note."""
    return visit.category in _BY_AGE or any(h.kind == "child_historian" for h in page.of("data"))


def _category(visit: Visit, setting: Setting, years: float | None) -> Category:
    by_day = visit.category == "critical_care" and setting == "inpatient"
    young = by_day and years is not None and years < _YOUNG
    return categories()["critical_care_child" if young else visit.category]


def _rows(found: _Found, status: PatientStatus) -> tuple[CodeRow, ...]:
    """The codes of the kind of visit for a new or an established patient."""
    rows = code_rows()[found.category.name]
    if found.category.name == "critical_care_child":
        later = any(h.kind.startswith("hospital_subsequent") for h in found.page.of("visit"))
        return tuple(r for r in rows if r.status == ("established" if later else "new"))
    value = "new" if status.value == "new" else "established"
    return tuple(r for r in rows if r.status in ("any", value))


def _chosen(found: _Found, status: PatientStatus) -> tuple[CodeRow, Basis]:
    """The code and what decided for it."""
    rows = _rows(found, status)
    time = found.time
    reached = [r for r in rows if time is not None and r.minutes is not None and r.minutes <= time.minutes]
    by_time = max(reached, key=lambda r: (r.minutes or 0, r.code), default=None)
    if found.category.by_mdm:
        by_mdm = next((r for r in rows if found.mdm in r.levels), rows[0])
        if by_time is not None:
            gain = max(by_time.levels) - max(by_mdm.levels)
            # Where both come to the same, time is the better ground for a note without a problem.
            if gain > 0 or (gain == 0 and not found.addressed):
                return by_time, "time"
        return by_mdm, "mdm"
    if by_time is not None:
        return by_time, "time"
    if any(r.age_from > 0 for r in rows):
        years = found.years if found.years is not None else _likely_age(found)
        return next(r for r in rows if r.age_from <= years < r.age_below), "age"
    return rows[0], "statement"


def _likely_age(found: _Found) -> float:
    """A stand-in where the age is not documented, so that there is a code to ask about."""
    words: set[str] = set()
    for h in found.visit.hits:
        words.update(found.page.note.tokens.lower[h.first : h.last])
    if words & _INFANT_WORDS:
        return 0.5
    return 8.0 if words & _CHILD_WORDS else 50.0


def _with_statement(page: Page, elements: Sequence[EmElement]) -> tuple[int, tuple[Evidence, ...]]:
    """The level of decision making; a stated one counts where the note documents too little to tell."""
    level = mdm_level(*(e.level for e in elements))
    stated, evidence = stated_level(page)
    open_elements = sum(not e.evidence for e in elements)
    if stated and (open_elements >= 2 or stated == level):
        return stated, evidence
    return level, ()


def _age_evidence(page: Page, category: Category, spans: Iterable[tuple[int, int]]) -> tuple[Evidence, ...]:
    if category.name not in ("preventive", "critical_care_child"):
        return ()
    starts = [s.start for s in page.note.sentences]
    return tuple(
        quote(page, start, end, "age", max(0, bisect_right(starts, start) - 1)) for start, end in spans
    )


def _modes(page: Page, visit: Visit) -> tuple[Modifier, ...]:
    """Modifiers for a visit that was not face to face in a room; video before voice."""
    for kind in sorted({h.kind for h in visit.modes}, reverse=True):
        code, reason = _MODIFIERS[kind]
        words = tuple(quote_tokens(page, h, "visit") for h in visit.modes if h.kind == kind)
        return (Modifier(code, reason, words, "CPT appendix on modifiers"),)
    return ()
