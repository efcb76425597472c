"""Finding entries of the index in a note: word for word, and as bags of words within a clause.

Both matchers work on arrays for the whole note at once and touch Python objects only for the few
positions that survive, so that their cost hardly depends on the size of the index.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from cac.match.arrays import PRIME, pair_slots
from cac.match.canon import DUE_GAP, Stream
from cac.match.index import TermIndex
from cac.match.words import BARRIER_WORDS
from cac.types.records import fast_init

__all__ = ["Clauses", "Hit", "Reading", "bag_hits", "clauses", "sequence_hits"]

REACH = 9
"""How many canonical words apart the two rarest words of a bag may stand."""

_SIDES = frozenset(("right", "left", "bilateral"))
_P = np.uint64(PRIME)
_ONE = np.uint64(1)
_BEYOND = np.full(REACH, REACH + 1)


def _steps(n: int) -> NDArray[np.int64]:
    """For each of ``n`` words the numbers of the ``REACH`` that follow it."""
    return np.arange(n)[:, None] + np.arange(1, REACH + 1)


_STEPS = _steps(1024)
"""As many as most notes need."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Words at some positions that a matcher read as others, and how many edits away they are."""

    positions: tuple[int, ...]
    read_as: tuple[str, ...] = field(repr=False)
    distance: int


@fast_init
@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found at some positions of the stream; ``gap`` counts foreign words in between.

    ``within`` is the larger entry that owns all of its words ("urinary retention" within "BPH with
    urinary retention"), or -1. ``edits`` are words the matcher read as others.
    """

    entry: int
    positions: tuple[int, ...]
    gap: int
    exact: bool
    within: int = -1
    edits: tuple[Reading, ...] = ()

    @property
    def start(self) -> int:
        return self.positions[0]

    @property
    def end(self) -> int:
        return self.positions[-1]


@dataclass(frozen=True, slots=True)
class Clauses:
    """The stream as word numbers (``ids`` and, for loops, ``words``), with the clause of each position.

    A clause ends with its sentence and at barrier words ("no", "but", "without").
    """

    ids: NDArray[np.int64] = field(repr=False)
    words: list[int] = field(repr=False)
    number: NDArray[np.int32] = field(repr=False)
    starts: list[int]
    owned: dict[int, tuple[int, int, str]] = field(default_factory=dict, repr=False, compare=False)
    """Position → first and last position and a code of the condition it is a word of; by `select`."""

    def span(self, position: int) -> tuple[int, int]:
        """The half-open range of positions in the same clause."""
        n = bisect_right(self.starts, position)
        return self.starts[n - 1], self.starts[n] if n < len(self.starts) else len(self.words)


def clauses(stream: Stream, index: TermIndex) -> Clauses:
    """Number the words of a stream and cut it into clauses."""
    words = list(map(index.ids.get, stream.atoms, repeat(0)))
    sentence = stream.sentence
    starts = [
        i
        for i, (atom, here, before) in enumerate(
            zip(stream.atoms, sentence, [-1, *sentence][: len(sentence)], strict=True)
        )
        if here != before or atom in BARRIER_WORDS
    ]
    sizes = [end - start for start, end in pairwise([*starts, len(words)])]
    return Clauses(np.array(words, np.int64), words, np.arange(len(starts)).repeat(sizes), starts)


def sequence_hits(stream: Stream, found: Clauses, index: TermIndex) -> list[Hit]:
    """Entries that stand in the note word for word."""
    n = len(found.ids)
    if n == 0:
        return []
    keys, entries = index.arrays["prefix_hash"], index.arrays["prefix_entry"]
    # No entry reaches over the edge of a sentence or an unknown word.
    sentence = np.array(stream.sentence, np.int32)
    edge = found.ids == 0
    edge[1:] |= sentence[1:] != sentence[:-1]
    edges = np.concatenate((edge.nonzero()[0], [n]))
    # Where one word alone stands among the prefixes is known beforehand.
    slot = index.first_slots[found.ids]
    at = (slot >= 0).nonzero()[0]
    slot = slot[at]
    stop = edges[edges.searchsorted(at, "right")]
    words = found.ids.astype(np.uint64) + _ONE
    h = words[at]
    out: list[Hit] = []
    length = 1
    while len(at):
        entry = entries[slot]
        whole = (entry >= 0).nonzero()[0]
        for start, number in zip(at[whole].tolist(), entry[whole].tolist(), strict=True):
            # "Due to" keeps two conditions apart, but a row that names both in one breath knows the pair.
            gap = sum(c for c in stream.comma[start + 1 : start + length] if c != DUE_GAP)
            out.append(Hit(number, tuple(range(start, start + length)), gap, True))
        inside = (at + length < stop).nonzero()[0]
        at = at[inside]
        h = h[inside] * _P + words[at + length]
        slot = keys.searchsorted(h)
        hit = (keys.take(slot, mode="clip") == h).nonzero()[0]
        at, h, slot, stop = at[hit], h[hit], slot[hit], stop[inside[hit]]
        length += 1
    return out


def bag_hits(stream: Stream, found: Clauses, index: TermIndex) -> list[Hit]:
    """Entries all of whose words stand near each other in one clause, in any order."""
    a = index.arrays
    member = a["bag_member"][found.ids].nonzero()[0]
    if len(member) < 2:
        return []
    ids = found.ids[member]
    # Every pair of members at most REACH words apart in a clause, at once: rows are left words, columns
    # steps. Clauses are set further apart than that, and so is what is past the end.
    spread = member + (REACH + 1) * found.number[member]
    beyond = np.concatenate((spread, _BEYOND + spread[-1]))
    steps = _STEPS[: len(member)] if len(member) <= len(_STEPS) else _steps(len(member))
    pair = np.flatnonzero(beyond[steps] - spread[:, None] <= REACH)
    first = pair // REACH
    second = steps.ravel()[pair]
    one, other = ids[first], ids[second]
    h = np.minimum(one, other).astype(np.uint64) * _P + np.maximum(one, other).astype(np.uint64)
    slot = pair_slots(h)
    bitmap, keys = a["pair_bitmap"], a["pair_hash"]
    maybe = (bitmap[(slot >> np.uint64(3)).astype(np.int64)] >> (slot & np.uint64(7)).astype(np.uint8)) & 1
    kept = np.flatnonzero(maybe)
    if not len(kept):
        return []
    h, left, right = h[kept], member[first[kept]], member[second[kept]]
    low = keys.searchsorted(h, "left")
    known = (keys.take(low, mode="clip") == h).nonzero()[0]
    if not len(known):
        return []
    high = keys.searchsorted(h[known], "right")
    return _verify(stream, found, index, left[known], right[known], low[known], high)


def _verify(
    stream: Stream,
    found: Clauses,
    index: TermIndex,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
) -> list[Hit]:
    """Check every entry behind a surviving pair against the words of the clause."""
    a = index.arrays
    pair_bag, signatures = a["pair_bag"], a["bag_signature"]
    bits = index.word_bits[found.ids]
    around = np.bitwise_or.reduceat(bits, found.starts)[found.number]
    size = high - low
    which = np.repeat(np.arange(len(size)), size)
    offset = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    bag = pair_bag[low[which] + offset]
    kept = np.flatnonzero((signatures[bag] & ~around[left[which]]) == 0)
    pairs = which[kept]
    places: dict[int, dict[int, list[int]]] = {}
    ids = found.words
    out: list[Hit] = []
    for i, j, entry in zip(left[pairs].tolist(), right[pairs].tolist(), bag[kept].tolist(), strict=True):
        begin, stop = found.span(i)
        where = places.get(begin)
        if where is None:
            where = places[begin] = {}
            for p in range(begin, stop):
                where.setdefault(ids[p], []).append(p)
        words = index.entry_words(entry)
        positions = _place(words, where, ids, i, j)
        if positions is None:
            continue
        begin, end = positions[0], positions[-1]
        # Sides are bound apart: "of the left hip and the right knee" has them between its words.
        spread = end - begin + 1 - len(positions) - sum(stream.atoms[p] in _SIDES for p in range(begin, end))
        commas = sum(stream.comma[begin + 1 : end + 1])
        room = 0 if index.compact(entry) else 2 + (len(words) > 3) + (len(words) > 6)
        if spread + commas <= room:
            out.append(Hit(entry, positions, spread + commas, False))
    return out


def _place(
    words: Sequence[int], where: dict[int, list[int]], ids: Sequence[int], i: int, j: int
) -> tuple[int, ...] | None:
    """Positions of the words of a bag, each the nearest to the pair at ``i`` and ``j``."""
    chosen = {i, j}
    pair = {ids[i], ids[j]}
    for w in words:
        if w in pair:
            continue
        spots = where.get(w)
        if not spots:
            return None
        chosen.add(min(spots, key=lambda p: (max(i - p, p - j, 0), p)))
    return tuple(sorted(chosen)) if len(chosen) == len(words) else None
