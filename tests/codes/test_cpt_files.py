"""CPT files in every layout: made-up codes and wording of our own, never text of the AMA."""

from __future__ import annotations

import pytest

from cac.codes.cpt_files import CptFile, merge, read_cpt
from cac.codes.sourcefiles import Source
from cac.errors import TableError

NOTICE = "This is a made-up notice.\nNothing below is a real code, it is only shaped like one.\n\n"


def source(name: str, text: str) -> Source:
    return Source(name, text, "")


def read(name: str, text: str) -> CptFile:
    file = read_cpt(source(name, text))
    assert file is not None
    return file


@pytest.mark.parametrize(
    ("name", "text", "cells"),
    [
        # the AMA's list files: a tab or blanks between code and descriptor
        ("LONGULT.txt", NOTICE + "9990A\tREPAIR OF KITE, OPEN; WITH TAIL\n",
         {"9990A": {"long": "REPAIR OF KITE, OPEN; WITH TAIL"}}),
        ("MEDU.txt", NOTICE + "9990A REPAIR KITE OPEN W/TAIL\n99901 REPAIR LANTERN\n",
         {"9990A": {"medium": "REPAIR KITE OPEN W/TAIL"}, "99901": {"medium": "REPAIR LANTERN"}}),
        ("SHORTU.txt", "9990A RPR KITE OPN W/TAIL   \n", {"9990A": {"short": "RPR KITE OPN W/TAIL"}}),
        # a name that says nothing: told by length
        ("list.txt", "9990A RPR KITE\n", {"9990A": {"short": "RPR KITE"}}),
        ("list.txt", "9990A " + "KITE " * 9 + "\n", {"9990A": {"medium": ("KITE " * 9).strip()}}),
        ("list.txt", "9990A " + "KITE " * 12 + "\n", {"9990A": {"long": ("KITE " * 12).strip()}}),
        # the older fixed form: a sequence number behind the code
        ("LONGF.txt", "9990A01REPAIR OF KITE, OPEN;\n9990A02 WITH TAIL\n9990B01REPAIR OF LANTERN\n",
         {"9990A": {"long": "REPAIR OF KITE, OPEN; WITH TAIL"}, "9990B": {"long": "REPAIR OF LANTERN"}}),
        # with headers
        ("ConsumerDescriptor.txt",
         "Concept Id\tCPT Code\tConsumer Friendly Descriptor\n1\t9990A\tMending an open kite\n",
         {"9990A": {"consumer": "Mending an open kite"}}),
        ("ClinicianDescriptor.txt",
         "Concept Id\tCPT Code\tClinician Descriptor Id\tClinician Descriptor\n"
         "1\t9990A\t7\tOpen repair of kite\n1\t9990A\t8\tOpen repair of dragon kite\n",
         {"9990A": {"clinician": "Open repair of kite\nOpen repair of dragon kite"}}),
        ("all.txt", "Concept Id\tCPT Code\tLong\tMedium\tShort\tConsumer\n1\t9990A\tLg kite\tMed\tSh\tC\n",
         {"9990A": {"long": "Lg kite", "medium": "Med", "short": "Sh", "consumer": "C"}}),
        # a plain CSV
        ("my.csv", "code,description,synonyms\n9990A,Kite repair,mend kite|fix kite\n",
         {"9990A": {"long": "Kite repair", "synonyms": "mend kite\nfix kite"}}),
        ("my.csv", "Code;Description\n9990a;Kite, repaired\n", {"9990A": {"long": "Kite, repaired"}}),
        # an indented descriptor continues the one before it, from its semicolon on
        ("my.csv", 'code,description\n9990A,"Repair of kite, open; with tail"\n9990B,without tail\n'
         '9990C,Repair of lantern\n',
         {"9990A": {"long": "Repair of kite, open; with tail"},
          "9990B": {"long": "Repair of kite, open; without tail"},
          "9990C": {"long": "Repair of lantern"}}),
    ],
)  # fmt: skip
def test_layouts(name: str, text: str, cells: dict[str, dict[str, str]]) -> None:
    file = read(name, text)
    assert file.problems == []
    assert file.cells == cells


FEES = """\
,,9999 Made-up Fee Schedule,,,,,,,,
,,"A notice, of several words",,,,,,,,
,,,STATUS,PCTC,GLOB,MULT,BILAT,ASST,CO-,TEAM
HCPCS,MOD,DESCRIPTION,CODE,IND,DAYS,PROC,SURG,SURG,SURG,SURG
9990A,,Rpr kite open,A,0,090,2,1,2,0,0
9991A,,Kite picture,A,1,XXX,0,3,0,0,0
9991A,26,Kite picture,A,1,XXX,0,3,0,0,0
9991A,TC,Kite picture,A,1,XXX,0,3,0,0,0
G9999,,Kite visit,A,0,XXX,0,0,0,0,0
"""


def test_the_fee_schedule() -> None:
    file = read("PPRRVU99_JAN.csv", FEES)
    assert file.problems == []
    assert file.cells["9990A"] == {
        "cms_short": "Rpr kite open", "status": "A", "split": "0", "global_days": "090", "multiple": "2",
        "bilateral": "1", "assistant": "2", "cosurgeon": "0", "team": "0",
    }  # fmt: skip
    assert file.cells["9991A"]["bilateral"] == "3"
    assert (len(file.cells), file.other, file.notice) == (2, 1, 3)


def test_the_fee_schedule_with_full_captions() -> None:
    text = (
        "Notice,,,,\nHCPCS,MOD,DESCRIPTION,STATUS CODE,GLOBAL DAYS,BILATERAL SURGERY\n9990A,,Kite,A,010,1\n"
    )
    assert read("x.csv", text).cells == {
        "9990A": {"cms_short": "Kite", "status": "A", "global_days": "010", "bilateral": "1"}
    }


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("9990A,,Kite,A,0,9,2,1,2,0,0\n9990A,,Kite,A,0,9,2,1,2,0,0\n", [":6: 9990A is listed twice"]),
        (
            "999,,Kite,A,0,9,2,1,2,0,0\n9990B,,,A,0,9,2,1,2,0,0\n",
            [":5: '999' is no code", ":6: 9990B has no"],
        ),
        ("9990A,,Kite,A,0,soon,2,1,2,0,0\n", [":5: global days is 'soon'"]),
        ("9990A,,Kite,A,0,9,2,11,2,0,0\n", [":5: bilateral is '11'"]),
        ('9990A,,"Kite"s,A,0,9,2,1,2,0,0\n', [":5: cannot be cut"]),
        ("9990A,,Kite,A,0,9,2,1,2,0,0,7\n", [":5: 12 cells, 11 expected"]),
    ],
)
def test_bad_rows_of_the_fee_schedule(text: str, faults: list[str]) -> None:
    head = "".join(FEES.splitlines(keepends=True)[:4])
    problems = read("fees.csv", head + text).problems
    assert len(problems) == len(faults)
    assert all(fault in problem for fault, problem in zip(faults, problems, strict=True))


def test_a_fee_schedule_without_its_columns_is_refused() -> None:
    with pytest.raises(TableError, match="no column for description or status"):
        read_cpt(source("fees.csv", "HCPCS,MOD,NAME\n9990A,,x\n"))


BAD = NOTICE + (
    "9990A\tREPAIR OF KITE\n"  # line 4
    "9990B\n"  # no descriptor
    "something else entirely\n"
    "999\tLOST ZEROS\n"
    "9990A\tREPAIR OF SOMETHING ELSE\n"  # same code, other text
    "9990A\tREPAIR OF KITE\n"  # the same again is only counted
    "9990C\tLANTERN\n"
)


def test_every_bad_line_is_named_with_its_number() -> None:
    file = read("LONGULT.txt", BAD)
    assert file.problems == [
        "LONGULT.txt:5: 9990B has no descriptor",
        "LONGULT.txt:6: does not begin with a code",
        "LONGULT.txt:7: 999 is no code: it seems to have lost its leading zeros",
        "LONGULT.txt:8: 9990A is listed twice with different text",
    ]
    assert (file.notice, file.repeated) == (2, 1)


def test_a_bad_first_line_is_no_notice() -> None:
    assert read("SHORTU.txt", "999\tLOST\n9990A\tKITE\n").problems == [
        "SHORTU.txt:1: 999 is no code: it seems to have lost its leading zeros"
    ]


@pytest.mark.parametrize("notice", ["2025", "2025  MADE-UP DATA FILES", "12", "CPT  and more", "A 1 b"])
def test_a_notice_may_hold_figures(notice: str) -> None:
    file = read("LONGULT.txt", f"{notice}\n9990A\tKITE\n")
    assert (file.problems, file.notice) == ([], 1)


def test_a_part_without_its_first_line_is_named() -> None:
    assert read("LONGF.txt", "9990A01KITE\n9990B02TAIL\n").problems == [
        "LONGF.txt:2: part 2 of 9990B has no part before it"
    ]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("code,description\n9990A,\n", ["my.csv:2: 9990A has no description"]),
        ("code,description\n,Kite\n", ["my.csv:2: the code is missing"]),
        ("code,description\n9990A,Kite, open\n", ["my.csv:2: 3 cells, 2 expected"]),
        ("code,description\n9990A,Kite\n9990A,Lantern\n", ["my.csv:3: 9990A is listed twice"]),
        ('code,description\n9990A,"Kite"y\n99,x\n', ["my.csv:2: cannot be cut", "my.csv:3: 99 is no code"]),
        ("code,description\n9990-A,Kite\n", ["my.csv:2: '9990-A' is no CPT code"]),
    ],
)
def test_bad_rows_of_a_csv(text: str, faults: list[str]) -> None:
    problems = read("my.csv", text).problems
    assert len(problems) == len(faults)
    assert all(problem.startswith(fault) for fault, problem in zip(faults, problems, strict=True))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("readme.txt", "Nothing to see here.\n"),
        ("PPRRVU99.txt", "HDR notice\n9990A  Rpr kite open  A 1.0\n"),  # the print form of the fee schedule
        ("mods.csv", "modifier,meaning\n22,more\n"),
        ("empty.txt", ""),
    ],
)
def test_other_files_are_not_taken_for_code_lists(name: str, text: str) -> None:
    assert read_cpt(source(name, text)) is None


def test_two_columns_for_one_text_are_refused() -> None:
    with pytest.raises(TableError, match="two columns hold the long text"):
        read_cpt(source("my.csv", "code,description,long description\n9990A,a,b\n"))


def test_files_are_merged_by_code() -> None:
    files = [
        read("LONGULT.txt", "9990A\tREPAIR OF KITE\n"),
        read("SHORTU.txt", "9990A RPR KITE\n9990B LANTERN\n"),
        read("c.txt", "CPT Code\tClinician Descriptor\n9990A\tKite repair\n"),
        read("d.txt", "CPT Code\tClinician Descriptor\n9990A\tKite repair\n9990A\tMend kite\n"),
    ]
    assert merge(files) == merge(files[::-1]) | {
        "9990A": {"long": "REPAIR OF KITE", "short": "RPR KITE", "clinician": "Kite repair\nMend kite"},
        "9990B": {"short": "LANTERN"},
    }


def test_the_same_text_in_capitals_is_the_same_text() -> None:
    files = [read("LONGULT.txt", "9990A\tREPAIR OF KITE\n"), read("LONGULF.txt", "9990A Repair of kite\n")]
    assert merge(files) == merge(files[::-1]) == {"9990A": {"long": "Repair of kite"}}


def test_files_that_contradict_each_other_are_refused() -> None:
    files = [read("LONGULT.txt", "9990A\tREPAIR OF KITE\n"), read("LONG2.txt", "9990A\tLANTERN\n")]
    with pytest.raises(TableError, match=r"LONG2\.txt: 9990A has another long text than in LONGULT\.txt"):
        merge(files)
