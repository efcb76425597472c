"""Words that lead to two codes with equal right: both are kept, and the difference is named."""

from __future__ import annotations

import pytest

from cac.coder import Coder
from cac.extract.mentions import find_mentions
from cac.match.ambiguity import AMBIGUOUS, difference, rivals, tied_rows
from cac.match.index import TermIndex
from cac.match.matchers import Hit, sequence_hits
from cac.match.resolve import BILATERAL, LEFT, Context, resolve
from cac.result import CodingResult
from cac.text.reader import read
from cac.types import Mention


def _mention(index: TermIndex, text: str) -> Mention:
    (found,) = find_mentions(read(text), index)
    return found


@pytest.mark.parametrize(
    ("text", "codes", "named"),
    [
        (
            "Assessment: splinter of lip and oral cavity",
            ("S00.551A", "S00.552A"),
            "ambiguous: lip or oral cavity",
        ),
        (
            "Assessment: occupant of streetcar injured by fall",
            ("V82.5XXA", "V82.6XXA"),
            "ambiguous: in or from",
        ),
    ],
)
def test_both_codes_are_kept(index: TermIndex, text: str, codes: tuple[str, ...], named: str) -> None:
    m = _mention(index, text)
    assert m.codes == codes[:1]
    assert m.options == codes
    assert m.open_axis == named


def test_the_score_is_lower_than_that_of_clear_words(index: TermIndex) -> None:
    words = ("gout", "splinter of lip and oral cavity")
    clear, ambiguous = (_mention(index, f"Assessment: {w}") for w in words)
    assert clear.open_axis == ""
    assert ambiguous.quality <= clear.quality - 0.15


def _results(coder: Coder) -> list[CodingResult]:
    return [coder.suggest("Assessment: splinter of lip and oral cavity") for _ in range(2)]


def test_a_result_names_the_other_code_and_asks(coder: Coder) -> None:
    result, again = _results(coder)
    assert result.to_json() == again.to_json()
    first = next(s for s in (*result, *result.candidates) if s.code == "S00.551A")
    (other,) = first.alternatives
    assert (other.code, other.axis) == ("S00.552A", "ambiguous: lip or oral cavity")
    assert other.why_not.startswith(AMBIGUOUS)
    (query,) = (q for q in result.queries if q.code == "S00.551A")
    # Not leading: every answer is offered, the one that was taken among them.
    assert [o.code for o in query.options] == ["S00.551A", "S00.552A"]
    assert (
        query.question
        == 'Please clarify which condition or circumstance is meant by "splinter of lip and oral cavity".'
    )


@pytest.mark.parametrize(
    "text",
    [
        "Assessment: acute lymphangitis of upper limb",  # the side is an axis of its own
        "Assessment: electrocution",  # so is the 7th character
        "Assessment: osteoarthritis of the left knee",
        "Assessment: gout",
    ],
)
def test_what_is_not_ambiguous(index: TermIndex, text: str) -> None:
    assert all(not m.open_axis.startswith(AMBIGUOUS) for m in find_mentions(read(text), index))


def test_a_documented_axis_decides(index: TermIndex) -> None:
    rows = tuple(index.table.row(c) for c in ("K41.00", "K41.30"))
    words = frozenset().union(*(index.needs(r) for r in rows))
    both = Context(frozenset(), BILATERAL)
    (chosen,) = resolve(rows, words, both, index)
    assert rivals(rows, words, Context(frozenset(), LEFT), chosen, index) == rivals(
        rows[::-1], words, Context(frozenset(), LEFT), chosen, index
    )
    assert rivals(rows[:1], words, both, chosen, index) == ()


def test_the_difference_is_in_words_of_the_titles(index: TermIndex) -> None:
    a, b, c = (index.table.row(x) for x in ("S00.551A", "S00.552A", "S00.551D"))
    assert difference(a, (b,), index) == "ambiguous: lip or oral cavity"
    assert difference(a, (c,), index) == "ambiguous: initial or subsequent"
    # one title is part of the other: both are given whole
    d, e = (index.table.row(x) for x in ("Z67.A3", "Z67.A4"))
    assert difference(d, (e,), index) == "ambiguous: Duffy b positive or Duffy a and b positive"


def test_entries_of_two_matchers_at_one_place(index: TermIndex) -> None:
    from cac.match.matchers import clauses

    stream = index.canon.stream(read("Assessment: gout"))
    (hit,) = sequence_hits(stream, clauses(stream, index), index)
    source = index.entry_source(hit.entry)
    other = next(
        e for e in range(index.bags, hit.entry) if index.entry_source(e) == source and index.entry_rows(e)
    )
    rival = Hit(other, hit.positions, hit.gap, hit.exact)
    weaker = Hit(other, hit.positions, hit.gap + 1, hit.exact)
    assert tied_rows(hit, [hit, rival], index) == (*index.entry_rows(hit.entry), *index.entry_rows(other))
    assert tied_rows(hit, [hit, weaker], index) == tuple(index.entry_rows(hit.entry))
