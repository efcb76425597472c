"""Code sets a user has imported: one file each in the user's data folder, replaced as a whole.

A set is a ``Store``: written to a temporary file and moved into place, so an import that is interrupted
leaves the set that was there before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cac.codes.store import Array, StaleError, Store, Strings, open_store, pack_strings, write_store
from cac.errors import ConfigError, TableError

__all__ = [
    "SETS",
    "ImportedSet",
    "ImportedTable",
    "data_folder",
    "imported_sets",
    "open_set",
    "remove_set",
    "save_set",
    "save_table",
    "set_path",
]

SETS: Final = ("cpt", "hcpcs", "mue", "ncci")
LAYOUT: Final = "import-1"
"""Raise it when the arrays change: older files have to be imported again."""

_SUFFIX: Final = ".imported"
_DESCRIBED: Final = ("long", "medium", "short", "consumer", "cms_short")


@dataclass(frozen=True, slots=True)
class ImportedSet:
    """What is known of one imported set.

    Attributes
    ----------
    name
        "cpt", "hcpcs", "ncci" or "mue".
    rows
        Codes, or pairs of codes.
    imported
        The day it was imported, YYYY-MM-DD.
    licence
        What its use rests on.
    files
        The files it came from, each with its format, rows and SHA-256 digest.
    counts
        Rows by kind of text or flag.
    damaged
        Why it cannot be used, or "".
    """

    name: str
    rows: int
    imported: str
    licence: str
    files: tuple[Mapping[str, Any], ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    damaged: str = ""


class ImportedTable:
    """An imported set of codes with their texts, mapped from its file.

    Attributes
    ----------
    codes
        All codes in order.
    facts
        Where it came from.
    """

    __slots__ = ("_columns", "_row_of", "codes", "facts")

    def __init__(self, store: Store) -> None:
        self.codes: tuple[str, ...] = tuple(_strings(store, "codes"))
        self.facts = _facts(store)
        self._row_of = {code: row for row, code in enumerate(self.codes)}
        self._columns = {name: _strings(store, name) for name in store.meta["columns"]}

    def __repr__(self) -> str:
        return f"ImportedTable({self.facts.name}, {len(self.codes)} codes)"

    def __len__(self) -> int:
        return len(self.codes)

    def __contains__(self, code: object) -> bool:
        return code in self._row_of

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def get(self, code: str, column: str) -> str:
        """One cell; "" where the set has nothing to say, and for a code or column it does not have."""
        row, cells = self._row_of.get(code), self._columns.get(column)
        return "" if row is None or cells is None else cells[row]

    def many(self, code: str, column: str) -> tuple[str, ...]:
        """A cell that holds several texts."""
        return tuple(t for t in self.get(code, column).split("\n") if t)

    def describe(self, code: str) -> str:
        """The fullest description of a code the set has; "" when it has none."""
        return next((t for c in _DESCRIBED if (t := self.get(code, c))), "")


def data_folder(folder: str | Path | None = None) -> Path:
    """Where imported sets are kept: ``folder``, else ``CAC_DATA_DIR``, else the user's data folder."""
    if folder is not None:
        return Path(folder)
    if named := os.environ.get("CAC_DATA_DIR"):
        return Path(named)
    return _user_folder()


@lru_cache(maxsize=1)
def _user_folder() -> Path:
    import platformdirs

    return platformdirs.user_data_path("cac")


def imported_sets(folder: str | Path | None = None) -> tuple[ImportedSet, ...]:
    """The sets that have been imported, by name.

    Parameters
    ----------
    folder
        The data folder; see ``data_folder``.

    Examples
    --------
    >>> import tempfile
    >>> imported_sets(tempfile.mkdtemp())
    ()
    """
    place = data_folder(folder)
    return tuple(_shown(name, place) for name in SETS if (place / f"{name}{_SUFFIX}").exists())


def open_set(name: str, folder: str | Path | None = None) -> Store | None:
    """The stored set, or None when it was never imported.

    Raises TableError when the file is damaged or from another version, ConfigError for an unknown name.
    """
    path = set_path(name, folder)
    if not path.exists():
        return None
    try:
        return open_store(path, LAYOUT)
    except StaleError:
        raise TableError(
            f"the imported {name} set is damaged or of another version: import it again"
        ) from None


def save_set(
    name: str,
    arrays: Mapping[str, Array],
    *,
    rows: int,
    licence: str,
    files: Sequence[Mapping[str, Any]],
    counts: Mapping[str, int],
    folder: str | Path | None = None,
    columns: Sequence[str] = (),
) -> ImportedSet:
    """Write a set in one step, in place of what was there; raises OSError where that cannot be done."""
    path = set_path(name, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    meta = {
        "name": name,
        "rows": rows,
        "imported": date.today().isoformat(),
        "licence": licence,
        "files": [dict(f) for f in files],
        "counts": dict(counts),
        "columns": list(columns),
    }
    write_store(path, arrays, meta, key=LAYOUT)
    return _facts(Store(arrays, meta))


def save_table(
    name: str, cells: Mapping[str, Mapping[str, str]], columns: Sequence[str], **facts: Any
) -> ImportedSet:
    """``save_set`` for codes with texts: ``cells[code][column]``, missing cells empty."""
    codes = sorted(cells)
    arrays: dict[str, Array] = {}
    for column in ("codes", *columns):
        texts = codes if column == "codes" else [cells[code].get(column, "") for code in codes]
        arrays[f"{column}_blob"], arrays[f"{column}_cuts"] = pack_strings(texts)
    return save_set(name, arrays, rows=len(codes), columns=columns, **facts)


def remove_set(name: str, folder: str | Path | None = None) -> bool:
    """Delete an imported set; whether there was one. Raises ConfigError for an unknown name."""
    path = set_path(name, folder)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def set_path(name: str, folder: str | Path | None = None) -> Path:
    """The file an imported set is kept in. Raises ConfigError for an unknown name."""
    if name not in SETS:
        raise ConfigError(f"unknown set {name!r:.40}; it is one of {', '.join(SETS)}")
    return data_folder(folder) / f"{name}{_SUFFIX}"


def _shown(name: str, place: Path) -> ImportedSet:
    try:
        store = open_set(name, place)
    except TableError as error:
        return ImportedSet(name, 0, "", "", damaged=str(error))
    return _facts(store) if store is not None else ImportedSet(name, 0, "", "", damaged="removed meanwhile")


def _facts(store: Store) -> ImportedSet:
    meta = store.meta
    return ImportedSet(
        meta["name"],
        meta["rows"],
        meta["imported"],
        meta["licence"],
        tuple(meta["files"]),
        tuple(sorted(meta["counts"].items())),
    )


def _strings(store: Store, column: str) -> Strings:
    return Strings(store.arrays[f"{column}_blob"], store.arrays[f"{column}_cuts"])
