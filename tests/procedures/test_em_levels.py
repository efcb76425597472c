"""The code of the visit, row by row: note, code, why. Each row carries its reason.

Expected codes follow the published tables of the 2021 and 2023 E/M rules, not the library.
"""

from __future__ import annotations

import pytest

from cac.types import Setting

from .marked import sure

OFFICE = [
    # one self-limited problem, nothing done
    ("Established patient, [mosquito bite|W57.XXXA], reassurance only.", "99212", "minor, minimal"),
    ("Established patient. [Common cold|J00]. Fluids and rest.", "99212", "minor, minimal"),
    ("New patient with a [skin tag|L91.8]. No treatment needed.", "99202", "minor, new"),
    ("Established patient. [Abrasion of the left knee|S80.212A], reassured.", "99212", "superficial injury"),
    ("Established patient, [viral wart|B07.9], reassurance.", "99212", "low problem but nothing else"),
    # low: acute uncomplicated, one stable chronic, two minor
    ("Established patient with [ankle sprain|S93.402A]; ice, rest, OTC ibuprofen.", "99213", "OTC drug"),
    ("Established patient. [Allergic rhinitis|J30.9], loratadine daily.", "99213", "OTC by its name"),
    ("New patient. [Contact dermatitis|L25.9], OTC hydrocortisone cream.", "99203", "OTC, new"),
    ("Established patient. [Low back pain|M54.50]. Referred to physical therapy.", "99213", "therapy is low"),
    ("Established patient. [Hypertension|I10], stable. Continue lisinopril.", "99213", "one stable chronic"),
    ("New patient. [Hypothyroidism|E03.9], stable on levothyroxine. Continue.", "99203", "one chronic, rx"),
    (
        "Established patient. [Strep throat|J02.0]. Amoxicillin prescribed.",
        "99213",
        "acute uncomplicated, rx",
    ),
    (
        "Established patient. [Cystitis|N30.00], nitrofurantoin for 5 days.",
        "99213",
        "acute uncomplicated, rx",
    ),
    ("New patient. [Otitis media|H66.91]. Start amoxicillin.", "99203", "acute uncomplicated, rx"),
    (
        "Established patient. [Callus|L84] of the foot and a [sunburn|L55.0]. OTC emollient.",
        "99213",
        "two minor problems are low",
    ),
    ("Established patient. [Conjunctivitis|H10.9]; erythromycin ointment.", "99213", "low problem, rx"),
    # moderate
    (
        "Established patient. [Hypertension|I10] and [diabetes|E11.9], both stable. Continue "
        "lisinopril and metformin.",
        "99214",
        "two stable chronic",
    ),
    ("Established patient. [Hypertension|I10], uncontrolled. Increase lisinopril.", "99214", "not at goal"),
    ("Established patient. [Asthma exacerbation|J45.901]. Start prednisone.", "99214", "exacerbation"),
    ("Established patient. [COPD|J44.9] flare, azithromycin and prednisone.", "99214", "flare"),
    (
        "New patient. [Type 2 diabetes with hyperglycemia|E11.65]. Start metformin.",
        "99204",
        "code says worse",
    ),
    ("New patient. [Migraine|G43.909], worsening. Start topiramate.", "99204", "worsening chronic"),
    ("Established patient. [Pneumonia|J18.9]. Doxycycline.", "99214", "acute with systemic symptoms"),
    ("Established patient. [Pyelonephritis|N10]. Ciprofloxacin.", "99214", "acute with systemic symptoms"),
    ("Established patient. [Cellulitis of the leg|L03.115] with fever. Cephalexin.", "99214", "systemic"),
    (
        "Established patient. [Breast lump|N63.0], new. Mammogram ordered. Discussed with Dr. Lee.",
        "99214",
        "undiagnosed, discussion",
    ),
    ("Established patient. [Syncope|R55]. Labs, EKG and echo ordered.", "99214", "undiagnosed, three tests"),
    ("Established patient. [Depression|F32.A], worsening. Increase sertraline.", "99214", "worsening"),
    ("New patient. [Distal radius fracture|S52.501A]. Oxycodone prescribed.", "99204", "complicated injury"),
    ("Established patient. [Gout flare|M10.9]. Start colchicine.", "99214", "flare"),
    (
        "Established patient. [GERD|K21.9] not responding to therapy, start pantoprazole.",
        "99214",
        "not at goal",
    ),
    ("Established patient. [Hypertension|I10]: BP above goal, add amlodipine.", "99214", "above goal"),
    (
        "Established patient. [Knee osteoarthritis|M17.11], failed conservative treatment. "
        "Scheduled for total knee arthroplasty.",
        "99214",
        "worse, elective operation",
    ),
    (
        "Established patient. [Diabetes|E11.9], uncontrolled; she cannot afford insulin.",
        "99214",
        "social conditions limit treatment",
    ),
    # high
    (
        "Established patient. [Acute myocardial infarction|I21.9]. Sent directly to the emergency "
        "department.",
        "99215",
        "threat to life, hospital",
    ),
    (
        "Established patient. [Suicidal ideation|R45.851] with active suicidal plan. Arranged direct "
        "admission.",
        "99215",
        "threat, admission",
    ),
    (
        "Established patient. [COPD|J44.9] with severe exacerbation. Admit to the hospital.",
        "99215",
        "severe exacerbation, admission",
    ),
    (
        "New patient. [Pulmonary embolism|I26.99]. Admit for heparin.",
        "99205",
        "threat to life, hospital",
    ),
    (
        "Established patient. [Rheumatoid arthritis|M06.9] with severe flare. Continue methotrexate, "
        "monitor CBC and LFTs for toxicity.",
        "99215",
        "severe flare, toxicity watch",
    ),
    # a high element alone does not carry the level
    (
        "Established patient. [Rheumatoid arthritis|M06.9], stable. Continue methotrexate, monitor "
        "CBC for toxicity.",
        "99213",
        "one stable chronic, high risk, one test",
    ),
    ("Established patient. [Pneumonia|J18.9]. Fluids and rest.", "99212", "moderate problem, nothing else"),
    ("Established patient. [Common cold|J00]. Prescribed albuterol.", "99212", "minor problem with rx"),
    # status words do not leak from one problem to the other
    (
        "Established patient. [Hypertension|I10] stable. [Eczema|L20.9], OTC emollient.",
        "99213",
        "stable chronic and another chronic, low risk",
    ),
    # stated complexity where nothing else is documented
    ("Established patient office visit. Low complexity medical decision making.", "99213", "stated"),
    ("New patient office visit. MDM is moderate.", "99204", "stated"),
    (
        "Established patient, two stable chronic illnesses, prescription drug management.",
        "99214",
        "in the rule's words",
    ),
    (
        "Established patient, acute uncomplicated illness, over-the-counter medication.",
        "99213",
        "in the rule's words",
    ),
    (
        "New patient, undiagnosed new problem with uncertain prognosis, prescription drug management.",
        "99204",
        "in the rule's words",
    ),
    (
        "Established patient, chronic illness with exacerbation, prescription drug management.",
        "99214",
        "in the rule's words",
    ),
    ("Established patient, one stable chronic illness, prescription refill.", "99213", "in the rule's words"),
    ("Established patient, self-limited problem, no treatment needed.", "99212", "in the rule's words"),
]

SOAP = [
    (
        "Chief complaint: follow-up of hypertension.\nHPI: Feels well since her last visit.\n"
        "Assessment and Plan:\n1. [Hypertension|I10], at goal. Continue losartan.\n2. "
        "[Hyperlipidemia|E78.5], stable. "
        "Continue atorvastatin.\nReturn in 6 months.",
        "99214",
        "two stable chronic in the plan",
    ),
    (
        "Subjective: Returns for follow-up. Cough for 3 days.\nObjective: Lungs clear.\n"
        "Assessment: [Acute bronchitis|J20.9].\nPlan: Rest, fluids, guaifenesin.",
        "99213",
        "acute uncomplicated, OTC",
    ),
    (
        "HPI: New patient with heartburn. History of [hypertension|I10] followed elsewhere.\n"
        "Assessment: [GERD|K21.9], uncontrolled.\nPlan: Start omeprazole.",
        "99204",
        "history alone is not addressed",
    ),
    (
        "HPI: Established patient here for a rash.\nPMH: [diabetes|E11.9], [COPD|J44.9].\n"
        "Assessment: [Contact dermatitis|L25.9].\nPlan: OTC hydrocortisone cream.",
        "99213",
        "problems of the history do not count",
    ),
    (
        "HPI: Established patient with chest pain for two days.\nExam: Regular rhythm.\n"
        "Assessment: [Chest pain|R07.9], unclear etiology.\nPlan: EKG, troponin and chest x-ray "
        "ordered today.",
        "99214",
        "undiagnosed, three tests",
    ),
    (
        "HPI: Established patient. Comprehensive history, complete review of systems.\nExam: Comprehensive "
        "examination of all organ systems.\nAssessment: [Common cold|J00].\nPlan: Reassurance.",
        "99212",
        "history and examination count for nothing",
    ),
    (
        "Chief complaint: Established patient, medication check.\nMedications: lisinopril, "
        "metformin, warfarin.\n"
        "Assessment: [Diaper rash|L22].\nPlan: Zinc oxide.",
        "99212",
        "a list of drugs is not management",
    ),
    (
        "Subjective: Established patient.\nAssessment and Plan:\n1. [CKD stage 3|N18.30], managed by "
        "nephrology.\n"
        "2. [Plantar fasciitis|M72.2]. Stretching, home exercise program.",
        "99213",
        "a problem left to others is not addressed",
    ),
]

HOSPITAL = [
    ("Initial hospital visit. [Cellulitis|L03.115]. Start cefazolin.", "99221", "low problem"),
    ("Initial hospital care. [Pneumonia|J18.9], start ceftriaxone.", "99222", "moderate"),
    (
        "Initial hospital visit. [Sepsis|A41.9]. Admit to ICU. Blood cultures, lactate and CBC ordered.",
        "99223",
        "threat, ICU",
    ),
    (
        "Admission history and physical. [Acute stroke|I63.9]. Admit to telemetry.",
        "99223",
        "threat, admission",
    ),
    ("Subsequent hospital visit. [Cellulitis|L03.115] resolving. Continue cefazolin.", "99231", "resolving"),
    ("Subsequent hospital care. [Pneumonia|J18.9], continue ceftriaxone.", "99232", "moderate"),
    (
        "Subsequent hospital visit. [Respiratory failure|J96.01]. Transfer to the ICU.",
        "99233",
        "threat, escalation",
    ),
    (
        "Hospital progress note. [Heart failure|I50.9] with severe exacerbation. Made DNR after discussion.",
        "99233",
        "severe exacerbation, treatment limited",
    ),
    ("Hospital discharge day management.", "99238", "no time stated"),
    ("Discharge day management, 25 minutes.", "99238", "25 minutes"),
    ("Discharge day management, 30 minutes.", "99238", "thirty are not more than thirty"),
    ("Discharge day management, 31 minutes.", "99239", "more than thirty"),
    ("Discharge day management took more than 30 minutes.", "99239", "in words"),
    ("More than 30 minutes were spent on discharging this patient.", "99239", "in words"),
    ("I spent 28 minutes on discharge.", "99238", "below"),
    ("Total discharge time was greater than 30 minutes.", "99239", "in words"),
    ("Less than 30 minutes spent on discharge.", "99238", "less than thirty"),
    (
        "Patient admitted and discharged on the same date. [Syncope|R55]. CBC, EKG and echo reviewed.",
        "99235",
        "same day",
    ),
    (
        "Observation care: admitted and discharged same day. Total time 86 minutes.",
        "99236",
        "same day by time",
    ),
    (
        "Inpatient consultation. [Atrial fibrillation|I48.91], worsening. Start metoprolol.",
        "99254",
        "consultation",
    ),
    ("Newborn admission exam. Term infant, normal.", "99460", "normal newborn"),
    ("Subsequent newborn care, normal.", "99462", "normal newborn, later day"),
]

EMERGENCY = [
    ("ED visit: [mosquito bite|W57.XXXA], reassurance.", "99282", "minor"),
    ("Emergency department note. [Ankle sprain|S93.402A]. Ibuprofen, splint.", "99283", "low"),
    ("ED note. [Pneumonia|J18.9]. Start doxycycline.", "99284", "moderate"),
    ("Emergency department visit. [STEMI|I21.3]. Admit to cardiology.", "99285", "high"),
    (
        "ED note: [sepsis|A41.9]. Lactate, blood cultures and CBC ordered. Case discussed with the "
        "intensivist. Admit to ICU.",
        "99285",
        "high",
    ),
    (
        "Presents to the emergency department with [cystitis|N30.00]. Nitrofurantoin prescribed.",
        "99283",
        "low, rx",
    ),
    (
        "ED note. [Renal colic|N20.0]. Total time 90 minutes. Ketorolac.",
        "99283",
        "time does not count in the ED",
    ),
]

CRITICAL = [
    ("Critical care time 50 minutes apart from procedures.", "99291", "first hour"),
    ("Critical care time: 30 minutes.", "99291", "the first minute that counts"),
    ("Total critical care time 74 minutes.", "99291", "last minute without an add-on"),
    ("I provided 60 minutes of critical care.", "99291", "words behind the number"),
    ("Critical care one hour.", "99291", "an hour in words"),
    ("Critical care was provided. Total time 50 minutes.", "99291", "time in the next sentence"),
    (
        "ED note. [STEMI|I21.3]. Critical care time 40 minutes. Admit to cardiology.",
        "99291",
        "instead of the ED code",
    ),
]

PLACES = [
    ("Nursing home visit. [Hypertension|I10] stable, continue lisinopril.", "99308", "low"),
    ("Skilled nursing facility visit. [Pneumonia|J18.9], start levofloxacin.", "99309", "moderate"),
    ("Nursing facility visit. [Common cold|J00], reassurance.", "99307", "minor"),
    ("Nursing facility visit. [Acute stroke|I63.9]. Send to the emergency department.", "99310", "high"),
    (
        "Initial nursing facility visit. [CHF|I50.9] and [COPD|J44.9], stable. Continue furosemide.",
        "99305",
        "moderate",
    ),
    ("Initial nursing facility care. [Hypertension|I10], stable.", "99304", "low"),
    ("Nursing facility discharge, 40 minutes.", "99316", "more than 30"),
    ("Nursing facility discharge.", "99315", "no time"),
    ("Home visit, established patient. [Hypertension|I10] stable, continue lisinopril.", "99348", "low"),
    ("Home visit, new patient. [COPD|J44.9] flare, start prednisone.", "99344", "moderate"),
    ("House call, established patient. [Common cold|J00], reassurance.", "99347", "minor"),
    ("Home visit, new patient. [Low back pain|M54.50]. Ibuprofen.", "99342", "low"),
    ("Home visit, established patient. Total time 60 minutes.", "99350", "by time"),
    ("Office consultation. [Breast lump|N63.0]. Tamoxifen discussed. Start tamoxifen.", "99244", "moderate"),
    ("Office consultation, 30 minutes.", "99243", "by time"),
    (
        "Seen in consultation at the request of Dr. Gray. [Psoriasis|L40.9], stable, continue methotrexate.",
        "99243",
        "low",
    ),
    ("Nurse visit for blood pressure check.", "99211", "physician not needed"),
    ("Postoperative visit, wound healing well.", "99024", "covered by the operation"),
    ("Medicare annual wellness visit.", "G0439", "later wellness visit"),
    ("Initial annual wellness visit.", "G0438", "first wellness visit"),
    ("Welcome to Medicare visit.", "G0402", "welcome visit"),
]


def _ids(rows: list[tuple[str, str, str]]) -> list[str]:
    return [f"{code} {why}" for _, code, why in rows]


@pytest.mark.parametrize(("note", "code", "why"), OFFICE, ids=_ids(OFFICE))
def test_office_visits(note: str, code: str, why: str) -> None:
    found = sure(note)
    assert found.code == code
    assert found.log_odds > 0


@pytest.mark.parametrize(("note", "code", "why"), SOAP, ids=_ids(SOAP))
def test_notes_with_sections(note: str, code: str, why: str) -> None:
    found = sure(note)
    assert found.code == code
    assert found.log_odds > 0


@pytest.mark.parametrize(("note", "code", "why"), HOSPITAL, ids=_ids(HOSPITAL))
def test_hospital_visits(note: str, code: str, why: str) -> None:
    assert sure(note, "inpatient").code == code


@pytest.mark.parametrize(("note", "code", "why"), EMERGENCY, ids=_ids(EMERGENCY))
def test_emergency_visits_by_decision_making_only(note: str, code: str, why: str) -> None:
    found = sure(note)
    assert found.code == code
    assert found.basis == "mdm"


@pytest.mark.parametrize("setting", ["inpatient", "outpatient"])
@pytest.mark.parametrize(("note", "code", "why"), CRITICAL, ids=_ids(CRITICAL))
def test_critical_care(note: str, code: str, why: str, setting: Setting) -> None:
    found = sure(note, setting)
    assert found.code == code
    assert found.basis == "time"
    assert found.log_odds > 0


@pytest.mark.parametrize(("note", "code", "why"), PLACES, ids=_ids(PLACES))
def test_other_places_and_kinds(note: str, code: str, why: str) -> None:
    assert sure(note).code == code


AGES = [
    # age, new, established
    (0.0, "99381", "99391"),
    (0.99, "99381", "99391"),
    (1, "99382", "99392"),
    (4, "99382", "99392"),
    (5, "99383", "99393"),
    (11, "99383", "99393"),
    (12, "99384", "99394"),
    (17, "99384", "99394"),
    (18, "99385", "99395"),
    (39, "99385", "99395"),
    (40, "99386", "99396"),
    (64, "99386", "99396"),
    (65, "99387", "99397"),
    (101, "99387", "99397"),
]


@pytest.mark.parametrize(("age", "new", "established"), AGES)
def test_preventive_visits_by_age_band(age: float, new: str, established: str) -> None:
    assert sure("New patient, preventive visit.", age=age).code == new
    assert sure("Established patient, preventive visit.", age=age).code == established


PREVENTIVE = [
    ("Established patient 47 years old, yearly preventive exam.", "99396", "age in years"),
    ("Established patient, 67-year-old, annual physical.", "99397", "hyphens"),
    ("New patient, 30 y/o, annual physical exam.", "99385", "y/o"),
    ("Established patient, 9-month-old, well child check.", "99391", "months"),
    ("Well child visit, established patient, 2-week-old.", "99391", "weeks"),
    ("Established patient. 12 month well child check.", "99392", "twelve months is one year"),
    ("Established patient. 4 year well child visit.", "99392", "the age of the visit"),
    ("New patient, 13 yo, well adolescent visit.", "99384", "yo"),
    ("Established patient, age 45, wellness exam.", "99396", "age with a number"),
    ("Established patient. Well-woman exam. Age: 38.", "99395", "form line"),
    ("Newborn well baby check, new patient.", "99381", "newborn"),
    ("Sports physical, established patient, 16 years old.", "99394", "sports physical"),
]


@pytest.mark.parametrize(("note", "code", "why"), PREVENTIVE, ids=_ids(PREVENTIVE))
def test_preventive_visits_with_the_age_in_the_note(note: str, code: str, why: str) -> None:
    found = sure(note)
    assert found.code == code
    assert found.basis == "age"
    assert found.log_odds > 0
    assert [e.kind for e in found.evidence if e.kind == "age"] == ["age"]


def test_the_argument_wins_over_the_age_in_the_note() -> None:
    assert sure("Established patient, annual physical of a 39-year-old.", age=40).code == "99396"


@pytest.mark.parametrize(
    ("age", "note", "code"),
    [
        (0.02, "Critical care services provided.", "99468"),
        (1.5, "Critical care services provided.", "99471"),
        (4, "Critical care services provided. Hospital day 3.", "99476"),
        (6, "Critical care time 40 minutes.", "99291"),
    ],
)
def test_critical_care_of_young_children_is_by_the_day(age: float, note: str, code: str) -> None:
    assert sure(note, "inpatient", age=age).code == code
