"""What ties two conditions together: the words between them, and where they stand."""

from __future__ import annotations

import pytest

from cac.coder import Coder


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        # "caused": the words between make one the cause of the other
        ("Sepsis with acute kidney injury due to sepsis.", {"A41.9", "R65.20", "N17.9"}),
        ("Sepsis. Acute kidney injury due to dehydration.", {"A41.9", "N17.9", "E86.0"}),
        ("Secondary hypertension due to renal artery stenosis.", {"I15.0", "I70.1"}),
        ("Diabetes due to chronic pancreatitis.", {"E08.9", "K86.1"}),
        ("Type 2 diabetes. Chronic pancreatitis.", {"E11.9", "K86.1"}),
        # a link that is denied in between
        ("Diabetes not due to chronic pancreatitis.", {"E11.9"}),
        # "with": named with it, not merely beside it
        ("Dementia with anxiety.", {"F03.94"}),
        ("Dementia. Anxiety.", {"F03.90", "F41.9"}),
        # "sentence": one sentence names them
        ("Moderate dementia and agitation.", {"F03.B11"}),
        ("Neutropenia due to chemotherapy.", {"D70.1", "T45.1X5A"}),
        ("Neutropenia. Rash due to amoxicillin.", {"D70.9", "L27.0", "T36.0X5A"}),
        # "presumed": unless the note says otherwise
        ("Hypertension. CKD stage 4.", {"I12.9", "N18.4"}),
        ("Hypertension. CKD stage 4, not due to hypertension.", {"I10", "N18.4"}),
    ],
)
def test_links(coder: Coder, note: str, expected: set[str]) -> None:
    assert {s.code for s in coder.suggest(note)} == expected


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        # one code for both sides where there is one (I.B.13)
        ("Right knee osteoarthritis. Left knee osteoarthritis.", {"M17.0"}),
        ("Right knee osteoarthritis. Left hip osteoarthritis.", {"M17.11", "M16.12"}),
        ("Right knee pain. Left knee pain.", {"M25.561", "M25.562"}),
        # the code that a note names stays, the one that bears the note goes (I.A.12.a)
        ("Hyponatremia due to SIADH.", {"E22.2"}),
        # acute before chronic, the result of a test is no denial of it
        ("Depression screening negative.", {"Z13.31"}),
        ("Family history of breast cancer, screening mammogram.", {"Z12.31", "Z80.3"}),
        # the acuity within a short form stays there
        ("HFrEF and CKD 4.", {"I50.20", "N18.4"}),
        # dominance follows the side unless stated (I.C.6.a)
        ("Left hemiparesis from a stroke in 2019.", {"I69.354"}),
        ("Right hemiplegia.", {"G81.91"}),
        # healed pressure ulcers are not coded (I.C.12.a.4)
        ("Pressure injury of the right buttock, healed. Dehydration today.", {"E86.0"}),
        # carriers and infections (I.C.1.e)
        ("MRSA nasal swab positive.", {"Z22.322"}),
        ("Cellulitis of the left leg with MRSA.", {"L03.116", "B95.62"}),
        ("Sepsis due to MRSA.", {"A41.02"}),
    ],
)
def test_conventions(coder: Coder, note: str, expected: set[str]) -> None:
    assert {s.code for s in coder.suggest(note)} == expected


def test_acute_before_chronic(coder: Coder) -> None:
    assert [s.code for s in coder.suggest("CKD stage 3b with AKI.")] == ["N17.9", "N18.32"]
