"""Instructional notes of the tabular list, read through every ancestor and parsed once per code."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache

from cac.codes.references import Reference, parse_references, refers_to
from cac.codes.table import CodeTable
from cac.resources import read_table, required

__all__ = ["TabularNotes"]

_MANIFESTATION = re.compile(r"\bin (?:[a-z]+ )*diseases classified elsewhere")
_PAIRS_KEPT = 400_000
_OTHERS_KEPT = 4_000
_SIDES = ("right", "left", "bilateral")
_PHASE = re.compile(r", (?:initial|subsequent) encounter.*$|, sequela$|\bwithout [^,]+|,? not [^,]+")
_PAIRED = frozenset("right left bilateral unilateral of in eye ear side both".split())
_EMPTY = frozenset(
    "right left bilateral unspecified other specified of the and or in with due to at by for type part site "
    "organism severity stage degree trimester disease disorder episode single muscle tendon ligament "
    "unilateral".split()
)
"""Words of a title that do not tell one condition of a category from another."""


class TabularNotes:
    """Excludes1, code first and use additional of one release, by code.

    Parsed references are kept per code; they are facts of the release, not of a note.
    """

    def __init__(self, table: CodeTable) -> None:
        self.table = table
        self._parsed: dict[tuple[str, str], tuple[Reference, ...]] = {}
        self._pairs: dict[tuple[str, str, str], bool] = {}
        self._siblings: dict[tuple[str, str, str], str] = {}
        self._one_sided: dict[str, bool] = {}
        self._asked: dict[str, dict[str, bool]] = {}
        self._apart: dict[str, dict[str, bool]] = {}
        self._ahead: dict[str, dict[str, bool]] = {}
        self._manifestations: dict[str, bool] = {}
        self._unspecified: dict[str, bool] = {}

    def title(self, code: str) -> str:
        return self.table.title(self.table.row_of[code])

    def references(self, code: str, kind: str) -> tuple[Reference, ...]:
        """Every reference in notes of one kind at the code and all its ancestors."""
        key = (code, kind)
        found = self._parsed.get(key)
        if found is None:
            row = self.table.row_of[code]
            lines = self.table.notes(row, kind, inherited=True)
            found = tuple(r for line in lines for r in parse_references(line))
            self._parsed[key] = found
        return found

    def excludes(self, code: str, other: str) -> bool:
        """Whether an Excludes1 note at ``code`` or above names ``other`` (I.A.12.a)."""
        return refers_to(self.references(code, "excludes1"), other)

    def asked_for(self, code: str, others: Iterable[str]) -> bool:
        """Whether a note at one of ``others`` or above asks for ``code`` beside it (I.A.13, I.A.17)."""
        known = self._about(self._asked, code)
        for other in others:
            asked = known.get(other)
            if asked is None:
                kinds = ("use_additional", "code_also", "code_first")
                asked = known[other] = any(refers_to(self.references(other, kind), code) for kind in kinds)
            if asked:
                return True
        return False

    def share_site(self, code: str, other: str) -> bool:
        """Whether two titles may speak of one place: no site named, or one in common.

        Pain of the shoulder is not integral to arthritis of the knee.
        """
        key = ("site", code, other)
        known = self._pairs.get(key)
        if known is None:
            mine, theirs = _sites(self.title(code)), _sites(self.title(other))
            known = self._keep(key, not mine or not theirs or not mine.isdisjoint(theirs))
        return known

    def exclude_each_other(self, code: str, other: str) -> bool:
        """Whether an Excludes1 note at either names the other."""
        key = ("excludes1", code, other)
        known = self._pairs.get(key)
        if known is None:
            known = self._keep(key, self.excludes(code, other) or self.excludes(other, code))
        return known

    def conflicts(self, codes: Sequence[str]) -> dict[str, list[str]]:
        """Which of some codes an Excludes1 note keeps apart, code by code."""
        found: dict[str, list[str]] = {}
        for i, a in enumerate(codes):
            known = self._about(self._apart, a)
            for b in codes[i + 1 :]:
                apart = known.get(b)
                if apart is None:
                    apart = known[b] = self.excludes(a, b) or self.excludes(b, a)
                if apart:
                    found.setdefault(a, []).append(b)
                    found.setdefault(b, []).append(a)
        return found

    def first(self, code: str, other: str) -> bool:
        """Whether ``other`` has to stand before ``code`` ("code first" there, "use additional" here)."""
        return bool(self.ahead_of(code, (other,)))

    def ahead_of(self, code: str, others: Iterable[str]) -> list[str]:
        """Those of ``others`` that have to stand before ``code``, in the order given."""
        known = self._about(self._ahead, code)
        found = []
        for other in others:
            ahead = known.get(other)
            if ahead is None:
                ahead = known[other] = refers_to(self.references(code, "code_first"), other) or refers_to(
                    self.references(other, "use_additional"), code
                )
            if ahead:
                found.append(other)
        return found

    def manifestation(self, code: str) -> bool:
        """Whether the title says that the code is never first (I.A.13)."""
        known = self._manifestations.get(code)
        if known is None:
            known = self._manifestations[code] = _MANIFESTATION.search(self.title(code)) is not None
        return known

    def unspecified(self, code: str) -> bool:
        """Whether the title leaves something open."""
        known = self._unspecified.get(code)
        if known is None:
            known = self._unspecified[code] = "unspecified" in self.title(code).lower()
        return known

    def sibling(self, code: str, says: str, becomes: str) -> str:
        """The code of the same subcategory whose title has ``becomes`` where this one has ``says``.

        "" where there is none.
        """
        key = (code, says, becomes)
        found = self._siblings.get(key)
        if found is None:
            table, row = self.table, self.table.row_of[code]
            wanted = table.title(row).replace(says, becomes)
            found = ""
            if wanted != table.title(row):
                parents = table.parent_list()
                rows = table.children(parents[row])
                if len(code) == 8 and parents[parents[row]] >= 0:
                    # The 7th character divides what the trimester divides above it.
                    rows = [r for p in table.children(parents[parents[row]]) for r in table.children(p)]
                found = next((table.codes[r] for r in rows if table.title(r) == wanted), "")
            self._siblings[key] = found
        return found

    def one_sided(self, code: str) -> bool:
        """Whether a title names one side."""
        known = self._one_sided.get(code)
        if known is None:
            title = self.title(code).lower()
            known = self._one_sided[code] = ("right" in title) != ("left" in title)
        return known

    def both_sides(self, one: str, other: str) -> str:
        """The code of the same category for both sides of what two codes say of a side each, or ""."""
        key = ("both", one, other)
        found = self._siblings.get(key)
        if found is None:
            found = self._siblings[key] = self._both_sides(one, other)
        return found

    def _both_sides(self, one: str, other: str) -> str:
        mine, theirs = self.title(one).lower(), self.title(other).lower()
        if {"right" in mine, "right" in theirs} != {True, False} or {"left" in mine, "left" in theirs} != {
            True,
            False,
        }:
            return ""
        if mine.replace("right", "left") != theirs.replace("right", "left") or (
            one[7:] != other[7:] and (mine == theirs)
        ):
            return ""
        wanted = _unsided(mine)
        table = self.table
        low = bisect_left(table.codes, one[:3])
        for code in table.codes[low:]:
            if not code.startswith(one[:3]):
                break
            row = table.row_of[code]
            title = table.title(row).lower()
            if table.billable[row] and "bilateral" in title and _unsided(title) == wanted:
                return code
        return ""

    def says_less(self, code: str, other: str) -> bool:
        """Whether ``code`` is the residual of the condition that ``other`` names more closely.

        Same category, and ``code`` leaves open (an unspecified side, or all that "unspecified" means)
        what ``other`` says; a documented side is never given up for the other, only for both.
        """
        key = ("less", code, other)
        known = self._pairs.get(key)
        return self._keep(key, self._says_less(code, other)) if known is None else known

    def _about(self, kept: dict[str, dict[str, bool]], code: str) -> dict[str, bool]:
        """What is known of a code and others, by the other; forgotten where it grows too large."""
        known = kept.get(code)
        if known is None:
            known = kept[code] = {}
        elif len(known) > _OTHERS_KEPT:
            known.clear()
        return known

    def _keep(self, key: tuple[str, str, str], answer: bool) -> bool:
        # Pairs repeat from note to note, but there are too many to keep them all.
        if len(self._pairs) >= _PAIRS_KEPT:
            self._pairs.clear()
        self._pairs[key] = answer
        return answer

    def _says_less(self, code: str, other: str) -> bool:
        if code[:3] != other[:3]:
            return False
        mine, theirs = self.title(code).lower(), self.title(other).lower()
        if (
            "bilateral" in theirs
            and self.one_sided(code)
            and code[7:] == other[7:]
            and _unsided(mine) == _unsided(theirs)
        ):
            # "Right" is part of "bilateral" (I.B.13).
            return True
        if not _condition(mine) <= _condition(theirs):
            return False
        if "unspecified" not in mine:
            # "E11.9 ... without complications" beside "E11.65 ... with hyperglycemia"
            return code.endswith(".9") and "without complication" in mine and not theirs.startswith("other")
        if mine.startswith("other"):
            return False
        sides = {s for s in _SIDES if s in mine}
        if sides and not sides <= {s for s in _SIDES if s in theirs}:
            return False
        return theirs.count("unspecified") < mine.count("unspecified")


@lru_cache(maxsize=1)
def _site_words() -> dict[str, str]:
    rows = read_table("rules/sites.csv", ("id", "words", "citation"), {"id": required, "words": required})
    return {word: r["id"] for r in rows for word in r["words"].split("|")}


def _sites(title: str) -> frozenset[str]:
    """The sites a title names, for the few where one can be told from another."""
    words = _site_words()
    return frozenset(words[w] for w in re.findall(r"[a-z]+", title.lower()) if w in words)


def _unsided(title: str) -> frozenset[str]:
    """The words of a title without its side and the parts that come in pairs."""
    words = re.findall(r"[a-z0-9]+", title)
    return frozenset(w.removesuffix("s") for w in words) - _PAIRED


def _condition(title: str) -> frozenset[str]:
    """The words of a title that name the condition: no side, no residual words, no phase of care."""
    return frozenset(re.findall(r"[a-z0-9]+", _PHASE.sub("", title))) - _EMPTY
