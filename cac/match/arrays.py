"""The arrays of the compiled index: entries, sequences, bags, needs, and the hashes they are found by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from cac.codes.store import Array
from cac.match.titles import SIDES, ParsedTitle

__all__ = [
    "BITMAP_BITS",
    "MASK",
    "PRIME",
    "entry_arrays",
    "need_arrays",
    "pair_arrays",
    "pair_slots",
    "sequence_arrays",
    "whole_hashes",
]

PRIME = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
BITMAP_BITS = 22


def entry_arrays(
    bags: Sequence[tuple[tuple[int, ...], tuple[int, list[int]]]],
    sequences: Sequence[tuple[tuple[int, ...], tuple[int, list[int]]]],
) -> dict[str, Array]:
    both = [*bags, *((tuple(sorted(set(s))), t) for s, t in sequences)]
    signature = np.zeros(len(bags), np.uint64)
    for i, (bag, _) in enumerate(bags):
        bits = 0
        for w in bag:
            bits |= 1 << (w * PRIME & MASK) // (1 << 58)
        signature[i] = bits
    return {
        "entry_source": np.array([t[0] for _, t in both], np.uint8),
        **ragged("entry_words", [b for b, _ in both]),
        **ragged("entry_rows", [t[1] for _, t in both]),
        "bag_signature": signature,
        "counts": np.array([len(bags), len(both)], np.int64),
    }


def sequence_arrays(sequences: Sequence[tuple[int, ...]], first_entry: int) -> dict[str, Array]:
    prefixes: dict[int, int] = {}
    for number, seq in enumerate(sequences):
        h = 0
        for word in seq:
            h = (h * PRIME + word + 1) & MASK
            prefixes.setdefault(h, -1)
        prefixes[h] = first_entry + number
    keys = np.array(sorted(prefixes), np.uint64)
    return {
        "prefix_hash": keys,
        "prefix_entry": np.array([prefixes[int(k)] for k in keys], np.int32),
    }


def whole_hashes(entries: Iterable[tuple[int, ...]]) -> Array:
    found = set()
    for words in entries:
        h = 0
        for word in words:
            h = (h * PRIME + word + 1) & MASK
        found.add(h)
    return np.array(sorted(found), np.uint64)


def pair_arrays(bags: Sequence[tuple[int, ...]], vocabulary: int) -> dict[str, Array]:
    often = Counter(w for bag in bags for w in bag)
    pairs: list[tuple[int, int]] = []
    for number, bag in enumerate(bags):
        a, b = sorted(sorted(bag, key=lambda w: (often[w], w))[:2])
        pairs.append(((a * PRIME + b) & MASK, number))
    pairs.sort()
    keys = np.array([p for p, _ in pairs], np.uint64)
    bitmap = np.zeros(1 << (BITMAP_BITS - 3), np.uint8)
    slots = pair_slots(keys)
    np.bitwise_or.at(
        bitmap, (slots >> np.uint64(3)).astype(np.int64), (1 << (slots & np.uint64(7))).astype(np.uint8)
    )
    member = np.zeros(vocabulary, np.bool_)
    member[[w for bag in bags for w in bag]] = True
    return {
        "pair_hash": keys,
        "pair_bag": np.array([n for _, n in pairs], np.int32),
        "pair_bitmap": bitmap,
        "bag_member": member,
    }


def pair_slots(keys: Array) -> Array:
    """The bit of the bitmap that each pair has.

    The hash of a pair is the product of one number plus the other: its high bits know the first only.
    """
    mixed: Array = (keys * np.uint64(PRIME)) >> np.uint64(64 - BITMAP_BITS)
    return mixed


def need_arrays(
    needs: Sequence[frozenset[str]], parsed: Sequence[ParsedTitle], ids: dict[str, int]
) -> dict[str, Array]:
    # Words that stand in no entry (generic titles) still count as needs: they get ids of their own.
    extra: dict[str, int] = {}
    coded = [
        tuple(
            sorted(
                ids[w] if w in ids else extra.setdefault(w, len(ids) + 1 + len(extra)) for w in sorted(need)
            )
        )
        for need in needs
    ]
    return {
        **ragged("need_words", coded),
        "need_side": np.array([SIDES.index(p.side) for p in parsed], np.uint8),
        "need_flags": np.array([p.other + 2 * p.unspecified + 4 * bool(p.negated) for p in parsed], np.uint8),
    }


def ragged(name: str, rows: Sequence[Sequence[int]]) -> dict[str, Array]:
    pointers = np.zeros(len(rows) + 1, np.int32)
    np.cumsum([len(r) for r in rows], out=pointers[1:])
    return {f"{name}_ptr": pointers, f"{name}": np.array([v for r in rows for v in r], np.int32)}
