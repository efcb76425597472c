"""NCCI pairs and units, made up: what is read, what is refused, what the tables answer."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.codes.ncci_files import MueFile, NcciFile, NcciTable, ncci_arrays, read_mue, read_ncci
from cac.codes.sourcefiles import Source

HEAD = (
    "A made-up notice\t\t\t\t\t\t\n"
    "Column 1/Column 2 Edits\t\t\t\t\t\t\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tRationale\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\n"
)


def pairs(text: str, name: str = "ptp.txt") -> NcciFile:
    file = read_ncci(Source(name, text, ""))
    assert file is not None
    return file


def units(text: str) -> MueFile:
    file = read_mue(Source("mue.csv", text, ""))
    assert file is not None
    return file


def table(text: str) -> NcciTable:
    file = pairs(text)
    assert file.problems == []
    return NcciTable(ncci_arrays(file.pairs))


ROWS = (
    "9990A\t9991A\t\t20200101\t*\t0\tWhy\n"
    "9990A\t9992A\t*\t20200101\t20211231\t1\tWhy\n"
    "9990A\t9992A\t\t20220401\t*\t0\tWhy\n"
    "0001Z\tG9999\t\t20200101\t*\t9\tWhy\n"
)


@pytest.mark.parametrize(
    ("codes", "day", "indicator"),
    [
        (("9990A", "9991A"), None, 0),
        (("9990A", "9991A"), date(2019, 12, 31), None),  # not yet in force
        (("9990A", "9991A"), date(2020, 1, 1), 0),
        (("9991A", "9990A"), None, None),  # the order counts
        (("9990A", "9992A"), date(2021, 12, 31), 1),
        (("9990A", "9992A"), date(2022, 1, 1), None),  # between two spans
        (("9990A", "9992A"), date(2022, 4, 1), 0),
        (("9990A", "9992A"), None, 0),
        (("0001Z", "G9999"), None, 9),
        (("E11.9", "9991A"), None, None),  # no such code
    ],
)
def test_a_pair_on_a_day(codes: tuple[str, str], day: date | None, indicator: int | None) -> None:
    assert table(HEAD + ROWS).indicator(*codes, day) == indicator


def test_a_csv_with_other_dates() -> None:
    text = '"Column 1","Column 2","Effective","Deletion","Modifier"\n9990A,9991A,01/02/2020,*,1\n'
    assert table(text).indicator("9990A", "9991A", date(2020, 1, 2)) == 1


def test_every_bad_pair_is_named() -> None:
    bad = (
        "999\t9991A\t\t20200101\t*\t0\t\n"
        "9990A\t9991A\t\tsoon\t*\t0\t\n"
        "9990A\t9991B\t\t20201301\t*\t0\t\n"
        "9990A\t9991C\t\t20200101\t*\t5\t\n"
        "9990A\t9991A\t\t20200101\t*\t1\t\n"
        "9990A\t\n"
    )
    problems = pairs(HEAD + ROWS + bad).problems
    assert [p.removeprefix("ptp.txt:") for p in problems] == [
        "9: '999' is no code",
        "10: the effective date is missing or no date",
        "11: the effective date or the deletion date is no date",
        "12: the modifier indicator is '5', not 0, 1 or 9",
        "14: '' is no code",
        "13: the pair is listed twice from the same day",
    ]


MUE = """\
"A made-up notice, of course",,,
HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale
9990A,1,2 Date of Service Edit: Policy,Anatomy
9991A,12,1 Line Edit,Clinical
"""


def test_units() -> None:
    file = units(MUE)
    assert (file.problems, file.notice) == ([], 2)
    assert file.units == {"9990A": (1, 2), "9991A": (12, 1)}


def test_every_bad_row_of_units_is_named() -> None:
    bad = "99,1,2,x\n9992A,many,2,x\n9993A,1,7,x\n9990A,1,2,x\n9994A\n"
    assert [p.removeprefix("mue.csv:") for p in units(MUE + bad).problems] == [
        "5: '99' is no code",
        "6: the units of 9992A are no number",
        "7: 9993A has no adjudication indicator 1, 2 or 3",
        "8: 9990A is listed twice",
        "9: the units of 9994A are no number",
    ]


def test_other_files_hold_no_edits() -> None:
    assert read_ncci(Source("x.txt", "a\tb\nc\td\n", "")) is None
    assert read_mue(Source("x.txt", "a,b\n", "")) is None


_CODES = st.sampled_from(["9990A", "9991A", "9992A", "0000A", "ZZZZZ", "G9999", "A0000"])
_DAYS = st.dates(date(1996, 1, 1), date(2030, 12, 31))


@given(
    st.lists(st.tuples(_CODES, _CODES, _DAYS, st.none() | _DAYS, st.sampled_from([0, 1, 9])), max_size=12),
    _CODES, _CODES, _DAYS,
)  # fmt: skip
def test_the_table_answers_like_a_plain_search(
    rows: list[tuple[str, str, date, date | None, int]], first: str, second: str, day: date
) -> None:
    def number(d: date | None) -> int:
        return 0 if d is None else d.year * 10_000 + d.month * 100 + d.day

    made = [(int(a, 36) * 36**5 + int(b, 36), number(x), number(y), i) for a, b, x, y, i in rows]
    fits = [
        (number(x), number(y), i)
        for a, b, x, y, i in rows
        if (a, b) == (first, second) and x <= day and (y is None or day <= y)
    ]
    expected = max(fits)[2] if fits and first[1:4].isdigit() and second[1:4].isdigit() else None
    assert (
        NcciTable(ncci_arrays(np.array(made, dtype=np.int64).reshape(-1, 4))).indicator(first, second, day)
        == expected
    )
