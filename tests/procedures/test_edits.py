"""NCCI pairs and units as findings: indicators, modifiers, sites, days."""

from __future__ import annotations

import random
from datetime import date
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.codes.ncci_files import MueTable, NcciTable, ncci_arrays
from cac.errors import ConfigError
from cac.procedures.edits import Line, edit_findings, load_modifiers


def pair(
    first: str, second: str, indicator: int, start: int = 20200101, last: int = 0
) -> tuple[int, int, int, int]:
    return int(first, 36) * 36**5 + int(second, 36), start, last, indicator


NCCI = NcciTable(
    ncci_arrays(
        np.array(
            [
                pair("9990A", "9991A", 0),
                pair("9990A", "9992A", 1),
                pair("9990A", "9993A", 9),
                pair("9990A", "9994A", 0, 20200101, 20211231),
            ]
        )
    )
)
MUE = MueTable(["9990A", "9991A", "9992A"], [1, 2, 3], [2, 1, 3])


@pytest.mark.parametrize(
    ("lines", "kinds"),
    [
        # alone, or with a code it has no edit with
        ([("9990A", ()), ("9999Z", ())], []),
        # indicator 0: no modifier helps
        ([("9990A", ()), ("9991A", ())], ["ncci_pair"]),
        ([("9990A", ()), ("9991A", ("59",))], ["ncci_pair"]),
        # indicator 1: a modifier of the NCCI list on either code does
        ([("9990A", ()), ("9992A", ())], ["ncci_pair"]),
        ([("9990A", ()), ("9992A", ("59",))], ["ncci_modifier"]),
        ([("9990A", ("25",)), ("9992A", ())], ["ncci_modifier"]),
        ([("9990A", ()), ("9992A", ("xs",))], ["ncci_modifier"]),
        ([("9990A", ()), ("9992A", ("22",))], ["ncci_pair"]),  # not of the list
        # other sites are a reason, the same site is none
        ([("9990A", ("RT",)), ("9992A", ("LT",))], ["ncci_modifier"]),
        ([("9990A", ("RT",)), ("9992A", ("RT",))], ["ncci_pair"]),
        ([("9990A", ("RT",)), ("9992A", ("RT", "59"))], ["ncci_modifier"]),
        ([("9990A", ("F1",)), ("9992A", ("F2",))], ["ncci_modifier"]),
        # one line explained, another not
        ([("9990A", ()), ("9992A", ("59",)), ("9992A", ())], ["ncci_pair"]),
        # indicator 9: withdrawn
        ([("9990A", ()), ("9993A", ())], []),
    ],
)
def test_pairs(lines: list[tuple[str, tuple[str, ...]]], kinds: list[str]) -> None:
    for order in permutations(lines):
        found = edit_findings([Line(code, 1, modifiers) for code, modifiers in order], NCCI)
        assert [f.kind for f in found] == kinds
        assert all(f.codes[0] == "9990A" and f.citation for f in found)


@pytest.mark.parametrize(
    ("day", "kinds"),
    [(date(2019, 6, 1), []), (date(2021, 6, 1), ["ncci_pair"]), (date(2022, 6, 1), []), (None, [])],
)
def test_pairs_hold_on_their_days(day: date | None, kinds: list[str]) -> None:
    lines = [Line("9990A"), Line("9994A")]
    assert [f.kind for f in edit_findings(lines, NCCI, None, day)] == kinds


@pytest.mark.parametrize(
    ("lines", "messages"),
    [
        ([Line("9990A", 1)], []),
        ([Line("9990A", 2)], ["9990A: 2 units on one day, at most 1"]),
        ([Line("9990A", 1, ("RT",)), Line("9990A", 1, ("LT",))], ["9990A: 2 units on one day, at most 1"]),
        # indicator 1 counts each line by itself
        ([Line("9991A", 2), Line("9991A", 2, ("76",))], []),
        ([Line("9991A", 3)], ["9991A: 3 units on one line, at most 2"]),
        ([Line("9992A", 2), Line("9992A", 2)], ["9992A: 4 units on one day, at most 3"]),
        ([Line("9999Z", 50)], []),  # no limit is known
    ],
)
def test_units(lines: list[Line], messages: list[str]) -> None:
    assert [f.message for f in edit_findings(lines, None, MUE)] == messages


def test_plain_tuples_will_do() -> None:
    assert edit_findings([("9990A", 1, ()), ("9991A", 1, ())], NCCI) == edit_findings(
        [Line("9991A"), Line("9990A")], NCCI
    )


def test_messages_name_the_codes_and_the_modifier() -> None:
    lines = [Line("9990A", 1, ("RT",)), Line("9992A", 1, ("LT", "59"))]
    (found,) = edit_findings(lines, NCCI)
    assert found.message == "9992A is reported beside 9990A by modifier 59: the record has to show why"
    assert (found.rule, found.codes) == ("ncci-9990A-9992A", ("9990A", "9992A"))


@pytest.mark.parametrize("units", [0, -1, True, 1.5, "2"])
def test_units_are_whole_numbers(units: object) -> None:
    with pytest.raises(ConfigError, match="whole number"):
        Line("9990A", units)  # type: ignore[arg-type]


def test_nothing_imported_finds_nothing() -> None:
    assert edit_findings([Line("9990A", 9), Line("9991A")]) == ()


def test_the_modifiers_are_rows() -> None:
    assert len(load_modifiers()) >= 40
    assert {"LT", "RT", "25", "59", "XE", "XP", "XS", "XU", "91", "E1", "T9", "FA"} <= set(load_modifiers())


_LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(["9990A", "9991A", "9992A", "9993A", "9994A"]),
        st.integers(1, 4),
        st.lists(st.sampled_from(["RT", "LT", "59", "22"]), max_size=2).map(tuple),
    ),
    max_size=6,
)


@given(_LINES, st.randoms())
def test_the_order_of_lines_does_not_matter(lines: list[Line], rng: random.Random) -> None:
    shuffled = list(lines)
    rng.shuffle(shuffled)
    assert edit_findings(lines, NCCI, MUE) == edit_findings(shuffled, NCCI, MUE)


@given(_LINES)
def test_every_finding_names_codes_that_are_there(lines: list[Line]) -> None:
    codes = {line.code for line in lines}
    found = edit_findings(lines, NCCI, MUE)
    assert all(set(f.codes) <= codes for f in found)
    assert len({f.rule for f in found}) == len(found)
