"""The walk down to the leaf: documented axes only, and nothing the note does not say."""

from __future__ import annotations

import pytest

from cac.coder import Coder
from cac.match.encounter import Encounter
from cac.match.index import TermIndex
from cac.match.resolve import BILATERAL, LEFT, RIGHT, Context, resolve

NAMED = (RIGHT, LEFT, BILATERAL)


def test_no_entry_of_the_index_gives_a_side_that_is_not_documented(index: TermIndex) -> None:
    """Every eleventh entry on its own: a named side is only ever reached as a guess, and marked as one."""
    sides = {index.ids[w] for w in ("right", "left", "bilateral") if w in index.ids}
    entries = range(0, int(index.arrays["counts"][1]), 11)
    seen = 0
    for entry in entries:
        words = index.entry_words(entry)
        if sides.isdisjoint(words):
            for r in resolve(index.entry_rows(entry), words, Context(frozenset()), index):
                seen += 1
                assert r.guessed or index.side(r.row) not in NAMED, index.table.codes[r.row]
                assert index.billable(r.row)
                assert all(index.billable(o) for o in r.options)
    assert seen > 10_000


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Assessment: tinnitus.", "H93.19"),  # the bilateral title leaves out the ear
        ("Assessment: bilateral tinnitus.", "H93.13"),
        ("Assessment: hearing loss.", "H91.90"),
        ("Assessment: otitis media, left.", "H66.92"),
        ("Assessment: concussion.", "S06.0XAA"),  # loss of consciousness not documented either way
        ("Assessment: concussion without loss of consciousness.", "S06.0X0A"),
        ("Assessment: seizure disorder.", "G40.909"),  # the Index sends it to epilepsy
        ("Assessment: hyperglycemia.", "R73.9"),
        ("Assessment: elevated blood sugar.", "R73.09"),
        ("Assessment: laceration of the right forearm.", "S51.811A"),  # not of a vessel there
    ],
)
def test_defaults(coder: Coder, text: str, code: str) -> None:
    assert [s.code for s in coder.suggest(text)] == [code]


@pytest.mark.parametrize(
    ("encounter", "available", "character"),
    [
        (Encounter(), "ABDGKPS", "A"),  # active treatment is the default
        (Encounter(open_fracture=True), "ABCDEFS", "B"),
        (Encounter("subsequent"), "ADS", "D"),
        (Encounter("subsequent", healing="nonunion"), "ABDGKPS", "K"),
        (Encounter("subsequent", healing="nonunion"), "ADS", "D"),  # no such character: routine
        (Encounter("subsequent", True, "delayed"), "ABCDEFGHJKMNPQRS", "H"),
        (Encounter(open_fracture=True, severe=True), "ABCDEFS", "C"),
        (Encounter(open_fracture=True, severe=True), "ABS", "B"),
        (Encounter(severe=True), "ABCDEFS", "A"),  # type III of a closed fracture is no opening
        (Encounter("subsequent", True, severe=True), "ABCDEFGHJKMNPQRS", "F"),
        (Encounter("sequela"), "ADS", "S"),
    ],
)
def test_seventh_character(encounter: Encounter, available: str, character: str) -> None:
    assert encounter.character(available) == character


@pytest.mark.parametrize(
    ("text", "code"),
    [
        # no code of the category names the part: the nearest whole that has one
        ("Cellulitis of the left olecranon", "L03.114"),
        ("Furuncle of the right calf", "L02.425"),
        ("Carbuncle of the left heel", "L02.632"),
        # the part itself before its whole
        ("Cellulitis of the left axilla", "L03.112"),
        # never from the whole to a part
        ("Cellulitis of the left leg", "L03.116"),
    ],
)
def test_a_part_of_the_body_stands_for_its_whole(coder: Coder, text: str, code: str) -> None:
    assert code in [s.code for s in coder.suggest(f"Assessment: {text}.")]
