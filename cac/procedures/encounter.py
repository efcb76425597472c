"""Everything that was done at an encounter, of the code systems wanted, as one coding.

The packaged samples come first. Where the user has imported code sets, their texts describe the codes, codes
they do not have are not suggested, their descriptors are asked about what no word of the samples names, and
the edits of CMS are applied to the lines that stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from cac.extract.drugs import DrugMention
from cac.procedures.descriptors import imported_index
from cac.procedures.edits import Line, edit_findings
from cac.procedures.hcpcs import find_hcpcs
from cac.procedures.hcpcs_suggest import SYSTEM as HCPCS
from cac.procedures.hcpcs_suggest import suggest_hcpcs
from cac.procedures.imported import Imports, open_imports
from cac.procedures.instead import stand_ins
from cac.procedures.proposals import propose_services
from cac.procedures.services import find_services
from cac.procedures.suggest import SYSTEM as CPT
from cac.procedures.suggest import ProcedureCoding
from cac.procedures.visits import suggest_services
from cac.procedures.wording import Canonical, plain_words
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
    data_dir: str | Path | None = None,
    canonical: Canonical = plain_words,
    date_of_service: date | None = None,
    drugs: Sequence[DrugMention] | None = None,
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
    data_dir
        The folder of imported sets; see ``Config.data_dir``. Without imports nothing changes.
    canonical
        Makes canonical words of descriptors and notes: ``TermIndex.canon.text``.
    date_of_service
        The day on which imported codes and edits have to be in force.
    drugs
        The drugs of the note, where they have been found already.

    Raises
    ------
    TableError
        When an imported set is damaged.

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
        drugs=drugs,
    )
    if HCPCS in wanted:
        done = _with_hcpcs(done, note, diagnoses, threshold)
    imports = open_imports(data_dir)
    if imports is None:
        return done
    done = _in_their_words(done, imports, date_of_service)
    for system, name in ((CPT, "cpt"), (HCPCS, "hcpcs")):
        if system in wanted and imports.table(system) is not None:
            done = _proposed(
                done, note, system, name, imports, diagnoses, threshold, canonical, date_of_service
            )
    return _edited(done, imports, date_of_service, disabled)


def _with_hcpcs(
    done: ProcedureCoding, note: Note, diagnoses: Sequence[Suggestion], threshold: float
) -> ProcedureCoding:
    """The HCPCS services too; a visit that both name stands once, with its level."""
    more = suggest_hcpcs(note, threshold=threshold, diagnoses=diagnoses)
    known = {s.code for s in (*done.suggestions, *done.candidates)}
    both = _sorted((*done.suggestions, *(s for s in more.suggestions if s.code not in known)))
    stay, gone = stand_ins(both)
    return replace(
        done,
        suggestions=tuple(stay),
        candidates=(*gone, *done.candidates, *(s for s in more.candidates if s.code not in known)),
        not_coded=(*done.not_coded, *more.not_coded),
        queries=(*done.queries, *more.queries),
    )


def _in_their_words(done: ProcedureCoding, imports: Imports, day: date | None) -> ProcedureCoding:
    """Descriptions of the imported sets; what they do not have is ranked on and not suggested."""
    above = [imports.suggestion(s, day) for s in done.suggestions]
    below = [imports.suggestion(s, day) for s in done.candidates]
    return replace(
        done,
        suggestions=tuple(s for s in above if s.billable),
        candidates=(*(s for s in above if not s.billable), *below),
        queries=tuple(imports.query(q) for q in done.queries),
    )


def _proposed(
    done: ProcedureCoding,
    note: Note,
    system: str,
    name: str,
    imports: Imports,
    diagnoses: Sequence[Suggestion],
    threshold: float,
    canonical: Canonical,
    day: date | None,
) -> ProcedureCoding:
    """Codes of the imported set for performed services that the samples have no word for."""
    index = imported_index(imports.folder, canonical, name=name)
    if index is None:
        return done
    covered = {m.sentence for m in find_services(note)} | {m.sentence for m in find_hcpcs(note)}
    known = {s.code for s in (*done.suggestions, *done.candidates)}
    found = propose_services(note, index, system, covered=covered, known=known, diagnoses=diagnoses)
    made = [imports.suggestion(s, day) for s in found.suggestions if imports.has(system, s.code, day)]
    return replace(
        done,
        suggestions=_sorted((*done.suggestions, *(s for s in made if s.score >= threshold))),
        candidates=(*done.candidates, *_sorted(s for s in made if s.score < threshold)),
        not_coded=(*done.not_coded, *found.not_coded),
    )


def _edited(
    done: ProcedureCoding, imports: Imports, day: date | None, disabled: frozenset[str]
) -> ProcedureCoding:
    """The edits of CMS as findings on every line they are about."""
    if imports.ncci is None and imports.mue is None:
        return done
    lines = [Line(s.code, s.units, tuple(m.code for m in s.modifiers)) for s in done.suggestions]
    found = [f for f in edit_findings(lines, imports.ncci, imports.mue, day) if f.rule not in disabled]
    return replace(
        done,
        suggestions=tuple(
            replace(s, findings=(*s.findings, *(f for f in found if s.code in f.codes)))
            for s in done.suggestions
        ),
    )


def _sorted(suggestions: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    return tuple(sorted(suggestions, key=lambda s: -s.explanation.log_odds))
