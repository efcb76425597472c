"""What ends the scope of a cue is kept beside the cue, so that a reader can follow it."""

from __future__ import annotations

import pytest

import cac

ENDED = [
    # text, mention, dimension, cue, scope, words that ended it ("": the edge), why
    (
        "Denies fever, chills but reports cough.",
        "chills",
        "negated",
        "Denies",
        "fever, chills",
        "but",
        "contrast",
    ),
    ("No pneumonia; effusion is seen.", "pneumonia", "negated", "No", "pneumonia", ";", "semicolon"),
    ("No fever.", "fever", "negated", "No", "fever.", "", "the edge of the sentence"),
    (
        "Possible gout, however xrays were normal.",
        "gout",
        "uncertain",
        "Possible",
        "gout",
        ",",
        "contrast",
    ),
    ("Cough but fever was denied.", "fever", "negated", "was denied", "fever", "but", "a cue that follows"),
]


@pytest.mark.parametrize(("text", "mention", "dimension", "cue", "scope", "stop", "why"), ENDED)
def test_what_ended_a_scope(
    text: str, mention: str, dimension: str, cue: str, scope: str, stop: str, why: str
) -> None:
    start = text.index(mention)
    found = cac.assess(text, start, start + len(mention)).cue(dimension)
    assert found is not None, why
    assert text[found.start : found.end] == cue, why
    assert text[found.scope_start : found.scope_end].strip() == scope, why
    assert text[found.terminator_start : found.terminator_end] == stop, why


def test_a_section_default_ends_with_its_section() -> None:
    text = "Family history: breast cancer.\nPlan: rest."
    start = text.index("breast")
    found = cac.assess(text, start, start + 13).cue("family")
    assert found is not None
    assert text[found.start : found.end].startswith("Family history")
    assert found.terminator_start == found.terminator_end == found.scope_end
