"""The words that speak of a visit, found in one pass over the tokens of a note.

Rows of ``data/procedures/em_words`` are phrases: ``a|b`` in a row stands for either word, ``word?``
may be missing, ``~`` for up to four words between. Hyphens in the note are skipped, so "follow-up" is
"follow up". ``unless_before`` lists words that must not stand among the four before a phrase,
``unless_after`` the next word that must not follow it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cac.errors import TableError
from cac.resources import one_of, read_table, required
from cac.types import Note
from cac.types.records import fast_init

__all__ = ["KINDS", "Hit", "Phrases", "compile_phrases", "find_cues", "phrases"]

_GAP = 4
_BEFORE = 4
_COLUMNS = ("element", "kind", "term", "unless_before", "unless_after", "note")

KINDS: Mapping[str, frozenset[str]] = {
    "visit": frozenset(
        "office_stated office nurse_stated history_physical telehealth audio emergency_stated "
        "emergency_title emergency hospital_initial_stated hospital_subsequent_stated hospital_subsequent "
        "discharge_stated discharge same_day_stated critical_care inpatient_consult_stated consult_stated "
        "consult nursing_initial_stated nursing_stated nursing_discharge_stated home_stated postoperative "
        "preventive wellness_welcome wellness_initial wellness "
        "newborn_initial_stated newborn_subsequent_stated newborn_discharge_same_day_stated".split()
    ),
    "status": frozenset(("new", "established", "inferred", "follow_up")),
    "document": frozenset(("operative", "radiology", "pathology", "instructions")),
    "time": frozenset(("total", "counted", "not_counted")),
    "unit": frozenset(("unit",)),
    "service": frozenset(("critical_care", "discharge", "advance_care", "tobacco", "therapy")),
    "course": frozenset(
        "stable worse severe threat acute chronic systemic uncertain resolved elsewhere".split()
    ),
    "problem": frozenset(
        "minor acute_uncomplicated chronic acute_systemic undiagnosed acute_complicated threat".split()
    ),
    "grade": frozenset(
        "minor minors stable_chronic two_chronic chronic_worse chronic_severe acute_uncomplicated "
        "acute_systemic undiagnosed acute_complicated threat".split()
    ),
    "verb": frozenset(("order", "review")),
    "data": frozenset(("external", "historian", "child_historian", "interpretation", "discussion")),
    "test": frozenset(),
    "risk": frozenset(
        "minimal otc therapy rx sdoh minor_surgery major_surgery emergency_surgery hospital limit_treatment "
        "parenteral_controlled toxicity".split()
    ),
    "toxic_watch": frozenset(("watch",)),
    "risk_factor": frozenset(("factor",)),
    "decision": frozenset(("elect",)),
    "surgery": frozenset(("major", "minor")),
    "stated": frozenset(("straightforward", "low", "moderate", "high")),
}
"""The kinds of each element; a test may have any name."""


@fast_init
@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of the note: its tokens, half-open, what it speaks of, and its sentence."""

    first: int
    last: int
    element: str
    kind: str
    sentence: int


@dataclass(frozen=True, slots=True)
class _Part:
    """One place of a phrase: the words that may stand there."""

    words: frozenset[str]
    optional: bool
    after_gap: bool


@dataclass(frozen=True, slots=True)
class _Rest:
    """What follows the first word of a phrase."""

    parts: tuple[_Part, ...]
    element: str
    kind: str
    before: frozenset[str]
    after: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Start:
    """The phrases with one first word: those that need a certain second word, by it, and the others."""

    free: tuple[_Rest, ...]
    by_second: Mapping[str, tuple[_Rest, ...]]


class Phrases:
    """Phrases by their first word, compiled for one pass."""

    __slots__ = ("by_first", "rows")

    def __init__(self, by_first: Mapping[str, _Start], rows: int) -> None:
        self.by_first = by_first
        self.rows = rows

    def __len__(self) -> int:
        return self.rows


@lru_cache(maxsize=1)
def phrases() -> Phrases:
    """The packaged phrases."""
    rows = read_table("procedures/em_words", _COLUMNS, {"element": one_of(*KINDS), "kind": required})
    return compile_phrases(rows)


def compile_phrases(rows: Iterable[Mapping[str, str]]) -> Phrases:
    """Make phrases of table rows.

    Raises
    ------
    TableError
        Naming every unknown kind, every empty or malformed phrase, and every row that comes twice.
    """
    problems: list[str] = []
    seen: dict[tuple[str, str], str] = {}
    out: dict[str, list[_Rest]] = {}
    # The order of rows is no matter: equal matches are decided by the order of their words.
    for row in sorted(rows, key=lambda r: (r["element"], r["kind"], r["term"])):
        element, kind, term = row["element"], row["kind"], row["term"]
        kinds = KINDS.get(element)
        if kinds is None or (kinds and kind not in kinds):
            problems.append(f"{term!r}: unknown kind {element}/{kind}")
            continue
        if seen.setdefault((element, term), kind) != kind or term != term.lower():
            problems.append(f"{term!r}: a phrase is lower case and has one kind of {element}")
        parts = _parts(term)
        if not parts:
            problems.append(f"{term!r} is not a phrase")
        before = frozenset(w for w in row["unless_before"].split("|") if w)
        after = frozenset(w for w in row["unless_after"].split("|") if w)
        while parts:
            rest = _Rest(parts[1:], element, kind, before, after)
            for word in sorted(parts[0].words):
                out.setdefault(word, []).append(rest)
            # A first word that may be missing: the phrase also begins with its second.
            parts = parts[1:] if parts[0].optional else ()
    if problems:
        raise TableError(f"em_words: {len(problems)} bad rows", sorted(set(problems)))
    return Phrases({word: _start(rest) for word, rest in sorted(out.items())}, len(seen))


def _start(rests: Sequence[_Rest]) -> _Start:
    free: list[_Rest] = []
    by_second: dict[str, list[_Rest]] = {}
    for rest in rests:
        words = _next_words(rest.parts)
        if words is None:
            free.append(rest)
        else:
            for word in sorted(words):
                by_second.setdefault(word, []).append(rest)
    return _Start(tuple(free), {word: tuple(found) for word, found in sorted(by_second.items())})


def _next_words(parts: tuple[_Part, ...]) -> frozenset[str] | None:
    """The words one of which has to come next, or None when any may."""
    words: frozenset[str] = frozenset()
    for part in parts:
        if part.after_gap:
            return None
        words |= part.words
        if not part.optional:
            return words
    return None


def _parts(term: str) -> tuple[_Part, ...]:
    """The places of a phrase; empty when it is malformed."""
    out: list[_Part] = []
    gap = False
    for part in term.split():
        if part == "~":
            if gap or not out:
                return ()
            gap = True
            continue
        words = part.removesuffix("?").split("|")
        if not all(words):
            return ()
        out.append(_Part(frozenset(words), part.endswith("?"), gap))
        gap = False
    # A gap at the end means nothing; a phrase of optional words would match anywhere.
    wrong = gap or any(p.optional and p.after_gap for p in out) or all(p.optional for p in out)
    return () if wrong else tuple(out)


def find_cues(note: Note, table: Phrases | None = None) -> list[Hit]:
    """Every phrase of a note in text order, within a sentence, the longest of each element.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> [(h.element, h.kind) for h in find_cues(read("Established patient. Reassurance."))]
    [('status', 'established'), ('risk', 'minimal')]
    """
    by_first = (table or phrases()).by_first
    lower = note.tokens.lower
    spots = [i for i, w in enumerate(lower) if w in by_first]
    if not spots or not note.sentences:
        return []
    firsts = [s.first_token for s in note.sentences]
    lasts = [s.last_token for s in note.sentences]
    out: list[Hit] = []
    done: dict[str, int] = {}
    number = 0
    size = len(lower)
    for i in spots:
        # Most words that begin a phrase begin none here: the next word says so, before all else.
        start = by_first[lower[i]]
        j = i + 1
        while j < size and lower[j] == "-":
            j += 1
        second = start.by_second.get(lower[j], ()) if j < size else ()
        if not second and not start.free:
            continue
        if not firsts[number] <= i < lasts[number]:
            number = max(0, bisect_right(firsts, i) - 1)
            if i >= lasts[number]:
                # A header: what it says belongs to the sentence below it.
                if number + 1 >= len(firsts):
                    continue
                number += 1
        high = lasts[number]
        found: dict[str, Hit] = {}
        for rest in (*start.free, *second):
            element = rest.element
            if done.get(element, 0) > i:
                continue
            end = _matched(lower, i + 1, high, rest.parts, 0) if rest.parts else i + 1
            if end and (element not in found or end > found[element].last):
                if (rest.before or rest.after) and _spoiled(
                    lower, min(i, firsts[number]), i, end, high, rest
                ):
                    continue
                found[element] = Hit(i, end, element, rest.kind, number)
        for hit in found.values():
            done[hit.element] = hit.last
            out.append(hit)
    return out


def _matched(lower: Sequence[str], i: int, high: int, parts: tuple[_Part, ...], at: int) -> int:
    """The token after the phrase, or 0."""
    size = len(parts)
    while at < size:
        part = parts[at]
        while i < high and lower[i] == "-":
            i += 1
        at += 1
        if part.after_gap:
            left = _GAP
            while i < high and left >= 0:
                end = _matched(lower, i + 1, high, parts, at) if lower[i] in part.words else 0
                if end:
                    return end
                left -= lower[i] != "-"
                i += 1
            return 0
        if i < high and lower[i] in part.words:
            i += 1
        elif not part.optional:
            return 0
    return i


def _spoiled(lower: Sequence[str], low: int, i: int, end: int, high: int, rest: _Rest) -> bool:
    """Whether the words around a phrase say that it means something else."""
    if rest.after:
        while end < high and lower[end] == "-":
            end += 1
        if end < high and lower[end] in rest.after:
            return True
    return bool(rest.before) and not rest.before.isdisjoint(lower[max(low, i - _BEFORE) : i])
