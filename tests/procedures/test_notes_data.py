"""The labelled procedure data: well formed, grounded in the text, and large enough to mean something."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from .labelled import CODE, EXPECTED, FORBIDDEN, Label, expected, is_visit, labels, notes, offends, rows

SIDES = {"RT", "LT", "50"}
DIGITS = {"FA", "TA", *(f"F{n}" for n in range(1, 10)), *(f"T{n}" for n in range(1, 10))}
EYELIDS = {"E1", "E2", "E3", "E4"}
VESSELS = {"LD", "LC", "RC", "LM", "RI"}
MODIFIERS = SIDES | DIGITS | EYELIDS | VESSELS | {"25", "59"}
REASONS = set(
    "aborted authorization awaiting cancelled consent contraindicated declined deferred device education "
    "family hypothetical negated not_done offered ordered other_person outside past planned recommended "
    "referral refused requested scheduled".split()
)

NOTES = notes()
ADVERSARIAL = rows("adversarial.csv")
PERFORMED = rows("performed.csv")


def test_there_is_enough_of_everything() -> None:
    assert len(NOTES) >= 70
    assert len(ADVERSARIAL) >= 220
    assert len(PERFORMED) >= 120
    assert len({c.code for n in NOTES for c in labels(n)}) >= 100


def test_ids_and_texts_are_unique() -> None:
    ids = [n["id"] for n in NOTES]
    assert ids == [f"p{i:03d}" for i in range(1, len(NOTES) + 1)]
    for name, texts in (
        ("notes", [n["text"] for n in NOTES]),
        ("adversarial", [r["text"] for r in ADVERSARIAL]),
        ("performed", [r["text"] for r in PERFORMED]),
    ):
        assert [t for t, k in Counter(texts).items() if k > 1] == [], name


@pytest.mark.parametrize("note", NOTES, ids=lambda n: n["id"])
def test_a_note_is_well_formed(note: dict[str, Any]) -> None:
    assert set(note) == {"id", "kind", "setting", "text", "cpt", "not", "why"}
    assert re.fullmatch(r"[a-z]+( [a-z]+)*", note["kind"])
    assert note["setting"] in ("outpatient", "inpatient")
    assert note["text"] == note["text"].strip()
    assert 80 <= len(note["text"].split()) <= 500
    found = labels(note)
    assert found, "a note without a procedure belongs among the adversarial rows"
    assert len({c.code for c in found}) == len(found), "one row a code, with units"
    for c in found:
        assert CODE.fullmatch(c.code) and not is_visit(c.code), c
        assert c.units >= 1 and set(c.modifiers) <= MODIFIERS, c
        assert len(SIDES & set(c.modifiers)) <= 1, c
    for c in note["cpt"]:
        assert set(c) == {"code", "units", "modifiers", "quotes"}
        assert c["quotes"], c["code"]
        for quote in c["quotes"]:
            assert quote and quote in note["text"], (c["code"], quote)
    assert all(CODE.fullmatch(c) for c in note["not"])
    assert sorted(note["why"]) == sorted(note["not"]) and all(note["why"].values())
    assert not {c.code for c in found} & set(note["not"])


@pytest.mark.parametrize("row", ADVERSARIAL, ids=lambda r: r["text"][:40])
def test_an_adversarial_row_is_well_formed(row: dict[str, str]) -> None:
    assert set(row) == {"text", "forbidden", "reason"}
    assert row["text"] == row["text"].strip() != ""
    assert len(row["text"].splitlines()) <= 3
    parts = row["forbidden"].split("|")
    assert all(FORBIDDEN.fullmatch(p) for p in parts)
    assert parts == ["*"] or "*" not in parts
    assert row["reason"] in REASONS


@pytest.mark.parametrize("row", PERFORMED, ids=lambda r: r["text"][:40])
def test_a_performed_row_is_well_formed(row: dict[str, str]) -> None:
    assert set(row) == {"text", "expect", "reason"}
    assert row["text"] == row["text"].strip() != ""
    assert row["reason"]
    found = expected(row["expect"])
    assert len({c.code for c in found}) == len(found)
    for c in found:
        assert not is_visit(c.code) and set(c.modifiers) <= MODIFIERS, c
        assert len(SIDES & set(c.modifiers)) <= 1, c


def test_every_reason_is_used() -> None:
    assert {r["reason"] for r in ADVERSARIAL} == REASONS


@pytest.mark.parametrize(
    ("words", "modifier"),
    [
        # a side in the label has to be a side in the text
        (r"\b(right|OD)\b", "RT"),
        (r"\b(left|OS)\b", "LT"),
        (r"\b(both|bilateral|bilaterally)\b|\bright\b.*\bleft\b|\bleft\b.*\bright\b", "50"),
    ],
)
def test_sides_are_documented(words: str, modifier: str) -> None:
    said = re.compile(words, re.IGNORECASE | re.DOTALL)
    texts = [n["text"] for n in NOTES if any(modifier in c.modifiers for c in labels(n))]
    texts += [r["text"] for r in PERFORMED if any(modifier in c.modifiers for c in expected(r["expect"]))]
    assert texts
    assert [t[:60] for t in texts if not said.search(t)] == []


@pytest.mark.parametrize(
    ("cell", "label", "answer"),
    [
        ("*", Label("47562"), True),
        ("*", Label("99213"), False),  # visits are judged elsewhere
        ("47563|47564", Label("47563"), True),
        ("47563|47564", Label("47562"), False),
        ("113", Label("11301"), True),  # a prefix
        ("113", Label("11103"), False),
        ("20610-LT", Label("20610", 1, ("LT",)), True),
        ("20610-LT", Label("20610", 1, ("RT",)), False),
        ("20610-50|20610-LT", Label("20610", 1, ("50",)), True),
    ],
)
def test_what_a_forbidden_cell_means(cell: str, label: Label, answer: bool) -> None:
    assert offends(cell, label) is answer


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("20610-RT", [Label("20610", 1, ("RT",))]),
        ("17000|17003x5", [Label("17000"), Label("17003", 5)]),
        ("45380-59", [Label("45380", 1, ("59",))]),
        ("0232T", [Label("0232T")]),
    ],
)
def test_what_an_expected_cell_means(cell: str, answer: list[Label]) -> None:
    assert expected(cell) == answer


@pytest.mark.parametrize("cell", ["", "2061", "20610x0", "20610-R", "20610,76942", "J1030"])
def test_a_malformed_expected_cell_is_refused(cell: str) -> None:
    assert EXPECTED.fullmatch(cell) is None
    with pytest.raises(ValueError, match="not a code"):
        expected(cell)
