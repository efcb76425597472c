"""Words folded for number, grades read, opposites kept apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.match.spelling import opposed
from cac.match.words import as_grade, fold, split_words


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("fractures", "fracture"),  # plain plural
        ("biopsies", "biopsy"),  # -ies
        ("masses", "mass"),  # -sses
        ("crohn's", "crohn"),  # possessive
        ("crohn’s", "crohn"),  # typographic possessive
        ("arthritis", "arthritis"),  # -is is not a plural
        ("pus", "pus"),  # too short
        ("virus", "virus"),  # -us is not a plural
        ("abscess", "abscess"),  # -ss is not a plural
        ("aids", "aids"),  # the syndrome, not more than one aid
        ("knees", "knee"),
    ],
)
def test_fold(word: str, folded: str) -> None:
    assert fold(word) == folded


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14))
def test_folding_a_plural_gives_the_folded_singular_or_keeps_the_word(word: str) -> None:
    assert fold(word) in (word, word[:-1], word[:-2], word[:-3] + "y")


@pytest.mark.parametrize(
    ("word", "grade"),
    [
        ("2", "2"),
        ("iii", "3"),
        ("3a", "3a"),
        ("iiia", "3a"),
        ("iv", "4"),
        ("two", "2"),
        ("left", None),
        ("m", None),
    ],
)
def test_as_grade(word: str, grade: str | None) -> None:
    assert as_grade(word) == grade


def test_split_words_drops_punctuation_and_joins_nothing() -> None:
    assert split_words("Crohn's disease, non-acute (old)") == ["crohn's", "disease", "non", "acute", "old"]


@pytest.mark.parametrize(
    ("read", "as_"),
    [
        ("hypotyroidism", "hyperthyroidism"),
        ("hypertyroidism", "hypothyroidism"),
        ("hyperkalemai", "hypokalemia"),
        ("diverticulitus", "diverticulosis"),
        ("dysphagai", "dysphasia"),
    ],
)
def test_edits_that_cross_a_meaning_are_impossible(read: str, as_: str) -> None:
    assert opposed(read, as_)


@pytest.mark.parametrize(
    ("read", "as_"),
    [("hypotyroidism", "hypothyroidism"), ("diverticulits", "diverticulitis"), ("pnuemonia", "pneumonia")],
)
def test_plain_misspellings_are_not_blocked(read: str, as_: str) -> None:
    assert not opposed(read, as_)
