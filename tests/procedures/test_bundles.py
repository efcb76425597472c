"""Every row of the bundles: with its larger service the smaller is taken in, without it stays."""

from __future__ import annotations

import pytest

from cac.procedures.bundles import Bundle, apply_bundles, load_bundles
from cac.procedures.choose import Choice
from cac.procedures.lines import Line, Support
from cac.procedures.performed import Verdict
from cac.procedures.services import ServiceMention
from cac.procedures.suggest import suggest_procedures
from cac.procedures.tables import load_procedures
from cac.text.reader import read
from cac.types import Span

BUNDLES = load_bundles()


def line(code: str, side: str = "", place: str = "title", minutes: int = 0) -> Line:
    """A line of one mention, as the extraction makes it."""
    procedure = load_procedures().codes[code]
    said = {"side": {side: Span(0, 1)}} if side else {}
    mention = ServiceMention(
        service=load_procedures().services[procedure.service],
        code=None,
        span=Span(0, 1),
        reach=Span(0, 1),
        section="procedures",
        place=place,
        sentence=0,
        item=0,
        verdict=Verdict(""),
        said=said,
        local=said,
        minutes=(minutes, Span(0, 1)) if minutes else None,
    )
    return Line(procedure, (Support(mention, Choice(procedure, (), ()), said.get("side", {})),))


def kept(*lines: Line, text: str = "", age: float | None = None) -> set[str]:
    return {made.code for made in apply_bundles(lines, read(text), age).lines}


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda b: b.id)
def test_the_larger_service_takes_the_smaller_in(bundle: Bundle) -> None:
    for smaller in sorted(bundle.smaller):
        larger = next(c for c in sorted(bundle.larger) if c != smaller)
        assert smaller not in kept(line(larger, "left"), line(smaller, "left"))


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda b: b.id)
def test_alone_the_smaller_service_stays(bundle: Bundle) -> None:
    for smaller in sorted(bundle.smaller):
        assert smaller in kept(line(smaller, "left", minutes=15))


@pytest.mark.parametrize("bundle", [b for b in BUNDLES if b.unless == "side"], ids=lambda b: b.id)
def test_on_the_other_side_it_stays_as_a_service_apart(bundle: Bundle) -> None:
    """Positive: another side. Negative: no side, or both, said of one of them."""
    others = {b.id: b for b in BUNDLES if b.unless != "side"}
    for smaller in sorted(bundle.smaller):
        larger = next(c for c in sorted(bundle.larger) if c != smaller)
        if any(larger in b.larger and smaller in b.smaller for b in others.values()):
            continue
        made = apply_bundles([line(larger, "left"), line(smaller, "right")], read(""), None).lines
        assert {m.code for m in made} == {larger, smaller}
        assert [m.apart for m in made if m.code == smaller] == [True]
        assert smaller not in kept(line(larger, "bilateral"), line(smaller, "right"))


def test_a_line_of_the_description_takes_nothing_in_from_the_title() -> None:
    assert kept(line("43239", place="body"), line("43235")) == {"43239", "43235"}


def test_a_bundle_can_be_switched_off() -> None:
    made = apply_bundles([line("43239"), line("43235")], read(""), None, frozenset({"egd-look"})).lines
    assert {m.code for m in made} == {"43239", "43235"}


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("82374 82435 84132 84295", "80051"),  # all salts are the panel
        ("82374 82435 84132", "82374 82435 84132"),  # one short
        ("80053 80048", "80053"),  # the large set holds the small
        ("80053 82947 84460", "80053"),
        ("80048 84460", "80048 84460"),
        ("80061 83718", "80061"),
        ("82465 83718 84478", "80061"),
        ("82465 83718", "82465 83718"),
        ("80053 85025 84443", "80050"),
        ("80053 85025", "80053 85025"),
        ("63075 22554", "22551"),
        ("63075", "63075"),
    ],
)
def test_panels(codes: str, expected: str) -> None:
    assert kept(*(line(c) for c in codes.split())) == set(expected.split())


@pytest.mark.parametrize(
    ("minutes", "units"),
    [
        ({"97110": 7}, {}),
        ({"97110": 8}, {"97110": 1}),
        ({"97110": 22}, {"97110": 1}),
        ({"97110": 23}, {"97110": 2}),
        ({"97110": 37}, {"97110": 2}),
        ({"97110": 38}, {"97110": 3}),
        ({"97110": 24, "97140": 23}, {"97110": 2, "97140": 1}),
        ({"97110": 20, "97140": 20}, {"97110": 2, "97140": 1}),
        ({"97110": 33, "97140": 7}, {"97110": 2, "97140": 1}),
        ({"97110": 18, "97140": 13, "97116": 10, "97035": 8}, {"97110": 1, "97140": 1, "97116": 1}),
        ({"97110": 7, "97140": 7, "97116": 7}, {"97110": 1}),
    ],
)
def test_the_8_minute_rule(minutes: dict[str, int], units: dict[str, int]) -> None:
    made = apply_bundles([line(c, minutes=m) for c, m in minutes.items()], read(""), None).lines
    assert {m.code: m.units for m in made} == units


@pytest.mark.parametrize(
    ("codes", "text", "age", "expected"),
    [
        ("90686", "", None, {"90471": 1}),
        ("90686 90715", "", 40, {"90471": 1, "90472": 1}),
        ("90686 90715 90750", "", 70, {"90471": 1, "90472": 2}),
        ("90672", "", 30, {"90473": 1}),
        ("90686 90680", "", 1, {"90471": 1, "90474": 1}),
        # under 19 with advice: each part of each vaccine
        ("90707", "Counseled the mother on each vaccine.", 1, {"90460": 1, "90461": 2}),
        ("90698 90680", "Vaccine counseling done.", 0.3, {"90460": 2, "90461": 4}),
        # under 19 without advice, and with advice from 19 on
        ("90707", "", 1, {"90471": 1}),
        ("90686", "Counseled.", 19, {"90471": 1}),
        ("36415", "", 30, {}),
    ],
)
def test_vaccines_come_with_their_administration(
    codes: str, text: str, age: float | None, expected: dict[str, int]
) -> None:
    made = apply_bundles([line(c) for c in codes.split()], read(text), age).lines
    assert {m.code: m.units for m in made if m.code not in codes.split()} == expected


ADD_ONS = [c for c in load_procedures().codes.values() if c.parents]


@pytest.mark.parametrize("code", ADD_ONS, ids=lambda c: c.code)
def test_an_add_on_has_parents_that_are_no_add_ons(code: object) -> None:
    table = load_procedures().codes
    assert all(not table[p].parents for p in code.parents)  # type: ignore[attr-defined]


def test_an_add_on_without_its_parent_is_only_proposed() -> None:
    text = "Right shoulder arthroscopy with subacromial decompression."
    result = suggest_procedures(read(text))
    assert "29826" not in [s.code for s in result.suggestions]
    assert "29826" in [s.code for s in result.candidates]


def test_what_was_taken_in_is_in_the_ledger() -> None:
    result = suggest_procedures(
        read("PROCEDURES:\n1. Diagnostic laparoscopy.\n2. Laparoscopic appendectomy.\n")
    )
    assert [s.code for s in result.suggestions] == ["44970"]
    [left] = [n for n in result.not_coded if n.reason == "bundled"]
    assert (left.codes, left.citation) == (("49320",), "laparoscopy-look")
    assert result.suggestions[0].findings[0].codes == ("44970", "49320")
