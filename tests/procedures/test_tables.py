"""The tables hold together, and a malformed one is refused as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from cac.errors import TableError
from cac.procedures.tables import NUMERIC_AXES, TEXT_AXES, build_tables, load_procedures, parse_cell
from cac.procedures.terms import load_terms
from cac.resources import data_path, read_table

TABLES = load_procedures()


def code_row(code: str = "12345", **cells: str) -> dict[str, str]:
    columns = "code category service description synonyms side parent unit".split()
    row = dict.fromkeys((*columns, *TEXT_AXES, *NUMERIC_AXES), "")
    return row | {"code": code, "category": "x", "service": "s", "description": "x"} | cells


def service_row(service: str = "s") -> dict[str, str]:
    return {
        "service": service,
        "kind": "surgery",
        "names": "thing",
        "each": "",
        "measure": "",
        "counts": "",
        "diagnoses": "",
    }


@pytest.mark.parametrize(
    ("cell", "axis", "values", "every", "assumed", "usual"),
    [
        ("laparoscopic", "approach", {"laparoscopic"}, False, False, False),
        ("hand|finger", "site", {"hand", "finger"}, False, False, False),
        ("medial&lateral", "extent", {"medial", "lateral"}, True, False, False),
        ("?open", "approach", {"open"}, False, True, False),
        ("~with", "contrast", {"with"}, False, False, True),
    ],
)
def test_text_cells(cell: str, axis: str, values: set[str], every: bool, assumed: bool, usual: bool) -> None:
    parsed = parse_cell(cell, axis)
    assert parsed is not None
    assert (set(parsed.values), parsed.every, parsed.assumed, parsed.usual) == (values, every, assumed, usual)


@pytest.mark.parametrize(
    ("cell", "low", "high"),
    [("2", 2, 2), ("2-14", 2, 14), ("15+", 15, float("inf")), ("?0-2.5", 0, 2.5), ("~2", 2, 2)],
)
def test_numeric_cells(cell: str, low: float, high: float) -> None:
    parsed = parse_cell(cell, "number")
    assert parsed is not None and (parsed.low, parsed.high) == (low, high)


def test_an_empty_cell_asks_nothing() -> None:
    assert parse_cell("", "site") is None


@pytest.mark.parametrize(
    ("cell", "axis"), [("3-2", "number"), ("many", "size"), ("a|b&c", "site"), ("A", "site"), ("|", "site")]
)
def test_a_cell_that_cannot_be_read(cell: str, axis: str) -> None:
    with pytest.raises(ValueError, match=r"is no|ends before"):
        parse_cell(cell, axis)


def test_every_fault_is_reported_at_once() -> None:
    rows = [code_row(), code_row(), code_row("23456", service="t"), code_row("34567", parent="99999")]
    with pytest.raises(TableError) as caught:
        build_tables(rows, [service_row(), service_row("empty")])
    assert sorted(caught.value.problems) == [
        "code 12345 is there twice",
        "code 23456: no service 't'",
        "code 34567: parent 99999 is not in the table",
        "service empty has no code",
    ]


def test_row_order_does_not_matter() -> None:
    rows = [code_row("10000"), code_row("20000"), code_row("30000")]
    assert build_tables(rows, [service_row()]).services == build_tables(rows[::-1], [service_row()]).services


def test_every_code_can_be_named() -> None:
    """A code that neither its own words nor those of its service can reach would be dead weight."""
    made = {"90460", "90461", "90471", "90472", "90473", "90474"}
    dead = [
        c.code
        for c in TABLES.codes.values()
        if not c.synonyms
        and not TABLES.services[c.service].names
        and c.code not in made
        and c.category not in ("visit", "laboratory")
    ]
    assert len(dead) <= 6


def test_every_axis_value_of_a_code_has_words_or_is_assumed() -> None:
    terms = load_terms()
    worded = {(axis, value) for found in terms.axis_words.values() for _, axis, value in found}
    silent = [
        (code.code, axis, value)
        for code in TABLES.codes.values()
        for axis, cell in code.cells.items()
        for value in sorted(cell.values)
        if (axis, value) not in worded and not cell.assumed and not code.synonyms
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("procedures/words.csv", ("words", "becomes")),
        ("procedures/cues.csv", ("words", "verdict", "reach")),
        ("procedures/places.csv", ("section", "place")),
        ("procedures/axis_terms.csv", ("axis", "value", "words")),
        ("procedures/bundles.csv", ("id", "larger", "smaller", "unless", "message")),
        ("procedures/precedence.csv", ("axis", "value", "over", "note")),
    ],
)
def test_no_row_is_there_twice(name: str, columns: tuple[str, ...]) -> None:
    rows = [tuple(r.values()) for r in read_table(name, columns)]
    key = [r[:2] if columns[0] == "axis" else r[::2] if "reach" in columns else r[:1] for r in rows]
    assert len(set(key)) == len(key)


def test_every_section_kind_has_a_place() -> None:
    kinds = read_table("lexicon/section_kinds.csv", ("kind", "title", "assertion", "weight", "note"))
    places = {r["section"] for r in read_table("procedures/places.csv", ("section", "place"))}
    assert {r["kind"] for r in kinds} == places


def test_the_sample_is_a_resource_of_the_package() -> None:
    """Code reads the package; the folder ``data`` of the repository is the same bytes, kept once."""
    sample = Path(__file__).resolve().parents[2] / "data" / "cpt_sample"
    for name in ("codes.csv", "NOTICE", "README.md"):
        assert data_path(f"cpt_sample/{name}").read_bytes() == (sample / name).read_bytes()
