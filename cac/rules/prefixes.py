"""Sets of codes written as prefixes, and which rules of a table a code takes part in."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["Matcher", "Prefixes"]


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


_PLACES = tuple(tuple(j for j in range(5) if bits >> j & 1) for bits in range(32))
"""The conditions a set of bits names; no rule has more than five."""


class Matcher:
    """Which conditions of which rules a code meets: asked once a code, not once a rule and note.

    ``conditions[i]`` are the conditions of rule ``i``, each a set of prefixes.
    """

    __slots__ = ("_conditions", "_full", "_memo", "_others", "_starts")

    def __init__(self, conditions: Sequence[Sequence[Prefixes]]) -> None:
        self._conditions = tuple(tuple(parts) for parts in conditions)
        self._full = tuple((1 << len(parts)) - 1 for parts in self._conditions)
        self._memo: dict[str, tuple[tuple[int, int], ...]] = {}
        # Plain prefixes are looked up; ranges and patterns, by first letter, are asked one by one.
        self._starts: dict[str, list[tuple[int, int]]] = {}
        self._others: dict[str, list[tuple[int, int, Prefixes]]] = {}
        for i, parts in enumerate(self._conditions):
            for j, part in enumerate(parts):
                for name in part.named():
                    if "-" not in name and "?" not in name:
                        self._starts.setdefault(name, []).append((i, 1 << j))
                        continue
                    first, _, last = name.partition("-")
                    for letter in range(ord(first[0]), ord((last or first)[0]) + 1):
                        self._others.setdefault(chr(letter), []).append((i, 1 << j, Prefixes(name)))

    def hits(self, code: str) -> tuple[tuple[int, int], ...]:
        """(rule, bits of the conditions met) for every rule the code takes part in."""
        found = self._memo.get(code)
        if found is None:
            met: dict[int, int] = {}
            for n in range(1, len(code) + 1):
                for i, bit in self._starts.get(code[:n], ()):
                    met[i] = met.get(i, 0) | bit
            for i, bit, part in self._others.get(code[:1], ()):
                if part.longest(code):
                    met[i] = met.get(i, 0) | bit
            found = self._memo[code] = tuple(sorted(met.items()))
        return found

    def complete(self, codes: Sequence[str]) -> list[tuple[int, list[list[str]]]]:
        """The rules all of whose conditions are met, in the order of the table.

        Each with the codes that meet its conditions, condition by condition.
        """
        met: dict[int, int] = {}
        for code in codes:
            for i, bits in self.hits(code):
                met[i] = met.get(i, 0) | bits
        full = self._full
        found: dict[int, list[list[str]]] = {
            i: [[] for _ in self._conditions[i]] for i in sorted(met) if met[i] == full[i]
        }
        if not found:
            return []
        for code in codes:
            for i, bits in self.hits(code):
                parts = found.get(i)
                if parts is not None:
                    for j in _PLACES[bits]:
                        parts[j].append(code)
        return list(found.items())
