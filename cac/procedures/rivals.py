"""Candidates beside a line whose axis nothing decides: the codes the other answers would give."""

from __future__ import annotations

from collections.abc import Sequence

from cac.procedures.lines import Line
from cac.procedures.score import quote_support, rival_term
from cac.types import Explanation, Note, Suggestion

__all__ = ["rival_suggestions"]

_MOST = 4


def rival_suggestions(
    note: Note, scored: Sequence[tuple[Line, Explanation]], known: set[str], system: str
) -> list[Suggestion]:
    """Rivals of undecided lines, best line first; a code that is there already is not repeated."""
    out: list[Suggestion] = []
    seen = set(known)
    for line, why in scored:
        if line.decided:
            continue
        support = line.supports[0]
        for rival in support.choice.rivals[:_MOST]:
            if rival.code in seen:
                continue
            seen.add(rival.code)
            explanation = rival_term(why)
            out.append(
                Suggestion(
                    code=rival.code,
                    system=system,
                    description=rival.description,
                    score=explanation.score,
                    rank=0,
                    billable=True,
                    evidence=quote_support(note, support)[:1],
                    explanation=explanation,
                )
            )
    return out
