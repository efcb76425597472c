"""Excludes1: codes that the tabular list says are never coded together (I.A.12.a).

One of them stays: a diagnosis before a symptom or a circumstance, the code that the note names before the
code that bears the note, the more specific before the residual, then the better documented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    standing = {c: _standing(live[c], state) for c in conflicts}
    bearers = {a for a, others in conflicts.items() if _gives_way(state, a, others, standing, strength)}

    ranks = {c: (-min(standing[c], 2), c in bearers, -standing[c]) for c in conflicts}
    # How well codes are documented matters, and is asked, only where nothing else decides.
    tied = len(set(ranks.values())) < len(ranks)
    best = sorted(conflicts, key=lambda c: (ranks[c], -strength(live[c]) if tied else 0.0, c))
    kept: list[str] = []
    for code in best:
        winner = next((k for k in kept if k in conflicts[code]), None)
        if winner is None:
            kept.append(code)
            continue
        message = f"not coded together with {code}"
        state.find(winner, Finding("excludes1", "excludes1", message, "I.A.12.a", (winner, code)))
        state.drop(code, "excludes1", "I.A.12.a")


def _gives_way(
    state: State, code: str, others: Sequence[str], standing: Mapping[str, int], strength: Strength
) -> bool:
    """Whether a note at the code alone names one of the others: that one is coded instead (I.A.12.a).

    The other one has to be of the same chapter, and about as well documented.
    """
    if standing[code] > _COMBINED - 1:
        return False
    excludes = state.tabular.excludes
    named = [o for o in others if o[0] == code[0] and excludes(code, o) and not excludes(o, code)]
    if not named:
        return False
    needed = strength(state.live[code]) - _ABOUT
    return any(strength(state.live[o]) >= needed for o in named)


def _standing(candidate: Candidate, state: State) -> int:
    """The order in which excluding codes give way: symptoms, circumstances, residuals, the rest."""
    code = candidate.code
    if code[0] == "R" and not code.startswith("R65"):
        return 0
    if code[0] == "Z":
        return 1
    if state.tabular.unspecified(code):
        return 2
    found = (*candidate.findings, *state.found.get(code, ()))
    return _COMBINED if any(f.kind == "combination" for f in found) else 3
