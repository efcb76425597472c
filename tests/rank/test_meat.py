"""Monitor, evaluate, assess, treat: which words show that a diagnosis was looked after."""

from __future__ import annotations

import pytest

from cac.coder import Coder
from cac.rank.meat import ELEMENTS, load_meat_cues


def _meat(coder: Coder, note: str, code: str) -> dict[str, list[str]]:
    suggestion = next(s for s in coder.suggest(note) if s.code == code)
    return {
        c.name.removeprefix("meat:"): [e.text for e in c.evidence]
        for c in suggestion.explanation
        if c.name.startswith("meat:")
    }


@pytest.mark.parametrize(
    ("note", "code", "expected"),
    [
        # the words of the same list item, the diagnosis itself, the drug that treats it
        (
            "Assessment:\n1. Hypertension, well controlled. Continue lisinopril.\n2. Gout, stable.",
            "I10",
            {
                "evaluate": ["well controlled"],
                "assess": ["Hypertension"],
                "treat": ["Continue", "lisinopril"],
            },
        ),
        (
            "Assessment:\n1. Hypertension.\n2. Gout, stable.",
            "M10.9",
            {"monitor": ["stable"], "assess": ["Gout"]},
        ),
        # a drug counts wherever it stands, one that was stopped does not
        (
            "Medications: metformin 500 mg daily.\nAssessment: Type 2 diabetes.",
            "E11.9",
            {"assess": ["Type 2 diabetes"], "treat": ["metformin"]},
        ),
        (
            "HPI: Metformin was stopped.\nAssessment: Type 2 diabetes.",
            "E11.9",
            {"assess": ["Type 2 diabetes"]},
        ),
        # several words are one cue
        ("Assessment: Asthma, not at goal.", "J45.909", {"evaluate": ["not at goal"], "assess": ["Asthma"]}),
        # no section: nothing is assessed, and nothing made up
        ("Plantar fasciitis.", "M72.2", {}),
    ],
)
def test_elements(coder: Coder, note: str, code: str, expected: dict[str, list[str]]) -> None:
    assert _meat(coder, note, code) == expected


def test_it_explains_and_weighs_nothing(coder: Coder) -> None:
    note = "Assessment: Hypertension, well controlled, continue lisinopril."
    for s in coder.suggest(note):
        for c in s.explanation:
            if c.name.startswith("meat:"):
                assert c.value == 0.0 and c.citation == "IV.J"
                assert all(e.kind == "meat" and note[e.start : e.end] == e.text for e in c.evidence)


def test_candidates_below_the_threshold_have_none(coder: Coder) -> None:
    result = coder.suggest("Assessment: Hypertension, stable. Osteoarthritis of the knee, stable.")
    assert not any(c.name.startswith("meat:") for s in result.candidates for c in s.explanation)


def test_every_element_has_cues() -> None:
    assert {element for rows in load_meat_cues().values() for _, element in rows} == set(ELEMENTS)
