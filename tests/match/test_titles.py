"""Titles taken apart into what a note must say and what is a default."""

from __future__ import annotations

import pytest

from cac.codes.table import CodeTable
from cac.match.titles import parse_title, side_form, sided_titles
from cac.match.words import split_words


@pytest.mark.parametrize(
    ("title", "sided", "needed", "side"),
    [
        # the side and the 7th character are axes of their own; displaced and closed are defaults
        (
            "Displaced fracture of right ulna styloid process, initial encounter for closed fracture",
            True,
            {"fracture", "ulna", "styloid", "process"},
            "right",
        ),
        # a part nobody names is a default, the joint is not
        (
            "Sprain of unspecified ligament of left ankle, subsequent encounter",
            True,
            {"sprain", "ankle"},
            "left",
        ),
        (
            "Strain of muscle, fascia and tendon of lower back, sequela",
            False,
            {"strain", "lower", "back"},
            "",
        ),
        # "without" is a default, "with" has to be documented
        ("Type 2 diabetes mellitus without complications", False, {"type", "2", "diabetes", "mellitus"}, ""),
        ("Gastric ulcer with hemorrhage", False, {"gastric", "ulcer", "hemorrhage"}, ""),
        ("Migraine, unspecified, not intractable, without status migrainosus", False, {"migraine"}, ""),
        # the site after a denied attribute is still needed
        (
            "Laceration without foreign body of right index finger without damage to nail, initial encounter",
            True,
            {"laceration", "index", "finger"},
            "right",
        ),
        # parentheses are not essential (I.A.7)
        (
            "Chronic systolic (congestive) heart failure",
            False,
            {"chronic", "systolic", "heart", "failure"},
            "",
        ),
        # the heart's own right and left are not a side
        ("Left ventricular failure, unspecified", True, {"left", "ventricular", "failure"}, "unspecified"),
        ("Pressure ulcer of right heel, unspecified stage", True, {"pressure", "ulcer", "heel"}, "right"),
    ],
)
def test_parse(title: str, sided: bool, needed: set[str], side: str) -> None:
    p = parse_title(title, sided=sided)
    assert set(split_words(p.needed)) - {"of", "with", "and", "in"} == needed
    assert p.side == side


def test_residual_flags() -> None:
    assert parse_title("Other specified diseases of liver").other
    assert parse_title("Pneumonia, unspecified organism").unspecified
    assert not parse_title("Cholera").other


def test_a_title_is_sided_only_when_a_sibling_names_another_side() -> None:
    pair = ["Pain in right knee", "Pain in left knee", "Pain in unspecified knee", "Pain in joint"]
    assert sided_titles(pair) == frozenset(pair[:3])
    assert sided_titles(["Right upper quadrant pain", "Epigastric pain"]) == frozenset()
    assert side_form("Pain in right knee") == side_form("Pain in left knee")


def test_every_title_of_the_release_can_be_parsed(full_table: CodeTable) -> None:
    for row in range(0, len(full_table), 7):
        p = parse_title(full_table.title(row), sided=True)
        assert p.full
        assert len(p.needed) <= len(p.full)
