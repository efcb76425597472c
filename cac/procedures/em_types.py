"""What is known about a visit: its code, the level, and the words behind each part of it.

Levels are 0 to 4 on one scale: nothing documented, straightforward (minimal), low, moderate, high.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cac.types import Evidence, Explanation, Query

__all__ = [
    "LEVELS",
    "AddOn",
    "Basis",
    "EmElement",
    "EmLevel",
    "EmProblem",
    "LevelChange",
    "Modifier",
    "PatientStatus",
    "StatusValue",
    "VisitTime",
]

LEVELS = ("none", "straightforward", "low", "moderate", "high")
"""Names of the levels of medical decision making, by their number."""

Basis = Literal["mdm", "time", "age", "statement"]
StatusValue = Literal["new", "established", "not documented", "not needed"]


@dataclass(frozen=True, slots=True)
class EmProblem:
    """One problem addressed at the visit: its grade, the codes of its mentions, the words."""

    grade: str
    level: int
    codes: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class EmElement:
    """One of the three elements of medical decision making.

    Attributes
    ----------
    name
        "problems", "data" or "risk".
    level
        0..4, see ``LEVELS``.
    summary
        What it rests on, in own words; no words of the note.
    evidence
        The words that count.
    rule, citation
        What the level asks for, and where the rule is found.
    """

    name: str
    level: int
    summary: str
    evidence: tuple[Evidence, ...]
    rule: str
    citation: str

    @property
    def level_name(self) -> str:
        return LEVELS[self.level]


@dataclass(frozen=True, slots=True)
class PatientStatus:
    """New or established, and how that is known: "argument", "stated", "inferred" or ""."""

    value: StatusValue
    how: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitTime:
    """One documented stretch of time.

    ``minutes`` are the whole minutes it proves: "more than 30 minutes" is 31, "less than 30" is 29.
    ``service`` is what the time was for: "visit", "critical_care", "discharge", ...
    """

    minutes: int
    service: str
    total: bool
    sentence: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class LevelChange:
    """What would raise or lower the level, and the code it would come to."""

    direction: Literal["raise", "lower"]
    code: str
    element: str
    requirement: str
    citation: str


@dataclass(frozen=True, slots=True)
class Modifier:
    """A modifier of the visit code and why."""

    code: str
    reason: str
    evidence: tuple[Evidence, ...] = ()
    citation: str = ""


@dataclass(frozen=True, slots=True)
class AddOn:
    """A further code of the same visit: more time, or a separate service by time.

    ``instead_of`` names the code it replaces for payers that want it so; such a code is never billed
    beside the other.
    """

    code: str
    system: str
    units: int
    reason: str
    evidence: tuple[Evidence, ...]
    instead_of: str = ""
    modifiers: tuple[str, ...] = ()
    explanation: Explanation = field(default_factory=lambda: Explanation(0.0, ()))


@dataclass(frozen=True, slots=True)
class EmLevel:
    """The evaluation-and-management code of a visit and everything it rests on.

    Attributes
    ----------
    code, system
        "CPT", or "HCPCS" for Medicare's wellness visits.
    category
        Kind of visit, a row of ``em_categories.csv``; or the service by time that stands alone.
    level
        0..4, see ``LEVELS``; 0 where the kind of visit has no levels.
    basis
        What decided: "mdm", "time", "age" (preventive) or "statement" (one code for the kind).
    elements
        Problems, data and risk; empty where the kind of visit has no levels.
    minutes
        The time that counts, or None.
    time_evidence, visit_evidence
        The words of the time and the words that show a visit.
    would_change
        What would raise or lower the level, and to which code.
    further
        Add-on codes and separate services by time.
    explanation
        Log-odds that the code can be billed from this note, term by term.
    queries
        What the note leaves open, asked without leading.
    """

    code: str
    system: str
    category: str
    wording: str
    level: int
    basis: Basis
    status: PatientStatus
    elements: tuple[EmElement, ...] = ()
    problems: tuple[EmProblem, ...] = ()
    minutes: int | None = None
    time_evidence: tuple[Evidence, ...] = ()
    visit_evidence: tuple[Evidence, ...] = ()
    would_change: tuple[LevelChange, ...] = ()
    further: tuple[AddOn, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    explanation: Explanation = field(default_factory=lambda: Explanation(0.0, ()))
    queries: tuple[Query, ...] = ()

    @property
    def log_odds(self) -> float:
        return self.explanation.log_odds

    @property
    def level_name(self) -> str:
        return LEVELS[self.level]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Every quote once, in the order: visit, status, time, problems, data, risk."""
        found: dict[tuple[int, int, str], Evidence] = {}
        parts = (self.visit_evidence, self.status.evidence, self.time_evidence)
        for e in (e for part in (*parts, *(x.evidence for x in self.elements)) for e in part):
            found.setdefault((e.start, e.end, e.kind), e)
        return tuple(found.values())
