"""The alignment matcher: what it reads, what it leaves, and its agreement with an exhaustive search."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.coder import Coder
from cac.config import Config
from cac.extract.mentions import find_mentions
from cac.match.alignment import ALIGNMENT, SECTIONS, AlignmentMatcher
from cac.match.index import TermIndex
from cac.match.matchers import Hit, clauses
from cac.match.postings import near_words, postings_of, trigrams
from cac.match.protocol import MatchText
from cac.match.standard import BAG, SEQUENCE
from cac.text.reader import read


def _view(index: TermIndex, text: str) -> tuple[MatchText, list[Hit]]:
    note = read(text)
    stream = index.canon.stream(note)
    view = MatchText(note, stream, clauses(stream, index))
    return view, [*SEQUENCE.hits(view, index, []), *BAG.hits(view, index, [])]


def _aligned(index: TermIndex, text: str, matcher: AlignmentMatcher = ALIGNMENT) -> list[Hit]:
    view, found = _view(index, text)
    return matcher.hits(view, index, found)


@pytest.mark.parametrize(
    ("phrase", "code", "words", "read_as"),
    [
        # spelling repair alone takes the nearer "scorpion"; only "ectropion" makes an entry here
        ("mechanical ecorpion of right upper eyelid", "H02.121", "ecorpion", "ectropion"),
        # written apart (what was written together is parted before: see ``match.canon``)
        ("hyper tension", "I10", "hyper tension", "hypertension"),
        ("osteitis condens ans of the right shoulder", "M85.311", "condens ans", "condensan"),
    ],
)
def test_the_phrase_decides(index: TermIndex, phrase: str, code: str, words: str, read_as: str) -> None:
    text = f"Assessment: {phrase}."
    (mention,) = [m for m in find_mentions(read(text), index) if m.method == "aligned"]
    assert mention.codes == (code,)
    (edit,) = [e for e in mention.edits if e.read_as == read_as]
    assert text[edit.start : edit.end] == words
    # the further away, the less sure
    assert mention.quality < 1.0 - 0.04 * edit.distance


@pytest.mark.parametrize(
    "text",
    [
        "HPI: hyper tension for years.",  # narrative is left alone
        "Assessment: congestive heart failure.",  # nothing to repair
        "Assessment: seen by Dr. Ecorpion for the eyelid.",  # a name among words in lower case
        "Assessment: detorsion of the testis",  # another beginning is another word
        "Assessment: cortication; analyzed",  # alone, nothing supports a reading
        "Assessment: " + "stable and well " * 20 + "with hyper tension",  # prose, not the name of a problem
        "",
    ],
)
def test_what_is_left_alone(index: TermIndex, text: str) -> None:
    assert _aligned(index, text) == []


def test_the_sections_exist(index: TermIndex) -> None:
    from cac.resources import read_table

    kinds = read_table("lexicon/section_kinds.csv", ("kind", "title", "assertion", "weight", "note"))
    assert {r["kind"] for r in kinds} >= SECTIONS


def test_it_can_be_left_out() -> None:
    with_it, without = Coder(), Coder(Config(matchers=("sequence", "bag")))
    text = "Assessment: hyper tension."
    assert [s.code for s in with_it.suggest(text)] == ["I10"]
    assert [s.code for s in without.suggest(text)] == []


def _every_word(word: str, edits: int, index: TermIndex) -> Sequence[int]:
    """All words anybody means, without posting lists."""
    weight = index.speller._weight
    return [n for n, w in enumerate(index.spelled) if len(w) >= 5 and w.isalpha() and weight[w]]


class _Holding:
    """All entries with a word, by looking through every one of them once."""

    def __init__(self, index: TermIndex) -> None:
        self.by_word: dict[int, list[int]] = {}
        for entry in range(int(index.arrays["counts"][1])):
            for word in index.entry_words(entry):
                self.by_word.setdefault(word, []).append(entry)

    def __call__(self, word: int, index: TermIndex) -> Sequence[int]:
        return self.by_word.get(word, [])


def _misspelt(index: TermIndex, count: int) -> list[str]:
    """Phrases made from bags of the index, one long word of each with one or two edits."""
    rng = random.Random(3)
    out = []
    while len(out) < count:
        words = [index.words[w] for w in index.entry_words(rng.randrange(index.bags))]
        long = [w for w in words if len(w) >= 8 and w.isalpha()]
        if not long or not all(w.isalpha() for w in words) or len(words) > 5:
            continue
        chosen = rng.choice(long)
        letters = list(chosen)
        for _ in range(rng.choice((1, 2))):
            at = rng.randrange(1, len(letters) - 1)
            kind = rng.randrange(3)
            if kind == 0:
                letters[at] = rng.choice("abcdefghijklmnopqrstuvwxyz")
            elif kind == 1:
                del letters[at]
            else:
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
        out.append(" ".join("".join(letters) if w is chosen else w for w in words))
    return out


def test_blocked_search_agrees_with_an_exhaustive_one(index: TermIndex) -> None:
    """Identical hits, except where no trigram of the word is left (the stated bound): none in this sample."""
    oracle = AlignmentMatcher(near=_every_word, entries=_Holding(index))
    phrases = _misspelt(index, 40)
    found = 0
    for phrase in phrases:
        blocked = _aligned(index, f"Assessment: {phrase}")
        assert blocked == _aligned(index, f"Assessment: {phrase}", oracle), phrase
        found += bool(blocked)
    # Most are read by spelling repair before; the comparison means nothing when none is left.
    assert found >= 3


def test_posting_lists_hold_what_they_say(index: TermIndex) -> None:
    rng = random.Random(8)
    for _ in range(30):
        word = rng.randrange(1, len(index.words))
        entries = postings_of(word, index.arrays).tolist()
        assert all(word in index.entry_words(e) for e in entries)
        assert entries == sorted(entries)
    for word in ("appendicitis", "ectropion", "osteomyelitis"):
        assert word in {index.spelled[n] for n in near_words(word, 0, index.arrays)}


@settings(max_examples=60, deadline=None)
@given(st.text("abcdefghij", min_size=5, max_size=14), st.integers(0, 12), st.sampled_from("abcxyz"))
def test_one_edit_breaks_at_most_four_trigrams(word: str, at: int, letter: str) -> None:
    at %= len(word) - 1
    forms = [
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ]
    for form in forms:
        assert len(set(trigrams(form)) - set(trigrams(word))) <= 4
