"""Titles taken apart into condition and axes: site, side, acuity, severity, type, stage, cause ...

The knowledge is rows (``lexicon/axis_values.csv``, ``lexicon/anatomy.csv``): patterns, value words,
words that open a clause ("due to", "with"), connecting words. The parse loses nothing: the axes with
the words that connect them are the title again (``recompose``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cac.codes.axis_rows import PLURAL, TOKEN, AxisRow, axis_rules
from cac.types.records import fast_init

__all__ = ["Axis", "connecting_words", "parse_axes", "recompose", "sided_twin"]

_SIDES = ("right", "left", "bilateral")
_UNSPECIFIED = re.compile(r"\bunspecified\b")
_APART = re.compile(r"[,;:()\[\]]")
_CLAUSAL = frozenset(("acuity", "type", "organism", "condition"))
_ABSORBED = _CLAUSAL | {"site", "age", "number"}
"""Axes that belong to a clause they stand in: "with ulceration of thigh", "due to chronic gout"."""


@fast_init
@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a title.

    ``name`` is "condition", "site", "side", "acuity" ...; ``value`` its words in lower case; ``text`` the
    words as they stand; ``default`` whether a note need not say it, by the rule in ``citation``.
    ``before`` and ``after`` (of the last axis only) are the words and marks that connect.
    """

    name: str
    value: str
    text: str
    default: bool = False
    citation: str = ""
    before: str = field(default="", compare=False)
    after: str = field(default="", compare=False)

    @property
    def unspecified(self) -> bool:
        """Whether the value says that nothing is documented on this axis."""
        return "unspecified" in self.value


def recompose(axes: Iterable[Axis]) -> str:
    """The title again.

    >>> recompose(parse_axes("Fracture of right tibia"))
    'Fracture of right tibia'
    """
    return "".join(f"{a.before}{a.text}{a.after}" for a in axes)


@lru_cache(maxsize=4096)
def parse_axes(title: str, code: str = "", twin: str = "") -> tuple[Axis, ...]:
    """The axes of a title, in its order.

    Parameters
    ----------
    title, code
        A title and its code, which a few rows depend on.
    twin
        The title of a sibling that names a side where this one says "unspecified".

    Examples
    --------
    >>> [(a.name, a.value) for a in parse_axes("Acute embolism of left femoral vein")]
    [('acuity', 'acute'), ('condition', 'embolism'), ('side', 'left'), ('site', 'femoral vein')]
    """
    parse = _Parse(title, code)
    parse.unspecified_side(twin)
    parse.patterns()
    parse.words()
    parse.qualifiers()
    return parse.axes()


def sided_twin(title: str, siblings: Iterable[str]) -> str:
    """Of sibling titles, the one that names a side where this one says "unspecified"; "" without one."""
    low = title.lower()
    others = frozenset(s.lower() for s in siblings)
    for m in _UNSPECIFIED.finditer(low):
        for side in _SIDES:
            named = f"{low[: m.start()]}{side}{low[m.end() :]}"
            if named in others:
                return named
    return ""


_UNCLAIMED_SIDE = AxisRow("side", default=True, citation="I.B.13")
_SITE = AxisRow("site")
_AROUND_SITES = frozenset(("site", "side", "unspecified", "other", "aside"))


class _Parse:
    """One title while it is taken apart: who owns each of its words."""

    __slots__ = ("code", "low", "owner", "rules", "spans", "title", "tokens")

    def __init__(self, title: str, code: str) -> None:
        self.title, self.code = title, code
        self.low = title.lower() if len(title.lower()) == len(title) else title
        self.rules = axis_rules()
        self.spans = [m.span() for m in TOKEN.finditer(self.low)]
        self.tokens = [PLURAL.sub("", self.low[a:b]) for a, b in self.spans]
        # Which row owns the word, and a number that the words of one value share.
        self.owner: list[tuple[AxisRow, int] | None] = [None] * len(self.spans)

    def unspecified_side(self, twin: str) -> None:
        if not twin:
            return
        for i, token in enumerate(self.tokens):
            start, end = self.spans[i]
            if token == "unspecified" and any(
                twin == f"{self.low[:start]}{side}{self.low[end:]}" for side in _SIDES
            ):
                self.owner[i] = (_UNCLAIMED_SIDE, i)

    def patterns(self) -> None:
        for pattern, row in self.rules.patterns:
            if not row.applies(self.code):
                continue
            for m in pattern.finditer(self.low):
                groups = [name for name in m.groupdict() if m[name]]
                if groups:
                    for name in groups:
                        self._claim(m.span(name), AxisRow(name, citation=row.citation), partly=True)
                else:
                    self._claim(m.span(), row)

    def _claim(self, span: tuple[int, int], row: AxisRow, *, partly: bool = False) -> None:
        start, end = span
        held = [i for i, (a, b) in enumerate(self.spans) if a < end and b > start]
        free = [i for i in held if self.owner[i] is None]
        if partly or free == held:
            for i in free:
                self.owner[i] = (row, free[0])

    def words(self) -> None:
        i, n = 0, len(self.tokens)
        while i < n:
            # "secondary to" opens a clause; "secondary" alone is a type.
            head = self._clause_at(i)
            i += head[0] if head is not None and head[0] > 1 else self._word_at(i) or 1

    def _word_at(self, i: int) -> int:
        for words, rows in self.rules.words.get(self.tokens[i], ()):
            end = i + len(words)
            if tuple(self.tokens[i:end]) != words or any(o is not None for o in self.owner[i:end]):
                continue
            # "wrist, hand" is no phrase; a phrase of the data that has the comma itself is one
            row = next((r for r in rows if r.applies(self.code)), None)
            if row is None:
                continue
            for k in range(i, end):
                self.owner[k] = (row, i)
            return len(words)
        return 0

    def qualifiers(self) -> None:
        """Words such as "upper" and "shaft" belong to the site they stand at, if they stand at one."""
        n = len(self.tokens)
        run: list[int] = []
        for i in range(n + 1):
            inside = i < n and not (run and self._apart(run[-1], i)) and self._may_be_site(i)
            if inside:
                run.append(i)
                continue
            self._settle(run)
            run = [i] if i < n and self._may_be_site(i) else []
        self._settle(run)

    def _may_be_site(self, i: int) -> bool:
        owner = self.owner[i]
        if owner is not None:
            return owner[0].axis in _AROUND_SITES
        return self.tokens[i] in self.rules.qualifiers or self.tokens[i] in ("of", "and", "or", "the", "at")

    def _settle(self, run: Sequence[int]) -> None:
        site = any((o := self.owner[i]) is not None and o[0].axis == "site" for i in run)
        for i in run:
            if self.owner[i] is None and (axis := self.rules.qualifiers.get(self.tokens[i])) is not None:
                if site:
                    self.owner[i] = (_SITE, i)
                elif axis != "condition":
                    self.owner[i] = (AxisRow(axis), i)

    def _apart(self, i: int, k: int) -> bool:
        return _APART.search(self.low[self.spans[i][1] : self.spans[k][0]]) is not None

    def axes(self) -> tuple[Axis, ...]:
        labels = self._labels()
        parts: list[tuple[AxisRow, int, int, int]] = []
        for i, label in enumerate(labels):
            if label is None:
                continue
            row, number = label
            if parts and self._joins(parts[-1], row, number, i):
                parts[-1] = (parts[-1][0], parts[-1][1], parts[-1][2], i)
            else:
                parts.append((row, number, i, i))
        return self._built(parts)

    def _built(self, parts: Sequence[tuple[AxisRow, int, int, int]]) -> tuple[Axis, ...]:
        out: list[Axis] = []
        at = 0
        for n, (row, _, first, last) in enumerate(parts):
            start, end = self._widened(row, self.spans[first][0], self.spans[last][1])
            after = self.title[end:] if n == len(parts) - 1 else ""
            text = self.title[start:end]
            value = row.value or " ".join(text.lower().split())
            out.append(Axis(row.axis, value, text, row.default, row.citation, self.title[at:start], after))
            at = end
        if not out and self.title:
            out.append(Axis("condition", self.low, self.title))
        return tuple(out)

    def _widened(self, row: AxisRow, start: int, end: int) -> tuple[int, int]:
        """With its brackets: "(primary)" stands in the title as one thing."""
        if row.axis in ("aside", "range"):
            start = start - 1 if self.low[start - 1 : start] in ("(", "[") else start
            end = end + 1 if self.low[end : end + 1] in (")", "]") else end
        return start, end

    def _joins(self, part: tuple[AxisRow, int, int, int], row: AxisRow, number: int, i: int) -> bool:
        before, was, _, last = part
        if before.axis != row.axis or (before.default, before.citation) != (row.default, row.citation):
            return False
        if was == number:
            return True
        return row.axis in ("site", "condition") and not self._apart(last, i)

    def _labels(self) -> list[tuple[AxisRow, int] | None]:
        """The axis of every word: its owner, the clause it stands in, or the condition."""
        labels: list[tuple[AxisRow, int] | None] = [None] * len(self.tokens)
        axis, clause, sided = "condition", -1, False
        skip = 0
        for i in range(len(self.tokens)):
            if i and axis != "condition" and self._apart(i - 1, i) and not self._content(i):
                axis, clause = "condition", -1
            if skip:
                skip -= 1
                continue
            owner = self.owner[i]
            if owner is not None:
                sided = sided or owner[0].axis == "side"
                absorbed = axis != "condition" and not sided and owner[0].axis in _ABSORBED
                labels[i] = (AxisRow(axis), clause) if absorbed else owner
                continue
            head = self._clause_at(i)
            if head is not None:
                words, opened = head
                organisms = self._organism(i + words) if opened == "cause" else False
                if self._content(i + words) or opened == "without" or organisms:
                    axis, clause, sided = "organism" if organisms else opened, i, False
                else:
                    axis, clause = "condition", -1
                skip = words - 1
            elif self.tokens[i] not in self.rules.connecting:
                labels[i] = (AxisRow(axis), clause)
        return labels

    def _clause_at(self, i: int) -> tuple[int, str] | None:
        for words, axis in self.rules.clauses.get(self.tokens[i], ()):
            if tuple(self.tokens[i : i + len(words)]) == words:
                return len(words), axis
        return None

    def _segment(self, i: int) -> Iterable[int]:
        """The words from here to the next mark or clause; what stands in brackets is passed over."""
        last = -1
        for k in range(i, len(self.tokens)):
            owner = self.owner[k]
            if owner is not None and owner[0].axis == "aside":
                continue
            if last >= 0 and (self._comma(last, k) or (owner is None and self._clause_at(k))):
                return
            yield k
            last = k

    def _comma(self, i: int, k: int) -> bool:
        gap = self.low[self.spans[i][1] : self.spans[k][0]]
        return any(mark in gap for mark in ",;:")

    def _content(self, i: int) -> bool:
        """Whether words from here on are not the values of axes that stand by themselves."""
        return any(
            self.tokens[k] not in self.rules.connecting and self._clause_at(k) is None
            if (owner := self.owner[k]) is None
            else owner[0].axis in _CLAUSAL
            for k in self._segment(i)
        )

    def _organism(self, i: int) -> bool:
        return any((o := self.owner[k]) is not None and o[0].axis == "organism" for k in self._segment(i))


def connecting_words() -> frozenset[str]:
    """Words that connect axes and belong to none of them."""
    rules = axis_rules()
    return rules.connecting | {w for heads in rules.clauses.values() for words, _ in heads for w in words}
