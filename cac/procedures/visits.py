"""The visit beside the procedures: the level of the encounter as a suggestion like the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cac.extract.drugs import DrugMention
from cac.procedures.em import em_level
from cac.procedures.em_claim import beside_procedure
from cac.procedures.em_types import AddOn, EmLevel
from cac.procedures.hcpcs import names_medicare
from cac.procedures.links import linked_codes
from cac.procedures.suggest import SYSTEM, ProcedureCoding, suggest_procedures
from cac.procedures.tables import load_procedures
from cac.types import Alternative, Candidate, Evidence, Explanation, Modifier, Note, Setting, Suggestion

__all__ = ["suggest_services"]

_SHOWN = 6


def suggest_services(
    note: Note,
    diagnoses: Sequence[Suggestion],
    problems: Sequence[Candidate],
    *,
    setting: Setting,
    threshold: float,
    age: float | None = None,
    disabled: frozenset[str] = frozenset(),
    systems: Sequence[str] = (SYSTEM,),
    drugs: Sequence[DrugMention] | None = None,
) -> ProcedureCoding:
    """What was done at an encounter: its procedures and its visit.

    Parameters
    ----------
    note
        A note that has been read.
    diagnoses
        The ICD-10-CM suggestions, for links.
    problems
        The diagnosis candidates that stand, with their mentions: the problems addressed.
    setting, threshold, age, disabled
        As for the whole note.
    systems
        "CPT", "HCPCS" or both. With HCPCS come the visits that only it has (G0438) and, where the note
        names Medicare, the codes that Medicare takes instead (G2212 for 99417).

    Examples
    --------
    >>> from cac.text.reader import read
    >>> done = suggest_services(read("Critical care time 45 minutes."), (), (), setting="inpatient",
    ...                         threshold=0.5)
    >>> [s.code for s in done.suggestions]
    ['99291']
    """
    done = suggest_procedures(note, diagnoses, threshold=threshold, age=age, disabled=disabled)
    level = em_level(note, problems, setting=setting, age=age, drugs=drugs)
    wanted = done if SYSTEM in systems else ProcedureCoding()
    if level is None:
        return wanted
    work = [s for s in done.suggestions if s.code < "70000"]
    if work:
        level = beside_procedure(
            level, has_procedure=True, procedure_diagnoses=[c for s in work for c in s.diagnoses]
        )
    done = wanted
    known = {s.code for s in (*done.suggestions, *done.candidates)}
    visits = [s for s in _lines(note, level, diagnoses, systems) if s.code not in known]
    above = [*done.suggestions, *(s for s in visits if s.score >= threshold)]
    above.sort(key=lambda s: -s.explanation.log_odds)
    below = [*(s for s in visits if s.score < threshold), *done.candidates]
    return replace(
        done,
        suggestions=tuple(above),
        candidates=tuple(below),
        queries=(*done.queries, *(level.queries if {level.system, SYSTEM} & set(systems) else ())),
        first=min(done.first, _opening(note, above, visits)),
    )


def _opening(note: Note, above: Sequence[Suggestion], visits: Sequence[Suggestion]) -> float:
    """The start of a note that opens with its visit ("Established patient, ..."), else never."""
    start = note.sentences[0].start if note.sentences else 0
    opens = any(s in above and e.start == start for s in visits for e in s.evidence)
    return float(start) if opens else float("inf")


def _lines(
    note: Note, level: EmLevel, diagnoses: Sequence[Suggestion], systems: Sequence[str]
) -> list[Suggestion]:
    """The code of the visit and its further codes, of the systems that are wanted."""
    modifiers = tuple(Modifier(m.code, m.reason, m.evidence) for m in level.modifiers)
    close = tuple(
        Alternative(c.code, _wording(c.code), c.element, c.requirement) for c in level.would_change
    )[:_SHOWN]
    out = []
    linked = linked_codes(diagnoses)
    if level.system in systems:
        out.append(
            _line(
                level.system,
                level.code,
                level.wording,
                level.evidence,
                level.explanation,
                modifiers,
                1,
                linked,
                close,
            )
        )
    for extra, others in _further(note, level, systems):
        marks = tuple(Modifier(code, extra.reason) for code in extra.modifiers)
        wording = _wording(extra.code) or extra.reason
        why, units = extra.explanation, extra.units
        out.append(
            _line(extra.system, extra.code, wording, extra.evidence, why, marks, units, (), tuple(others))
        )
    return out


def _further(note: Note, level: EmLevel, systems: Sequence[str]) -> list[tuple[AddOn, list[Alternative]]]:
    """The further codes of the systems wanted; of a code and its stand-in for Medicare, the one to bill."""
    instead = {a.instead_of: a for a in level.further if a.instead_of and a.system in systems}
    pays = bool(instead) and names_medicare(note)
    out: list[tuple[AddOn, list[Alternative]]] = []
    for extra in level.further:
        if extra.system not in systems or (extra.instead_of and not pays):
            continue
        other = instead.get(extra.code)
        if other is None:
            out.append((extra, []))
        elif not pays:
            why = f"Medicare takes it instead of {extra.code}"
            out.append((extra, [Alternative(other.code, other.reason, "payer", why)]))
    return out


def _line(
    system: str,
    code: str,
    wording: str,
    evidence: tuple[Evidence, ...],
    explanation: Explanation,
    modifiers: tuple[Modifier, ...],
    units: int,
    diagnoses: tuple[str, ...],
    alternatives: tuple[Alternative, ...],
) -> Suggestion:
    return Suggestion(
        code=code,
        system=system,
        description=wording,
        score=explanation.score,
        rank=0,
        billable=True,
        evidence=evidence,
        explanation=explanation,
        alternatives=alternatives,
        modifiers=modifiers,
        units=units,
        diagnoses=diagnoses,
    )


def _wording(code: str) -> str:
    row = load_procedures().codes.get(code)
    return row.description if row is not None else ""
