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
from cac.match.build import SOURCES
from cac.match.canon import DUE_GAP, Stream
from cac.match.index import TermIndex
from cac.match.words import BARRIER_WORDS
from cac.types.records import fast_init

__all__ = ["Clauses", "Hit", "Reading", "bag_hits", "clauses", "foreign_acuity", "select", "sequence_hits"]

REACH = 9
"""How many canonical words apart the two rarest words of a bag may stand."""

_SIDES = frozenset(("right", "left", "bilateral"))
_ACUITY = frozenset(("acute", "chronic", "subacute", "recurrent"))
_TITLE = SOURCES.index("title")
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


def select(hits: Sequence[Hit], stream: Stream, found: Clauses, index: TermIndex) -> list[Hit]:
    """The hits that stand: larger and more compact first; each has to explain a new word.

    A word already taken may be shared ("hip and knee osteoarthritis") unless the earlier hit would
    stand without it ("acute kidney injury and heart failure": "acute" stays with the kidney). Entries
    inside a larger one come along, marked ``within``: a combination code may ask for one of them as well.
    """
    solid = [h for h in hits if h.exact and not h.gap and len(h.positions) > 1]
    ordered = sorted(
        (
            h
            for h in hits
            if not (_listed(h, stream, found, index) or _borrowed(h, stream) or _astride(h, solid, stream))
        ),
        key=lambda h: (
            h.gap / 2 - len(h.positions),
            h.gap,
            len(h.edits),
            not h.exact,
            -index.entry_source(h.entry),
            h.positions[0],
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
                # A shorter wording of the same code is no part of it, and hides none that is.
                and tuple(index.entry_rows(hit.entry)) != tuple(index.entry_rows(outer.entry))
            ):
                inside.update(hit.positions)
                kept.append(Hit(hit.entry, hit.positions, hit.gap, hit.exact, outer.entry))
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
    for h in kept:
        if h.within < 0:
            mine = h.start, h.end, index.table.codes[index.entry_rows(h.entry)[0]]
            found.owned.update(dict.fromkeys(h.positions, mine))
    return sorted(kept, key=lambda h: (h.start, h.end, h.entry))


def _borrowed(hit: Hit, stream: Stream) -> bool:
    """Whether a hit takes nothing but the acuity from a short form: "HFrEF and CKD" is no chronic HFrEF."""
    atoms = stream.atoms
    return any([atoms[p] in _ACUITY and foreign_acuity(stream, p, hit.positions) for p in hit.positions])


def foreign_acuity(stream: Stream, p: int, positions: Sequence[int]) -> bool:
    """Whether the word at ``p`` is the acuity within a short form that ``positions`` take no more of.

    "CKD" holds the word "chronic" and gives it to nobody else.
    """
    if stream.atoms[p] not in _ACUITY:
        return False
    group = stream.first[p], stream.last[p]

    def same(q: int) -> bool:
        return q != p and (stream.first[q], stream.last[q]) == group

    return not any(map(same, positions)) and any(
        same(q) for q in (p - 1, p + 1) if 0 <= q < len(stream.first)
    )


def _astride(hit: Hit, solid: Sequence[Hit], stream: Stream) -> bool:
    """Whether a hit takes words out of two conditions on both sides of a comma.

    "Family history of breast cancer, screening mammogram" names no screening for breast cancer in general.
    """
    if not hit.gap:
        return False
    own = set(hit.positions)
    beside = [h for h in solid if h.positions != hit.positions and not own.isdisjoint(h.positions)]
    return any(
        any(h.end < cut for h in beside)
        and any(h.start >= cut and not own.issuperset(h.positions) for h in beside)
        for cut in range(hit.start + 1, hit.end + 1)
        if stream.comma[cut] == 1
    )


def _listed(hit: Hit, stream: Stream, found: Clauses, index: TermIndex) -> bool:
    """Whether a hit is a list of conditions, not one: "anxiety and depression", "T2DM, HLD".

    Its parts between commas and "and" are entries of their own. A title word for word is one condition.
    """
    if not hit.gap or (hit.exact and index.entry_source(hit.entry) == _TITLE):
        return False
    groups: list[list[int]] = [[]]
    last = hit.start
    read = {e.positions[0]: [index.ids[w] for w in e.read_as] for e in hit.edits}
    for p in hit.positions:
        if p > last and any(stream.comma[last + 1 : p + 1]):
            groups.append([])
        groups[-1] += read.get(p, [found.words[p]] if not hit.edits or found.words[p] else [])
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
    words = {found.words[p] for p in shared}
    # "Lung cancer with brain metastases": cancer alone is vague, and yet a condition.
    alone = index.has_bag(words) or words <= index.vague
    return not rest or (index.has_bag(rest) and not alone)
