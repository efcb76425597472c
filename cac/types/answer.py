"""What comes of it: evidence, explanations, the ledger, queries, candidates and suggestions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from cac.types.reading import Mention
from cac.types.records import fast_init

__all__ = [
    "Alternative",
    "AxisEvidence",
    "Candidate",
    "Contribution",
    "Evidence",
    "Explanation",
    "Finding",
    "Modifier",
    "NotCoded",
    "Query",
    "QueryOption",
    "Suggestion",
]


@fast_init
@dataclass(frozen=True, slots=True)
class Evidence:
    """The exact words that support something: ``note[start:end] == text``, always.

    ``kind`` says what they support ("condition", "side", "cue", "drug" ...); ``section`` where they stand.
    """

    start: int
    end: int
    text: str = field(repr=False)
    kind: str
    section: str


@fast_init
@dataclass(frozen=True, slots=True)
class AxisEvidence:
    """What a code asserts on one axis: by words of the note, by default (``citation``), or undocumented."""

    axis: str
    value: str
    status: Literal["documented", "default", "not documented"]
    evidence: tuple[Evidence, ...] = ()
    citation: str = ""


@fast_init
@dataclass(frozen=True, slots=True)
class Contribution:
    """One additive term of a score, in log-odds, with what it rests on."""

    name: str
    value: float
    evidence: tuple[Evidence, ...] = ()
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a code has its score: ``prior`` plus ``contributions`` re-sum exactly to ``log_odds``."""

    prior: float
    contributions: tuple[Contribution, ...]
    # Asked for at every comparison, so summed once.
    log_odds: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        total = math.fsum([self.prior, *[c.value for c in self.contributions]])
        object.__setattr__(self, "log_odds", total)

    @property
    def score(self) -> float:
        """The same as a probability, 0..1."""
        return 1.0 / (1.0 + math.exp(-self.log_odds))

    def __iter__(self) -> Iterator[Contribution]:
        return iter(self.contributions)


@fast_init
@dataclass(frozen=True, slots=True)
class Alternative:
    """A close code that was not chosen, the axis that decided, and why not."""

    code: str
    description: str
    axis: str
    why_not: str


@fast_init
@dataclass(frozen=True, slots=True)
class Finding:
    """A coding rule that fired: id, kind, what it did, and the guideline section it rests on."""

    rule: str
    kind: str
    message: str
    citation: str
    codes: tuple[str, ...] = ()


@fast_init
@dataclass(frozen=True, slots=True)
class NotCoded:
    """A recognised mention that got no code: a line of the ledger.

    ``reason`` is one of "negated", "uncertain", "historical", "hypothetical", "family",
    "planned", "other_person", "integral_symptom", "superseded", "excludes1", "section",
    "duplicate" ...; ``cue`` the words (or header) that decided, if words did; ``codes`` what the
    mention would have been coded to.
    """

    start: int
    end: int
    text: str = field(repr=False)
    reason: str
    section: str
    codes: tuple[str, ...] = ()
    cue: Evidence | None = None
    citation: str = ""


@fast_init
@dataclass(frozen=True, slots=True)
class QueryOption:
    """One possible answer to a documentation query and the code it would give."""

    answer: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class Query:
    """A documentation query: a missing axis, asked without leading the clinician."""

    axis: str
    question: str = field(repr=False)
    options: tuple[QueryOption, ...]
    code: str
    evidence: tuple[Evidence, ...] = ()


@fast_init
@dataclass(frozen=True, slots=True)
class Candidate:
    """A code on its way through rules and ranking: the mentions behind it and what happened to it."""

    code: str
    mentions: tuple[Mention, ...]
    findings: tuple[Finding, ...] = ()
    system: str = "ICD-10-CM"
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Modifier:
    """A modifier of a procedure code, why it applies, and the words that say so."""

    code: str
    reason: str
    evidence: tuple[Evidence, ...] = ()


@fast_init
@dataclass(frozen=True, slots=True)
class Suggestion:
    """One ranked code with the words that support it and the rules that let it through.

    Of procedures only: ``modifiers``, ``units``, and ``diagnoses``, the ICD-10-CM codes that justify it.
    """

    code: str
    system: str
    description: str
    score: float
    rank: int
    billable: bool
    evidence: tuple[Evidence, ...]
    explanation: Explanation
    alternatives: tuple[Alternative, ...] = ()
    findings: tuple[Finding, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    units: int = 1
    diagnoses: tuple[str, ...] = ()
    axes: tuple[AxisEvidence, ...] = ()
