"""The header lexicon: sound as shipped, refused when malformed."""

from __future__ import annotations

import pytest

from cac.errors import TableError
from cac.resources import data_text
from cac.text.headers import headers, normal_label, parse_kinds, section_kinds, validate_headers

KINDS_HEAD = "kind,title,assertion,weight,note\n"


def test_shipped_lexicon() -> None:
    lexicon = headers()
    assert len(lexicon.kinds) >= 450
    # Every kind but the resumed ones can be reached by some header.
    assert set(section_kinds()) == set(lexicon.kinds.values())
    assert set(lexicon.tails.values()) <= set(section_kinds())
    # A body system stays in its section, so it cannot be a header as well.
    assert sorted(lexicon.subheads & set(lexicon.kinds)) == []


@pytest.mark.parametrize(
    ("kind", "assertion", "weight"),
    [
        ("assessment", "", 1.0),
        ("family_history", "family", 0.3),
        ("psh", "historical", 0.3),
        ("differential", "uncertain", 0.1),
        ("instructions", "hypothetical", 0.05),
        ("orders", "planned", 0.1),
        ("hospital_course", "", 0.8),
    ],
)
def test_kinds_that_decide_coding(kind: str, assertion: str, weight: float) -> None:
    assert (section_kinds()[kind].assertion, section_kinds()[kind].weight) == (assertion, weight)


def test_bad_header_rows_are_all_reported() -> None:
    rows = "header,kind\npmh,pmh\npmh,hpi\nfoo,nowhere\nA&P,plan\n,plan\n"
    with pytest.raises(TableError) as caught:
        validate_headers(rows, section_kinds())
    text = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 4
    for part in ("there twice", "'nowhere'", "'a and p'", "empty"):
        assert part in text


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("plan,Plan,,1.5,\n", "weight"),
        ("plan,Plan,,-1,\n", "weight"),
        ("plan,Plan,,heavy,\n", "weight"),
        ("plan,Plan,maybe,1,\n", "assertion"),
        ("Plan,Plan,,1,\n", "identifier"),
        ("plan,,,1,\n", "empty"),
        ("plan,Plan,,1,\nplan,Plan,,1,\n", "twice"),
        ("plan,Plan,,1,\n", "'unknown' is missing"),
    ],
)
def test_bad_kind_rows(row: str, problem: str) -> None:
    with pytest.raises(TableError, match=problem):
        parse_kinds(KINDS_HEAD + row)


def test_row_order_does_not_matter() -> None:
    text = data_text("lexicon/sections.csv")
    head, *rows = text.splitlines(keepends=True)
    assert validate_headers(head + "".join(reversed(rows)), section_kinds()) == dict(headers().kinds)


def test_normalising_twice_changes_nothing() -> None:
    wrong = [h for h in sorted(headers().kinds) if not normal_label(h) == normal_label(h.upper()) == h]
    assert wrong == []
