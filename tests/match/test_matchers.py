"""The two matchers against slow, obviously correct ones, and the choice among their hits."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.match.canon import Stream
from cac.match.index import TermIndex
from cac.match.matchers import REACH, Clauses, bag_hits, clauses, sequence_hits
from cac.match.selection import select
from cac.text.reader import read


def _stream(index: TermIndex, text: str) -> tuple[Stream, Clauses]:
    stream = index.canon.stream(read(text))
    return stream, clauses(stream, index)


TITLES = [
    "Acute appendicitis with generalized peritonitis",
    "Essential (primary) hypertension",
    "Pain in right knee",
    "Type 2 diabetes mellitus with hyperglycemia",
    "Chronic kidney disease, stage 4 (severe)",
]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_found_word_for_word(index: TermIndex, title: str) -> None:
    stream, found = _stream(index, f"Assessment: {title}.")
    hits = sequence_hits(stream, found, index)
    longest = max(hits, key=lambda h: len(h.positions))
    assert len(longest.positions) == len(index.canon.text(title))
    codes = {index.table.title(r) for r in index.entry_rows(longest.entry)}
    assert title in codes


def _oracle(stream: Stream, found: Clauses, index: TermIndex, bags: list[int]) -> set[int]:
    """Bags whose words all stand in one clause, by comparing every bag with every clause."""
    out = set()
    for start in found.starts:
        low, high = found.span(start)
        words = set(found.ids[low:high].tolist())
        out |= {b for b in bags if set(index.entry_words(b)) <= words}
    return out


SENTENCES = [
    "There is osteoarthritis of the right hip and of the knee.",
    "Fracture, distal radius, left, closed, after a fall.",
    "Infection of the urinary tract; stones in the kidney.",
    "Chronic systolic heart failure with anemia.",
    "Severe persistent asthma with acute exacerbation.",
]


@pytest.mark.parametrize("text", SENTENCES)
def test_the_bag_matcher_agrees_with_an_exhaustive_search(index: TermIndex, text: str) -> None:
    stream, found = _stream(index, text)
    got = {h.entry for h in bag_hits(stream, found, index)}
    expected = _oracle(stream, found, index, list(range(index.bags)))
    # Complete in short clauses: every bag the oracle finds, unless its words stand too far apart.
    assert len(stream.atoms) <= REACH + 3
    assert got <= expected
    missed = expected - got
    assert all(_spread(index, found, b) for b in missed), [index.entry_words(b) for b in missed]


def _spread(index: TermIndex, found: Clauses, bag: int) -> bool:
    """Whether the words of a bag stand apart by more foreign words than the matcher allows."""
    words = index.entry_words(bag)
    ids = found.ids.tolist()
    spots = sorted(ids.index(w) for w in words)
    return spots[-1] - spots[0] + 1 - len(spots) >= 2


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_word_order_does_not_matter_to_bags(index: TermIndex, seed: int) -> None:
    words = ["sprain", "of", "the", "ankle"]
    random.Random(seed).shuffle(words)
    stream, found = _stream(index, " ".join(words))
    bags = {tuple(index.words[w] for w in index.entry_words(h.entry)) for h in bag_hits(stream, found, index)}
    assert ("ankle", "sprain") in bags


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        # a shared head is distributed over both sites
        ("Osteoarthritis of hip and knee", {("hip", "osteoarthritis"), ("knee", "osteoarthritis")}),
        # the larger entry wins over its parts
        ("chronic systolic heart failure", {("chronic", "failure", "heart", "systolic")}),
    ],
)
def test_select(index: TermIndex, text: str, chosen: set[tuple[str, ...]]) -> None:
    stream, found = _stream(index, text)
    hits = select(
        [*sequence_hits(stream, found, index), *bag_hits(stream, found, index)], stream, found, index
    )
    outer = [h for h in hits if h.within < 0]
    assert {tuple(sorted(index.words[w] for w in index.entry_words(h.entry))) for h in outer} == chosen


def test_nothing_reaches_over_a_sentence(index: TermIndex) -> None:
    stream, found = _stream(index, "He has pain. Knee is normal.")
    spans = {h.positions for h in bag_hits(stream, found, index)}
    sentences = stream.sentence
    assert all(len({sentences[p] for p in positions}) == 1 for positions in spans)
