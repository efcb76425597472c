"""Sections: what opens one, what does not, and which kind it is.

In the tables a "|" before a word marks a place; the kinds follow in order. The marks are taken
out before the note is read.
"""

from __future__ import annotations

import pytest

from cac.text.sections import find_sections
from cac.text.tokens import tokenize

# note with marked places, kinds at the marks, why
CASES = [
    # a hospital course by systems
    (
        "HOSPITAL COURSE:\n|RESPIRATORY: CPAP for a day.\nFEN/GI: |tube fed.\nNEUROLOGY: |one seizure.",
        "hospital_course hospital_course hospital_course",
        "newborn: feeding is one of the systems",
    ),
    (
        "HOSPITAL COURSE:\nCARDIOVASCULAR: PDA.\nNUTRITION: |poor feeding.\nDISCHARGE PLAN: |home.",
        "hospital_course plan",
        "nutrition stays, the plan does not",
    ),
    (
        "ASSESSMENT AND PLAN:\nPULM: COPD.\nFEN: |low potassium.\nRENAL: |AKI.",
        "assessment_plan assessment_plan",
        "intensive care: a plan by systems",
    ),
    ("FEN/GI: |tube fed.", "unknown", "a system is no section by itself"),
    # an operation that is over, and one that was done
    ("SURGERY: |s/p lumpectomy.\nMEDICATIONS: |none", "psh medications", "status post is history"),
    ("Surgery: |status post hysterectomy", "psh", "the same in full"),
    ("SURGERY: |left knee arthroscopy.\nANESTHESIA: |general", "procedures anesthesia", "done today"),
    # a condition alone on its line
    ("DIAGNOSES:\nPE\n|DVT", "diagnosis", "pulmonary embolism, no physical examination"),
    ("PMH:\nCOPD\nSLE\nDNR status\n|gout", "pmh", "lupus, no slit lamp; a status"),
    ("PMH\nHTN\nPE\n|Lungs: clear\nAbdomen: soft", "exam", "physical examination with its parts below"),
    ("HPI: cough\nPE:\n|clear chest", "exam", "with a colon it is a header"),
    ("Allergies: dust\nDNR status: |full code", "code_status", "with a colon it is a field"),
    # headers with a colon
    ("PMH: |HTN, DM. Meds: |metformin.", "pmh medications", "two inline headers in one line"),
    ("Past Medical History: |asthma", "pmh", "title case"),
    ("ALLERGIES:|penicillin", "allergies", "no blank after the colon"),
    ("allergies: |penicillin", "allergies", "lower case at a line start"),
    ("History of Present Illness:\n|Cough", "hpi", "header at the end of its line"),
    ("Meds:\nPlan: |rest", "plan", "an empty section"),
    ("Family Hx: |mother with gout", "family_history", "shorthand"),
    ("Pre-op Dx: |hernia\nPost-op Dx: |hernia", "preop_diagnosis postop_diagnosis", "hyphens"),
    ("H.P.I.: |cough", "hpi", "full stops in a header"),
    ("Imp: |URTI\nPlan: |fluids", "impression plan", "GP shorthand"),
    ("O/E: |chest clear", "exam", "slash"),
    ("Ix: |bloods\nMx: |rest", "labs plan", "two letters"),
    ("DDx: |viral", "differential", "differential"),
    ("SHx: |smoker\nFHx: |nil", "social_history family_history", "x for history"),
    ("Reason for Visit: |rash", "reason_for_visit", "three words"),
    ("Code Status: |DNR", "code_status", "hospital header"),
    ("Discharge Medications: |statin", "medications", "discharge lists"),
    ("HOSPITAL COURSE: |uneventful", "hospital_course", "course"),
    ("Specimen: |polyp", "specimens", "operative"),
    ("Comparison: |none\nTechnique: |axial\nFindings: |nodule", "comparison technique findings", "radiology"),
    ("Gross Description: |tan tissue", "pathology", "pathology"),
    ("Estimated Blood Loss: |50 mL", "operative_details", "operative"),
    ("OB History: |G2P1", "obstetric_history", "obstetrics"),
    ("Birth History: |term", "birth_history", "pediatrics"),
    ("Immunizations: |influenza", "immunizations", "vaccines"),
    ("Health Maintenance: |mammogram", "screening", "prevention"),
    ("Return precautions: |fever", "instructions", "advice"),
    ("Follow-up: |2 weeks", "followup", "follow-up"),
    ("Risk Factors: |smoking", "risk_factors", "risk"),
    ("Anticipatory guidance: |helmets", "education", "counselling"),
    # headers without a colon
    ("ASSESSMENT\n|Gout\nPLAN\n|Rest", "assessment plan", "capitals alone on a line"),
    ("Assessment and Plan\n|Gout", "assessment_plan", "title case alone on a line"),
    ("A&P\n|Gout", "assessment_plan", "ampersand"),
    ("A/P\n|Gout", "assessment_plan", "slash, no colon"),
    ("Physical Exam -\n|NAD", "exam", "a dash instead of a colon"),
    ("FH |gout in father\nPMH |asthma", "family_history pmh", "abbreviation at a line start"),
    ("Plan - |rest", "plan", "dash with the text beside it"),
    ("Nursing Note\n|Sacral ulcer", "unknown", "the title of a document says nothing about its text"),
    # SOAP
    ("S: |cough\nO: |clear\nA: |URI\nP: |fluids", "subjective objective assessment plan", "letters"),
    ("S: |cough. O: |clear. A: |URI. P: |fluids.", "subjective objective assessment plan", "on one line"),
    ("s: |cough", "unknown", "a small letter is no header"),
    # markup
    ("## Assessment\n|Gout", "assessment", "Markdown heading"),
    ("**Plan:** |rest", "plan", "Markdown bold"),
    ("* Assessment:\n- |gout\n* Plan:\n- |rest", "assessment plan", "bulleted headers"),
    ("1. CHIEF COMPLAINT: |cough\n2. MEDICATIONS: |none", "chief_complaint medications", "numbered headers"),
    ("> Plan: |rest", "plan", "quoted text"),
    # lost newlines
    (
        "SUBJECTIVE:,  |Here for a cough.,MEDICATIONS: , |none.",
        "subjective medications",
        "commas for newlines",
    ),
    (
        "TITLE OF OPERATION,|Appendectomy.,INDICATION,|Pain.",
        "procedures indication",
        "capitals before a comma",
    ),
    ("PLAN:,1.  |Rest.,2.  |Ice.,DISPOSITION: , |home", "plan plan disposition", "list with lost newlines"),
    ("He is blind OS,MEDS: |none.", "medications", "header glued to the text before it"),
    # extra words
    ("Past Medical History (reviewed): |asthma", "pmh", "parenthesis"),
    ("Assessment & Plan for today: |gout", "assessment_plan", "for today"),
    ("Vitals on arrival: |BP 120/80", "vitals", "on arrival"),
    ("BRIEF SURGICAL HISTORY: |none", "psh", "an adjective before"),
    ("MEDICATIONS AT TIME OF TRANSFER: |none", "medications", "a preposition after"),
    ("PULMONARY EXAM: |clear", "exam", "head noun last"),
    ("PAST MEDICAL HISTORY / SURGERIES: |none", "pmh", "two headings in one: the first"),
    # not a header
    ("Follow the plan to |rest at home", "unknown", "plan in prose"),
    ("Has a history of |gout: mild", "unknown", "history in prose"),
    ("PMH: gout. He will plan: |rest", "pmh", "no stop before the word"),
    ("Patient agrees with assessment |and plan", "unknown", "no colon inside a line"),
    ("HPI: felt ill. Medications helped |a little", "hpi", "sentence that begins with a header word"),
    ("Allergies.\n|x", "unknown", "a full stop ends a sentence, not a header"),
    ("Seen today. Assessment: |gout", "assessment", "after a full stop, with a colon"),
    ("HPI: at 10:30 |pain", "hpi", "a time of day"),
    ("Cough for 3 days\nplan\n|x", "unknown", "a lower-case word alone on a line"),
    # form fields
    ("Social History:\nTobacco: |former", "social_history", "form field"),
    ("HPI:\nFever: |none\nOnset: |today", "hpi hpi", "form fields"),
    ("Age: 45\nSex: F\n|Cough", "unknown", "fields before any header"),
    ("HPI: cough\nDate of Service: 1/2/2024\n|fever", "hpi", "an administrative line is only a line"),
    ("Signed by: |Dr Lee", "administrative", "signature"),
    # unknown headers
    ("HPI: cough\nTRAVEL PARTICULARS:\n|Peru", "unknown", "capitals with text beneath"),
    ("Dream Content Diary:\n|falls", "unknown", "title case with text beneath"),
    ("HPI: cough\nTRAVEL: |Peru", "hpi", "capitals with a short value are a field"),
    # examination and review of systems
    ("PHYSICAL EXAM\n\u2022 Cardiovascular: |RRR\nHEENT: |NC\nLungs: |clear", "exam exam exam", "systems"),
    ("ROS\nCV: |no pain\nSkin: |no rash", "ros ros", "systems"),
    ("ROS:\nALLERGIC: |none", "ros", "a system that looks like a header"),
    ("EXAM\nVitals: |BP 120/80\nLungs: |clear", "exam exam", "vitals under the exam's heading"),
    ("Exam:\nNAD\n- Procedures: |none", "exam", "a bullet under the exam"),
    ("VITALS: |BP 120/80\nHEENT: |NC", "vitals exam", "systems after the vitals are the exam"),
    (
        "VITALS: |BP 120/80, pulse 72.  HEENT:  |NC.  CHEST:  |clear.",
        "vitals exam exam",
        "the same where all of it is one line",
    ),
    ("PHYSICAL EXAM\nNeck\n- |supple", "exam", "a system alone on its line"),
    ("ROS:\nCV: negative\n\nPMH: |gout", "pmh", "the next header ends it"),
    # labels under a problem
    (
        "ASSESSMENT AND PLAN\n1. Gout\n\u2022 Medical Reasoning: |flare\n\u2022 Medical Treatment: |rest",
        "assessment_plan assessment_plan",
        "labels of one problem",
    ),
    ("ASSESSMENT AND PLAN\nGout.\nMedications: |colchicine", "assessment_plan", "smaller heading below"),
    (
        "A/P:\n1. Gout\n- Labs: |uric acid\n- Follow-up: |2 weeks",
        "assessment_plan assessment_plan",
        "bullets",
    ),
    ("ASSESSMENT\n1. Gout\nPlan: |rest\n2. CKD\nPlan: |labs", "assessment assessment", "a plan per problem"),
    ("ASSESSMENT\nGout\nPlan: |rest", "plan", "one plan for all"),
    ("Assessment:\n5. Allergies\n|stable", "assessment", "a numbered problem named like a header"),
    ("A/P: Gout. Lungs: |clear", "assessment_plan", "a system in the plan"),
    ("IMPRESSION:\n1. Gout\nSpecialist Referrals\n|podiatry", "impression", "label without a colon"),
    ("PLAN\nRest\n\nMEDICATIONS\n|none", "medications", "a heading of the same rank"),
    # procedures
    ("PROCEDURE: |Colonoscopy", "procedures", "names the procedure"),
    ("PROCEDURE: |" + "The scope was advanced. " * 20, "operative_details", "tells the procedure"),
    # before the first header
    ("|Cough.\nPMH: |gout", "unknown pmh", "text before the first header"),
]


@pytest.mark.parametrize(("marked", "kinds", "why"), CASES, ids=[f"{i}-{c[2]}" for i, c in enumerate(CASES)])
def test_kind_at_marked_places(marked: str, kinds: str, why: str) -> None:
    parts = marked.split("|")
    note = "".join(parts)
    sections = find_sections(note, tokenize(note))
    places = [len("".join(parts[: i + 1])) for i in range(len(parts) - 1)]
    found = [next(s.kind for s in sections if s.start <= place < max(s.end, s.start + 1)) for place in places]
    assert found == kinds.split(), why


@pytest.mark.parametrize(
    ("note", "headers"),
    [
        ("PMH: HTN. Meds: none", ["PMH:", "Meds:"]),
        ("**Plan:** rest", ["**Plan:**"]),
        ("  ASSESSMENT\nGout", ["", "ASSESSMENT"]),
        ("FH gout", ["FH"]),
    ],
)
def test_header_spans(note: str, headers: list[str]) -> None:
    sections = find_sections(note, tokenize(note))
    assert [note[s.header_start : s.header_end] for s in sections] == headers


def test_empty() -> None:
    assert find_sections("", tokenize("")) == ()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"])
def test_any_line_break(end: str) -> None:
    note = end.join(["PMH", "gout", "Plan", "rest"])
    assert [s.kind for s in find_sections(note, tokenize(note))] == ["pmh", "plan"]
