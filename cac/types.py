"""The plain data that travels down the straight line of the pipeline.

Everything here is frozen, hashable where it can be, comparable and picklable, so that results
travel between processes and two runs can be compared byte for byte. Offsets are always Python
string offsets into the note as the caller gave it, half-open: ``note[start:end]``.

Fields that hold words of the note are left out of ``repr``: notes are confidential and ``repr``
ends up in logs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "AFFIRMED",
    "Alternative",
    "Assertion",
    "Attribute",
    "AxisEvidence",
    "Candidate",
    "Contribution",
    "Cue",
    "Edit",
    "Evidence",
    "Explanation",
    "Finding",
    "Mention",
    "Modifier",
    "NotCoded",
    "Note",
    "Query",
    "QueryOption",
    "Scope",
    "Section",
    "Sentence",
    "Setting",
    "Span",
    "Suggestion",
    "Tokens",
]

Setting = Literal["outpatient", "inpatient"]
Scope = Literal["reportable", "documented"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of the note."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a note as parallel tuples; white space is not a token.

    Attributes
    ----------
    words, lower
        Surface forms, ``note[starts[i]:ends[i]]``; the same, case-folded for look-up.
    starts, ends
        Offsets into the note.
    """

    words: tuple[str, ...] = field(repr=False)
    lower: tuple[str, ...] = field(repr=False)
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the note under one header.

    ``kind`` is one of ``data/lexicon/section_kinds.csv`` ("unknown" before the first header).
    ``start``..``end`` is the body, ``header_start``..``header_end`` the header (equal without one).
    """

    kind: str
    start: int
    end: int
    header_start: int
    header_end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, bullet, list item or form line: nothing binds across its edges.

    ``section`` indexes ``Note.sections``. ``item`` numbers the list item (numbered problem, bullet with
    its sub-bullets, paragraph); its sentences share it. ``first_token``..``last_token`` is the half-open
    range in ``Note.tokens``. ``heading``: the title line of a problem ("1. Type 2 diabetes.").
    """

    start: int
    end: int
    section: int
    item: int
    first_token: int
    last_token: int
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A note that has been read: text, tokens, sections, sentences."""

    text: str = field(repr=False)
    tokens: Tokens = field(repr=False)
    sections: tuple[Section, ...]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """The words that decided one dimension of an assertion.

    ``category`` is the dimension ("negated", "uncertain", ...), ``start``..``end`` the cue words;
    ``scope_start``..``scope_end`` how far they reach, ``terminator_start``..``terminator_end`` what stopped
    them (empty where nothing did). Section defaults have the section header as their cue.
    """

    category: str
    start: int
    end: int
    scope_start: int
    scope_end: int
    text: str = field(repr=False, default="")
    terminator_start: int = 0
    terminator_end: int = 0


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the note says about a mention (ConText's five dimensions plus two).

    ``negated``: the patient does not have it. ``uncertain``: named as possible. ``historical``:
    over, or known from the past. ``hypothetical``: conditional, future, advice. ``family``: a
    relative has it. ``planned``: a service not (yet) done. ``other_person``: somebody who is
    neither the patient nor family.
    """

    negated: bool = False
    uncertain: bool = False
    historical: bool = False
    hypothetical: bool = False
    family: bool = False
    planned: bool = False
    other_person: bool = False
    cues: tuple[Cue, ...] = ()

    @property
    def affirmed(self) -> bool:
        """True when the patient has it now, for certain."""
        return not (
            self.negated
            or self.uncertain
            or self.historical
            or self.hypothetical
            or self.family
            or self.planned
            or self.other_person
        )

    def cue(self, category: str) -> Cue | None:
        """The first cue of one dimension, or None."""
        return next((c for c in self.cues if c.category == category), None)


AFFIRMED = Assertion()


@dataclass(frozen=True, slots=True)
class Attribute:
    """One documented axis value: ``axis`` (side, acuity, stage, encounter ...), ``value``, words."""

    axis: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Edit:
    """A spelling repair: the word at ``start``..``end`` was read as ``read_as``."""

    start: int
    end: int
    read_as: str
    distance: int


@dataclass(frozen=True, slots=True)
class Mention:
    """Words in the note that name a condition, finding, status or circumstance.

    Attributes
    ----------
    spans
        The words that were matched, in order; several where they are not adjacent.
    codes
        The billable codes they mean: one, or a code for each side.
    method
        The matcher that found them: "exact" (word for word), "bag" (all words in one clause), "aligned"
        (the same, a misspelt word read by the others), "inner" (within a larger mention), "vague" (words such
        as "infection"; in the scope "documented" only) or "entity" (a user's own spaCy pipeline).
    quality
        0..1, how good the match is.
    attributes
        Documented axis values that chose the code (side, encounter, detail), each with its words.
    edits, doubt
        Spelling repairs that were needed; short forms whose sense could not be decided.
    open_axis, options
        The axis nothing decides ("ambiguous: x or y": the words fit both), and the code of each answer.
    guessed
        The code says more than the note, for want of a more general one.
    sentence, section, nodes
        Index of the sentence; kind of the section; what the words name (``codes`` are at or below).
    """

    spans: tuple[Span, ...]
    codes: tuple[str, ...]
    method: str
    quality: float
    attributes: tuple[Attribute, ...] = ()
    edits: tuple[Edit, ...] = field(repr=False, default=())
    doubt: tuple[str, ...] = field(repr=False, default=())
    open_axis: str = ""
    options: tuple[str, ...] = ()
    guessed: bool = False
    sentence: int = 0
    section: str = "unknown"
    assertion: Assertion = AFFIRMED
    nodes: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        return self.spans[0].start

    @property
    def end(self) -> int:
        return self.spans[-1].end


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


@dataclass(frozen=True, slots=True)
class AxisEvidence:
    """What a code asserts on one axis: by words of the note, by default (``citation``), or undocumented."""

    axis: str
    value: str
    status: Literal["documented", "default", "not documented"]
    evidence: tuple[Evidence, ...] = ()
    citation: str = ""


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


@dataclass(frozen=True, slots=True)
class Alternative:
    """A close code that was not chosen, the axis that decided, and why not."""

    code: str
    description: str
    axis: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A coding rule that fired: id, kind, what it did, and the guideline section it rests on."""

    rule: str
    kind: str
    message: str
    citation: str
    codes: tuple[str, ...] = ()


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
