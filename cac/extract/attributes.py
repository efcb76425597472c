"""What is documented around a condition: its phase of care, and words of its clause."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from cac.match.canon import Stream
from cac.match.encounter import Encounter
from cac.match.joins import joined
from cac.match.matchers import Clauses, Hit
from cac.resources import one_of, read_table, required
from cac.text.tokens import tokenize
from cac.text.visits import is_planned
from cac.types import Note, Span

__all__ = ["around", "clause_words", "encounter_cues", "encounter_of"]


class _Cue(NamedTuple):
    """A row of the words for the phase of care; ``number`` is its place in the table."""

    number: int
    words: tuple[str, ...]
    axis: str
    value: str
    not_for: tuple[str, ...]


@lru_cache(maxsize=1)
def _encounter_cues() -> dict[str, list[_Cue]]:
    """First word → the rows that begin with it.

    A row is not read for codes that begin with one of ``not_for``: "postoperative" and "after a previous
    operation" say what a complication of care is, not how far its own treatment has come.
    """
    rows = read_table(
        "lexicon/encounter_cues.csv",
        ("cue", "axis", "value", "not_for", "note"),
        {"cue": required, "axis": one_of("phase", "open", "healing", "grade"), "value": required},
    )
    found: dict[str, list[_Cue]] = {}
    for number, r in enumerate(rows):
        words = tokenize(r["cue"]).lower
        not_for = tuple(r["not_for"].split("|")) if r["not_for"] else ()
        found.setdefault(words[0], []).append(_Cue(number, words, r["axis"], r["value"], not_for))
    return found


def encounter_of(note: Note, sentences: Sequence[int], code: str = "") -> Encounter:
    """What the given sentences say about the phase of care of an injury (I.C.19.a).

    The default, when they say nothing, is active treatment. ``code`` is what is cared for.
    """
    found = {axis: value for axis, (value, _) in _cues_in(note, sentences, code).items()}
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


def _cues_in(note: Note, sentences: Sequence[int], code: str = "") -> dict[str, tuple[str, Span]]:
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
        for _, words, axis, value, not_for in sorted(
            [row for w in cues.keys() & set(lower) for row in cues[w]]
        ):
            if not_for and code.startswith(not_for):
                continue
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


def clause_words(
    found: Clauses, hit: Hit, stream: Stream, deciding: frozenset[int], reach: int = 8
) -> dict[int, int]:
    """Word number → nearest position, for the words of the hit's clause within ``reach``.

    What only another condition says of itself is left out: "cellulitis with acute kidney injury".
    ``deciding`` are the words that make a difference to the codes of the hit.
    """
    low, high = found.span(hit.start)
    low, high = max(low, hit.start - reach), min(high, hit.end + 1 + reach)
    owned = found.owned
    mine = owned.get(hit.start, (0, 0, " "))[2]

    def foreign(p: int) -> bool:
        """Whether the word at a position of another condition tells nothing of this one."""
        start, end, code = owned[p]
        if start <= hit.end:
            return end < hit.start and code[0] in _ORGANS and mine[0] in _OUTER
        # Before its noun a word belongs to it; of what stands in or on the body it says where for both.
        if p >= end or p in hit.positions:
            return False
        # But never before "and": "cellulitis and hip pain". Where the noun counts as well ("diabetes with
        # foot ulcer"), so does what it says of itself.
        if code[0] in _INNER or code.startswith(_PAINS):
            return True
        if found.words[end] in deciding or not joined(stream, hit.end, start):
            return False
        # "Cellulitis with foot ulcer": skin is inflamed where it is open.
        open_skin = mine[0] == "L" and code.startswith(_ULCERS)
        return not open_skin or joined(stream, hit.end, start, alike=True)

    return {
        w: p
        for w, p in zip(found.words[low:high], range(low, high), strict=True)
        if w and not (p in owned and foreign(p))
    }


_INNER = frozenset("ABCDFJKN")
_ORGANS = frozenset("JKN")
_OUTER = frozenset("LMST")
_PAINS = ("M54",)
_ULCERS = ("E08.62", "E09.62", "E10.62", "E11.62", "E13.62", "I83.0", "I83.2", "L89", "L97", "L98.4")
"""Ulcers of the skin, in diabetes and of veins as well."""
