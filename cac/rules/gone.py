"""A cancer that the note calls gone is history, however it is named (I.C.2.m).

"Prostate cancer s/p prostatectomy, NED" names no past: what says it is the finding that nothing is
left. It is no history while any treatment directed at it goes on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from cac.resources import Check, one_of, read_table, required
from cac.rules.prefixes import Prefixes
from cac.types import Mention, Note

__all__ = ["GoneRule", "gone_rules", "is_gone", "is_reason"]


@dataclass(frozen=True, slots=True)
class GoneRule:
    """Codes of conditions that are over where ``words`` stand beside them, and ``but`` does not.

    ``still`` are words that it is there whatever was done, unless they are denied.

    Of a "dated" row the words count only with a date years ago behind them: "s/p mastectomy 2015".

    ``also`` is the code of the encounter at which that was found.
    """

    id: str
    codes: Prefixes
    words: re.Pattern[str]
    but: re.Pattern[str]
    still: re.Pattern[str] | None
    also: str
    citation: str


@lru_cache(maxsize=1)
def gone_rules() -> tuple[GoneRule, ...]:
    """The rows of ``data/rules/gone.csv``, by id.

    Raises
    ------
    TableError
        Naming every bad row.
    """
    columns = ("id", "codes", "words", "dated", "but", "still", "also", "citation", "note")
    checks: dict[str, Check] = dict.fromkeys(("id", "codes", "words", "but", "citation"), required)
    checks["dated"] = one_of("", "yes")
    rules = (
        GoneRule(
            r["id"],
            Prefixes(r["codes"]),
            _any(r["words"], _YEARS_AGO if r["dated"] else ""),
            _any(r["but"]),
            _any(r["still"]) if r["still"] else None,
            r["also"],
            r["citation"],
        )
        for r in read_table("rules/gone.csv", columns, checks)
    )
    return tuple(sorted(rules, key=lambda r: r.id))


def is_gone(note: Note, m: Mention, rule: GoneRule) -> bool:
    """Whether the sentence of a mention, or one that follows in its item, says that it is over."""
    here = note.sentences[m.sentence]
    stop = here.end
    for s in note.sentences[m.sentence + 1 : m.sentence + 3]:
        if s.section != here.section or s.item != here.item:
            break
        stop = s.end
    found = rule.words.search(note.text, m.end, here.end)
    if found is None and stop > here.end:
        # A sentence of its own speaks of what was named last.
        found = rule.words.search(note.text, here.end, stop)
        if found is not None and _SUBJECT.fullmatch(note.text, here.end, found.start()) is None:
            found = None
    if found is not None and _OF.match(note.text, found.end(), stop) is not None:
        return False
    if found is None:
        found = rule.words.search(note.text, here.start, m.start)
        if found is not None and not _ABOUT.fullmatch(note.text, found.end(), m.start):
            found = None
    if found is None or _ELSEWHERE.match(note.text, found.end(), stop) is not None:
        return False
    if rule.still is not None and any(
        _DENIED.search(note.text, here.start, t.start()) is None
        for t in rule.still.finditer(note.text, here.start, stop)
    ):
        return False
    return all(
        _is_finished(note.text, here.start, t.start(), t.end())
        for t in rule.but.finditer(note.text, here.start, stop)
    )


def is_reason(note: Note, m: Mention) -> bool:
    """Whether a mention tells what the visit was for: the first of its section, or with the word."""
    here = note.sentences[m.sentence]
    if m.section not in _REASONS:
        return False
    before = note.sentences[m.sentence - 1] if m.sentence else here
    first = before is here or before.section != here.section
    begin = here.start if first else before.start
    return first or _SURVEILLANCE.search(note.text, begin, here.end) is not None


_REASONS = frozenset(
    "unknown assessment assessment_plan impression diagnosis chief_complaint reason_for_visit "
    "plan hpi".split()
)
_SURVEILLANCE = re.compile(r"\b(?:surveillance|follow[ -]?up|f/u|survivorship)\b", re.IGNORECASE)
# "No evidence of disease in the liver" says nothing of the breast; "NED on CT in 2020" does.
_ELSEWHERE = re.compile(
    r"\s*(?:progression|spread|elsewhere|(?:in|within|involving|to|at)\s+"
    r"(?!\d|(?:the\s+)?(?:last|past|interim|interval|meantime|over|more|this|that|breast))[a-z])",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\s*(?:of|from|for|after|in|,|:|-)?\s*(?:his|her|their|the|prior|previous|known)?\s*", re.IGNORECASE
)
# What may stand before the finding in a sentence of its own: "Surveillance CT is", "She has".
_SUBJECT = re.compile(r"[\s.;,:)-]*(?:[\w'/-]+[\s,:-]+){0,6}(?:with\s+)?")
_OF = re.compile(r"\s+of\s+(?!(?:the\s+|her\s+|his\s+)?(?:cancer|disease|malignan|tumou?r))", re.IGNORECASE)
_FINISHED = re.compile(
    r"\b(?:complet\w+|finish\w+|s/p|status[ -]post|after|following|previous|prior|past|stopp\w+|ended|off|"
    r"discontinu\w+|had|received|treated\s+with|no|not|without|years?\s+of)\b[^.;]*$",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:no|without|denies|negative\s+for)\s+(?:[\w-]+\s+){0,3}$", re.IGNORECASE)
_OVER = re.compile(r"[^.;,]{0,30}\b(?:completed|finished|stopped|discontinued|ended)\b", re.IGNORECASE)
_AT_PRESENT = re.compile(
    r"now|current|still|remission|plan|pending|schedul|start|will|undergoing|receiving", re.IGNORECASE
)
_GOES_ON = re.compile(r"\b(?:now|currently|still|on|continu\w+)\s*$", re.IGNORECASE)


def _is_finished(text: str, start: int, low: int, high: int) -> bool:
    """Whether a treatment that is named is over: "completed 5 years of tamoxifen"."""
    before = text[max(start, low - 60) : low]
    if _GOES_ON.search(before) is not None or _AT_PRESENT.search(text, low, high):
        return False
    return _FINISHED.search(before) is not None or _OVER.match(text, high) is not None


# A year that is well past on every day the packaged releases are for.
_YEARS_AGO = (
    r"\b[^.;]{0,40}?(?:\b(?:19\d\d|20[01]\d|202[0-3])\b"
    r"|\b(?:[2-9]|[1-9]\d|two|three|four|five|six|seven|eight|nine|ten|several|many)\+?\s+(?:years?|yrs?)\s+ago\b)"
)


def _any(cell: str, behind: str = "") -> re.Pattern[str]:
    shapes = sorted(
        {r"\s+".join(map(re.escape, w.split())) for w in cell.split("|")}, key=lambda s: (-len(s), s)
    )
    return re.compile(rf"\b(?:{'|'.join(shapes)}){behind}", re.IGNORECASE)
