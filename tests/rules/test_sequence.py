"""The order of the list: what has to be first, what never is, what follows its cause."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.rules.sequence import in_order, load_sequence
from tests.rules.synthetic import TABULAR
from tests.rules.test_engine import POOL


@pytest.mark.parametrize(
    ("scored", "expected"),
    [
        # the order of the scores where nothing demands another
        ("M10.9 J18.9 I48.91", "M10.9 J18.9 I48.91"),
        # code first, use additional (I.A.13, I.A.17)
        ("N18.4 I12.9", "I12.9 N18.4"),
        ("I50.22 I11.0", "I11.0 I50.22"),
        ("F02.80 G30.9", "G30.9 F02.80"),
        ("L97.512 E11.621", "E11.621 L97.512"),
        ("D63.1 N18.4", "N18.4 D63.1"),
        ("J12.82 U07.1", "U07.1 J12.82"),
        ("I1A.0 I10", "I10 I1A.0"),
        ("R33.8 N40.1", "N40.1 R33.8"),
        # never first (I.C.21.c.3, I.C.20.a.6)
        ("Z68.31 E66.9", "E66.9 Z68.31"),
        ("W19.XXXA S82.001A", "S82.001A W19.XXXA"),
        ("Z79.4 Z95.5 E11.9", "E11.9 Z79.4 Z95.5"),
        # adverse effect: what it did is first; poisoning: the drug is first (I.C.19.e.5)
        ("T45.1X5A G62.0", "G62.0 T45.1X5A"),
        ("R40.20 T40.2X1A", "T40.2X1A R40.20"),
        # only ever first (I.C.21.c.16), before chapter 15, before all others
        ("C50.911 Z51.11", "Z51.11 C50.911"),
        ("E11.9 Z00.00", "Z00.00 E11.9"),
        ("E11.9 O24.111 Z3A.10", "O24.111 E11.9 Z3A.10"),
        # sepsis before the localized infection (I.C.1.d.4)
        ("N39.0 A41.51 R65.20", "A41.51 N39.0 R65.20"),
        ("Z96.641 Z47.1", "Z47.1 Z96.641"),
        ("Z85.038 Z08", "Z08 Z85.038"),
        # a screening stays before what it found (I.C.21.c.5), not before the rest
        ("K63.5 Z12.11", "Z12.11 K63.5"),
        ("E11.9 Z12.31", "E11.9 Z12.31"),
        # anemia: behind the malignancy, before it when the treatment caused it (I.C.2.c)
        ("D63.0 C34.90", "C34.90 D63.0"),
        ("C34.90 D64.81 T45.1X5A", "D64.81 C34.90 T45.1X5A"),
        # nothing else there: a status may stand alone
        ("Z95.0", "Z95.0"),
        ("", ""),
    ],
)
def test_order(scored: str, expected: str) -> None:
    assert " ".join(in_order(scored.split(), TABULAR)) == expected


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(POOL), max_size=12, unique=True))
def test_what_is_never_first_is_first_only_without_another(codes: list[str]) -> None:
    ordered = in_order(codes, TABULAR)
    assert sorted(ordered) == sorted(codes)
    never = {c for c in codes if c in load_sequence().never_first or TABULAR.manifestation(c)}
    if ordered and set(codes) - never:
        assert ordered[0] not in never


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(POOL), max_size=12, unique=True))
def test_ordering_again_changes_nothing(codes: list[str]) -> None:
    ordered = in_order(codes, TABULAR)
    assert in_order(ordered, TABULAR) == ordered
