"""Where on the skin an ulcer is, and how deep."""

from __future__ import annotations

import pytest

from cac.coder import Coder
from cac.extract.skinsites import find_site
from cac.types import Span

SITES = [
    # table, text, stem, column, site, side, why
    ("pressure_sites.csv", "right heel", "L89.61", 1, (6, 10), (0, 5), "the side stands before"),
    ("pressure_sites.csv", "heel, left", "L89.62", 2, (0, 4), (6, 10), "the side stands behind"),
    ("pressure_sites.csv", "heel", "L89.60", 0, (0, 4), None, "no side"),
    ("pressure_sites.csv", "bilateral heels", "L89.60", 0, (10, 15), (0, 9), "both sides are no single one"),
    ("pressure_sites.csv", "left side", "", 2, None, (0, 4), "a side and no site"),
    ("ulcer_sites.csv", "right ankle", "L97.31", 1, (6, 11), (0, 5), "the table of other ulcers"),
]


@pytest.mark.parametrize(("table", "text", "stem", "column", "site", "side", "why"), SITES)
def test_the_site_and_its_side(
    table: str,
    text: str,
    stem: str,
    column: int,
    site: tuple[int, int] | None,
    side: tuple[int, int] | None,
    why: str,
) -> None:
    found = find_site(table, text, 0, len(text))
    spans = tuple(Span(*s) if s is not None else None for s in (site, side))
    assert (found.stem, found.column, found.site, found.side) == (stem, column, *spans), why


DEPTHS = [
    # what is said of the ulcer, code, why
    ("", "L97.319", "nothing is said"),
    ("superficial", "L97.311", "the skin"),
    ("fat layer exposed", "L97.312", "the fat layer"),
    ("with necrosis of muscle", "L97.313", "dead muscle"),
    ("bone necrosis, fat layer exposed", "L97.314", "the worst counts"),
    ("exposed muscle, no dead tissue", "L97.315", "muscle without necrosis"),
    ("exposed bone", "L97.316", "bone without necrosis"),
]


@pytest.mark.parametrize(("words", "code", "why"), DEPTHS, ids=[d[1] for d in DEPTHS])
def test_the_depth_of_a_venous_ulcer(coder: Coder, words: str, code: str, why: str) -> None:
    found = coder.suggest(f"Assessment: Venous stasis ulcer of the right ankle, {words}.")
    assert code in [s.code for s in found], why
