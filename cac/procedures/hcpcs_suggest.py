"""HCPCS suggestions of a note: services with units and scores, a ledger, queries for a missing dose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Final

from cac.codes.userdata import ImportedTable
from cac.procedures.doses import measure_text
from cac.procedures.hcpcs import HcpcsService, evidence_of, find_hcpcs
from cac.procedures.hcpcs_table import load_hcpcs
from cac.procedures.links import linked_places
from cac.resources import finite, read_table, required
from cac.types import (
    Contribution,
    Evidence,
    Explanation,
    Finding,
    Modifier,
    NotCoded,
    Note,
    Query,
    Suggestion,
)

__all__ = ["SYSTEM", "HcpcsCoding", "in_force", "suggest_hcpcs"]

SYSTEM: Final = "HCPCS"
OWN: Final = "own rule"
PERFORMED: Final = "only what was performed is reported"

_NO_SERVICE: Final = frozenset(("home", "section", "not_given", "duplicate"))
"""Reasons of names that tell of no service at all, or of one that is coded: not lines of the ledger."""

_SIDED: Final = frozenset(("orthotic", "prosthetic"))
"""Groups that are fitted to one side, which the claim has to name (RT, LT)."""

_MODIFIERS: Final = {"right": ("RT",), "left": ("LT",), "both": ("RT", "LT")}


@dataclass(frozen=True, slots=True)
class HcpcsCoding:
    """What the note gave: codes at or above the threshold, those below, the ledger, the queries."""

    suggestions: tuple[Suggestion, ...] = ()
    candidates: tuple[Suggestion, ...] = ()
    not_coded: tuple[NotCoded, ...] = ()
    queries: tuple[Query, ...] = ()


def suggest_hcpcs(
    note: Note,
    *,
    threshold: float = 0.5,
    medicare: bool | None = None,
    table: ImportedTable | None = None,
    date_of_service: date | None = None,
    diagnoses: Sequence[Suggestion] = (),
) -> HcpcsCoding:
    """Code the HCPCS Level II services of a note.

    Parameters
    ----------
    note
        A note that has been read.
    threshold
        The score from which a code is suggested, 0..1.
    medicare
        Whether Medicare pays; None looks for the word in the note.
    table
        An imported HCPCS set: codes it does not have, or that were not in force on the day, are left out.
    date_of_service
        The day; without it only codes that have ended by now are left out.
    diagnoses
        The ICD-10-CM suggestions of the same note; a service points to those that stand beside it.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> done = suggest_hcpcs(read("Ketorolac 60 mg IM given today. Declined the flu shot."))
    >>> [(s.code, s.units) for s in done.suggestions], [n.reason for n in done.not_coded]
    ([('J1885', 4)], ['negated'])
    """
    above: list[Suggestion] = []
    below: list[Suggestion] = []
    ledger: list[NotCoded] = []
    queries: list[Query] = []
    for service in find_hcpcs(note, medicare=medicare):
        if service.performed and table is not None and not in_force(table, service.code, date_of_service):
            ledger.append(_line(note, service, "not_in_force"))
        elif service.performed:
            made = _suggestion(note, service, diagnoses)
            (above if made.score >= threshold else below).append(made)
            if service.units is None:
                queries.append(_query(note, service))
        elif service.reason not in _NO_SERVICE:
            ledger.append(_line(note, service, service.reason))
    return HcpcsCoding(_ranked(above, 1), _ranked(below, len(above) + 1), tuple(ledger), tuple(queries))


def in_force(table: ImportedTable, code: str, day: date | None = None) -> bool:
    """Whether an imported set has a code on a day; without a day, whether it has no last day.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cac.codes.imports import import_hcpcs, load_codes
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "h.csv").write_text("Code,Description,Term Dt\\nA9999,A kite,20201231\\n")
    >>> _ = import_hcpcs(folder / "h.csv", data_dir=folder)
    >>> table = load_codes("hcpcs", folder)
    >>> in_force(table, "A9999", date(2020, 6, 1)), in_force(table, "A9999"), in_force(table, "A9998")
    (True, False, False)
    """
    if code not in table or table.get(code, "kind") == "modifier":
        return False
    first, last = table.get(code, "added"), table.get(code, "terminated")
    if day is None:
        return not last
    return (not first or first <= day.isoformat()) and (not last or day.isoformat() <= last)


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    rows = read_table(
        "procedures/hcpcs_weights.csv", ("name", "weight", "note"), {"name": required, "weight": finite}
    )
    return {r["name"]: float(r["weight"]) for r in rows}


def _suggestion(note: Note, service: HcpcsService, diagnoses: Sequence[Suggestion]) -> Suggestion:
    evidence = evidence_of(note, service)
    why = _explain(service, evidence)
    return Suggestion(
        code=service.code,
        system=SYSTEM,
        description=service.description,
        score=why.score,
        rank=0,
        billable=True,
        evidence=evidence,
        explanation=why,
        findings=_findings(service),
        modifiers=_modifiers(service),
        units=service.units or 1,
        diagnoses=linked_places(note, {service.sentence}, (), diagnoses),
    )


def _modifiers(service: HcpcsService) -> tuple[Modifier, ...]:
    if load_hcpcs()[service.code].group not in _SIDED:
        return ()
    return tuple(Modifier(m, f"{service.side} side") for m in _MODIFIERS.get(service.side, ()))


def _explain(service: HcpcsService, evidence: Sequence[Evidence]) -> Explanation:
    weights = _weights()
    cue = service.cue.category if service.cue is not None else "place"
    terms = [Contribution(cue, weights[cue], tuple(e for e in evidence if e.kind == "cue"), OWN)]
    if load_hcpcs()[service.code].unit:
        dose = "dose" if service.units is not None else "no_dose"
        terms.append(Contribution(dose, weights[dose], tuple(e for e in evidence if e.kind == "dose"), OWN))
    return Explanation(weights["prior"], tuple(terms))


def _findings(service: HcpcsService) -> tuple[Finding, ...]:
    code = load_hcpcs()[service.code]
    if not code.unit:
        return ()
    one = f"{code.amount:g} {code.unit}"
    if service.units is None or service.dose is None:
        message = f"the units of {code.code} are not known: the dose is not documented ({one} a unit)"
    else:
        given = measure_text(service.dose)
        message = f"{code.code}: {service.units} units of {one}, from {given} documented"
    return (Finding("hcpcs-units", "units", message, "HCPCS Level II: units of the code", (code.code,)),)


def _query(note: Note, service: HcpcsService) -> Query:
    named = evidence_of(note, service)[:1]
    question = f"Please document how much was given ({service.description.split(', per')[0]})."
    return Query(axis="dose", question=question, options=(), code=service.code, evidence=named)


def _line(note: Note, service: HcpcsService, reason: str) -> NotCoded:
    cue = service.cue
    quoted = None
    if cue is not None and cue.end > cue.start:
        quoted = Evidence(cue.start, cue.end, note.text[cue.start : cue.end], "cue", service.section)
    return NotCoded(
        start=service.start,
        end=service.end,
        text=note.text[service.start : service.end],
        reason=reason,
        section=service.section,
        codes=(service.code,),
        cue=quoted,
        citation=PERFORMED,
    )


def _ranked(made: Sequence[Suggestion], first: int) -> tuple[Suggestion, ...]:
    ordered = sorted(made, key=lambda s: (-s.explanation.log_odds, s.evidence[0].start, s.code))
    return tuple(replace(s, rank=rank) for rank, s in enumerate(ordered, first))
