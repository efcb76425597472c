"""What belongs to what: parts of a larger service, panels, vaccines with their administration, timed units.

Every instance is a row; here are only the four kinds.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from cac.errors import TableError
from cac.procedures.lines import Line, Support
from cac.procedures.measures import age_of
from cac.procedures.tables import load_procedures
from cac.resources import one_of, read_table, required
from cac.types import Finding, Note

__all__ = ["Bundle", "Bundled", "apply_bundles", "load_bundles"]

_COUNSELLED = re.compile(r"counsel", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The service ``larger`` includes ``smaller``, unless they were done on different sides or sites."""

    id: str
    larger: frozenset[str]
    smaller: frozenset[str]
    unless: str
    message: str


@dataclass(frozen=True, slots=True)
class Bundled:
    """The lines that stand, and those that were taken into another with the finding that says why."""

    lines: tuple[Line, ...]
    absorbed: tuple[tuple[Line, Finding], ...]


@lru_cache(maxsize=1)
def load_bundles() -> tuple[Bundle, ...]:
    """The rows of ``bundles.csv``; a row that names no known code is refused."""
    rows = read_table(
        "procedures/bundles.csv",
        ("id", "larger", "smaller", "unless", "message"),
        {"id": required, "larger": _codes, "smaller": _codes, "unless": one_of("", "side", "site", "never")},
    )
    out = tuple(
        Bundle(
            r["id"],
            _expand(r["larger"]),
            _expand(r["smaller"]) - (_expand(r["larger"]) if r["unless"] != "never" else frozenset()),
            r["unless"],
            r["message"],
        )
        for r in rows
    )
    empty = [f"{b.id}: no known code on one side" for b in out if not b.larger or not b.smaller]
    if empty:
        raise TableError(f"bundles.csv: {len(empty)} bad rows", empty)
    return tuple(sorted(out, key=lambda b: b.id))


def apply_bundles(
    lines: Iterable[Line], note: Note, age: float | None, disabled: frozenset[str] = frozenset()
) -> Bundled:
    """Panels, absorption, vaccine administration and timed units, in that order."""
    kept = {line.code: line for line in lines}
    absorbed: list[tuple[Line, Finding]] = []
    _sequels(kept)
    _panels(kept, absorbed)
    _absorb(kept, absorbed, disabled)
    _orphans(kept, absorbed)
    _administer(kept, note, age)
    _time(kept)
    return Bundled(tuple(kept.values()), tuple(absorbed))


def _absorb(kept: dict[str, Line], absorbed: list[tuple[Line, Finding]], disabled: frozenset[str]) -> None:
    if len(kept) < 2:
        return
    wanted = {b.id: b for code in kept for b in _by_smaller().get(code, ())}
    for _, bundle in sorted(wanted.items()):
        if bundle.id in disabled:
            continue
        larger = [c for c in kept if c in bundle.larger and kept[c].decided]
        for code in [c for c in kept if c in bundle.smaller]:
            line = kept[code]
            by = next((c for c in larger if c != code and c in kept and _stronger(kept[c], line)), None)
            if by is None:
                continue
            if bundle.unless in ("side", "site") and _other_side(kept[by], line):
                kept[code] = replace(line, apart=True)
                continue
            if bundle.unless == "site" and _other_place(kept[by], line):
                kept[code] = replace(line, apart=True)
                continue
            finding = Finding(bundle.id, "bundle", bundle.message, "own rule", (by, code))
            absorbed.append((kept.pop(code), finding))
            kept[by] = replace(kept[by], findings=(*kept[by].findings, finding))


@lru_cache(maxsize=1)
def _by_smaller() -> dict[str, tuple[Bundle, ...]]:
    found: dict[str, tuple[Bundle, ...]] = {}
    for bundle in load_bundles():
        for code in sorted(bundle.smaller):
            found[code] = (*found.get(code, ()), bundle)
    return found


def _orphans(kept: dict[str, Line], absorbed: list[tuple[Line, Finding]]) -> None:
    """An add-on goes with the parent that was taken in."""
    gone = {line.code: finding for line, finding in absorbed}
    for code in [c for c in kept if kept[c].procedure.parents]:
        parents = kept[code].procedure.parents
        if not any(p in kept for p in parents) and any(p in gone for p in parents):
            finding = next(gone[p] for p in parents if p in gone)
            absorbed.append((kept.pop(code), finding))


def _stronger(larger: Line, smaller: Line) -> bool:
    """A service only read from the body of a report does not swallow one of the title."""
    return _best_place(larger) <= _best_place(smaller)


_STRENGTH = {
    "title": 0,
    "open": 0,
    "course": 0,
    "plan": 0,
    "narrative": 0,
    "report": 0,
    "values": 0,
    "body": 1,
}


def _best_place(line: Line) -> int:
    return min((_STRENGTH.get(s.mention.place, 1) for s in line.supports), default=0)


def _other_side(a: Line, b: Line) -> bool:
    mine, theirs = set(a.sides), set(b.sides)
    return bool(mine and theirs) and not mine & theirs and "bilateral" not in mine | theirs


def _other_place(a: Line, b: Line) -> bool:
    """Whether two services stand in different items of a list, or name different sites."""
    items = [{s.mention.item for s in line.supports} for line in (a, b)]
    if items[0].isdisjoint(items[1]) and all(i > 0 for found in items for i in found):
        return True
    sites = [{v for s in line.supports for v in s.mention.local.get("site", ())} for line in (a, b)]
    return bool(sites[0] and sites[1]) and sites[0].isdisjoint(sites[1])


@lru_cache(maxsize=1)
def _panel_rows() -> tuple[tuple[str, frozenset[str], frozenset[str]], ...]:
    rows = read_table(
        "procedures/panels.csv",
        ("panel", "parts", "absorbs", "note"),
        {"panel": _codes, "absorbs": _codes},
    )
    return tuple((r["panel"], _expand(r["parts"]), _expand(r["absorbs"])) for r in rows)


def _panels(kept: dict[str, Line], absorbed: list[tuple[Line, Finding]]) -> None:
    table = load_procedures().codes
    for panel, parts, absorbs in _panel_rows():
        if panel not in kept and parts and parts <= kept.keys():
            supports: tuple[Support, ...] = ()
            for part in sorted(parts):
                supports += kept[part].supports
            kept[panel] = Line(table[panel], supports)
        if panel in kept:
            for part in [c for c in kept if c in absorbs | parts and c != panel]:
                finding = Finding(
                    f"panel-{panel}", "panel", f"{part} is part of panel {panel}", "own rule", (panel, part)
                )
                absorbed.append((kept.pop(part), finding))
                kept[panel] = replace(kept[panel], findings=(*kept[panel].findings, finding))


@lru_cache(maxsize=1)
def _sequel_rows() -> tuple[tuple[str, frozenset[str], str], ...]:
    rows = read_table(
        "procedures/sequels.csv",
        ("code", "beside", "becomes", "note"),
        {"code": _codes, "beside": _codes, "becomes": _codes},
    )
    return tuple((r["code"], _expand(r["beside"]), r["becomes"]) for r in rows)


def _sequels(kept: dict[str, Line]) -> None:
    """What is the first service alone is a further one beside a larger: a push beside an infusion."""
    table = load_procedures().codes
    for code, beside, becomes in _sequel_rows():
        if code in kept and any(c in kept and kept[c].decided for c in beside):
            line, further = kept.pop(code), kept.get(becomes)
            # Each sentence tells of one dose.
            doses = len({s.mention.sentence for s in line.supports})
            spent = max((s.mention.minutes[0] for s in line.supports if s.mention.minutes), default=0)
            if table[becomes].unit == "hours":
                doses = max(1, (spent + 29) // 60)
            supports = line.supports if further is None else (*line.supports, *further.supports)
            kept[becomes] = replace(line, procedure=table[becomes], supports=supports, units=doses)


@lru_cache(maxsize=1)
def _products() -> dict[str, tuple[str, int]]:
    rows = read_table(
        "procedures/vaccines.csv",
        ("code", "route", "components"),
        {"code": _codes, "route": one_of("needle", "other"), "components": _small},
    )
    return {r["code"]: (r["route"], int(r["components"])) for r in rows}


def _administer(kept: dict[str, Line], note: Note, age: float | None) -> None:
    """Each vaccine needs the code of giving it: the first, then the others."""
    products = [(line, *_products()[code]) for code, line in kept.items() if code in _products()]
    given = [p for p in products if p[0].decided]
    if not given:
        return
    years = age if age is not None else age_of(note)
    counselled = years is not None and years < 19 and _COUNSELLED.search(note.text) is not None
    wanted: list[tuple[str, int, tuple[Support, ...]]] = []
    if counselled:
        everything = tuple(s for p in given for s in p[0].supports)
        wanted.append(("90460", len(given), everything))
        wanted.append(("90461", sum(parts - 1 for _, _, parts in given), everything))
    else:
        needle = [p for p in given if p[1] == "needle"]
        other = [p for p in given if p[1] == "other"]
        if needle:
            wanted.append(("90471", 1, needle[0][0].supports))
            wanted.append(("90472", len(needle) - 1, tuple(s for p in needle[1:] for s in p[0].supports)))
        if other:
            wanted.append(("90474" if needle else "90473", 1, other[0][0].supports))
            wanted.append(("90474", len(other) - 1, tuple(s for p in other[1:] for s in p[0].supports)))
    table = load_procedures().codes
    for code, units, supports in wanted:
        if units > 0:
            finding = Finding(
                "vaccine-administration", "vaccine", "a vaccine that was given is administered", "own rule"
            )
            kept[code] = Line(table[code], supports, units, (finding,), implied=True)


def _time(kept: dict[str, Line]) -> None:
    """The 8-minute rule: the units of all timed services come from their minutes together."""
    timed = [
        (code, spent)
        for code, line in kept.items()
        if line.procedure.unit == "quarter-hour"
        and (spent := max((s.mention.minutes[0] for s in line.supports if s.mention.minutes), default=0))
    ]
    if not timed:
        return
    left = (sum(m for _, m in timed) + 7) // 15
    units = {code: spent // 15 for code, spent in timed}
    left -= sum(units.values())
    for code, _ in sorted(timed, key=lambda cm: (-(cm[1] % 15), cm[0])):
        if left > 0:
            units[code] += 1
            left -= 1
    for code, number in units.items():
        if number:
            kept[code] = replace(kept[code], units=number)
        else:
            del kept[code]


def _expand(cell: str) -> frozenset[str]:
    """Codes of a cell: numbers and ranges "29870-29889" parted by ``;``, as far as the table has them."""
    known = _numbers()
    found: set[str] = set()
    for part in cell.split(";"):
        low, _, high = part.strip().partition("-")
        if low:
            found.update(known[bisect_left(known, low) : bisect_right(known, high or low)])
    return frozenset(found)


@lru_cache(maxsize=1)
def _numbers() -> tuple[str, ...]:
    return tuple(sorted(load_procedures().codes))


def _codes(cell: str) -> str | None:
    ok = re.fullmatch(r"\d{4}[0-9A-Z](-\d{4}[0-9A-Z])?(; ?\d{4}[0-9A-Z](-\d{4}[0-9A-Z])?)*", cell)
    return None if ok else f"is {cell!r}, no list of codes"


def _small(cell: str) -> str | None:
    return None if re.fullmatch(r"[1-9]", cell) else f"is {cell!r}, no small number"
