"""What the words for a visit mean in each setting: rows of ``em_kinds.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from cac.errors import TableError
from cac.procedures.em_cues import KINDS
from cac.procedures.em_tables import categories
from cac.resources import one_of, read_table
from cac.types import Setting

__all__ = ["BY_SECTIONS", "MODES", "STRENGTHS", "Reading", "readings"]

STRENGTHS = ("stated", "shown", "inferred")
"""How sure the kind of visit is, the surest first."""

MODES = frozenset(("telehealth", "audio"))
"""Kinds of words that say how the visit was held, not what it was."""

BY_SECTIONS = "?"
"""A category that the sections of the note decide."""

_UNLESS = frozenset(("established", "stay", "no_stay", "below_title"))
_SETTINGS: tuple[Setting, ...] = get_args(Setting)


@dataclass(frozen=True, slots=True)
class Reading:
    """The kind of visit that words mean, how surely, and under what conditions they do not."""

    category: str
    strength: str
    unless: frozenset[str]


def _conditions(cell: str) -> str | None:
    return None if set(filter(None, cell.split("|"))) <= _UNLESS else f"is {cell!r}, not conditions"


@lru_cache(maxsize=1)
def readings() -> Mapping[tuple[str, Setting], Reading]:
    """(kind of words, setting) → what they mean.

    Raises
    ------
    TableError
        Naming every bad row, and every kind of words without exactly one reading in each setting.
    """
    rows = read_table(
        "procedures/em_kinds.csv",
        ("kind", "setting", "category", "strength", "unless", "note"),
        {
            "kind": one_of(*sorted(KINDS["visit"] - MODES)),
            "setting": one_of("any", *_SETTINGS),
            "category": one_of(BY_SECTIONS, *categories()),
            "strength": one_of(*STRENGTHS),
            "unless": _conditions,
        },
    )
    out: dict[tuple[str, Setting], Reading] = {}
    problems: list[str] = []
    for r in rows:
        made = Reading(r["category"], r["strength"], frozenset(filter(None, r["unless"].split("|"))))
        for setting in _SETTINGS:
            if r["setting"] in ("any", setting):
                if (r["kind"], setting) in out:
                    problems.append(f"{r['kind']!r} comes twice for {setting}")
                out[(r["kind"], setting)] = made
    wanted = {(kind, setting) for kind in KINDS["visit"] - MODES for setting in _SETTINGS}
    problems += [f"{kind!r} has no row for {setting}" for kind, setting in wanted - set(out)]
    if problems:
        raise TableError(f"em_kinds.csv: {len(problems)} bad rows", sorted(problems))
    return out
