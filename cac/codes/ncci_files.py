"""Reading the NCCI edit files of CMS: procedure-to-procedure pairs and medically unlikely units.

Both begin with lines of notice and captions; the rows of edits are told by their codes. The pair files of
practitioners come in four parts, which are read together. Millions of pairs have to stay small and quick
to ask, so a pair is one number and the table is sorted arrays.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from cac.codes.sourcefiles import Row, Source, as_name, delimiter_of, rows_of
from cac.codes.store import Array, Store
from cac.codes.userdata import open_set

__all__ = [
    "MueFile",
    "MueTable",
    "NcciFile",
    "NcciTable",
    "load_mue",
    "load_ncci",
    "mue_arrays",
    "ncci_arrays",
    "read_mue",
    "read_ncci",
]

_CODE = re.compile(r"(?=.{5}$)[0-9A-Z]\d{3}[0-9A-Z]")
_DAY = re.compile(r"(?:(\d{4})-?(\d\d)-?(\d\d)|(\d\d?)/(\d\d?)/(\d{4}))")
_INDICATOR = re.compile(r"[019]")
_MAI = re.compile(r"([123])\b.*")
_BASE: Final = 36**5
_NO_DAY: Final = 0


@dataclass(slots=True)
class NcciFile:
    """Pairs of one file, a row each: pair as a number, first day, last day (0: none), modifier indicator."""

    name: str
    kind: str = "NCCI pairs"
    pairs: Array = field(default_factory=lambda: _table(array("q")), repr=False)
    notice: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class MueFile:
    """Units of one file: code to (most units, adjudication indicator)."""

    name: str
    kind: str = "MUE"
    units: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)
    notice: int = 0
    problems: list[str] = field(default_factory=list)


class NcciTable:
    """The pairs, sorted; asked by code pair and day."""

    def __init__(self, arrays: dict[str, Array], label: str = "") -> None:
        self._keys = arrays["keys"]
        self._first = arrays["first"]
        self._last = arrays["last"]
        self._indicator = arrays["indicator"]
        self.label = label

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"NcciTable({len(self)} pairs)"

    def indicator(self, column1: str, column2: str, day: date | None = None) -> int | None:
        """The modifier indicator of a pair in force on a day (None: now on), or None for no such edit.

        0: never together; 1: together with a modifier that says why; 9: the edit was withdrawn.
        """
        if not (_CODE.fullmatch(column1) and _CODE.fullmatch(column2)):
            return None
        key = _key(column1, column2)
        low, high = int(np.searchsorted(self._keys, key)), int(np.searchsorted(self._keys, key, "right"))
        for row in range(high - 1, low - 1, -1):
            first, last = int(self._first[row]), int(self._last[row])
            at = day.year * 10_000 + day.month * 100 + day.day if day is not None else 99_999_999
            if first <= at and (last == _NO_DAY or at <= last):
                return int(self._indicator[row])
        return None


class MueTable:
    """The most units of a code, and how they are counted."""

    def __init__(
        self, codes: Sequence[str], units: Sequence[int], mai: Sequence[int], label: str = ""
    ) -> None:
        self._rows = dict(zip(codes, zip(units, mai, strict=True), strict=True))
        self.label = label

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"MueTable({len(self)} codes)"

    def get(self, code: str) -> tuple[int, int] | None:
        """Most units and adjudication indicator: 1 counts a claim line, 2 and 3 the whole day."""
        return self._rows.get(code)


def read_ncci(source: Source) -> NcciFile | None:
    """Read a file of pairs, or None when it holds none.

    Examples
    --------
    >>> text = "Column 1\\tColumn 2\\tEffective\\tDeletion\\tModifier\\n9998A\\t9999A\\t20250101\\t*\\t1\\n"
    >>> len(read_ncci(Source("pairs.txt", text, "")).pairs)
    1
    """
    parts = _split(source, 2)
    if parts is None:
        return None
    captions, rows = parts
    file = NcciFile(source.name, notice=len(captions))
    cells, lines = array("q"), array("q")
    for row in rows:
        pair = row.fault or _pair(row)
        if isinstance(pair, str):
            file.problems.append(f"{source.name}:{row.line}: {pair}")
        else:
            cells.extend(pair)
            lines.append(row.line)
    file.pairs = _table(cells)
    file.problems += [
        f"{source.name}:{lines[i]}: the pair is listed twice from the same day" for i in _repeated(file.pairs)
    ]
    return file


def read_mue(source: Source) -> MueFile | None:
    """Read a file of units, or None when it holds none.

    Examples
    --------
    >>> text = 'Code,MUE Values,MAI\\n9999A,2,"3 Date of Service Edit: Clinical"\\n'
    >>> read_mue(Source("mue.csv", text, "")).units
    {'9999A': (2, 3)}
    """
    parts = _split(source, 1)
    if parts is None:
        return None
    captions, rows = parts
    file = MueFile(source.name, notice=len(captions))
    value, mai = _mue_columns(captions)
    for row in rows:
        where = f"{source.name}:{row.line}"
        code = row.cells[0].upper() if row.cells else ""
        found = _MAI.fullmatch(row.cells[mai]) if mai < len(row.cells) else None
        if row.fault:
            file.problems.append(f"{where}: {row.fault}")
        elif not _CODE.fullmatch(code):
            file.problems.append(f"{where}: {code!r:.20} is no code")
        elif value >= len(row.cells) or not re.fullmatch(r"\d{1,6}", row.cells[value]):
            file.problems.append(f"{where}: the units of {code} are no number")
        elif found is None:
            file.problems.append(f"{where}: {code} has no adjudication indicator 1, 2 or 3")
        elif code in file.units:
            file.problems.append(f"{where}: {code} is listed twice")
        else:
            file.units[code] = (int(row.cells[value]), int(found[1]))
    return file


def ncci_arrays(pairs: Array) -> dict[str, Array]:
    """Sorted arrays of pairs, from rows as in ``NcciFile.pairs``."""
    table = pairs[np.lexsort((pairs[:, 3], pairs[:, 2], pairs[:, 1], pairs[:, 0]))]
    return {
        "keys": np.ascontiguousarray(table[:, 0]),
        "first": table[:, 1].astype(np.int32),
        "last": table[:, 2].astype(np.int32),
        "indicator": table[:, 3].astype(np.int8),
    }


def mue_arrays(units: dict[str, tuple[int, int]]) -> dict[str, Array]:
    """Arrays of codes as numbers, units and indicators, in order of code."""
    codes = sorted(units)
    return {
        "keys": np.array([int(c, 36) for c in codes], dtype=np.int64),
        "units": np.array([units[c][0] for c in codes], dtype=np.int32),
        "mai": np.array([units[c][1] for c in codes], dtype=np.int8),
    }


def load_ncci(folder: str | Path | None = None) -> NcciTable | None:
    """The imported pairs, or None. Raises TableError when they are damaged."""
    store = open_set("ncci", folder)
    return None if store is None else NcciTable(dict(store.arrays), _label(store))


def load_mue(folder: str | Path | None = None) -> MueTable | None:
    """The imported units, or None. Raises TableError when they are damaged."""
    store = open_set("mue", folder)
    if store is None:
        return None
    codes = [np.base_repr(k, 36).rjust(5, "0") for k in store.arrays["keys"].tolist()]
    return MueTable(codes, store.arrays["units"].tolist(), store.arrays["mai"].tolist(), _label(store))


def _label(store: Store) -> str:
    names = ", ".join(f["name"] for f in store.meta["files"] if "format" in f)
    return f"{names}, imported {store.meta['imported']}"


def _key(column1: str, column2: str) -> int:
    return int(column1, 36) * _BASE + int(column2, 36)


def _split(source: Source, codes: int) -> tuple[list[Row], Iterator[Row]] | None:
    """The rows before the first whose first cells are codes, and the rows from it on; None without one."""

    def begins(cells: Sequence[str]) -> bool:
        return len(cells) > codes and all(_CODE.fullmatch(c.upper()) for c in cells[:codes])

    for line in source.head:
        delimiter = delimiter_of(line)
        if delimiter and begins([c.strip().strip('"') for c in line.split(delimiter)]):
            rows = rows_of(source.text, delimiter)
            captions: list[Row] = []
            for row in rows:
                if begins(row.cells):
                    return captions, chain([row], rows)
                captions.append(row)
    return None


def _table(cells: array[int]) -> Array:
    return np.array(cells, dtype=np.int64).reshape(-1, 4)


def _repeated(pairs: Array) -> list[int]:
    """Rows whose pair and first day stand in a row before them."""
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    same = (np.diff(pairs[order, 0]) == 0) & (np.diff(pairs[order, 1]) == 0)
    return sorted(order[1:][same].tolist())


def _pair(row: Row) -> tuple[int, int, int, int] | str:
    """One pair, or what is wrong with its row. The columns are told by what stands in them: the first day
    is the first date behind the codes, then the last day (or a star), then the indicator."""
    cells = [c.upper() for c in row.cells]
    for code in (*cells[:2], "", "")[:2]:
        if not _CODE.fullmatch(code):
            return f"{code!r:.20} is no code"
    at = next((i for i, c in enumerate(cells[2:5], 2) if _DAY.fullmatch(c)), None)
    if at is None:
        return "the effective date is missing or no date"
    rest = (*cells[at + 1 :], "", "")[:2]
    first, last = _day(cells[at]), _NO_DAY if rest[0] in ("*", "") else _day(rest[0])
    if first is None or last is None:
        return "the effective date or the deletion date is no date"
    if not _INDICATOR.fullmatch(rest[1]):
        return f"the modifier indicator is {rest[1]!r:.20}, not 0, 1 or 9"
    return _key(cells[0], cells[1]), first, last, int(rest[1])


def _day(cell: str) -> int | None:
    m = _DAY.fullmatch(cell)
    if m is None:
        return None
    year, month, day = (m[1], m[2], m[3]) if m[1] else (m[6], m[4], m[5])
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return None
    return int(year) * 10_000 + int(month) * 100 + int(day)


def _mue_columns(captions: Sequence[Row]) -> tuple[int, int]:
    """The columns of units and indicator; the second and third where no caption says so."""
    value, mai = 1, 2
    for row in captions:
        for i, cell in enumerate(row.cells[1:], 1):
            name = as_name(cell)
            if "adjudication" in name or name == "mai":
                mai = i
            elif "mue value" in name or name in ("mue", "units", "value"):
                value = i
    return value, mai
