"""Finding entries of the index in a note: word for word, and as bags of words within a clause.

Both matchers work on arrays for the whole note at once and touch Python objects only for the few
positions that survive, so that their cost hardly depends on the size of the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cac.match.build import BITMAP_BITS, PRIME, SOURCES
from cac.match.canon import DUE_GAP, Stream
from cac.match.index import TermIndex
from cac.match.words import BARRIER_WORDS

__all__ = ["Clauses", "Hit", "bag_hits", "clauses", "select", "sequence_hits"]

REACH = 9
"""How many canonical words apart the two rarest words of a bag may stand."""

_SIDES = frozenset(("right", "left", "bilateral"))
_TITLE = SOURCES.index("title")
_P = np.uint64(PRIME)
_ONE = np.uint64(1)


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found at some positions of the stream; ``gap`` counts foreign words in between.

    ``within`` is the larger entry that owns all of its words ("urinary retention" within "BPH with
    urinary retention"), or -1.
    """

    entry: int
    positions: tuple[int, ...]
    gap: int
    exact: bool
    within: int = -1

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

    def span(self, position: int) -> tuple[int, int]:
        """The half-open range of positions in the same clause."""
        n = int(self.number[position])
        end = self.starts[n + 1] if n + 1 < len(self.starts) else len(self.ids)
        return self.starts[n], end


def clauses(stream: Stream, index: TermIndex) -> Clauses:
    """Number the words of a stream and cut it into clauses."""
    get = index.ids.get
    ids = [get(a, 0) for a in stream.atoms]
    starts: list[int] = []
    number: list[int] = []
    last = -1
    for i, (atom, sentence) in enumerate(zip(stream.atoms, stream.sentence, strict=True)):
        if sentence != last or atom in BARRIER_WORDS:
            starts.append(i)
            last = sentence
        number.append(len(starts) - 1)
    return Clauses(np.array(ids, np.int64), ids, np.array(number, np.int32), starts)


def sequence_hits(stream: Stream, found: Clauses, index: TermIndex) -> list[Hit]:
    """Entries that stand in the note word for word."""
    n = len(found.ids)
    if n == 0:
        return []
    keys, entries = index.arrays["prefix_hash"], index.arrays["prefix_entry"]
    sentence = np.array(stream.sentence, np.int32)
    words = found.ids.astype(np.uint64) + _ONE
    at = np.flatnonzero(found.ids)
    h = np.zeros(len(at), np.uint64)
    out: list[Hit] = []
    length = 0
    while len(at):
        inside = at + length < n
        at, h = at[inside], h[inside]
        here = at + length
        same = (sentence[here] == sentence[at]) & (found.ids[here] != 0)
        at, h, here = at[same], h[same], here[same]
        if not len(at):
            break
        h = h * _P + words[here]
        slot = np.searchsorted(keys, h)
        slot[slot == len(keys)] = 0
        hit = keys[slot] == h
        at, h, slot = at[hit], h[hit], slot[hit]
        length += 1
        entry = entries[slot]
        for k in np.flatnonzero(entry >= 0).tolist():
            start = int(at[k])
            # "Due to" keeps two conditions apart, but a row that names both in one breath knows the pair.
            gap = sum(c for c in stream.comma[start + 1 : start + length] if c != DUE_GAP)
            out.append(Hit(int(entry[k]), tuple(range(start, start + length)), gap, True))
    return out


def bag_hits(stream: Stream, found: Clauses, index: TermIndex) -> list[Hit]:
    """Entries all of whose words stand near each other in one clause, in any order."""
    a = index.arrays
    member = np.flatnonzero(a["bag_member"][found.ids])
    if len(member) < 2:
        return []
    ids = found.ids[member]
    number = found.number[member]
    # Every pair of members at most REACH members apart, at once: rows are left words, columns steps.
    n = len(member)
    first = np.repeat(np.arange(n), REACH)
    second = first + np.tile(np.arange(1, REACH + 1), n)
    inside = second < n
    first, second = first[inside], second[inside]
    near = (number[first] == number[second]) & (member[second] - member[first] <= REACH)
    first, second = first[near], second[near]
    one, other = ids[first], ids[second]
    h = np.minimum(one, other).astype(np.uint64) * _P + np.maximum(one, other).astype(np.uint64)
    slot = h >> np.uint64(64 - BITMAP_BITS)
    bitmap, keys = a["pair_bitmap"], a["pair_hash"]
    maybe = (bitmap[(slot >> np.uint64(3)).astype(np.int64)] >> (slot & np.uint64(7)).astype(np.uint8)) & 1
    kept = np.flatnonzero(maybe)
    if not len(kept):
        return []
    h, left, right = h[kept], member[first[kept]], member[second[kept]]
    low_slot = np.searchsorted(keys, h, "left")
    high_slot = np.searchsorted(keys, h, "right")
    return _verify(stream, found, index, left, right, low_slot, high_slot)


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
    pair_bag, signatures, compact = a["pair_bag"], a["bag_signature"], a["bag_compact"]
    bits = _ONE << ((found.ids.astype(np.uint64) * _P) >> np.uint64(58))
    around = np.bitwise_or.reduceat(bits, found.starts)[found.number] if len(found.starts) else bits
    size = (high - low).astype(np.int64)
    live = np.flatnonzero(size)
    if not len(live):
        return []
    size = size[live]
    which = np.repeat(live, size)
    offset = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    bag = pair_bag[low[which] + offset]
    kept = np.flatnonzero((signatures[bag] & ~around[left[which]]) == 0)
    places: dict[int, dict[int, list[int]]] = {}
    ids = found.words
    out: list[Hit] = []
    for k in kept.tolist():
        i, j = int(left[which[k]]), int(right[which[k]])
        clause = int(found.number[i])
        where = places.get(clause)
        if where is None:
            where = places[clause] = {}
            for p in range(*found.span(i)):
                where.setdefault(ids[p], []).append(p)
        entry = int(bag[k])
        words = index.entry_words(entry)
        positions = _place(words, where, ids, i, j)
        if positions is None:
            continue
        begin, end = positions[0], positions[-1]
        # Sides are bound apart: "of the left hip and the right knee" has them between its words.
        spread = end - begin + 1 - len(positions) - sum(stream.atoms[p] in _SIDES for p in range(begin, end))
        commas = sum(stream.comma[positions[0] + 1 : positions[-1] + 1])
        room = 0 if compact[entry] else 2 + (len(words) > 3) + (len(words) > 6)
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


def select(hits: Sequence[Hit], stream: Stream, found: Clauses, index: TermIndex) -> list[Hit]:
    """The hits that stand: larger and more compact first; each has to explain a new word.

    A word already taken may be shared ("hip and knee osteoarthritis") unless the earlier hit would
    stand without it ("acute kidney injury and heart failure": "acute" stays with the kidney). Entries
    inside a larger one come along, marked ``within``: a combination code may ask for one of them as well.
    """
    ordered = sorted(
        (h for h in hits if not _listed(h, stream, found, index)),
        key=lambda h: (
            h.gap / 2 - len(h.positions),
            h.gap,
            not h.exact,
            -index.entry_source(h.entry),
            h.start,
            h.entry,
        ),
    )
    owner: dict[int, Hit] = {}
    inside: set[int] = set()
    kept: list[Hit] = []
    for hit in ordered:
        new = [p for p in hit.positions if p not in owner]
        if not new:
            outer = owner[hit.start]
            if (
                not hit.gap
                and len(hit.positions) < len(outer.positions)
                and inside.isdisjoint(hit.positions)
                and all(owner[p] is outer for p in hit.positions)
            ):
                inside.update(hit.positions)
                kept.append(replace(hit, within=outer.entry))
            continue
        shared: dict[int, list[int]] = {}
        for p in hit.positions:
            if p in owner:
                shared.setdefault(id(owner[p]), []).append(p)
        if any(_independent(owner[ps[0]], ps, found, index) for ps in shared.values()):
            continue
        # Without "and" or a comma, what follows a whole condition belongs to it ("de Quervain tenosynovitis
        # of the wrist"), and words from both sides of it are no second one.
        if shared and not any(stream.comma[hit.start + 1 : hit.end + 1]):
            last = max(p for ps in shared.values() for p in ps)
            if (new[0] > last or (hit.gap and not hit.exact)) and not _detailed(
                hit, shared, owner, found, index
            ):
                continue
        # The same words once more, one of them from further away, are not a second mention.
        words = {found.words[p] for p in hit.positions}
        if any(words <= {found.words[p] for p in owner[ps[0]].positions} for ps in shared.values()):
            continue
        kept.append(hit)
        for p in new:
            owner[p] = hit
    return sorted(kept, key=lambda h: (h.start, h.end, h.entry))


def _listed(hit: Hit, stream: Stream, found: Clauses, index: TermIndex) -> bool:
    """Whether a hit is a list of conditions, not one: "anxiety and depression", "T2DM, HLD".

    Its parts between commas and "and" are entries of their own. A title word for word is one condition.
    """
    if not hit.gap or (hit.exact and index.entry_source(hit.entry) == _TITLE):
        return False
    groups: list[list[int]] = [[]]
    last = hit.start
    for p in hit.positions:
        if p > last and any(stream.comma[last + 1 : p + 1]):
            groups.append([])
        groups[-1].append(found.words[p])
        last = p
    return len(groups) > 1 and all(index.has_bag(set(g)) for g in groups)


def _detailed(
    hit: Hit, shared: dict[int, list[int]], owner: dict[int, Hit], found: Clauses, index: TermIndex
) -> bool:
    """Whether a hit says more about a part that the code of a larger hit wants beside it.

    "Hypertension with CKD stage 3a": the combination code asks for the stage of the kidney disease.
    """
    if len(shared) != 1 or hit.gap:
        return False
    (ps,) = shared.values()
    return index.asks_for_more(owner[ps[0]].entry) and index.has_bag({found.words[p] for p in ps})


def _independent(taken: Hit, shared: Sequence[int], found: Clauses, index: TermIndex) -> bool:
    """Whether the hit that took the shared words first would still be an entry without them.

    Shared words that are a condition of their own may serve twice: "anemia in CKD stage 4" is the
    anemia and the kidney disease with its stage.
    """
    rest = {found.words[p] for p in taken.positions if p not in shared}
    return not rest or (index.has_bag(rest) and not index.has_bag({found.words[p] for p in shared}))
