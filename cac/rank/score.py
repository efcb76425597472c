"""The score: log-odds that add up, every term named, with the words it rests on.

Weights are rows of ``data/rank/weights.csv``, one column a scope. No weight depends on a note or on
a single code.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from cac.errors import TableError
from cac.match.index import TermIndex
from cac.resources import Check, finite, one_of, read_table, required
from cac.rules.prefixes import Prefixes
from cac.rules.tables import citation as guideline_section
from cac.types import Candidate, Contribution, Evidence, Explanation, Mention, Note, Scope

__all__ = [
    "Feature",
    "NoteFacts",
    "Weights",
    "explain",
    "features",
    "load_weights",
    "note_facts",
]

_ASSESSED = frozenset(
    "assessment assessment_plan impression diagnosis discharge_diagnosis postop_diagnosis plan".split()
)
_NARRATIVE = frozenset(
    "unknown hpi subjective interval_history chief_complaint reason_for_visit hospital_course findings "
    "indication problem_list pmh psh imaging pathology admission_diagnosis preop_diagnosis allergies "
    "family_history social_history".split()
)
_FAMILY = frozenset(("Z80", "Z81", "Z82", "Z83", "Z84"))
_REASON = frozenset(("chief_complaint", "reason_for_visit"))
_SCORED = ("combination", "history")
"""Kinds of findings that are features."""

_NEUTRAL_QUALITY = 0.85
# Injuries stand between these; poisonings and adverse effects name their cause themselves (I.C.20.a.4).
_INJURY, _NO_INJURY = "S00", "T36"
_ABUSE = ("T74", "T76")
_HEAD = 200
"""Characters in which a note says that it is of who treats the injury first (I.C.20.b)."""

_EXTERNAL = "VWXY"
_FEW = 8
"""Sentences of a note that is no more than a statement."""
_OTHER, _UNSPECIFIED = 1, 2
_PLAIN_LENGTH = 4
"""Characters of a code that says neither more nor less than most."""

_PLAIN_WORDS = 15
"""Characters of a mention of common length."""


_CIRCUMSTANCES = Prefixes("Z55|Z56.0|Z59|Z62.81|Z63.0|Z65.0|Z65.1|Z91.41")

Weights = dict[str, float]
NO_WEIGHTS: Weights = {}


class Feature(NamedTuple):
    """One named thing about a candidate: ``name`` is a row of the weights file, ``value`` its factor.

    ``label`` is what the explanation calls it where that says more than the name.
    """

    name: str
    value: float = 1.0
    mentions: tuple[Mention, ...] = ()
    citation: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """What the whole note contributes.

    ``assessed``: it has an assessment, plan or diagnosis section. ``statement``: it is a few sentences
    without any section, and so every one of them is the point. ``titled``: the section kinds whose
    problems have title lines. ``injured``: an emergency note whose assessment names an injury or abuse.
    ``reasons``: category → mention in the reason for the visit. ``index`` knows which titles are residual
    ones. ``explained`` keeps the explanation of each code, for the mentions and findings it had: rules ask
    for it before the ranking does.
    """

    assessed: bool
    statement: bool
    titled: frozenset[str]
    injured: bool
    reasons: dict[str, Mention]
    index: TermIndex
    explained: dict[str, tuple[Candidate, Weights, Explanation]] = field(
        default_factory=dict, repr=False, compare=False
    )


@lru_cache(maxsize=2)
def load_weights(scope: Scope) -> Weights:
    """Weight by contribution name for one scope, and the "threshold" from which it suggests a code."""
    checks: dict[str, Check] = {"name": required, "reportable": finite, "documented": finite}
    rows = read_table("rank/weights.csv", ("name", "reportable", "documented", "note"), checks)
    weights = {r["name"]: round(float(r[scope]), 4) for r in rows}
    if not 0 < weights.get("threshold", 0.0) < 1:
        raise TableError('weights.csv: a row "threshold" between 0 and 1 is needed')
    return weights


@lru_cache(maxsize=1)
def _emergency() -> re.Pattern[str]:
    """Words of a note on emergency care: circumstances are reported there (I.C.20.b)."""
    checks: dict[str, Check] = {
        "words": required,
        "case": one_of("exact", "any"),
        "citation": guideline_section,
    }
    rows = read_table("rank/emergency.csv", ("words", "case", "citation", "note"), checks)

    def any_of(case: str) -> str:
        return "|".join(
            sorted(re.escape(w) for r in rows if r["case"] == case for w in r["words"].split("|"))
        )

    return re.compile(rf"\b(?:{any_of('exact')})\b|\b(?i:{any_of('any')})\b")


def note_facts(note: Note, mentions: Iterable[Mention], index: TermIndex) -> NoteFacts:
    """Facts of the note that every candidate's score uses."""
    kinds = {note.sections[s.section].kind for s in note.sentences}
    reasons: dict[str, Mention] = {}
    first_care = _emergency().search(note.text, 0, _HEAD) is not None
    injured = False
    for m in mentions:
        if first_care and not injured and m.section in _ASSESSED and m.assertion.affirmed:
            injured = any(_INJURY <= code < _NO_INJURY or code.startswith(_ABUSE) for code in m.codes)
        if m.section in _REASON and m.assertion.affirmed:
            for code in m.codes:
                reasons.setdefault(code[:3], m)
    titled = frozenset(note.sections[s.section].kind for s in note.sentences if s.heading) & _ASSESSED
    # A list of problems under one header is a statement too.
    statement = len(note.sentences) <= _FEW and len(kinds) <= 1
    return NoteFacts(bool(kinds & _ASSESSED), statement, titled, injured, reasons, index)


def explain(note: Note, candidate: Candidate, facts: NoteFacts, weights: Weights) -> Explanation:
    """The score of one candidate as a prior and contributions: weight times feature, to four places."""
    held = facts.explained.get(candidate.code)
    if held is not None and held[1] is weights and _alike(held[0], candidate):
        return held[2]
    quoted: dict[int, Evidence] = {}
    told = Explanation(
        weights.get("prior", 0.0),
        (
            *_weighed(note, _of_mentions(note, candidate, facts, weights), weights, quoted),
            *_weighed_code(candidate.code, facts.index, weights),
            *_weighed(note, _of_findings(candidate, facts), weights, quoted),
        ),
    )
    facts.explained[candidate.code] = candidate, weights, told
    return told


def _weighed(
    note: Note, found: Iterable[Feature], weights: Weights, quoted: dict[int, Evidence]
) -> list[Contribution]:
    """Features with a weight as contributions; ``quoted`` keeps the words of mentions already quoted."""
    terms = []
    for name, factor, mentions, citation, label in found:
        value = weights.get(name, 0.0)
        if factor != 1.0:
            value = round(value * factor, 4)
        if not value:
            continue
        evidence: tuple[Evidence, ...] = ()
        for m in mentions:
            words = quoted.get(id(m))
            if words is None:
                words = quoted[id(m)] = _quote(note, m)
            evidence += (words,)
        terms.append(Contribution(label or name, value, evidence, citation))
    return terms


def _weighed_code(code: str, index: TermIndex, weights: Weights) -> tuple[Contribution, ...]:
    """What a code says by itself, weighed: the same in every note, and kept with the weights it was for."""
    held = index.weighed.get(code)
    if held is None or held[0] is not weights:
        terms = []
        for f in _of_code(code, index):
            value = weights.get(f.name, 0.0)
            if f.value != 1.0:
                value = round(value * f.value, 4)
            if value:
                terms.append(Contribution(f.label or f.name, value, (), f.citation))
        held = index.weighed[code] = weights, tuple(terms)
    return held[1]


def _alike(one: Candidate, other: Candidate) -> bool:
    """Whether two states of a candidate have the same features."""
    return one is other or (
        one.implied == other.implied
        and one.mentions == other.mentions
        and [f for f in one.findings if f.kind in _SCORED] == [f for f in other.findings if f.kind in _SCORED]
    )


def features(
    note: Note, candidate: Candidate, facts: NoteFacts, weights: Weights = NO_WEIGHTS
) -> tuple[Feature, ...]:
    """What speaks for and against a candidate, before it is weighted.

    Parameters
    ----------
    weights
        Decide one thing only: which of several mentions stands in the best place.
    """
    return (
        *_of_mentions(note, candidate, facts, weights),
        *_of_code(candidate.code, facts.index),
        *_of_findings(candidate, facts),
    )


def _of_findings(candidate: Candidate, facts: NoteFacts) -> list[Feature]:
    """What the note and the rules make of a code."""
    found: list[Feature] = []
    code = candidate.code
    if facts.injured and code[0] in _EXTERNAL:
        found.append(Feature("mechanism", citation="I.C.20.a"))
    if code[0] == "Z" and facts.assessed and code in _CIRCUMSTANCES:
        # Any clinician's word counts for these, wherever it stands.
        found.append(Feature("mechanism", citation="I.B.14", label="circumstance"))
    for f in candidate.findings:
        if f.kind == "combination" and candidate.implied:
            found.append(Feature("combination", citation=f.citation, label=f"combination:{f.rule}"))
        elif f.kind == "history" and code[0] == "Z" and code[:3] not in _FAMILY:
            found.append(Feature("history_code", citation=f.citation))
    return found


def _of_code(code: str, index: TermIndex) -> tuple[Feature, ...]:
    """What a code says by itself: its chapter, block and title (facts of the release, kept)."""
    known = index.features.get(code)
    if known is None:
        known = index.features[code] = (
            *_of_chapter(code),
            *_of_block(code, index),
            *_of_title(code, index),
        )
    return known


def _of_chapter(code: str) -> Iterator[Feature]:
    if code[0] == "R":
        yield Feature("symptom", citation="I.B.4")
    elif code[:3] in _FAMILY:
        yield Feature("family_history_code", citation="I.C.21.c.4")
    elif code[0] == "Z":
        yield Feature("status", citation="I.C.21")
    elif code[0] in _EXTERNAL:
        yield Feature("external_cause", citation="I.C.20")
    elif family := _family(code[:3]):
        yield Feature(f"family:{family}")


def _of_block(code: str, index: TermIndex) -> Iterator[Feature]:
    """The block of the code table ("R50-R69"): what kind of code abstracts list more or less often."""
    table = index.table
    row = table.row_of.get(code, -1)
    while row >= 0 and table.kind(row) != "block":
        row = int(table.parent[row])
    if row >= 0:
        yield Feature(f"block:{table.codes[row]}")


def _of_title(code: str, index: TermIndex) -> Iterator[Feature]:
    """How much the code itself says: residual titles, and characters beyond the fourth (I.B.2)."""
    row = index.table.row_of.get(code)
    flags = index.flags(row) if row is not None else 0
    if flags & _OTHER:
        yield Feature("other_specified", citation="I.A.9.a")
    if flags & _UNSPECIFIED:
        yield Feature("unspecified", citation="I.A.9.b")
    length = len(code) - (len(code) > 3)
    if length != _PLAIN_LENGTH:
        yield Feature("specificity", float(length - _PLAIN_LENGTH), citation="I.B.2")


@lru_cache(maxsize=4096)
def _family(category: str) -> str:
    """The chapter of a disease, by its category; "" for those that are named on their own."""
    return next((name for name, codes in _families() if category in codes), "")


@lru_cache(maxsize=1)
def _families() -> tuple[tuple[str, Prefixes], ...]:
    rows = read_table("rank/families.csv", ("name", "codes", "note"), {"name": required, "codes": required})
    return tuple((r["name"], Prefixes(r["codes"])) for r in sorted(rows, key=lambda r: r["name"]))


def _of_mentions(note: Note, candidate: Candidate, facts: NoteFacts, weights: Weights) -> list[Feature]:
    ms = candidate.mentions
    if not ms:
        return []
    best = top = first = ms[0]
    several = len(ms) > 1
    if several:
        best = max(ms, key=lambda m: (_place_value(note, m, weights), m.quality, -m.start))
        top = max(ms, key=lambda m: (m.quality, -m.start))
        first = min(ms, key=lambda m: m.start)
    here, section = (best,), best.section
    assessed = section in _ASSESSED
    found = [Feature(f"section:{section}", 1.0, here)]
    if not facts.assessed and section in _NARRATIVE:
        found.append(Feature("unassessed"))
    if facts.statement:
        found.append(Feature("statement"))
    if assessed and note.sentences[best.sentence].heading:
        found.append(Feature("problem_title", 1.0, here))
    elif facts.titled and facts.assessed and not _untitled(best, facts):
        found.append(Feature("beside_titles", 1.0, (), "IV.J"))
    found.append(Feature("match", round(top.quality - _NEUTRAL_QUALITY, 4), (top,)))
    if several:
        found.append(Feature("repetition", min(2.0, math.log2(len(ms))), ms))
    reason = facts.reasons.get(candidate.code[:3])
    if reason is not None and (section not in _REASON or not facts.assessed):
        found.append(Feature("visit_reason", 1.0, (reason,), "IV.G"))
    # Said of a code only where every mention of it is so: of the best one first.
    if best.assertion.uncertain and all([m.assertion.uncertain for m in ms]):
        found.append(Feature("uncertain", 1.0, here, "II.H"))
    if best.doubt and all([m.doubt for m in ms]):
        found.append(Feature("doubtful_abbreviation", 1.0, here))
    if best.guessed and all([m.guessed for m in ms]):
        found.append(Feature("guessed", 1.0, here))
    if best.method == "vague" and all([m.method == "vague" for m in ms]):
        found.append(Feature("vague"))
    if best.open_axis and all([m.open_axis for m in ms]):
        found.append(Feature("open_axis"))
    if detailed := tuple([m for m in ms if m.attributes]):
        found.append(Feature("detail", 1.0, detailed, "I.B.2"))
    if best.assertion.historical and all([m.assertion.historical for m in ms]):
        found.append(Feature("past", 1.0, here, "I.C.21.c.4"))
    longest = max([sum([s.end - s.start for s in m.spans]) for m in ms])
    found.append(Feature("length", round(math.log(longest / _PLAIN_WORDS), 4), (top,)))
    found.append(Feature("position", round(first.start / len(note.text), 4), (first,)))
    return found


def _untitled(m: Mention, facts: NoteFacts) -> bool:
    """Whether a mention stands among diagnoses without title lines, whatever the plan does."""
    return m.section in _ASSESSED and m.section != "plan" and m.section not in facts.titled


def _place_value(note: Note, m: Mention, weights: Weights) -> float:
    """How much the place of a mention speaks for it: its section, and whether it is a problem's title."""
    titled = note.sentences[m.sentence].heading and m.section in _ASSESSED
    title = weights.get("problem_title", 0.0) if titled else 0.0
    return weights.get(f"section:{m.section}", 0.0) + title


def _quote(note: Note, m: Mention) -> Evidence:
    start, end = m.spans[0].start, m.spans[-1].end
    return Evidence(start, end, note.text[start:end], "condition", m.section)
