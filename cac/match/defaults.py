"""Words that need not be documented for some codes: ``lexicon/axis_defaults.csv``."""

from __future__ import annotations

from functools import lru_cache

from cac.match.index import TermIndex
from cac.match.titles import SIDES
from cac.resources import one_of, read_table, required

__all__ = ["assumed_words"]

_APPLIES = {
    "always": frozenset(range(len(SIDES))),
    "one side": frozenset((SIDES.index("right"), SIDES.index("left"))),
    "both sides": frozenset((SIDES.index("bilateral"),)),
    "right": frozenset((SIDES.index("right"),)),
    "left": frozenset((SIDES.index("left"),)),
}
"""Value of "when" → the documented sides with which a row applies."""


def assumed_words(code: str, side: int, index: TermIndex) -> frozenset[int]:
    """The words that are taken as said for a code, with this side (an index into ``SIDES``) documented."""
    return frozenset(
        index.ids[word]
        for prefixes, word, when in _axis_defaults()
        if code.startswith(prefixes) and word in index.ids and side in _APPLIES[when]
    )


@lru_cache(maxsize=1)
def _axis_defaults() -> tuple[tuple[tuple[str, ...], str, str], ...]:
    rows = read_table(
        "lexicon/axis_defaults.csv",
        ("codes", "words", "when", "citation"),
        {
            "codes": required,
            "words": required,
            "when": one_of(*_APPLIES),
            "citation": required,
        },
    )
    return tuple((tuple(r["codes"].split("|")), r["words"], r["when"]) for r in rows)
