"""Sentences: where they end, where they do not."""

from __future__ import annotations

import pytest

from cac.text.reader import read

# note, sentences parted by "|", why
CASES = [
    ("He is well. No fever.", "He is well.|No fever.", "two sentences"),
    ("No fever. no cough.", "No fever.|no cough.", "shorthand without capitals"),
    ("Seen by Dr. Lee today.", "Seen by Dr. Lee today.", "title"),
    ("Seen by Mrs. J. Lee. She agreed.", "Seen by Mrs. J. Lee.|She agreed.", "initial"),
    ("Seen by J. Smith today.", "Seen by J. Smith today.", "initial without a title"),
    ("Takes vitamin D. She is well.", "Takes vitamin D.|She is well.", "a letter that is no initial"),
    ("Type 1 vs. type 2.", "Type 1 vs. type 2.", "versus"),
    ("Drink approx. 2 liters.", "Drink approx. 2 liters.", "approximately"),
    ("Bed No. 3 is free.", "Bed No. 3 is free.", "No. before a number"),
    ("Any pain? No. He sleeps.", "Any pain?|No.|He sleeps.", "No. as an answer"),
    ("See Fig. 2 for this.", "See Fig. 2 for this.", "figure"),
    ("Takes it b.i.d. with food.", "Takes it b.i.d. with food.", "b.i.d. inside"),
    ("Takes it b.i.d. He is well.", "Takes it b.i.d.|He is well.", "b.i.d. at the end"),
    ("Takes it q.d. and p.r.n. for pain.", "Takes it q.d. and p.r.n. for pain.", "q.d., p.r.n."),
    ("NSAIDs, e.g. ibuprofen, i.e. none.", "NSAIDs, e.g. ibuprofen, i.e. none.", "e.g., i.e."),
    ("Treated at St. Mary today.", "Treated at St. Mary today.", "Saint"),
    ("P. vivax was seen.", "P. vivax was seen.", "genus"),
    ("A1c 7.5 and 1.2 mg.", "A1c 7.5 and 1.2 mg.", "decimals"),
    ("Came at 10:30 a.m. today.", "Came at 10:30 a.m. today.", "time"),
    ("Stage 3. Continue.", "Stage 3.|Continue.", "a number at the end"),
    ("Father died at 56. Mother well.", "Father died at 56.|Mother well.", "two digits at the end"),
    ("Gave 5 mg. Slept well.", "Gave 5 mg.|Slept well.", "unit at the end"),
    ("Gave 5 mg. of morphine.", "Gave 5 mg. of morphine.", "unit with a stop"),
    ("Has pain.He denies fever.", "Has pain.|He denies fever.", "a missing blank"),
    ("?pneumonia or ? abscess", "?pneumonia or ? abscess", "query marks do not end"),
    ("Imp: URTI/? LRTI", "URTI/? LRTI", "query mark after a slash"),
    ("He said \u201cno.\u201d Then he left.", "He said \u201cno.\u201d|Then he left.", "closing quote"),
    ("Edema (now gone). Sleeps well.", "Edema (now gone).|Sleeps well.", "a bracket before the stop"),
    ("Stroke (2014). Weak since.", "Stroke (2014).|Weak since.", "a year in brackets before the stop"),
    ("BP (120/80) is fine.", "BP (120/80) is fine.", "a bracket ends nothing"),
    ("It hurts! Badly.", "It hurts!|Badly.", "exclamation"),
    ("Felt ill... then better.", "Felt ill... then better.", "ellipsis"),
    # line breaks
    (
        "The pain began last week and it\nradiates to the back.",
        "The pain began last week and it\nradiates to the back.",
        "wrapped prose goes on in lower case",
    ),
    (
        "He was seen in the clinic and was then referred on to the\nUniversity Hospital for this.",
        "He was seen in the clinic and was then referred on to the\nUniversity Hospital for this.",
        "wrapped prose goes on with a name",
    ),
    (
        "Wrapped prose ends here with Dr.\nLee and goes on.",
        "Wrapped prose ends here with Dr.\nLee and goes on.",
        "a title at the end of a line",
    ),
    ("No cough\nNo fever", "No cough|No fever", "two short lines"),
    ("PMH:\nhypertension\ndiabetes", "hypertension|diabetes", "lower-case list"),
    ("Cough\n\nFever", "Cough|Fever", "blank line"),
    ("- cough\n- fever", "cough|fever", "bullets"),
    ("\u2022 cough\n\u2022 fever", "cough|fever", "round bullets"),
    ("- chest pain\n  on exertion\n- cough", "chest pain\n  on exertion|cough", "a wrapped bullet"),
    ("Meds: aspirin; statin", "aspirin|statin", "semicolons in a list section"),
    ("HPI: pain came; it went.", "pain came; it went.", "semicolon in prose"),
    ("Na | 140\nK | 4.1", "Na | 140|K | 4.1".replace(" | ", " \u2502 "), "table rows"),
    ("BP: 120/80\nHR: 70", "BP: 120/80|HR: 70", "form lines"),
    # enumerations
    ("1. Gout\n2. CKD", "Gout|CKD", "numbered lines"),
    ("1) Gout\n2) CKD", "Gout|CKD", "brackets"),
    ("Assessment: 1. HTN 2. DM 3. CKD", "HTN|DM|CKD", "inline numbers"),
    ("Impression: 1) COPD 2) Gout", "COPD|Gout", "inline brackets"),
    ("Assessment: 1. CKD stage 3. 2. Gout.", "CKD stage 3.|Gout.", "a stage is not an item"),
    ("Plan: see item No. 2. Then rest.", "see item No. 2.|Then rest.", "No. 2 is not an item"),
    ("He has 2. something", "He has 2. something", "a stray number"),
    (
        "Assessment: 1. Gout, pain 7. Rest. 2. CKD",
        "Gout, pain 7.|Rest.|CKD",
        "a number out of turn is no item",
    ),
    ("1.Gout\n2.CKD", "Gout|CKD", "no blank after the number"),
    ("PLAN:,1.  Rest.,2.  Ice.,Return.", "Rest.|Ice.|Return.", "lost newlines"),
    ("EXAM:,NECK: ,Supple.,LUNGS:  ,Clear.", "NECK: ,Supple.|LUNGS:  ,Clear.", "a label keeps its value"),
    ("1.\nGout", "Gout", "a number alone is no sentence"),
    ("____\n***\nGout", "Gout", "lines without words"),
    ("PMH: gout. Plan: rest.", "gout.|rest.", "never across sections, never the header"),
]


@pytest.mark.parametrize(("text", "expected", "why"), CASES, ids=[f"{i}-{c[2]}" for i, c in enumerate(CASES)])
def test_split(text: str, expected: str, why: str) -> None:
    if "\u2502" in expected:
        expected = expected.replace("\u2502", "/")
        text = text.replace("|", "/")
    note = read(text)
    assert [text[s.start : s.end] for s in note.sentences] == expected.split("|"), why
