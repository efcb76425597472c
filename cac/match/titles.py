"""Code titles taken apart: what a note must say, and what is a default that it need not say.

``Displaced fracture of right ulna styloid process, initial encounter for closed fracture`` asks the
note for *fracture*, *ulna*, *styloid*, *process*; the side and the 7th character are axes resolved
apart, "displaced" and "closed" are defaults (I.C.19.c).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cac.match.words import split_words
from cac.resources import one_of, read_table, required

__all__ = ["SIDES", "ParsedTitle", "parse_title", "side_form", "sided_titles"]

SIDES = ("", "right", "left", "bilateral", "unspecified")
"""Values of the side axis; a code stores the position."""

_HEART = r"(?! heart| ventric| atri| bundle|-bundle| posterior fasc| anterior fasc)"
_SIDE = re.compile(r"\b(right|left|bilateral|unspecified)\b" + _HEART)
_NAMED_SIDE = re.compile(r"\b(right|left|bilateral)\b" + _HEART)
_OTHER = re.compile(r"\bother(?: and unspecified| specified)?\b")


@dataclass(frozen=True, slots=True)
class ParsedTitle:
    """A title without its defaults.

    ``full`` is the whole title, ``needed`` what a note has to document, ``negated`` the words the title
    denies ("without ..."), ``other`` and ``unspecified`` the residual flags.
    """

    full: str
    needed: str
    negated: tuple[str, ...]
    side: str
    other: bool
    unspecified: bool


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    rows = read_table(
        "lexicon/title_axes.csv",
        ("axis", "pattern", "note"),
        {"axis": one_of("encounter", "aside", "convention", "negated", "default"), "pattern": required},
    )
    return tuple((row["axis"], re.compile(row["pattern"])) for row in rows)


def side_form(title: str) -> str:
    """The title with its side blanked, so that siblings that differ only by side are equal."""
    return _SIDE.sub("§", title.lower())


def parse_title(title: str, *, sided: bool = False) -> ParsedTitle:
    """Take one title apart.

    ``sided`` says that a sibling carries the other side, so that "right", "left" and "unspecified
    eye" are values of the side axis here, and not part of the name of the condition.
    """
    rest = title.lower()
    side = ""
    if sided:
        m = _NAMED_SIDE.search(rest)
        side = m.group(1) if m is not None else "unspecified"
        rest = _NAMED_SIDE.sub(" ", rest)
    negated: list[str] = []
    for axis, pattern in _patterns():
        if axis == "negated":
            for m in pattern.finditer(rest):
                negated += split_words(m.group())[1:]
        rest = pattern.sub(" ", rest)
    # "Other and unspecified asthma" is where an asthma without further words goes.
    other = _OTHER.search(rest) is not None and "and unspecified" not in title.lower()
    rest = _OTHER.sub(" ", rest)
    return ParsedTitle(
        full=title,
        needed=rest,
        negated=tuple(negated),
        side=side,
        other=other,
        unspecified="unspecified" in title.lower(),
    )


def sided_titles(titles: Iterable[str]) -> frozenset[str]:
    """Of sibling titles, those that stand on a side axis: a twin names a side."""
    named: dict[str, set[str]] = {}
    sided: dict[str, str] = {}
    for title in titles:
        if _SIDE.search(title.lower()) is not None:
            sided[title] = form = side_form(title)
            m = _NAMED_SIDE.search(title.lower())
            named.setdefault(form, set()).add(m.group(1) if m is not None else "unspecified")
    twins = frozenset(t for t, form in sided.items() if len(named[form]) > 1)
    # "Tinnitus, bilateral" beside "Tinnitus, right ear": the same axis in other words.
    both = frozenset(t for t in sided if twins and "bilateral" in t.lower())
    return twins | both
