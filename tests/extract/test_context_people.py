"""Other people, advice, plans and section defaults. Each row carries its reason."""

from __future__ import annotations

import pytest

from cac.testing import assert_assertions

FAMILY = [
    ("Family history of <e family>breast cancer</e>.", "family history of"),
    ("FHx of <e family>diabetes</e>.", "abbreviation"),
    ("Family history significant for <e family>stroke</e> and <e family>gout</e>.", "list"),
    ("No family history of <e family negated>colon cancer</e>.", "both dimensions"),
    (
        "Denies any family history of <e family negated>glaucoma</e>, <e family negated>gout</e>.",
        "both, list",
    ),
    ("Mother had <e family>asthma</e>.", "relative as subject"),
    ("Father with <e family>diabetes</e>.", "relative with"),
    ("Her mother had <e family>breast cancer</e> and she has <e>hypertension</e>.", "and she is the patient"),
    ("His father died of <e family>heart attack</e>.", "died of"),
    ("Mother: <e family>diabetes</e>; father: <e family>gout</e>.", "pedigree in fields"),
    ("<e family>Colon cancer</e> in her mother.", "relative behind the disease"),
    ("<e family>Diabetes</e> in both parents.", "relatives behind the disease"),
    ("<e family>Migraine</e> runs in the family.", "runs in the family"),
    ("<e family>Hemophilia</e> runs in his family.", "runs in his family"),
    ("Has a sister with <e family>lupus</e>.", "object, not subject"),
    ("Maternal grandmother had <e family>glaucoma</e>.", "side of the family"),
    ("Brother has <e family>epilepsy</e>, but patient has <e>migraine</e>.", "but patient"),
    ("Patient's mother reports he has <e>cough</e>.", "a relative who reports"),
    ("Mom says he had <e>fever</e>.", "a relative who says"),
    ("Mother states that she noticed <e>rash</e>.", "a relative who states"),
    ("His wife notes <e>snoring</e>.", "a spouse who notes"),
    ("Brought in by mother for <e>cough</e>.", "a relative who brings"),
    ("Accompanied by his daughter, with <e>dementia</e>.", "a relative who comes along"),
    ("Lives with her mother, has <e>asthma</e>.", "a relative who lives along"),
    ("Per mother, <e>vomiting</e> since Monday.", "a relative as source"),
    ("According to his son, <e>falls</e> at home.", "a relative as source"),
    ("Mother of three with <e>anemia</e>.", "the patient is a mother"),
    ("Mother denies <e negated>fever</e>.", "a relative who denies, about the patient"),
    ("Parents report <e>wheezing</e>.", "relatives who report"),
    ("Mother had <e family>lupus</e>. Has <e>asthma</e>.", "sentence edge"),
    ("Seen by family medicine for <e>gout</e>.", "a department"),
    ("Aunt has <e family>lupus</e> and <e family>gout</e>.", "list"),
    ("<e family>Psoriasis</e> on his father's side.", "side of the family"),
    ("No one in the family has <e family negated>epilepsy</e>.", "nobody"),
    ("Familial <e family>tremor</e>.", "adjective"),
]

PEDIGREE = [
    ("She cares for her mother with <e family>dementia</e>.", "somebody cared for"),
    (
        "Family history negative for <e family negated>stroke</e> but positive for <e family>gout</e>.",
        "but: still family",
    ),
    ("Daughter has <e family>autism</e>; mother (the patient) has <e>fatigue</e>.", "the patient in person"),
    ("Lives with her husband who has <e other_person>COPD</e>.", "who belongs to the husband"),
]

OTHER_PERSON = [
    ("Her husband has <e other_person>pneumonia</e>.", "spouse"),
    ("Roommate with <e other_person>influenza</e>.", "roommate"),
    ("His wife was diagnosed with <e other_person>shingles</e>.", "spouse"),
    ("Exposed to <e other_person>COVID-19</e>.", "exposure names what others have"),
    ("Sick contact with <e other_person>strep</e>.", "contact"),
    ("Her husband has <e other_person>flu</e>, she has <e>cough</e>.", "she is the patient"),
    ("Someone with <e other_person>measles</e> at work.", "someone"),
    ("Lives with her husband, has <e>gout</e>.", "a spouse who lives along"),
    ("Contact <e>dermatitis</e>.", "not a person"),
    ("A coworker tested positive for <e other_person>TB</e>.", "coworker"),
]

HYPOTHETICAL_PRE = [
    (f"{cue} <e hypothetical>bleeding</e>.", "advice, condition, risk (R1)")
    for cue in (
        "Return if",
        "Call if",
        "Watch for",
        "In case of",
        "Risk of",
        "To prevent",
        "Should he develop",
        "Return to the ER for",
        "If you notice",
        "Monitor for",
        "At risk for",
        "As needed for",
        "PRN for",
        "Seek care for",
        "May cause",
        "Can lead to",
        "Prophylaxis against",
        "Side effects include",
        "Call the office with",
        "Come back if there is",
        "Risks including",
        "Warning signs of",
        "In the event of",
        "Vaccine against",
        "Discussed the risks of",
        "Should you experience",
        "Educated on signs of",
    )
]

HYPOTHETICAL = [
    (
        "Return if <e hypothetical>fever</e>, <e hypothetical>chills</e>, <e hypothetical>vomiting</e>.",
        "list",
    ),
    ("Call for: <e hypothetical>fever</e>; <e hypothetical>chills</e>.", "conditions run over semicolons"),
    (
        "Return if she has <e hypothetical>dyspnea</e> or <e hypothetical>syncope</e>.",
        "the pronoun does not end it",
    ),
    ("If symptoms worsen or <e hypothetical>fever</e> develops, call us.", "if"),
    ("<e hypothetical>DVT</e> prophylaxis.", "post-cue"),
    ("<e hypothetical>Pneumonia</e> vaccine given.", "a vaccine names what it prevents"),
    ("<e hypothetical>Fall</e> precautions.", "post-cue"),
    ("<e hypothetical>Stroke</e> risk was reviewed.", "post-cue"),
    ("<e>Cough</e>. Return if <e hypothetical>dyspnea</e>.", "sentence edge"),
    ("<e>Sprain</e>; return if <e hypothetical>numbness</e>.", "it does not look back"),
    ("<e hypothetical>Colon cancer</e> screening.", "a screening is no disease"),
    ("Avoid aspirin because of <e>gastritis</e>.", "the reason for a precaution is there"),
    ("Screening for <e hypothetical>diabetes</e>.", "a screening is no disease"),
]

PLANNED = [
    ("Scheduled for <e planned>colonoscopy</e>.", "scheduled"),
    ("Will undergo <e planned>CABG</e> for <e>coronary disease</e>.", "for names the reason, which is there"),
    ("Recommended <e planned>physical therapy</e> due to <e>back pain</e>.", "due to names the reason"),
    ("Consider <e planned>MRI</e>.", "consider"),
    ("Plan for <e planned>hip replacement</e>.", "plan for"),
    ("<e planned>Colonoscopy</e> is scheduled.", "post-cue"),
    ("Refer to <e planned>cardiology</e> for <e>palpitations</e>.", "referral and its reason"),
    ("Awaiting <e planned>biopsy</e>.", "awaiting"),
    ("She declined <e planned>vaccination</e>.", "declined: not done"),
    ("Awaiting <e planned>biopsy</e> of the <e>breast mass</e>.", "what is biopsied is there"),
    ("<e planned>Colonoscopy</e> recommended for <e>rectal bleeding</e>.", "for names the reason"),
    ("Referred for <e>hematuria</e>.", "the reason of a referral is there"),
    ("Underwent <e>colonoscopy</e>.", "done"),
]

SECTIONS = [
    (
        "FAMILY HISTORY:\n<e family>Diabetes</e>, <e family>stroke</e>.\n\nASSESSMENT:\n<e>Gout</e>.",
        "family section",
    ),
    ("FAMILY HISTORY:\nNo <e negated family>diabetes</e>.\n", "a cue and a default"),
    ("PAST SURGICAL HISTORY:\n<e historical>Appendectomy</e>.\n", "surgical history is past"),
    (
        "PAST MEDICAL HISTORY:\n<e historical>Hypertension</e>.\n",
        "the rules turn lifelong disease back to current",
    ),
    ("PAST MEDICAL HISTORY:\nHistory of <e historical>stroke</e>.\n", "a cue inside the section"),
    ("DIFFERENTIAL DIAGNOSIS:\n<e uncertain>Gout</e>.\n<e uncertain>Cellulitis</e>.\n", "candidates"),
    ("PATIENT INSTRUCTIONS:\n<e hypothetical>Fever</e> over 101.\n", "advice"),
    ("REVIEW OF SYSTEMS:\nDenies <e negated>fever</e>.\n<e>Cough</e>.\n", "a section without default"),
    ("ASSESSMENT:\nNo <e negated>fever</e>\n\nPLAN:\n<e>Cough</e> syrup.\n", "scope ends at the section"),
]


@pytest.mark.parametrize(
    ("row", "why"), FAMILY + PEDIGREE + OTHER_PERSON + HYPOTHETICAL_PRE + HYPOTHETICAL + PLANNED + SECTIONS
)
def test_people_advice_and_sections(row: str, why: str) -> None:
    assert why
    assert_assertions(row)
