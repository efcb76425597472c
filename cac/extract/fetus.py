"""Which fetus a complication is of: the 7th character of O31, O32, O35, O36 ... (I.C.15.a.6).

"Growth restriction of twin B" is the second fetus; 0 stands where none is named, and for one alone.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace

from cac.types import Attribute, Mention, Note

__all__ = ["number_fetuses"]

_NUMBERED: tuple[str, ...] = (
    "O31",
    "O32",
    "O33.3",
    "O33.4",
    "O33.5",
    "O33.6",
    "O33.7",
    "O35",
    "O36",
    "O40",
    "O41",
    "O60.1",
    "O60.2",
)
_NUMBERED += ("O64", "O69")
_FETUS = re.compile(
    r"\b(?:twin|triplet|quadruplet|fetus|foetus|baby|infant|sac)\s*(?:no\.?\s*|number\s*|#\s*)?(?P<name>[a-e]|[1-5]|i{1,3}|"
    r"one|two|three)\b(?!\s*(?:%|weeks?|days?|cm|g\b|kg|lb))|\b(?P<first>first|second|third)\s+(?:twin|triplet|fetus)\b"
    r"|\b(?P<both>both\s+(?:twins|fetuses|babies))\b",
    re.IGNORECASE,
)
_NUMBER = {
    **{"a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "i": "1", "ii": "2", "iii": "3"},
    **{"one": "1", "two": "2", "three": "3", "first": "1", "second": "2", "third": "3"},
}
_CUT = re.compile(r"[,;:]|\band\b|\bwhile\b|\bwith\b|&|\(|\)", re.IGNORECASE)


def number_fetuses(note: Note, mentions: Sequence[Mention], codes: Container[str]) -> list[Mention]:
    """The mentions, complications of one fetus with its number.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> from cac.types import Span
    >>> found = Mention((Span(0, 6),), ("O32.1XX0",), "exact", 1.0)
    >>> [m.codes for m in number_fetuses(read("Breech twin B."), [found], {"O32.1XX2"})]
    [('O32.1XX2',)]
    """
    return [
        _numbered(note, m, codes) if any(c.startswith(_NUMBERED) and c[-1] == "0" for c in m.codes) else m
        for m in mentions
    ]


def _numbered(note: Note, m: Mention, codes: Container[str]) -> Mention:
    s = note.sentences[m.sentence]
    found = list(_FETUS.finditer(note.text, s.start, s.end))
    if not found:
        return m
    cuts = [c.start() for c in _CUT.finditer(note.text, s.start, s.end)]
    low = max((c for c in cuts if c < m.start), default=s.start)
    high = min((c for c in cuts if c >= m.end), default=s.end)
    here = [f for f in found if low <= f.start() < high]
    before = [f for f in found if f.start() < m.start]
    # In its own part of the sentence, else the one spoken of last, else the one that follows.
    one = here[0] if here else before[-1] if before else found[0]
    numbers = ("1", "2") if one["both"] else (_number(one),)
    made = tuple(
        c[:-1] + n if c.startswith(_NUMBERED) and len(c) == 8 and c[-1] == "0" and c[:-1] + n in codes else c
        for c in m.codes
        for n in numbers
    )
    why = Attribute("fetus", numbers[0], one.start(), one.end())
    return replace(m, codes=tuple(dict.fromkeys(made)), attributes=(*m.attributes, why))


def _number(found: re.Match[str]) -> str:
    name = (found["name"] or found["first"]).lower()
    return _NUMBER.get(name, name)
