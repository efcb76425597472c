"""Queries name the axis that is missing, and each answer with its code."""

from __future__ import annotations

import pytest

from cac.coder import Coder
from cac.queries import open_axis


@pytest.mark.parametrize(
    ("note", "code", "axis", "answers"),
    [
        ("Knee pain.", "M25.569", "side", {"right": "M25.561", "left": "M25.562"}),
        ("Chronic kidney disease.", "N18.9", "stage", {"stage 1": "N18.1", "stage 5": "N18.5"}),
        ("Systolic heart failure.", "I50.20", "acuity", {"acute": "I50.21", "acute on chronic": "I50.23"}),
        ("Fracture of the shaft of the right tibia.", "S82.201A", "type", {"transverse": "S82.221A"}),
        ("Pre-eclampsia.", "O14.90", "trimester", {"third trimester": "O14.93"}),
    ],
)
def test_the_missing_axis_is_asked_for(
    coder: Coder, note: str, code: str, axis: str, answers: dict[str, str]
) -> None:
    (query,) = [q for q in coder.suggest(f"Assessment: {note}").queries if q.code == code]
    assert query.axis == axis
    told = {o.answer: o.code for o in query.options}
    assert answers.items() <= told.items()
    # It asks, it does not lead: no option is in the question.
    assert not any(o.answer in query.question for o in query.options)


def test_nothing_is_asked_where_nothing_is_open(coder: Coder) -> None:
    assert coder.suggest("Assessment: chronic kidney disease, stage 4.").queries == ()


def test_options_without_an_axis_in_common_are_a_detail(coder: Coder) -> None:
    table = coder.release().table
    assert open_axis("J18.9", ["J18.0"], table) == "detail"
