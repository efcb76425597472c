"""The words of a note against titles and terms of all codes: what it says in pieces.

A condition and its site may stand in different sentences ("The CT shows a mass. It lies in the left
kidney."). That is too little for a suggestion, and enough to rank the codes that come close.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from cac.match.index import TermIndex
from cac.match.resolve import UNSPECIFIED
from cac.types import Mention, NotCoded, Note, Span

__all__ = [
    "NO_WORDS",
    "NoteWords",
    "Pieces",
    "note_words",
    "of_category",
    "plain_leaf",
    "terms",
    "title_shares",
    "written",
]

_DENIED = frozenset("negated family other_person hypothetical planned".split())
_QUALITY = 0.3
"""Match quality of words that stand apart: the least of all."""

_MOST = 200
"""Codes of a category that are looked at one by one."""

_UNSPECIFIED = 2


@dataclass(frozen=True, slots=True)
class NoteWords:
    """Words that titles know: for each, sentence → token where the note says it and does not deny it.

    ``kept_back`` are codes whose own words were recognised and got none, ``denied`` those of them that
    the patient does not have.
    """

    places: dict[int, dict[int, int]] = field(repr=False)
    kept_back: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pieces:
    """A term of which all words stand in the note, at most ``apart`` sentences from the rarest.

    ``words`` are their numbers.
    """

    apart: int
    words: tuple[int, ...]


NO_WORDS = NoteWords({})


def note_words(note: Note, ledger: Iterable[NotCoded], index: TermIndex) -> NoteWords:
    """The words of a note, each read by itself; those of denied mentions do not count."""
    tokens = note.tokens
    lower, starts = tokens.lower, tokens.starts
    skipped: set[int] = set()
    kept_back: set[str] = set()
    denied: set[str] = set()
    for line in ledger:
        kept_back.update(line.codes)
        if line.reason in _DENIED:
            denied.update(line.codes)
            skipped.update(range(bisect_left(starts, line.start), bisect_left(starts, line.end)))
    ids, word, read = index.ids, index.canon.word, dict[str, tuple[int, ...]]()
    places: dict[int, dict[int, int]] = {}
    # Headers are no sentences: what they say is not said of the patient.
    for n, s in enumerate(note.sentences):
        for i in range(s.first_token, s.last_token):
            if i in skipped:
                continue
            numbers = read.get(lower[i])
            if numbers is None:
                numbers = tuple(ids[atom] for atom in word(lower[i]) if atom in ids)
                read[lower[i]] = numbers
            for number in numbers:
                places.setdefault(number, {}).setdefault(n, i)
    return NoteWords(places, frozenset(kept_back), frozenset(denied))


def written(note: Note, code: str, needed: Iterable[int], words: NoteWords) -> Mention:
    """A mention of a code whose words stand apart from each other."""
    tokens = note.tokens
    at: set[int] = set()
    around = _nearest(needed, words)[1]
    for w in needed:
        sentences = words.places[w]
        at.add(sentences[min(sentences, key=lambda s: (abs(s - around), s))])
    spans = tuple(Span(tokens.starts[i], tokens.ends[i]) for i in sorted(at))
    section = note.sections[note.sentences[around].section].kind
    return Mention(spans, (code,), "bag", _QUALITY, sentence=around, section=section)


def title_shares(words: NoteWords, index: TermIndex) -> NDArray[np.float64]:
    """By row, the share of the words of its title that the note has; 0 for rows that are not billable."""
    titles = _of(index)
    shares: NDArray[np.float64] = (
        _counts(words, titles.pointers, titles.rows, len(titles.sizes)) / titles.sizes
    )
    return shares


def terms(words: NoteWords, index: TermIndex) -> dict[int, Pieces]:
    """Row → the closest of its terms that the note has in pieces."""
    titles = _of(index)
    counts = _counts(words, titles.term_pointers, titles.terms, len(titles.term_sizes))
    found: dict[int, Pieces] = {}
    for entry in np.flatnonzero(counts == titles.term_sizes).tolist():
        leaves = titles.leaves.get(entry)
        if leaves is None:
            near = (plain_leaf(row, row, index) for row in index.entry_rows(entry))
            leaves = tuple(r for r in near if r >= 0 and _initial(index.table.codes[r]))
            titles.leaves[entry] = leaves
        if not leaves:
            continue
        needed = tuple(index.entry_words(entry))
        apart = _nearest(needed, words)[0]
        for row in leaves:
            known = found.get(row)
            if known is None or (apart, -len(needed)) < (known.apart, -len(known.words)):
                found[row] = Pieces(apart, needed)
    return found


def of_category(category: int, index: TermIndex) -> NDArray[np.int64]:
    """The billable rows of a category, without the later encounters; none of the largest categories."""
    near = _of(index).near
    found = near.get(category)
    if found is None:
        rows = [r for r in index.table.leaves(category) if _initial(index.table.codes[r])]
        found = near[category] = np.array(rows if len(rows) <= _MOST else [], dtype=np.int64)
    return found


def plain_leaf(row: int, like: int, index: TermIndex) -> int:
    """The billable code that a row means by default, of the same encounter as ``like``; or -1."""
    table = index.table
    while not index.billable(row):
        children = list(table.children(row))
        if not children:
            return -1
        if len(table.codes[children[0]]) == 8:
            last = table.codes[like][-1]
            children = [c for c in children if table.codes[c][-1] == last] or children
        row = next((c for c in children if index.flags(c) & _UNSPECIFIED), children[0])
    # A side the note does not give is no alternative reading of it.
    return -1 if index.side(row) not in (0, UNSPECIFIED, index.side(like)) else row


def _nearest(needed: Iterable[int], words: NoteWords) -> tuple[int, int]:
    """How many sentences apart some words stand, and the sentence they stand around."""
    where = [words.places[w] for w in needed]
    rarest = min(where, key=len)
    return min((max(min(abs(s - t) for t in other) for other in where), s) for s in rarest)


def _counts(words: NoteWords, pointers: list[int], posted: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """How many of the words stand in each of the things posted under them."""
    found = [posted[pointers[w] : pointers[w + 1]] for w in words.places]
    return np.bincount(np.concatenate(found), minlength=size) if found else np.zeros(size, np.int64)


@dataclass(frozen=True, slots=True)
class _Titles:
    """The index turned round: what each word stands in.

    ``rows`` by ``pointers`` are billable rows, ``sizes`` how many words a row has; ``terms`` by
    ``term_pointers`` entries of at least two words, ``term_sizes`` how many (-1 for others).
    """

    rows: NDArray[np.int64]
    pointers: list[int]
    sizes: NDArray[np.int64]
    terms: NDArray[np.int64]
    term_pointers: list[int]
    term_sizes: NDArray[np.int64]
    leaves: dict[int, tuple[int, ...]]
    near: dict[int, NDArray[np.int64]]


_titles: WeakKeyDictionary[TermIndex, _Titles] = WeakKeyDictionary()


def _of(index: TermIndex) -> _Titles:
    titles = _titles.get(index)
    if titles is None:
        codes, n = index.table.codes, len(index.words)
        plain = np.array([index.billable(r) and _initial(c) for r, c in enumerate(codes)], dtype=bool)
        rows, pointers, sizes = _turned(index, "need_words", plain, n)
        several = np.diff(index.arrays["entry_words_ptr"]) > 1
        entries, entry_pointers, entry_sizes = _turned(index, "entry_words", several, n)
        titles = _titles[index] = _Titles(
            rows,
            pointers,
            np.maximum(sizes, 1),
            entries,
            entry_pointers,
            np.where(several, entry_sizes, -1),
            {},
            {},
        )
    return titles


def _turned(
    index: TermIndex, name: str, kept: NDArray[np.bool_], n: int
) -> tuple[NDArray[np.int64], list[int], NDArray[np.int64]]:
    """What each word stands in (of what is kept), where its part begins, and how many words all have."""
    words = index.arrays[name].astype(np.int64)
    sizes = np.diff(index.arrays[f"{name}_ptr"].astype(np.int64))
    numbers = np.repeat(np.arange(len(sizes)), sizes)
    mine = kept[numbers]
    words, numbers = words[mine], numbers[mine]
    order = np.argsort(words, kind="stable")
    return numbers[order], [0, *np.cumsum(np.bincount(words, minlength=n)).tolist()], sizes


def _initial(code: str) -> bool:
    """Whether a code is not that of a later encounter."""
    return len(code) < 8 or code[-1] == "A"
