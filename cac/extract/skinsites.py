"""Where on the skin an ulcer is: a site of a table of words and codes, with the side beside it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from cac.resources import read_table, required
from cac.types import Span

__all__ = ["Site", "find_site"]

_COLUMNS = ("words", "none", "right", "left", "note")
_SIDE = re.compile(
    r"\b(?:(?P<right>right|rt|r)|(?P<left>left|lt|l)|(?P<both>bilateral|both))\b", re.IGNORECASE
)


class Site(NamedTuple):
    """The beginning of a code and the words behind it; ``stem`` is empty where no site is named.

    ``column`` is 0 without a single side, 1 for the right, 2 for the left.
    """

    stem: str
    column: int
    site: Span | None
    side: Span | None


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
    return Site(
        stems[" ".join(found[0].lower().split())][column] if found is not None else "",
        column,
        Span(*found.span()) if found is not None else None,
        Span(*side.span()) if side is not None else None,
    )


@lru_cache(maxsize=2)
def _sites(table: str) -> tuple[re.Pattern[str], dict[str, tuple[str, str, str]]]:
    rows = read_table(f"lexicon/{table}", _COLUMNS, dict.fromkeys(_COLUMNS[:4], required))
    stems = {w: (r["none"], r["right"], r["left"]) for r in rows for w in r["words"].split("|")}
    shapes = sorted((r"\s+".join(map(re.escape, w.split())) for w in stems), key=lambda s: (-len(s), s))
    return re.compile(rf"\b(?:{'|'.join(shapes)})\b", re.IGNORECASE), stems
