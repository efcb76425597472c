"""Documentation queries: open axes, contradictions, words that no code can hold; never leading."""

from __future__ import annotations

import pytest

from cac.coder import Coder
from cac.config import Config
from cac.queries import load_conflicts, load_terms


@pytest.mark.parametrize(
    ("note", "axis", "codes"),
    [
        # two statements that cannot both hold
        (
            "Assessment: type 1 diabetes. Continue diet for her type 2 diabetes.",
            "conflict",
            {"E10.9", "E11.9", ""},
        ),
        ("Assessment:\n1. CKD stage 3b.\n2. CKD stage 4.", "conflict", {"N18.32", "N18.4", ""}),
        # named and denied in one assessment
        ("Assessment: Gout. No gout.", "conflict", {"M10.9", ""}),
        # a term without a code
        ("Assessment: urosepsis.", "meaning", {"A41.9", "N39.0", ""}),
        # an axis that nothing decides
        ("Assessment: knee pain.", "side", {"M25.561", "M25.562"}),
    ],
)
def test_what_is_asked(coder: Coder, note: str, axis: str, codes: set[str]) -> None:
    query = next(q for q in coder.suggest(note).queries if q.axis == axis)
    assert {o.code for o in query.options} >= codes
    assert query.evidence and all(note[e.start : e.end] == e.text for e in query.evidence)
    # A contradiction can always be answered with neither.
    assert axis not in ("conflict", "meaning") or query.options[-1].code == ""


@pytest.mark.parametrize(
    "note",
    [
        # denied before, found later: a course of events
        "ROS: denies gout.\nAssessment: Gout.",
        # the type is stated once, and the other is the default
        "Assessment: type 1 diabetes. Diabetes is stable.",
        # a relative's type is no statement on the patient
        "Assessment: type 1 diabetes. Mother had type 2 diabetes.",
        "Assessment: hypertension.",
    ],
)
def test_what_is_not_asked(coder: Coder, note: str) -> None:
    assert not [q for q in coder.suggest(note).queries if q.axis in ("conflict", "meaning")]


def test_queries_can_be_switched_off() -> None:
    off = Coder(Config(disabled_rules=frozenset({"ask-urosepsis", "ask-denied", "ask-diabetes-type"})))
    note = "Assessment: urosepsis. Gout. No gout. Type 1 diabetes, type 2 diabetes."
    assert not [q for q in off.suggest(note).queries if q.axis in ("conflict", "meaning")]


def test_rows_name_codes_that_exist(coder: Coder) -> None:
    known = coder.release().table.row_of
    assert not [c for t in load_terms() for c in t.codes if c not in known]
    for rule in load_conflicts():
        for part in (rule.one, rule.other):
            assert all(any(c.startswith(p) for c in known) for p in part.named()), rule.id
