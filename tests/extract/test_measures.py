"""Numbers that are codes: the body mass index and the extent of burns."""

from __future__ import annotations

import pytest

from cac.coder import Coder
from cac.extract.measures import measure_mentions
from cac.text.reader import read


class _Any:
    def __contains__(self, code: object) -> bool:
        return True


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("BMI 17.2", ["Z68.1"]),
        ("BMI: 24.9", ["Z68.24"]),
        ("BMI is 31", ["Z68.31"]),
        ("body mass index of 39.96", ["Z68.39"]),
        ("BMI 40.0", ["Z68.41"]),
        ("BMI 45", ["Z68.42"]),
        ("BMI (kg/m2) 52.1", ["Z68.43"]),
        ("BMI 71", ["Z68.45"]),
        # percentiles, limits and plans are no index
        ("BMI 85th percentile", []),
        ("BMI > 30", []),
        ("BMI not measured", []),
    ],
)
def test_body_mass_index(note: str, expected: list[str]) -> None:
    assert [c for m in measure_mentions(read(note), [], _Any()) for c in m.codes] == expected


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        # the index only beside a diagnosis of weight (I.B.14), wherever the value stands
        ("Vitals: BP 120/80, BMI 38.\nAssessment: Obesity.", {"E66.9", "Z68.38"}),
        ("Vitals: BMI 38.\nAssessment: Hypertension.", {"I10"}),
        # the extent only beside a burn of a site (I.C.19.d.6)
        (
            "Third degree burn of chest, 25% TBSA, 12% full thickness.",
            {"T21.31XA", "T31.21"},
        ),
        ("Second degree burn of the right forearm, 5% TBSA.", {"T22.211A", "T31.0"}),
        ("Psoriasis of 10% body surface.", {"L40.9"}),
        # the weight at birth only beside a documented prematurity (I.C.16.d)
        ("Diagnosis: Prematurity, 33 weeks, birth weight 1,900 g.", {"P07.36"}),
        ("Diagnosis: Prematurity, 33 weeks. BW 1900 g.", {"P07.17", "P07.36"}),
        ("Diagnosis: Newborn jaundice. Birth weight 2300 g.", {"P59.9"}),
    ],
)
def test_values_beside_a_diagnosis(coder: Coder, note: str, expected: set[str]) -> None:
    assert {s.code for s in coder.suggest(note)} == expected
