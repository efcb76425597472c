"""Spelling repair: the blocked search against an exhaustive one, and what is never touched."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from cac.coder import Coder
from cac.match.index import TermIndex
from cac.match.spelling import SHORTEST, TWO_EDITS_FROM, Speller, opposed

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _edited(word: str, seed: int) -> str:
    """The word with one random edit: a letter more, less, other, or two swapped."""
    rng = random.Random(seed)
    at = rng.randrange(len(word) - 1)
    letter = rng.choice(LETTERS)
    return rng.choice(
        [
            word[:at] + letter + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )


def _exhaustive(speller: Speller, targets: list[str], word: str) -> set[str]:
    """Every vocabulary word one edit away that does not cross a pair of opposites."""
    near = [w for w in targets if abs(len(w) - len(word)) <= 1 and OSA.distance(word, w, score_cutoff=1) <= 1]
    return {w for w in near if not opposed(word, w, speller.known.__contains__)}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_blocked_search_agrees_with_an_exhaustive_one(index: TermIndex, seed: int) -> None:
    """For one edit the agreement is exact: the same word, or the same refusal to choose."""
    speller = index.speller
    targets = [w for w in speller._words if len(w) >= SHORTEST - 1 and w.isalpha()]
    word = _edited(targets[seed % len(targets)], seed)
    if word in speller.known or len(word) < SHORTEST:
        return
    expected = _exhaustive(speller, targets, word)
    got = speller.repair(word)
    if not expected:
        assert got is None or (got[1] == 2 and len(word) >= TWO_EDITS_FROM)
        return
    first = {w for w in expected if w[0] == word[0]} if len(expected) > 1 else expected
    assert got == ((next(iter(first)), 1) if len(first) == 1 else None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Assessment: diabtes.", "E11.9"),  # a letter left out
        ("Assessment: pneumoina.", "J18.9"),  # two letters swapped
        ("Assessment: appendicits.", "K37"),  # the ending that looks like a plural
        ("Assessment: cellulitiss.", "L03.90"),  # a letter too many
        ("Assessment: anaemia.", "D64.9"),  # British, not a misspelling
    ],
)
def test_misspelled_diagnoses_are_found(coder: Coder, text: str, code: str) -> None:
    (s,) = coder.suggest(text)
    assert s.code == code
    assert s.evidence[0].text == text[len("Assessment: ") : -1]


@pytest.mark.parametrize(
    "word", ["gout", "ileum", "ilium", "prednisolone", "osteotome", "hemithorax", "patient"]
)
def test_words_that_are_spelled_right_are_never_changed(index: TermIndex, word: str) -> None:
    assert word in index.speller.known
