"""The words that speak of a visit, found in one pass over the tokens of a note.

Rows of ``data/procedures/em_words`` are phrases: ``a|b`` in a row stands for either word, ``word?``
may be missing, ``~`` for up to four words between. Hyphens in the note are skipped, so "follow-up" is
"follow up". ``unless_before`` lists words that must not stand among the three before a phrase,
``unless_after`` the next word that must not follow it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from cac.errors import TableError
from cac.resources import one_of, read_table, required
from cac.types import Note

__all__ = ["KINDS", "Hit", "Phrases", "compile_phrases", "find_cues", "phrases"]

_GAP = 4
_BEFORE = 3
_COLUMNS = ("element", "kind", "term", "unless_before", "unless_after", "note")

KINDS: Mapping[str, frozenset[str]] = {
    "visit": frozenset(
        "office_stated office nurse_stated telehealth audio emergency_stated emergency hospital_initial_stated "
        "hospital_subsequent_stated hospital_subsequent discharge_stated discharge same_day_stated critical_care "
        "inpatient_consult_stated consult_stated consult nursing_initial_stated nursing_stated "
        "nursing_discharge_stated home_stated postoperative preventive wellness_welcome wellness_initial wellness "
        "newborn_initial_stated newborn_subsequent_stated newborn_discharge_same_day_stated".split()
    ),
    "status": frozenset(("new", "established", "inferred")),
    "document": frozenset(("operative", "radiology", "pathology", "instructions")),
    "time": frozenset(("total", "counted", "not_counted")),
    "service": frozenset(("critical_care", "discharge", "advance_care", "tobacco", "therapy")),
    "course": frozenset(
        "stable worse severe threat acute chronic systemic uncertain resolved elsewhere".split()
    ),
    "problem": frozenset(
        "minor acute_uncomplicated chronic acute_systemic undiagnosed acute_complicated threat".split()
    ),
    "grade": frozenset(
        "minor minors stable_chronic two_chronic chronic_worse chronic_severe acute_uncomplicated acute_systemic "
        "undiagnosed acute_complicated threat".split()
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


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of the note: its tokens, half-open, what it speaks of, and its sentence."""

    first: int
    last: int
    element: str
    kind: str
    sentence: int


@dataclass(frozen=True, slots=True)
class _Rest:
    """What follows the first word of a phrase; None is a gap."""

    words: tuple[str | None, ...]
    element: str
    kind: str
    before: frozenset[str]
    after: frozenset[str]


class Phrases:
    """Phrases by their first word, compiled for one pass."""

    __slots__ = ("by_first",)

    def __init__(self, by_first: Mapping[str, tuple[_Rest, ...]]) -> None:
        self.by_first = by_first

    def __len__(self) -> int:
        return sum(map(len, self.by_first.values()))


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
        Naming every unknown kind, every empty or malformed phrase, and every phrase of an element that
        has two kinds.
    """
    problems: list[str] = []
    seen: dict[tuple[str, tuple[str | None, ...]], str] = {}
    out: dict[str, list[_Rest]] = {}
    for row in sorted(rows, key=lambda r: (r["element"], r["kind"], r["term"])):
        element, kind, term = row["element"], row["kind"], row["term"]
        kinds = KINDS.get(element)
        if kinds is None or (kinds and kind not in kinds):
            problems.append(f"{term!r}: unknown kind {element}/{kind}")
            continue
        made = _spelled(term)
        if not made:
            problems.append(f"{term!r} is not a phrase")
        before = frozenset(w for w in row["unless_before"].split("|") if w)
        after = frozenset(w for w in row["unless_after"].split("|") if w)
        for words in made:
            known = seen.setdefault((element, words), kind)
            if known != kind:
                problems.append(f"{term!r}: both {known} and {kind} of {element}")
            first = words[0]
            assert first is not None
            out.setdefault(first, []).append(_Rest(words[1:], element, kind, before, after))
    if problems:
        raise TableError(f"em_words: {len(problems)} bad rows", sorted(set(problems)))
    # The longest phrase of an element wins; ties by what it says, so that the order of rows is no matter.
    return Phrases(
        {
            word: tuple(
                sorted(rest, key=lambda r: (-len(r.words), r.element, r.kind, [w or "" for w in r.words]))
            )
            for word, rest in sorted(out.items())
        }
    )


def _spelled(term: str) -> list[tuple[str | None, ...]]:
    """Every way to say a term; empty when it is malformed."""
    choices: list[tuple[str | None, ...]] = []
    for part in term.split():
        if part == "~":
            choices.append((None,))
            continue
        words = part.removesuffix("?").split("|")
        if not all(words) or part != part.lower():
            return []
        choices.append((*words, "") if part.endswith("?") else tuple(words))
    made = {tuple(w for w in way if w != "") for way in product(*choices)}
    if any(not way or way[0] is None or way[-1] is None for way in made):
        return []
    return sorted(made, key=lambda way: [w or "" for w in way])


def find_cues(note: Note, table: Phrases | None = None) -> list[Hit]:
    """Every phrase of a note in text order, within a sentence, the longest of each element.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> [(h.element, h.kind) for h in find_cues(read("Established patient. Total time 25 minutes."))]
    [('status', 'established'), ('time', 'total')]
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
    for i in spots:
        if not firsts[number] <= i < lasts[number]:
            number = max(0, bisect_right(firsts, i) - 1)
            if i >= lasts[number]:
                # A header: what it says belongs to the sentence below it.
                if number + 1 >= len(firsts):
                    continue
                number += 1
        low, high = min(i, firsts[number]), lasts[number]
        for rest in by_first[lower[i]]:
            if done.get(rest.element, 0) > i:
                continue
            end = _matched(lower, i + 1, high, rest.words) if rest.words else i + 1
            if not end or (rest.before or rest.after) and _spoiled(lower, low, i, end, high, rest):
                continue
            out.append(Hit(i, end, rest.element, rest.kind, number))
            done[rest.element] = end
    return out


def _matched(lower: Sequence[str], i: int, high: int, words: tuple[str | None, ...]) -> int:
    """The token after the phrase, or 0."""
    gap = 0
    for word in words:
        if word is None:
            gap = _GAP
            continue
        while i < high and (lower[i] == "-" or (gap and lower[i] != word)):
            if lower[i] != "-":
                gap -= 1
            i += 1
        if i >= high or lower[i] != word:
            return 0
        gap = 0
        i += 1
    return i


def _spoiled(lower: Sequence[str], low: int, i: int, end: int, high: int, rest: _Rest) -> bool:
    """Whether the words around a phrase say that it means something else."""
    if rest.after:
        while end < high and lower[end] == "-":
            end += 1
        if end < high and lower[end] in rest.after:
            return True
    return bool(rest.before) and not rest.before.isdisjoint(lower[max(low, i - _BEFORE) : i])
