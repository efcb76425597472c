"""Harm by drugs: adverse effect, poisoning, underdosing, and what is none of them."""

from __future__ import annotations

import pytest

from cac.coder import Coder
from cac.codes.table import CodeTable
from cac.errors import TableError
from cac.extract import harm
from cac.extract.drugs import load_drugs
from cac.extract.harm import harm_stem, load_harm_cues, load_harm_stems
from cac.resources import data_text, read_rows


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        # adverse effect: the nature of it first, then the drug (I.C.19.e.5.a)
        ("Itchy rash due to amoxicillin, taken as prescribed.", "L27.0 T36.0X5A"),
        ("Dry cough secondary to lisinopril.", "R05.9 T46.4X5A"),
        ("Vancomycin-induced neutropenia.", "D70.2 T36.8X5A"),
        ("Neutropenia due to chemotherapy.", "D70.1 T45.1X5A"),
        ("Angioedema caused by enalapril.", "T78.3XXA T46.4X5A"),
        ("Amiodarone-induced hypothyroidism.", "E03.2 T46.2X5A"),
        ("Adverse reaction to sulfa: urticaria.", "L50.0 T37.0X5A"),
        # two drugs joined
        ("Hyperkalemia due to lisinopril and spironolactone.", "E87.5 T46.4X5A T50.0X5A"),
        # diabetes that a drug caused is of another category (I.C.4.a.6)
        ("Steroid-induced diabetes.", "E09.9 T38.0X5A"),
        # the cause is another condition, or none is named
        ("Rash from poison ivy, prednisone started.", None),
        ("Cough due to an infection treated with amoxicillin.", None),
        ("Bronchitis. Start amoxicillin.", None),
        ("No rash due to amoxicillin.", None),
        ("Allergies: rash with amoxicillin.", None),
        # poisoning: accident unless the note says otherwise (I.C.19.e.5.b)
        ("Overdose of metoprolol with bradycardia.", "T44.7X1A R00.1"),
        ("Intentional overdose of acetaminophen.", "T39.1X2A"),
        ("Acetaminophen overdose, undetermined intent.", "T39.1X4A"),
        ("Denies overdose of acetaminophen.", None),
        # underdosing: after the condition, with its reason (I.C.19.e.5.c)
        ("Hypertension, ran out of lisinopril.", "I10 T46.4X6A Z91.148"),
        ("Hypertension, cannot afford amlodipine.", "I10 T46.1X6A Z91.120"),
        (
            "Breakthrough seizure after missing doses of levetiracetam, she forgets.",
            "G40.919 T42.6X6A Z91.138",
        ),
        ("Denies missing doses of lisinopril. Hypertension.", None),
    ],
)
def test_what_a_drug_did(coder: Coder, note: str, expected: str | None) -> None:
    codes = [s.code for s in coder.suggest(note)]
    if expected is None:
        assert not [c for c in codes if c.startswith(("T36", "T37", "T38", "T39", "T4", "T50", "Z91.1"))]
    else:
        assert codes == expected.split()


def test_the_words_that_say_so_are_evidence(coder: Coder) -> None:
    note = "Dry cough secondary to lisinopril."
    found = next(s for s in coder.suggest(note) if s.code == "T46.4X5A")
    assert {e.text for e in found.evidence} == {"lisinopril", "secondary to"}


def test_every_drug_has_codes_for_every_manner(full_table: CodeTable) -> None:
    missing = [
        (name, code)
        for name, drug in load_drugs().items()
        for manner in "12346" + "5"
        if (code := (harm_stem(drug) + manner).ljust(7, "X") + "A") not in full_table.row_of
    ]
    assert missing == []


def test_no_row_is_for_a_drug_that_is_not_there() -> None:
    drugs = load_drugs().values()
    known = {("class", d.drug_class) for d in drugs} | {("generic", d.generic) for d in drugs}
    assert sorted(set(load_harm_stems()) - known) == []


def test_bad_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "level,name,stem,note\nclass,penicillin,T36.0X,\nclass,penicillin,T36.0X,\n"

    def read(name: str, columns: list[str], checks: object = None) -> list[dict[str, str]]:
        return read_rows(text, columns, name, checks)  # type: ignore[arg-type]

    monkeypatch.setattr(harm, "read_table", read)
    with pytest.raises(TableError, match="penicillin"):
        load_harm_stems.__wrapped__()
    text = "level,name,stem,note\nsort,penicillin,T99,\n,,,\n"
    with pytest.raises(TableError) as caught:
        load_harm_stems.__wrapped__()
    assert len(caught.value.problems) == 5


def test_the_order_of_rows_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(name: str, columns: list[str], checks: object = None) -> list[dict[str, str]]:
        return read_rows(data_text(name), columns, name, checks)[::-1]  # type: ignore[arg-type]

    monkeypatch.setattr(harm, "read_table", read)
    assert load_harm_cues.__wrapped__() == load_harm_cues()
