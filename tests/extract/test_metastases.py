"""The site behind the name of a primary cancer is its metastasis (I.C.2.b)."""

from __future__ import annotations

import pytest

import cac


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Assessment: Metastatic colon cancer to the liver and left lung.", "C18.9 C78.02 C78.7"),
        ("Assessment: Metastatic melanoma to brain, lung and bone.", "C43.9 C78.00 C79.31 C79.51"),
        ("Assessment: Metastatic breast cancer to axillary lymph nodes.", "C50.919 C77.3"),
        ("Assessment: Metastatic prostate cancer, referred to hepatology.", "C61"),
        ("Assessment: Metastatic prostate cancer. PSA continues to rise.", "C61"),
        ("Assessment: Lung cancer, no metastatic spread to bone.", "C34.90"),
        ("Mother has metastatic colon cancer to the liver. Assessment: Hypertension.", ""),
    ],
)
def test_metastases(text: str, codes: str) -> None:
    found = [s.code for s in cac.suggest(text, systems=("ICD-10-CM",)) if s.code[0] == "C"]
    assert sorted(found) == codes.split()
