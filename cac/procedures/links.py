"""Which diagnoses justify a procedure: the words around both, and what the service is usually done for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from cac.procedures.lines import Line
from cac.types import Note, Suggestion

__all__ = ["linked_codes", "linked_diagnoses", "linked_places"]

_SAME_SENTENCE, _SAME_ITEM, _USUAL, _REASON = 3, 2, 2, 1
_ENOUGH = 2
_REASONS = frozenset(
    "postop_diagnosis preop_diagnosis diagnosis indication assessment assessment_plan impression "
    "discharge_diagnosis chief_complaint reason_for_visit".split()
)


def linked_diagnoses(
    note: Note, line: Line, diagnoses: Sequence[Suggestion], limit: int = 4
) -> tuple[str, ...]:
    """ICD-10-CM codes among ``diagnoses`` that support a line, the best first.

    A diagnosis counts when it stands in the sentence or list item of the service, or when the service is
    usually done for it and it is a reason of this encounter.
    """
    usual = tuple(p.upper() for s in line.supports for p in s.mention.service.diagnoses)
    return linked_places(note, {s.mention.sentence for s in line.supports}, usual, diagnoses, limit)


def linked_places(
    note: Note,
    sentences: set[int],
    usual: tuple[str, ...],
    diagnoses: Sequence[Suggestion],
    limit: int = 4,
) -> tuple[str, ...]:
    """The same for a service that stands in some sentences and is done for diagnoses that begin so."""
    starts = [s.start for s in note.sentences]
    items = {(note.sentences[n].section, note.sentences[n].item) for n in sentences}
    ranked: list[tuple[int, int, str]] = []
    certain: set[str] = set()
    for d in diagnoses:
        score = 0
        if usual and d.code.startswith(usual):
            score += _USUAL
        places = {max(0, bisect_right(starts, e.start) - 1) for e in d.evidence} if starts else set()
        if places & sentences:
            score += _SAME_SENTENCE
        elif any((note.sentences[n].section, note.sentences[n].item) in items for n in places):
            score += _SAME_ITEM
        if any(e.section in _REASONS for e in d.evidence):
            score += _REASON
        if score >= _SAME_SENTENCE:
            certain.add(d.code)
        if score >= _ENOUGH:
            ranked.append((-score, d.rank, d.code))
    # Where some diagnosis is the usual reason, another that only stands nearby is none.
    chosen = [code for _, _, code in sorted(ranked) if not certain or code in certain]
    return tuple(chosen[:limit])


def linked_codes(diagnoses: Sequence[Suggestion], limit: int = 4) -> tuple[str, ...]:
    """The diagnoses of a visit: the first of the claim, in their order."""
    return tuple(d.code for d in diagnoses)[:limit]
