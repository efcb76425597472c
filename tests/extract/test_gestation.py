"""Weeks of gestation are a code only where the note speaks of a pregnancy."""

from __future__ import annotations

import pytest

from cac.coder import Coder
from cac.extract.gestation import gestation_mentions
from cac.text.reader import read

CODES = {f"Z3A.{n:02d}" for n in range(8, 43)}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Pregnant, 20 weeks.", ["Z3A.20"]),  # plain
        ("G2P1 at 34w3d by ultrasound.", ["Z3A.34"]),  # shorthand with days
        ("IUP at 28 4/7 weeks.", ["Z3A.28"]),  # sevenths
        ("Severe preeclampsia at 34 weeks.", ["Z3A.34"]),  # the disease says pregnancy
        ("Intrauterine pregnancy, 12-week size.", ["Z3A.12"]),  # hyphen
        ("Back pain for 20 weeks.", []),  # nobody is pregnant
        ("Pregnant. Vomiting for 9 weeks.", []),  # a duration
        ("Pregnant. Cough started 10 weeks ago.", []),  # long past
        ("Pregnancy test negative. Return in 12 weeks.", []),  # the future
        ("Pregnant, 2 weeks.", []),  # no code that early
        ("Delivered at term, 10 weeks postpartum, no longer pregnant.", []),  # after it
    ],
)
def test_weeks(text: str, codes: list[str]) -> None:
    note = read(text)
    found = gestation_mentions(note, [], CODES)
    assert [c for m in found for c in m.codes] == codes
    assert all("w" in text[m.start : m.end].lower() for m in found)


def test_weeks_decide_the_trimester(coder: Coder) -> None:
    codes = [s.code for s in coder.suggest("Severe preeclampsia at 33 weeks, given magnesium.")]
    assert codes == ["O14.13", "Z3A.33"]
