"""Sets of codes written as prefixes, and which rules of a table a code takes part in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import accumulate, pairwise
from operator import and_

__all__ = ["Matcher", "Met", "Prefixes"]


class Prefixes:
    """A set of codes such as ``C50|D05|C00-C06|T4?.??5``; ``code in prefixes`` is a prefix match.

    A range covers everything below both of its ends; ``?`` stands for any one character.

    Examples
    --------
    >>> cancers = Prefixes("C00-C14|C50|D05")
    >>> "C02.1" in cancers, "C50.911" in cancers, "C15.3" in cancers
    (True, True, False)
    >>> cancers.longest("C50.911")
    3
    """

    __slots__ = ("_memo", "_ranges", "_starts", "_wild", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        parts = sorted({p.strip() for p in text.split("|") if p.strip()})
        self._ranges = tuple((a, b) for p in parts if "-" in p for a, b in [p.split("-", 1)])
        self._wild = tuple(
            (len(p), re.compile(re.escape(p).replace(r"\?", "."))) for p in parts if "?" in p and "-" not in p
        )
        self._starts = tuple(p for p in parts if "-" not in p and "?" not in p)
        # Codes are facts of the release, asked again and again: the answers are kept.
        self._memo: dict[object, bool] = {}

    def __contains__(self, code: object) -> bool:
        known = self._memo.get(code)
        if known is None:
            known = self._memo[code] = isinstance(code, str) and self.longest(code) > 0
        return known

    def __bool__(self) -> bool:
        return bool(self._starts or self._ranges or self._wild)

    def __repr__(self) -> str:
        return f"Prefixes({self.text!r})"

    def named(self) -> tuple[str, ...]:
        """Every part as it is written in the row."""
        return tuple(sorted({p.strip() for p in self.text.split("|") if p.strip()}))

    def longest(self, code: str) -> int:
        """Length of the longest prefix that matches, 0 when none does."""
        return max(
            (
                *(len(p) for p in self._starts if code.startswith(p)),
                *(len(a) for a, b in self._ranges if a <= code[: len(a)] and code[: len(b)] <= b),
                *(n for n, p in self._wild if p.match(code)),
            ),
            default=0,
        )


Met = tuple[int, list[list[str]]]
"""The number of a rule in its table, and the codes that meet its conditions, condition by condition."""


class Matcher:
    """Which rules of some tables have all their conditions met, asked of a whole set of codes at once.

    Each code knows, condition by condition, the rules it helps to meet, as the bits of one number: joining
    the codes of a note is a handful of ``|``, and the rules that are complete are one ``&``, however many
    rules there are. ``tables[t][i]`` are the conditions of rule ``i`` of table ``t``, sets of prefixes.
    """

    __slots__ = ("_conditions", "_free", "_memo", "_others", "_starts", "_tables")

    def __init__(self, *tables: Sequence[Sequence[Prefixes]]) -> None:
        self._conditions = tuple(tuple(parts) for table in tables for parts in table)
        # Where the rules of each table begin and end.
        self._tables = tuple(pairwise(accumulate((len(table) for table in tables), initial=0)))
        places = range(max(map(len, self._conditions), default=0))
        # Rules with fewer conditions than others have nothing more to meet.
        self._free = [sum(1 << i for i, p in enumerate(self._conditions) if len(p) <= j) for j in places]
        self._memo: dict[str, tuple[tuple[int, int], ...]] = {}
        # Plain prefixes are looked up; ranges and patterns, by first letter, are asked one by one.
        self._starts: dict[str, list[tuple[int, int]]] = {}
        self._others: dict[str, list[tuple[int, int, Prefixes]]] = {}
        for i, parts in enumerate(self._conditions):
            for j, part in enumerate(parts):
                for name in part.named():
                    if "-" not in name and "?" not in name:
                        self._starts.setdefault(name, []).append((j, 1 << i))
                        continue
                    first, _, last = name.partition("-")
                    for letter in range(ord(first[0]), ord((last or first)[0]) + 1):
                        self._others.setdefault(chr(letter), []).append((j, 1 << i, Prefixes(name)))

    def met(self, code: str) -> tuple[tuple[int, int], ...]:
        """(place, bits): bit ``i`` says that the code meets the condition at that place of rule ``i``.

        Rules are numbered through all tables; places where no bit is set are left out.
        """
        found = self._memo.get(code)
        if found is None:
            met: dict[int, int] = {}
            for n in range(1, len(code) + 1):
                for j, bit in self._starts.get(code[:n], ()):
                    met[j] = met.get(j, 0) | bit
            for j, bit, part in self._others.get(code[:1], ()):
                if part.longest(code):
                    met[j] = met.get(j, 0) | bit
            found = self._memo[code] = tuple(sorted(met.items()))
        return found

    def full(self, codes: Iterable[str]) -> int:
        """The rules all of whose conditions some of the codes meet, as bits."""
        met, known = self._free.copy(), self._memo
        for code in codes:
            for j, bits in known.get(code) or self.met(code):
                met[j] |= bits
        return reduce(and_, met, -1) if met else 0

    def parts(self, full: int, codes: Sequence[str]) -> list[list[Met]]:
        """The rules that are ``full``, table by table, in the order of each."""
        found: list[list[Met]] = [[] for _ in self._tables]
        n, end = -1, 0
        while full:
            bit = full & -full
            full ^= bit
            i = bit.bit_length() - 1
            while i >= end:
                n += 1
                first, end = self._tables[n]
            parts: list[list[str]] = [[] for _ in self._conditions[i]]
            for code in codes:
                for j, bits in self.met(code):
                    if bits & bit:
                        parts[j].append(code)
            found[n].append((i - first, parts))
        return found

    def complete(self, codes: Sequence[str], table: int = 0) -> list[Met]:
        """The rules of one table that the codes complete."""
        full = self.full(codes)
        return self.parts(full, codes)[table] if full else []
