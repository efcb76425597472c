"""Ambiguity: words that lead to two codes with equal right.

A title that a category and its neighbour share, or an entry of two matchers at the same place: nothing in the
note prefers one. Then both are kept, in the order of the table, and what they differ in is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cac.codes.table import CodeTable
from cac.match.index import TermIndex
from cac.match.matchers import Hit
from cac.match.resolve import Context, Resolution, rank, resolve
from cac.match.words import fold, split_words
from cac.types import Alternative, Candidate

__all__ = ["AMBIGUOUS", "alternatives", "difference", "rivals", "tied_rows"]

AMBIGUOUS = "ambiguous"
"""What the open axis of such a mention begins with."""

_MOST = 3
_DANGLING = frozenset(("and", "or", "of", "with", "the", "a"))
_SEVENTH = 8
"""Length of a code with its 7th character, dot included."""


def tied_rows(hit: Hit, hits: Iterable[Hit], index: TermIndex) -> tuple[int, ...]:
    """The rows of a hit's entry, and of other entries found at the same words with equal right.

    The rows of the hit itself come first.
    """
    rows = list(index.entry_rows(hit.entry))
    source = index.entry_source(hit.entry)
    for other in hits:
        if (
            other.entry != hit.entry
            and other.positions == hit.positions
            and (other.gap, other.exact, other.edits) == (hit.gap, hit.exact, hit.edits)
            and index.entry_source(other.entry) == source
        ):
            rows += index.entry_rows(other.entry)
    return tuple(dict.fromkeys(rows))


def rivals(
    rows: Sequence[int], words: frozenset[int], context: Context, chosen: Resolution, index: TermIndex
) -> tuple[int, ...]:
    """Leaves that have the same right as the chosen one, in the order of the table.

    Codes that differ by side or by the 7th character are no rivals: those are axes of their own, and are
    asked about. Nor are codes of one category where one is the residual of the other.
    """
    if len(rows) < 2:
        return ()
    ranks = {r: rank(r, words, context, index) for r in rows}
    best = min(ranks.values())
    equal = [r for r in rows if ranks[r] == best]
    if len(equal) < 2:
        return ()
    leaves: list[int] = []
    for row in sorted(equal):
        for way in resolve([row], words, context, index):
            leaf = way.row
            if leaf != chosen.row and leaf not in leaves and not _alike(leaf, chosen.row, index):
                leaves.append(leaf)
    return tuple(leaves[:_MOST])


def difference(chosen: int, others: Sequence[int], index: TermIndex) -> str:
    """What tells codes apart, by their titles: "ambiguous: car or truck".

    Words that all titles share are left out; where a title has no words of its own, they are given whole.
    """
    titles = [index.table.title(r) for r in (chosen, *others)]
    bags = [{fold(w) for w in split_words(t)} for t in titles]
    shared = set.intersection(*bags)
    own = [[w for w in split_words(t) if fold(w) not in shared] for t in titles]
    for words in own:
        while words and words[-1] in _DANGLING:
            words.pop()
        while words and words[0] in _DANGLING:
            words.pop(0)
    named = [" ".join(words) for words in own]
    if not all(named) or len(set(named)) < len(named):
        named = titles
    return f"{AMBIGUOUS}: " + " or ".join(named)


def _why_open(axis: str) -> str:
    """Why nothing chose between the codes of an axis; an ambiguity names the difference itself."""
    return axis if axis.startswith(AMBIGUOUS) else f"the {axis} is not documented"


def alternatives(candidate: Candidate, table: CodeTable) -> tuple[Alternative, ...]:
    """Codes that another answer to the open axis would give."""
    seen: dict[str, Alternative] = {}
    for m in candidate.mentions:
        for code in m.options:
            row = table.row_of[code]
            if code != candidate.code:
                other = Alternative(code, table.title(row), m.open_axis, _why_open(m.open_axis))
                seen.setdefault(code, other)
    return tuple(seen.values())[:8]


def _alike(one: int, other: int, index: TermIndex) -> bool:
    codes = index.table.codes
    if index.side(one) != index.side(other) and index.side(one) and index.side(other):
        return True
    a, b = codes[one], codes[other]
    return len(a) == len(b) == _SEVENTH and a[:-1] == b[:-1]
