"""Titles taken apart: a reviewed table of titles, and what holds for every title."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.codes import axis_rows
from cac.codes.axes import Axis, connecting_words, parse_axes, recompose, sided_twin
from cac.codes.axis_rows import AXES, TOKEN, axis_rules
from cac.codes.table import CodeTable
from cac.errors import TableError

# Titles written for this table, each parse read line by line; "*" marks a default.
CASES = Path(__file__).with_name("axis_cases.csv")
with CASES.open(encoding="utf-8", newline="") as _file:
    ROWS = [(r["code"], r["title"], r["axes"]) for r in csv.DictReader(_file)]


def _told(axes: tuple[Axis, ...]) -> str:
    return "; ".join(f"{a.name}{'*' if a.default else ''}={a.value}" for a in axes)


def test_the_table_is_large_enough() -> None:
    assert len(ROWS) >= 150
    assert len({code[0] for code, _, _ in ROWS}) >= 20


@pytest.mark.parametrize(("code", "title", "axes"), ROWS, ids=[title[:60] for _, title, _ in ROWS])
def test_axes_of_a_title(code: str, title: str, axes: str) -> None:
    assert _told(parse_axes(title, code)) == axes


@pytest.mark.parametrize(
    ("code", "axis", "value", "default", "citation"),
    [
        # the side is an axis where a sibling names one, and nowhere else
        ("M25.569", "side", "unspecified", True, "I.B.13"),
        ("M84.476G", "side", "unspecified", True, "I.B.13"),
        ("J18.9", "unspecified", "unspecified organism", True, "I.A.9.b"),
        # defaults carry the rule they rest on
        ("S82.101A", "fracture", "closed fracture", True, "I.C.19.c"),
        ("S82.101A", "encounter", "initial encounter", True, "I.C.19.a"),
        ("E11.9", "type", "type 2", True, "I.C.4.a.2"),
        ("M17.11", "type", "primary", True, "AHA Coding Clinic 4Q 2016"),
        ("G81.91", "dominance", "dominant side", True, "I.C.6.a"),
        # what is no default
        ("S82.101C", "fracture", "open fracture type iiia, iiib, or iiic", False, ""),
        ("E10.9", "type", "type 1", False, ""),
        ("S82.101D", "encounter", "subsequent encounter", False, ""),
        ("K40.20", "side", "bilateral", False, ""),
    ],
)
def test_defaults(
    full_table: CodeTable, code: str, axis: str, value: str, default: bool, citation: str
) -> None:
    (one,) = [a for a in full_table.record(code).axes if (a.name, a.value) == (axis, value)]
    assert (one.default, one.citation) == (default, citation)


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_titles_are_recomposed(full_table: CodeTable, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(full_table) - 1))
    title, axes = full_table.title(row), full_table.axes(row)
    assert recompose(axes) == title
    assert all(a.name in AXES and a.value and a.text in title for a in axes)
    # Nothing that means something hides between the axes, and the values have all other words.
    between = [m.group() for a in axes for m in TOKEN.finditer(f"{a.before} {a.after}".lower())]
    assert connecting_words().issuperset(between)
    told = Counter(m.group() for a in axes for m in TOKEN.finditer(a.value))
    whole = Counter(m.group() for m in TOKEN.finditer(title.lower()))
    assert all(w in connecting_words() for w in (whole - told)) and not told - whole


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_recomposed(text: str) -> None:
    assert recompose(parse_axes(text)) == text


def test_a_record_tells_its_axes(full_table: CodeTable) -> None:
    record = full_table.record("N18.4")
    assert [a["name"] for a in record.to_dict()["axes"]] == [a.name for a in record.axes]
    assert ("stage", "stage 4") in [(a.name, a.value) for a in record.axes]


def test_sided_twin_needs_a_sibling_with_a_side() -> None:
    title = "Cyst of unspecified ankle"
    assert sided_twin(title, ["Cyst of right ankle"]) == "cyst of right ankle"
    assert sided_twin(title, ["Cyst of right knee", title]) == ""


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("acuity,words,acute,,maybe,,", "not yes or empty"),
        ("colour,words,red,,,,", "not one of"),
        ("acuity,word,acute,,,,", "not words, qualifier"),
        ("acuity,words,Acute,,,,", "lower case"),
        ("stage,pattern 4,(stage,,,,", "no pattern"),
        ("stage,pattern 4,(?P<colour>red),,,,", "no axis colour"),
        ("acuity,words,acute,,yes,,", "citation"),
        ("acuity,connective,and,,,,", "connectives"),
        ("acuity,words,acute,,,,\nseverity,words,acute,,,,", "stands twice"),
    ],
)
def test_bad_rows_are_refused(monkeypatch: pytest.MonkeyPatch, row: str, fault: str) -> None:
    from cac.resources import read_rows

    text = f"axis,kind,text,value,default,codes,citation\n{row}\n"
    monkeypatch.setattr(
        axis_rows, "read_table", lambda name, cols, checks: read_rows(text, cols, name, checks)
    )
    with pytest.raises(TableError) as error:
        axis_rules.__wrapped__()
    assert fault in " ".join([str(error.value), *error.value.problems])
