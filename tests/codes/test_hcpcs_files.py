"""The HCPCS file of CMS, fixed-width record and CSV; made-up codes and wording."""

from __future__ import annotations

import pytest

from cac.codes.hcpcs_files import HcpcsFile, read_hcpcs
from cac.codes.sourcefiles import Source


def record(
    code: str,
    line: int,
    kind: str,
    long: str,
    short: str = "",
    dates: str = "20010101" + "20020202" + " " * 8 + "N",
) -> str:
    """A record of the ANWEB layout: 320 positions."""
    head = f"{code:>5}{line:05d}{kind}{long:<80}{short:<28}"
    body = head.ljust(268) + dates
    return body.ljust(320)


def read(text: str, name: str = "HCPC.txt") -> HcpcsFile:
    file = read_hcpcs(Source(name, text, ""))
    assert file is not None
    return file


def test_the_fixed_record() -> None:
    text = "\n".join(
        [
            record("A9999", 100, "3", "Kite, made of paper,", "Paper kite"),
            record("A9999", 200, "4", "with a tail"),
            record("D9999", 100, "3", "Tooth"),
            record("D9999", 200, "4", "of a hen"),
            record("ZZ", 100, "7", "On a windy day", "Wind"),
            record("A9998", 100, "3", "Old kite", "Old", "20010101" + "20020202" + "20031231" + "D"),
            "",
        ]
    )
    file = read(text)
    assert file.problems == []
    assert file.cells == {
        "A9999": {"kind": "code", "long": "Kite, made of paper, with a tail", "short": "Paper kite",
                  "added": "2001-01-01", "effective": "2002-02-02"},
        "ZZ": {"kind": "modifier", "long": "On a windy day", "short": "Wind", "added": "2001-01-01",
               "effective": "2002-02-02"},
        "A9998": {"kind": "code", "long": "Old kite", "short": "Old", "added": "2001-01-01",
                  "effective": "2002-02-02", "terminated": "2003-12-31"},
    }  # fmt: skip
    assert file.dental == 1


def test_lines_cut_short_have_no_dates() -> None:
    file = read(f"{'A9999':>5}001003Paper kite\n")
    assert (file.problems, file.cells) == ([], {"A9999": {"kind": "code", "long": "Paper kite"}})


def test_bad_records_are_named() -> None:
    text = "\n".join(
        [
            record("A9999", 100, "3", "Kite"),
            record("A9998", 200, "4", "goes on"),  # no first record
            record("A9999", 100, "3", "Kite again"),
            record("A9997", 100, "3", "Kite", "Kite", "20019999" + "20020202"),
            record("A9996", 100, "3", ""),
            "A99 no record",
        ]
    )
    assert [p.removeprefix("HCPC.txt:") for p in read(text).problems] == [
        "2: a continuation of A9998 without its first record",
        "3: A9999 is listed twice",
        "4: added is '20019999', not a date",
        "5: A9996 has no description",
        "6: is no record of a code",
    ]


CSV = """\
Public file,,,,,,
HCPC,SEQNUM,RECID,LONG DESCRIPTION,SHORT DESCRIPTION,ADD DT,ACT EFF DT,TERM DT
A9999,100,3,"Kite, made of paper,",Paper kite,20010101,20020202,
A9999,200,4,with a tail,,,,
A9998,100,3,Old kite,Old,1/1/2001,2/2/2002,12/31/2003
ZZ,100,7,On a windy day,Wind,20010101,20020202,
D9999,100,3,Tooth,,,,
"""


def test_the_csv_form() -> None:
    file = read(CSV, "HCPC.csv")
    assert file.problems == []
    assert file.cells["A9999"]["long"] == "Kite, made of paper, with a tail"
    assert file.cells["A9998"]["terminated"] == "2003-12-31"
    assert file.cells["ZZ"]["kind"] == "modifier"
    assert (len(file.cells), file.dental, file.notice) == (3, 1, 1)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("A9999,100,3,,,20010101,20020202,", "A9999 has no description"),
        ("A99999,100,3,Kite,,,,", "'A99999' is no HCPCS code"),
        (",100,3,Kite,,,,", "the code is missing"),
        ("A9999,100,3,Kite,,tomorrow,,", "added is 'tomorrow', not a date"),
        ("A9997,200,4,Kite,,,,", "a continuation of A9997 without its first row"),
        ("A9999,100,3,Kite,,,,,extra", "9 cells, 8 expected"),
    ],
)
def test_bad_rows_of_the_csv(row: str, fault: str) -> None:
    head = "".join(CSV.splitlines(keepends=True)[:2])
    assert read(head + row + "\n", "HCPC.csv").problems == [f"HCPC.csv:3: {fault}"]


def test_a_repeated_code_is_named() -> None:
    assert read("Code,Description\nA9999,Kite\nA9999,Kite\n", "h.csv").problems == [
        "h.csv:3: A9999 is listed twice"
    ]


def test_other_files_are_not_taken_for_it() -> None:
    assert read_hcpcs(Source("x.txt", "Some words.\nMore words.\n", "")) is None
