"""Medical decision making: the data looked at, the risk of what was decided, and the level.

The level is the one that two of the three elements reach. History and examination count for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cac.extract.drugs import DrugMention
from cac.procedures.em_cues import Hit
from cac.procedures.em_page import Page, affirmed, quote, quote_tokens
from cac.procedures.em_tables import drug_kinds, grades, risks, rules
from cac.procedures.em_types import EmElement, EmProblem
from cac.types import Evidence

__all__ = ["data_element", "data_level", "mdm_level", "problems_element", "risk_element", "stated_level"]

_CHILD = 12
"""Years below which a parent who tells the story is a needed historian."""

_ORDERING = frozenset(("assessment_plan", "assessment", "plan", "orders", "impression"))
"""Sections in which naming a test is ordering it or weighing its result."""

_MOST_TESTS = 8
_NEAR = 3
_STUDY = "study_"
"""Kinds of tests that are no laboratory tests begin with this."""

_STATED = {"straightforward": 1, "low": 2, "moderate": 3, "high": 4}
_SURGERY = {"major": "major_surgery", "minor": "minor_surgery"}
_DEFAULT = 1
"""What is not documented is minimal, not absent."""


def mdm_level(problems: int, data: int, risk: int) -> int:
    """The level that two of the three elements meet or exceed.

    Examples
    --------
    >>> mdm_level(3, 1, 3), mdm_level(4, 2, 3)
    (3, 3)
    """
    return sorted((problems, data, risk))[1]


def data_level(items: int, historian: bool, interpretation: bool, discussion: bool) -> int:
    """The level of the data.

    Parameters
    ----------
    items
        Unique tests ordered or reviewed, and outside documents reviewed.
    historian, interpretation, discussion
        Another historian was needed; a test was read by the clinician; management was discussed with
        another professional.

    Examples
    --------
    >>> data_level(1, False, False, False), data_level(2, False, False, False)
    (1, 2)
    >>> data_level(2, True, False, False), data_level(3, False, True, False)
    (3, 4)
    """
    met = (items + historian >= 3) + interpretation + discussion
    if met:
        return 4 if met >= 2 else 3
    return 2 if items >= 2 or historian else _DEFAULT


def stated_level(page: Page) -> tuple[int, tuple[Evidence, ...]]:
    """The complexity of decision making that the clinician states, 0 when it is not."""
    hits = affirmed(page, page.of("stated"))
    if not hits:
        return 0, ()
    # The last statement is the conclusion.
    return _STATED[hits[-1].kind], (quote_tokens(page, hits[-1], "mdm"),)


def problems_element(level: int, found: Sequence[EmProblem]) -> EmElement:
    """The problems as an element of decision making."""
    known = grades()
    summary = "; ".join(known[p.grade].wording for p in found) or "no problem addressed was recognised"
    return _element("problems", level, summary, [e for p in found for e in p.evidence])


def data_element(page: Page, age: float | None) -> EmElement:
    """The data looked at or asked for."""
    tests = _tests(page)
    said: dict[str, list[Hit]] = {}
    wanted = [h for h in page.of("data") if page.role(h) != "silent"]
    for h in affirmed(page, wanted):
        said.setdefault(h.kind, []).append(h)
    external = {h.sentence: h for h in said.get("external", ())}
    historian = said.get("historian", [])
    if not historian and age is not None and age < _CHILD:
        historian = said.get("child_historian", [])
    interpretation, discussion = said.get("interpretation", []), said.get("discussion", [])
    tests = [t for t in tests if not any(_is_read(t, h) for h in interpretation)]
    level = data_level(len(tests) + len(external), bool(historian), bool(interpretation), bool(discussion))
    parts = {
        "tests": len(tests),
        "outside documents": len(external),
        "another historian": min(1, len(historian)),
        "own readings": min(1, len(interpretation)),
        "talks with other professionals": min(1, len(discussion)),
    }
    summary = ", ".join(f"{name}: {count}" for name, count in parts.items() if count) or "none documented"
    hits = [*tests, *external.values(), *historian[:1], *interpretation[:1], *discussion[:1]]
    return _element("data", level, summary, [quote_tokens(page, h, "data") for h in hits])


def _is_read(test: Hit, reading: Hit) -> bool:
    """Whether a test is the one that the clinician read: it counts once, as the reading."""
    near = max(test.first - reading.last, reading.first - test.last) <= _NEAR
    return test.sentence == reading.sentence and near


def _tests(page: Page) -> list[Hit]:
    """The first mention of each unique test that was ordered or reviewed."""
    verbs = {h.sentence for h in page.of("verb")}
    first: dict[str, Hit] = {}
    for h in page.of("test"):
        role = page.role(h)
        counts = role == "results" or page.kind(h) in _ORDERING or h.sentence in verbs
        if counts and role not in ("silent", "past"):
            first.setdefault(h.kind, h)
    # "CT head ... the CT" is one test, and "labs" says nothing beside the laboratory tests it means.
    named = set(first)
    kept = [h for k, h in first.items() if not any(o.startswith(f"{k}_") for o in named)]
    if any(h.kind != "labs" and not h.kind.startswith(_STUDY) for h in kept):
        kept = [h for h in kept if h.kind != "labs"]
    return affirmed(page, kept[:_MOST_TESTS])


@dataclass(frozen=True, slots=True)
class _Item:
    """One piece of management: its level and kind, and where it stands."""

    level: int
    kind: str
    hit: Hit
    evidence: Evidence


def risk_element(page: Page, drugs: Iterable[DrugMention]) -> EmElement:
    """The risk of what was decided or considered."""
    items = [*_said(page), *_surgery(page), *_drugs(page, drugs)]
    for level in sorted({i.level for i in items}, reverse=True):
        at_level = [i for i in items if i.level == level]
        true = set(affirmed(page, [i.hit for i in at_level]))
        kept = [i for i in at_level if i.hit in true]
        if kept:
            known = risks()
            names = {known[i.kind].wording: None for i in kept}
            return _element("risk", level, "; ".join(names), [i.evidence for i in kept])
    return _element("risk", _DEFAULT, "none documented", [])


def _manages(page: Page, sentence: int) -> bool:
    role = page.roles[sentence]
    if page.assessed:
        return role in ("assessed", "managed")
    return role in ("open", "history", "managed", "")


def _said(page: Page) -> list[_Item]:
    known = risks()
    return [
        _Item(known[h.kind].level, h.kind, h, quote_tokens(page, h, "risk"))
        for h in page.of("risk")
        if _manages(page, h.sentence)
    ]


def _surgery(page: Page) -> list[_Item]:
    """Operations that are decided on: a decision in the same sentence."""
    decided = {h.sentence for h in page.of("decision")}
    factors = {page.note.sentences[h.sentence].item for h in page.of("risk_factor")}
    out: list[_Item] = []
    for h in page.of("surgery"):
        if h.sentence in decided and _manages(page, h.sentence):
            kind = _SURGERY[h.kind]
            row = risks()[kind]
            level = row.with_factor if page.note.sentences[h.sentence].item in factors else row.level
            out.append(_Item(level, kind, h, quote_tokens(page, h, "risk")))
    return out


def _drugs(page: Page, drugs: Iterable[DrugMention]) -> list[_Item]:
    """Drugs that are managed at the visit: prescription, over the counter, or watched for harm."""
    kinds, known = drug_kinds(), risks()
    free = {h.sentence for h in page.of("risk") if h.kind == "otc"}
    prescribed = {h.sentence for h in page.of("risk") if h.kind == "rx"}
    sentences = page.note.sentences
    watched = {sentences[h.sentence].item for h in page.of("toxic_watch")}
    out: list[_Item] = []
    for d in drugs:
        ignored = d.negated or d.allergy or d.other or d.lab
        if ignored or not _manages(page, d.sentence):
            continue
        kind = kinds.get(("generic", d.drug.generic)) or kinds.get(("class", d.drug.drug_class), "rx")
        if kind == "silent":
            continue
        if kind == "toxic":
            kind = "toxicity" if sentences[d.sentence].item in watched and not d.stopped else "rx"
        elif d.sentence in free:
            kind = "otc"
        elif kind == "otc" and d.sentence in prescribed:
            kind = "rx"
        words = Hit(page.token_at(d.start), page.token_at(d.end), "drug", kind, d.sentence)
        out.append(_Item(known[kind].level, kind, words, quote(page, d.start, d.end, "risk", d.sentence)))
    return out


def _element(name: str, level: int, summary: str, evidence: Sequence[Evidence]) -> EmElement:
    rule, citation = rules()[(name, level)]
    found: dict[tuple[int, int], Evidence] = {}
    for e in evidence:
        found.setdefault((e.start, e.end), e)
    return EmElement(name, level, summary, tuple(found.values()), rule, citation)
