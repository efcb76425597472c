"""The score: log-odds that add up, every term named, with the words it rests on.

Weights are rows of ``data/rank/weights.csv``, one column a scope. No weight depends on a note or on
a single code.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cac.resources import Check, read_table, required
from cac.types import Candidate, Contribution, Evidence, Explanation, Mention, Note, Scope

__all__ = ["NoteFacts", "Weights", "explain", "load_weights", "note_facts"]

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
_NEUTRAL_QUALITY = 0.85

Weights = dict[str, float]


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """What the whole note contributes.

    ``assessed``: it has an assessment, plan or diagnosis section. ``titled``: the section kinds whose
    problems have title lines. ``reasons``: category → mention in the reason for the visit.
    """

    assessed: bool
    titled: frozenset[str]
    reasons: dict[str, Mention]


def _number(cell: str) -> str | None:
    try:
        return None if math.isfinite(float(cell)) else f"is {cell}"
    except ValueError:
        return f"is {cell!r}, not a number"


@lru_cache(maxsize=2)
def load_weights(scope: Scope) -> Weights:
    """Weight by contribution name for one scope."""
    checks: dict[str, Check] = {"name": required, "reportable": _number, "documented": _number}
    rows = read_table("rank/weights.csv", ("name", "reportable", "documented", "note"), checks)
    return {r["name"]: float(r[scope]) for r in rows}


def note_facts(note: Note, mentions: Iterable[Mention]) -> NoteFacts:
    """Facts of the note that every candidate's score uses."""
    kinds = {note.sections[s.section].kind for s in note.sentences}
    reasons: dict[str, Mention] = {}
    for m in mentions:
        if m.section in _REASON and m.assertion.affirmed:
            for code in m.codes:
                reasons.setdefault(code[:3], m)
    titled = frozenset(note.sections[s.section].kind for s in note.sentences if s.heading) & _ASSESSED
    return NoteFacts(bool(kinds & _ASSESSED), titled, reasons)


def explain(note: Note, candidate: Candidate, facts: NoteFacts, weights: Weights) -> Explanation:
    """The score of one candidate as a prior and contributions."""
    terms: list[Contribution] = []

    def add(
        name: str, factor: float = 1.0, mentions: Sequence[Mention] = (), citation: str = "", label: str = ""
    ) -> None:
        value = round(weights.get(name, 0.0) * factor, 4)
        if value:
            terms.append(
                Contribution(label or name, value, tuple(_quote(note, m) for m in mentions), citation)
            )

    ms = candidate.mentions
    best = max(ms, key=lambda m: (_place_value(note, m, weights), m.quality, -m.start), default=None)
    if best is not None:
        add(f"section:{best.section}", 1.0, [best])
        if not facts.assessed and best.section in _NARRATIVE:
            add("unassessed")
        if note.sentences[best.sentence].heading and best.section in _ASSESSED:
            add("problem_title", 1.0, [best])
        elif facts.titled and facts.assessed:
            add("beside_titles", citation="IV.J")
        top = max(ms, key=lambda m: (m.quality, -m.start))
        add("match", round(top.quality - _NEUTRAL_QUALITY, 4), [top])
        if len(ms) > 1:
            add("repetition", min(2.0, math.log2(len(ms))), ms)
        reason = facts.reasons.get(candidate.code[:3])
        if reason is not None and (best.section not in _REASON or not facts.assessed):
            add("visit_reason", 1.0, [reason], "IV.G")
        if all(m.assertion.uncertain for m in ms):
            add("uncertain", 1.0, [best], "II.H")
        if all(m.doubt for m in ms):
            add("doubtful_abbreviation", 1.0, [best])
        if all(m.guessed for m in ms):
            add("guessed", 1.0, [best])
        if all(m.method == "vague" for m in ms):
            add("vague")
        if all(m.open_axis for m in ms):
            add("open_axis")
    code = candidate.code
    if code[0] == "R":
        add("symptom", citation="I.B.4")
    elif code[:3] in _FAMILY:
        add("family_history_code", citation="I.C.21.c.4")
    elif code[0] == "Z":
        add("status", citation="I.C.21")
    elif code[0] in "VWXY":
        add("external_cause", citation="I.C.20")
    relative = code[:3] in _FAMILY
    for f in candidate.findings:
        if f.kind == "combination" and candidate.implied:
            add("combination", citation=f.citation, label=f"combination:{f.rule}")
        elif f.kind == "history" and code[0] == "Z" and not relative:
            add("history_code", citation=f.citation)
    return Explanation(round(weights.get("prior", 0.0), 4), tuple(terms))


def _place_value(note: Note, m: Mention, weights: Weights) -> float:
    """How much the place of a mention speaks for it: its section, and whether it is a problem's title."""
    titled = note.sentences[m.sentence].heading and m.section in _ASSESSED
    title = weights.get("problem_title", 0.0) if titled else 0.0
    return weights.get(f"section:{m.section}", 0.0) + title


def _quote(note: Note, m: Mention) -> Evidence:
    return Evidence(m.start, m.end, note.text[m.start : m.end], "condition", m.section)
