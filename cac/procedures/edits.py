"""NCCI edits of CMS applied to the codes of one encounter: findings, never silent drops.

Two kinds. A pair edit (procedure-to-procedure) says that the column 2 code is part of the column 1 code;
its indicator says whether a modifier may report both. A medically unlikely edit (MUE) limits the units of
a code, on one claim line (adjudication indicator 1) or over the day (2 and 3). The edits themselves come
from files the user imports; the modifiers that bypass a pair are rows of ``procedures/ncci_modifiers.csv``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from cac.codes.ncci_files import MueTable, NcciTable
from cac.errors import ConfigError
from cac.resources import one_of, read_table, required
from cac.types import Finding

__all__ = ["Line", "edit_findings", "load_modifiers"]

PAIRS: Final = "CMS NCCI procedure-to-procedure edits; NCCI Policy Manual ch. I"
UNITS: Final = "CMS NCCI medically unlikely edits; NCCI Policy Manual ch. I"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a claim: a code, its units and its modifiers.

    Raises ConfigError for units that are no whole number of at least 1.
    """

    code: str
    units: int = 1
    modifiers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.units, bool) or not isinstance(self.units, int) or self.units < 1:
            raise ConfigError(f"the units of {self.code:.10} have to be a whole number, 1 or more")
        object.__setattr__(self, "modifiers", tuple(m.upper() for m in self.modifiers))


@lru_cache(maxsize=1)
def load_modifiers() -> Mapping[str, str]:
    """The modifiers NCCI accepts to bypass a pair, with their kind: "site", "global" or "other".

    Raises TableError naming every bad row.

    Examples
    --------
    >>> load_modifiers()["LT"], load_modifiers()["59"], "22" in load_modifiers()
    ('site', 'other', False)
    """
    checks = {"modifier": required, "kind": one_of("site", "global", "other"), "meaning": required}
    rows = read_table("procedures/ncci_modifiers.csv", ("modifier", "kind", "meaning"), checks)
    return {r["modifier"]: r["kind"] for r in sorted(rows, key=lambda r: r["modifier"])}


def edit_findings(
    lines: Iterable[Line | tuple[str, int, Sequence[str]]],
    ncci: NcciTable | None = None,
    mue: MueTable | None = None,
    date_of_service: date | None = None,
) -> tuple[Finding, ...]:
    """What the edits say about codes reported together for one patient on one day.

    Parameters
    ----------
    lines
        Codes with units and modifiers. Their order does not matter to the answer.
    ncci, mue
        The imported tables; None skips that kind.
    date_of_service
        The day the edits have to be in force; None for those that have no end.

    Returns
    -------
    tuple of Finding
        ``ncci_pair``: both codes are there and may not be (indicator 0), or not without a modifier
        (indicator 1). ``ncci_modifier``: a modifier keeps them apart, which the record has to support.
        ``mue``: more units than the edit allows. ``codes`` has the column 1 code first.

    Examples
    --------
    >>> from cac.codes.ncci_files import MueTable
    >>> limits = MueTable(["9999A"], [2], [3])
    >>> [(f.kind, f.message) for f in edit_findings([Line("9999A", 3)], mue=limits)]
    [('mue', '9999A: 3 units on one day, at most 2')]
    """
    checked = sorted((_line(line) for line in lines), key=lambda x: (x.code, x.units, x.modifiers))
    found: list[Finding] = []
    if ncci is not None:
        found += _pairs(checked, ncci, date_of_service)
    if mue is not None:
        found += _units(checked, mue)
    return tuple(found)


def _line(line: Line | tuple[str, int, Sequence[str]]) -> Line:
    return line if isinstance(line, Line) else Line(line[0], line[1], tuple(line[2]))


def _pairs(lines: Sequence[Line], ncci: NcciTable, day: date | None) -> list[Finding]:
    by_code: dict[str, list[Line]] = {}
    for line in lines:
        by_code.setdefault(line.code, []).append(line)
    found: list[Finding] = []
    for first in by_code:
        for second in by_code:
            indicator = ncci.indicator(first, second, day) if first != second else None
            if indicator not in (0, 1):
                continue
            # The pair holds while any line of the one stands unexplained beside a line of the other.
            apart = [_apart(a, b) for a in by_code[first] for b in by_code[second]]
            if indicator == 1 and all(apart):
                shown = ", ".join(sorted({m for m in apart}))
                message = (
                    f"{second} is reported beside {first} by modifier {shown}: the record has to show why"
                )
                kind = "ncci_modifier"
            elif indicator == 1:
                message = f"{second} is part of {first} unless a modifier says why both are reported"
                kind = "ncci_pair"
            else:
                message = f"{second} is part of {first} and no modifier reports both"
                kind = "ncci_pair"
            found.append(Finding(f"ncci-{first}-{second}", kind, message, PAIRS, (first, second)))
    return found


def _apart(first: Line, second: Line) -> str:
    """The modifiers that keep two lines apart; "" when none does.

    The same site on both lines is no reason: two codes on the left knee are one knee (NCCI Policy Manual,
    chapter I, modifiers of anatomical site).
    """
    known = load_modifiers()
    sides = [{m for m in line.modifiers if m in known} for line in (first, second)]
    sites = [{m for m in side if known[m] == "site"} for side in sides]
    others = (sides[0] - sites[0]) | (sides[1] - sites[1])
    told = others or ((sites[0] | sites[1]) if sites[0] != sites[1] else set())
    return "/".join(sorted(told))


def _units(lines: Sequence[Line], mue: MueTable) -> list[Finding]:
    found: list[Finding] = []
    for code in dict.fromkeys(line.code for line in lines):
        limit = mue.get(code)
        if limit is None:
            continue
        most, indicator = limit
        units = [line.units for line in lines if line.code == code]
        count, where = (max(units), "on one line") if indicator == 1 else (sum(units), "on one day")
        if count > most:
            shown = f"{count} unit{'s' if count > 1 else ''}"
            found.append(
                Finding(f"mue-{code}", "mue", f"{code}: {shown} {where}, at most {most}", UNITS, (code,))
            )
    return found
