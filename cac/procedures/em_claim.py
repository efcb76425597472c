"""From the level of a visit to claim lines: confidence, further codes, modifiers and candidates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cac.procedures.em_tables import AddOnRow, add_on_rows, code_rows, weights
from cac.procedures.em_time import best_time
from cac.procedures.em_types import AddOn, EmElement, EmLevel, EmProblem, Modifier, PatientStatus, VisitTime
from cac.procedures.em_visit import Visit
from cac.types import Candidate, Contribution, Evidence, Explanation, Mention, Span

__all__ = ["add_ons", "beside_procedure", "score", "second_visit", "service_alone", "to_candidates"]

_CITATION = "CPT E/M guidelines 2023"
_SAME_DAY = "CPT appendix on modifiers; NCCI policy manual, chapter I"
_FACE_TO_FACE = frozenset(
    "office consult inpatient_consult emergency hospital_initial hospital_subsequent same_day "
    "nursing_initial nursing home preventive wellness wellness_initial wellness_welcome critical_care "
    "discharge".split()
)


def score(level: EmLevel, visit: Visit, years: float | None, stated: bool) -> Explanation:
    """The log-odds that the code can be billed, as a prior and contributions."""
    table = weights()
    terms: list[Contribution] = []

    def add(name: str, evidence: Sequence[Evidence] = ()) -> None:
        terms.append(Contribution(f"em:{name}", table[name], tuple(evidence), _CITATION))

    if visit.strength != "inferred":
        add(f"visit_{visit.strength}", visit.evidence)
    elif level.category != "office":
        add("inferred_document", visit.evidence)
    if visit.structured:
        add("structure")
    if visit.report:
        add("procedure_document")
    if level.status.value == "not documented":
        add("status_missing")
    elif level.status.how:
        add(f"status_{level.status.how}", level.status.evidence)
    if level.time_evidence:
        add("time", level.time_evidence)
    if level.elements:
        problems = level.elements[0]
        if problems.level:
            add("problems", problems.evidence)
        elif level.basis == "mdm" and not stated:
            done = [e for element in level.elements for e in element.evidence]
            add("problem_unclear" if done else "no_problem", done)
    if stated:
        add("mdm_stated")
    if level.basis == "age":
        ages = [e for e in level.visit_evidence if e.kind == "age"]
        add("age_missing" if years is None else "age", ages)
    if level.category == "critical_care" and level.basis != "time":
        add("minutes_missing")
    if level.category == "postoperative":
        add("no_charge")
    return Explanation(table["prior"], tuple(terms))


def add_ons(level: EmLevel, times: Iterable[VisitTime]) -> tuple[AddOn, ...]:
    """Codes for time beyond the visit code, and separate services with minutes of their own.

    A prolonged visit needs a level that was chosen by time.
    """
    found = list(times)
    out: list[AddOn] = []
    billed = {level.code}
    for row in add_on_rows():
        time = best_time(found, row.service)
        if time is None or time.minutes < row.from_minutes:
            continue
        if row.to_minutes is not None and time.minutes > row.to_minutes:
            continue
        if row.parent and (row.parent not in billed or (row.parent == level.code and level.basis != "time")):
            continue
        units = (time.minutes - row.from_minutes) // row.each + 1 if row.each else 1
        own = not row.parent or row.parent != level.code
        out.append(_add_on(level, row, units, time.evidence, "separate_time" if own else "add_on"))
        billed.add(row.code)
    return tuple(out)


def service_alone(times: Iterable[VisitTime]) -> EmLevel | None:
    """A service by time that stands without a visit, such as advance care planning."""
    found = list(times)
    for row in add_on_rows():
        time = best_time(found, row.service)
        known = row.to_minutes is None or time is None or time.minutes <= row.to_minutes
        if row.parent or time is None or time.minutes < row.from_minutes or not known:
            continue
        table = weights()
        terms = tuple(
            Contribution(f"em:{name}", table[name], (time.evidence,), f"{_CITATION}, time")
            for name in ("visit_stated", "time")
        )
        level = EmLevel(
            code=row.code,
            system=row.system,
            category=row.service,
            wording=row.wording,
            level=0,
            basis="time",
            status=PatientStatus("not needed"),
            minutes=time.minutes,
            time_evidence=(time.evidence,),
            explanation=Explanation(table["prior"], terms),
        )
        others = [t for t in found if t.service == row.service]
        return replace(level, further=add_ons(level, others)[1:])
    return None


def _add_on(level: EmLevel, row: AddOnRow, units: int, evidence: Evidence, weight: str) -> AddOn:
    term = Contribution(f"em:{weight}", weights()[weight], (evidence,), f"{_CITATION}, time")
    # A separate service stands on its own minutes; an add-on is as sure as its parent.
    prior = level.log_odds if weight == "add_on" else 0.0
    return AddOn(
        row.code,
        row.system,
        units,
        row.wording,
        (evidence,),
        instead_of=row.instead_of,
        explanation=Explanation(prior, (term,)),
    )


def second_visit(
    level: EmLevel, elements: Sequence[EmElement], problems: Sequence[EmProblem], mdm: int
) -> tuple[AddOn, ...]:
    """The problem-oriented visit beside a preventive one, where a problem was managed as such.

    It takes more than a minor problem and more than reassurance.
    """
    if mdm < 2 or not any(p.level >= 2 for p in problems) or elements[2].level < 2:
        return ()
    value = "new" if level.status.value == "new" else "established"
    row = next(r for r in code_rows()["office"] if r.status == value and mdm in r.levels)
    evidence = tuple(e for p in problems if p.level >= 2 for e in p.evidence) + elements[2].evidence
    term = Contribution("em:second_visit", weights()["second_visit"], evidence, _SAME_DAY)
    return (
        AddOn(
            row.code,
            row.system,
            1,
            "a problem managed beside the preventive visit",
            evidence,
            modifiers=("25",),
            explanation=Explanation(level.log_odds, (term,)),
        ),
    )


def beside_procedure(
    level: EmLevel,
    *,
    has_procedure: bool,
    major: bool = False,
    procedure_diagnoses: Iterable[str] = (),
) -> EmLevel:
    """The visit on a day with a procedure by the same clinician.

    Parameters
    ----------
    level
        The visit.
    has_procedure
        Whether a procedure was performed that day.
    major
        Whether its fee covers 90 days: then the visit of the decision takes modifier 57.
    procedure_diagnoses
        The diagnosis codes the procedure was done for.

    Returns
    -------
    EmLevel
        With modifier 25 or 57. The usual work before and after a procedure is part of it, so a visit
        that shows no other problem is worth less, and may fall below the threshold.

    Examples
    --------
    >>> from cac.procedures.em import em_level
    >>> from cac.text.reader import read
    >>> visit = em_level(read("Established patient. Total time 32 minutes."), (), setting="outpatient")
    >>> [m.code for m in beside_procedure(visit, has_procedure=True).modifiers]
    ['25']
    """
    if not has_procedure or level.category not in _FACE_TO_FACE:
        return level
    code, reason = (
        ("57", "visit at which a major operation was decided on")
        if major
        else ("25", "visit of its own beside a procedure on the same day")
    )
    if code in [m.code for m in level.modifiers]:
        return level
    table = weights()
    terms: list[Contribution] = []
    done_for = set(procedure_diagnoses)
    if level.category in ("office", "consult", "home", "nursing") and not major:
        if level.status.value != "new":
            terms.append(Contribution("em:beside_procedure", table["beside_procedure"], citation=_SAME_DAY))
        addressed = [p for p in level.problems if p.level]
        if addressed and all(done_for & set(p.codes) for p in addressed):
            terms.append(Contribution("em:same_problem", table["same_problem"], citation=_SAME_DAY))
    explanation = Explanation(level.explanation.prior, (*level.explanation.contributions, *terms))
    modifier = Modifier(code, reason, citation=_SAME_DAY)
    return replace(level, modifiers=(*level.modifiers, modifier), explanation=explanation)


def to_candidates(level: EmLevel) -> tuple[tuple[Candidate, Explanation], ...]:
    """The visit code and its further codes as candidates with their scores.

    A code that only replaces another for some payers is left out.

    Examples
    --------
    >>> from cac.procedures.em import em_level
    >>> from cac.text.reader import read
    >>> visit = em_level(read("Critical care time 80 minutes."), (), setting="inpatient")
    >>> [c.code for c, _ in to_candidates(visit)]
    ['99291', '99292']
    """
    out = [(_candidate(level.code, level.system, level.evidence), level.explanation)]
    out += [
        (_candidate(a.code, a.system, a.evidence), a.explanation) for a in level.further if not a.instead_of
    ]
    return tuple(out)


def _candidate(code: str, system: str, evidence: Iterable[Evidence]) -> Candidate:
    mentions = tuple(
        Mention((Span(e.start, e.end),), (code,), "em", 1.0, section=e.section)
        for e in sorted(evidence, key=lambda e: (e.start, e.end, e.kind))
    )
    return Candidate(code=code, mentions=mentions, system=system)
