"""Numbers of a procedure note: how many, how large, how long, how old."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from cac.types import Note, Span

__all__ = ["age_of", "counted", "minutes", "sizes", "spinal_levels"]

_WORDS = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty single both".split(),
        [*range(1, 21), 1, 2],
        strict=True,
    )
)
_SIZE = re.compile(
    r"(\d+(?:\.\d+)?|\.\d+)(?:\s*(?:cm|mm)?\s*(?:x|by)\s*(\d+(?:\.\d+)?))?(?:\s*(?:cm|mm)?\s*(?:x|by)\s*"
    r"(\d+(?:\.\d+)?))?[\s-]*(cm|mm|centimet\w+|millimet\w+|in(?:ch(?:es)?)\b)",
    re.IGNORECASE,
)
_MINUTES = re.compile(r"(\d{1,3})[\s-]*min(?:ute)?s?\b", re.IGNORECASE)
_HOURS = re.compile(r"\b(\d{1,2}(?:\.\d)?|one|two|three|four|five|six|an)[\s-]+h(?:ou)?rs?\b", re.IGNORECASE)
_AGE = re.compile(
    r"\b(\d{1,3}(?:-1/2)?)[\s-]*(?:(years?|yrs?|months?|weeks?|days?)[\s-]*(?:old|of age)|"
    r"(y/?o|yo|m/?o|mo)\b)",
    re.IGNORECASE,
)
_WELL_CHILD = re.compile(
    r"\bwell[\s-]*(?:child|baby)\D{0,20}?(\d{1,2})[\s-]*(months?|mo|years?|yrs?|weeks?)\b", re.IGNORECASE
)
_CLOCK = re.compile(
    r"\b(\d{1,2}):(\d{2})\s*(?:to|-|–|until|through|,?\s*(?:stop|end)\w*)\s*(\d{1,2}):(\d{2})\b",
    re.IGNORECASE,
)
_DOSES = frozenset("mg mcg g gm ml cc cm mm % unit units u fr french gauge l".split())
_LEVEL = re.compile(
    r"\b([CTL])\s?-?(\d{1,2})\s*(?:-|–|/|to|and|through|,)\s*(?:([CTLS])\s?-?)?(\d{1,2})\b", re.IGNORECASE
)
_A_AND_B = re.compile(r"\bA\s?(?:and|&|/)\s?B\b")
_TIMES = re.compile(r"(?:\bx|×|\btimes)\s*(\d{1,2}|one|two|three|four|five|six)\b", re.IGNORECASE)


def counted(note: Note, span: Span, words: frozenset[str], *, times: bool = True) -> tuple[int, Span] | None:
    """How many of ``words`` a stretch of the note counts, with the words that say so.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> counted(read("Froze three small warts."), Span(0, 24), frozenset({"wart"}))[0]
    3
    """
    tokens = note.tokens
    first = bisect_left(tokens.starts, span.start) if words else 0
    chosen = range(first, max(first, bisect_right(tokens.ends, span.end))) if words else range(0)
    for at, i in enumerate(chosen):
        number = _number(tokens.lower[i])
        if number is None or (i + 1 < len(tokens.lower) and tokens.lower[i + 1] in _DOSES):
            continue
        for j in chosen[at + 1 : at + 5]:
            word = tokens.lower[j]
            if word in words or word.removesuffix("s") in words or word.removesuffix("es") in words:
                return number, Span(tokens.starts[i], tokens.ends[j])
            dose = tokens.lower[min(j + 1, len(tokens.lower) - 1)] in _DOSES
            if (_number(word) is not None and not dose) or word in ".;:":
                break
    both = _A_AND_B.search(note.text, span.start, span.end) if "specimen" in words and times else None
    if both:
        return 2, Span(*both.span())
    found = _TIMES.search(note.text, span.start, span.end) if times else None
    if found and (number := _number(found[1].lower())):
        return number, Span(*found.span())
    return None


def spinal_levels(note: Note, span: Span) -> tuple[int, Span] | None:
    """How many spinal interspaces or levels a stretch names: "L4-5 and L5-S1" are two."""
    found: dict[tuple[str, int], Span] = {}
    for m in _LEVEL.finditer(note.text, span.start, span.end):
        region, top, low_region, low = m[1].upper(), int(m[2]), (m[3] or m[1]).upper(), int(m[4])
        last = low if low_region == region else top + 1
        if last - top > 8 or last <= top:
            last = top + 1
        for level in range(top, last):
            found.setdefault((region, level), Span(*m.span()))
    if not found:
        return None
    spans = sorted(found.values())
    return len(found), Span(spans[0].start, spans[-1].end)


def sizes(note: Note, span: Span) -> list[tuple[float, Span]]:
    """Lengths in centimetres, the largest figure of each "2 x 3 cm"."""
    out: list[tuple[float, Span]] = []
    for m in _SIZE.finditer(note.text, span.start, span.end):
        unit = m[4].lower()
        factor = 0.1 if unit.startswith("mm") or unit.startswith("mil") else 2.54 if unit[0] == "i" else 1.0
        value = max(float(g) for g in m.groups()[:3] if g)
        out.append((round(value * factor, 3), Span(*m.span())))
    return out


def minutes(note: Note, span: Span) -> tuple[int, Span] | None:
    """The time a stretch of the note documents, in minutes."""
    m = _MINUTES.search(note.text, span.start, span.end)
    h = _HOURS.search(note.text, span.start, span.end)
    if h:
        word = h[1].lower()
        hours = 1.0 if word == "an" else float(_WORDS.get(word, 0)) if word.isalpha() else float(word)
        total = round(hours * 60)
        if m and m.start() >= h.end() and m.start() - h.end() < 8:
            return total + int(m[1]), Span(h.start(), m.end())
        if not m:
            return total, Span(*h.span())
    if m:
        return int(m[1]), Span(*m.span())
    clock = _CLOCK.search(note.text, span.start, span.end)
    if clock is None:
        return None
    begin, end = int(clock[1]) * 60 + int(clock[2]), int(clock[3]) * 60 + int(clock[4])
    # Half past twelve to one is half an hour on a clock without "pm".
    return (end - begin) % (12 * 60), Span(*clock.span())


def age_of(note: Note) -> float | None:
    """The patient's age in years as the note first gives it."""
    m = _AGE.search(note.text) or _WELL_CHILD.search(note.text)
    if not m:
        return None
    unit = (m[2] or (m[3] if m.re is _AGE else "")).lower()
    value = float(m[1].removesuffix("-1/2"))
    if unit.startswith("m"):
        return value / 12
    if unit.startswith(("w", "d")):
        return value / (52 if unit[0] == "w" else 365)
    return value


def _number(word: str) -> int | None:
    if word.isdecimal() and len(word) <= 2:
        return int(word)
    return _WORDS.get(word)
