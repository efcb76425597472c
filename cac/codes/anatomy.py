"""Anatomy: which part of the body belongs to which (part-of, kind-of, adjective-of), as data.

A documented part implies its wholes ("malleolus" is at the ankle), never the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

from cac.errors import TableError
from cac.resources import one_of, read_table, required

__all__ = ["KINDS", "anatomy_terms", "check_acyclic", "parts_of", "wholes_of"]

KINDS = ("part_of", "kind_of", "adjective_of")
_NAME = "lexicon/anatomy.csv"


def wholes_of(part: str, kinds: tuple[str, ...] = KINDS) -> tuple[str, ...]:
    """Everything a part belongs to, nearest first, then by name; empty for words that are no anatomy.

    ``kinds`` are the relations that are followed.

    Examples
    --------
    >>> wholes_of("great toe", ("part_of",))
    ('toe', 'foot', 'lower limb')
    """
    above = _above(kinds)
    found: dict[str, None] = {}
    level = above.get(part.lower(), ())
    while level:
        found.update(dict.fromkeys(level))
        level = tuple(sorted({w for p in level for w in above.get(p, ()) if w not in found}))
    return tuple(found)


def parts_of(whole: str) -> tuple[str, ...]:
    """Everything that belongs to a whole, by name.

    Examples
    --------
    >>> "humeral head" in parts_of("shoulder")
    True
    """
    return tuple(p for p in sorted(_above()) if whole.lower() in wholes_of(p))


def anatomy_terms() -> frozenset[str]:
    """Every word or phrase that names a part of the body, adjectives included."""
    above = _above()
    return frozenset((*above, *(w for wholes in above.values() for w in wholes)))


def check_acyclic(above: Mapping[str, tuple[str, ...]], name: str) -> None:
    """Raise TableError naming every part that would belong to itself."""
    state: dict[str, int] = {}
    faults: list[str] = []

    def visit(term: str) -> None:
        state[term] = 1
        for whole in above.get(term, ()):
            if state.get(whole) == 1:
                faults.append(f"{name}: {whole!r} belongs to itself through {term!r}")
            elif whole not in state:
                visit(whole)
        state[term] = 2

    for term in sorted(above):
        if term not in state:
            visit(term)
    if faults:
        raise TableError(f"{name}: {len(faults)} bad rows", faults)


@lru_cache(maxsize=8)
def _above(kinds: tuple[str, ...] = KINDS) -> Mapping[str, tuple[str, ...]]:
    """Part → what it directly belongs to."""
    rows = read_table(
        _NAME, ("part", "whole", "kind"), {"part": _term, "whole": _term, "kind": one_of(*KINDS)}
    )
    pairs = sorted((r["part"], r["whole"]) for r in rows)
    twice = sorted({p for p, q in pairwise(pairs) if p == q})
    if twice:
        raise TableError(
            f"{_NAME}: {len(twice)} bad rows", [f"{_NAME}: {a} in {b} stands twice" for a, b in twice]
        )
    above: dict[str, tuple[str, ...]] = {}
    for part, whole in sorted((r["part"], r["whole"]) for r in rows if r["kind"] in kinds):
        above[part] = (*above.get(part, ()), whole)
    check_acyclic(above, _NAME)
    return MappingProxyType(above)


def _term(cell: str) -> str | None:
    if fault := required(cell):
        return fault
    return None if cell == cell.lower() else "is not in lower case"
