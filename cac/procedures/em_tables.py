"""The tables behind the visit codes, validated when they are loaded.

Every table is refused as a whole, after all its bad rows have been named; the order of rows never
matters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cac.errors import TableError
from cac.procedures.em_types import LEVELS
from cac.resources import Check, finite, one_of, read_table, required

__all__ = [
    "AddOnRow",
    "Category",
    "CodeRow",
    "Grade",
    "Natures",
    "Risk",
    "add_on_rows",
    "categories",
    "code_rows",
    "compile_natures",
    "courses",
    "drug_kinds",
    "grades",
    "natures",
    "risks",
    "rules",
    "section_roles",
    "weights",
]

_FOLDER = "procedures/"
_YES_NO = one_of("yes", "no")
_CODE = re.compile(r"\d{5}|G\d{4}")
_PREFIX = re.compile(r"[A-Z][0-9A-Z?][0-9A-Z](\.[0-9A-Z]{1,4})?")
_RANGE = re.compile(r"([A-Z])(\d\d)-([A-Z])(\d\d)")

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of visit; a smaller ``priority`` wins where a note shows several."""

    name: str
    priority: int
    needs_status: bool
    by_mdm: bool
    by_time: bool
    service: str
    wording: str


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code of a kind of visit: the levels, minutes or ages (years, half-open) it stands for."""

    code: str
    system: str
    category: str
    status: str
    levels: tuple[int, ...]
    minutes: int | None
    age_from: float
    age_below: float
    wording: str


@dataclass(frozen=True, slots=True)
class AddOnRow:
    """A code for time beyond ``from_minutes``, one unit for each ``each`` minutes begun there."""

    code: str
    system: str
    service: str
    parent: str
    from_minutes: int
    each: int
    to_minutes: int | None
    instead_of: str
    wording: str


@dataclass(frozen=True, slots=True)
class Grade:
    """The level of one problem of a grade, and of two or more."""

    level: int
    several: int
    wording: str


@dataclass(frozen=True, slots=True)
class Risk:
    """The level of a kind of management, and with documented risk factors."""

    level: int
    with_factor: int
    wording: str


def _count(cell: str) -> str | None:
    return None if cell == "" or cell.isdecimal() else f"is {cell!r}, not a whole number"


def _whole(cell: str) -> str | None:
    return None if cell.isdecimal() else f"is {cell!r}, not a whole number"


def _level(cell: str) -> str | None:
    fine = cell.isdecimal() and int(cell) < len(LEVELS)
    return None if fine else f"is {cell!r}, not a level"


def _number(cell: str) -> str | None:
    return finite(cell) if cell else None


def _levels(cell: str) -> str | None:
    faults = [part for part in cell.split("|") if cell and _level(part)]
    return f"is {cell!r}, not levels" if faults else None


def _code(cell: str) -> str | None:
    return None if _CODE.fullmatch(cell) else f"is {cell!r}, not a code"


def _table(name: str, columns: str, checks: Mapping[str, Check]) -> Rows:
    return read_table(_FOLDER + name, columns.split(","), checks)


def _keyed(name: str, rows: Rows, key: Callable[[Mapping[str, str]], str]) -> dict[str, Mapping[str, str]]:
    """Rows by key in order of key; a key that comes twice is a bad table."""
    out: dict[str, Mapping[str, str]] = {}
    problems: list[str] = []
    for row in rows:
        if key(row) in out:
            problems.append(f"{name}: {key(row)!r} comes twice")
        out[key(row)] = row
    if problems:
        raise TableError(f"{name}: {len(problems)} bad rows", sorted(problems))
    return {k: out[k] for k in sorted(out)}


@lru_cache(maxsize=1)
def categories() -> Mapping[str, Category]:
    """Kinds of visit by name."""
    columns = "category,priority,status,mdm,time,service,wording"
    yes_no = dict.fromkeys(("status", "mdm", "time"), _YES_NO)
    rows = _table("em_categories.csv", columns, {"category": required, "priority": _whole, **yes_no})
    return {
        name: Category(
            name,
            int(r["priority"]),
            r["status"] == "yes",
            r["mdm"] == "yes",
            r["time"] == "yes",
            r["service"],
            r["wording"],
        )
        for name, r in _keyed("em_categories.csv", rows, lambda r: r["category"]).items()
    }


@lru_cache(maxsize=1)
def code_rows() -> Mapping[str, tuple[CodeRow, ...]]:
    """Codes by kind of visit, in order of code."""
    checks: dict[str, Check] = {
        "code": _code,
        "system": one_of("CPT", "HCPCS"),
        "category": one_of(*categories()),
        "status": one_of("new", "established", "any"),
        "levels": _levels,
        "minutes": _count,
        "age_from": _number,
        "age_below": _number,
        "wording": required,
    }
    rows = _table("em_codes.csv", ",".join(checks), checks)
    out: dict[str, list[CodeRow]] = {}
    for r in _keyed("em_codes.csv", rows, lambda r: r["code"]).values():
        row = CodeRow(
            r["code"],
            r["system"],
            r["category"],
            r["status"],
            tuple(int(part) for part in r["levels"].split("|") if part),
            int(r["minutes"]) if r["minutes"] else None,
            float(r["age_from"] or 0),
            float(r["age_below"] or math.inf),
            r["wording"],
        )
        out.setdefault(row.category, []).append(row)
    return {name: tuple(found) for name, found in sorted(out.items())}


@lru_cache(maxsize=1)
def add_on_rows() -> tuple[AddOnRow, ...]:
    """Codes for further time and for separate services by time."""
    columns = "code,system,service,parent,from_minutes,each,to_minutes,instead_of,wording"
    checks: dict[str, Check] = {
        "code": _code,
        "system": one_of("CPT", "HCPCS"),
        "service": required,
        "from_minutes": _whole,
        "each": _count,
        "to_minutes": _count,
    }
    rows = _table("em_addons.csv", columns, checks)
    return tuple(
        AddOnRow(
            r["code"],
            r["system"],
            r["service"],
            r["parent"],
            int(r["from_minutes"]),
            int(r["each"] or 0),
            int(r["to_minutes"]) if r["to_minutes"] else None,
            r["instead_of"],
            r["wording"],
        )
        for r in _keyed("em_addons.csv", rows, lambda r: f"{r['code']} {r['parent']}").values()
    )


@lru_cache(maxsize=1)
def grades() -> Mapping[str, Grade]:
    """Grades of problems by name."""
    checks: dict[str, Check] = {
        "grade": required,
        "level": _level,
        "several": _level,
        "wording": required,
    }
    rows = _table("em_grades.csv", ",".join(checks), checks)
    return {
        name: Grade(int(r["level"]), int(r["several"]), r["wording"])
        for name, r in _keyed("em_grades.csv", rows, lambda r: r["grade"]).items()
    }


@lru_cache(maxsize=1)
def risks() -> Mapping[str, Risk]:
    """Kinds of management by name."""
    checks: dict[str, Check] = {
        "kind": required,
        "level": _level,
        "with_factor": _level,
        "wording": required,
    }
    rows = _table("em_risks.csv", ",".join(checks), checks)
    return {
        name: Risk(int(r["level"]), int(r["with_factor"]), r["wording"])
        for name, r in _keyed("em_risks.csv", rows, lambda r: r["kind"]).items()
    }


@lru_cache(maxsize=1)
def courses() -> Mapping[tuple[str, str], str]:
    """(nature of the problem, what the note says of its course) → grade."""
    rows = _table("em_courses.csv", "nature,course,grade", {"nature": required, "grade": one_of(*grades())})
    keyed = _keyed("em_courses.csv", rows, lambda r: f"{r['nature']}\t{r['course']}")
    return {(r["nature"], r["course"]): r["grade"] for r in keyed.values()}


class Natures:
    """The nature of a condition by the longest prefix of its code that has a row."""

    __slots__ = ("_by_prefix",)

    def __init__(self, by_prefix: Mapping[str, str]) -> None:
        self._by_prefix = by_prefix

    def __len__(self) -> int:
        return len(self._by_prefix)

    def of(self, code: str) -> str | None:
        """The nature of ``code``, or None where no row speaks of it.

        Examples
        --------
        >>> natures().of("I10"), natures().of("S93.402A"), natures().of("J18.9")
        ('chronic', 'acute_uncomplicated', 'acute_systemic')
        """
        for size in range(len(code), 2, -1):
            found = self._by_prefix.get(code[:size])
            if found is not None:
                return found
        return None


@lru_cache(maxsize=1)
def natures() -> Natures:
    """The packaged natures of conditions."""
    rows = _table("em_problems.csv", "codes,nature,note", {"codes": required})
    return compile_natures(rows)


def compile_natures(rows: Iterable[Mapping[str, str]]) -> Natures:
    """Make natures of table rows.

    ``codes`` are prefixes and ranges of categories ("S00-S99") joined by bars; ``?`` stands for any
    digit. A prefix named by itself wins over one that comes from a range or pattern.

    Raises
    ------
    TableError
        Naming every prefix that is malformed or comes twice, and every unknown nature.
    """
    known = {nature for nature, _ in courses()}
    exact: dict[str, str] = {}
    wide: dict[str, str] = {}
    ranges: dict[str, str] = {}
    problems: list[str] = []
    for row in rows:
        if row["nature"] not in known:
            problems.append(f"{row['codes']!r}: unknown nature {row['nature']!r}")
        for part in row["codes"].split("|"):
            spread = _RANGE.fullmatch(part)
            if spread and spread[1] == spread[3] and spread[2] < spread[4]:
                numbers = range(int(spread[2]), int(spread[4]) + 1)
                made, into = [f"{spread[1]}{n:02d}" for n in numbers], ranges
            elif _PREFIX.fullmatch(part) and "?" in part:
                made, into = [part.replace("?", d) for d in "0123456789"], wide
            elif _PREFIX.fullmatch(part):
                made, into = [part], exact
            else:
                problems.append(f"{part!r} is not a prefix or range of codes")
                continue
            problems += [f"{code!r} comes twice" for code in made if code in into]
            into.update(dict.fromkeys(made, row["nature"]))
    if problems:
        raise TableError(f"em_problems.csv: {len(problems)} bad entries", sorted(problems))
    return Natures({**ranges, **wide, **exact})


@lru_cache(maxsize=1)
def drug_kinds() -> Mapping[tuple[str, str], str]:
    """("generic" or "class", name) → "otc", "toxic" or "silent"."""
    checks: dict[str, Check] = {
        "name": required,
        "by": one_of("generic", "class"),
        "kind": one_of("otc", "toxic", "silent"),
    }
    rows = _table("em_drugs.csv", ",".join(checks), checks)
    keyed = _keyed("em_drugs.csv", rows, lambda r: f"{r['by']}\t{r['name']}")
    return {(r["by"], r["name"]): r["kind"] for r in keyed.values()}


@lru_cache(maxsize=1)
def section_roles() -> Mapping[str, str]:
    """Section kind → what it means for a visit; kinds without a row have no role."""
    checks: dict[str, Check] = {"section": required, "role": required}
    rows = _table("em_sections.csv", "section,role,note", checks)
    return {name: r["role"] for name, r in _keyed("em_sections.csv", rows, lambda r: r["section"]).items()}


@lru_cache(maxsize=1)
def rules() -> Mapping[tuple[str, int], tuple[str, str]]:
    """(element, level) → what the level asks for, and the citation."""
    checks: dict[str, Check] = {
        "element": one_of("problems", "data", "risk", "time"),
        "level": _level,
        "requirement": required,
        "citation": required,
    }
    rows = _table("em_rules.csv", ",".join(checks), checks)
    keyed = _keyed("em_rules.csv", rows, lambda r: f"{r['element']}\t{r['level']}")
    return {(r["element"], int(r["level"])): (r["requirement"], r["citation"]) for r in keyed.values()}


@lru_cache(maxsize=1)
def weights() -> Mapping[str, float]:
    """Log-odds by name of the term."""
    rows = _table("em_weights.csv", "name,value,note", {"name": required, "value": finite})
    keyed = _keyed("em_weights.csv", rows, lambda r: r["name"])
    return {name: float(r["value"]) for name, r in keyed.items()}
