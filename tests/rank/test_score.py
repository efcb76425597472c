"""The additive score: named terms that add up, and what moves a code up or down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cac.rank.score as score_module
from cac.coder import Coder
from cac.rank.relatives import RELATIONS
from cac.rank.score import load_weights


def _score(coder: Coder, text: str, code: str, **options: object) -> float:
    result = coder.suggest(text, **options)  # type: ignore[arg-type]
    return {s.code: s.score for s in (*result, *result.candidates)}[code]


@pytest.mark.parametrize(
    ("more", "less", "code", "why"),
    [
        ("Assessment: gout.", "HPI: gout.\nAssessment: stable.", "M10.9", "the assessment counts more"),
        (
            "PE:\nRash.\nAssessment: rash.",
            "PE:\nRash.\nAssessment: well.",
            "R21",
            "an exam finding alone is weak",
        ),
        (
            "ASSESSMENT AND PLAN\n1. Gout.\nRest.",
            "ASSESSMENT AND PLAN\n1. Hypertension.\nHe once spoke of gout here.",
            "M10.9",
            "the title of a problem counts more than a word beside the titles",
        ),
        ("HPI: he has gout. The gout is worse.", "HPI: he has gout.", "M10.9", "repetition"),
        ("CC: gout\nAssessment: gout.", "CC: cough\nAssessment: gout.", "M10.9", "the reason for the visit"),
        ("Gout.", "HPI: gout.\nAssessment: well.", "M10.9", "without an assessment the narrative is all"),
    ],
)
def test_what_moves_a_score(coder: Coder, more: str, less: str, code: str, why: str) -> None:
    assert _score(coder, more, code) > _score(coder, less, code), why


def test_terms_name_their_words_and_add_up(coder: Coder) -> None:
    note = "CC: knee pain.\nAssessment: hypertension. CKD stage 4. Hypertension is controlled."
    for s in coder.suggest(note):
        values = [s.explanation.prior, *(c.value for c in s.explanation)]
        assert sum(values) == pytest.approx(s.explanation.log_odds, abs=1e-12)
        assert all(c.value or c.name.startswith("meat:") for c in s.explanation)
        for c in s.explanation:
            assert all(note[e.start : e.end] == e.text for e in c.evidence)


@pytest.mark.parametrize("scope", ["reportable", "documented"])
def test_every_weight_is_used(scope: str) -> None:
    source = Path(score_module.__file__).read_text(encoding="utf-8")
    used = set(re.findall(r'"(\w+)"', source))
    names = load_weights(scope)  # type: ignore[arg-type]
    assert {n for n in names if not n.startswith(("section:", "relation:"))} <= used
    assert {n for n in names if n.startswith("relation:")} == {f"relation:{r}" for r in RELATIONS}


def test_every_section_kind_has_a_weight() -> None:
    from cac.text.headers import section_kinds

    names = load_weights("reportable")
    assert {k for k in section_kinds() if f"section:{k}" not in names} == set()
