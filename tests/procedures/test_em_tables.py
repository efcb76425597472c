"""The tables of the visit codes: complete, consistent, refused when malformed, and in no order."""

from __future__ import annotations

import random
from itertools import pairwise, product
from pathlib import Path

import pytest

from cac.codes.table import CodeTable
from cac.errors import TableError
from cac.extract.drugs import load_drugs
from cac.procedures import em_claim
from cac.procedures.em_cues import KINDS, compile_phrases, find_cues, phrases
from cac.procedures.em_kinds import readings
from cac.procedures.em_tables import (
    add_on_rows,
    categories,
    code_rows,
    compile_natures,
    courses,
    drug_kinds,
    grades,
    natures,
    risks,
    rules,
    section_roles,
    weights,
)
from cac.procedures.em_types import LEVELS
from cac.resources import read_table
from cac.text.reader import read
from cac.text.tokens import tokenize

_WORD_COLUMNS = ("element", "kind", "term", "unless_before", "unless_after", "note")


def test_every_billable_code_has_a_nature(full_table: CodeTable) -> None:
    billable = [code for code, row in full_table.row_of.items() if full_table.billable[row]]
    assert len(billable) > 70_000
    assert [code for code in billable if natures().of(code) is None] == []


def test_every_nature_has_a_grade_of_its_own_accord() -> None:
    names = {nature for nature, _ in courses()}
    assert all((nature, "") in courses() for nature in names)
    assert {course for _, course in courses()} - {""} <= KINDS["course"]


def test_words_speak_of_what_the_tables_know() -> None:
    assert KINDS["grade"] <= set(grades())
    assert KINDS["risk"] == set(risks())
    assert KINDS["problem"] <= {nature for nature, _ in courses()}


def test_every_kind_of_visit_has_codes_and_words() -> None:
    # A young child's critical care follows from the age.
    said = {reading.category for reading in readings().values()} | {"critical_care_child", "?"}
    assert set(code_rows()) == set(categories())
    assert said == set(categories()) | {"?"}


@pytest.mark.parametrize("name", sorted(code_rows()))
def test_levels_and_ages_are_covered_once(name: str) -> None:
    kind, rows = categories()[name], code_rows()[name]
    statuses = ("new", "established") if kind.needs_status else ("any",)
    for status in statuses:
        mine = [r for r in rows if r.status in (status, "any")]
        levels = sorted(level for r in mine for level in r.levels)
        assert levels == (list(range(1, len(LEVELS))) if kind.by_mdm else [])
        minutes = [r.minutes for r in sorted(mine, key=lambda r: (r.levels, r.minutes or 0))]
        if kind.by_time:
            known = [m for m in minutes if m is not None]
            assert known == sorted(set(known)) and len(known) == len(mine)
        else:
            assert minutes == [None] * len(mine)
        ages = sorted((r.age_from, r.age_below) for r in mine)
        if name == "preventive":
            assert ages[0][0] == 0 and ages[-1][1] > 130
            assert all(a[1] == b[0] for a, b in pairwise(ages))


def test_add_ons_follow_codes_that_exist() -> None:
    codes = {r.code for rows in code_rows().values() for r in rows} | {r.code for r in add_on_rows()}
    assert all(r.parent in codes for r in add_on_rows() if r.parent)
    assert all(r.instead_of in codes for r in add_on_rows() if r.instead_of)


def test_every_level_of_every_element_has_its_rule() -> None:
    assert {(e, n) for e in ("problems", "data", "risk") for n in range(len(LEVELS))} | {("time", 0)} == set(
        rules()
    )


def test_drugs_of_the_table_are_in_the_lexicon() -> None:
    generics = {d.generic for d in load_drugs().values()}
    classes = {d.drug_class for d in load_drugs().values()}
    assert {name for by, name in drug_kinds() if by == "generic"} <= generics
    assert {name for by, name in drug_kinds() if by == "class"} <= classes


def test_sections_of_the_table_exist() -> None:
    known = {
        r["kind"]
        for r in read_table("lexicon/section_kinds.csv", ("kind", "title", "assertion", "weight", "note"))
    }
    assert set(section_roles()) <= known


def test_every_weight_is_used_and_named() -> None:
    source = Path(em_claim.__file__).read_text(encoding="utf-8")
    dynamic = {"visit_stated", "visit_shown", "status_argument", "status_stated", "status_inferred", "prior"}
    assert [name for name in weights() if name not in dynamic and f'"{name}"' not in source] == []


def _spelled(term: str) -> list[tuple[str, ...]]:
    choices = []
    for part in term.split():
        words = part.removesuffix("?").split("|")
        choices.append([*words, ""] if part.endswith("?") else words)
    return [tuple(w for w in way if w) for way in product(*choices)]


def test_no_words_have_two_kinds_of_one_element() -> None:
    """Where two rows match the same words the order of their kinds would decide."""
    rows = read_table("procedures/em_words", _WORD_COLUMNS)
    seen: dict[tuple[str, tuple[str, ...]], str] = {}
    twice = []
    for r in rows:
        if "~" in r["term"]:
            continue
        for words in _spelled(r["term"]):
            if seen.setdefault((r["element"], words), r["kind"]) != r["kind"]:
                twice.append((r["element"], words))
    assert twice == []


def test_every_word_of_a_phrase_is_one_token() -> None:
    rows = read_table("procedures/em_words", _WORD_COLUMNS)
    words = {w for r in rows for way in _spelled(r["term"].replace("~ ", "")) for w in way}
    assert [w for w in sorted(words) if tokenize(w).lower != (w,)] == []


def test_every_phrase_is_found_in_a_text_of_its_words() -> None:
    """The first spelling of each row, by itself: found, unless a longer phrase of its element covers it."""
    lost = []
    for r in read_table("procedures/em_words", _WORD_COLUMNS):
        words = " ".join(w for w in _spelled(r["term"].replace("~ ", ""))[0])
        hits = find_cues(read(f"Zz {words} zz."))
        if not any(h.element == r["element"] for h in hits):
            lost.append(r["term"])
    assert lost == [], lost


def test_the_order_of_rows_is_no_matter() -> None:
    rows = read_table("procedures/em_words", _WORD_COLUMNS)
    problems = read_table("procedures/em_problems.csv", ("codes", "nature", "note"))
    note = read(
        "Established patient here for follow-up. Assessment: Hypertension, not well controlled. "
        "Plan: CBC, CMP and chest "
        "x-ray ordered. Discussed with Dr. Moss. Admit to the hospital. Total time 45 minutes on the "
        "day of the visit."
    )
    expected = find_cues(note)
    assert len(expected) > 10
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        random.Random(seed).shuffle(problems)
        assert find_cues(note, compile_phrases(rows)) == expected
        shuffled = compile_natures(problems)
        assert all(
            shuffled.of(c) == natures().of(c)
            for c in ("I10", "S06.0X0A", "J18.9", "E11.65", "Z79.4", "W57.XXXA")
        )


def _row(**cells: str) -> dict[str, str]:
    return {**dict.fromkeys(_WORD_COLUMNS, ""), **cells}


BAD_PHRASES = [
    (_row(element="visit", kind="office", term=""), "empty"),
    (_row(element="visit", kind="office", term="~ visit"), "a gap at the beginning"),
    (_row(element="visit", kind="office", term="visit ~"), "a gap at the end"),
    (_row(element="visit", kind="office", term="office? visit?"), "nothing that has to be there"),
    (_row(element="visit", kind="office", term="office||clinic visit"), "an empty choice"),
    (_row(element="visit", kind="office", term="Office visit"), "upper case"),
    (_row(element="visit", kind="moon", term="office visit"), "unknown kind"),
    (_row(element="moon", kind="office", term="office visit"), "unknown element"),
]


@pytest.mark.parametrize(("row", "why"), BAD_PHRASES, ids=[r[1] for r in BAD_PHRASES])
def test_bad_phrases_are_refused(row: dict[str, str], why: str) -> None:
    good = _row(element="visit", kind="office", term="walk in")
    with pytest.raises(TableError) as caught:
        compile_phrases([good, row])
    assert len(caught.value.problems) == 1


def test_all_bad_phrases_are_named_at_once() -> None:
    with pytest.raises(TableError) as caught:
        compile_phrases([r for r, _ in BAD_PHRASES])
    assert len(caught.value.problems) == len(BAD_PHRASES)


BAD_NATURES = [
    ([("I10", "moon")], "unknown nature"),
    ([("I1", "chronic")], "too short"),
    ([("S09-S00", "minor")], "a range backwards"),
    ([("S00-T09", "minor")], "a range over letters"),
    ([("I10", "chronic"), ("I10", "minor")], "twice"),
    ([("I10|I10", "chronic")], "twice in a row"),
]


@pytest.mark.parametrize(("rows", "why"), BAD_NATURES, ids=[r[1] for r in BAD_NATURES])
def test_bad_natures_are_refused(rows: list[tuple[str, str]], why: str) -> None:
    with pytest.raises(TableError) as caught:
        compile_natures([{"codes": codes, "nature": nature, "note": ""} for codes, nature in rows])
    assert len(caught.value.problems) == 1


def test_the_longest_prefix_decides() -> None:
    table = compile_natures(
        [
            {"codes": "S00-S99", "nature": "acute_uncomplicated", "note": ""},
            {"codes": "S?2", "nature": "acute_complicated", "note": ""},
            {"codes": "S62|S62.60", "nature": "minor", "note": ""},
        ]
    )
    assert [table.of(c) for c in ("S93.401A", "S52.501A", "S62.101A", "I10")] == [
        "acute_uncomplicated",
        "acute_complicated",
        "minor",
        None,
    ]
    assert len(table) == 101


def test_phrases_are_many() -> None:
    assert len(phrases()) > 600
