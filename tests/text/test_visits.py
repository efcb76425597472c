"""Follow-up: the reason for the visit at the head of a note, a plan at its end."""

from __future__ import annotations

import pytest

from cac.text.sections import find_sections
from cac.text.tokens import tokenize
from cac.text.visits import is_planned, visit_kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        # what the visit is about
        (" left ankle sprain, healing well", "reason_for_visit"),
        (" hypertension and diabetes.", "reason_for_visit"),
        ("\nright wrist fracture, cast removed", "reason_for_visit"),
        (" 2 weeks after left ankle sprain", "reason_for_visit"),
        (" 6 weeks s/p ORIF", "reason_for_visit"),
        (" no complaints today, blood pressure at goal", "reason_for_visit"),
        # when, where, with whom
        (" in 2 weeks", "followup"),
        (" 2-3 weeks with ortho", "followup"),
        (" one month", "followup"),
        (" with Dr. Lee on Monday", "followup"),
        (" Cardiology for atrial fibrillation", "followup"),
        (" PCP for hypertension", "followup"),
        (" PRN", "followup"),
        (" 3/14/2026 wound check", "followup"),
        (" as needed for pain", "followup"),
        ("", "followup"),
    ],
)
def test_what_a_follow_up_header_means(body: str, kind: str) -> None:
    assert visit_kind(body) == kind


@pytest.mark.parametrize(
    ("note", "kind"),
    [
        ("Follow-up visit: left ankle sprain.", "reason_for_visit"),
        ("F/U: left ankle sprain.", "reason_for_visit"),
        ("Date: 3/4/2026\nFollow-up: left ankle sprain.", "reason_for_visit"),
        # behind anything else, or a list of later appointments: a plan
        ("Assessment: left ankle sprain.\nFollow-up: fracture care", "followup"),
        ("Left ankle sprain.\nFollow-up: fracture care", "followup"),
        ("Follow-up appointments: left ankle sprain.", "followup"),
        ("Follow-up: in 2 weeks for hypertension", "followup"),
    ],
)
def test_only_the_header_that_opens_a_note(note: str, kind: str) -> None:
    assert find_sections(note, tokenize(note))[-1].kind == kind


@pytest.mark.parametrize(
    ("sentence", "cue", "planned"),
    [
        ("Follow up of ankle sprain.", "Follow up", False),
        ("Here for follow-up of ankle sprain.", "follow-up", False),
        ("She returns for a 2 week follow-up.", "follow-up", False),
        ("Sprain, here for suture removal.", "suture removal", False),
        ("Follow up in 2 weeks.", "Follow up", True),
        ("Sprain, follow up with ortho.", "follow up", True),
        ("He will follow up at the clinic.", "follow up", True),
        ("Schedule follow-up visit.", "follow-up", True),
        ("Suture removal in 10 days.", "Suture removal", True),
        ("Refer to physical therapy.", "physical therapy", True),
    ],
)
def test_what_is_still_to_come(sentence: str, cue: str, planned: bool) -> None:
    at = sentence.index(cue)
    assert is_planned(sentence, 0, len(sentence), at, at + len(cue)) is planned
