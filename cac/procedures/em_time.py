"""Time that a note documents for the work of a visit.

Only minutes that the words tie to the visit count: "total time 35 minutes", "I spent 40 minutes", "a
25-minute visit". How long a symptom, an operation or a walk lasted is no time of the visit. Several
stretches are not added up: the stated total counts, or else the longest.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from cac.procedures.em_cues import Hit
from cac.procedures.em_page import Page, quote
from cac.procedures.em_types import VisitTime

__all__ = ["best_time", "find_times"]

_SPEAKING = frozenset(("time", "service", "status"))
"""Elements without which a note has no time of a visit: most notes need not be searched."""

_GLUED = re.compile(r"\d(?:min|MIN|hr|HR)")
_UNIT = re.compile(r"(?P<unit>min(?:ute)?s?|hours?|hrs?)\b\.?", re.IGNORECASE)
_WORDS = {
    w: n
    for n, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {w: 10 * n for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_DIGITS = "|".join(list(_WORDS)[1:10])
_NUMBER = rf"\d{{1,3}}|(?:{'|'.join(_TENS)})(?:[ -](?:{_DIGITS}))?|{'|'.join(_WORDS)}|an?"
_BEFORE = re.compile(
    rf"(?<![\w./])(?P<number>{_NUMBER})(?:\s*(?:-|–|to)\s*(?P<high>\d{{1,3}}))?\s*\+?\s*-?\s*$", re.IGNORECASE
)
_MORE = re.compile(r"^\s*(?:and|,|&)?\s*(?P<minutes>\d{1,2})\s*-?\s*min(?:ute)?s?\b", re.IGNORECASE)
_BOUND = re.compile(
    r"(?:(?P<above>>(?!=)|more than|greater than|over|in excess of|exceed(?:s|ed|ing)?|longer than)"
    r"|(?P<below><(?!=)|less than|under|fewer than|shorter than))\s*(?:a total of|approximately|about)?\s*$",
    re.IGNORECASE,
)
_NEAR = 14
_SPOILS = 6
_LONGEST = 300
"""Minutes; what lasted longer was a stay, not work."""
_CLAUSE_END = frozenset(".,;:()[]!?-") | {"of", "visit", "total", "appointment", "encounter"}
_SERVICES = ("critical_care", "advance_care", "tobacco", "therapy", "discharge")


def find_times(page: Page) -> list[VisitTime]:
    """Every stretch of time that counts for a service, in text order.

    Examples
    --------
    >>> from cac.procedures.em_page import make_page
    >>> from cac.text.reader import read
    >>> [(t.minutes, t.service) for t in find_times(make_page(read("Critical care time: over 40 minutes.")))]
    [(41, 'critical_care')]
    """
    text = page.note.text
    out: list[VisitTime] = []
    starts: list[int] = []
    done = 0
    for at in _unit_starts(page):
        unit = _UNIT.match(text, at)
        if at < done or unit is None:
            continue
        before = _BEFORE.search(text, max(0, unit.start() - 40), unit.start())
        if before is None:
            continue
        minutes, end = _minutes(before["number"], unit), unit.end()
        if unit["unit"].lower().startswith("h"):
            more = _MORE.match(text[end : end + 24])
            if more is not None:
                minutes, end = minutes + int(more["minutes"]), end + more.end()
        bound = _BOUND.search(text, max(0, before.start() - 40), before.start())
        start = before.start()
        if bound is not None:
            minutes += 1 if bound["above"] else -1
            start = bound.start()
        starts = starts or [s.start for s in page.note.sentences]
        sentence = max(0, bisect_right(starts, before.start()) - 1)
        done = end
        judged = _judged(page, sentence, before.start(), end)
        if judged is not None and 0 < minutes <= _LONGEST:
            service, total = judged
            out.append(
                VisitTime(minutes, service, total, sentence, quote(page, start, end, "time", sentence))
            )
    return out


def _unit_starts(page: Page) -> list[int]:
    """Where a minute or an hour is named, as a word or behind its number ("30min")."""
    tokens = page.note.tokens
    found = {tokens.starts[h.first] for h in page.of("unit")}
    if not _SPEAKING.isdisjoint(page.hits):
        found.update(m.start() + 1 for m in _GLUED.finditer(page.note.text))
    return sorted(found)


def best_time(times: Iterable[VisitTime], service: str) -> VisitTime | None:
    """The time of one service: the stated total, or else the longest stretch.

    Examples
    --------
    >>> best_time((), "visit") is None
    True
    """
    found = [t for t in times if t.service == service]
    return max(found, key=lambda t: (t.total, t.minutes, -t.evidence.start), default=None)


def _minutes(number: str, unit: re.Match[str]) -> int:
    word = number.lower()
    if word.isdecimal():
        n = int(word)
    elif word in ("a", "an"):
        n = 1
    else:
        n = sum(_TENS.get(w, 0) or _WORDS.get(w, 0) for w in re.split(r"[ -]", word))
    return n * 60 if unit["unit"].lower().startswith("h") else n


def _judged(page: Page, sentence: int, start: int, end: int) -> tuple[str, bool] | None:
    """What a stretch of time is for and whether it is a total; None when it does not count."""
    first, last = page.token_at(start), page.token_at(end)
    times = [h for h in page.of("time") if h.sentence == sentence]
    if any(h.kind == "not_counted" and _distance(h, first, last) <= _SPOILS for h in times):
        return None
    near = [h for h in times if h.kind != "not_counted" and _distance(h, first, last) <= _NEAR]
    services = [h for h in page.of("service") if h.sentence == sentence]
    by_name = any(h.kind != "discharge" for h in services)
    if not near and not by_name and not _bare(page, sentence, first, last):
        return None
    total = any(h.kind == "total" for h in near)
    if not services and sentence and page.of("service"):
        # "Critical care was provided. Total time 45 minutes."
        section = page.note.sentences[sentence].section
        services = [
            h
            for h in page.of("service")
            if h.sentence == sentence - 1
            and page.note.sentences[h.sentence].section == section
            and h.kind == "critical_care"
        ]
    if not services:
        return "visit", total
    nearest = min(services, key=lambda h: (_distance(h, first, last), _SERVICES.index(h.kind)))
    return nearest.kind, total


def _bare(page: Page, sentence: int, first: int, last: int) -> bool:
    """Minutes that stand alone in a clause of a sentence about a visit: "New patient, 45 minutes."."""
    said = any(h.sentence == sentence for e in ("status", "visit", "service") for h in page.of(e))
    return said and _stop(page, sentence, first - 1) and _stop(page, sentence, last)


def _stop(page: Page, sentence: int, token: int) -> bool:
    s = page.note.sentences[sentence]
    return not s.first_token <= token < s.last_token or page.note.tokens.lower[token] in _CLAUSE_END


def _distance(hit: Hit, first: int, last: int) -> int:
    """Tokens between a phrase and a stretch of time; 0 when they overlap."""
    return max(0, first - hit.last, hit.first - last)
