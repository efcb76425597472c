"""The side of a condition: documented in it, next to it, or next to the same part of the body elsewhere."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from cac.match.canon import Stream
from cac.match.index import TermIndex
from cac.match.joins import joined
from cac.match.matchers import Clauses, Hit
from cac.match.resolve import BILATERAL, LEFT, RIGHT

__all__ = ["SideFound", "Sides", "find_sides"]

_SIDES = {"right": RIGHT, "left": LEFT, "bilateral": BILATERAL}
_BEFORE, _AFTER = 5, 4
"""How many canonical words a side may stand before or after the mention it belongs to."""

_VAGUE = frozenset(
    "pain injury fracture sprain strain swelling disease disorder mass lesion weakness".split()
)
"""Words a side elsewhere in the note says nothing about: "right" pain is not a side of every pain."""

_WHOLE_SITES = frozenset(("head", "neck", "trunk"))
_LIMBS = {"arm": "upper", "leg": "lower"}
"""Words that may stand for a whole limb, and the word that tells it apart."""

_BODY = frozenset("MS")
"""First letters of codes of bones, joints and their injuries, which name the same places."""


@dataclass(frozen=True, slots=True)
class SideFound:
    """A documented side (an index into ``titles.SIDES``) and the stream positions that say so."""

    side: int
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """Every side word of a note (``spots``: in order), and which words stand next to one."""

    at: dict[int, int]
    spots: list[int]
    beside: dict[str, dict[int, int]] = field(repr=False)

    def of(self, hit: Hit, stream: Stream, found: Clauses, index: TermIndex) -> SideFound | None:
        """The side of a mention: in or next to it, else next to the same word elsewhere in the note."""
        first = bisect_left(self.spots, hit.start - _BEFORE)
        if first < len(self.spots) and self.spots[first] <= hit.end + _AFTER:
            near = self._near(hit, stream, found, index)
            if near is not None:
                return near
        if not self.beside:
            return None
        sides: dict[int, int] = {}
        words = [stream.atoms[p] for p in hit.positions]
        # The other knee's osteoarthritis says nothing of that of the hip.
        for word in [w for w in words if _is_place(w, index)] or words:
            if word not in _VAGUE:
                for side, where in self.beside.get(word, {}).items():
                    sides.setdefault(side, where)
        if len(sides) == 1:
            ((side, where),) = sides.items()
            return SideFound(side, (where,))
        return None

    def _owner(self, p: int, stream: Stream) -> int:
        """The position a side word belongs to: the next that is no side itself, or the one before.

        "Ankle sprain, left, and shoulder pain": what is parted from the next word belongs to the last.
        """
        q = p
        while q in self.at:
            q += 1
        if p and stream.sentence[p - 1] == stream.sentence[p]:
            if q == len(stream.atoms) or stream.sentence[q] != stream.sentence[p]:
                return p - 1
            return p - 1 if joined(stream, q - 1, q) else q
        return q

    def _near(self, hit: Hit, stream: Stream, found: Clauses, index: TermIndex) -> SideFound | None:
        sentence = stream.sentence[hit.start]
        inside = [p for p in range(hit.start, hit.end + 1) if p in self.at]
        # "of the left hip and the right knee": the side that stands before a word of this mention.
        touching = [p for p in inside if self._owner(p, stream) in hit.positions]
        before: list[int] = []
        for p in range(hit.start - 1, max(-1, hit.start - 1 - _BEFORE), -1):
            if stream.sentence[p] != sentence:
                break
            if p in self.at and not self._elsewhere(p, hit, stream, found, index):
                before.append(p)
        after: list[int] = []
        for p in range(hit.end + 1, min(len(stream.atoms), hit.end + 1 + _AFTER)):
            if stream.sentence[p] != sentence:
                break
            if p in self.at and not self._elsewhere(p, hit, stream, found, index):
                after.append(p)
        # Two sides joined ("right and left knee") stand next to each other: stop words are gone.
        adjoining = [p for p in before[:1] if self._owner(p, stream) == hit.start]
        chosen = touching or adjoining or inside or before[:1] or after[:1]
        if not chosen:
            return None
        # A side just before another word's site belongs there: prefer the one that touches the mention.
        if before and after and after[0] == hit.end + 1 and before[0] < hit.start - 2 and not inside:
            chosen = after[:1]
        group = set(chosen)
        for p in chosen:
            group |= {q for q in (p - 1, p + 1) if q in self.at and stream.sentence[q] == sentence}
        sides = {self.at[p] for p in group}
        side = BILATERAL if len(sides) > 1 else next(iter(sides))
        return SideFound(side, tuple(sorted(group)))

    def _elsewhere(self, p: int, hit: Hit, stream: Stream, found: Clauses, index: TermIndex) -> bool:
        """Whether a side outside a mention is that of another one, of another part of the body.

        "Right hip fracture and wrist sprain": the side of the wrist is not documented.
        """
        owner = self._owner(p, stream)
        other = found.owned.get(owner)
        if other is None:
            return False
        start, end, code = other
        last, first = (end, hit.start) if end < hit.start else (hit.end, start)
        # What follows a condition "with" another is of both: "foot ulcer with muscle necrosis, left".
        if last >= first or not joined(stream, last, first, alike=owner < p):
            return False
        here = _places([stream.atoms[q] for q in hit.positions], index)
        words = [stream.atoms[q] for q in range(start, end + 1) if q in found.owned]
        there = _places(words, index)
        if here and there:
            return not any(_related(a, b, index) for a in here for b in there)
        table, mine = index.table, index.entry_rows(hit.entry)[0]
        alike = {code[0], table.codes[mine][0]} <= _BODY
        return not alike and table.ancestors(mine)[-1] != table.ancestors(table.row(code))[-1]


def find_sides(stream: Stream, index: TermIndex) -> Sides:
    """All side words of a note."""
    at = {i: _SIDES[a] for i, a in enumerate(stream.atoms) if a in _SIDES}
    beside: dict[str, dict[int, int]] = {}
    for i, side in at.items():
        for p in (i + 1, i + 2):
            if p < len(stream.atoms) and stream.sentence[p] == stream.sentence[i] and p not in at:
                # "Ankle sprain, left, and shoulder pain"; but "left hip and knee pain".
                if joined(stream, p - 1, p) and not _is_place(stream.atoms[p - 1], index):
                    break
                beside.setdefault(stream.atoms[p], {}).setdefault(side, i)
    return Sides(at, list(at), beside)


def _is_place(atom: str, index: TermIndex) -> bool:
    return atom in _WHOLE_SITES or index.ids.get(atom, 0) in index.wholes


def _places(atoms: list[str], index: TermIndex) -> set[str]:
    """The words of a mention that name parts of the body; of "lower limb", the word that tells it apart."""
    found = {a for a in atoms if _is_place(a, index)}
    return found | {a for a in atoms if a in _LIMBS.values()} if "limb" in atoms else found


def _related(a: str, b: str, index: TermIndex) -> bool:
    """Whether one place is the other or belongs to it."""
    return a == b or _within(a, b, index) or _within(b, a, index)


def _within(part: str, whole: str, index: TermIndex) -> bool:
    above = {index.words[w] for w in index.wholes.get(index.ids.get(part, 0), ())}
    return whole in above or ("limb" in above and _LIMBS.get(whole) in above)
