"""Was the service performed at this encounter? Sections, assertion and cue words decide.

Nothing that was planned, ordered, advised, declined, cancelled or done long ago gets a code.
"""

from __future__ import annotations

import re
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
def _cues() -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    rows = read_table(
        "procedures/cues.csv", ("words", "verdict"), {"words": required, "verdict": one_of(*_CUES)}
    )
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for r in rows:
        words = tuple(r["words"].split())
        found.setdefault(words[0], []).append((words, r["verdict"]))
    return {w: tuple(sorted(c, key=lambda wc: (-len(wc[0]), wc))) for w, c in sorted(found.items())}


@lru_cache(maxsize=1)
def today_words() -> frozenset[str]:
    """The last words of the cues for "at this encounter": without one, a history tells of other days."""
    return frozenset(
        words[-1] for found in _cues().values() for words, verdict in found if verdict == "today"
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
    return frozenset(_found(note, first, last, (-1, -1)))


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
    """
    cues = _found(note, first, last, hit)
    if "cancelled" in cues:
        return Verdict("cancelled", cues["cancelled"])
    for reason in _ALWAYS:
        if getattr(assertion, reason) and not (reason == "planned" and _overridden(note, assertion, cues)):
            reason_cue = assertion.cue(reason)
            declined = reason == "planned" and "declined" in cues
            return Verdict("declined" if declined else reason, _span(reason_cue))
    if place in ("title", "body"):
        past = assertion.cue("historical")
        if place == "title" and past is not None and _LONG_AGO.search(past.text):
            return Verdict("historical", _span(past))
        return Verdict("", certain=not assertion.uncertain)
    for reason in _TIMED:
        if kind == "lab" and reason == "uncertain":
            continue  # a "differential" is a blood count here
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
    year = _year(note, hit[1], last, dated=place == "report")
    if year is not None:
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
    if place == "exam" and (kind != "imaging" or hit[0] - first > 3):
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
        if word in ".;:":
            break
    return None


def _overridden(note: Note, assertion: Assertion, cues: dict[str, Span]) -> bool:
    """ "Recommended a knee injection, which was performed today": done after all."""
    cue = assertion.cue("planned")
    done = cues.get("performed")
    if cue is None or done is None or "declined" in cues or done.start <= cue.end:
        return False
    # "to be done", "have done" are still to come
    before = note.text[max(0, done.start - 12) : done.start].lower().split()
    return not before or before[-1] not in _TO_COME


def _span(cue: Cue | None) -> Span | None:
    return Span(cue.start, cue.end) if cue is not None and cue.start < cue.end else None


def _found(note: Note, first: int, last: int, hit: tuple[int, int]) -> dict[str, Span]:
    """The cue words of a sentence outside the service's own words, the nearest of each verdict."""
    lower, table = note.tokens.lower, _cues()
    best: dict[str, tuple[int, Span]] = {}
    i = first
    while i < last:
        step = 1
        for words, verdict in table.get(lower[i], ()):
            if lower[i : i + len(words)] == words:
                # "was injected" names the service and says that it was done.
                if not hit[0] <= i <= hit[1] or verdict == "performed":
                    gap = hit[0] - i if i < hit[0] else i - hit[1]
                    span = Span(note.tokens.starts[i], note.tokens.ends[min(i + len(words), last) - 1])
                    if verdict not in best or gap < best[verdict][0]:
                        best[verdict] = (gap, span)
                step = len(words)
                break
        i += step
    return {verdict: span for verdict, (_, span) in best.items()}
