"""Documentation queries: what the note leaves open, asked without leading the clinician.

A query names the words of the note and the missing axis, and lists every answer with its code; it
never suggests one (ACDIS/AHIMA compliant query practice).
"""

from __future__ import annotations

from collections.abc import Iterable

from cac.codes.table import CodeTable
from cac.rules.gate import quote
from cac.types import Candidate, Note, Query, QueryOption, Suggestion

__all__ = ["documentation_queries"]

_ASK = {
    "side": "Please document which side is affected by",
    "detail": "Please document the type, stage or other detail, if known, of",
}
_CLARIFY = "Please clarify which condition or circumstance is meant by"
_SIDES = ("right", "left", "bilateral")
_MOST = 8


def documentation_queries(
    note: Note, candidates: Iterable[Candidate], suggested: Iterable[Suggestion], table: CodeTable
) -> tuple[Query, ...]:
    """One query for each suggested code that an undocumented axis keeps unspecific, in rank order."""
    by_code = {c.code: c for c in candidates}
    out: list[Query] = []
    for s in suggested:
        c = by_code[s.code]
        if not c.mentions or not all(m.open_axis for m in c.mentions):
            continue
        m = c.mentions[0]
        options = tuple(
            QueryOption(_answer(m.open_axis, table.title(table.row_of[o])), o, table.title(table.row_of[o]))
            for o in m.options[:_MOST]
        )
        if options:
            words = note.text[m.start : m.end]
            out.append(
                Query(
                    axis=m.open_axis,
                    question=f'{_ASK.get(m.open_axis, _CLARIFY)} "{words}".',
                    options=options,
                    code=s.code,
                    evidence=(quote(note, m.start, m.end, "condition", m.section),),
                )
            )
    return tuple(out)


def _answer(axis: str, title: str) -> str:
    if axis == "side":
        return next((side for side in _SIDES if side in title.lower()), title)
    return title
