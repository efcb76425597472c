"""The straight line from end to end: behaviour a coder would check by hand."""

from __future__ import annotations

import pytest

from cac.coder import Coder
from cac.config import Config
from cac.errors import CacError, ConfigError, NoteError


def codes(coder: Coder, text: str, **options: object) -> list[str]:
    return [s.code for s in coder.suggest(text, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected", "forbidden"),
    [
        # one diagnosis, with its default code
        ("Assessment: gout.", {"M10.9"}, set()),
        # documented axes choose the leaf
        ("Assessment: chronic systolic heart failure.", {"I50.22"}, {"I50.9"}),
        ("Assessment: sprain of the left ankle.", {"S93.402A"}, {"S93.401A", "S93.409A"}),
        ("Assessment: CKD stage 3b.", {"N18.32"}, {"N18.30", "N18.9"}),
        # one head, two sites, one side
        ("Assessment: primary osteoarthritis of the right hip and knee.", {"M16.11", "M17.11"}, {"M16.12"}),
        # no code for both sides: one for each (I.B.13)
        ("Assessment: bilateral shoulder pain.", {"M25.511", "M25.512"}, {"M25.519"}),
        # presumed link (I.A.15, I.C.9.a)
        ("Assessment: hypertension. CKD stage 4.", {"I12.9", "N18.4"}, {"I10"}),
        ("Assessment: type 2 diabetes, CKD stage 2.", {"E11.22", "N18.2"}, {"E11.9"}),
        # integral symptoms are not coded beside their disease (I.B.5)
        ("Assessment: pneumonia with cough and fever.", {"J18.9"}, {"R05.9", "R50.9"}),
        # denied, a relative's, conditional
        ("Assessment: gout. Denies chest pain.", {"M10.9"}, {"R07.9"}),
        ("FAMILY HISTORY: mother with breast cancer.\nASSESSMENT: gout.", {"M10.9"}, {"C50.919", "C50.911"}),
        ("Assessment: gout. Return if fever develops.", {"M10.9"}, {"R50.9"}),
    ],
)
def test_outpatient(coder: Coder, text: str, expected: set[str], forbidden: set[str]) -> None:
    got = set(codes(coder, text))
    assert expected <= got
    assert not forbidden & got


def test_uncertain_diagnoses_depend_on_the_setting(coder: Coder) -> None:
    text = "Discharge diagnosis: probable pneumonia. Cough."
    assert "J18.9" not in codes(coder, text, setting="outpatient")
    assert "J18.9" in codes(coder, text, setting="inpatient")


def test_not_coded_keeps_everything_recognised(coder: Coder) -> None:
    result = coder.suggest("HPI: denies chest pain.\nAssessment: gout, possible pneumonia.")
    reasons = {n.reason: n for n in result.not_coded}
    assert reasons["negated"].cue is not None
    assert reasons["negated"].cue.text.lower() == "denies"
    assert reasons["uncertain"].citation == "IV.H"


def test_an_undocumented_side_becomes_a_query(coder: Coder) -> None:
    result = coder.suggest("Assessment: ankle sprain.")
    assert [s.code for s in result] == ["S93.409A"]
    (query,) = result.queries
    assert query.axis == "side"
    assert {o.answer for o in query.options} == {"right", "left"}
    assert "ankle sprain" in query.question


def test_date_of_service_chooses_the_release(coder: Coder) -> None:
    assert coder.suggest("Gout.", date_of_service="2025-06-30").release == "2025-04"
    assert coder.suggest("Gout.", date_of_service="2026-06-30").release == "2026-04"


def test_age_and_sex_conflicts_are_findings_not_drops(coder: Coder) -> None:
    result = coder.suggest("Assessment: benign prostatic hyperplasia.", sex="F")
    (s,) = result
    assert any(f.rule == "sex-male-only" for f in s.findings)


@pytest.mark.parametrize(
    "options",
    [
        {"setting": "moon"},
        {"scope": "all"},
        {"threshold": 2},
        {"threshold": float("nan")},
        {"date_of_service": "yesterday"},
        {"date_of_service": "1999-01-01"},
        {"age": -3},
        {"sex": "x"},
        {"systems": ("ICD-11",)},
    ],
)
def test_settings_that_do_not_exist(coder: Coder, options: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        coder.suggest("Gout.", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("note", [None, 3, b"gout", ["gout"], "a\x00b" * 50, "x" * 10_000_000])
def test_notes_that_cannot_be_read(coder: Coder, note: object) -> None:
    with pytest.raises(NoteError) as caught:
        coder.suggest(note)  # type: ignore[arg-type]
    assert "gout" not in str(caught.value)


@pytest.mark.parametrize("note", ["", "   \n\t ", ".", "\u200b", "😀" * 30, "=====\n-----"])
def test_notes_with_nothing_in_them(coder: Coder, note: str) -> None:
    result = coder.suggest(note)
    assert len(result) == 0
    assert result.queries == ()


def test_unknown_configuration_keys_are_refused() -> None:
    with pytest.raises(ConfigError, match="unknown settings: treshold"):
        Config.from_mapping({"treshold": 0.4})
    with pytest.raises(CacError):
        Config().override(colour="red")


def test_rules_can_be_switched_off(coder: Coder) -> None:
    off = Coder(Config(disabled_rules=frozenset({"htn-ckd"})))
    assert "I10" in codes(off, "Assessment: hypertension. CKD stage 4.")
    assert "I10" not in codes(coder, "Assessment: hypertension. CKD stage 4.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the combination code's own note asks for what is named within it (I.A.13, I.A.17)
        ("Assessment: anemia in CKD stage 4.", {"D63.1", "N18.4"}),
        ("Assessment: aftercare, right total hip replacement done in March.", {"Z47.1", "Z96.641"}),
        # nothing asks for the unspecified part of a closer code
        ("Assessment: chronic systolic heart failure.", {"I50.22"}),
    ],
)
def test_parts_of_a_combination_are_coded_only_where_a_note_asks(
    coder: Coder, text: str, expected: set[str]
) -> None:
    assert set(codes(coder, text)) == expected


@pytest.mark.parametrize(
    ("text", "setting", "first"),
    [
        # what the assessment names first is chiefly responsible for the visit (IV.G)
        ("CC: cough.\nAssessment:\n1. Acute bronchitis\n2. Hypertension\n3. GERD", "outpatient", "J20.9"),
        ("Assessment: low back pain, hypertension, type 2 diabetes.", "outpatient", "M54.50"),
        ("Discharge diagnosis: syncope. Hypertension. Gout.", "inpatient", "R55"),
        # conventions go before it (I.A.13, I.C.9.a.12)
        ("Assessment: resistant hypertension.", "outpatient", "I10"),
        ("Assessment: BMI 41, morbid obesity.", "outpatient", "E66.01"),
    ],
)
def test_the_first_of_the_assessment_is_first_listed(
    coder: Coder, text: str, setting: str, first: str
) -> None:
    assert codes(coder, text, setting=setting, systems=("ICD-10-CM",))[0] == first


@pytest.mark.parametrize(
    ("text", "setting", "expected"),
    [
        # resolved within the stay it is told of, it is still coded (III)
        ("Discharge diagnosis: acute kidney injury, resolved. Pneumonia.", "inpatient", {"N17.9", "J18.9"}),
        ("Assessment: acute kidney injury, resolved. Gout.", "outpatient", {"M10.9"}),
        ("PMH: acute kidney injury, resolved.\nDischarge diagnosis: gout.", "inpatient", {"M10.9"}),
    ],
)
def test_resolved_conditions_depend_on_the_stay(
    coder: Coder, text: str, setting: str, expected: set[str]
) -> None:
    got = set(codes(coder, text, setting=setting, systems=("ICD-10-CM",)))
    assert expected <= got
    assert ("N17.9" in got) == ("N17.9" in expected)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("CC: left wrist and right ankle injury.\nAssessment: sprain.", {"S63.502A", "S93.401A"}),
        ("Assessment: Struck the left forearm and the left knee. Laceration.", {"S51.812A", "S81.012A"}),
        # one site is taken, not asked about
        ("CC: left forearm injury.\nAssessment: abrasion.", set()),
    ],
)
def test_several_sites_in_reach_of_an_injury_are_asked_about(
    coder: Coder, text: str, options: set[str]
) -> None:
    asked = [q for q in coder.suggest(text).queries if q.axis == "site"]
    assert {o.code for q in asked for o in q.options} == options
