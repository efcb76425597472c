"""Reading the official HCPCS Level II file of CMS: the fixed-width ANWEB record, or its CSV form.

The record (CMS record layout, positions from 1): code 1-5 (a modifier in 4-5), sequence number 6-10,
record identification 11 (3 and 4: code and continuation, 7 and 8: modifier and continuation), long
description 12-91, short description 92-119, coverage 230, code added date 269-276, action effective date
277-284, termination date 285-292, action code 293. The dates are read from the end of the record, where
the columns before them have moved between years.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from cac.codes.sourcefiles import Row, Source, as_name, delimiter_of, first_header, rows_of

__all__ = ["COLUMNS", "HcpcsFile", "read_hcpcs"]

COLUMNS: Final = ("long", "short", "kind", "added", "effective", "terminated")

_CODE = re.compile(r"[A-CE-V]\d{4}")
_DENTAL = re.compile(r"D\d{4}")
_MODIFIER = re.compile(r"[A-Z0-9]{2}")
_RECORD = re.compile(r"(?P<code>[A-Z]\d{4}|   [A-Z0-9]{2})(?P<sequence>\d{5})(?P<record>[3478])(?P<rest>.*)")
_DATES = re.compile(r"(?P<added>\d{8})(?P<effective>\d{8})(?P<terminated>\d{8}|\s{8})?\s*[A-Z]?\s*$")
_START, _MORE = frozenset("37"), frozenset("48")
_NAMES: Mapping[str, tuple[str, ...]] = {
    "code": ("hcpc", "hcpcs", "code", "hcpcs code"),
    "long": ("long description", "description", "long desc"),
    "short": ("short description", "short desc"),
    "added": ("add dt", "add date", "added", "code added date"),
    "effective": ("act eff dt", "effective date", "action effective date"),
    "terminated": ("term dt", "term date", "termination date"),
    "record": ("recid", "record identification code"),
}
_NAME_OF = {name: column for column, names in _NAMES.items() for name in names}


@dataclass(slots=True)
class HcpcsFile:
    """Cells by code; ``dental`` counts D-codes, which belong to the ADA and are left out."""

    name: str
    kind: str
    cells: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    rows: int = 0
    dental: int = 0
    notice: int = 0
    problems: list[str] = field(default_factory=list)


def read_hcpcs(source: Source) -> HcpcsFile | None:
    """Read one file, or None when it is in neither form.

    Examples
    --------
    >>> text = "Code,Description\\nA9999,A kite\\nD9999,A tooth\\n"
    >>> file = read_hcpcs(Source("h.csv", text, ""))
    >>> file.cells, file.dental
    ({'A9999': {'kind': 'code', 'long': 'A kite'}}, 1)
    """
    head = [line for line in source.head[:60] if line.strip()]
    for line in head:
        if delimiter := delimiter_of(line):
            names = {_NAME_OF.get(as_name(cell.strip('"'))) for cell in line.split(delimiter)}
            if "code" in names and ("long" in names or "short" in names):
                return _delimited(source, delimiter)
    return _fixed(source) if any(_RECORD.match(line) for line in head) else None


def _fixed(source: Source) -> HcpcsFile:
    file = HcpcsFile(source.name, "ANWEB record")
    last = ("", "")
    dropped = ""
    for number, line in enumerate(source.lines, 1):
        if not line.strip():
            continue
        where = f"{source.name}:{number}"
        m = _RECORD.fullmatch(line)
        if m is None:
            if file.rows or re.match(r"[A-Z]\d{2,}", line):
                file.problems.append(f"{where}: is no record of a code")
            else:
                file.notice += 1
            continue
        code, record = m["code"].strip(), m["record"]
        text = " ".join(m["rest"][:80].split())
        file.rows += 1
        if record in _START:
            last, dropped = ("", ""), ""
            if _DENTAL.fullmatch(code):
                file.dental += 1
                dropped = code
                continue
            cells = {"kind": "code" if record == "3" else "modifier", "long": text}
            cells |= {"short": " ".join(m["rest"][80:108].split())}
            fault = _fault(code, cells) or _dates(m["rest"][108:], cells)
            if code in file.cells and not fault:
                fault = f"{code} is listed twice"
            if fault:
                file.problems.append(f"{where}: {fault}")
                dropped = code
                continue
            file.cells[code] = {k: v for k, v in cells.items() if v}
            last = (code, record)
        elif record in _MORE and code == last[0]:
            file.cells[code]["long"] = f"{file.cells[code]['long']} {text}".strip()
        elif code != dropped:
            file.problems.append(f"{where}: a continuation of {code} without its first record")
    return file


def _delimited(source: Source, delimiter: str) -> HcpcsFile:
    file = HcpcsFile(source.name, "CSV")
    rows = list(rows_of(source.text, delimiter))
    text_names = frozenset((*_NAMES["long"], *_NAMES["short"]))
    start = first_header(rows, (frozenset(_NAMES["code"]), text_names))
    if start is None:
        file.problems.append(f"{source.name}:1: the header cannot be read")
        return file
    columns: dict[str, int] = {}
    for i, cell in enumerate(rows[start].cells):
        if (column := _NAME_OF.get(as_name(cell))) is not None:
            columns.setdefault(column, i)
    file.notice = start
    for row in rows[start + 1 :]:
        fault = row.fault or _add(file, row, columns, len(rows[start].cells))
        if fault:
            file.problems.append(f"{source.name}:{row.line}: {fault}")
    return file


def _add(file: HcpcsFile, row: Row, columns: Mapping[str, int], width: int) -> str:
    """Take in one row; what is wrong with it, or ""."""
    if len(row.cells) > width:
        return f"{len(row.cells)} cells, {width} expected"
    cells = {name: row.cells[i] for name, i in columns.items() if i < len(row.cells)}
    code, record = cells.pop("code", "").upper(), cells.pop("record", "")
    file.rows += 1
    if _DENTAL.fullmatch(code):
        file.dental += 1
        return ""
    if record in _MORE:
        if code not in file.cells:
            return f"a continuation of {code} without its first row"
        file.cells[code]["long"] = f"{file.cells[code].get('long', '')} {cells.get('long', '')}".strip()
        return ""
    cells = {"kind": "modifier" if _MODIFIER.fullmatch(code) else "code", **cells}
    fault = _fault(code, cells)
    for name in ("added", "effective", "terminated"):
        if not fault and cells.get(name):
            day = _day(cells[name])
            fault = "" if day else f"{name} is {cells[name]!r:.20}, not a date"
            cells[name] = day
    if not fault and code in file.cells:
        fault = f"{code} is listed twice"
    if not fault:
        file.cells[code] = {k: " ".join(v.split()) for k, v in cells.items() if v}
    return fault


def _fault(code: str, cells: Mapping[str, str]) -> str:
    shape = _CODE if cells["kind"] == "code" else _MODIFIER
    if not shape.fullmatch(code):
        return f"{code!r:.20} is no HCPCS {cells['kind']}" if code else "the code is missing"
    if not cells.get("long") and not cells.get("short"):
        return f"{code} has no description"
    return ""


def _dates(rest: str, cells: dict[str, str]) -> str:
    m = _DATES.search(rest.rstrip("\n"))
    if m is None:
        return "" if not rest.strip() else "the dates at the end of the record cannot be read"
    for name, digits in m.groupdict().items():
        if digits and digits.strip():
            day = _day(digits)
            if not day:
                return f"{name} is {digits!r}, not a date"
            cells[name] = day
    return ""


def _day(cell: str) -> str:
    """YYYY-MM-DD of the ways CMS writes a day; "" when it is none."""
    for pattern in (r"(\d{4})-?(\d\d)-?(\d\d)(?: .*)?", r"(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<y>\d{4})"):
        if m := re.fullmatch(pattern, cell):
            year, month, day = (m["y"], m["m"], m["d"]) if m.groupdict() else m.groups()
            try:
                return date(int(year), int(month), int(day)).isoformat()
            except ValueError:
                return ""
    return ""
