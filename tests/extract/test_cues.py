"""The cue table: what is in it, and what is refused."""

from __future__ import annotations

import random

import pytest

from cac.errors import TableError
from cac.extract.cues import compile_rules, cue_table
from cac.extract.scopes import sentence_scopes
from cac.resources import read_table
from cac.text.tokens import tokenize

COLUMNS = ("cue", "category", "direction", "window", "reach", "note")


def row(
    cue: str, category: str = "negated", direction: str = "pre", window: str = "", reach: str = ""
) -> dict[str, str]:
    return {"cue": cue, "category": category, "direction": direction, "window": window, "reach": reach}


def test_the_packaged_table_compiles() -> None:
    table = cue_table()
    assert {"no", "history", "possible", "if"} <= set(table.free)
    assert "mother" in table.anchored
    assert "<kin>" in table.classes["mother"]


def test_row_order_does_not_matter() -> None:
    rows = read_table("lexicon/cues.csv", COLUMNS)
    words = [(r["class"], r["word"]) for r in read_table("lexicon/cue_words.csv", ("class", "word"))]
    tokens = tokenize(
        "No family history of gout vs stroke in March 2009, mother denies fever or rash; due to CHF?"
    )
    expected = sentence_scopes(compile_rules(rows, words), tokens, 0, len(tokens))
    shuffled = rows[:]
    random.Random(5).shuffle(shuffled)
    assert sentence_scopes(compile_rules(shuffled, words[::-1]), tokens, 0, len(tokens)) == expected


def test_no_cue_is_both_pseudo_and_real() -> None:
    by_cue: dict[str, set[str]] = {}
    for r in read_table("lexicon/cues.csv", COLUMNS):
        by_cue.setdefault(r["cue"], set()).add(r["category"])
    assert [cue for cue, kinds in by_cue.items() if "pseudo" in kinds and len(kinds) > 1] == []


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (row("no <aunt> of"), "unknown classes aunt"),
        (row("^ $"), "no words"),
        (row("no", reach="far"), "reach 'far'"),
        (row("is", direction="in"), "direction in"),
        (row("but", "terminator", "both", reach="denied"), "unknown dimensions denied"),
    ],
)
def test_bad_rows_are_refused(bad: dict[str, str], fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        compile_rules([bad], [])


def test_every_bad_row_is_named() -> None:
    with pytest.raises(TableError) as caught:
        compile_rules(
            [row("no"), row("no"), row("not <x>")], [("kin", "step mother"), ("kin", "aunt"), ("kin", "aunt")]
        )
    assert len(caught.value.problems) == 4
    assert "cues.csv:3" in caught.value.problems[2]


def test_a_longer_cue_wins_and_a_class_matches_its_words() -> None:
    table = compile_rules([row("no <kin> with"), row("no"), row("no change", "pseudo")], [("kin", "aunt")])
    tokens = tokenize("no aunt with gout no change")
    (scope,) = sentence_scopes(table, tokens, 0, 4)
    assert (scope.first, scope.last, scope.low, scope.high) == (0, 3, 3, 4)
    (inside,) = sentence_scopes(table, tokens, 4, 6)
    assert inside.only_inside == 6
