"""A cancer that the note calls gone, and that is under no treatment, is history (I.C.2.m)."""

from __future__ import annotations

import pytest

from cac.rules.gone import gone_rules, is_gone
from cac.text.reader import read
from cac.types import Mention, Span


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Colon cancer s/p resection, NED.", True),
        ("Colon cancer, disease-free for 8 years.", True),
        ("Colon cancer s/p resection in 2016. No evidence of recurrence.", True),
        ("NED from colon cancer.", True),
        ("Colon cancer, resected 2017. Surveillance CT without evidence of recurrence.", True),
        ("Colon cancer, resected 2017. No evidence of recurrence of DVT.", False),
        ("Colon cancer, s/p chemotherapy and radiation, no evidence of disease on PET.", True),
        ("Colon cancer, no recurrence in the last 5 years.", True),
        # a treatment that is over does not count, one that goes on or is to come does
        ("Colon cancer, completed adjuvant capecitabine, NED.", True),
        ("Colon cancer, NED, on capecitabine.", False),
        ("Colon cancer, NED, currently on adjuvant treatment.", False),
        ("Colon cancer, NED after resection, chemotherapy planned.", False),
        ("Colon cancer, NED. Continue pembrolizumab.", False),
        # nothing is said of the cancer itself
        ("Colon cancer with no evidence of disease in the liver.", False),
        ("Colon cancer, no evidence of disease progression.", False),
        ("Colon cancer, no evidence of metastases.", False),
        ("Colon cancer s/p resection 2016.", False),
        ("NED. Needs work-up for colon cancer.", False),
    ],
)
def test_gone(text: str, gone: bool) -> None:
    assert _gone(text, "gone-cancer") is gone


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Colon cancer s/p resection 2016.", True),
        ("Colon cancer, treated with chemotherapy in 2009.", True),
        ("Colon cancer s/p right hemicolectomy 8 years ago.", True),
        ("Colon cancer. Resected in 2014.", True),
        # no date, or one that is not long past
        ("Colon cancer s/p resection.", False),
        ("Colon cancer s/p resection 3 weeks ago.", False),
        ("Colon cancer s/p resection in 2026.", False),
        ("Colon cancer, resected. Colonoscopy in 2015.", False),
        # it is there still, or treated still
        ("Colon cancer s/p resection 2016, on capecitabine.", False),
        ("Colon cancer s/p resection 2016 with recurrence.", False),
        ("Metastatic colon cancer s/p resection 2016.", False),
        ("Colon cancer s/p resection 2016, now in hospice.", False),
    ],
)
def test_removed_years_ago(text: str, gone: bool) -> None:
    assert _gone(text, "gone-excised") is gone


def _gone(text: str, name: str) -> bool:
    note = read(text)
    start = text.lower().index("colon cancer")
    sentence = max(i for i, s in enumerate(note.sentences) if s.start <= start)
    mention = Mention((Span(start, start + 12),), ("C18.9",), "exact", 1.0, sentence=sentence)
    rule = next(r for r in gone_rules() if r.id == name)
    return is_gone(note, mention, rule)
