"""The procedure tables: code numbers in our own wording, the services they belong to, their axes.

A *service* is what a clinician names ("knee arthroscopy", "CT", "wound repair"); its codes differ by
axes. A cell of an axis says which documented values the code needs: ``laparoscopic``; ``hand|finger``
(either); ``medial&lateral`` (both); ``?open`` (assumed when nothing is said); ``~two`` (the usual answer
when nothing is said, good enough to propose, not to suggest). Numeric axes hold ranges: ``2-14``, ``15+``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from cac.errors import TableError
from cac.resources import Check, one_of, read_table, required

__all__ = [
    "NUMERIC_AXES",
    "TEXT_AXES",
    "Cell",
    "Procedure",
    "ProcedureTables",
    "Service",
    "load_procedures",
    "parse_cell",
]

TEXT_AXES = ("approach", "site", "extent", "technique", "condition", "component", "contrast", "guidance")
NUMERIC_AXES = ("views", "number", "size", "time", "age")
UNITS = ("", "each", "count", "quarter-hour", "half-hours", "hours")
SIDES = ("", "yes", "finger", "toe", "vessel")
KINDS = (
    "surgery",
    "endoscopy",
    "injection",
    "imaging",
    "test",
    "lab",
    "vaccine",
    "therapy",
    "visit",
    "device",
)

_LARGE = 30
"""A family with more codes than this is not searched while nothing says where."""

_CODE = re.compile(r"\d{4}[0-9A-Z]")
_CODE_COLUMNS = (
    *("code", "category", "service", "description", "synonyms"),
    *TEXT_AXES,
    *NUMERIC_AXES,
    *("side", "parent", "unit"),
)
_SERVICE_COLUMNS = ("service", "kind", "names", "each", "measure", "counts", "diagnoses")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a code asks of one axis.

    ``values`` are alternatives, or all needed when ``every``; numeric cells have ``low``..``high``
    instead. ``assumed``: holds when nothing is documented. ``usual``: a guess when nothing is.
    """

    values: frozenset[str] = frozenset()
    every: bool = False
    low: float = 0.0
    high: float = 0.0
    assumed: bool = False
    usual: bool = False


@dataclass(frozen=True, slots=True)
class Procedure:
    """One code number, in our own words, with what it asks of each axis."""

    code: str
    category: str
    service: str
    description: str
    synonyms: tuple[str, ...]
    cells: dict[str, Cell] = field(hash=False)
    side: str = ""
    parents: tuple[str, ...] = ()
    unit: str = ""

    @property
    def joint(self) -> int:
        """How many axes ask for several values together."""
        return sum(cell.every for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class Service:
    """What a clinician names, with the codes it may mean.

    ``each`` names the axis of which every documented value is a code of its own; ``measure`` says
    whether sizes are added up ("sum") or stand alone ("each"); ``counts`` are the words whose number
    counts; ``diagnoses`` the ICD-10-CM prefixes it is usually done for. ``axes`` and ``values`` are those
    its codes ask for: what else the words say is no conflict.
    """

    name: str
    kind: str
    names: tuple[str, ...]
    each: str
    measure: str
    counts: frozenset[str]
    diagnoses: tuple[str, ...]
    codes: tuple[Procedure, ...] = ()
    axes: frozenset[str] = frozenset()
    values: frozenset[tuple[str, str]] = frozenset()
    by_site: dict[str, tuple[Procedure, ...]] = field(default_factory=dict, hash=False)

    def possible(self, sites: Iterable[str]) -> tuple[Procedure, ...]:
        """The codes that sites leave possible; none when a large family is open in its site."""
        wanted = [s for s in sites if s in self.by_site]
        if not wanted:
            decided = self.by_site.get("", ())
            return decided if len(self.codes) > _LARGE and len(decided) * 4 < len(self.codes) else self.codes
        found = {c.code: c for s in ("", *wanted) for c in self.by_site.get(s, ())}
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class ProcedureTables:
    """All services by name, and all codes by number."""

    services: dict[str, Service]
    codes: dict[str, Procedure]


def parse_cell(cell: str, axis: str) -> Cell | None:
    """The meaning of one cell; None when it is empty; ValueError when it cannot be read.

    Examples
    --------
    >>> parse_cell("?open", "approach").assumed
    True
    >>> parse_cell("2-14", "number").high
    14.0
    """
    if not cell:
        return None
    mark, body = (cell[0], cell[1:]) if cell[0] in "?~" else ("", cell)
    assumed, usual = mark == "?", mark == "~"
    if axis in NUMERIC_AXES:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?)|(\+))?", body)
        if not found:
            raise ValueError(f"{cell!r} is no range")
        low = float(found[1])
        high = float("inf") if found[3] else float(found[2] or found[1])
        if high < low:
            raise ValueError(f"{cell!r} ends before it starts")
        return Cell(low=low, high=high, assumed=assumed, usual=usual)
    every = "&" in body
    values = [v.strip() for v in re.split(r"[|&]", body)]
    if any(not re.fullmatch(r"[a-z0-9][a-z0-9 +/.-]*", v) for v in values) or ("|" in body and every):
        raise ValueError(f"{cell!r} is no list of values")
    return Cell(frozenset(values), every, assumed=assumed, usual=usual)


@lru_cache(maxsize=1)
def load_procedures() -> ProcedureTables:
    """The packaged tables, read and checked once.

    Raises
    ------
    TableError
        Naming every row that cannot be used.

    Examples
    --------
    >>> load_procedures().codes["44970"].service
    'appendectomy'
    """
    rows = read_table("cpt_sample/codes.csv", _CODE_COLUMNS, _code_checks())
    services = read_table(
        "procedures/services.csv",
        _SERVICE_COLUMNS,
        {"service": required, "kind": one_of(*KINDS), "each": one_of("", *TEXT_AXES)}
        | {"measure": one_of("", "sum", "each")},
    )
    return build_tables(rows, services)


def build_tables(rows: Iterable[dict[str, str]], services: Iterable[dict[str, str]]) -> ProcedureTables:
    """Tables from parsed rows; what does not fit together is reported as a whole, then refused."""
    problems: list[str] = []
    codes: dict[str, Procedure] = {}
    known = {}
    for row in services:
        if row["service"] in known:
            problems.append(f"service {row['service']} is there twice")
        known[row["service"]] = row
    for row in rows:
        if row["code"] in codes:
            problems.append(f"code {row['code']} is there twice")
        if row["service"] not in known:
            problems.append(f"code {row['code']}: no service {row['service']!r}")
        codes[row["code"]] = _procedure(row)
    for code in codes.values():
        problems += [
            f"code {code.code}: parent {p} is not in the table" for p in code.parents if p not in codes
        ]
    by_service: dict[str, list[Procedure]] = {}
    for number in sorted(codes):
        by_service.setdefault(codes[number].service, []).append(codes[number])
    problems += [f"service {name} has no code" for name in known if name not in by_service]
    if problems:
        raise TableError(f"procedure tables: {len(problems)} faults", sorted(problems))
    return ProcedureTables(
        {name: _service(known[name], tuple(by_service[name])) for name in sorted(known)}, codes
    )


def _procedure(row: dict[str, str]) -> Procedure:
    cells = {a: c for a in (*TEXT_AXES, *NUMERIC_AXES) if (c := parse_cell(row[a], a)) is not None}
    return Procedure(
        code=row["code"],
        category=row["category"],
        service=row["service"],
        description=row["description"],
        synonyms=_listed(row["synonyms"]),
        cells=cells,
        side=row["side"],
        parents=_listed(row["parent"]),
        unit=row["unit"],
    )


def _service(row: dict[str, str], codes: tuple[Procedure, ...]) -> Service:
    return Service(
        name=row["service"],
        kind=row["kind"],
        names=_listed(row["names"]),
        each=row["each"],
        measure=row["measure"],
        counts=frozenset(_listed(row["counts"])),
        diagnoses=_listed(row["diagnoses"]),
        codes=codes,
        axes=frozenset(a for c in codes for a in c.cells),
        by_site=_by_site(codes),
        values=frozenset((a, v) for c in codes for a, cell in c.cells.items() for v in cell.values),
    )


def _by_site(codes: tuple[Procedure, ...]) -> dict[str, tuple[Procedure, ...]]:
    found: dict[str, tuple[Procedure, ...]] = {}
    for code in codes:
        cell = code.cells.get("site")
        for value in sorted(cell.values) if cell is not None else ():
            found[value] = (*found.get(value, ()), code)
        if cell is None or cell.assumed or cell.usual:
            # Without a site these are possible; with one they are found under it.
            found[""] = (*found.get("", ()), code)
    return found


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p.strip().lower() for p in cell.split(";") if p.strip())) if cell else ()


def _code_checks() -> dict[str, Check]:
    def number(cell: str) -> str | None:
        return None if _CODE.fullmatch(cell) else f"is {cell!r}, no code number"

    def axis(name: str) -> Check:
        def check(cell: str) -> str | None:
            try:
                parse_cell(cell, name)
            except ValueError as error:
                return str(error)
            return None

        return check

    fixed: dict[str, Check] = {
        "code": number,
        "category": required,
        "service": required,
        "description": required,
        "side": one_of(*SIDES),
        "unit": one_of(*UNITS),
    }
    return fixed | {a: axis(a) for a in (*TEXT_AXES, *NUMERIC_AXES)}
