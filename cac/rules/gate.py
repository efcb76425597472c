"""The first pass: which mentions may be coded at all, and as what (I.A.19, II.H, IV.H, I.C.21.c.4).

A mention that is denied, conditional, somebody else's, or stands where diagnoses are not made goes to
the ledger with the words that decided. One that is over becomes a personal-history code, a relative's
a family-history code; in the outpatient setting an uncertain one is not coded (IV.H), at inpatient
discharge it is coded as if established (II.H), but for the exceptions the guidelines name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cac.codes.table import CodeTable
from cac.rules.gone import is_gone, is_reason
from cac.rules.kinds import PastRule, PrefixRule, RuleTables, SectionRule
from cac.rules.prefixes import Prefixes
from cac.types import AFFIRMED, Candidate, Cue, Evidence, Finding, Mention, NotCoded, Note, Scope, Setting

__all__ = ["Gated", "gate", "quote"]

_FAMILY_CODES = Prefixes("Z80|Z81|Z82|Z83|Z84")
_STATUS_SECTIONS = frozenset(
    "pmh psh problem_list assessment assessment_plan impression diagnosis discharge_diagnosis".split()
)
"""Where a procedure that is named is one that is over."""

_STATUS = Prefixes("Z")
_SUSPECTED = Prefixes("T76")
"""What is suspected and has codes of its own, in either setting (I.C.19.f)."""
_RULED_OUT = re.compile(r"ruled\s+out|unfounded|substantiated", re.IGNORECASE)
_EXTERNAL = frozenset("VWXY")
_CITATIONS = {
    "negated": "I.A.19",
    "uncertain": "IV.H",
    "historical": "I.C.21.c.4",
    "hypothetical": "I.A.19",
    "planned": "I.A.19",
    "family": "I.C.21.c.4",
    "other_person": "I.A.19",
    "external_cause": "I.C.20",
}


@dataclass(frozen=True, slots=True)
class Gated:
    """What passed, and the ledger of what did not."""

    candidates: tuple[Candidate, ...]
    not_coded: tuple[NotCoded, ...]


def gate(
    note: Note,
    mentions: Iterable[Mention],
    *,
    setting: Setting,
    scope: Scope,
    table: CodeTable,
    rules: RuleTables,
    disabled: frozenset[str] = frozenset(),
    external_causes: bool = True,
) -> Gated:
    """Turn asserted mentions into candidates, one per code, and a ledger.

    The order of the mentions does not matter.
    """
    passed: dict[str, list[Mention]] = {}
    findings: dict[str, list[Finding]] = {}
    ledger: list[NotCoded] = []
    reportable = scope == "reportable"
    for m in _in_order(mentions):
        affirmed, vague = m.assertion is AFFIRMED, m.method == "vague"
        for code in m.codes:
            finding: Finding | None = None
            if vague and reportable:
                # "Infection" alone is no diagnosis anybody bills; an abstract may list it.
                outcome = "vague"
            elif affirmed and not vague and rules.passes(code, m.section, disabled):
                # Nearly all: stated of the patient, where diagnoses are made, as what it is.
                outcome = code
            else:
                outcome, finding = _outcome(note, m, code, setting, scope, rules, disabled)
            if outcome[0] in _EXTERNAL and not external_causes:
                outcome, finding = "external_cause", None
            if outcome in table.row_of:
                held = passed.get(outcome)
                if held is None:
                    passed[outcome] = [m]
                else:
                    held.append(m)
                if finding is None:
                    continue
                also = rules.also.get(finding.rule)
                if also in table.row_of and is_reason(note, m):
                    passed.setdefault(also, []).append(m)
                    findings.setdefault(also, []).append(finding)
                if finding not in findings.setdefault(outcome, []):
                    findings[outcome].append(finding)
            else:
                if finding is not None and finding.kind == "history":
                    # The release in force has no such history code yet.
                    outcome = "family" if m.assertion.family else "historical"
                ledger.append(_line(note, m, code, outcome, finding))
    candidates = tuple(
        [Candidate(code, tuple(ms), tuple(findings.get(code, ()))) for code, ms in sorted(passed.items())]
    )
    return Gated(candidates, tuple(ledger))


def _in_order(mentions: Iterable[Mention]) -> list[Mention]:
    """Mentions in the order of the text; all that they say is compared only where places are the same."""
    found = list(mentions)
    places = {(m.spans[0].start, m.spans[-1].end) for m in found}
    if len(places) < len(found):
        return sorted(found, key=_place)
    return sorted(found, key=_start_and_end)


def _start_and_end(m: Mention) -> tuple[int, int]:
    spans = m.spans
    return spans[0].start, spans[-1].end


def _place(m: Mention) -> tuple[object, ...]:
    return *_start_and_end(m), m.codes, m.method, m.quality


def _outcome(
    note: Note,
    m: Mention,
    code: str,
    setting: Setting,
    scope: Scope,
    rules: RuleTables,
    disabled: frozenset[str],
) -> tuple[str, Finding | None]:
    """The code a mention may carry, or the reason why it carries none, and the rule behind it."""
    a = m.assertion
    if a is not AFFIRMED:
        examined = rules.best("ruled_out", code, disabled) if a.negated else None
        if examined is not None and all(_RULED_OUT.search(c.text) for c in a.cues if c.category == "negated"):
            message = f"{code} was ruled out: examination after an allegation"
            return examined.becomes, Finding(
                examined.id, "uncertainty", message, examined.citation, (code, examined.becomes)
            )
        for reason in ("other_person", "negated", "hypothetical", "planned"):
            if getattr(a, reason) and not _was_done(m, code, reason, rules, disabled):
                return reason, None
    if a.family and not _was_done(m, code, "family", rules, disabled):
        if code in _FAMILY_CODES:
            return code, None
        rule = rules.best("family", code, disabled)
        if rule is None:
            return "family", None
        return rule.becomes, Finding(
            rule.id, "history", f"a relative's {code} is family history", rule.citation, (code, rule.becomes)
        )
    allowed = rules.sections.get(m.section)
    if allowed is not None and allowed.id not in disabled and code not in allowed.codes:
        left = _left_behind(code, allowed, rules, disabled)
        if left is not None:
            return left
        if allowed.always or scope == "reportable":
            message = "diagnoses are not made in this section"
            return "section", Finding(allowed.id, "assertion_gate", message, allowed.citation, (code,))
    if code[0] == "C" and scope == "reportable":
        over = rules.best("history", code, disabled)
        gone = next(
            (g for g in rules.gone if code in g.codes and g.id not in disabled and is_gone(note, m, g)), None
        )
        if gone is not None and over is not None and over.becomes:
            message = f"{code} is over and no longer treated: personal history"
            return over.becomes, Finding(gone.id, "history", message, gone.citation, (code, over.becomes))
    if a.historical and not (setting == "inpatient" and _resolved_here(m)):
        return _historical(note, m, code, scope, rules, disabled)
    past = rules.best("past_only", code, disabled)
    if past is not None and m.section not in _STATUS_SECTIONS and not _is_over(note, m, past):
        message = "the words name a procedure, not yet the state after it"
        return "procedure", Finding(past.id, "assertion_gate", message, past.citation, (code,))
    if a.uncertain:
        confirmed = rules.best("unconfirmed", code, disabled)
        if setting == "outpatient" and (confirmed is None or confirmed.becomes not in _SUSPECTED):
            return "uncertain", None
        if confirmed is not None:
            codes = (code, confirmed.becomes) if confirmed.becomes else (code,)
            finding = Finding(
                confirmed.id, "uncertainty", "coded only when confirmed", confirmed.citation, codes
            )
            return confirmed.becomes or "uncertain", finding
        return code, Finding(
            "uncertain-inpatient",
            "uncertainty",
            "uncertain at discharge is coded as established",
            "II.H",
            (code,),
        )
    return code, None


def _was_done(m: Mention, code: str, reason: str, rules: RuleTables, disabled: frozenset[str]) -> bool:
    """Whether the cue speaks of a test, not of what the mention names: "screening negative"."""
    if code[0] != "Z":
        return False
    cues = [c for c in m.assertion.cues if c.category == reason]
    return bool(cues) and all(rules.done(code, c.text, disabled) is not None for c in cues)


def _is_over(note: Note, m: Mention, rule: PrefixRule) -> bool:
    """Whether the sentence says that a procedure it names is over: "colostomy in place"."""
    sentence = note.sentences[m.sentence]
    return (
        isinstance(rule, PastRule)
        and rule.over is not None
        and rule.over.search(note.text, sentence.start, sentence.end) is not None
    )


def _left_behind(
    code: str, section: SectionRule, rules: RuleTables, disabled: frozenset[str]
) -> tuple[str, Finding] | None:
    """What a condition named in a section for status left behind: a reaction in the allergy list."""
    if code not in section.history:
        return None
    rule = rules.best("history", code, disabled)
    if rule is None or not rule.becomes or rule.becomes not in section.codes:
        return None
    message = f"{code} in this section is personal history"
    return rule.becomes, Finding(rule.id, "history", message, rule.citation, (code, rule.becomes))


def _historical(
    note: Note, m: Mention, code: str, scope: Scope, rules: RuleTables, disabled: frozenset[str]
) -> tuple[str, Finding | None]:
    if scope == "documented":
        return code, None
    if code[0] in "ST" and code[7:] == "S" and _has_left(note, m):
        return code, None
    cues = [c for c in m.assertion.cues if c.category == "historical"]
    if code[7:] in _CARED_FOR and code[0] in "SM" and _is_aftercare(note, m, cues):
        return code, None
    listed = all(_is_header(note, m, c) for c in cues)
    lifelong = rules.best("lifelong", code, disabled, listed=listed)
    resolved = any("resolv" in c.text.lower() for c in cues)
    if lifelong is not None and not resolved:
        return code, Finding(
            lifelong.id,
            "history",
            "a chronic condition named in the history is current",
            lifelong.citation,
            (code,),
        )
    rule = rules.best("history", code, disabled)
    if rule is None:
        # A status is what the past left: "history of a pacemaker" is the pacemaker.
        return (code if code in _STATUS else "historical"), None
    if not rule.becomes:
        return "historical", Finding(rule.id, "history", f"{code} is over", rule.citation, (code,))
    return rule.becomes, Finding(
        rule.id, "history", f"{code} is over: personal history", rule.citation, (code, rule.becomes)
    )


def _resolved_here(m: Mention) -> bool:
    """Whether nothing but "resolved" says that it is over, where the stay itself is told (III)."""
    cues = [c for c in m.assertion.cues if c.category == "historical"]
    return m.section in _OF_THE_STAY and bool(cues) and all("resolv" in c.text.lower() for c in cues)


_OF_THE_STAY = frozenset(
    "hospital_course discharge_diagnosis diagnosis assessment assessment_plan impression".split()
)


def _is_aftercare(note: Note, m: Mention, cues: Sequence[Cue]) -> bool:
    """Whether the operation is over and the fracture is not: "s/p ORIF of the radius fracture" (I.C.19.c)."""
    s = note.sentences[m.sentence]
    return (
        m.section not in _LISTED
        and bool(cues)
        and all(_OPERATED.match(note.text, c.start, m.start) is not None for c in cues)
        and _LONG_AGO.search(note.text, s.start, s.end) is None
    )


_CARED_FOR = frozenset("DEFGHJKMNPQR")
_LISTED = frozenset(("pmh", "psh", "social_history", "problem_list", "obstetric_history"))
_OPERATED = re.compile(
    r"(?:s/p|status[ -]post)\s+(?:[\w-]+\s+){0,3}?(?:orif|crif|crpp|open\s+reduction|closed\s+reduction|"
    r"internal\s+fixation|external\s+fixation|fixation|pinning|nailing|im\s*n(?:ail)?|plating|casting|splinting)\b",
    re.IGNORECASE,
)
_LONG_AGO = re.compile(r"\b(?:19|20)\d\d\b|\byears?\s+ago\b|\bchildhood\b|\bremote\b|\bold\b", re.IGNORECASE)


def _has_left(note: Note, m: Mention) -> bool:
    """Whether something is due to the old injury: its sequela is there now (I.B.10)."""
    start = note.sentences[m.sentence].start
    return _LEFT_BY.search(note.text[max(start, m.start - 70) : m.start]) is not None


_LEFT_BY = re.compile(
    r"\b(?:due\s+to|secondary\s+to|from|after|following|result\s+of|caused\s+by|sequelae?\s+of|late\s+effects?\s+of|"
    r"residuals?\s+of)\s+(?:an?\s+|the\s+|his\s+|her\s+)?(?:[\w-]+\s+){0,4}$",
    re.IGNORECASE,
)


def _is_header(note: Note, m: Mention, cue: Cue) -> bool:
    """Whether nothing but the header of the list says that it is over."""
    section = note.sections[note.sentences[m.sentence].section]
    return section.header_start < section.header_end and (cue.start, cue.end) == (
        section.header_start,
        section.header_end,
    )


def _line(note: Note, m: Mention, code: str, reason: str, finding: Finding | None) -> NotCoded:
    start, end = _start_and_end(m)
    cue = next((c for c in m.assertion.cues if c.category == reason), None) if m.assertion.cues else None
    return NotCoded(
        start,
        end,
        note.text[start:end],
        reason,
        m.section,
        (code,),
        _cue_evidence(note, cue, m.section) if cue is not None else None,
        finding.citation if finding is not None else _CITATIONS.get(reason, "I.A.19"),
    )


def _cue_evidence(note: Note, cue: Cue, section: str) -> Evidence:
    return quote(note, cue.start, cue.end, "cue", section)


def quote(note: Note, start: int, end: int, kind: str, section: str) -> Evidence:
    """Evidence over a stretch of the note."""
    return Evidence(start, end, note.text[start:end], kind, section)
