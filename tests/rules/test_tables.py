"""Every row of every rule table names codes that exist and a section of the guidelines."""

from __future__ import annotations

import csv
import io
import random
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cac.codes.table import CodeTable
from cac.errors import TableError
from cac.resources import data_path, data_text, read_rows
from cac.rules import integrity, tables
from cac.rules.kinds import SETS
from cac.rules.prefixes import Matcher, Prefixes
from cac.rules.tables import citation, load_rules
from tests.rules.synthetic import RULES, TABLE

BILLABLE = sorted(code for code, row in TABLE.row_of.items() if TABLE.billable[row])
FILES = sorted(p.name for p in data_path("rules").iterdir() if p.name.endswith(".csv"))

# Which columns hold code prefixes, and which a single billable code.
PREFIXES = {
    "before",
    "codes",
    "all_of",
    "none_of",
    "drop",
    "diagnoses",
    "symptoms",
    "weaker",
    "stronger",
    "cause",
    "deficit",
    "replaces",
    "needs",
    "when",
    "unless",
    "history",
    "was",
    "whole",
    "part",
}
CODES = {"becomes", "add"}
# Where ``becomes`` is no code but words of a title.
TITLE_WORDS = {"refine.csv"}
# Where ``becomes`` is the beginning of codes.
BEGINNINGS = {"recode.csv"}


def _rows(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(data_text(f"rules/{name}"), newline=""))
    yield from enumerate(reader, 2)


def _covers(prefix: str) -> bool:
    if "-" not in prefix and "?" not in prefix:
        at = bisect_left(BILLABLE, prefix)
        return at < len(BILLABLE) and BILLABLE[at].startswith(prefix)
    single = Prefixes(prefix)
    low = bisect_left(BILLABLE, prefix[0])
    high = bisect_left(BILLABLE, chr(ord(prefix.split("-")[-1][0]) + 1))
    return any(single.longest(code) for code in BILLABLE[low:high])


@pytest.mark.parametrize("name", FILES)
def test_every_code_exists_in_the_newest_release(name: str) -> None:
    wrong: list[str] = []
    for line, row in _rows(name):
        for column in PREFIXES & row.keys():
            for prefix in filter(None, re.split(r"[|;]", row[column])):
                if not _covers(prefix):
                    wrong.append(f"{name}:{line}: {column} {prefix} covers no code")
        if name in BEGINNINGS and not _covers(row["becomes"]):
            wrong.append(f"{name}:{line}: becomes {row['becomes']} covers no code")
        for column in CODES & row.keys():
            if name in TITLE_WORDS | BEGINNINGS or row[column] in ("", "-"):
                continue
            if row[column] not in BILLABLE:
                wrong.append(f"{name}:{line}: {column} {row[column]} is no billable code")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", FILES)
def test_every_row_has_an_id_and_a_section(name: str) -> None:
    ids = []
    for line, row in _rows(name):
        assert citation(row["citation"]) is None, f"{name}:{line}: {row['citation']}"
        key = row.get("id") or row.get("section") or row.get("words")
        assert key, f"{name}:{line}: no id"
        ids.append(key)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("cell", "good"),
    [
        ("I.C.9.a.1", True),
        ("I.A.12.a", True),
        ("II.H", True),
        ("IV.J", True),
        ("I.C.4.a.1.b", True),
        ("I.C.9.a; I.A.15", True),
        ("", False),
        ("page 12", False),
        ("V.A", False),
        ("I.D.1", False),
        ("I.C.9.a,", False),
    ],
)
def test_what_counts_as_a_section(cell: str, good: bool) -> None:
    assert (citation(cell) is None) is good


def test_ids_are_unique_over_all_tables() -> None:
    ids = RULES.ids()
    assert len(ids) == len(set(ids))
    assert len(ids) > 900


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("C50|D05", ["C50.911", "D05.12"], ["C51.9", "D04.9"]),
        # a range covers what is below both ends
        ("C00-C06", ["C00.0", "C06.9"], ["C07", "C09.0"]),
        ("Z3A.14-Z3A.27", ["Z3A.14", "Z3A.27"], ["Z3A.13", "Z3A.28"]),
        ("E11.0-E11.8", ["E11.65", "E11.00"], ["E11.9", "E11.A"]),
        # adverse effect is the sixth character
        ("T4?.??5", ["T45.1X5A", "T40.2X5D"], ["T45.1X1A", "T50.905A"]),
        ("", [], ["A00.0"]),
    ],
)
def test_prefixes(text: str, inside: list[str], outside: list[str]) -> None:
    prefixes = Prefixes(text)
    assert bool(prefixes) is bool(text)
    assert all(code in prefixes for code in inside)
    assert not any(code in prefixes for code in outside)
    assert 5 not in prefixes


def _conditions(table: str) -> list[tuple[Prefixes, ...]]:
    """The conditions of every rule of a table, written out again."""
    shapes = {
        "recodes": lambda r: (r.codes, r.when),
        "combinations": lambda r: r.all_of,
        "companions": lambda r: (r.codes,),
        "refinements": lambda r: (r.when, r.codes),
        "superseded": lambda r: (r.by, r.codes),
        "integral": lambda r: (r.by, r.codes),
    }
    return [shapes[table](rule) for rule in getattr(RULES, table)]


@pytest.mark.parametrize("table", SETS)
def test_the_matcher_agrees_with_asking_every_rule(table: str) -> None:
    """An oracle: every condition of every rule asked of every code, one by one."""
    draw, conditions = random.Random(table), _conditions(table)
    some = [
        c for c in BILLABLE if c[:3] in {"E11", "I10", "I50", "J18", "J44", "K80", "N18", "R05", "R07", "Z68"}
    ]
    for size in (0, 1, 2, 5, 12, 30):
        codes = sorted(draw.sample(some, min(size, 20)) + draw.sample(BILLABLE, max(0, size - 20)))
        slow = [
            (i, [[c for c in codes if part.longest(c)] for part in parts])
            for i, parts in enumerate(conditions)
            if all(any(part.longest(c) for c in codes) for part in parts)
        ]
        assert RULES.matcher.complete(codes, SETS.index(table)) == slow
    assert conditions


def test_a_matcher_of_no_rules() -> None:
    assert Matcher([]).complete(["I10"]) == [] and Matcher([(Prefixes("I1"),)]).complete([]) == []


def _set_bits(bits: int) -> list[int]:
    return [i for i, digit in enumerate(reversed(f"{bits:b}")) if digit == "1"]


def test_suppressions_never_go_in_a_circle() -> None:
    """Two codes that drop each other would both be lost."""
    rules = (*RULES.superseded, *RULES.integral)
    matcher = Matcher([(r.by, r.codes) for r in rules])
    weak: dict[int, set[str]] = {}
    strong: dict[int, set[str]] = {}
    for code in BILLABLE:
        met = dict(matcher.met(code))
        by, codes = met.get(0, 0), met.get(1, 0)
        for i in _set_bits(by | codes):
            (weak if codes >> i & 1 else strong).setdefault(i, set()).add(code)
    circles = [
        (rules[i].id, rules[j].id)
        for i in weak
        for j in weak
        if i <= j and weak[i] & strong.get(j, set()) and weak[j] & strong.get(i, set())
    ]
    assert circles == []


def test_a_combination_adds_or_drops_something() -> None:
    for rule in RULES.combinations:
        assert rule.add or rule.drop, rule.id


BROKEN = {
    "combination.csv": "id,all_of,none_of,drop,add,link,words,citation,convention,message\n"
    "a,I10;I50,,I10,I11.0,maybe,,I.C.9.a.1,,m\nb,,,,I11.0,,,I.C.9,,m\nc,I10,,,I11.0,,,somewhere,,m\n",
    "history.csv": "id,codes,becomes,citation,note\n,C50,Z85.3,I.C.21.c.4,\nx,C50,,I.C.21.c.4,\n",
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_all_bad_rows_are_reported_at_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(table: str, columns: list[str], checks: object = None) -> list[dict[str, str]]:
        text = BROKEN[name] if table == f"rules/{name}" else data_text(table)
        return read_rows(text, columns, table, checks)  # type: ignore[arg-type]

    monkeypatch.setattr(tables, "read_table", read)
    with pytest.raises(TableError) as caught:
        load_rules.__wrapped__()
    assert len(caught.value.problems) == BROKEN[name].count("\n") - 1


def test_ids_used_twice_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(table: str, columns: list[str], checks: object = None) -> list[dict[str, str]]:
        text = data_text(table)
        if table == "rules/family.csv":
            text += "hist-breast,C50,Z80.3,I.C.21.c.4,\n"
        return read_rows(text, columns, table, checks)  # type: ignore[arg-type]

    monkeypatch.setattr(tables, "read_table", read)
    with pytest.raises(TableError, match="hist-breast"):
        load_rules.__wrapped__()


def test_the_order_of_rows_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(table: str, columns: list[str], checks: object = None) -> list[dict[str, str]]:
        return read_rows(data_text(table), columns, table, checks)[::-1]  # type: ignore[arg-type]

    monkeypatch.setattr(tables, "read_table", read)
    turned = load_rules.__wrapped__()
    assert turned.ids() == RULES.ids()
    assert turned.unlinked.pattern == RULES.unlinked.pattern


def test_every_section_is_a_kind_of_section() -> None:
    kinds = {row["kind"] for row in csv.DictReader(io.StringIO(data_text("lexicon/section_kinds.csv")))}
    assert sorted(set(RULES.sections) - kinds) == []


def test_tables_end_with_a_line_end_and_have_no_blanks() -> None:
    for name in FILES:
        text = data_text(f"rules/{name}")
        assert text.endswith("\n")
        assert "\r" not in text
        assert not re.search(r"[ \t]$", text, re.MULTILINE), name
    assert Path(str(data_path("rules"))).name == "rules"


def test_a_product_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = replace(RULES, combinations=(replace(RULES.combinations[0], add="I99.99"),))
    monkeypatch.setattr(integrity, "load_rules", lambda: broken)
    with pytest.raises(TableError, match=r"I99\.99"):
        integrity.check_products(TABLE)
    # An older release lacks codes that came later: its rules do nothing there.
    integrity.check_products(CodeTable.open("2025-04"))


def test_rules_hold_from_a_day_on() -> None:
    assert "sup-e11-remission" in RULES.not_in_force(date(2025, 9, 30))
    assert "sup-e11-remission" not in RULES.not_in_force(date(2025, 10, 1))
    assert RULES.not_in_force(None) == frozenset()
