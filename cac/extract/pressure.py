"""Pressure ulcers of several sites in one sentence: each stage goes to its own site (I.C.12.a).

"Pressure ulcers: stage 3 sacrum and unstageable right heel" names both ulcers with one word, and its
stages belong to the sites they stand beside.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from cac.extract.skinsites import find_site
from cac.types import Attribute, Mention, Note, Span

__all__ = ["split_pressure_ulcers"]

_QUALITY = 0.95
_ULCERS = ("L89", "L97", "L98.4")
_ULCER = re.compile(
    r"\b(?:pressure\s+(?:ulcer|injur|sore|wound)\w*|decub\w*|bed\s?sores?|DTI|deep\s+tissue\s+(?:pressure\s+)?injur\w+)",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[,;:]|\b(?:and|plus|as well as)\b|&|\s[-–]\s|\+", re.IGNORECASE)
_STAGE = re.compile(
    r"\b(?P<un>unstage?able|unstaged)\b|\b(?P<deep>DTP?I|deep\s+tissue\s+(?:pressure\s+)?(?:injur\w+|damage))\b"
    r"|\b(?:stage|stg|grade|st)\.?\s*(?:#\s*)?(?P<n>iv|iii|ii|i|[1-4])\b",
    re.IGNORECASE,
)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}


class _Ulcer:
    """One site, and what the words around it say."""

    __slots__ = ("begin", "end", "site", "stage", "stage_at")

    def __init__(self, site: str, begin: int, end: int) -> None:
        self.site, self.begin, self.end = site, begin, end
        self.stage, self.stage_at = "", (0, 0)


def split_pressure_ulcers(note: Note, mentions: Sequence[Mention], codes: Container[str]) -> list[Mention]:
    """The mentions, those of pressure ulcers of several sites and stages in a sentence read anew.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("Pressure ulcers: stage 3 sacrum and unstageable right heel.")
    >>> found = Mention((Span(0, 15),), ("L89.153",), "bag", 0.9)
    >>> [m.codes for m in split_pressure_ulcers(note, [found], {"L89.153", "L89.610"})]
    [('L89.153',), ('L89.610',)]
    """
    places = sorted({m.sentence for m in mentions if any(c.startswith("L89") for c in m.codes)})
    if not places:
        return list(mentions)
    made: dict[int, list[Mention]] = {}
    for n in places:
        # "CKD stage 3", "heel pain": a stage and a site of other conditions.
        others = [m for m in mentions if m.sentence == n and not any(c.startswith(_ULCERS) for c in m.codes)]
        own = _read(note, n, codes, [s for m in others for s in m.spans])
        if own:
            made[n] = own
    if not made:
        return list(mentions)
    kept = [m for m in mentions if m.sentence not in made or not any(c.startswith("L89") for c in m.codes)]
    return [*kept, *(m for n in sorted(made) for m in made[n])]


def _read(note: Note, n: int, codes: Container[str], others: Sequence[Span]) -> list[Mention]:
    """The ulcers of one sentence; none where it has not several sites and stages."""
    sentence = note.sentences[n]
    text, start, end = note.text, sentence.start, sentence.end
    first = _ULCER.search(text, start, end)
    stages = list(_STAGE.finditer(text, start, end))
    if first is None or len(stages) < 2:
        return []
    ulcers: list[_Ulcer] = []
    pending: re.Match[str] | None = None
    cuts = [start, *(c for m in _SEPARATOR.finditer(text, start, end) for c in (m.start(), m.end())), end]
    for low, high in zip(cuts[::2], cuts[1::2], strict=True):
        if any(low <= s.start < high for s in others):
            continue
        stage = next(_STAGE.finditer(text, low, high), None)
        found = _site(text, low, high)
        if found is not None:
            ulcers.append(found)
            stage = stage or pending
            pending = None
            if stage is not None:
                _give(found, stage)
        elif stage is not None:
            if ulcers and not ulcers[-1].stage:
                _give(ulcers[-1], stage)
            else:
                pending = stage
    if len(ulcers) < 2 or any(not u.stage for u in ulcers) or len({u.stage for u in ulcers}) < 2:
        return []
    section = note.sections[sentence.section].kind
    head = Span(first.start(), first.end())
    out: list[Mention] = []
    for u in ulcers:
        code = u.site + u.stage
        if code in codes:
            at = Span(u.begin, u.end)
            spans = (
                (at,)
                if at.start <= head.start and head.end <= at.end
                else tuple(sorted((head, at), key=_begin))
            )
            why = (Attribute("stage", u.stage, *u.stage_at),)
            out.append(
                Mention(spans, (code,), "exact", _QUALITY, attributes=why, sentence=n, section=section)
            )
    return out


def _begin(span: Span) -> int:
    return span.start


def _give(ulcer: _Ulcer, stage: re.Match[str]) -> None:
    number = (stage["n"] or "").lower()
    ulcer.stage = "0" if stage["un"] else "6" if stage["deep"] else _ROMAN.get(number, number)
    ulcer.stage_at = stage.start(), stage.end()


def _site(text: str, low: int, high: int) -> _Ulcer | None:
    found = find_site("pressure_sites.csv", text, low, high)
    if found.site is None:
        return None
    places = [s for s in (found.site, found.side) if s is not None]
    return _Ulcer(found.stem, min(s.start for s in places), max(s.end for s in places))
