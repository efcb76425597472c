"""Excludes1: codes that the tabular list says are never coded together (I.A.12.a).

One of them stays: a diagnosis before a symptom or a circumstance, the code that the note names before the
code that bears the note, the more specific before the residual, then the better documented.
"""

from __future__ import annotations

from collections.abc import Sequence

from cac.rules.state import State, Strength
from cac.types import Candidate, Finding

__all__ = ["drop_excluded"]

_COMBINED = 4
_ABOUT = 0.5


def drop_excluded(state: State, strength: Strength) -> None:
    """Of codes that the tabular list says are never coded together, the better documented stays.

    Best first, each code that excludes none of those already kept: which pair is looked at first
    does not matter.
    """
    if "excludes1" in state.disabled or state.unchanged("excludes1"):
        return
    conflicts = state.tabular.conflicts(sorted(state.live))
    if not conflicts:
        return
    live = state.live
    bearers = {a for a, others in conflicts.items() if _gives_way(state, a, others, strength)}
    best = sorted(
        conflicts,
        key=lambda c: (
            -min(_standing(live[c], state), 2),
            c in bearers,
            -_standing(live[c], state),
            -strength(live[c]),
            c,
        ),
    )
    kept: list[str] = []
    for code in best:
        winner = next((k for k in kept if k in conflicts[code]), None)
        if winner is None:
            kept.append(code)
            continue
        message = f"not coded together with {code}"
        state.find(winner, Finding("excludes1", "excludes1", message, "I.A.12.a", (winner, code)))
        state.drop(code, "excludes1", "I.A.12.a")


def _gives_way(state: State, code: str, others: Sequence[str], strength: Strength) -> bool:
    """Whether a note at the code alone names one of the others: that one is coded instead (I.A.12.a).

    The other one has to be of the same chapter, and about as well documented.
    """
    if _standing(state.live[code], state) > _COMBINED - 1:
        return False
    needed = strength(state.live[code]) - _ABOUT
    return any(
        o[0] == code[0]
        and state.tabular.excludes(code, o)
        and not state.tabular.excludes(o, code)
        and strength(state.live[o]) >= needed
        for o in others
    )


def _standing(candidate: Candidate, state: State) -> int:
    """The order in which excluding codes give way: symptoms, circumstances, residuals, the rest."""
    code = candidate.code
    if code[0] == "R" and not code.startswith("R65"):
        return 0
    if code[0] == "Z":
        return 1
    if "unspecified" in state.tabular.title(code).lower():
        return 2
    found = (*candidate.findings, *state.found.get(code, ()))
    return _COMBINED if any(f.kind == "combination" for f in found) else 3
