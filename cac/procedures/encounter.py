"""Everything that was done at an encounter, of the code systems wanted, as one coding.

The packaged samples come first. Where the user has imported code sets, their texts describe the codes, codes
they do not have are not suggested, their descriptors are asked about what no word of the samples names, and
the edits of CMS are applied to the lines that stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from cac.procedures.hcpcs_suggest import SYSTEM as HCPCS
from cac.procedures.hcpcs_suggest import suggest_hcpcs
from cac.procedures.suggest import SYSTEM as CPT
from cac.procedures.suggest import ProcedureCoding
from cac.procedures.visits import suggest_services
from cac.types import Candidate, Note, Setting, Suggestion

__all__ = ["SERVICES", "suggest_encounter"]

SERVICES: Final = (CPT, HCPCS)
"""The code systems of services."""


def suggest_encounter(
    note: Note,
    diagnoses: Sequence[Suggestion] = (),
    problems: Sequence[Candidate] = (),
    *,
    systems: Iterable[str] = (CPT,),
    setting: Setting = "outpatient",
    threshold: float = 0.5,
    age: float | None = None,
    disabled: frozenset[str] = frozenset(),
) -> ProcedureCoding:
    """Code what was done at an encounter.

    Parameters
    ----------
    note
        A note that has been read.
    diagnoses
        The ICD-10-CM suggestions; services point to those that justify them.
    problems
        The diagnosis candidates that stand, with their mentions: the problems addressed.
    systems
        Those wanted; other than "CPT" and "HCPCS" give nothing.
    setting, threshold, age, disabled
        As for the whole note.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("Ketorolac 60 mg IM given. Laparoscopic appendectomy performed today.")
    >>> [s.code for s in suggest_encounter(note, systems=("CPT", "HCPCS")).suggestions]
    ['J1885', '44970', '96372']
    """
    wanted = tuple(s for s in SERVICES if s in systems)
    if not wanted:
        return ProcedureCoding()
    done = suggest_services(
        note,
        diagnoses,
        problems,
        setting=setting,
        threshold=threshold,
        age=age,
        disabled=disabled,
        systems=wanted,
    )
    if HCPCS in wanted:
        done = _with_hcpcs(done, note, diagnoses, threshold)
    return done


def _with_hcpcs(
    done: ProcedureCoding, note: Note, diagnoses: Sequence[Suggestion], threshold: float
) -> ProcedureCoding:
    """The HCPCS services too; a visit that both name stands once, with its level."""
    more = suggest_hcpcs(note, threshold=threshold, diagnoses=diagnoses)
    known = {s.code for s in (*done.suggestions, *done.candidates)}
    return replace(
        done,
        suggestions=_sorted((*done.suggestions, *(s for s in more.suggestions if s.code not in known))),
        candidates=(*done.candidates, *(s for s in more.candidates if s.code not in known)),
        not_coded=(*done.not_coded, *more.not_coded),
        queries=(*done.queries, *more.queries),
    )


def _sorted(suggestions: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    return tuple(sorted(suggestions, key=lambda s: -s.explanation.log_odds))
