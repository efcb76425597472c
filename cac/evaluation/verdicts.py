"""Graded verdicts: how far a predicted code is from the one that was labelled.

Within a note, gold and predicted codes are paired one to one. Equal codes first; then, grade by grade
from the closest to the farthest (the order of ``GRADES``), the pairs of that grade in alphabetical
order of gold code, then predicted code, each taken when both codes are still free. What is left is
missed or spurious. The order in which codes come does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from cac.codes.table import CodeTable
from cac.evaluation.records import SYSTEM
from cac.rules.tabular import TabularNotes

__all__ = ["GRADES", "VERDICTS", "Pair", "Relations", "pair_codes"]

GRADES = ("exact", "less_specific", "more_specific", "wrong_side", "sibling", "same_category")
"""From closest to farthest."""

VERDICTS = (*GRADES, "missed", "spurious")

_SIDES = frozenset(("right", "left", "bilateral"))
# "right eye" and "bilateral" are sides of one condition; other organs tell conditions apart.
_NO_CONDITION = frozenset(
    "right left bilateral unilateral unspecified side eye ear of the and in with".split()
)
_UNKNOWN = "unknown"


class Pair(NamedTuple):
    """One line of the verdicts of a note; "" where there is no code on that side."""

    gold: str
    predicted: str
    verdict: str


class Relations:
    """How two codes of one release stand to each other."""

    def __init__(self, table: CodeTable, system: str = SYSTEM) -> None:
        self._table = table
        self._tabular = TabularNotes(table)
        self._icd = system == SYSTEM
        self._known: dict[tuple[str, str], str | None] = {}

    def verdict(self, gold: str, predicted: str) -> str | None:
        """The grade of a prediction for a gold code; None when they have nothing to do with each other.

        ``more_specific`` means that the prediction says more than the label. A code is less specific
        than another when it stands above it, or leaves open what the other one decides.
        """
        if gold == predicted:
            return "exact"
        if not self._icd or gold[:3] != predicted[:3]:
            return None
        key = (gold, predicted)
        if key not in self._known:
            self._known[key] = self._compared(gold, predicted)
        return self._known[key]

    def chapter(self, code: str) -> str:
        """The chapter of a code: its number, "unknown" for a category the release does not have."""
        row = self._chapter_row(code[:3]) if self._icd else None
        return self._table.codes[row] if row is not None else _UNKNOWN

    def chapter_title(self, chapter: str) -> str:
        row = self._table.row_of.get(chapter)
        return self._table.title(row) if row is not None else ""

    def _chapter_row(self, code: str) -> int | None:
        row = self._table.row_of.get(code)
        if row is None:
            return None
        above = self._table.ancestors(row)
        return above[-1] if above else None

    def _compared(self, gold: str, predicted: str) -> str:
        g, p = gold.replace(".", ""), predicted.replace(".", "")
        if p.startswith(g):
            return "more_specific"
        if g.startswith(p):
            return "less_specific"
        rows = self._table.row_of.get(gold), self._table.row_of.get(predicted)
        if rows[0] is None or rows[1] is None:
            return "sibling" if g[:-1] == p[:-1] else "same_category"
        mine, theirs = self._table.title(rows[0]), self._table.title(rows[1])
        if _condition(mine) == _condition(theirs) and (_side(mine) != _side(theirs)):
            if _side(mine) and _side(theirs):
                return "wrong_side"
            return "more_specific" if _side(theirs) else "less_specific"
        if self._tabular.says_less(gold, predicted):
            return "more_specific"
        if self._tabular.says_less(predicted, gold):
            return "less_specific"
        parents = self._table.parent_list()
        return "sibling" if parents[rows[0]] == parents[rows[1]] else "same_category"


def pair_codes(gold: Iterable[str], predicted: Iterable[str], relations: Relations) -> tuple[Pair, ...]:
    """The verdicts of one note, by gold code, then the spurious ones by code."""
    wanted, given = sorted(set(gold)), sorted(set(predicted))
    graded: dict[str, list[tuple[str, str]]] = {grade: [] for grade in GRADES}
    for g, p in _within_categories(wanted, given):
        grade = relations.verdict(g, p)
        if grade is not None:
            graded[grade].append((g, p))
    taken: dict[str, Pair] = {}
    used: set[str] = set()
    for grade in GRADES:
        for g, p in graded[grade]:
            if g not in taken and p not in used:
                taken[g] = Pair(g, p, grade)
                used.add(p)
    return (
        *(taken.get(g, Pair(g, "", "missed")) for g in wanted),
        *(Pair("", p, "spurious") for p in given if p not in used),
    )


def _within_categories(gold: list[str], predicted: list[str]) -> Iterator[tuple[str, str]]:
    by_category: dict[str, list[str]] = {}
    for p in predicted:
        by_category.setdefault(p[:3], []).append(p)
    for g in gold:
        for p in by_category.get(g[:3], ()):
            yield g, p


@lru_cache(maxsize=20_000)
def _condition(title: str) -> frozenset[str]:
    """The words of a title but for its side; number is folded ("eyes", "eye")."""
    words = (w.removesuffix("s") for w in re.findall(r"[a-z0-9]+", title.lower()))
    return frozenset(w for w in words if w not in _NO_CONDITION)


@lru_cache(maxsize=20_000)
def _side(title: str) -> frozenset[str]:
    return _SIDES.intersection(re.findall(r"[a-z]+", title.lower()))
