"""What a note says: spans, sections, sentences, assertions, mentions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from cac.types.records import fast_init

__all__ = [
    "AFFIRMED",
    "Assertion",
    "Attribute",
    "Cue",
    "Edit",
    "Mention",
    "Note",
    "Scope",
    "Section",
    "Sentence",
    "Setting",
    "Span",
    "Tokens",
]

Setting = Literal["outpatient", "inpatient"]
Scope = Literal["reportable", "documented"]


@fast_init
@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of the note."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@fast_init
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


@fast_init
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


@fast_init
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
    """A note that has been read: text, tokens, sections, sentences.

    ``scopes`` keeps the reach of the assertion cues of each sentence that has been asked about
    (`cac.extract.context`): several stages ask about the same ones.
    """

    text: str = field(repr=False)
    tokens: Tokens = field(repr=False)
    sections: tuple[Section, ...]
    sentences: tuple[Sentence, ...]
    scopes: dict[int, tuple[Any, ...]] = field(default_factory=dict, repr=False, compare=False)


@fast_init
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


@fast_init
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


@fast_init
@dataclass(frozen=True, slots=True)
class Attribute:
    """One documented axis value: ``axis`` (side, acuity, stage, encounter ...), ``value``, words."""

    axis: str
    value: str
    start: int
    end: int


@fast_init
@dataclass(frozen=True, slots=True)
class Edit:
    """A spelling repair: the word at ``start``..``end`` was read as ``read_as``."""

    start: int
    end: int
    read_as: str
    distance: int


@fast_init
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
    parts
        What shorter terms within the words name ("pain" in "abdominal pain"); scope "documented" only.
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
    parts: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        return self.spans[0].start

    @property
    def end(self) -> int:
        return self.spans[-1].end
