"""Graded verdicts: how two codes stand to each other, and which are paired."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.codes.table import CodeTable
from cac.evaluation.verdicts import GRADES, VERDICTS, Relations, pair_codes

POOL = "E11 E11.2 E11.22 E11.21 E11.9 M17.0 M17.10 M17.11 M17.12 M17.9 I10 S72.001A S72.001D S72.002A".split()


@pytest.fixture(scope="module")
def relations() -> Relations:
    return Relations(CodeTable.open("2026-04"))


@pytest.mark.parametrize(
    ("gold", "predicted", "verdict"),
    [
        ("I10", "I10", "exact"),
        ("I10", "E11.9", None),
        ("E11.22", "E11.2", "less_specific"),  # above it
        ("E11", "E11.22", "more_specific"),
        ("E11.22", "E11.9", "less_specific"),  # "without complications" leaves open what E11.22 says
        ("E11.9", "E11.65", "more_specific"),
        ("E11.21", "E11.22", "sibling"),
        ("E11.22", "E11.65", "same_category"),
        ("M17.11", "M17.12", "wrong_side"),
        ("M17.11", "M17.0", "wrong_side"),  # both knees
        ("M17.11", "M17.10", "less_specific"),  # side not given
        ("M17.10", "M17.12", "more_specific"),
        ("S72.001A", "S72.002A", "wrong_side"),
        ("S72.001A", "S72.001D", "sibling"),  # the encounter differs
        ("H25.11", "H25.13", "wrong_side"),  # right eye, bilateral: number does not matter
        ("E11.2299", "E11.22", "less_specific"),  # codes no release has are judged by their letters
        ("E11.2299", "E11.2298", "sibling"),
        ("E11.2299", "E11.31", "same_category"),
    ],
)
def test_verdict(relations: Relations, gold: str, predicted: str, verdict: str | None) -> None:
    assert relations.verdict(gold, predicted) == verdict


MIRROR = {"more_specific": "less_specific", "less_specific": "more_specific"}


@given(st.sampled_from(POOL), st.sampled_from(POOL))
def test_verdicts_mirror(gold: str, predicted: str) -> None:
    r = Relations(CodeTable.open("2026-04"))
    there, back = r.verdict(gold, predicted), r.verdict(predicted, gold)
    assert back == MIRROR.get(there or "", there)


def test_other_systems_know_equal_or_not() -> None:
    r = Relations(CodeTable.open("2026-04"), "CPT")
    assert r.verdict("99213", "99213") == "exact"
    assert r.verdict("99213", "99214") is None
    assert r.chapter("99213") == "unknown"


@pytest.mark.parametrize(
    ("code", "chapter"), [("E11.22", "4"), ("I10", "9"), ("Q99.Z", "17"), ("X00.Z9", "20")]
)
def test_chapter(relations: Relations, code: str, chapter: str) -> None:
    assert relations.chapter(code) == chapter


@pytest.mark.parametrize(
    ("gold", "predicted", "pairs"),
    [
        ([], [], []),
        (["I10"], [], [("I10", "", "missed")]),
        ([], ["I10"], [("", "I10", "spurious")]),
        # Equal codes are paired first: E11.9 is not used up by E11.22.
        (["E11.22", "E11.9"], ["E11.9"], [("E11.22", "", "missed"), ("E11.9", "E11.9", "exact")]),
        # The closest grade wins: less specific before sibling.
        (
            ["E11.22"],
            ["E11.21", "E11.9"],
            [("E11.22", "E11.9", "less_specific"), ("", "E11.21", "spurious")],
        ),
        # One to one: one prediction answers one label; alphabetical order decides.
        (
            ["M17.11", "M17.12"],
            ["M17.10"],
            [("M17.11", "M17.10", "less_specific"), ("M17.12", "", "missed")],
        ),
    ],
)
def test_pairs(
    relations: Relations, gold: list[str], predicted: list[str], pairs: list[tuple[str, str, str]]
) -> None:
    for g in permutations(gold):
        for p in permutations(predicted):
            assert list(pair_codes(g, p, relations)) == pairs


@given(st.sets(st.sampled_from(POOL)), st.sets(st.sampled_from(POOL)))
def test_pairs_are_one_to_one_and_complete(gold: set[str], predicted: set[str]) -> None:
    relations = Relations(CodeTable.open("2026-04"))
    pairs = pair_codes(gold, predicted, relations)
    assert sorted(p.gold for p in pairs if p.gold) == sorted(gold)
    assert sorted(p.predicted for p in pairs if p.predicted) == sorted(predicted)
    assert {p.gold for p in pairs if p.verdict == "exact"} == gold & predicted
    missed = {p.gold for p in pairs if p.verdict == "missed"}
    spurious = {p.predicted for p in pairs if p.verdict == "spurious"}
    # Greedy pairing leaves no pair of related codes that are both free.
    assert not any(relations.verdict(g, p) for g in missed for p in spurious)
    assert all(p.verdict in VERDICTS for p in pairs)
    assert all(relations.verdict(p.gold, p.predicted) == p.verdict for p in pairs if p.verdict in GRADES)
