"""Conditions that a word or a sign joins, and whose the words around it are.

In "cellulitis and breast cancer" the breast belongs to the noun that follows it, and tells nothing of the
noun before the "and". What follows both nouns, or stands before both, is for both: "pain and swelling of
the knee", "left knee pain and swelling", "hip and knee pain".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from cac.match.canon import Stream
from cac.match.index import TermIndex

if TYPE_CHECKING:
    from cac.match.matchers import Clauses, Hit

__all__ = ["LIST_SIGNS", "Strays", "joined", "of_one_kind", "run"]

_LIKE = frozenset(("and", "or", "plus", "&", "+", "/", ",", ";"))
"""Signs and words that join like with like."""

LIST_SIGNS = frozenset(("plus", "&", "+", "/"))
"""Those of them that the stream of canonical words does not count among its commas."""

_FINAL = _LIKE - {",", ";"}
_ALL = _LIKE | {"with", "w/"}
_PLACES = frozenset("of in to at on over from".split())
"""Words after which a site follows its noun."""

_SIDES = frozenset(("right", "left", "bilateral"))

Modifiers = dict[int, list["Hit"]]
"""Position → the terms in which a word there stands before its noun."""


def joined(stream: Stream, p: int, q: int, *, alike: bool = False) -> bool:
    """Whether the words at two positions, in order, have a joining word or sign between them.

    ``alike`` leaves out "with", after which a condition of another kind may follow.
    """
    between = stream.tokens[stream.last[p] + 1 : stream.first[q]]
    return bool(between) and not (_LIKE if alike else _ALL).isdisjoint(between)


class Strays:
    """Tells the hits that reach over "and" or "with" for a word that another noun needs."""

    __slots__ = ("_before", "_found", "_hits", "_index", "_stream")

    def __init__(self, hits: Sequence[Hit], stream: Stream, found: Clauses, index: TermIndex) -> None:
        self._hits, self._stream, self._found, self._index = hits, stream, found, index
        self._before: Modifiers | None = None

    def __contains__(self, hit: Hit) -> bool:
        stream, p, q = self._stream, hit.positions[0], hit.positions[-1]
        # Where no word stands between and no token dropped out there is no joining word.
        if p == q or not (hit.gap or stream.first[q] - stream.last[p] != q - p) or not joined(stream, p, q):
            return False
        if self._before is None:
            self._before = {}
            for h in self._hits:
                positions = h.positions
                size = len(positions)
                if size > 1 and not h.gap and positions[-1] - positions[0] == size - 1:
                    for at in positions[:-1]:
                        self._before.setdefault(at, []).append(h)
        return _astray(hit, self._before, stream, self._found, self._index)


def _astray(hit: Hit, before: Modifiers, stream: Stream, found: Clauses, index: TermIndex) -> bool:
    """Whether a hit reaches over "and" or "with" for a word that another noun needs.

    What stands before a noun there is the noun's own ("cellulitis and breast cancer"); so is a site that
    follows its noun here ("cancer of the breast with metastases to bone": nothing in or of the breast but the
    cancer). Words that are a condition by themselves may serve both: "nausea and vomiting in pregnancy".
    """
    positions = hit.positions
    words = {found.words[p] for p in positions}
    cut = next((b for a, b in reversed([*pairwise(positions)]) if joined(stream, a, b)), hit.start)
    taken = {found.words[p] for p in positions if p >= cut}
    terms = [t for t in before.get(hit.end, ()) if hit.start < t.start <= cut]
    longer = any(found.words[t.end] not in words and not joined(stream, t.start, t.end) for t in terms)
    if not _condition(taken, index):
        return cut > hit.start and (longer or _has_noun(hit.end, words, stream, found, index))
    own = words - taken
    if longer and words <= index.vague:
        # "Infection and wound dehiscence": the wound is not what is infected.
        return True
    if not own or not _condition(own, index):
        return longer and bool(own) and _follows_noun(hit, stream, found, index)
    # Two conditions, the first without the site it has in the note, are not one.
    sited = {t.end for p in positions if p < cut for t in before.get(p, ()) if t.end < cut}
    return bool(hit.gap) and any(found.words[p] in index.wholes for p in sited.difference(positions))


def _has_noun(p: int, words: set[int], stream: Stream, found: Clauses, index: TermIndex) -> bool:
    """Whether the very next word is a condition that the word at a position can belong to."""
    q = p + 1
    return (
        q < len(stream.atoms)
        and stream.first[q] == stream.last[p] + 1
        and stream.sentence[q] == stream.sentence[p]
        and index.alone[found.words[q]] != 0
        and found.words[q] not in words
    )


def _follows_noun(hit: Hit, stream: Stream, found: Clauses, index: TermIndex) -> bool:
    """Whether a hit begins with the site of a condition that stands before it."""
    p = hit.start - 1
    while p > 0 and stream.atoms[p] in _SIDES:
        p -= 1
    if p < 0 or not index.alone[found.words[p]]:
        return False
    between = stream.tokens[stream.last[p] + 1 : stream.first[hit.start]]
    return not _PLACES.isdisjoint(between)


def run(positions: Sequence[int], stream: Stream, found: Clauses, index: TermIndex) -> str:
    """How some words make one term over a list of joined words, "" if they do not.

    "sites": one of several sites of a noun before or after it ("neck, back and hip pain"); "nouns": the
    first of several nouns that a site follows ("pain, swelling and redness of the knee"); "site": the site
    before several nouns ("left knee pain and swelling").
    """
    breaks = [(a, b) for a, b in pairwise(positions) if b - a > 1]
    if len(breaks) != 1:
        return ""
    ((a, b),) = breaks
    if not joined(stream, a, b, alike=True):
        return ""
    chain = [a, *(p for p in range(a + 1, b) if stream.atoms[p] not in _SIDES), b]
    if len(chain) < 3:
        return ""
    words = [found.words[p] for p in chain]
    first, last = joined(stream, a, chain[1], alike=True), joined(stream, chain[-2], b, alike=True)
    if first is last or not all(joined(stream, p, q, alike=True) for p, q in pairwise(chain[1:-1])):
        return ""
    if all(w in index.wholes for w in (words[1:] if last else words[:-1])):
        return "sites"
    if (words[0] if last else words[-1]) not in index.wholes:
        return ""
    if last:
        listed = all(_noun(w, words[0], index) for w in words[1:-1])
        return "site" if listed and _goes_on(b, words[0], stream, found, index) else ""
    if a != positions[0]:
        # More than a noun alone: "Pott's disease or curvature of the spine".
        return ""
    between = stream.tokens[stream.last[chain[-2]] + 1 : stream.first[b]]
    listed = not _PLACES.isdisjoint(between) and all(_noun(w, words[-1], index) for w in words[1:-1])
    return "nouns" if listed else ""


def _noun(word: int, site: int, index: TermIndex) -> bool:
    """Whether a word names a condition, alone or of a site."""
    return index.alone[word] != 0 or index.has_bag((word, site))


def _goes_on(p: int, site: int, stream: Stream, found: Clauses, index: TermIndex) -> bool:
    """Whether the noun at a position is one of a list with an "and": a comma alone may part two problems."""
    while joined(stream, p - 1, p, alike=True) and _noun(found.words[p], site, index):
        if not _FINAL.isdisjoint(stream.tokens[stream.last[p - 1] + 1 : stream.first[p]]):
            return True
        p += 1
        if p == len(stream.atoms) or stream.sentence[p] != stream.sentence[p - 1]:
            break
    return False


def _condition(words: set[int], index: TermIndex) -> bool:
    return index.has_bag(words) or words <= index.vague


def of_one_kind(hit: Hit, others: Iterable[Hit], index: TermIndex) -> bool:
    """Whether hits lie in one block of the code table, as what is told in one breath does.

    "Left knee pain and swelling" is both of the knee; "renal failure and abscess" is no renal abscess.
    """
    return all(_block(hit, index) == _block(other, index) for other in others)


def _block(hit: Hit, index: TermIndex) -> int:
    table, row = index.table, index.entry_rows(hit.entry)[0]
    return next((r for r in table.ancestors(row) if table.kind(r) == "block"), -1)
