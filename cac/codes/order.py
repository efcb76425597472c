"""The order of the tabular list, where it is not the order of the alphabet.

Categories with a letter as third character were squeezed in later: C4A stands between C43 and C44,
so "C43-C44" includes it; C7A stands before C76, so "C76-C80" does not. Their places are rows of
``data/icd10cm/category_places.csv``. One row departs from the list: J4A is printed before J45, but
its block is named J40-J4A and holds J45 and J47, so it is placed where the name of the block says.
"""

from __future__ import annotations

from functools import cache

from cac.resources import read_table, required

__all__ = ["category_places", "sort_key"]


@cache
def category_places() -> dict[str, str]:
    """Category to a string that sorts where the category stands.

    Examples
    --------
    >>> "C43" < category_places()["C4A"] < "C44"
    True
    """
    rows = read_table(
        "icd10cm/category_places.csv", ("category", "after"), {"category": required, "after": required}
    )
    # "~" sorts behind every digit and letter, so all of C43 comes before C4A
    return {row["category"]: f"{row['after']}~{row['category']}" for row in rows}


def sort_key(code: str) -> tuple[int, int, str, tuple[int, ...]]:
    """The order of siblings: chapters by number, the rest by first code, wider ranges first.

    Examples
    --------
    >>> sorted(["10", "2", "C76-C80", "C00-C14", "C00-C96", "C7A"], key=sort_key)
    ['2', '10', 'C00-C96', 'C00-C14', 'C7A', 'C76-C80']
    """
    if code.isdigit() and len(code) < 3:
        return 0, int(code), "", ()
    first, _, last = code.partition("-")
    place = category_places().get(first[:3])
    # (0,) stands behind the negative numbers of a range that begins with the same code
    return 1, 0, first if place is None else place + first[3:], tuple(-ord(c) for c in last) or (0,)
