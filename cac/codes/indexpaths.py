"""Finding a term of an index by the words another term refers to: "see Accident, transport, bus occupant"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

__all__ = ["Paths", "alternatives", "bare_title"]

_TAIL = re.compile(r"(?:\s*,)?\s+(?:NEC|NOS)(?=$|\s|,)")
_LEADING = re.compile(r"(?:(?:with|in|on|of|to|by|from|due to|caused by|and|at|for|involving),?\s+)+")
_LAST = re.compile(r"by\s")
_BY = re.compile(r"\s+by (?:type|site|specified type)\b.*$")
_BRACKETS = re.compile(r"\([^()]*\)")


class Line(Protocol):
    """What a line of any index has; ``parent`` is the position of the line it is indented under."""

    @property
    def parent(self) -> int: ...
    @property
    def title(self) -> str: ...


def bare_title(title: str) -> str:
    """A title without "NEC" and "NOS", which say how a code is used and not what it means.

    Examples
    --------
    >>> bare_title("animal NEC"), bare_title("Disease, NEC, of bone")
    ('animal', 'Disease, of bone')
    """
    return _TAIL.sub("", title).strip(" ,")


def alternatives(title: str) -> tuple[str, ...]:
    """The ways one title names its thing: "abdomen, abdominal" names it twice, "car, not on rails" once.

    Examples
    --------
    >>> alternatives("abdomen, abdominal"), alternatives("cable car, not on rails")
    (('abdomen', 'abdominal'), ('cable car, not on rails',))
    """
    bare = bare_title(title)
    parts = [p.strip() for p in bare.split(",")]
    if len(parts) > 1 and all(p and " " not in p for p in parts):
        return tuple(dict.fromkeys(parts))
    return (bare,)


class Paths:
    """The lines of one index by their words.

    Examples
    --------
    >>> from cac.codes.indexfiles import IndexEntry
    >>> lines = (IndexEntry(-1, "Fall", ()), IndexEntry(0, "from bed NEC", (), "W06"))
    >>> Paths(lines).find("Fall, from bed"), Paths(lines).find("fall, bed"), Paths(lines).find("Leap")
    (1, 1, None)
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._below: dict[tuple[int, str], int] = {}
        self.children: list[list[int]] = [[] for _ in lines]
        for at, line in enumerate(lines):
            if line.parent >= 0:
                self.children[line.parent].append(at)
            for key in _keys(line.title):
                self._below.setdefault((line.parent, key), at)

    def find(self, reference: str) -> int | None:
        """The position of the line a reference means, or None.

        "by type", "by site" at its end leave the choice to the reader: the line above is meant.
        """
        parts = [p.strip() for p in _BRACKETS.sub(" ", bare_title(reference)).split(",") if p.strip()]
        parts = [_BY.sub("", p) for p in parts]
        while parts and _LAST.match(parts[-1].lower()):
            parts.pop()
        at, i = -1, 0
        while i < len(parts):
            # A title may hold commas of its own: the longest stretch that is one.
            for j in range(len(parts), i, -1):
                below = self._below.get((at, _key(", ".join(parts[i:j]))))
                if below is not None:
                    at, i = below, j
                    break
            else:
                below = self._loosely(at, parts[i])
                if below is None:
                    return None
                at, i = below, i + 1
        return at if at >= 0 else None

    def _loosely(self, at: int, part: str) -> int | None:
        """Where a reference says a title in part ("streetcar" for "streetcar occupant") or two at once."""
        key = _key(part)
        if at >= 0:
            longer = [c for c in self.children[at] if _key(self._lines[c].title).startswith(f"{key} ")]
            if len(longer) == 1:
                return longer[0]
        first, _, rest = key.partition(" ")
        above = self._below.get((at, first))
        return self._below.get((above, rest)) if above is not None and rest else None

    def path(self, at: int) -> tuple[int, ...]:
        """The positions from the main term down to a line."""
        out = [at]
        while self._lines[out[-1]].parent >= 0:
            out.append(self._lines[out[-1]].parent)
        return tuple(reversed(out))


def _keys(title: str) -> list[str]:
    bare = bare_title(title)
    first = bare.split(",")[0]
    return list(dict.fromkeys(_key(t) for t in (bare, first, *alternatives(title)) if t))


def _key(words: str) -> str:
    lower = " ".join(_BRACKETS.sub(" ", words.lower()).split())
    # Singular and plural are used for each other in references.
    lower = lower[:-1] if lower.endswith("s") and not lower.endswith(("ss", "us", "is")) else lower
    return _LEADING.sub("", lower) or lower
