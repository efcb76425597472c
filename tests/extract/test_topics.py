"""The site of a heading or label, taken over by a condition below it that names none."""

from __future__ import annotations

import pytest

from cac.coder import Coder


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder()


# note, code, words that gave the site, why
TAKEN = [
    ("Wound check left elbow: dry. Laceration is closing.", "S51.012A", "elbow", "label, then prose"),
    ("Wound check, right shin. Laceration clean, no pus.", "S81.811D", "shin", "a cue and a comma"),
    ("Follow-up of right hand. Burn, second degree.", "T23.201A", "hand", "burn clinic: degree and site"),
    ("Recheck left thigh. Cellulitis has receded.", "L03.116", "thigh", "a code that is reached by its site"),
    ("Dressing change left heel. Pressure ulcer, stage 3.", "L89.623", "heel", "nursing: stage and site"),
    ("Follow-up right foot. Ulcer with fat layer exposed.", "L97.512", "foot", "podiatry: severity"),
    ("Assessment:\n1. Left knee.\nAbrasion, dry.", "S80.212A", "knee", "the title of a problem"),
    (
        "Chief complaint: right ankle injury.\nHPI: Tripped.\nAssessment: Sprain.",
        "S93.401A",
        "ankle",
        "the reason",
    ),
]

# note, code that must not be made up, why
NOT_TAKEN = [
    (
        "Wound check left elbow: dry. Right hand scratch. Laceration is closing.",
        "S51.0",
        "another site between",
    ),
    ("Wound check: left elbow and scalp. Laceration is closing.", "S", "two sites in the label"),
    ("Wound check left elbow: abdomen soft. Laceration is closing.", "S51.0", "a site of the exam"),
    ("Exam: chest clear, abdomen soft. Laceration is closing.", "S", "no topic, exam findings only"),
    ("Family history: mother broke her left hip.\nHPI: Laceration is closing.", "S", "a relative's site"),
    ("Assessment:\n1. Left elbow: dry.\n2. Laceration, closing.", "S51", "another problem"),
    ("Chief complaint: hand and foot pain.\nAssessment: Sprain.", "S", "two reasons"),
    ("Exam:\nLeft elbow: supple. Skin: laceration, closing.", "S51.0", "another label in between"),
    ("Wound check left elbow: mouth moist. Laceration is closing.", "S51.0", "an organ is a place too"),
    ("Wound check left elbow. No laceration.", "S51.0", "denied"),
    ("Wound check left elbow: right side sore. Laceration is closing.", "S51.0", "two sides"),
]


@pytest.mark.parametrize(("note", "code", "site", "why"), TAKEN)
def test_a_condition_without_a_site_takes_that_of_its_topic(
    coder: Coder, note: str, code: str, site: str, why: str
) -> None:
    found = {s.code[:6]: s for s in coder.suggest(note)}
    assert code[:6] in found, why
    evidence = [e for e in found[code[:6]].evidence if e.text == site]
    assert evidence and all(e.kind in ("site", "detail") for e in evidence), why


@pytest.mark.parametrize(("note", "code", "why"), NOT_TAKEN)
def test_a_site_is_not_taken(coder: Coder, note: str, code: str, why: str) -> None:
    taken = [
        s.code
        for s in coder.suggest(note)
        if s.code.startswith(code) and any("acerat" in e.text or "prain" in e.text for e in s.evidence)
    ]
    assert taken == [], why


def test_the_site_of_a_topic_is_less_certain_than_one_beside_the_condition(coder: Coder) -> None:
    said = next(
        s for s in coder.suggest("Follow-up. Burn of left hand, second degree.") if s.code.startswith("T23")
    )
    topic = next(
        s for s in coder.suggest("Follow-up left hand. Burn, second degree.") if s.code.startswith("T23")
    )
    assert said.code == topic.code
    assert topic.score < said.score
