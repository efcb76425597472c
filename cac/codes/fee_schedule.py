"""The physician fee schedule of CMS (PPRRVU): short descriptions and payment indicators by code.

Its header is spread over several rows ("GLOB" over "DAYS", "BILAT" over "SURG"), below some lines of
notice; each code has a row without modifier and, where it can be split, rows for 26, TC and 53.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

from cac.codes.sourcefiles import Row, Source, as_name, rows_of
from cac.errors import TableError

__all__ = ["FEE_COLUMNS", "FeeSchedule", "is_fee_schedule", "read_fee_schedule"]

FEE_COLUMNS: Final = (
    "status",
    "split",
    "global_days",
    "multiple",
    "bilateral",
    "assistant",
    "cosurgeon",
    "team",
)
"""The indicators kept: status code, PC/TC split, global days, multiple procedures (51), bilateral surgery
(50), assistant (80-82), co-surgeons (62) and team surgery (66)."""

_WORDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    # Words the joined caption has to contain; any of the sets will do.
    "status": (("status", "code"), ("status",)),
    "split": (("pctc",), ("pc", "tc")),
    "global_days": (("glob", "days"), ("global", "days"), ("global",)),
    "multiple": (("mult", "proc"), ("multiple", "procedure")),
    "bilateral": (("bilat", "surg"), ("bilateral", "surgery")),
    "assistant": (("asst", "surg"), ("assistant", "surgery")),
    "cosurgeon": (("co", "surg"), ("co", "surgeon"), ("co", "surgeons")),
    "team": (("team", "surg"), ("team", "surgery")),
}
_SHAPES: Mapping[str, re.Pattern[str]] = {
    "status": re.compile(r"[A-Z]?"),
    "split": re.compile(r"[0-9]?"),
    "global_days": re.compile(r"(?:\d{1,3}|MMM|XXX|YYY|ZZZ)?"),
    "multiple": re.compile(r"[0-9]?"),
    "bilateral": re.compile(r"[0-9]?"),
    "assistant": re.compile(r"[0-9]?"),
    "cosurgeon": re.compile(r"[0-9]?"),
    "team": re.compile(r"[0-9]?"),
}
_CODE = re.compile(r"[0-9A-Z]\d{3}[0-9A-Z]")
_HEADER = re.compile(r'^\s*"?HCPCS"?\s*,\s*"?MOD(?:IFIER)?"?\s*,', re.IGNORECASE | re.MULTILINE)
_CAPTION_ROWS = 6


@dataclass(slots=True)
class FeeSchedule:
    """Cells by code: ``short``, ``modifiers`` and the indicators."""

    cells: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    rows: int = 0
    notice: int = 0
    problems: list[str] = field(default_factory=list)


def is_fee_schedule(source: Source) -> bool:
    """Whether a file has the header of the fee schedule."""
    return _HEADER.search(source.text, 0, 20_000) is not None


def read_fee_schedule(source: Source) -> FeeSchedule:
    """Read the file. Raises TableError when its header has no description or status.

    Examples
    --------
    >>> text = ",,,STATUS,GLOB\\nHCPCS,MOD,DESCRIPTION,CODE,DAYS\\n9999A,,Kite repair,A,010\\n"
    >>> read_fee_schedule(Source("PPRRVU.csv", text, "")).cells["9999A"]
    {'short': 'Kite repair', 'status': 'A', 'global_days': '010'}
    """
    rows = list(rows_of(source.text, ","))
    start = next((i for i, r in enumerate(rows) if [as_name(c) for c in r.cells[:2]] in _FIRST), None)
    if start is None:
        raise TableError(f"{source.name}: the header of the fee schedule cannot be read")
    names = _captions(rows[max(0, start - _CAPTION_ROWS) : start + 1])
    columns = _columns(names)
    describe = next((i for i, name in enumerate(names) if "description" in name.split()), None)
    if describe is None or "status" not in columns:
        raise TableError(f"{source.name}: the fee schedule has no column for description or status")
    out = FeeSchedule(notice=start)
    seen: set[tuple[str, str]] = set()
    width = len(rows[start].cells)
    for row in rows[start + 1 :]:
        fault = row.fault or _fault(row, width, describe, columns)
        code, modifier = (*row.cells[:2], "", "")[:2]
        if not fault and (code, modifier) in seen:
            fault = f"{code} {modifier}".strip() + " is listed twice"
        if fault:
            out.problems.append(f"{source.name}:{row.line}: {fault}")
            continue
        seen.add((code, modifier))
        out.rows += 1
        cells = out.cells.setdefault(code, {})
        if modifier:
            # The parts of a code repeat what its own row says.
            cells.setdefault("short", row.cells[describe])
            continue
        cells["short"] = row.cells[describe]
        cells |= {name: row.cells[i] for name, i in columns.items() if i < len(row.cells)}
    return out


_FIRST = (["hcpcs", "mod"], ["hcpcs", "modifier"])


def _captions(rows: Sequence[Row]) -> list[str]:
    """Captions read downward; the first column of the rows above is the notice."""
    above = [("", *r.cells[1:]) for r in rows[:-1]]
    return [
        as_name(" ".join(c for c in cells if c))
        for cells in zip_longest(*above, rows[-1].cells, fillvalue="")
    ]


def _columns(names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column, readings in _WORDS.items():
        for words in readings:
            at = next((i for i, n in enumerate(names) if i > 1 and set(words) <= set(n.split())), None)
            if at is not None:
                found[column] = at
                break
    return found


def _fault(row: Row, width: int, describe: int, columns: Mapping[str, int]) -> str:
    if len(row.cells) > width:
        return f"{len(row.cells)} cells, {width} expected"
    if not _CODE.fullmatch(row.cells[0]):
        return f"{row.cells[0]!r:.20} is no code"
    if describe >= len(row.cells) or not row.cells[describe]:
        return f"{row.cells[0]} has no description"
    for column, i in columns.items():
        cell = row.cells[i] if i < len(row.cells) else ""
        if not _SHAPES[column].fullmatch(cell):
            return f"{column.replace('_', ' ')} is {cell!r:.20}"
    return ""
