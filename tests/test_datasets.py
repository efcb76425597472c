"""The labelled notes: every one loads, says what it claims, and a bad row is refused by name."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from itertools import combinations
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cac
from cac import datasets
from cac.codes.table import CodeTable
from cac.datasets import LabelledNote, load_visits, read_visits, visits_frame
from cac.errors import TableError
from cac.rules.tabular import TabularNotes
from cac.types import Span

NOTES = load_visits()

# Excludes1 pairs that stand together because the two conditions are unrelated (I.A.12.a): note, codes.
UNRELATED: set[tuple[str, str, str]] = {
    # A stone that obstructs the left kidney, and another one in the right: I.A.12.a.
    ("v136", "N13.2", "N20.0"),
}


def _row(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": "x1",
        "specialty": "family medicine",
        "setting": "outpatient",
        "shape": "terse",
        "difficulty": "easy",
        "age": 40,
        "sex": "F",
        "text": "PHTN no. Imp: HTN, obesity. HTN at goal.",
        "first": "I10",
        "labels": [_label()],
    }
    return row | changes


def _label(**changes: Any) -> dict[str, Any]:
    return {"code": "I10", "scope": "reportable", "quotes": ["HTN"], "why": "IV.G"} | changes


def _read(*rows: Any) -> tuple[LabelledNote, ...]:
    return read_visits({"rows.jsonl": "\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows)})


@pytest.mark.parametrize("note", NOTES, ids=lambda n: n.id)
def test_every_label_of_a_note_holds(note: LabelledNote, full_table: CodeTable) -> None:
    reportable = note.codes()
    assert note.labels[0].code == note.first and note.labels[0].scope == "reportable"
    assert set(reportable) < set(note.codes("documented")) or reportable == note.codes("documented")
    for label in note.labels:
        assert full_table.billable[full_table.row(label.code)]
        assert label.spans == tuple(sorted(set(label.spans)))
        assert all(note.text[s.start : s.end].strip() for s in label.spans)


@pytest.mark.parametrize("note", NOTES, ids=lambda n: n.id)
def test_no_claim_has_codes_that_exclude_each_other(note: LabelledNote, full_table: CodeTable) -> None:
    notes = TabularNotes(full_table)
    clashes = {
        (note.id, a, b) for a, b in combinations(sorted(note.codes()), 2) if notes.exclude_each_other(a, b)
    }
    assert clashes <= UNRELATED


# What the guidelines never let stand together: prefix of one code, prefixes of the others, section.
NEVER_TOGETHER = [
    ("I10", ("I11", "I12", "I13", "I15"), "I.C.9.a"),
    ("I11", ("I12", "I13"), "I.C.9.a.3"),
    ("E10.9", ("E10.1", "E10.2", "E10.3", "E10.4", "E10.5", "E10.6", "E11"), "I.C.4.a"),
    ("E11.9", ("E11.0", "E11.1", "E11.2", "E11.3", "E11.4", "E11.5", "E11.6", "E10"), "I.C.4.a"),
    ("J44.9", ("J44.0", "J44.1", "J43"), "I.C.10.a"),
    ("F17.2", ("Z87.891", "Z72.0"), "I.C.5.b.2"),
    ("I50.9", ("I50.2", "I50.3", "I50.4"), "I.A.9.b"),
    ("N18.9", ("N18.1", "N18.2", "N18.3", "N18.4", "N18.5", "N18.6"), "I.A.9.b"),
]


@pytest.mark.parametrize(("code", "others", "section"), NEVER_TOGETHER, ids=lambda v: str(v)[:12])
def test_claims_follow_the_combination_rules(code: str, others: tuple[str, ...], section: str) -> None:
    for note in NOTES:
        codes = note.codes()
        assert not (any(c.startswith(code) for c in codes) and any(c.startswith(others) for c in codes)), (
            note.id,
            section,
        )


# Codes that are nothing by themselves: the code, what has to be beside it, section.
NEEDS = [
    ("I12", ("N18",), "I.C.9.a.2"),
    ("I13", ("N18",), "I.C.9.a.3"),
    ("I11.0", ("I50",), "I.C.9.a.1"),
    ("E11.22", ("N18",), "I.A.17"),
    ("E11.621", ("L97",), "I.A.17"),
    ("Z68", ("E66", "E43", "E44", "E46", "R63", "R64"), "I.B.14"),
    ("R65.2", ("A40", "A41"), "I.C.1.d"),
    ("F02", ("G20", "G30", "G31"), "I.A.13"),
    ("Z3A", ("O",), "I.C.15.a.3"),
]


@pytest.mark.parametrize(("code", "others", "section"), NEEDS, ids=lambda v: str(v)[:12])
def test_claims_have_the_codes_that_others_need(code: str, others: tuple[str, ...], section: str) -> None:
    for note in NOTES:
        codes = note.codes()
        assert not any(c.startswith(code) for c in codes) or any(c.startswith(others) for c in codes), (
            note.id,
            section,
        )


def test_no_first_listed_code_that_may_not_stand_first() -> None:
    for note in NOTES:
        never = ("V", "W", "X", "Y", "Z68", "Z79", "Z3A", "Z37", "B95", "B96", "B97", "R65", "I1A", "Z87")
        assert not note.first.startswith(never), note.id


def test_the_notes_are_varied() -> None:
    assert len(NOTES) >= 80
    assert len({n.specialty for n in NOTES}) >= 20
    assert len({n.shape for n in NOTES}) >= 8
    settings = Counter(n.setting for n in NOTES)
    assert settings["inpatient"] >= 20 and settings["outpatient"] >= 60
    assert min(Counter(n.difficulty for n in NOTES).values()) >= 10
    assert {n.sex for n in NOTES} == {"F", "M"}
    assert min(n.age for n in NOTES) < 5 and max(n.age for n in NOTES) > 80
    words = [len(n.text.split()) for n in NOTES]
    assert min(words) < 150 and max(words) > 700 and 250 < median(words) < 500
    assert len({n.text for n in NOTES}) == len(NOTES)


def test_parts_are_read_in_name_order() -> None:
    ids = [n.id for n in NOTES]
    assert ids == sorted(ids) and len(set(ids)) == len(ids)


BAD_ROWS = [
    # row, what is said of it
    ("{", "no JSON"),
    ([1], "is not an object"),
    ({"id": "x1"}, "lacks age, difficulty, first"),
    (_row(note="x"), "has 1 unknown keys"),
    (_row(id=""), "id is not text, or empty"),
    (_row(text=7), "text is not text"),
    (_row(setting="home"), "setting is not one of outpatient, inpatient"),
    (_row(sex="f"), "sex is not one of F, M"),
    (_row(difficulty="x"), "difficulty is not one of easy, medium, hard"),
    (_row(age="40"), "age is not a number"),
    (_row(age=True), "age is not a number"),
    (_row(age=-1), "age is not a number"),
    (_row(labels=[]), "labels is not a list, or empty"),
    (_row(labels=[3]), "label 1: is not an object"),
    (_row(labels=[{"code": "I10"}]), "label 1: lacks quotes, scope, why"),
    (_row(labels=[_label(code="I99.99")]), "label 1: the code is not in the release"),
    (_row(labels=[_label(code="i10")]), "label 1: the code is not in the release, or not spelled"),
    (_row(labels=[_label(code=["I10"])]), "label 1: the code is not in the release"),
    (_row(labels=[_label(), _label(code="E66")]), "label 2: E66 is not billable"),
    (_row(labels=[_label(scope="billed")]), "label 1: scope is not one of"),
    (_row(labels=[_label(why="")]), "label 1: why is not text"),
    (_row(labels=[_label(quotes=[])]), "label 1: quotes is not a list of texts"),
    (_row(labels=[_label(quotes=["HTN", "gout"])]), "label 1: quote 2 is not in the text"),
    (_row(labels=[_label(at=[3])]), "label 1: quote 1 is not in the text 4 times"),
    (_row(labels=[_label(at=[0, 1])]), "label 1: at is not a list of numbers, one for each quote"),
    (_row(labels=[_label(at=None)]), "label 1: at is not a list"),
    (_row(labels=[_label(), _label()]), "a code is given twice"),
    (_row(first="E66.9"), "first is not among the reportable codes"),
    (_row(labels=[_label(scope="documented")]), "first is not among the reportable codes"),
]


@pytest.mark.parametrize(("row", "said"), BAD_ROWS, ids=lambda v: str(v)[:40])
def test_a_bad_row_is_refused(row: Any, said: str) -> None:
    with pytest.raises(TableError) as caught:
        _read(row)
    assert any(said in problem for problem in caught.value.problems)
    assert all(problem.startswith("rows.jsonl:1: ") for problem in caught.value.problems)


def test_all_bad_rows_are_reported_before_anything_is_refused() -> None:
    with pytest.raises(TableError) as caught:
        _read(_row(sex="?"), _row(id="x2"), "", _row(id="x2"), _row(id="x3", first="Z00.00"))
    assert [p.split(": ")[0] for p in caught.value.problems] == [
        "rows.jsonl:1",
        "rows.jsonl:4",
        "rows.jsonl:5",
    ]
    assert "taken by rows.jsonl:2" in caught.value.problems[1]


def test_ids_are_unique_over_the_files() -> None:
    line = json.dumps(_row())
    with pytest.raises(TableError, match=r"b\.jsonl:1: the id is taken by a\.jsonl:1"):
        read_visits({"a.jsonl": line, "b.jsonl": line})


def test_errors_and_repr_hold_no_word_of_a_note() -> None:
    secret = "Zebulon Quartermaine has gout"
    with pytest.raises(TableError) as caught:
        _read(
            _row(text=secret, labels=[_label(quotes=[secret + "!"])], **{secret: 1}),
            _row(text=secret, labels=[_label(quotes=[secret + "!"])]),
            json.dumps(_row(text=secret))[:-5],
        )
    assert len(caught.value.problems) == 3
    assert "Zebulon" not in str(caught.value)
    (note,) = _read(_row(text=secret, first="M10.9", labels=[_label(code="M10.9", quotes=["gout"])]))
    assert "Zebulon" not in repr(note)


def test_a_quote_is_a_whole_word_or_the_occurrence_that_is_named() -> None:
    (note,) = _read(_row())
    assert note.labels[0].spans == (Span(14, 17),)  # not the end of "PHTN"
    (note,) = _read(_row(labels=[_label(quotes=["HTN", "HTN"], at=[2, 0])]))
    assert note.labels[0].spans == (Span(1, 4), Span(28, 31))
    (note,) = _read(_row(labels=[_label(quotes=["obes"])]))
    assert note.text[note.labels[0].spans[0].start :].startswith("obesity")


def test_line_separators_within_a_note_do_not_end_a_row() -> None:
    row = json.dumps(_row(text="HTN\u2028and\x85more"), ensure_ascii=False)
    assert len(read_visits({"a.jsonl": row + "\n"})[0].text) == 12


@given(st.text(max_size=40), st.text(min_size=1, max_size=3))
def test_a_span_is_exactly_its_quote(text: str, quote: str) -> None:
    row = _row(text=text + quote + text, labels=[_label(quotes=[quote])])
    if not row["text"].strip():
        return
    (note,) = _read(row)
    (span,) = note.labels[0].spans
    assert note.text[span.start : span.end] == quote


def test_the_frame_has_a_row_for_every_span() -> None:
    frame = visits_frame()
    assert list(frame.columns) == list(datasets.FRAME_DTYPES)
    assert {c: str(t) for c, t in frame.dtypes.items()} == dict(datasets.FRAME_DTYPES)
    assert len(frame) == sum(len(label.spans) for n in NOTES for label in n.labels)
    assert frame.loc[frame["first"], "id"].nunique() == len(NOTES)
    empty = visits_frame([])
    assert empty.empty and {c: str(t) for c, t in empty.dtypes.items()} == dict(datasets.FRAME_DTYPES)


def test_datasets_is_reached_lazily_and_needs_no_pandas() -> None:
    assert cac.datasets is datasets and "datasets" in dir(cac)
    code = (
        "import cac, sys; early = 'cac.datasets' in sys.modules; n = len(cac.datasets.load_visits()); "
        "print(early, n > 0, sorted(m for m in ('spacy', 'pandas') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False True []"
