"""Whether a note shows a visit, which kind of visit, whether the patient is new, and the age.

A report of an operation, a study or a specimen is no visit, nor is a sheet of instructions or a bare
list of findings. The kind of visit comes from words that state it; from words that only fit it, or
from the shape of the note, it is a guess and scored as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cac.procedures.em_cues import Hit
from cac.procedures.em_kinds import BY_SECTIONS, MODES, STRENGTHS, readings
from cac.procedures.em_page import Page, affirmed, quote, quote_tokens
from cac.procedures.em_tables import categories
from cac.procedures.em_types import PatientStatus, VisitTime
from cac.types import Evidence, Note, Setting

__all__ = ["Visit", "find_age", "find_status", "find_visit"]

_PLANNED = ("negated", "hypothetical", "family", "other_person", "planned")
_FUTURE = frozenset(("plan", "followup", "orders", "instructions", "education", "disposition", "medications"))
"""Section kinds in which a visit that is named is one to come."""

_STATED = frozenset(
    "preventive wellness_welcome wellness_initial wellness postoperative critical_care".split()
)
"""Kinds that need no more than their name."""

_FORESEEN = frozenset(("preventive", "wellness", "office"))
_EARLY = frozenset(("office", "consult", "emergency", "preventive", "postoperative"))
"""Kinds whose words also tell a story; in a text without sections they count at its beginning."""

_CRITICAL = 30
"""Minutes below which the work on a critically ill patient is another visit."""

_TITLE = 2
"""Sentences that can be the title of a note."""

_OPENING = 4
"""Sentences that open a text."""

_ENDS = frozenset(("discharge", "hospital_subsequent", "hospital_initial"))
"""Kinds of visit beside which the time of a discharge makes the day one of discharge."""

_STAY = {"discharge_diagnosis", "admission_diagnosis"}
_SUMMARY = {"discharge_diagnosis", "hospital_course"}
"""Sections that make a discharge summary."""

_AGE = re.compile(
    r"(?<![\w./-])(?P<n>\d{1,3})(?:\s*(?:\+|1/2))?[ -]*"
    r"(?:(?P<unit>years?|yrs?|months?|mos?|weeks?|wks?|days?)[ -]*(?:old|of age)\b"
    r"|(?P<short>y/?o[mf]?|y\.o)\b|(?P<visit>year|month|week|day)s?[ -](?=well|check|visit))",
    re.IGNORECASE,
)
_AGE_LINE = re.compile(
    r"\bage\s*[:=]?\s*(?P<n>\d{1,3})\s*(?P<unit>years?|months?|weeks?|days?)?(?=[\s,.;)]|$)", re.IGNORECASE
)
_NEWBORN = re.compile(r"\b(?:newborn|neonate)\b", re.IGNORECASE)
_PER_YEAR = {"y": 1.0, "m": 12.0, "w": 52.18, "d": 365.25}


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that the note shows.

    ``strength`` is "stated", "shown" (the patient presents) or "inferred" (the shape of the note).
    ``structured``: history or examination with an assessment. ``report``: the text is also that of a
    procedure or study. ``modes`` are "telehealth" or "audio" phrases.
    """

    category: str
    strength: str
    hits: tuple[Hit, ...]
    structured: bool
    report: bool
    modes: tuple[Hit, ...]
    evidence: tuple[Evidence, ...]


def find_visit(
    page: Page, times: Sequence[VisitTime], status: PatientStatus, setting: Setting
) -> Visit | None:
    """The visit a note shows, or None.

    Examples
    --------
    >>> from cac.procedures.em_page import make_page
    >>> from cac.text.reader import read
    >>> page = make_page(read("Seen in clinic today for a cough."))
    >>> find_visit(page, (), PatientStatus("not documented"), "outpatient").category
    'office'
    >>> find_visit(make_page(read("Chest x-ray: no effusion.")), (), PatientStatus("new"), "outpatient")
    """
    kinds = {page.note.sections[s.section].kind for s in page.note.sentences}
    summary = kinds >= _SUMMARY or kinds >= _STAY
    structured = summary or (page.assessed and not {"history", "examined"}.isdisjoint(page.roles))
    report = _is_report(page)
    stated_status = status.how in ("stated", "inferred")
    timed = any(
        t.service in ("visit", "discharge") or (t.service == "critical_care" and t.minutes >= _CRITICAL)
        for t in times
    )
    hits = _visit_hits(page)
    if report and not (status.how == "stated" or timed or any(h.kind in _STATED for h in hits)):
        return None
    if not (structured or hits or stated_status or timed):
        return None
    if _only_instructions(page) and not timed:
        return None
    found = _kinds(hits, times, status, setting, kinds)
    known = categories()
    if not found and not (structured or stated_status or timed):
        return None
    if found:
        category = min(found, key=lambda c: (STRENGTHS.index(found[c][0]), known[c].priority, c))
        strength, said = found[category]
    else:
        category, said = _inferred(setting, kinds), ()
        strength = "stated" if status.how == "stated" and setting == "outpatient" else "inferred"
        if strength == "inferred" and (stated_status or timed):
            strength = "shown"
    evidence = tuple(quote_tokens(page, h, "visit") for h in said) or status.evidence
    if not evidence:
        evidence = _structure_evidence(page)
    modes = tuple(h for h in hits if h.kind in MODES)
    return Visit(category, strength, tuple(said), structured, report, modes, evidence)


def _is_report(page: Page) -> bool:
    """Whether the text is the report of an operation, a study or a specimen."""
    if "operative" in page.roles:
        return True
    history = "history" in page.roles
    words = {(h.kind, page.note.tokens.lower[h.first]) for h in page.of("document")}
    operative = sum(kind == "operative" for kind, _ in words)
    # An office note may name an operation report; it takes more to be one.
    if operative > (2 if page.assessed and (history or "examined" in page.roles) else 0):
        return True
    studies = any(kind in ("radiology", "pathology") for kind, _ in words) or "study" in page.roles
    return studies and not history


def _only_instructions(page: Page) -> bool:
    """Whether the text is advice to the patient and nothing else."""
    if page.roles and all(role == "silent" for role in page.roles):
        return True
    said = any(h.kind == "instructions" for h in page.of("document"))
    return said and not page.assessed and "history" not in page.roles


def _visit_hits(page: Page) -> list[Hit]:
    """Phrases of a visit that takes place now."""
    wanted = [
        h
        for h in page.of("visit")
        if page.role(h) not in ("past", "silent") and not (_is_open(page, h) and h.kind in _EARLY)
    ]
    now = [h for h in wanted if h.kind not in _FORESEEN or page.kind(h) not in _FUTURE or page.is_title(h)]
    return affirmed(page, now, _PLANNED)


def _is_open(page: Page, hit: Hit) -> bool:
    """Whether a phrase stands deep in a text without sections: a story, not the reason of a visit."""
    return page.role(hit) == "open" and hit.sentence >= _OPENING


def _kinds(
    hits: Sequence[Hit],
    times: Sequence[VisitTime],
    status: PatientStatus,
    setting: Setting,
    kinds: set[str],
) -> dict[str, tuple[str, tuple[Hit, ...]]]:
    """Every kind of visit the words speak of: how strongly, and the words."""
    found: dict[str, tuple[str, list[Hit]]] = {}
    table = readings()
    untrue = {"stay" if _STAY & kinds else "no_stay"}
    if status.value == "established":
        untrue.add("established")
    for h in hits:
        if h.kind in MODES:
            continue
        reading = table[(h.kind, setting)]
        here = untrue | {"below_title"} if h.sentence >= _TITLE else untrue
        if reading.unless & here:
            continue
        by_sections = reading.category == BY_SECTIONS
        category = _inferred(setting, kinds) if by_sections else reading.category
        have = found.setdefault(category, (reading.strength, []))
        best = min(have[0], reading.strength, key=STRENGTHS.index)
        found[category] = (best, [*have[1], h])
    out = {c: (s, tuple(h)) for c, (s, h) in found.items()}
    for t in times:
        if t.service == "critical_care" and t.minutes >= _CRITICAL:
            out["critical_care"] = ("stated", out.get("critical_care", ("", ()))[1])
        elif t.service == "critical_care":
            out.pop("critical_care", None)
        elif t.service == "discharge" and set(out) <= _ENDS:
            out["discharge"] = ("stated", out.get("discharge", ("", ()))[1])
    return out


def _inferred(setting: Setting, kinds: set[str]) -> str:
    """The kind of visit that the setting and the sections of a note suggest."""
    if kinds >= _SUMMARY or kinds >= _STAY:
        return "discharge"
    if setting == "outpatient":
        return "office"
    if {"interval_history", "subjective"} & kinds:
        return "hospital_subsequent"
    return "hospital_initial" if {"hpi", "pmh"} <= kinds else "hospital_subsequent"


def _structure_evidence(page: Page) -> tuple[Evidence, ...]:
    """The headers that make a text an office note: of the history and of the assessment."""
    out: list[Evidence] = []
    for wanted in (("history", "examined"), ("assessed",)):
        for number, role in enumerate(page.roles):
            section = page.note.sections[page.note.sentences[number].section]
            if role in wanted and section.header_end > section.header_start:
                out.append(quote(page, section.header_start, section.header_end, "visit", number))
                break
    return tuple(out)


def find_status(page: Page, new_patient: bool | None) -> PatientStatus:
    """New or established: the argument, else the note's words, else what a follow-up implies.

    Examples
    --------
    >>> from cac.procedures.em_page import make_page
    >>> from cac.text.reader import read
    >>> find_status(make_page(read("New patient with a cough.")), None).value
    'new'
    """
    hits = [
        h
        for h in page.of("status")
        if page.role(h) != "silent"
        and (page.kind(h) not in _FUTURE or page.is_title(h))
        and not (h.kind == "inferred" and _is_open(page, h))
        and not (h.kind == "follow_up" and h.sentence >= _OPENING)
    ]
    if new_patient is not None:
        same = [h for h in hits if (h.kind == "new") == new_patient]
        words = tuple(quote_tokens(page, h, "status") for h in affirmed(page, same, ("negated",))[:1])
        return PatientStatus("new" if new_patient else "established", "argument", words)
    hits = affirmed(page, hits, ("negated", "hypothetical", "family"))
    stated = [h for h in hits if h.kind in ("new", "established")]
    for said, how in ((stated, "stated"), (hits, "inferred")):
        if said:
            # The first words decide; words that speak against them leave a doubt.
            doubt = len({h.kind == "new" for h in said}) > 1
            return PatientStatus(
                "new" if said[0].kind == "new" else "established",
                "inferred" if doubt else how,
                (quote_tokens(page, said[0], "status"),),
            )
    return PatientStatus("not documented")


def find_age(note: Note, age: float | None = None) -> tuple[float | None, tuple[tuple[int, int], ...]]:
    """The patient's age in years, and where the note says so; the argument wins.

    Ages in the history of relatives, the social history and the past history are left out.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> find_age(read("A 9-month-old girl."))[0]
    0.75
    """
    found: list[tuple[float, tuple[int, int]]] = []
    past = ("family_history", "social_history", "pmh", "psh")
    silent = [(s.start, s.end) for s in note.sections if s.kind in past]
    for pattern in (_AGE, _AGE_LINE):
        for m in pattern.finditer(note.text):
            if any(a <= m.start() < b for a, b in silent):
                continue
            groups: Mapping[str, str | None] = m.groupdict()
            unit = groups.get("unit") or groups.get("visit") or "y"
            years = int(m["n"]) / _PER_YEAR[unit[0].lower()]
            if years <= 125:
                found.append((years, m.span()))
                break
        if found:
            break
    else:
        m2 = _NEWBORN.search(note.text)
        if m2 is not None:
            found.append((0.0, m2.span()))
    if age is not None:
        same = tuple(span for years, span in found if abs(years - age) < 1)
        return float(age), same
    return (found[0][0], (found[0][1],)) if found else (None, ())
