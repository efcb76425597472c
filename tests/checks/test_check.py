"""The rules applied to a list of codes that a person chose."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.checks.api import check_codes
from cac.checks.result import CheckResult, kinds
from cac.coder import Coder
from cac.config import Config
from cac.errors import ConfigError, NoteError
from cac.output.checks import CHECK_DTYPES

NOTE = """HPI: Cough for two weeks. No evidence of pneumonia.
Family history: mother with colon cancer.
Assessment:
1. Hypertension, stable on lisinopril.
2. Type 2 diabetes with neuropathy.
3. Possible gout.
4. Osteoarthritis of the right knee.
5. BPH with nocturia."""


def _found(result: CheckResult) -> set[tuple[str, str]]:
    return {(f.code, f.kind) for f in result}


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        # nothing to say
        ("I13.0 I50.32 N18.4", set()),
        ("E11.22 N18.31", set()),
        ("G30.9 F02.80", set()),
        ("", set()),
        # no code, a category, a code without its 7th character, another system
        ("QQQ", {("QQQ", "invalid")}),
        ("I10.9", {("I10.9", "invalid")}),
        ("E11.2", {("E11.2", "not_billable")}),
        ("S93.402", {("S93.402", "seventh_character")}),
        ("H40.111", {("H40.111", "seventh_character")}),
        ("99213", set()),
        ("98999", {("98999", "not_in_tables")}),
        # twice, with and without a dot
        ("E11.9 e119", {("E11.9", "duplicate")}),
        # what one code says together
        ("I10 I50.9", {("I10", "combination")}),
        ("E11.9 N18.31", {("E11.9", "combination")}),
        ("M17.11 M17.12", {("M17.11", "combination")}),
        # the part beside the whole, the symptom beside its cause, the vague beside the close
        ("E11.22 N18.31 E11.9", {("E11.9", "combination")}),
        ("J18.9 R05.9", {("R05.9", "integral_symptom")}),
        ("N18.30 N18.31", {("N18.30", "superseded")}),
        # never together
        ("E10.9 E11.9", {("E10.9", "excludes1"), ("E11.9", "superseded")}),
        # what belongs beside a code
        ("J12.82", {("J12.82", "missing_companion"), ("J12.82", "order")}),
        ("I11.0", {("I11.0", "missing_companion")}),
        ("I10 Z68.35", {("Z68.35", "missing_companion")}),
        ("I10 F02.80", {("F02.80", "missing_companion")}),
        # the order
        ("F02.80 G30.9", {("F02.80", "order")}),
        ("I10 Z00.00", {("Z00.00", "order")}),
        ("Z79.4 E11.9", {("Z79.4", "order")}),
        ("N18.31 N17.9", {("N17.9", "order")}),
    ],
)
def test_lists(coder: Coder, codes: str, expected: set[tuple[str, str]]) -> None:
    assert _found(check_codes(coder, codes)) == expected


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("J18.9", "unsupported", ["pneumonia", "No evidence of"]),
        ("M10.9", "unsupported", ["gout", "Possible"]),
        ("C18.9", "unsupported", ["colon cancer"]),
        ("E11.9", "less_specific", ["Type 2 diabetes"]),
        ("M17.12", "unsupported", ["Osteoarthritis"]),
        ("L84", "unsupported", []),
        ("N40.1", "missing_companion", ["nocturia"]),
    ],
)
def test_a_note_speaks_for_or_against(coder: Coder, code: str, kind: str, words: list[str]) -> None:
    result = check_codes(coder, [code], NOTE)
    finding = next(f for f in result if f.code == code and f.kind == kind)
    quotes = [e.text for e in finding.evidence]
    assert quotes[: len(words)] == words
    assert all(NOTE[e.start : e.end] == e.text for e in finding.evidence)
    # Words of the note are evidence, never part of a message or of a repr.
    assert "colon" not in finding.message and "nocturia" not in repr(result)


def test_what_the_note_supports_is_not_complained_about(coder: Coder) -> None:
    result = check_codes(coder, ["I10", "E11.40", "N40.1", "R35.1"], NOTE)
    assert not [f for f in result if f.severity != "info"]
    assert {f.code for f in result if f.kind == "not_listed"} == {"M17.11"}


def test_a_code_of_another_year(coder: Coder) -> None:
    assert _found(check_codes(coder, "G35.A", date_of_service="2025-06-01")) == {
        ("G35.A", "not_valid_on_date")
    }
    assert check_codes(coder, "G35.A", date_of_service="2026-06-01").ok


def test_age_and_sex(coder: Coder) -> None:
    assert ("N40.0", "patient") in _found(check_codes(coder, "N40.0", sex="F"))
    assert ("Z00.129", "patient") in _found(check_codes(coder, "Z00.129", age=40))
    assert not check_codes(coder, "N40.0", sex="M", age=70)


def test_uncertain_diagnoses_depend_on_the_setting(coder: Coder) -> None:
    note = "Discharge diagnosis: probable pneumonia."
    assert not check_codes(coder, "J18.9", note, setting="inpatient")
    assert ("J18.9", "unsupported") in _found(check_codes(coder, "J18.9", note))


def test_rules_can_be_switched_off() -> None:
    off = Coder(Config(disabled_rules=frozenset({"htn-hf", "never-drug-use"})))
    assert not check_codes(off, "I10 I50.9")
    assert ("Z79.4", "order") not in _found(check_codes(off, "Z79.4 I10"))


def test_the_order_asked_for(coder: Coder) -> None:
    assert check_codes(coder, "F02.80 Z79.4 G30.9").ordered == ("G30.9", "F02.80", "Z79.4")


def test_forms_of_the_result(coder: Coder) -> None:
    result = check_codes(coder, "I10 I50.9", NOTE)
    assert pickle.loads(pickle.dumps(result)) == result
    frame = result.to_frame()
    assert list(frame.columns) == list(CHECK_DTYPES) and len(frame) == len(result)
    empty = check_codes(coder, "I10").to_frame()
    assert {c: str(t) for c, t in empty.dtypes.items()} == dict(CHECK_DTYPES)
    data = result.to_dict()
    assert data["ok"] is False and data["findings"][0]["kind"] == "combination"
    assert "<script" not in result._repr_html_() and "I11.0" in result._repr_html_()
    assert "I11.0" in result.summary()
    assert check_codes(coder, "I10").summary() == "1 codes checked: nothing found.\n"


def test_html_escapes_what_it_is_given(coder: Coder) -> None:
    assert "<b>" not in check_codes(coder, ["<b>x</b>"])._repr_html_().replace("<b>1</b>", "").replace(
        "<b>0</b>", ""
    )


@pytest.mark.parametrize("codes", [5, None, [1, 2], [None]])
def test_bad_lists_get_one_clear_error(coder: Coder, codes: object) -> None:
    with pytest.raises(ConfigError, match="list of codes"):
        check_codes(coder, codes)  # type: ignore[arg-type]


def test_bad_notes_get_one_clear_error(coder: Coder) -> None:
    with pytest.raises(NoteError):
        check_codes(coder, "I10", 5)  # type: ignore[arg-type]


POOL = (
    "I10 I50.9 E11.9 N18.31 J18.9 R05.9 G30.9 F02.80 Z68.35 E66.9 S93.402A Z79.4 QQQ E11.2 O80 M17.11".split()
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(POOL), max_size=8))
def test_any_list(coder: Coder, codes: list[str]) -> None:
    result = check_codes(coder, codes)
    assert result == check_codes(coder, codes)
    assert all(f.citation and f.message and f.kind in kinds() for f in result)
    assert set(result.ordered) <= set(codes)
    # The order that is asked for is one the check itself has nothing to say about.
    again = check_codes(coder, result.ordered)
    assert not [f for f in again if f.kind == "order" and f.related]
