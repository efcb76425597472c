"""The public conformance check for matchers: ours pass, and every fault is caught by its own check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.match.index import TermIndex
from cac.match.matchers import Hit, Reading
from cac.match.protocol import MatchText
from cac.match.standard import SEQUENCE
from cac.registry import MATCHERS, STANDARD_MATCHERS
from cac.testing import MATCHER_NOTES, check_matcher


@pytest.mark.parametrize("name", STANDARD_MATCHERS)
def test_the_matchers_of_the_package_conform(index: TermIndex, name: str) -> None:
    check_matcher(MATCHERS.get(name), index)


_WORDS = (
    "no without but assessment: plan: left right hip knee fracture hypertension hypotyroidism hyper tension "
    "heartfailure ileom type 2 diabetes stage 3 ckd , . ; \n - 1. (acute) chronic kidney disease ecorpion"
).split(" ")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(_WORDS) | st.text(max_size=6), max_size=25))
def test_they_conform_on_any_text(index: TermIndex, words: list[str]) -> None:
    note = "Assessment: " + " ".join(words).replace("\x00", "")
    for name in STANDARD_MATCHERS:
        check_matcher(MATCHERS.get(name), index, (note,))


Change = Callable[[list[Hit], MatchText, TermIndex], list[Hit]]


@dataclass
class Toy:
    """A good matcher whose hits are spoilt in one way."""

    change: Change
    name: str = "toy"

    def hits(self, text: MatchText, index: TermIndex, found: Sequence[Hit]) -> list[Hit]:
        return self.change(SEQUENCE.hits(text, index, found), text, index)


def _outside(hits: list[Hit], text: MatchText, index: TermIndex) -> list[Hit]:
    return [replace(h, positions=(*h.positions, len(text.stream.atoms))) for h in hits]


def _no_such_entry(hits: list[Hit], text: MatchText, index: TermIndex) -> list[Hit]:
    return [replace(h, entry=10**9) for h in hits]


def _unsorted(hits: list[Hit], text: MatchText, index: TermIndex) -> list[Hit]:
    return hits[::-1]


def _over_sentences(hits: list[Hit], text: MatchText, index: TermIndex) -> list[Hit]:
    sentence = text.stream.sentence
    apart = [i for i in range(1, len(sentence)) if sentence[i] != sentence[i - 1]]
    return [Hit(0, (i - 1, i), 0, False) for i in apart]


def _over_barriers(hits: list[Hit], text: MatchText, index: TermIndex) -> list[Hit]:
    sentence, number = text.stream.sentence, text.clauses.number.tolist()
    apart = [
        i
        for i in range(1, len(sentence) - 1)
        if sentence[i - 1] == sentence[i + 1] and number[i] != number[i - 1]
    ]
    return [Hit(0, (i - 1, i + 1), 1, False) for i in apart]


def _other_words(hits: list[Hit], text: MatchText, index: TermIndex) -> list[Hit]:
    return [replace(h, entry=0) for h in hits]


def _reads(read_as: str, written: str, distance: int) -> Change:
    """Reads one word of the note as another."""

    def change(hits: list[Hit], text: MatchText, index: TermIndex) -> list[Hit]:
        bags = [e for e in range(index.bags) if {index.words[w] for w in index.entry_words(e)} == {read_as}]
        singles = range(index.bags, int(index.arrays["counts"][1]))
        bags += [e for e in singles if index.entry_words(e) == [index.ids[read_as]]][:1]
        return [
            Hit(bags[0], (p,), 0, False, edits=(Reading((p,), (read_as,), distance),))
            for p, atom in enumerate(text.stream.atoms)
            if atom == written
        ]

    return change


class _Changing:
    """Gives other hits every second time."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, hits: list[Hit], text: MatchText, index: TermIndex) -> list[Hit]:
        self.calls += 1
        return hits if self.calls % 2 else []


def _writes(hits: list[Hit], text: MatchText, index: TermIndex) -> list[Hit]:
    if text.stream.atoms:
        text.stream.atoms[0] = "written over"
    return []


def _always(hits: list[Hit], text: MatchText, index: TermIndex) -> list[Hit]:
    return hits or [Hit(0, (0,), 0, True)]


def _tuple(hits: list[Hit], text: MatchText, index: TermIndex) -> list[Hit]:
    return tuple(hits) if text.stream.atoms else []  # type: ignore[return-value]


BAD: list[tuple[str, Change]] = [
    ("offsets", _outside),
    ("offsets", _no_such_entry),
    ("sorted", _unsorted),
    ("sentence", _over_sentences),
    ("barrier", _over_barriers),
    ("words", _other_words),
    ("guards", _reads("hypertension", "no", 1)),  # a short word
    ("guards", _reads("hypothyroidism", "hypertension", 9)),  # nearer to its opposite
    ("guards", _reads("hypertension", "hypertension", 0)),  # an edit that is none
    ("deterministic", _Changing()),
    ("mutation", _writes),
    ("empty", _always),
    ("type", _tuple),
]


@pytest.mark.parametrize(("check", "change"), BAD, ids=[f"{n}-{c}" for n, (c, _) in enumerate(BAD)])
def test_every_fault_is_caught_by_its_check(index: TermIndex, check: str, change: Change) -> None:
    notes = (*MATCHER_NOTES, "Assessment: hypertension, no fever.")
    with pytest.raises(AssertionError, match=rf"\b{check}: "):
        check_matcher(Toy(change), index, notes)


def test_a_matcher_without_a_name(index: TermIndex) -> None:
    with pytest.raises(AssertionError, match="name: a matcher has a name"):
        check_matcher(Toy(lambda hits, text, i: hits, name=""), index)


def test_faults_name_notes_by_number_and_never_quote_them(index: TermIndex) -> None:
    secret = "Assessment: gout of Zacharias Unmentionable."
    with pytest.raises(AssertionError) as caught:
        check_matcher(Toy(_other_words), index, (secret,))
    assert "note 0" in str(caught.value)
    assert "Zacharias" not in str(caught.value)
