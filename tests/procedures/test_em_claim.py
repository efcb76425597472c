"""Modifiers, further codes, candidates, what would change the level, and the score."""

from __future__ import annotations

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.extract.drugs import find_drugs
from cac.procedures.em import em_level
from cac.procedures.em_claim import beside_procedure, to_candidates
from cac.text.reader import read

from .marked import marked, sure

_VISIT = (
    "Established patient. [Hypertension|I10] uncontrolled, increase lisinopril. [Skin tag|L91.8] removed."
)


def test_modifier_25_beside_a_procedure() -> None:
    found = beside_procedure(sure(_VISIT), has_procedure=True, procedure_diagnoses=["L91.8"])
    assert found.code == "99214"
    assert [m.code for m in found.modifiers] == ["25"]
    assert found.log_odds > 0, "the hypertension is a problem of its own"


def test_no_modifier_without_a_procedure() -> None:
    before = sure(_VISIT)
    assert beside_procedure(before, has_procedure=False) == before


def test_a_visit_that_is_nothing_but_the_procedure_falls_below_the_threshold() -> None:
    row = "Established patient. [Skin tag|L91.8] removed with scissors."
    found = beside_procedure(sure(row), has_procedure=True, procedure_diagnoses=["L91.8"])
    assert found.log_odds < 0


def test_modifier_57_for_the_decision_for_a_major_operation() -> None:
    row = "ED visit: acute [appendicitis|K35.80]. Emergency appendectomy planned, admit for surgery."
    found = beside_procedure(sure(row), has_procedure=True, major=True, procedure_diagnoses=["K35.80"])
    assert [m.code for m in found.modifiers] == ["57"]
    assert found.log_odds == sure(row).log_odds


def test_the_modifier_is_added_once() -> None:
    once = beside_procedure(sure(_VISIT), has_procedure=True)
    assert beside_procedure(once, has_procedure=True) == once


def test_a_visit_without_charge_takes_no_modifier() -> None:
    found = sure("Postoperative visit, wound healing well.")
    assert beside_procedure(found, has_procedure=True) == found


def test_a_problem_beside_a_preventive_visit_is_a_second_visit() -> None:
    row = "Established patient, 52 years old, annual physical."
    found = sure(f"{row} [Hypertension|I10] uncontrolled, increase lisinopril.")
    assert found.code == "99396"
    (second,) = found.further
    assert (second.code, second.modifiers) == ("99214", ("25",))
    assert second.explanation.log_odds < found.log_odds


@pytest.mark.parametrize(
    "row",
    [
        "Established patient, 52 years old, annual physical.",
        "Established patient, 52 years old, annual physical. [Hypertension|I10] stable.",
        "Established patient, 52 years old, annual physical. [Skin tag|L91.8], OTC emollient.",
    ],
)
def test_no_second_visit_for_what_a_preventive_visit_covers(row: str) -> None:
    assert sure(row).further == ()


def test_candidates_carry_system_mentions_and_scores() -> None:
    found = sure("Critical care time 110 minutes.", "inpatient")
    made = to_candidates(found)
    assert [(c.code, c.system) for c, _ in made] == [("99291", "CPT"), ("99292", "CPT")]
    assert all(c.mentions for c, _ in made)
    assert made[0][1].log_odds == found.log_odds
    assert made[1][1].log_odds > found.log_odds


def test_codes_for_other_payers_are_no_candidates() -> None:
    found = sure("New patient office visit. Total time 95 minutes.")
    assert [a.code for a in found.further] == ["99417", "G2212"]
    assert [c.code for c, _ in to_candidates(found)] == ["99205", "99417"]


def test_wellness_visits_are_hcpcs() -> None:
    ((candidate, _),) = to_candidates(sure("Medicare annual wellness visit."))
    assert (candidate.code, candidate.system) == ("G0439", "HCPCS")


def test_what_would_raise_the_level() -> None:
    found = sure("Established patient. [Hypertension|I10] stable. Continue lisinopril.")
    raising = [c for c in found.would_change if c.direction == "raise"]
    assert [(c.code, c.element) for c in raising] == [
        ("99214", "problems"),
        ("99214", "data"),
        ("99214", "time"),
    ]
    assert "two stable chronic illnesses" in raising[0].requirement
    assert raising[-1].requirement == "total time of at least 30 minutes"
    assert all(c.citation for c in found.would_change)


def test_two_elements_are_needed_where_none_reaches_the_next_level() -> None:
    found = sure("Established patient. [Ankle sprain|S93.402A]. OTC ibuprofen.")
    raising = [c for c in found.would_change if c.element != "time" and c.direction == "raise"]
    assert [c.element for c in raising] == ["problems", "data", "risk"]
    assert all("a second element" in c.requirement for c in raising)


def test_what_would_lower_the_level() -> None:
    found = sure("Established patient. [Hypertension|I10] uncontrolled. Increase lisinopril.")
    lowering = [c for c in found.would_change if c.direction == "lower"]
    assert [(c.code, c.element) for c in lowering] == [("99213", "problems"), ("99213", "risk")]


def test_three_elements_at_the_level_are_not_lowered_by_one() -> None:
    found = sure(
        "Established patient. [Hypertension|I10] uncontrolled. Increase lisinopril. CBC, BMP and TSH ordered."
    )
    assert [c for c in found.would_change if c.direction == "lower"] == []


def test_less_time_lowers_a_level_by_time_to_decision_making_at_most() -> None:
    found = sure(
        "Established patient. [Hypertension|I10] stable. Continue lisinopril. Total time 41 minutes."
    )
    (lowering,) = [c for c in found.would_change if c.direction == "lower"]
    assert (found.code, lowering.code, lowering.element) == ("99215", "99214", "time")


_ROWS = [
    "Established patient. [Hypertension|I10] stable.",
    "New patient. [Pneumonia|J18.9]. Doxycycline. CBC ordered.",
    "ED visit: [chest pain|R07.9]. Troponin ordered.",
    "Established patient. [Gout|M10.9] flare. Total time 33 minutes.",
    "Nursing facility visit. [COPD|J44.9].",
]


@pytest.mark.parametrize("row", _ROWS, ids=[r[:30] for r in _ROWS])
def test_what_is_named_as_change_does_change(row: str) -> None:
    """Adding what an element asks for, alone or beside the others, gives the code that is named."""
    add = {
        "problems": " [COPD|J44.9] exacerbation. [Heart failure|I50.9], life-threatening.",
        "data": " CBC, BMP and TSH ordered. Discussed with Dr. Moss. EKG independently interpreted.",
        "risk": " Admit to the hospital.",
    }
    found = sure(row)
    raising = [c for c in found.would_change if c.direction == "raise" and c.element in add]
    text = row
    for change in raising:
        text += add[change.element]
    if raising:
        assert sure(text).level > found.level


@pytest.mark.parametrize("row", _ROWS, ids=[r[:30] for r in _ROWS])
def test_the_explanation_adds_up(row: str) -> None:
    found = sure(row)
    terms = [found.explanation.prior, *(c.value for c in found.explanation)]
    assert found.log_odds == math.fsum(terms)
    assert len({c.name for c in found.explanation}) == len(found.explanation.contributions)


@pytest.mark.parametrize("row", _ROWS, ids=[r[:30] for r in _ROWS])
def test_results_are_plain_data(row: str) -> None:
    found = sure(row)
    assert pickle.loads(pickle.dumps(found)) == found
    note, diagnoses = marked(row)
    assert em_level(note, tuple(reversed(diagnoses)), setting="outpatient") == found
    assert em_level(note, diagnoses, setting="outpatient", drugs=find_drugs(note)) == found


def test_no_charge_visit_is_a_candidate_only() -> None:
    assert sure("Postoperative visit, wound healing well.").log_odds < 0


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300),
    st.sampled_from(["outpatient", "inpatient"]),
)
def test_any_text(text: str, setting: str) -> None:
    note = read(text)
    found = em_level(note, (), setting="outpatient" if setting == "outpatient" else "inpatient")
    if found is not None:
        assert all(note.text[e.start : e.end] == e.text for e in found.evidence)


_WORDS = (
    "Established patient. New patient. Critical care time 45 minutes. Follow-up visit. Total time 1 "
    "hour. ED visit: "
    "Assessment: Plan: - \n 30min. annual physical 52 yo CBC ordered. discharge Preoperative diagnosis: -"
).split(" ")


@given(st.lists(st.sampled_from(_WORDS), max_size=40))
def test_any_order_of_words_that_matter(words: list[str]) -> None:
    note = read(" ".join(words))
    found = em_level(note, (), setting="outpatient")
    if found is not None:
        assert all(note.text[e.start : e.end] == e.text for e in found.evidence)
        assert math.isfinite(found.log_odds)


ALONE = [
    ("Advance care planning, 30 minutes.", ["99497"]),
    ("Advance care planning, 50 minutes.", ["99497", "99498"]),
    ("Advance care planning, 10 minutes.", []),
    ("Smoking cessation counseling, 5 minutes.", ["99406"]),
    ("Smoking cessation counseling, 12 minutes.", ["99407"]),
]


@pytest.mark.parametrize(("row", "codes"), ALONE, ids=[r[0] for r in ALONE])
def test_services_by_time_that_stand_alone(row: str, codes: list[str]) -> None:
    found = em_level(read(row), (), setting="outpatient")
    made = [] if found is None else [c.code for c, _ in to_candidates(found)]
    assert made == codes
