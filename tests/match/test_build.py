"""The compiled index does not depend on the order of rows, nor on the hash seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cac.codes.table import CodeTable
from cac.errors import TableError
from cac.match import lexicon as lexicon_module
from cac.match.build import build_rewrites, compile_index
from cac.match.lexicon import Lexicon, Synonym, Term, load_lexicon

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "icd10_sample"


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon()


def test_row_order_never_matters(lexicon: Lexicon) -> None:
    table = CodeTable.from_csv(SAMPLE)
    forward, meta = compile_index(table, lexicon)
    turned = replace(
        lexicon,
        terms=lexicon.terms[::-1],
        synonyms=lexicon.synonyms[::-1],
        abbreviations=lexicon.abbreviations[::-1],
    )
    backward, meta_backward = compile_index(table, turned)
    assert meta == meta_backward
    assert forward.keys() == backward.keys()
    for name, array in forward.items():
        assert np.array_equal(array, backward[name]), name


def test_every_term_names_a_code_of_the_newest_release(lexicon: Lexicon, full_table: CodeTable) -> None:
    assert [t for t in lexicon.terms if t.code not in full_table] == []


def test_abbreviation_senses_of_one_form_sum_to_at_most_one(lexicon: Lexicon) -> None:
    totals: dict[str, float] = {}
    for a in lexicon.abbreviations:
        totals[a.short] = totals.get(a.short, 0.0) + a.prior
    assert {short: t for short, t in totals.items() if t > 1.005} == {}


def test_conflicting_rows_are_all_named() -> None:
    clash = Lexicon(
        terms=(Term("gout", "M10.9", "synonym"), Term("gout", "M1A.9", "synonym")),
        synonyms=(Synonym("renal", "kidney", "adjective"), Synonym("renal", "heart", "adjective")),
        abbreviations=(),
    )
    with pytest.raises(TableError) as caught:
        lexicon_module._refuse_conflicts(clash)
    assert len(caught.value.problems) == 2


def test_synonyms_are_followed_to_their_end_and_never_grow() -> None:
    rows = (
        Synonym("ticker", "heart", "lay"),
        Synonym("old ticker", "ticker", "lay"),
        Synonym("flutter", "atrial flutter", "synonym"),
    )
    rewrites = build_rewrites(Lexicon((), rows, ()))
    assert rewrites["old"] == [(("ticker",), ("heart",))]
    assert "flutter" not in rewrites
