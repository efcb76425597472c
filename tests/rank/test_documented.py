"""Evidence per axis: own words, a default with its rule, or nothing; never somebody else's words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.coder import Coder
from cac.result import CodingResult
from cac.types import AxisEvidence

DOCUMENTED, DEFAULT, OPEN = "documented", "default", "not documented"


def _axis(result: CodingResult, code: str, axis: str, value: str = "") -> AxisEvidence:
    (s,) = [s for s in result if s.code == code]
    return next(a for a in s.axes if a.axis == axis and value in a.value)


@pytest.mark.parametrize(
    ("note", "code", "axis", "status", "words"),
    [
        # every part has its own words
        ("Acute on chronic systolic heart failure.", "I50.23", "acuity", DOCUMENTED, ["Acute", "chronic"]),
        ("Acute on chronic systolic heart failure.", "I50.23", "type", DOCUMENTED, ["systolic"]),
        ("Acute on chronic systolic heart failure.", "I50.23", "site", DOCUMENTED, ["heart"]),
        ("Chronic kidney disease, stage 3a.", "N18.31", "stage", DOCUMENTED, ["stage 3a"]),
        ("Moderate persistent asthma.", "J45.40", "severity", DOCUMENTED, ["Moderate", "persistent"]),
        ("Pain in the left knee.", "M25.562", "side", DOCUMENTED, ["left"]),
        ("Pain in the left knee.", "M25.562", "site", DOCUMENTED, ["knee"]),
        # an abbreviation documents what it stands for, and no more
        ("CKD 3a.", "N18.31", "acuity", DOCUMENTED, ["CKD"]),
        ("CKD 3a.", "N18.31", "stage", DOCUMENTED, ["3a"]),
        ("MRSA pneumonia.", "J15.212", "organism", DOCUMENTED, ["MRSA"]),
        # what is unspecified is not documented
        ("CKD.", "N18.9", "unspecified", OPEN, []),
        ("Knee pain.", "M25.569", "side", OPEN, []),
        # assumed, with the rule
        ("Right hip osteoarthritis.", "M16.11", "type", DEFAULT, []),
        ("Fracture of the left tibia.", "S82.202A", "fracture", DEFAULT, []),
        ("Fracture of the left tibia.", "S82.202A", "encounter", DEFAULT, []),
        ("Asthma, moderate persistent.", "J45.40", "without", DEFAULT, []),
        # the encounter has its cue
        ("Open fracture of shaft of left tibia.", "S82.202B", "fracture", DOCUMENTED, ["Open fracture"]),
        ("Left tibia fracture, nonunion.", "S82.202K", "healing", DOCUMENTED, ["nonunion"]),
        # a part of the body documents its whole
        ("Cellulitis of the left heel.", "L03.116", "site", DOCUMENTED, ["heel"]),
    ],
)
def test_status_and_words(
    coder: Coder, note: str, code: str, axis: str, status: str, words: list[str]
) -> None:
    found = _axis(coder.suggest(f"Assessment: {note}"), code, axis)
    assert found.status == status
    assert [e.text for e in found.evidence] == words
    assert bool(found.citation) == (status == DEFAULT)


def test_a_rule_that_made_the_code_is_cited(coder: Coder) -> None:
    result = coder.suggest("Assessment: 1. Pre-eclampsia, 30 weeks pregnant.")
    assert _axis(result, "O14.93", "trimester").citation == "I.C.15.a.3"


def test_a_combination_points_to_both_of_its_parts(coder: Coder) -> None:
    result = coder.suggest("Assessment:\n1. Type 2 diabetes.\n2. Chronic kidney disease stage 4.")
    found = _axis(result, "E11.22", "with")
    assert found.status == DOCUMENTED
    assert {"kidney", "disease"} <= {w for e in found.evidence for w in e.text.lower().split()}


_CONDITIONS = (
    "left wrist fracture",
    "healing well",
    "Type 2 DM",
    "CKD stage 4",
    "open fracture of the right tibia",
    "acute bronchitis",
    "severe persistent asthma",
    "pneumonia due to Klebsiella",
    "recurrent major depression, moderate",
    "bilateral knee osteoarthritis",
    "history of breast cancer",
    "cellulitis of the left calf",
    "stage 3 pressure ulcer of the sacrum",
    "hypertension",
    "HFrEF",
    "follow-up in 2 weeks",
    "28 weeks pregnant",
    "nephrolithiasis on the left",
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(_CONDITIONS), min_size=1, max_size=7))
def test_evidence_of_axes(coder: Coder, lines: list[str]) -> None:
    note = "Assessment:\n" + "\n".join(f"{i}. {line}." for i, line in enumerate(lines, 1))
    result = coder.suggest(note)
    table = coder.release().table
    for s in result:
        told = [(a.axis, a.value) for a in s.axes]
        assert told == list(dict.fromkeys((a.name, a.value) for a in table.axes(table.row_of[s.code])))
        spans = [(e.start, e.end) for e in s.evidence]
        assert all(note[e.start : e.end] == e.text for e in s.evidence)
        for a in s.axes:
            assert bool(a.evidence) == (a.status == DOCUMENTED)
            assert bool(a.citation) == (a.status == DEFAULT)
            for e in a.evidence:
                assert note[e.start : e.end] == e.text
                assert any(start <= e.start and e.end <= end for start, end in spans)
    assert all(c.axes == () for c in result.candidates)
    assert all(
        str(e.text) not in repr(e) for s in result for a in s.axes for e in a.evidence if len(e.text) > 8
    )
