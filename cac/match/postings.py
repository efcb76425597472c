"""Posting lists of the compiled index: trigram → words as they are spelled, canonical word → entries.

They block the alignment matcher: of a hundred thousand entries only those are looked at that hold a word
which shares letters with one nobody knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cac.codes.store import Array

__all__ = ["SHORTEST", "near_words", "posting_arrays", "postings_of", "trigrams"]

SHORTEST = 5
"""Words of four letters or fewer are matched exactly: they are never read as another."""

_SHIFT = 21
"""Bits of a code point."""

_BROKEN = 4
"""How many trigrams one edit can break: a swap of neighbours touches four."""


def trigrams(word: str) -> list[int]:
    """The distinct trigrams of a word with its ends marked, as numbers, ascending.

    Examples
    --------
    >>> len(trigrams("gouty")), len(set(trigrams("gouty")) & set(trigrams("gouti")))
    (5, 3)
    """
    marks = [0, *map(ord, word), 0]
    return sorted({(a << 2 * _SHIFT) | (b << _SHIFT) | c for a, b, c in _triples(marks)})


def _triples(marks: list[int]) -> Iterator[tuple[int, int, int]]:
    return zip(marks, marks[1:], marks[2:], strict=False)


def posting_arrays(
    spelled: Sequence[tuple[str, int]], entry_words: NDArray[np.int32], pointers: NDArray[np.int32]
) -> dict[str, Array]:
    """The arrays of both lists.

    ``spelled`` are words and how often they are written, numbered from 0: nobody means those with none.
    Entries are ragged rows of canonical word numbers.
    """
    lists: dict[int, list[int]] = defaultdict(list)
    for number, (word, often) in enumerate(spelled):
        if often and len(word) >= SHORTEST and word.isalpha():
            for gram in trigrams(word):
                lists[gram].append(number)
    keys = sorted(lists)
    starts = np.cumsum([0, *(len(lists[k]) for k in keys)])
    sizes = np.diff(pointers)
    order = np.argsort(entry_words, kind="stable")
    entries_of = np.bincount(entry_words)
    return {
        "gram": np.array(keys, np.uint64),
        "gram_ptr": starts.astype(np.int32),
        "gram_word": np.array([n for k in keys for n in lists[k]], np.int32),
        "spelled_length": np.array([min(255, len(word)) for word, _ in spelled], np.uint8),
        "posting_ptr": np.concatenate(([0], np.cumsum(entries_of))).astype(np.int32),
        "posting_entry": np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[order],
    }


def near_words(word: str, edits: int, arrays: Mapping[str, Array]) -> list[int]:
    """The numbers of spelled words that may be within ``edits`` of a word, ascending.

    None is missing that shares a trigram with it: ``edits`` break at most four trigrams each.
    """
    grams = trigrams(word)
    keys = arrays["gram"]
    at = np.searchsorted(keys, np.array(grams, np.uint64))
    at[at == len(keys)] = 0
    at = at[keys[at] == np.array(grams, np.uint64)]
    pointers, members = arrays["gram_ptr"], arrays["gram_word"]
    lists = [members[pointers[a] : pointers[a + 1]] for a in at.tolist()]
    if not lists:
        return []
    found, shared = np.unique(np.concatenate(lists), return_counts=True)
    lengths = arrays["spelled_length"][found].astype(np.int64)
    enough = shared >= max(1, len(grams) - _BROKEN * edits)
    numbers: list[int] = found[enough & (np.abs(lengths - len(word)) <= edits)].tolist()
    return numbers


def postings_of(word: int, arrays: Mapping[str, Array]) -> NDArray[np.int32]:
    """The entries that hold a word."""
    pointers = arrays["posting_ptr"]
    found: NDArray[np.int32] = arrays["posting_entry"][pointers[word] : pointers[word + 1]]
    return found
