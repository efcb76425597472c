"""Anatomy: enough of it, no part that belongs to itself, and never from the whole to the part."""

from __future__ import annotations

import pytest

from cac.codes import anatomy
from cac.codes.anatomy import anatomy_terms, check_acyclic, parts_of, wholes_of
from cac.errors import TableError
from cac.resources import read_table


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("lumbar", "lower back"),
        ("lumbar", "back"),
        ("distal phalanx of middle finger", "finger"),
        ("distal phalanx of middle finger", "hand"),
        ("great toe", "toe"),
        ("great toe", "foot"),
        ("malleolus", "ankle"),
        ("humeral head", "upper end of humerus"),
        ("humeral head", "humerus"),
        ("sigmoid", "colon"),
        ("sigmoid colon", "large intestine"),
        ("olecranon", "elbow"),
        ("patella", "knee"),
        ("mitral valve", "heart"),
        ("mitral", "heart"),
        ("macula", "retina"),
        ("renal", "kidney"),
        ("cochlea", "ear"),
    ],
)
def test_a_part_belongs_to_its_whole(part: str, whole: str) -> None:
    assert whole in wholes_of(part)
    assert part in parts_of(whole)
    assert part not in wholes_of(whole)


def test_there_is_enough_of_it() -> None:
    assert len(read_table("lexicon/anatomy.csv", ("part", "whole", "kind"))) >= 500


def test_nothing_belongs_to_itself() -> None:
    assert all(term not in wholes_of(term) for term in anatomy_terms())


def test_relations_can_be_chosen() -> None:
    assert wholes_of("renal", ("part_of",)) == ()
    assert "urinary tract" in wholes_of("kidney", ("part_of",))


def test_unknown_words_belong_to_nothing() -> None:
    assert wholes_of("carburettor") == ()


def test_circles_are_refused_by_name() -> None:
    with pytest.raises(TableError) as error:
        check_acyclic({"toe": ("foot",), "foot": ("leg",), "leg": ("toe",)}, "x.csv")
    assert "belongs to itself" in error.value.problems[0]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("Toe,foot,part_of", "lower case"),
        ("toe,,part_of", "is empty"),
        ("toe,foot,near", "not one of"),
        ("toe,foot,part_of\ntoe,foot,kind_of", "stands twice"),
        ("toe,foot,part_of\nfoot,toe,part_of", "belongs to itself"),
    ],
)
def test_bad_rows_are_refused(monkeypatch: pytest.MonkeyPatch, rows: str, fault: str) -> None:
    from cac.resources import read_rows

    text = f"part,whole,kind\n{rows}\n"
    monkeypatch.setattr(anatomy, "read_table", lambda name, cols, checks: read_rows(text, cols, name, checks))
    with pytest.raises(TableError) as error:
        anatomy._above.__wrapped__()
    assert fault in " ".join([str(error.value), *error.value.problems])
