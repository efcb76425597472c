"""Visits judged with the diagnoses that the library itself finds, and the reasons of preventive visits."""

from __future__ import annotations

from bisect import bisect_right

import pytest

from cac.coder import Coder
from cac.procedures.em import em_level
from cac.procedures.em_types import EmLevel
from cac.text.reader import read
from cac.types import Candidate, Mention, Setting, Span


def _level(coder: Coder, text: str, setting: Setting = "outpatient") -> EmLevel | None:
    note = read(text)
    starts = [s.start for s in note.sentences]
    diagnoses = []
    for s in coder.suggest(text, setting=setting):
        mentions = tuple(
            Mention(
                (Span(e.start, e.end),),
                (s.code,),
                "exact",
                1.0,
                sentence=max(0, bisect_right(starts, e.start) - 1),
                section=e.section,
            )
            for e in s.evidence
            if e.kind == "condition"
        )
        diagnoses.append(Candidate(s.code, mentions))
    return em_level(note, diagnoses, setting=setting)


NOTES = [
    ("Established patient, bug bite on the arm, reassured.", "99212"),
    ("Established patient with a sprained right wrist; ice and OTC naproxen.", "99213"),
    ("Established patient, 44 years old, annual preventive exam.", "99396"),
    ("New patient. Poorly controlled type 2 diabetes with hyperglycemia. Start metformin.", "99204"),
    (
        "Here for follow-up of hypertension and hypothyroidism, both stable. Continue losartan and "
        "levothyroxine.",
        "99214",
    ),
    (
        "Chief complaint: Cough.\nHPI: Established patient with a cough and fever for four days.\n"
        "Exam: Crackles at the right base.\nAssessment: Community-acquired pneumonia.\n"
        "Plan: Chest x-ray ordered. Start doxycycline.",
        "99214",
    ),
    ("ED note: sprained left ankle. X-ray reviewed. Ibuprofen and crutches.", "99283"),
    ("Critical care time 52 minutes for septic shock.", "99291"),
]


@pytest.mark.parametrize(("text", "code"), NOTES, ids=[c for _, c in NOTES])
def test_visits_with_found_diagnoses(coder: Coder, text: str, code: str) -> None:
    found = _level(coder, text)
    assert found is not None
    assert found.code == code
    assert found.log_odds > 0


REASONS = [
    ("comprehensive preventive exam", "Z00.00"),
    ("preventive exam", "Z00.00"),
    ("preventative visit", "Z00.00"),
    ("preventive medicine evaluation", "Z00.00"),
    ("health maintenance visit", "Z00.00"),
    ("comprehensive health evaluation", "Z00.00"),
    ("well man exam", "Z00.00"),
    ("pediatric preventive visit", "Z00.129"),
    ("well infant visit", "Z00.129"),
    ("health supervision visit", "Z00.129"),
    ("EPSDT exam", "Z00.129"),
]


@pytest.mark.parametrize(("words", "code"), REASONS, ids=[r[0] for r in REASONS])
def test_the_reason_of_a_preventive_visit(coder: Coder, words: str, code: str) -> None:
    assert [s.code for s in coder.suggest(f"Established patient, {words}.")] == [code]
