"""Where on the skin an ulcer is: a site of a table of words and codes, with the side beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cac.resources import read_table, required
from cac.types import Span

__all__ = ["Site", "find_site", "phrases"]

_COLUMNS = ("words", "none", "right", "left", "note")
_SIDE = re.compile(
    r"\b(?:(?P<right>right|rt|r)|(?P<left>left|lt|l)|(?P<both>bilateral|both))\b", re.IGNORECASE
)


class Site(NamedTuple):
    """The beginning of a code and the words behind it; ``stem`` is empty where no site is named.

    ``column`` is 0 without a single side, 1 for the right, 2 for the left; ``stems`` has the codes of
    all three; ``both`` is true where both sides are named in one word.
    """

    stem: str
    column: int
    site: Span | None
    side: Span | None
    stems: tuple[str, str, str] = ("", "", "")
    both: bool = False


def find_site(table: str, text: str, start: int, end: int) -> Site:
    """The first site of a table (``data/lexicon``) that a stretch of text names, and its side.

    Examples
    --------
    >>> find_site("pressure_sites.csv", "right heel", 0, 10).stem
    'L89.61'
    """
    pattern, stems = _sites(table)
    found, side = pattern.search(text, start, end), _SIDE.search(text, start, end)
    column = 0 if side is None or side["both"] else 1 if side["right"] else 2
    row = stems[" ".join(found[0].lower().split())] if found is not None else ("", "", "")
    return Site(
        row[column],
        column,
        Span(*found.span()) if found is not None else None,
        Span(*side.span()) if side is not None else None,
        row,
        side is not None and bool(side["both"]),
    )


def phrases(words: Iterable[str]) -> str:
    """An expression for whole phrases, the longest first; "*" at the end of one is any ending."""
    shapes = {
        r"\s+".join(map(re.escape, w.rstrip("*").split())) + (r"\w*" if w[-1:] == "*" else "") for w in words
    }
    return "|".join(sorted(shapes, key=lambda s: (-len(s), s)))


@lru_cache(maxsize=4)
def _sites(table: str) -> tuple[re.Pattern[str], dict[str, tuple[str, str, str]]]:
    rows = read_table(f"lexicon/{table}", _COLUMNS, dict.fromkeys(_COLUMNS[:4], required))
    stems = {w: (r["none"], r["right"], r["left"]) for r in rows for w in r["words"].split("|")}
    return re.compile(rf"\b(?:{phrases(stems)})\b", re.IGNORECASE), stems
