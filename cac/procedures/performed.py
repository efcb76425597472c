"""Was the service performed at this encounter? Sections, assertion and cue words decide.

Nothing that was planned, ordered, advised, declined, cancelled or done long ago gets a code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cac.resources import one_of, read_table, required
from cac.types import Assertion, Cue, Note, Span

__all__ = ["Verdict", "judge", "place_of", "today_words", "verdicts_in"]

PLACES = (
    "title",
    "body",
    "report",
    "exam",
    "values",
    "open",
    "course",
    "plan",
    "narrative",
    "past",
    "never",
    "skip",
)
_CUES = ("performed", "today", "elsewhere", "planned", "declined", "historical", "cancelled")
_ALWAYS = ("other_person", "family", "negated", "planned")
_LONG_AGO = re.compile(r"ago|year|last|\b(?:19|20)\d\d\b", re.IGNORECASE)
_STRONG = re.compile(
    r"(?:was |were |we |i )?(?:perform|administer|given|inject|done|underwent|did|received)", re.IGNORECASE
)
_TO_COME = frozenset(("be", "to", "have", "get", "being", "will"))
_NOT_DONE = frozenset(("not", "never", "without"))
_NOT_YET = frozenset(("be", "to", "being", "will"))
_ENDS = frozenset((",", ";", ":", ".", "but", "then", "today"))
_CLAUSES = frozenset((";", "but", "however"))
_REACHES = ("", "next", "behind")
_NEXT = 12
_BEHIND = 6
_MEASURES = frozenset(("minutes", "minute", "units", "session", "lot"))
_CLOCK = re.compile(
    r"\b\d{1,2}:\d{2}\s*(?:to|-|–|until)\s*\d{1,2}:\d{2}|\b(?:at|push|infusion|infused) \d{1,2}:\d{2}"
)
_PARITY = re.compile(r"g\d{1,2}p\d{1,4}")
_REFERENCE = frozenset(("on", "per", "by", "from", "via"))
_TIMED = ("historical", "hypothetical", "uncertain")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` is "" for a performed service; ``cue`` are the words that decided, if words did."""

    reason: str
    cue: Span | None = None
    certain: bool = True


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    rows = read_table(
        "procedures/places.csv", ("section", "place"), {"section": required, "place": one_of(*PLACES)}
    )
    return {r["section"]: r["place"] for r in rows}


@lru_cache(maxsize=1)
def _cues() -> dict[str, tuple[tuple[tuple[str, ...], str, str], ...]]:
    """First word → the cues that start with it, longest first: words, verdict, reach.

    A cue with reach "next" speaks of the name that follows it and one with "behind" of the name right
    before it, whatever else the sentence says was done.
    """
    rows = read_table(
        "procedures/cues.csv",
        ("words", "verdict", "reach"),
        {"words": required, "verdict": one_of(*_CUES), "reach": one_of(*_REACHES)},
    )
    found: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for r in rows:
        words = tuple(r["words"].split())
        found.setdefault(words[0], []).append((words, r["verdict"], r["reach"]))
    return {w: tuple(sorted(c, key=lambda wc: (-len(wc[0]), wc))) for w, c in sorted(found.items())}


@lru_cache(maxsize=1)
def today_words() -> frozenset[str]:
    """The last words of the cues for "at this encounter": without one, a history tells of other days."""
    return frozenset(
        words[-1] for found in _cues().values() for words, verdict, _ in found if verdict == "today"
    )


def place_of(section: str) -> str:
    """What a section of this kind says about a service named in it.

    Examples
    --------
    >>> place_of("procedures"), place_of("psh")
    ('title', 'past')
    """
    return _places().get(section, "narrative")


def verdicts_in(note: Note, first: int, last: int) -> frozenset[str]:
    """What the cue words of a sentence, tokens ``first``..``last`` half-open, say of a service.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("The wound was closed. It healed.")
    >>> [sorted(verdicts_in(note, s.first_token, s.last_token)) for s in note.sentences]
    [['performed'], []]
    """
    cues, bound = _found(note, first, last, (-1, -1), frozenset(), ())
    return frozenset((*cues, *(bound[:1] if bound is not None else ())))


def judge(
    note: Note,
    place: str,
    kind: str,
    assertion: Assertion,
    first: int,
    last: int,
    hit: tuple[int, int],
    *,
    active: bool = True,
    own: frozenset[int] = frozenset(),
    others: tuple[int, ...] = (),
) -> Verdict:
    """Judge one service.

    Parameters
    ----------
    note
        The note that was read.
    place, kind
        Of the section the service stands in; of the service.
    assertion
        Of the words that name it.
    first, last
        The tokens of its sentence, half-open.
    hit
        The tokens that name it, inclusive.
    active
        Whether the line says what was done to a device, not only that it is there.
    own
        The tokens of the name itself, where others stand between them.
    others
        The first tokens of the other services of the sentence.
    """
    hit_end = note.tokens.ends[hit[1]]
    cues, bound = _found(note, first, last, hit, own, others)
    if "cancelled" in cues:
        return Verdict("cancelled", cues["cancelled"])
    for reason in _ALWAYS:
        if getattr(assertion, reason) and not (reason == "planned" and _overridden(note, assertion, cues)):
            reason_cue = assertion.cue(reason)
            if reason == "negated" and kind == "lab" and reason_cue and "negative" in reason_cue.text.lower():
                continue  # the result, not the test
            declined = reason == "planned" and "declined" in cues
            return Verdict("declined" if declined else reason, _span(reason_cue))
    if bound is not None and (place != "title" or (bound[0] == "planned" and bound[1].start > hit_end)):
        done = "performed" in cues or "today" in cues
        if bound[0] != "historical" or not done:
            return Verdict(bound[0], cues.get(*bound))
    if place in ("title", "body"):
        past = assertion.cue("historical")
        if place == "title" and past is not None and _LONG_AGO.search(past.text):
            return Verdict("historical", _span(past))
        if place == "body" and "performed" not in cues:
            # Read where no title is: the description may also say what was left for another day.
            for reason in ("declined", "elsewhere", "planned"):
                if reason in cues:
                    return Verdict(reason, cues[reason])
            if kind == "device" and not active and "today" not in cues:
                return Verdict("status")
        return Verdict("", certain=not assertion.uncertain)
    for reason in _TIMED:
        if kind == "lab" and reason == "uncertain":
            continue  # a "differential" is a blood count here
        if reason != "historical" and "performed" in cues and _is_header(assertion.cue(reason)):
            continue  # the text ran on under a heading that is not its own
        if getattr(assertion, reason) and not ("today" in cues and reason == "historical"):
            return Verdict(reason, _span(assertion.cue(reason)))
    if place in ("past", "never", "skip"):
        header = Verdict("historical" if place == "past" else "planned")
        return header if place == "past" or not ("performed" in cues and "today" in cues) else Verdict("")
    for reason in ("declined", "historical", "elsewhere", "planned"):
        if reason == "historical" and "today" in cues:
            continue
        if reason in cues and (reason != "planned" or "performed" not in cues):
            return Verdict(reason, cues[reason])
    done = "performed" in cues or "today" in cues
    if not done and kind in ("test", "therapy"):
        done = _CLOCK.search(note.text, note.tokens.starts[first], note.tokens.ends[last - 1]) is not None
    year = _year(note, hit[1], last, dated=place == "report")
    if year is not None and (kind in ("surgery", "device") or not _implanted(note, year)):
        return Verdict("historical", year)
    lower = note.tokens.lower
    if not done and hit[0] > first and lower[hit[0] - 1] in _REFERENCE:
        return Verdict("reference", Span(note.tokens.starts[hit[0] - 1], note.tokens.ends[hit[0] - 1]))
    if kind == "device" and not done and not active:
        return Verdict("status")
    if kind == "lab" and place == "open" and not done and hit[0] - first > 1:
        return Verdict("section")
    if place in ("plan", "narrative"):
        planned, did = cues.get("planned"), cues.get("performed")
        strong = did is not None and _STRONG.match(note.text, did.start) is not None
        if planned is not None and not (strong and did is not None and did.start > planned.end):
            return Verdict("planned", planned)
    if place == "plan":
        return Verdict("") if done else Verdict("planned")
    if place == "narrative":
        # What the history tells was done before, unless it says that it was today.
        return Verdict("") if "today" in cues else Verdict("historical")
    headed = hit[0] - first <= 5 and hit[1] + 1 < last and lower[hit[1] + 1] == ":"
    headed = headed or _is_study(note, first, last, hit)
    if place == "exam" and not done and not headed and (kind != "imaging" or hit[0] - first > 3):
        return Verdict("section")
    if place in ("report", "values", "course"):
        leads = hit[0] - first <= 3
        if not done and not (leads and place != "course"):
            return Verdict("section")
        if place == "report" and not done and kind in ("surgery", "injection", "vaccine", "therapy"):
            return Verdict("section")
    return Verdict("", certain=place != "values" or done)


def _year(note: Note, at: int, last: int, *, dated: bool) -> Span | None:
    """The year right after a service: "kidney transplant 2017" is over."""
    for i in range(at + 1, min(at + 5, last)):
        word = note.tokens.lower[i]
        if len(word) == 4 and word.isdecimal() and word[:2] in ("19", "20"):
            return Span(note.tokens.starts[i], note.tokens.ends[i])
        if dated and "/" in word and word[0].isdecimal():
            # A report that dates its study tells of an earlier one.
            return Span(note.tokens.starts[i], note.tokens.ends[i])
        if dated and word.isdecimal() and i + 2 < last and note.tokens.lower[i + 1] == "/":
            return Span(note.tokens.starts[i], note.tokens.ends[min(i + 2, last - 1)])
        if word in ".;:":
            break
    return None


def _implanted(note: Note, year: Span) -> bool:
    """ "Pacemaker check, implanted 2018": the year is that of the device."""
    return note.text[: year.start].rstrip().endswith(("implanted", "placed", "inserted"))


def _overridden(note: Note, assertion: Assertion, cues: dict[str, Span]) -> bool:
    """ "Recommended a knee injection, which was performed today": done after all."""
    cue = assertion.cue("planned")
    done = cues.get("performed")
    if cue is None or done is None or "declined" in cues or done.start <= cue.end:
        return False
    # "to be done", "have done" are still to come
    before = note.text[max(0, done.start - 12) : done.start].lower().split()
    return not before or before[-1] not in _TO_COME


def _is_study(note: Note, first: int, last: int, hit: tuple[int, int]) -> bool:
    """ "EXAM: Ultrasound-guided paracentesis" above a technique or findings names a study."""
    short = last - first <= hit[1] - hit[0] + 6
    return short and any(s.kind in ("technique", "findings") for s in note.sections)


def _is_header(cue: Cue | None) -> bool:
    return cue is not None and cue.text.rstrip().endswith(":")


def _span(cue: Cue | None) -> Span | None:
    return Span(cue.start, cue.end) if cue is not None and cue.start < cue.end else None


def _found(
    note: Note, first: int, last: int, hit: tuple[int, int], own: frozenset[int], others: tuple[int, ...]
) -> tuple[dict[str, Span], tuple[str, Span] | None]:
    """The cues for one service of a sentence: the nearest of each verdict, and one bound to its name.

    The part of the sentence between semicolons that names the service speaks for it; where that part
    says nothing, the whole sentence does.
    """
    lower = note.tokens.lower
    cues = list(_cues_of(lower, first, last, hit, own))
    if cues and not _CLAUSES.isdisjoint(lower[first:last]):
        start, end = _clause(lower, first, last, hit, others)
        head = next((i for i in range(first, hit[0]) if lower[i] == ":"), first)
        mine = [c for c in cues if start <= c[0] < end or c[0] < head]
        if others or any(c[2] == "performed" for c in mine):
            cues = mine or cues
    best: dict[str, tuple[int, Span]] = {}
    bound: tuple[str, Span] | None = None
    done = [a for a, _, v, _ in cues if v in ("performed", "today") and lower[a] not in _MEASURES]
    for at, length, verdict, reach in cues:
        span = Span(note.tokens.starts[at], note.tokens.ends[min(at + length, last) - 1])
        if reach:
            low, high = (at + length, hit[0]) if reach == "next" else (hit[1] + 1, at)
            low = min(low, hit[0]) if reach == "next" and at < hit[0] else low
            low += reach == "next" and low < last and lower[low] == ":"
            near = low <= high <= low + (_NEXT if reach == "next" else _BEHIND)
            if near and _ENDS.isdisjoint(lower[low:high]) and not any(low <= d < high for d in done):
                bound = bound or (verdict, span)
            continue
        gap = hit[0] - at if at < hit[0] else at - hit[1]
        if verdict not in best or gap < best[verdict][0]:
            best[verdict] = (gap, span)
    if "historical" not in best and not done and _PARITY.fullmatch(lower[first]) and first < hit[0]:
        best["historical"] = (0, Span(note.tokens.starts[first], note.tokens.ends[first]))
    return {verdict: span for verdict, (_, span) in best.items()}, bound


def _cues_of(
    lower: tuple[str, ...], first: int, last: int, hit: tuple[int, int], own: frozenset[int]
) -> Iterator[tuple[int, int, str, str]]:
    """Where, how long, verdict, reach of each cue outside the service's own words."""
    table = _cues()
    passed = first
    for i in [i for i, w in enumerate(lower[first:last], first) if w in table]:
        if i < passed:
            continue
        step, plain = 1, False
        for words, verdict, reach in table[lower[i]]:
            length = len(words)
            if lower[i : i + length] != words or (plain and not reach):
                continue
            plain, step = plain or not reach, max(step, length)
            named = hit[0] <= i <= hit[1] and (not own or own.issuperset(range(i, i + length)))
            # "was injected" names the service and says that it was done.
            if named and verdict != "performed":
                continue
            before = lower[i - 1] if i > first else ""
            if verdict == "performed" and before in _NOT_YET:
                yield i - 1, length + 1, "planned", ""
            elif verdict == "performed" and before in _NOT_DONE:
                yield i - 1, length + 1, "cancelled", "behind" if i > hit[1] else "next"
            else:
                yield i, length, verdict, reach
        passed = i + step


def _clause(
    lower: tuple[str, ...], first: int, last: int, hit: tuple[int, int], others: tuple[int, ...]
) -> tuple[int, int]:
    """The part of a sentence about one service, parted from the others by semicolons or "but"."""
    before = max((o for o in others if o < hit[0]), default=None)
    behind = min((o for o in others if o > hit[1]), default=None)
    if not others:
        before, behind = first - 1, last
    if before is not None:
        first = next((i + 1 for i in range(hit[0] - 1, before, -1) if lower[i] in _CLAUSES), first)
    if behind is not None:
        last = next((i for i in range(behind - 1, hit[1], -1) if lower[i] in _CLAUSES), last)
    return first, last
