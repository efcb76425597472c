"""Whether there is a visit at all, whether the patient is new, and how old."""

from __future__ import annotations

import pytest

from cac.errors import ConfigError
from cac.procedures.em import em_level
from cac.procedures.em_page import make_page
from cac.procedures.em_visit import find_age, find_status
from cac.text.reader import read
from cac.types import Setting

from .marked import sure, visit

NO_VISIT = [
    ("Dressing changed on the right shin: clean, dry, no pus.", "a list of findings"),
    ("[Hypertension|I10], [type 2 diabetes|E11.9], [GERD|K21.9].", "a list of diagnoses"),
    ("Assessment: [acute sinusitis|J01.90].", "an assessment alone"),
    ("Discharge diagnosis: [appendicitis|K35.80].", "a diagnosis line"),
    ("Appendix taken out through the laparoscope for [appendicitis|K37].", "an operation"),
    ("Colonoscopy: sigmoid polyp taken off with a snare.", "an endoscopy"),
    ("Chest x-ray, PA and lateral.", "a study"),
    ("MRI lumbar spine without contrast.", "a study"),
    (
        "CT abdomen. Technique: axial images with contrast. Findings: normal liver. Impression: no "
        "acute disease.",
        "a report",
    ),
    (
        "Gross description: received in formalin is a skin ellipse. Diagnosis: [basal cell "
        "carcinoma|C44.91].",
        "pathology",
    ),
    (
        "Preoperative diagnosis: [gallstones|K80.20].\nPostoperative diagnosis: Same.\nProcedure: "
        "Cholecystectomy.\n"
        "Anesthesia: General.\nDescription of procedure: The patient was prepped and draped.",
        "an operation report",
    ),
    (
        "Procedure: Knee injection. The knee was prepped and draped in sterile fashion. The patient "
        "tolerated "
        "the procedure well. Return visit in 2 weeks.",
        "a procedure note without sections",
    ),
    ("Patient instructions: Rest, drink fluids. Follow up in one week.", "instructions"),
    (
        "Discharge instructions: keep the wound dry. Return for fever. Follow up with your doctor.",
        "instructions",
    ),
    ("Sigmoid [diverticulitis|K57.32]. Clear liquids, follow up in ten days.", "a follow-up to come"),
    ("Plan: schedule colonoscopy next month.", "a plan"),
    ("Follow-up appointment in 3 months.", "an appointment to come"),
    ("Schedule a new patient visit with cardiology.", "a visit to come"),
    ("Patient declined EKG today.", "declined"),
    ("TIA yesterday; the weakness was gone after 25 minutes.", "time of symptoms"),
    ("Family history: mother had [breast cancer|C50.919].", "a history"),
    ("Past surgical history: CABG 2015.", "a history"),
    ("Refill sent for lisinopril.", "a message"),
    ("BMI 31.2.", "a value"),
    ("The patient was seen in the ED last week.", "a visit of the past"),
    ("She will be seen in stone clinic.", "a visit to come"),
    ("", "nothing"),
    ("   ", "blanks"),
    ("Annual physical is due next month.", "a preventive visit to come"),
    ("Her last annual exam was in 2022.", "a preventive visit of the past"),
    ("Critical care unit, bed 4.", "a place"),
    ("Pulmonary was managed by critical care.", "a team"),
    ("Home health nurse visits twice weekly.", "a nurse"),
    ("He lives in a nursing home.", "a place to live"),
]


@pytest.mark.parametrize("setting", ["outpatient", "inpatient"])
@pytest.mark.parametrize(("row", "why"), NO_VISIT, ids=[r[1] for r in NO_VISIT])
def test_no_visit(row: str, why: str, setting: Setting) -> None:
    assert visit(row, setting) is None


BELOW = [
    ("Here for right knee [pain|M25.561] after hiking.", "neither new nor established"),
    ("Presents with a [sore throat|J02.9].", "neither new nor established"),
    ("Seen in clinic today. [Gout|M10.9].", "neither new nor established"),
    (
        "HPI: Cough for a week.\nExam: Lungs clear.\nAssessment: [Bronchitis|J20.9].\nPlan: Rest.",
        "the shape of a note",
    ),
    ("Well child check, 6 years old, growing along her curve.", "preventive, status open"),
    ("Annual physical, established patient.", "preventive, age open"),
    ("Total time 45 minutes.", "time alone"),
    ("Critical care services provided.", "critical care without minutes"),
    (
        "Discharge diagnosis: [sepsis|A41.9].\nHospital course: Treated with antibiotics.",
        "a summary by its sections",
    ),
    ("Established patient.", "no problem"),
]


@pytest.mark.parametrize(("row", "why"), BELOW, ids=[r[1] for r in BELOW])
def test_what_is_missing_keeps_a_code_below_the_threshold(row: str, why: str) -> None:
    found = visit(row)
    if found is None:
        pytest.fail("the note shows a visit")
    if why == "no problem":
        assert [q.axis for q in found.queries] == ["problems"]
        return
    assert found.log_odds < 0
    if why.startswith("neither"):
        assert found.status.value == "not documented"
        assert next(q.axis for q in found.queries) == "patient status"


def test_the_query_asks_for_the_status_and_names_both_codes() -> None:
    found = sure("Seen in clinic today. [Gout|M10.9] flare, start colchicine.")
    (query,) = found.queries
    assert found.code == "99214"
    assert [(o.answer, o.code) for o in query.options] == [
        ("no: new patient", "99204"),
        ("yes: established patient", "99214"),
    ]
    assert "three years" in query.question


def test_the_caller_may_know_the_status() -> None:
    row = "Seen in clinic today. [Gout|M10.9] flare, start colchicine."
    assert sure(row, new_patient=True).code == "99204"
    assert sure(row, new_patient=False).code == "99214"
    for known in (True, False):
        found = sure(row, new_patient=known)
        assert found.status.how == "argument"
        assert found.log_odds > 0
        assert found.queries == ()


STATUS = [
    ("New patient with a cough.", "new", "stated"),
    ("New pt, cough.", "new", "stated"),
    ("Here to establish care.", "new", "stated"),
    ("Initial office visit.", "new", "stated"),
    ("First visit to our clinic.", "new", "stated"),
    ("She is new to our practice.", "new", "stated"),
    ("Established patient.", "established", "stated"),
    ("Established pt.", "established", "stated"),
    ("Returning patient.", "established", "stated"),
    ("He is well known to me.", "established", "stated"),
    ("Here for follow-up.", "established", "stated"),
    ("Returns for a recheck.", "established", "stated"),
    ("Presents today for 3 month follow up of asthma.", "established", "stated"),
    ("Since her last visit she feels well.", "established", "stated"),
    ("Last seen in our clinic in May.", "established", "stated"),
    ("I last saw him a year ago.", "established", "stated"),
    ("Follow-up of hypertension.", "established", "inferred"),
    ("Asthma follow-up.", "established", "inferred"),
    ("Clinic note. F/u. He feels well.", "established", "inferred"),
    ("FOLLOW-UP\n\nName: A. B.\n\nHPI: He feels well.", "established", "inferred"),
    ("Medication refill visit.", "established", "inferred"),
    ("Last seen by cardiology in May.", "not documented", ""),
    ("Follow up in 3 months.", "not documented", ""),
    ("Follow up with cardiology.", "not documented", ""),
    ("New patient packet given.", "established", "stated"),
    ("A cough for 3 days.", "not documented", ""),
    ("Initial visit.", "not documented", ""),
    ("She is not a new patient.", "not documented", ""),
    ("Plan: schedule follow-up visit.", "not documented", ""),
    ("Patient instructions: keep your follow-up visit.", "not documented", ""),
]


@pytest.mark.parametrize(("row", "value", "how"), STATUS, ids=[r[0] for r in STATUS])
def test_new_or_established(row: str, value: str, how: str) -> None:
    if "packet" in row:
        row = "Established patient. " + row
    found = find_status(make_page(read(row)), None)
    assert (found.value, found.how) == (value, how)
    for e in found.evidence:
        assert row[e.start : e.end] == e.text


def test_words_against_each_other_leave_a_doubt() -> None:
    found = find_status(make_page(read("New patient. Since the last visit he feels well.")), None)
    assert (found.value, found.how) == ("new", "inferred")


AGES = [
    ("A 52-year-old man.", 52),
    ("52 years old.", 52),
    ("52 year old male.", 52),
    ("52 yo F.", 52),
    ("52yo F.", 52),
    ("52 y/o woman.", 52),
    ("52yof with cough.", 52),
    ("Age: 52.", 52),
    ("Age 52, male.", 52),
    ("9-month-old girl.", 0.75),
    ("9 months old.", 0.75),
    ("6 month well child check.", 0.5),
    ("Newborn girl.", 0),
    ("Family history: mother, 80 years old, alive.\nHPI: 52-year-old man.", 52),
    ("No age here, dose 50 mg.", None),
    ("Pain for 3 years.", None),
]


@pytest.mark.parametrize(("row", "age"), AGES, ids=[r[0][:30] for r in AGES])
def test_age(row: str, age: float | None) -> None:
    found, spans = find_age(read(row))
    assert found == (None if age is None else pytest.approx(age, abs=0.02))
    assert bool(spans) == (age is not None)


@pytest.mark.parametrize("age", [-1, 131, True, float("nan")])
def test_an_age_that_is_none(age: float) -> None:
    with pytest.raises(ConfigError, match="age"):
        em_level(read("Established patient."), (), setting="outpatient", age=age)


def test_a_setting_that_does_not_exist() -> None:
    with pytest.raises(ConfigError, match="setting"):
        em_level(read("Established patient."), (), setting="ward")  # type: ignore[arg-type]


KINDS = [
    ("Follow-up after an ED visit for [asthma|J45.909]. Continue albuterol.", "outpatient", "office"),
    ("Established patient, was brought to the ER last week with [asthma|J45.909].", "outpatient", "office"),
    ("Presented to the emergency department with [pneumonia|J18.9].", "outpatient", "emergency"),
    ("Presented to the emergency department with [pneumonia|J18.9].", "inpatient", "hospital_initial"),
    ("H&P. [Pneumonia|J18.9].", "inpatient", "hospital_initial"),
    ("H&P. Established patient. [Cough|R05.9].", "outpatient", "office"),
    ("Progress note. [Pneumonia|J18.9].", "inpatient", "hospital_subsequent"),
    ("Progress note. Established patient. [Cough|R05.9].", "outpatient", "office"),
    ("Consultation requested by Dr. Ames. [Anemia|D64.9].", "outpatient", "consult"),
    ("Consultation requested by Dr. Ames. [Anemia|D64.9].", "inpatient", "inpatient_consult"),
    ("Established patient. Thank you for asking me to see her. [Anemia|D64.9].", "outpatient", "office"),
    ("Established patient office visit. Critical care time 40 minutes.", "outpatient", "critical_care"),
    ("ED PROVIDER NOTE\n\n[Cough|R05.9] since Monday.", "outpatient", "emergency"),
    (
        "EMERGENCY DEPARTMENT NOTE\nArrival: walking\nCC: Cough\nMDM: [bronchitis|J20.9]",
        "outpatient",
        "emergency",
    ),
    ("DISCHARGE SUMMARY\nName: A. B.\nDischarge diagnoses: [Pneumonia|J18.9]", "inpatient", "discharge"),
    ("Presents to the sports clinic today. [Elbow pain|M25.521].", "outpatient", "office"),
    ("ED follow-up. He presented to the ED on Monday with [renal colic|N20.0].", "outpatient", "office"),
    ("Asked by Dr. Ames to see him for [anemia|D64.9].", "inpatient", "inpatient_consult"),
    ("Seen in stone clinic. [Renal colic|N20.0].", "outpatient", "office"),
    (
        "ADMISSION HISTORY & PHYSICAL\nHPI: He presents with [pneumonia|J18.9].",
        "inpatient",
        "hospital_initial",
    ),
    ("Reason for the consult: [anemia|D64.9]. Presented to the ER yesterday.", "outpatient", "consult"),
    ("Office consultation. Spent 30 minutes on discharge planning.", "outpatient", "consult"),
    ("Progress note. Spent 35 minutes on discharge.", "inpatient", "discharge"),
    (
        "Admission diagnosis: [Pneumonia|J18.9].\nDischarge diagnosis: [Pneumonia|J18.9].\n"
        "HPI: She presented to the emergency department with a cough.",
        "outpatient",
        "discharge",
    ),
]


@pytest.mark.parametrize(("row", "setting", "category"), KINDS, ids=[f"{r[2]}: {r[0][:30]}" for r in KINDS])
def test_kind_of_visit(row: str, setting: Setting, category: str) -> None:
    assert sure(row, setting).category == category


def test_an_office_note_that_names_an_operation_report_is_a_visit() -> None:
    row = (
        "HPI: Established patient. I have the operative report from St. Anne.\nExam: Scar healed.\n"
        "Assessment: [Knee osteoarthritis|M17.11].\nPlan: Physical therapy."
    )
    assert sure(row).code == "99213"


@pytest.mark.parametrize(
    ("row", "modifiers"),
    [
        ("Video visit, established patient. [Hypertension|I10].", ["95"]),
        ("Telehealth visit, established patient. [Hypertension|I10].", ["95"]),
        ("Telephone visit, established patient. [Hypertension|I10].", ["93"]),
        ("Office visit, established patient. [Hypertension|I10].", []),
    ],
)
def test_visits_at_a_distance(row: str, modifiers: list[str]) -> None:
    assert [m.code for m in sure(row).modifiers] == modifiers


def test_evidence_is_the_words_of_the_note() -> None:
    text = "Established patient 47 years old, yearly preventive exam."
    found = sure(text)
    assert [(e.kind, e.text) for e in found.evidence] == [
        ("visit", "preventive exam"),
        ("age", "47 years old"),
        ("status", "Established patient 47 years"),
    ]
    assert all(text[e.start : e.end] == e.text for e in found.evidence)


def test_no_words_of_the_note_in_the_repr() -> None:
    found = sure(
        "Established patient Zebulon. [Quinsyish cough|R05.9]. Start lisinopril. Total time 35 minutes."
    )
    for word in ("Zebulon", "Quinsyish", "lisinopril", "35 minutes"):
        assert word not in repr(found)
