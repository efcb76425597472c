"""The sense of a short form: the likeliest by what is usual, by its section and by the words around it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cac.types import Section

__all__ = ["AMBIGUOUS_BELOW", "Sense", "choose"]

_SENSE_SECTION = 1.5
_SENSE_NEAR = 1.6
_SENSE_NOTE = 0.5
AMBIGUOUS_BELOW = 0.6
_UNDECIDED_BELOW = 0.4


@dataclass(frozen=True, slots=True)
class Sense:
    """One reading of a short form, its words canonical."""

    words: tuple[str, ...]
    prior: float
    sections: frozenset[str]
    context: frozenset[str]


def choose(
    senses: Sequence[Sense], section: Section, near: frozenset[str], present: frozenset[str]
) -> tuple[Sense | None, bool]:
    """The likeliest sense by prior, section and neighbours, and whether it is clear enough."""
    scored = []
    for order, sense in enumerate(senses):
        value = math.log(sense.prior)
        if section.kind in sense.sections:
            value += _SENSE_SECTION
        if sense.context:
            value += _SENSE_NEAR * min(2, len(sense.context & near))
            value += _SENSE_NOTE * min(2, len(sense.context & present))
        scored.append((-value, order, sense))
    scored.sort(key=lambda item: item[:2])
    total = sum(math.exp(-v) for v, _, _ in scored) + max(0.0, 1.0 - sum(s.prior for s in senses))
    share = math.exp(-scored[0][0]) / total
    return scored[0][2] if share >= _UNDECIDED_BELOW else None, share >= AMBIGUOUS_BELOW
