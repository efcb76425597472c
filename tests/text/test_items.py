"""Items and headings: which lines are one problem, and which line is its title.

Expected lines: item number, "H" for a heading, then the sentence.
"""

from __future__ import annotations

import pytest

from cac.text.reader import read

AP = "ASSESSMENT AND PLAN\n"
CASES = [
    (AP + "1. Type 2 diabetes.\n2. Gout", ["0H Type 2 diabetes.", "1H Gout"], "numbered problems"),
    (
        AP + "# HTN\n- continue\n# Gout\n- rest",
        ["0H HTN", "0 continue", "1H Gout", "1 rest"],
        "hash problems",
    ),
    (AP + "#1 HTN\n#2 Gout", ["0H HTN", "1H Gout"], "hash with numbers"),
    (AP + "Problem #1: HTN\nstable\nProblem #2: Gout", ["0H HTN", "0 stable", "1H Gout"], "spelt out"),
    (
        AP + "1. HTN\n- Medical Reasoning: stable\n- Medical Treatment: lisinopril\n2. Gout",
        ["0H HTN", "0 Medical Reasoning: stable", "0 Medical Treatment: lisinopril", "1H Gout"],
        "labels under a number",
    ),
    (
        AP + "Acute lumbar strain.\n\u2022 Medical Reasoning: lifted a box\nGout.\n\u2022 rest",
        ["0H Acute lumbar strain.", "0 Medical Reasoning: lifted a box", "1H Gout.", "1 rest"],
        "title lines",
    ),
    (
        AP + "Gout.\n\n\u2022 Medical Reasoning: flare\n\n\u2022 Medical Treatment: rest\n\nHTN.",
        ["0H Gout.", "0 Medical Reasoning: flare", "0 Medical Treatment: rest", "1H HTN."],
        "a blank line after every line",
    ),
    (
        AP + "Mr Lee is a 60-year-old man with pain.\n\nGout.\n\u2022 rest",
        ["0 Mr Lee is a 60-year-old man with pain.", "1H Gout.", "1 rest"],
        "an opening sentence is no problem",
    ),
    (
        AP + "1. HTN\ncontinue lisinopril\n2. Gout",
        ["0H HTN", "0 continue lisinopril", "1H Gout"],
        "prose beneath",
    ),
    (
        AP + "1. HTN\n\nShe takes it daily.\n\n2. Gout",
        ["0H HTN", "0 She takes it daily.", "1H Gout"],
        "a paragraph beneath",
    ),
    (
        AP + "Diabetes\nA1c 9\nincrease metformin\n\nHypertension\nwell controlled",
        ["0H Diabetes", "0 A1c 9", "0 increase metformin", "1H Hypertension", "1 well controlled"],
        "blocks parted by blank lines",
    ),
    (AP + "HTN\nDM2\nCKD 3", ["0H HTN", "1H DM2", "2H CKD 3"], "a plain list"),
    (AP + "Hypertension - stable\nGout", ["0H Hypertension - stable", "1H Gout"], "a dash in the title"),
    (AP + "1. Gout. Start colchicine.", ["0H Gout.", "0 Start colchicine."], "title and plan in one line"),
    (
        AP + "1. Gout\n   a. colchicine\n   b. labs\n2. CKD",
        ["0H Gout", "0 colchicine", "0 labs", "1H CKD"],
        "letters",
    ),
    (
        AP + "1. Gout\n    1. rest\n    2. ice\n2. CKD",
        ["0H Gout", "0 rest", "0 ice", "1H CKD"],
        "nested numbers",
    ),
    (AP + "- HTN\n- Gout", ["0H HTN", "1H Gout"], "bulleted problems"),
    (AP + "- HTN\n   - continue\n- Gout", ["0H HTN", "0 continue", "1H Gout"], "bullets under bullets"),
    (AP + "\u2022 HTN\n- continue\n\u2022 Gout", ["0H HTN", "0 continue", "1H Gout"], "two kinds of bullet"),
    (
        AP + "Gout\nAdditional Testing: uric acid",
        ["0H Gout", "0 Additional Testing: uric acid"],
        "bare label",
    ),
    (
        AP + "Gout\nSpecialist Referrals\nCKD",
        ["0H Gout", "0 Specialist Referrals", "1H CKD"],
        "label, no colon",
    ),
    (AP + "1. Gout\n\nTime Spent: 20 minutes", ["0H Gout", "1 20 minutes"], "what concerns the whole note"),
    ("Impression: 1) COPD 2) Gout", ["0H COPD", "1H Gout"], "inline numbers"),
    ("Assessment: HTN, stable. Continue lisinopril.", ["0 HTN, stable.", "0 Continue lisinopril."], "prose"),
    ("Assessment: Acute bronchitis.", ["0H Acute bronchitis."], "the only line"),
    ("Imp: viral gastroenteritis", ["0H viral gastroenteritis"], "lower case beside the header"),
    ("Plan: rest and fluids", ["0 rest and fluids"], "an instruction is no problem"),
    ("PLAN\n1. Continue aspirin\n2. Gout", ["0 Continue aspirin", "1H Gout"], "instructions among problems"),
    ("ASSESSMENT:,1.  Gout.,2.  CKD.,PLAN:,Rest.", ["0H Gout.", "1H CKD.", "2 Rest."], "lost newlines"),
    ("Discharge Diagnoses:\n1. CHF\n2. CKD", ["0H CHF", "1H CKD"], "diagnoses"),
    (
        "Diagnoses:\nHypertension\nGout\n\nThis was discussed with her.",
        ["0H Hypertension", "1H Gout", "1 This was discussed with her."],
        "a blank line before closing words parts no problems",
    ),
    ("PMH:\n1. CHF\n2. CKD", ["0 CHF", "1 CKD"], "no headings in a history"),
    ("PMH:\nCHF\nCKD", ["0 CHF", "1 CKD"], "list lines are items"),
    (
        "HPI: Has pain. No fever.\n\nWorks hard.",
        ["0 Has pain.", "0 No fever.", "1 Works hard."],
        "paragraphs",
    ),
    ("ROS\n- CV: no pain\n- GI: none", ["0 CV: no pain", "1 GI: none"], "bullets of a review"),
    ("PMH: gout\nPlan: rest", ["0 gout", "1 rest"], "a section begins a new item"),
]


@pytest.mark.parametrize(("text", "expected", "why"), CASES, ids=[f"{i}-{c[2]}" for i, c in enumerate(CASES)])
def test_items(text: str, expected: list[str], why: str) -> None:
    note = read(text)
    found = [f"{s.item}{'H' if s.heading else ''} {text[s.start : s.end]}" for s in note.sentences]
    assert found == expected, why
