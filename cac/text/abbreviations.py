"""Short forms whose full stop may not end a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from cac.resources import one_of, read_table, required

__all__ = ["abbreviation_kinds", "ends_with_title"]

_KINDS = ("never", "inner", "digit", "counted")


@cache
def abbreviation_kinds() -> Mapping[str, str]:
    """Short forms, without their last full stop, and how that stop is to be read.

    "never" ends a sentence ("Dr."); "inner" only before a capital ("b.i.d."); "digit" unless a
    number follows ("No. 3"); "counted" words make a following number their own ("type 2.").

    Examples
    --------
    >>> abbreviation_kinds()["dr"], abbreviation_kinds()["b.i.d"]
    ('never', 'inner')
    """
    rows = read_table(
        "lexicon/sentence_abbreviations.csv", ("term", "kind"), {"term": required, "kind": one_of(*_KINDS)}
    )
    return {r["term"]: r["kind"] for r in rows}


def ends_with_title(text: str, start: int, end: int) -> bool:
    """Whether a line ends in a short form that something must follow ("... seen by Dr.").

    Examples
    --------
    >>> ends_with_title("seen by Dr.", 0, 11), ends_with_title("is well.", 0, 8)
    (True, False)
    """
    words = text[max(start, end - 12) : end - 1].split()
    return bool(words) and abbreviation_kinds().get(words[-1].casefold()) == "never"
