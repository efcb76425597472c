"""Medical decision making: two of three, the count of data, the grades of problems, the risk."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.procedures.em_mdm import data_level, mdm_level
from cac.procedures.em_problems import problems_level
from cac.procedures.em_tables import code_rows, grades
from cac.procedures.em_types import LEVELS, EmLevel, EmProblem

from .marked import sure


def _oracle(levels: tuple[int, int, int]) -> int:
    """The highest level that at least two elements meet or exceed: the rule in its own words."""
    return max(n for n in range(5) if sum(level >= n for level in levels) >= 2)


@pytest.mark.parametrize("levels", list(product(range(5), repeat=3)), ids=str)
def test_two_of_three(levels: tuple[int, int, int]) -> None:
    assert mdm_level(*levels) == _oracle(levels)


def _data_oracle(items: int, historian: bool, interpretation: bool, discussion: bool) -> int:
    """The rows of the published table, from the top."""
    first = items + historian >= 3
    categories = [first, interpretation, discussion]
    if categories.count(True) >= 2:
        return 4
    if categories.count(True) == 1:
        return 3
    if items >= 2 or historian:
        return 2
    return 1


@pytest.mark.parametrize("case", list(product(range(6), *[(False, True)] * 3)), ids=str)
def test_data_by_category(case: tuple[int, bool, bool, bool]) -> None:
    assert data_level(*case) == _data_oracle(*case)


GRADES = sorted(grades())


def _problem(grade: str) -> EmProblem:
    return EmProblem(grade, grades()[grade].level, (), ())


PROBLEMS = [
    ([], 0, "nothing addressed"),
    (["not_addressed"], 0, "named and left to others"),
    (["minor"], 1, "one minor"),
    (["minor", "minor"], 2, "two minor are low"),
    (["minor", "minor", "minor", "minor"], 2, "four minor are no more"),
    (["stable_chronic"], 2, "one stable chronic"),
    (["stable_chronic", "stable_chronic"], 3, "two stable chronic are moderate"),
    (["stable_chronic", "acute_uncomplicated"], 2, "unlike problems do not add up"),
    (["acute_uncomplicated", "acute_uncomplicated"], 2, "two uncomplicated are low"),
    (["minor", "stable_chronic"], 2, "a minor one adds nothing"),
    (["chronic_worse"], 3, "exacerbation"),
    (["chronic_worse", "chronic_worse"], 3, "two exacerbations are no severe one"),
    (["undiagnosed"], 3, "uncertain outlook"),
    (["acute_systemic"], 3, "systemic symptoms"),
    (["acute_complicated"], 3, "complicated injury"),
    (["chronic_severe"], 4, "severe flare"),
    (["threat", "minor"], 4, "threat to life"),
]


@pytest.mark.parametrize(("names", "level", "why"), PROBLEMS, ids=[r[2] for r in PROBLEMS])
def test_level_of_the_problems(names: list[str], level: int, why: str) -> None:
    got, deciding = problems_level([_problem(n) for n in names])
    assert got == level
    assert bool(deciding) == bool(level)


@given(st.lists(st.sampled_from(GRADES), max_size=6), st.sampled_from(GRADES))
def test_one_problem_more_never_lowers_the_level(names: list[str], more: str) -> None:
    before, _ = problems_level([_problem(n) for n in names])
    after, _ = problems_level([_problem(n) for n in [*names, more]])
    assert after >= before


@given(*[st.integers(0, 4)] * 3, st.integers(0, 2), st.integers(0, 4))
def test_a_higher_element_never_lowers_the_level(a: int, b: int, c: int, which: int, to: int) -> None:
    levels = [a, b, c]
    raised = list(levels)
    raised[which] = max(levels[which], to)
    assert mdm_level(*raised) >= mdm_level(*levels)
    assert mdm_level(*levels) == mdm_level(*sorted(levels))


@given(st.integers(0, 9), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 3))
def test_more_data_never_lowers_the_level(n: int, h: bool, i: bool, d: bool, which: int) -> None:
    case: list[int] = [n, h, i, d]
    more = list(case)
    more[which] = case[which] + 1 if which == 0 else True
    assert data_level(more[0], *map(bool, more[1:])) >= data_level(n, h, i, d)


# ---------------------------------------------------------------- elements as they stand in notes

_VISIT = "Established patient. "


def _element(row: str, name: str, **about: float) -> tuple[int, str]:
    found = sure(_VISIT + row, **about)  # type: ignore[arg-type]
    element = next(e for e in found.elements if e.name == name)
    assert all(e.kind == {"problems": e.kind, "data": "data", "risk": "risk"}[name] for e in element.evidence)
    return element.level, element.summary


DATA = [
    ("CBC ordered.", 1, "one test"),
    ("CBC and CMP ordered.", 2, "two tests"),
    ("CBC, CMP and TSH ordered.", 3, "three tests"),
    ("Ordered CBC. CBC will be repeated next month.", 1, "one test twice is one"),
    ("Reviewed A1c and lipid panel.", 2, "reviewed counts as ordered"),
    ("No labs needed. No imaging ordered.", 1, "denied"),
    ("Declined CBC and CMP.", 1, "declined"),
    ("If symptoms persist, order CBC, CMP and TSH.", 1, "conditional"),
    ("Reviewed outside records.", 1, "one document"),
    ("Reviewed outside records. CBC ordered.", 2, "a document and a test"),
    ("Reviewed the discharge summary from the hospital. CBC and CMP ordered.", 3, "a document and two tests"),
    ("History obtained from his daughter.", 2, "another historian"),
    ("History obtained from his wife. CBC and BMP ordered.", 3, "historian and two tests"),
    ("I personally reviewed the chest x-ray images.", 3, "own reading"),
    ("EKG independently interpreted.", 3, "own reading; the test counts once"),
    ("EKG independently interpreted. CBC, BMP and troponin ordered.", 4, "own reading and three tests"),
    ("Discussed with Dr. Moss, cardiology.", 3, "another professional"),
    (
        "Case discussed with the surgeon. CT of the abdomen personally reviewed.",
        4,
        "discussion and own reading",
    ),
    ("Discussed the plan with the patient and her husband.", 1, "the family is no professional"),
    ("Spoke with the radiologist about the MRI.", 3, "radiologist"),
    ("CT head ordered; the CT will be done today.", 1, "the short name is the same test"),
    ("Labs, EKG and chest x-ray ordered.", 3, "labs beside studies"),
    ("Labs ordered: CBC and CMP.", 2, "labs are the two that are named"),
]


@pytest.mark.parametrize(("row", "level", "why"), DATA, ids=[r[2] for r in DATA])
def test_data(row: str, level: int, why: str) -> None:
    assert _element("[Hypertension|I10]. " + row, "data")[0] == level


def test_a_parent_is_a_historian_for_a_small_child_only() -> None:
    row = "[Fever|R50.9]. Mother reports a rash since yesterday."
    assert _element(row, "data", age=3)[0] == 2
    assert _element(row, "data", age=30)[0] == 1


RISK = [
    ("Reassurance.", 1, "reassurance"),
    ("OTC ibuprofen.", 2, "over the counter"),
    ("Ibuprofen as needed.", 2, "over the counter by its name"),
    ("Prescribed ibuprofen 800 mg.", 3, "prescribed makes it prescription"),
    ("Referred to physical therapy.", 2, "therapy"),
    ("Start lisinopril.", 3, "prescription drug"),
    ("Stop lisinopril.", 3, "stopping is managing"),
    ("Continue current medications.", 3, "continued with a decision"),
    ("Allergic to penicillin.", 1, "an allergy is no treatment"),
    ("Declined atorvastatin.", 1, "declined"),
    ("No antibiotics needed.", 1, "denied"),
    ("If worse, start antibiotics.", 1, "conditional"),
    ("Patient is homeless.", 3, "social conditions"),
    ("Scheduled for cholecystectomy.", 3, "elective major operation"),
    ("Scheduled for cholecystectomy; high surgical risk.", 4, "with risk factors"),
    ("Excision of the cyst planned.", 2, "minor operation"),
    ("Status post cholecystectomy.", 1, "an operation of the past"),
    ("Needs emergency surgery.", 4, "emergency operation"),
    ("Admit to the hospital.", 4, "hospital"),
    ("Was admitted to the hospital in March.", 1, "a stay of the past"),
    ("No need for hospitalization.", 1, "denied"),
    ("Made DNR after discussion.", 4, "treatment limited"),
    ("IV morphine given.", 4, "controlled drug by injection"),
    ("Continue methotrexate.", 3, "a toxic drug without watch"),
    ("Continue methotrexate, monitor CBC and LFTs.", 4, "a toxic drug with watch"),
    ("Continue lisinopril, check creatinine.", 3, "a watch for another drug"),
    ("Go to the emergency department if worse.", 1, "advice"),
]


@pytest.mark.parametrize(("row", "level", "why"), RISK, ids=[r[2] for r in RISK])
def test_risk(row: str, level: int, why: str) -> None:
    assert _element("[Cyst|L72.0]. " + row, "risk")[0] == level


NATURES = [
    ("[Hypertension|I10], stable.", "stable_chronic"),
    ("[Hypertension|I10].", "stable_chronic"),
    ("[Hypertension|I10], well controlled.", "stable_chronic"),
    ("[Hypertension|I10], not well controlled.", "chronic_worse"),
    ("[Hypertension|I10]. Not at goal.", "chronic_worse"),
    ("[Hypertension|I10], no exacerbation.", "stable_chronic"),
    ("[Diabetes with hyperglycemia|E11.65].", "chronic_worse"),
    ("[Ketoacidosis|E11.10].", "threat"),
    ("[Asthma|J45.909] with exacerbation.", "chronic_worse"),
    ("[Asthma|J45.909] with severe exacerbation.", "chronic_severe"),
    ("[Status asthmaticus|J45.902].", "threat"),
    ("[Low back pain|M54.50].", "acute_uncomplicated"),
    ("Chronic [low back pain|M54.50].", "stable_chronic"),
    ("[Cellulitis|L03.115].", "acute_uncomplicated"),
    ("[Cellulitis|L03.115] with fever and chills.", "acute_systemic"),
    ("[Cellulitis|L03.115], no fever.", "acute_uncomplicated"),
    ("[Influenza|J11.1] with fever.", "acute_uncomplicated"),
    ("[Common cold|J00] with fever.", "acute_uncomplicated"),
    ("[Pneumonia|J18.9].", "acute_systemic"),
    ("[Pneumonia|J18.9], resolved.", "minor"),
    ("[Rash|R21] of unclear etiology.", "undiagnosed"),
    ("[Lung nodule|R91.1].", "undiagnosed"),
    ("[Concussion|S06.0X0A].", "acute_complicated"),
    ("[Ankle sprain|S93.402A].", "acute_uncomplicated"),
    ("[Scalp abrasion|S00.01XA].", "minor"),
    ("[Wrist fracture|S62.101A].", "acute_complicated"),
    ("[Chest wound|S21.111A], life-threatening.", "threat"),
    ("[CKD|N18.30], followed by nephrology.", "not_addressed"),
    ("[Depression|F32.A] in remission.", "stable_chronic"),
    ("Newly diagnosed [hypertension|I10].", "chronic_worse"),
]


@pytest.mark.parametrize(("row", "grade"), NATURES, ids=[r[0] for r in NATURES])
def test_grade_of_a_problem(row: str, grade: str) -> None:
    found = sure(_VISIT + row)
    assert [p.grade for p in found.problems] == [grade]


def test_codes_of_one_problem_count_once() -> None:
    found = sure("Established patient. [Diabetic neuropathy|E11.42+E11.65]. [Insect bite|S00.86XA+W57.XXXA].")
    assert [p.codes for p in found.problems] == [("E11.42", "E11.65"), ("S00.86XA", "W57.XXXA")]


def test_a_symptom_says_nothing_beside_its_condition() -> None:
    found = sure("Established patient. [Prostatic hyperplasia with nocturia|N40.1+R35.1].")
    assert [p.grade for p in found.problems] == ["stable_chronic"]


def test_the_drug_of_an_adverse_effect_is_no_problem() -> None:
    found = sure("Established patient. [Rash|L27.0] from [amoxicillin|T36.0X5A].")
    assert [p.codes for p in found.problems] == [("L27.0",)]
    assert [p.codes for p in sure("Established patient. [Overdose|T39.1X2A].").problems] == [("T39.1X2A",)]


def test_statuses_and_circumstances_are_no_problems() -> None:
    found = sure("Established patient. [On insulin|Z79.4]. [Fell|W19.XXXA]. [E. coli|B96.20].")
    assert [p.grade for p in found.problems] == []


@pytest.mark.parametrize(
    "extra",
    [
        "CBC, CMP and TSH ordered.",
        "Start lisinopril.",
        "Admit to the hospital.",
        "Discussed with Dr. Moss.",
        "[Asthma|J45.909] stable.",
        "Total time 41 minutes.",
    ],
)
@pytest.mark.parametrize(
    "row", ["[Hypertension|I10] stable.", "[Common cold|J00].", "[Pneumonia|J18.9]. Doxycycline."]
)
def test_more_documentation_never_lowers_the_code(row: str, extra: str) -> None:
    order = [r.code for r in code_rows()["office"] if r.status == "established"]
    before, after = sure(_VISIT + row), sure(f"{_VISIT}{row} {extra}")
    assert order.index(after.code) >= order.index(before.code)


_PARTS = ["CBC ordered.", "CMP ordered.", "TSH ordered.", "Start lisinopril.", "OTC ibuprofen.",
          "[Asthma|J45.909] stable.",
          "[Hypertension|I10] uncontrolled.", "Discussed with Dr. Moss.", "History obtained from his wife.",
          "[Common cold|J00].", "Total time 25 minutes."]  # fmt: skip


@given(st.lists(st.sampled_from(_PARTS), unique=True, max_size=6), st.sampled_from(_PARTS))
def test_more_parts_never_lower_the_code(parts: list[str], more: str) -> None:
    order = [r.code for r in code_rows()["office"] if r.status == "established"]
    before, after = sure(_VISIT + " ".join(parts)), sure(_VISIT + " ".join([*parts, more]))
    assert order.index(after.code) >= order.index(before.code)


def test_less_time_than_the_work_does_not_lower_the_code() -> None:
    row = "Established patient. CBC, CMP and TSH ordered. Start lisinopril."
    assert sure(row).code == sure(f"{row} Total time 25 minutes.").code == "99214"


def test_every_element_names_its_rule_and_its_words() -> None:
    found: EmLevel = sure(
        "Established patient. [Hypertension|I10] uncontrolled. Increase lisinopril. BMP ordered."
    )
    text = "Established patient. Hypertension uncontrolled. Increase lisinopril. BMP ordered."
    assert [e.name for e in found.elements] == ["problems", "data", "risk"]
    for element in found.elements:
        assert element.rule and element.citation.startswith("CPT E/M guidelines")
        assert element.level_name == LEVELS[element.level]
        for e in element.evidence:
            assert text[e.start : e.end] == e.text
    words = [[e.text for e in element.evidence] for element in found.elements]
    assert words == [["Hypertension", "uncontrolled"], ["BMP"], ["lisinopril"]]
