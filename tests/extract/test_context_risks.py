"""What is explained to a patient has not happened: risks, complications, side effects, in whole lists."""

from __future__ import annotations

import pytest

import cac

EXPLAINED = [
    # text, mentions that are only conceivable, why
    (
        "Risks including but not limited to bleeding, infection, stroke, DVT and death were discussed.",
        ("bleeding", "infection", "stroke", "DVT"),
        "a list closed by 'and'",
    ),
    (
        "We explained the risks and potential complications of the operation in detail including "
        "hemorrhage, pneumonia, injury to the bowel.",
        ("hemorrhage", "pneumonia", "injury"),
        "words between the cue and the list",
    ),
    (
        "We went over the risks, benefits and alternatives, which include nerve damage and pneumothorax.",
        ("nerve damage", "pneumothorax"),
        "a cue that is itself a list",
    ),
    (
        "Possible side effects of the drug such as nausea, rash and dizziness were explained.",
        ("nausea", "rash", "dizziness"),
        "side effects named, not suffered",
    ),
    (
        "Complications may include hematoma, seroma, or wound infection.",
        ("hematoma", "wound infection"),
        "may",
    ),
    ("She understands the risks of stroke, blindness, and death.", ("stroke", "blindness"), "understanding"),
    (
        "He was warned about drowsiness, dry mouth and constipation.",
        ("drowsiness", "constipation"),
        "a warning",
    ),
]


@pytest.mark.parametrize(("text", "mentions", "why"), EXPLAINED)
def test_risks_that_were_explained(text: str, mentions: tuple[str, ...], why: str) -> None:
    for mention in mentions:
        start = text.index(mention)
        assert cac.assess(text, start, start + len(mention)).hypothetical, f"{mention}: {why}"


SUFFERED = [
    # text, mention that is real, why
    ("Risks were explained. She has hypertension.", "hypertension", "the next sentence"),
    ("He stopped the drug because of side effects of nausea.", "nausea", "suffered, not explained"),
    ("Complications of her diabetes include neuropathy.", "diabetes", "before the cue"),
]


@pytest.mark.parametrize(("text", "mention", "why"), SUFFERED)
def test_what_is_real_beside_a_risk(text: str, mention: str, why: str) -> None:
    start = text.index(mention)
    assert not cac.assess(text, start, start + len(mention)).hypothetical, why
