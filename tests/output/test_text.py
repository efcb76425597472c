"""Terminal text: fits the width, shows the whole answer, and lets no control character through."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.output.text import clip, hits_text, printable, record_text, result_text, tables_text
from cac.result import CodingResult
from cac.types import QueryOption
from tests.output.samples import nothing, quote, results, sample

RECORD: dict[str, Any] = {
    "code": "S83.2",
    "system": "ICD-10-CM",
    "title": "Tear of meniscus, current injury",
    "billable": False,
    "kind": "subcategory",
    "parent": "S83",
    "chapter": "19",
    "block": "S80-S89",
    "inclusion_terms": [],
    "excludes1": ["old bucket-handle tear (M23.2)"],
    "use_additional": [],
    "inherited": {"excludes2": [["S83", "derangement of patella (M22.0-M22.3)"]]},
    "seventh_characters": {"A": "initial encounter", "D": "subsequent encounter"},
    "release": "2026-04",
}


@dataclass
class FakeHit:
    code: str
    description: str
    score: float
    billable: bool
    matched: str


def width_of(line: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line
    )


def test_the_answer_reads_like_this() -> None:
    assert result_text(sample(), width=100).startswith(
        """\
3 codes | outpatient, reportable | release 2026-04 | service 2026-04-15 | threshold 0.50

 #  Code    Score  Description
 1  E11.22   0.97  Type 2 diabetes mellitus with diabetic chronic kidney disease
                   "Type 2 diabetes with chronic kidney disease stage 3" (assessment)
                   "type 2 diabetes" (hpi)
                   dm-with-ckd: diabetes and CKD are linked [Section I.A.15]
 2  N18.30   0.78  Chronic kidney disease, stage 3 unspecified
"""
    )


@pytest.mark.parametrize(
    "line",
    [
        "Below the threshold (2)",
        " 5  M25.56   0.05  Pain in knee (not billable)",
        "Not coded (4)",
        '  "chest pain" (hpi): negated, cue "Denies" -> R07.9',
        '  "meniscal tear" (hpi): uncertain, cue "possible" -> S83.209A [Section IV.H]',
        '  "left knee" (hpi): superseded',
        "Documentation queries (1)",
        "     - stage 3a -> N18.31 Chronic kidney disease, stage 3a",
    ],
)
def test_every_part_is_there(line: str) -> None:
    assert line in result_text(sample(), width=100).splitlines()


def test_an_answer_in_the_words_of_the_title_is_not_said_twice() -> None:
    query = sample().queries[0]
    same = replace(query, options=(QueryOption("Acute cough", "R05.1", "Acute cough"),))
    shown = replace(nothing(), queries=(same,))
    assert result_text(shown).endswith("     - Acute cough -> R05.1\n")
    assert shown._repr_html_().count("Acute cough") == 1


def test_an_empty_answer_says_so() -> None:
    assert result_text(nothing()).splitlines()[2:] == ["No code reached the threshold."]


def test_only_a_few_candidates_unless_all_are_asked_for() -> None:
    result = sample()
    many = replace(result, candidates=result.candidates * 4)
    assert "    ... and 3 more" in result_text(many)
    assert "more" not in result_text(many, every_candidate=True)
    assert result_text(many, every_candidate=True).count("R05.9") == 4


def test_colour_only_adds_escape_codes() -> None:
    plain, coloured = result_text(sample()), result_text(sample(), colour=True)
    assert "\x1b" not in plain
    assert coloured != plain
    assert re.sub(r"\x1b\[\dm", "", coloured) == plain


@pytest.mark.parametrize("width", [40, 61, 80, 120])
def test_lines_fit(width: int) -> None:
    assert max(map(width_of, result_text(sample(), width=width).splitlines())) <= width
    assert max(map(width_of, record_text(RECORD, width=width).splitlines())) <= width


def test_wide_characters_count_twice() -> None:
    wide = replace(sample().suggestions[0], description="漢" * 60, evidence=())
    lines = result_text(replace(nothing(), suggestions=(wide,)), width=60).splitlines()
    assert max(map(width_of, lines)) <= 60


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("left\n  knee\t", "left knee"),
        # escape sequences that would move the cursor or set the title
        ("\x1b[2Jgone", "\ufffd[2Jgone"),
        ("\x9b31m", "\ufffd31m"),
        # direction override, lone surrogate
        ("\u202eabc", "\ufffdabc"),
        ("a\ud800b", "a\ufffdb"),
        ("naïve 漢字", "naïve 漢字"),
    ],
)
def test_printable(raw: str, shown: str) -> None:
    assert printable(raw) == shown


@given(st.text(max_size=200), st.integers(12, 80))
def test_clip_keeps_both_ends(text: str, cells: int) -> None:
    short = clip(text, cells)
    assert len(short) <= cells
    whole = printable(text)
    if short != whole:
        head, tail = short.split(" ... ", 1) if short.count(" ... ") == 1 else (short[:1], short[-1:])
        assert whole.startswith(head)
        assert whole.endswith(tail)


@given(results())
def test_any_result_is_safe_to_show(result: CodingResult) -> None:
    shown = result_text(result, width=72)
    assert not [c for c in shown if c != "\n" and unicodedata.category(c) == "Cc"]
    assert shown == result_text(result, width=72)


def test_the_same_quote_is_shown_once() -> None:
    twice = replace(sample().suggestions[0], evidence=(quote("Cough"), quote("Cough")))
    assert result_text(replace(nothing(), suggestions=(twice,))).count('"Cough"') == 1


def test_record() -> None:
    assert record_text(RECORD) == (
        """\
S83.2 Tear of meniscus, current injury
  not billable | ICD-10-CM | subcategory | 2026-04
  Chapter: 19
  Block: S80-S89
  Parent: S83
  Excludes1 (never coded together):
    - old bucket-handle tear (M23.2)
  Inherited notes:
    - excludes2 at S83: derangement of patella (M22.0-M22.3)
  7th characters:
    - A: initial encounter
    - D: subsequent encounter
"""
    )


def test_hits() -> None:
    hits = [
        FakeHit("N20.0", "Calculus of kidney", 0.987, True, "kidney stone"),
        FakeHit("N20", "Calculus of kidney and ureter", 0.5, False, "calculus of kidney and ureter"),
    ]
    assert hits_text(hits) == (
        """\
N20.0  0.99  Calculus of kidney as "kidney stone"
N20    0.50  Calculus of kidney and ureter (not billable)
"""
    )
    assert hits_text([]) == ""


def test_tables() -> None:
    row = {"system": "ICD-10-CM", "release": "2026-04", "codes": 74719, "valid_to": None, "source": "public"}
    assert tables_text([row]) == "ICD-10-CM 2026-04\n  codes: 74719\n  source: public\n"
    assert tables_text([]) == ""
