"""Procedures in the answer of the coder: links, modifiers, scores, ranking, outputs, invariants."""

from __future__ import annotations

import json
import math
import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.coder import Coder
from cac.config import Config
from cac.procedures.modifiers import separate_visit
from cac.procedures.suggest import suggest_procedures
from cac.text.reader import read
from cac.types import Explanation, Suggestion
from tests.procedures.rows import PERFORMED

OPERATIVE = """\
PREOPERATIVE DIAGNOSIS: Acute appendicitis.

POSTOPERATIVE DIAGNOSIS: Acute appendicitis.

PROCEDURE: Laparoscopic appendectomy.

ANESTHESIA: General endotracheal.

DESCRIPTION OF PROCEDURE: The patient was placed supine. A Foley catheter was placed. Trocars were
inserted and the appendix was divided with a stapler and removed. Ports were removed and the wounds
closed with suture. The patient tolerated the procedure well.
"""

KNEE = """\
POSTOPERATIVE DIAGNOSES:
1. Medial meniscus tear, right knee.
2. Carpal tunnel syndrome, left.

PROCEDURES PERFORMED:
1. Right knee arthroscopy with partial medial meniscectomy.
2. Left carpal tunnel release.
"""

ENDOSCOPY = """\
PROCEDURE: Colonoscopy.

INDICATION: Rectal bleeding.

PROCEDURE IN DETAIL: The colonoscope was advanced to the cecum. A polyp of the sigmoid colon was removed
with a hot snare. No biopsies were taken.

IMPRESSION: Sigmoid colon polyp.
"""

OFFICE = """\
HPI: 54-year-old woman with knee pain for two months. She had a colonoscopy in 2019.

PSH: Appendectomy, C-section.

ASSESSMENT AND PLAN:
1. Primary osteoarthritis of the right knee. After consent the right knee was injected with Kenalog today.
2. Hypertension. Continue lisinopril. EKG ordered for the next visit.
"""


def cpt(coder: Coder, text: str, **options: object) -> dict[str, Suggestion]:
    result = coder.suggest(text, **options)  # type: ignore[arg-type]
    return {s.code: s for s in result if s.system == "CPT"}


def test_an_operative_note(coder: Coder) -> None:
    result = coder.suggest(OPERATIVE, setting="inpatient")
    codes = [s.code for s in result]
    assert "44970" in codes and "K35.80" in codes
    assert [c for c in codes if c in ("51702", "49320", "12001")] == []
    assert result[codes.index("44970")].diagnoses == ("K35.80",)


def test_the_description_decides_what_the_title_leaves_open(coder: Coder) -> None:
    found = cpt(coder, ENDOSCOPY)
    assert list(found) == ["45385"]
    quotes = {e.kind: e.text for e in found["45385"].evidence}
    assert quotes["service"] == "Colonoscopy"
    assert "snare" in quotes["technique"]


def test_each_procedure_points_to_its_own_diagnosis(coder: Coder) -> None:
    found = cpt(coder, KNEE)
    assert set(found) == {"29881", "64721"}
    assert found["29881"].diagnoses[0].startswith(("S83", "M23"))
    assert found["64721"].diagnoses[0] == "G56.02"
    assert [m.code for m in found["29881"].modifiers] == ["RT"]
    assert [m.code for m in found["64721"].modifiers] == ["LT"]


def test_an_office_note(coder: Coder) -> None:
    result = coder.suggest(OFFICE)
    found = {s.code: s for s in result if s.system == "CPT"}
    assert "20610" in found
    assert "M17.11" in found["20610"].diagnoses
    assert {"45378", "44950", "44970", "59514", "93000"} & set(found) == set()
    reasons = {c: n.reason for n in result.not_coded for c in n.codes}
    assert reasons["93000"] == "planned"


def test_one_ranking_and_the_diagnoses_keep_their_order(coder: Coder) -> None:
    for note in (OPERATIVE, KNEE, ENDOSCOPY, OFFICE):
        both = coder.suggest(note)
        alone = coder.suggest(note, systems=("ICD-10-CM",))
        assert [s.code for s in both if s.system == "ICD-10-CM"] == [s.code for s in alone]
        everything = (*both.suggestions, *both.candidates)
        assert [s.rank for s in everything] == list(range(1, len(everything) + 1))
        assert all(s.system == "ICD-10-CM" for s in alone)


def test_procedures_alone(coder: Coder) -> None:
    result = coder.suggest(KNEE, systems="CPT")
    assert {s.system for s in result} == {"CPT"}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        # the note is about what was done
        ("Colonoscopy: sigmoid polyp taken off with a snare.", "45385"),
        ("Total knee arthroplasty, right.", "27447"),
        # the note starts with the condition
        ("Impacted cerumen of the left ear, removed with a curette.", "H61.22"),
        # screening is the reason of the encounter
        ("Screening mammogram, bilateral.", "Z12.31"),
    ],
)
def test_what_comes_first(coder: Coder, text: str, first: str) -> None:
    assert coder.suggest(text)[0].code == first


def test_the_threshold_works_for_procedures(coder: Coder) -> None:
    text = "PROCEDURE: Colonoscopy with biopsy."
    score = cpt(coder, text)["45380"].score
    higher = coder.suggest(text, threshold=min(1.0, score + 0.01))
    assert "45380" not in [s.code for s in higher]
    assert "45380" in [s.code for s in higher.candidates]


def test_a_bundle_is_a_rule_that_can_be_disabled() -> None:
    text = "PROCEDURES:\n1. Diagnostic laparoscopy.\n2. Laparoscopic appendectomy.\n"
    free = Coder(Config(disabled_rules=frozenset({"laparoscopy-look"})))
    assert {"44970", "49320"} <= {s.code for s in free.suggest(text)}


def test_a_missing_axis_becomes_a_query() -> None:
    result = suggest_procedures(read("EXAM: Chest x-ray."))
    assert [s.code for s in result.suggestions] == []
    assert result.candidates[0].code == "71046"
    [query] = result.queries
    assert query.axis == "views"
    assert {o.code for o in query.options} >= {"71045", "71046"}
    assert query.question == "Please document the views of the x-ray."


def test_alternatives_say_why_not() -> None:
    [made] = suggest_procedures(read("CT of the abdomen and pelvis with contrast.")).suggestions
    assert made.code == "74177"
    assert all(a.code != made.code and a.axis and a.why_not for a in made.alternatives)


def test_units_and_modifiers_are_in_every_output(coder: Coder) -> None:
    text = "Shave biopsy of three skin lesions of the left arm. Injection of the right knee joint performed."
    result = coder.suggest(text)
    data = {s["code"]: s for s in json.loads(result.to_json())["suggestions"]}
    assert data["11103"]["units"] == 2
    assert [m["code"] for m in data["20610"]["modifiers"]] == ["RT"]
    assert data["20610"]["modifiers"][0]["evidence"][0]["text"] == "right"
    frame = result.to_frame().set_index("code")
    assert frame.loc["11103", "units"] == 2
    assert frame.loc["20610", "modifiers"] == "RT"
    assert "modifiers RT (right side)" in result.summary()
    assert "units 2" in result.summary()
    assert "modifiers RT" in result._repr_html_()


def test_a_visit_beside_a_procedure_gets_modifier_25() -> None:
    [injection] = suggest_procedures(read("Right knee joint injection.")).suggestions
    visit = Suggestion("99213", "CPT", "visit", 0.9, 1, True, (), Explanation(0.0, ()))
    marked = separate_visit([visit, injection])
    assert [[m.code for m in s.modifiers] for s in marked] == [["25"], ["RT"]]
    assert separate_visit([visit]) == (visit,)
    assert separate_visit(marked) == marked


STATEMENTS = [r.split("|")[0].strip() for r in PERFORMED.splitlines() if "|" in r]
NOISE = ("no", "not", "declined", "\n", ";", "\u00e9", "\u200b")
WORDS = [*sorted({w for s in STATEMENTS for w in s.split()}), *NOISE]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_evidence_is_the_note_and_scores_add_up(text: str) -> None:
    result = suggest_procedures(read(text))
    for s in (*result.suggestions, *result.candidates):
        spans = [*s.evidence, *(e for m in s.modifiers for e in m.evidence)]
        spans += [e for c in s.explanation for e in c.evidence]
        assert all(text[e.start : e.end] == e.text for e in spans)
        assert s.evidence
        total = math.fsum((s.explanation.prior, *(c.value for c in s.explanation)))
        assert s.score == 1 / (1 + math.exp(-total))
        assert s.units >= 1
    codes = [s.code for s in (*result.suggestions, *result.candidates)]
    assert len(set(codes)) == len(codes)
    assert all(text[n.start : n.end] == n.text for n in result.not_coded)
    assert suggest_procedures(read(text)) == result


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(STATEMENTS), st.sampled_from(["Patient declined", "We will schedule", "History of"]))
def test_what_is_not_done_never_scores_more(statement: str, cue: str) -> None:
    done = {s.code: s.score for s in suggest_procedures(read(statement)).suggestions}
    low = statement[0].lower() + statement[1:]
    for s in suggest_procedures(read(f"{cue} {low}")).suggestions:
        assert s.score <= done.get(s.code, 1.0)


def test_results_pickle_and_hide_the_note(coder: Coder) -> None:
    result = coder.suggest(KNEE)
    assert pickle.loads(pickle.dumps(result)) == result
    assert "meniscectomy" not in repr(suggest_procedures(read(KNEE)).not_coded)


@pytest.mark.parametrize(
    ("text", "codes", "first"),
    [
        ("Established patient, insect bite, reassurance only.", {"99212"}, "99212"),
        ("Critical care time 50 minutes apart from procedures.", {"99291"}, "99291"),
        # a procedure of the same day: the visit stands apart only with modifier 25
        ("Established patient with poorly controlled hypertension, lisinopril increased. "
         "Right knee joint injection performed today for osteoarthritis.", {"20610", "99213"}, "99213"),
    ],
)  # fmt: skip
def test_visits_are_in_the_same_answer(coder: Coder, text: str, codes: set[str], first: str) -> None:
    result = coder.suggest(text)
    assert codes - {"99213"} <= {s.code for s in result if s.system == "CPT"}
    visits = [s for s in result if s.system == "CPT" and s.code.startswith("99")]
    if "20610" in codes:
        assert [m.code for s in visits for m in s.modifiers] == ["25"]
    else:
        assert result[0].code == first
    assert coder.suggest(text, systems="ICD-10-CM").suggestions == tuple(
        replace(s, rank=n) for n, s in enumerate((s for s in result if s.system == "ICD-10-CM"), 1)
    )
