"""Nothing recognised disappears, and no answer breaks the conventions: notes put together at random."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cac.coder import Coder
from cac.config import Config
from cac.extract.drugs import find_drugs
from cac.rules.sequence import load_sequence
from cac.text.reader import read

SECTIONS = (
    "HPI:|PMH:|Past Surgical History:|Family History:|Social History:|Medications:|Allergies:|ROS:|Exam:|"
    "Labs:|Assessment:|Plan:|Impression:|Hospital course:|Discharge diagnosis:|Instructions:"
).split("|")
STATEMENTS = (
    "{}.|Denies {}.|No evidence of {}.|Possible {}.|Mother had {}.|History of {}.|Return if {} gets worse.|"
    "1. {}, stable.\n2. Follow up.|{} due to {}.|{} with {}.|{}, {} and {}.|{} but no {}.|Resolved {}."
).split("|")
WORDS = (
    "hypertension|type 2 diabetes|type 1 diabetes|CKD stage 4|ESRD on dialysis|systolic heart failure|"
    "pneumonia|cough|fever|sepsis|acute kidney injury|urinary tract infection|E. coli|MRSA|COPD exacerbation|"
    "asthma|Alzheimer's dementia|agitation|dementia|Parkinson's disease|peripheral neuropathy|foot ulcer|"
    "left knee osteoarthritis|right knee osteoarthritis|osteoporosis|old stroke|left hemiparesis|aphasia|"
    "alcohol dependence|alcohol withdrawal|cirrhosis|ascites|breast cancer|bone metastasis|anemia|"
    "chemotherapy|rash|amoxicillin|warfarin|GI bleeding|morbid obesity|BMI 43|20 weeks pregnant|"
    "gestational diabetes|preeclampsia|left ankle sprain|fall from ladder|ankle pain|COVID-19|HIV|AIDS|"
    "kidney transplant|transplant rejection|pacemaker|colostomy|former smoker|smoker|homelessness|"
    "hyponatremia|SIADH|cystic fibrosis|chronic pancreatitis|depression|anxiety|bipolar disorder"
).split("|")


@st.composite
def notes(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 6))):
        if draw(st.booleans()):
            lines.append(draw(st.sampled_from(SECTIONS)))
        frame = draw(st.sampled_from(STATEMENTS))
        lines.append(frame.format(*(draw(st.sampled_from(WORDS)) for _ in range(frame.count("{}")))))
    return "\n".join(lines)


relaxed = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@relaxed
@given(notes(), st.sampled_from(["outpatient", "inpatient"]))
def test_no_code_excludes_another_and_none_is_first_that_may_not_be(
    coder: Coder, note: str, setting: str
) -> None:
    result = coder.suggest(note, setting=setting)
    tabular, roles = coder.release().tabular, load_sequence()
    codes = [s.code for s in result if s.system == "ICD-10-CM"]
    assert [(a, b) for a, b in combinations(codes, 2) if tabular.exclude_each_other(a, b)] == []
    able = [c for c in codes if c not in roles.never_first and not tabular.manifestation(c)]
    assert not able or codes[0] in able
    assert not codes or not tabular.manifestation(codes[0])


@relaxed
@given(notes(), st.sampled_from(["reportable", "documented"]))
def test_every_mention_is_behind_a_code_or_in_the_ledger(coder: Coder, note: str, scope: str) -> None:
    """With a citation and a reason; the words behind a code are evidence of it."""
    config = coder.config.override(scope=scope)
    read_note = read(note)
    mentions = coder._mentions(read_note, coder.release(), config, find_drugs(read_note))
    result = coder.suggest(note, scope=scope)
    shown = {(e.start, e.end) for s in (*result.suggestions, *result.candidates) for e in s.evidence}
    ledger = {(n.start, n.end) for n in result.not_coded}
    whole = [(m.start, m.end) for m in mentions if m.method != "inner"]
    lost = [
        (m.codes, m.method)
        for m in mentions
        if (m.start, m.end) not in ledger
        and not all((s.start, s.end) in shown for s in m.spans)
        # A part says nothing that the mention around it does not, and that one is accounted for.
        and not (m.method == "inner" and any(a <= m.start and m.end <= b for a, b in whole))
    ]
    assert lost == []
    assert all(n.reason and n.citation for n in result.not_coded)


def test_external_causes_can_be_left_out() -> None:
    off = Coder(Config(external_causes=False))
    note = "Left ankle sprain after a fall from a ladder."
    assert "W11.XXXA" in [s.code for s in Coder().suggest(note)]
    result = off.suggest(note)
    assert not [s for s in (*result.suggestions, *result.candidates) if s.code[0] in "VWXY"]
    assert {n.reason for n in result.not_coded if n.codes[0][0] in "VWXY"} == {"external_cause"}


@pytest.mark.parametrize("value", [None, 1, "no"])
def test_bad_settings_are_refused(value: object) -> None:
    from cac.errors import ConfigError

    with pytest.raises(ConfigError, match="external_causes"):
        Config(external_causes=value)  # type: ignore[arg-type]
