"""Reading the packaged data files: knowledge is rows, validated when they are loaded.

A table is refused as a whole, after every bad row in it has been reported.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

from cac.errors import TableError

__all__ = ["Check", "data_path", "data_text", "finite", "one_of", "read_rows", "read_table", "required"]

Check = Callable[[str], str | None]
"""Takes a cell, returns what is wrong with it, or None."""


def required(cell: str) -> str | None:
    """A cell that may not be empty."""
    return None if cell else "is empty"


def one_of(*allowed: str) -> Check:
    """A cell that takes one of the given values."""

    def check(cell: str) -> str | None:
        return None if cell in allowed else f"is {cell!r}, not one of {', '.join(allowed)}"

    return check


def finite(cell: str) -> str | None:
    """A cell that holds a number."""
    try:
        return None if math.isfinite(float(cell)) else f"is {cell}"
    except ValueError:
        return f"is {cell!r}, not a number"


def data_path(name: str) -> Traversable:
    """A packaged data file or folder, by its path below ``cac/data``."""
    return files("cac").joinpath("data", *name.split("/"))


def data_text(name: str) -> str:
    """The text of a packaged data file."""
    return data_path(name).read_text(encoding="utf-8")


def read_rows(
    text: str, columns: Sequence[str], name: str, checks: Mapping[str, Check] | None = None
) -> list[dict[str, str]]:
    """Parse CSV ``text`` whose header must be exactly ``columns``.

    Returns one dict per row, cells stripped. Raises TableError naming every bad row.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[dict[str, str]] = []
    problems: list[str] = []
    try:
        header = next(reader, [])
        if header != list(columns):
            raise TableError(f"{name}: the header must be {','.join(columns)}")
        for cells in reader:
            where = f"{name}:{reader.line_num}"
            if len(cells) != len(columns):
                problems.append(f"{where}: {len(cells)} cells, {len(columns)} expected")
                continue
            row = {c: cell.strip() for c, cell in zip(columns, cells, strict=True)}
            wrong = [
                f"{where}: {column} {fault}"
                for column, check in (checks or {}).items()
                if (fault := check(row[column])) is not None
            ]
            problems += wrong
            if not wrong:
                rows.append(row)
    except csv.Error as error:
        problems.append(f"{name}:{reader.line_num}: {error}")
    if problems:
        raise TableError(f"{name}: {len(problems)} bad rows", problems)
    return rows


def read_table(
    name: str, columns: Sequence[str], checks: Mapping[str, Check] | None = None
) -> list[dict[str, str]]:
    """Read a packaged CSV file, or every CSV file of a packaged folder, in name order."""
    rows: list[dict[str, str]] = []
    for path in _csv_files(data_path(name)):
        rows += read_rows(path.read_text(encoding="utf-8"), columns, path.name, checks)
    return rows


def _csv_files(path: Traversable) -> Iterator[Traversable]:
    if path.is_dir():
        yield from sorted((p for p in path.iterdir() if p.name.endswith(".csv")), key=lambda p: p.name)
    else:
        yield path
