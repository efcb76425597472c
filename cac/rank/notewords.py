"""The words of a note against the titles of all codes: which share of each title the note has.

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
from cac.types import Mention, NotCoded, Note, Span

__all__ = ["NO_WORDS", "NoteWords", "note_words", "of_category", "title_shares", "written"]

_DENIED = frozenset("negated family other_person hypothetical planned".split())
_QUALITY = 0.3
"""Match quality of words that stand apart: the least of all."""

_MOST = 200
"""Codes of a category that are looked at one by one."""


@dataclass(frozen=True, slots=True)
class NoteWords:
    """Words that titles know, each with the token where the note first says it and does not deny it.

    ``kept_back`` are codes whose own words were recognised and got none, ``denied`` those of them that
    the patient does not have.
    """

    places: dict[int, int] = field(repr=False)
    kept_back: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()


NO_WORDS = NoteWords({})


def note_words(note: Note, ledger: Iterable[NotCoded], index: TermIndex) -> NoteWords:
    """The words of a note, each read by itself; those of denied mentions do not count."""
    tokens = note.tokens
    denied: set[int] = set()
    kept_back: set[str] = set()
    denied_codes: set[str] = set()
    for line in ledger:
        kept_back.update(line.codes)
        if line.reason in _DENIED:
            denied_codes.update(line.codes)
            first = bisect_left(tokens.starts, line.start)
            denied.update(range(first, bisect_left(tokens.starts, line.end)))
    first_at: dict[str, int] = {}
    lower = tokens.lower
    # Headers are no sentences: what they say is not said of the patient.
    for s in note.sentences:
        for i in range(s.first_token, s.last_token):
            if lower[i] not in first_at and i not in denied:
                first_at[lower[i]] = i
    ids, places = index.ids, {}
    for word, i in first_at.items():
        for atom in index.canon.word(word):
            number = ids.get(atom, 0)
            if number and number not in places:
                places[number] = i
    return NoteWords(places, frozenset(kept_back), frozenset(denied_codes))


def written(note: Note, row: int, words: NoteWords, index: TermIndex) -> Mention:
    """A mention of a code whose words stand apart from each other."""
    tokens = note.tokens
    at = sorted({words.places[w] for w in index.needs(row)})
    spans = tuple(Span(tokens.starts[i], tokens.ends[i]) for i in at)
    sentence = next(n for n, s in enumerate(note.sentences) if s.first_token <= at[0] < s.last_token)
    return Mention(
        spans=spans,
        codes=(index.table.codes[row],),
        method="bag",
        quality=_QUALITY,
        sentence=sentence,
        section=note.sections[note.sentences[sentence].section].kind,
    )


@dataclass(frozen=True, slots=True)
class _Titles:
    """The billable rows each word stands in (``rows`` by ``pointers``), and how many words a row has."""

    rows: NDArray[np.int64]
    pointers: list[int]
    sizes: NDArray[np.int64]
    near: dict[int, NDArray[np.int64]]


_titles: WeakKeyDictionary[TermIndex, _Titles] = WeakKeyDictionary()


def title_shares(words: NoteWords, index: TermIndex) -> NDArray[np.float64]:
    """By row, the share of the words of its title that the note has; 0 for rows that are not billable."""
    titles = _of(index)
    pointers = titles.pointers
    found = [titles.rows[pointers[w] : pointers[w + 1]] for w in words.places]
    if not found:
        return np.zeros(len(titles.sizes))
    counts = np.bincount(np.concatenate(found), minlength=len(titles.sizes))
    shares: NDArray[np.float64] = counts / titles.sizes
    return shares


def of_category(category: int, index: TermIndex) -> NDArray[np.int64]:
    """The billable rows of a category, without the later encounters; none of the largest categories."""
    near = _of(index).near
    found = near.get(category)
    if found is None:
        rows = [r for r in index.table.leaves(category) if _initial(index.table.codes[r])]
        found = near[category] = np.array(rows if len(rows) <= _MOST else [], dtype=np.int64)
    return found


def _of(index: TermIndex) -> _Titles:
    titles = _titles.get(index)
    if titles is None:
        words = index.arrays["need_words"].astype(np.int64)
        sizes = np.diff(index.arrays["need_words_ptr"].astype(np.int64))
        rows = np.repeat(np.arange(len(sizes)), sizes)
        plain = np.array(
            [index.billable(r) and _initial(code) for r, code in enumerate(index.table.codes)], dtype=bool
        )
        kept = plain[rows]
        words, rows = words[kept], rows[kept]
        order = np.argsort(words, kind="stable")
        often = np.bincount(words, minlength=len(index.words))
        pointers = [0, *np.cumsum(often).tolist()]
        titles = _titles[index] = _Titles(rows[order], pointers, np.maximum(sizes, 1), {})
    return titles


def _initial(code: str) -> bool:
    """Whether a code is not that of a later encounter."""
    return len(code) < 8 or code[-1] == "A"
