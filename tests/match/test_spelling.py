"""Spelling repair: the blocked search against an exhaustive one, and what is never touched."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from cac.coder import Coder
from cac.match.index import TermIndex
from cac.match.spelling import COMMON_WEIGHT, DOMINANT, SHORTEST, TWO_EDITS_FROM, Speller, opposed
from cac.match.words import fold

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


def _exhaustive(speller: Speller, word: str) -> dict[str, int]:
    """Every target one edit away that does not cross a pair of opposites, with its weight."""
    near = [w for w in speller.targets if OSA.distance(word, w, score_cutoff=1) <= 1]
    return {w: speller._weight[w] for w in near if not opposed(word, w, speller.known.__contains__)}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_blocked_search_agrees_with_an_exhaustive_one(index: TermIndex, seed: int) -> None:
    """For one edit the agreement is exact: the same word, or the same refusal to choose."""
    speller = index.speller
    word = _edited(speller.targets[seed % len(speller.targets)], seed)
    if word in speller.known or len(word) < SHORTEST or speller._composed(word):
        return
    expected = _exhaustive(speller, word)
    got = speller.repair(word)
    if not expected:
        assert got is None or (got[1] == 2 and len(word) >= TWO_EDITS_FROM)
        return
    first, *others = sorted(expected, key=lambda w: (-expected[w], w))
    if all(expected[first] >= DOMINANT * expected[w] for w in others):
        alike = {first}
    else:
        alike = {w for w in expected if w[0] == word[0]}
    # A wrong first letter is believed only for a common word.
    sure = {w for w in alike if w[0] == word[0] or expected[w] >= COMMON_WEIGHT}
    if len({fold(w) for w in alike}) == 1 and sure:
        assert got is not None and got[0] in alike and got[1] == 1
    else:
        assert got is None


COMPOSED = [
    # word, read as, why
    ("subscapular", None, "a prefix and a known word: not the subcapsular one"),
    ("periprostatic", None, "around the prostate, not around a prosthesis"),
    ("pericranial", None, "of the skull's covering, not of the heart's"),
    ("retrosigmoid", None, "behind the sigmoid sinus, not the rectosigmoid colon"),
    ("sclerectomy", None, "an operation of its own, not a splenectomy"),
    ("cordectomy", None, "an operation of its own, not a colectomy"),
    ("deflux", None, "a trade name, not reflux"),
    ("neocate", None, "a trade name, not a neonate"),
    ("hemivertebrae", "hemivertebra", "only the ending differs: a plural"),
    ("intramuscualr", "intramuscular", "what is behind the prefix is no word"),
]


@pytest.mark.parametrize(("word", "meant", "why"), COMPOSED, ids=[c[0] for c in COMPOSED])
def test_words_nobody_has_misspelt(index: TermIndex, word: str, meant: str | None, why: str) -> None:
    known = word in index.speller.known
    found = None if known else index.speller.repair(word)
    assert (found[0] if found else None) == meant, why


FIVE_LETTERS = [
    # word, read as, why
    ("chrnic", "chronic", "six letters, one missing"),
    ("lmbar", "lumbar", "five letters: a common word that lost one"),
    ("injry", "injury", "five letters: a common word that lost one"),
    ("pelvs", "pelvis", "five letters: a common word that lost one"),
    ("zebrx", None, "nothing near that is common"),
    ("gout", None, "four letters are matched exactly"),
]


@pytest.mark.parametrize(("word", "meant", "why"), FIVE_LETTERS)
def test_short_words_are_repaired_only_towards_common_ones(
    index: TermIndex, word: str, meant: str | None, why: str
) -> None:
    got = index.speller.repair(word)
    assert (got[0] if got else None) == meant, why


def test_a_misspelling_with_a_row_of_its_own_is_never_a_target(index: TermIndex) -> None:
    """Else "fracfure" stays undecided between "fracture" and the row "fracure"."""
    assert "fracure" in index.speller.known
    assert "fracure" not in index.speller.targets
    assert index.speller.repair("fracfure") == ("fracture", 1)


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
    "word",
    [
        *("gout", "ileum", "ilium", "prednisolone", "osteotome", "hemithorax", "patient"),
        # one letter from a word of another meaning: depressive, unciform, intramural, biological, vasopressin
        *("depressible", "punctiform", "intradural", "virological", "vasopressor"),
    ],
)
def test_words_that_are_spelled_right_are_never_changed(index: TermIndex, word: str) -> None:
    assert word in index.speller.known


RUN_TOGETHER = [
    # word, words it is read as (none: left alone), why
    ("chestpain", ("chest", "pain"), "two common words"),
    ("bloodpressure", ("blood", "pressure"), "two common words"),
    ("kidneystones", ("kidney", "stones"), "the plural of the second"),
    ("shortnessofbreath", ("shortness", "of", "breath"), "joined by 'of'"),
    ("antisepsis", (), "a prefix makes a new word: no sepsis"),
    ("microfracture", (), "a prefix makes a new word"),
    ("fingerstick", (), "two ways to take it apart"),
    ("painx", (), "too short"),
]


@pytest.mark.parametrize(("word", "words", "why"), RUN_TOGETHER)
def test_words_that_were_run_together(index: TermIndex, word: str, words: tuple[str, ...], why: str) -> None:
    assert index.speller.parts(word) == words, why


def test_a_split_is_recorded_as_an_edit(coder: Coder) -> None:
    text = "Assessment: chestpain."
    (first, *_) = coder.suggest(text)
    assert first.code == "R07.9"
    assert [e.text for e in first.evidence] == ["chestpain"]
