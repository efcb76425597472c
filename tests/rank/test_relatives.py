"""Close codes of the suggested ones rank below them, and are never suggestions."""

from __future__ import annotations

import math

import pytest

from cac.coder import Coder

NEAR = [
    # note, scope, code that must be among the candidates, code it is an alternative to, why
    ("Assessment: localized edema.", "reportable", "R60.9", "R60.0", "the unspecified code of the category"),
    ("Assessment: knee osteoarthritis.", "reportable", "M17.30", "M17.9", "the kind is open"),
    (
        "Assessment: acute serous otitis media, right ear.",
        "documented",
        "H65.91",
        "H65.01",
        "a residual code",
    ),
    ("Assessment: Crohn's disease of small intestine.", "documented", "K50.10", "K50.00", "a sibling"),
    ("Assessment: iron deficiency anemia.", "documented", "D64.9", "D50.9", "fewer of the words"),
    ("Assessment: acute pulmonary edema.", "documented", "R60.9", "J81.0", "the main term alone"),
    ("Assessment: dysuria.", "documented", "R33.9", "R30.0", "a category beside it"),
]


@pytest.mark.parametrize(("note", "scope", "near", "of", "why"), NEAR)
def test_close_codes_are_candidates(
    coder: Coder, note: str, scope: str, near: str, of: str, why: str
) -> None:
    result = coder.suggest(note, scope=scope)
    assert of in [s.code for s in result], why
    assert near not in [s.code for s in result], why
    found = next(s for s in result.candidates if s.code == near)
    assert any(f.kind == "alternative" and of in f.codes for f in found.findings), why


def test_siblings_are_for_abstracting_only(coder: Coder) -> None:
    """A claim's list stays short: the less specific code and the answers to the open axis."""
    note = "Assessment: Crohn's disease of small intestine."
    assert "K50.10" not in [s.code for s in coder.suggest(note).candidates]


@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.95])
def test_a_relative_stays_below_any_threshold(coder: Coder, threshold: float) -> None:
    result = coder.suggest("Assessment: localized edema. Knee osteoarthritis.", threshold=threshold)
    for s in (*result, *result.candidates):
        alternative = any(f.kind == "alternative" for f in s.findings)
        assert not alternative or s.score < threshold
        assert math.isclose(
            s.explanation.log_odds,
            math.fsum((s.explanation.prior, *(c.value for c in s.explanation))),
        )


APART = [
    # note, code, words it rests on, why
    ("A mass was felt. It lies in the left kidney.", "N28.89", {"mass", "kidney"}, "a term in two sentences"),
    (
        "The thoracic spine was tender. It has been giving pain.",
        "M54.6",
        {"thoracic", "spine", "pain"},
        "a title",
    ),
]


@pytest.mark.parametrize(("note", "code", "words", "why"), APART)
def test_words_that_stand_apart_make_a_candidate(
    coder: Coder, note: str, code: str, words: set[str], why: str
) -> None:
    result = coder.suggest(note, scope="documented")
    assert code not in [s.code for s in result], why
    found = next(s for s in result.candidates if s.code == code)
    assert {note[e.start : e.end] for e in found.evidence} == words, why
    # A claim's list has no guesses from pieces.
    reportable = coder.suggest(note)
    assert code not in [s.code for s in (*reportable, *reportable.candidates)], why


DENIED = [
    # note, code that the note denies, why
    ("Assessment: chest pain. No cough.", "R05.9", "a category beside it"),
    (
        "Assessment: Crohn's disease of small intestine. No Crohn's disease of large intestine.",
        "K50.10",
        "sibling",
    ),
    ("There is no mass. The left kidney is normal.", "N28.89", "a word of it is denied"),
]


@pytest.mark.parametrize(("note", "code", "why"), DENIED)
def test_what_the_note_denies_is_no_close_code(coder: Coder, note: str, code: str, why: str) -> None:
    result = coder.suggest(note, scope="documented")
    assert code not in [s.code for s in (*result, *result.candidates)], why


def test_a_part_of_what_is_affirmed_stays_a_candidate(coder: Coder) -> None:
    """The affirmed condition includes it, whatever else is denied."""
    result = coder.suggest("Assessment: acute pulmonary edema. No edema.", scope="documented")
    assert "R60.9" not in [s.code for s in result]
    assert "R60.9" in [s.code for s in result.candidates]


def test_parts_are_for_abstracting_only(coder: Coder) -> None:
    reportable = coder.suggest("Assessment: iron deficiency anemia.")
    assert "D64.9" not in [s.code for s in (*reportable, *reportable.candidates)]


def test_another_side_is_no_alternative_reading(coder: Coder) -> None:
    result = coder.suggest("Assessment: osteoarthritis of the right knee.", scope="documented")
    assert "M17.11" in [s.code for s in result]
    assert "M17.12" not in [s.code for s in result.candidates]


VAGUE = [
    # note, code, why
    ("The infection was treated.", "B99.9", "an infection of no particular place"),
    ("Recovering from the illness.", "R69", "an illness nobody names"),
    ("Areas of necrosis were excised.", "I96", "necrosis of no particular organ"),
]


@pytest.mark.parametrize(("note", "code", "why"), VAGUE)
def test_words_that_name_nothing_particular(coder: Coder, note: str, code: str, why: str) -> None:
    documented = coder.suggest(note, scope="documented")
    found = next(s for s in (*documented, *documented.candidates) if s.code == code)
    assert any(c.name == "vague" and c.value < 0 for c in found.explanation), why
    reportable = coder.suggest(note)
    assert code not in [s.code for s in (*reportable, *reportable.candidates)], why
