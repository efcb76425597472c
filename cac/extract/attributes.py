"""Side and encounter: the two axes that are documented apart from the condition they belong to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cac.match.canon import Stream
from cac.match.encounter import Encounter
from cac.match.matchers import Clauses, Hit
from cac.match.resolve import BILATERAL, LEFT, RIGHT
from cac.resources import one_of, read_table, required
from cac.text.tokens import tokenize
from cac.text.visits import is_planned
from cac.types import Note, Span

__all__ = ["SideFound", "Sides", "around", "encounter_cues", "encounter_of", "find_sides"]

_SIDES = {"right": RIGHT, "left": LEFT, "bilateral": BILATERAL}
_BEFORE, _AFTER = 5, 4
"""How many canonical words a side may stand before or after the mention it belongs to."""

_VAGUE = frozenset(
    "pain injury fracture sprain strain swelling disease disorder mass lesion weakness".split()
)
"""Words a side elsewhere in the note says nothing about: "right" pain is not a side of every pain."""


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

    def of(self, hit: Hit, stream: Stream) -> SideFound | None:
        """The side of a mention: in or next to it, else next to the same word elsewhere in the note."""
        first = bisect_left(self.spots, hit.start - _BEFORE)
        if first < len(self.spots) and self.spots[first] <= hit.end + _AFTER:
            near = self._near(hit, stream)
            if near is not None:
                return near
        if not self.beside:
            return None
        found: dict[int, int] = {}
        for p in hit.positions:
            word = stream.atoms[p]
            if word not in _VAGUE:
                for side, where in self.beside.get(word, {}).items():
                    found.setdefault(side, where)
        if len(found) == 1:
            ((side, where),) = found.items()
            return SideFound(side, (where,))
        return None

    def _owner(self, p: int) -> int:
        """The position a side word belongs to: the next that is no side itself."""
        while p in self.at:
            p += 1
        return p

    def _near(self, hit: Hit, stream: Stream) -> SideFound | None:
        sentence = stream.sentence[hit.start]
        inside = [p for p in range(hit.start, hit.end + 1) if p in self.at]
        # "of the left hip and the right knee": the side that stands before a word of this mention.
        touching = [p for p in inside if self._owner(p) in hit.positions]
        before: list[int] = []
        for p in range(hit.start - 1, max(-1, hit.start - 1 - _BEFORE), -1):
            if stream.sentence[p] != sentence:
                break
            if p in self.at:
                before.append(p)
        after: list[int] = []
        for p in range(hit.end + 1, min(len(stream.atoms), hit.end + 1 + _AFTER)):
            if stream.sentence[p] != sentence:
                break
            if p in self.at:
                after.append(p)
        # Two sides joined ("right and left knee") stand next to each other: stop words are gone.
        adjoining = [p for p in before[:1] if self._owner(p) == hit.start]
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


def find_sides(stream: Stream) -> Sides:
    """All side words of a note."""
    at = {i: _SIDES[a] for i, a in enumerate(stream.atoms) if a in _SIDES}
    beside: dict[str, dict[int, int]] = {}
    for i, side in at.items():
        for p in (i + 1, i + 2):
            if p < len(stream.atoms) and stream.sentence[p] == stream.sentence[i] and p not in at:
                beside.setdefault(stream.atoms[p], {}).setdefault(side, i)
    return Sides(at, list(at), beside)


@lru_cache(maxsize=1)
def _encounter_cues() -> dict[str, list[tuple[int, tuple[str, ...], str, str]]]:
    """First word → (number of the row, all words, axis, value)."""
    rows = read_table(
        "lexicon/encounter_cues.csv",
        ("cue", "axis", "value", "note"),
        {"cue": required, "axis": one_of("phase", "open", "healing", "grade"), "value": required},
    )
    found: dict[str, list[tuple[int, tuple[str, ...], str, str]]] = {}
    for number, r in enumerate(rows):
        words = tokenize(r["cue"]).lower
        found.setdefault(words[0], []).append((number, words, r["axis"], r["value"]))
    return found


def encounter_of(note: Note, sentences: Sequence[int], own: Span | None = None) -> Encounter:
    """What the given sentences say about the phase of care of an injury (I.C.19.a).

    The default, when they say nothing, is active treatment. Words ``own`` to a complication name what it
    is ("postoperative infection"), not the phase.
    """
    cues = _cues_in(note, sentences)
    found = {axis: value for axis, (value, where) in cues.items() if own is None or not own.overlaps(where)}
    return Encounter(
        phase=found.get("phase", "initial"),
        open_fracture=found.get("open") == "open",
        severe="grade" in found,
        healing=found.get("healing", "routine"),
        documented="phase" in found,
    )


def encounter_cues(note: Note, sentence: int) -> dict[str, Span]:
    """The words around a sentence that say the phase of care ("phase"), "open" and "healing"."""
    return {axis: span for axis, (_, span) in _cues_in(note, around(note, sentence)).items()}


def around(note: Note, sentence: int) -> list[int]:
    """The sentence and the others of its list item: where the phase of care is documented."""
    item, section = note.sentences[sentence].item, note.sentences[sentence].section
    near = range(max(0, sentence - 3), min(len(note.sentences), sentence + 4))
    return [
        sentence,
        *(
            n
            for n in near
            if n != sentence and note.sentences[n].item == item and note.sentences[n].section == section
        ),
    ]


def _cues_in(note: Note, sentences: Sequence[int]) -> dict[str, tuple[str, Span]]:
    """Axis → the value of its first cue and where that stands."""
    found: dict[str, tuple[str, Span]] = {}
    for number in sentences:
        s = note.sentences[number]
        begin = s.first_token
        if note.sections[s.section].kind == "reason_for_visit":
            # "Follow-up visit: ankle sprain": the header says it.
            begin = bisect_left(note.tokens.starts, note.sections[s.section].header_start, 0, begin)
        lower = note.tokens.lower[begin : s.last_token]
        cues = _encounter_cues()
        for _, words, axis, value in sorted([row for w in cues.keys() & set(lower) for row in cues[w]]):
            if axis not in found and (at := _position(lower, words)) >= 0:
                if axis == "open" and at + len(words) < len(lower) and lower[at + len(words)] in _OPERATIONS:
                    # An open operation is no open fracture.
                    continue
                first, last = begin + at, begin + at + len(words) - 1
                where = Span(note.tokens.starts[first], note.tokens.ends[last])
                if value == "subsequent" and is_planned(note.text, s.start, s.end, where.start, where.end):
                    continue
                found[axis] = value, where
    return found


_OPERATIONS = frozenset(
    "reduction reductions fixation repair surgery treatment procedure approach to".split()
)


def _position(words: Sequence[str], sought: tuple[str, ...]) -> int:
    first, n = sought[0], len(sought)
    hits = (i for i in range(len(words) - n + 1) if words[i] == first and tuple(words[i : i + n]) == sought)
    return next(hits, -1)


def clause_words(found: Clauses, hit: Hit, reach: int = 8) -> dict[int, int]:
    """Word number → nearest position, for the words of the hit's clause within ``reach``.

    What only another condition says of itself is left out: "cellulitis with acute kidney injury".
    """
    low, high = found.span(hit.start)
    low, high = max(low, hit.start - reach), min(high, hit.end + 1 + reach)
    owned = found.owned
    mine = owned.get(hit.start, (0, 0, " "))[2]
    return {
        w: p
        for w, p in zip(found.words[low:high], range(low, high), strict=True)
        if w and not (p in owned and _foreign(p, *owned[p], hit, mine))
    }


def _foreign(p: int, start: int, end: int, code: str, hit: Hit, mine: str) -> bool:
    """Whether the word at ``p`` of another condition tells nothing of this one."""
    if start > hit.end:
        # Before its noun a word belongs to it; of what stands in or on the body it says where for both.
        return p < end and (code[0] in _INNER or code.startswith(_PAINS)) and p not in hit.positions
    return end < hit.start and code[0] in _ORGANS and mine[0] in _OUTER


_INNER = frozenset("ABCDFJKN")
_ORGANS = frozenset("JKN")
_OUTER = frozenset("LMST")
_PAINS = ("M54",)
