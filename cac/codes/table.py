"""The code table: hierarchy, titles and notes of one release over memory-mapped arrays.

Rows are in depth-first pre-order, so everything below row ``i`` is ``i + 1 .. subtree_end[i] - 1``
and "is under" is two comparisons. Parents are walked here, never asked of the source package: its
ancestor search stops at the nearest note, and outer notes apply as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from cac.codes.axes import Axis, parse_axes, sided_twin
from cac.codes.records import CodeRecord
from cac.codes.releases import choose_release
from cac.codes.source import KINDS, LAYOUT, NOTE_KINDS, read_codes, read_notes, table_arrays
from cac.codes.store import Array, Built, Store, Strings, cache_directory, load_or_build
from cac.errors import ConfigError, TableError, UnknownCodeError
from cac.resources import data_path

__all__ = ["CodeTable"]

_FIELD_OF: Final = {"inclusion_term": "inclusion_terms", "note": "notes"}
_SEVENTH: Final = "seventh_character"


class CodeTable:
    """The codes of one system and release. Use ``CodeTable.open`` or ``CodeTable.from_csv``.

    Attributes
    ----------
    system, release
        "ICD-10-CM" and the release, "2026-04".
    digest
        Hash of the whole content, for keys of what is compiled from it.
    billable
        Bool array by row: nothing subdivides the code further.
    parent
        int32 by row, -1 at the top.
    subtree_end
        int32 by row: one past the last row below it.

    Examples
    --------
    >>> table = CodeTable.open("2026-04")
    >>> row = table.row("e1122")
    >>> table.codes[row], table.title(row)
    ('E11.22', 'Type 2 diabetes mellitus with diabetic chronic kidney disease')
    >>> [table.codes[r] for r in table.ancestors(row)]
    ['E11.2', 'E11', 'E08-E13', '4']
    """

    def __init__(self, store: Store) -> None:
        arrays = store.arrays
        self._store = store
        self.system: str = store.meta["system"]
        self.release: str = store.meta["release"]
        self.digest: str = store.meta["digest"]
        self.billable: Array = arrays["billable"]
        self.parent: Array = arrays["parent"]
        self.subtree_end: Array = arrays["subtree_end"]
        # memoryviews give plain ints, several times faster than NumPy scalars
        self._parent = self.parent.data
        self._end = self.subtree_end.data
        self._kind = arrays["kind"].data
        self._note_start = arrays["note_start"].data
        self._note_kind = arrays["note_kind"].data
        self._titles = Strings(arrays["title_blob"], arrays["title_offsets"])
        self._notes = Strings(arrays["note_blob"], arrays["note_offsets"])
        self._axes: dict[int, tuple[Axis, ...]] = {}

    @classmethod
    def open(
        cls,
        release: str | None = None,
        date_of_service: date | datetime | str | None = None,
        *,
        directory: Path | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> CodeTable:
        """The packaged release of that name, or the one in force on that date, or the newest.

        The first call on a machine compiles the table into the cache folder (``directory``, by
        default see ``cac.codes.store``); later ones map it. Raises ConfigError for an unknown
        release or a date no release is known for, TableError when the packaged data are damaged.
        """
        name = choose_release(date_of_service, release).name
        folder = cache_directory() if directory is None else Path(directory)
        return _open(name, folder, progress) if progress else _open_once(name, folder)

    @classmethod
    def from_csv(
        cls, directory: str | Path, *, system: str = "ICD-10-CM", release: str = "sample"
    ) -> CodeTable:
        """A table in memory from ``codes.csv`` and ``notes.csv`` (columns as in ``cac.codes.source``).

        Raises TableError after naming every bad row.
        """
        folder = Path(directory)
        built = _compile(_read(folder / "codes.csv"), _read(folder / "notes.csv"), ("codes.csv", "notes.csv"))
        return cls(_named(built, system, release))

    def __len__(self) -> int:
        return len(self._parent)

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and self._find(code) is not None

    def __repr__(self) -> str:
        return f"<CodeTable {self.system} {self.release}: {len(self)} rows>"

    def __reduce__(self) -> tuple[Callable[[Store], CodeTable], tuple[Store]]:
        return CodeTable, (self._store,)

    @cached_property
    def codes(self) -> list[str]:
        """The code of every row, with its dot."""
        return bytes(self._store.arrays["codes"]).decode("ascii").split("\n")

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row by code as spelled in ``codes``: the fast way in for code that knows the spelling."""
        return dict(zip(self.codes, range(len(self)), strict=True))

    def row(self, code: str) -> int:
        """Row of a code, with or without its dot, in any case. Raises UnknownCodeError."""
        found = self._find(code) if isinstance(code, str) else None
        if found is None:
            shown = repr(code) if len(repr(code)) <= 24 else repr(code)[:21] + "..."
            raise UnknownCodeError(f"{shown} is not in {self.system} {self.release}")
        return found

    def title(self, row: int) -> str:
        """Title of a row."""
        return self._titles[row]

    @property
    def titles(self) -> Strings:
        """All titles by row, decoded when asked for."""
        return self._titles

    def kind(self, row: int) -> str:
        """One of "chapter", "block", "category", "subcategory" or "code"."""
        return KINDS[self._kind[row]]

    def parent_list(self) -> list[int]:
        """``parent`` as a plain list, for loops over many rows."""
        return self._parent_list

    def children(self, row: int) -> list[int]:
        """The rows directly below, in order."""
        found, below, end = [], row + 1, self._end[row]
        while below < end:
            found.append(below)
            below = self._end[below]
        return found

    def ancestors(self, row: int) -> list[int]:
        """The rows above, nearest first."""
        found, above = [], self._parent[row]
        while above >= 0:
            found.append(above)
            above = self._parent[above]
        return found

    def leaves(self, row: int) -> list[int]:
        """The billable rows at or below a row: of a billable code, the code itself."""
        rows: list[int] = (np.flatnonzero(self.billable[row : self._end[row]]) + row).tolist()
        return rows

    def is_under(self, row: int, ancestor: int) -> bool:
        """True when ``ancestor`` is above ``row`` (a row is not under itself)."""
        return ancestor < row < self._end[ancestor]

    def notes(self, row: int, kind: str, inherited: bool = False) -> list[str]:
        """Lines of one kind of note at a row; with ``inherited``, those of all its ancestors after
        them, nearest first. Raises ConfigError for a kind there is not.

        >>> table = CodeTable.open("2026-04")
        >>> table.notes(table.row("N18.6"), "inclusion_term")
        ['Chronic kidney disease requiring chronic dialysis']
        """
        if kind not in NOTE_KINDS:
            raise ConfigError(f"there is no such kind of note; one of {', '.join(NOTE_KINDS)}")
        wanted = NOTE_KINDS.index(kind)
        rows = [row, *self.ancestors(row)] if inherited else [row]
        return [
            self._notes[i]
            for at in rows
            for i in range(self._note_start[at], self._note_start[at + 1])
            if self._note_kind[i] == wanted
        ]

    def notes_of(self, row: int) -> list[tuple[str, str]]:
        """Every note that stands at a row as (kind, text), in the order of the tabular list."""
        return [
            (NOTE_KINDS[self._note_kind[i]], self._notes[i])
            for i in range(self._note_start[row], self._note_start[row + 1])
        ]

    def seventh_characters(self, row: int) -> dict[str, str]:
        """Seventh character to meaning, as defined at the row or its nearest ancestor that does."""
        for at in (row, *self.ancestors(row)):
            if defined := self.notes(at, _SEVENTH):
                return {text[0]: text[3:] for text in defined}
        return {}

    def axes(self, row: int) -> tuple[Axis, ...]:
        """The title of a row taken apart (``cac.codes.axes``).

        >>> table = CodeTable.open("2026-04")
        >>> [a.name for a in table.axes(table.row("M25.561"))]
        ['condition', 'side', 'site']
        """
        known = self._axes.get(row)
        if known is None:
            known = parse_axes(self.title(row), self.codes[row], self.sided_twin(row))
            self._axes[row] = known
        return known

    def sided_twin(self, row: int) -> str:
        """The title of a row's sibling on a named side, where the row leaves the side unspecified."""
        title, above = self.title(row), self._parent[row]
        if above < 0 or "unspecified" not in title.lower():
            return ""
        siblings, rest = self.children(above), ""
        if title.startswith(self.title(above)):
            # A 7th character stands after the title of the code that has the sides for siblings.
            rest = title[len(self.title(above)) :]
            higher = self._parent[above]
            siblings = [*siblings, *(self.children(higher) if higher >= 0 and rest else ())]
        forms = [t for s in siblings for t in (self.title(s), f"{self.title(s)}{rest}")]
        return sided_twin(title, forms)

    def record(self, code: str) -> CodeRecord:
        """Everything known about a code. Raises UnknownCodeError.

        >>> CodeTable.open("2026-04").record("I10").block
        'I10-I1A'
        """
        row = self.row(code)
        above = self.ancestors(row)
        inherited: dict[str, tuple[tuple[str, str], ...]] = {}
        for kind in NOTE_KINDS:
            said = tuple((self.codes[at], text) for at in above for text in self.notes(at, kind))
            if said and kind != _SEVENTH:
                inherited[_FIELD_OF.get(kind, kind)] = said
        own: dict[str, Any] = {
            _FIELD_OF.get(kind, kind): tuple(self.notes(row, kind)) for kind in NOTE_KINDS if kind != _SEVENTH
        }
        return CodeRecord(
            code=self.codes[row],
            system=self.system,
            title=self.title(row),
            billable=bool(self.billable[row]),
            kind=self.kind(row),
            parent=self.codes[above[0]] if above else "",
            chapter=next((self.codes[at] for at in (row, *above) if self.kind(at) == "chapter"), ""),
            block=self._block(row, above),
            inherited=inherited,
            seventh_characters=self.seventh_characters(row),
            release=self.release,
            sided_twin=self.sided_twin(row),
            **own,
        )

    @cached_property
    def _parent_list(self) -> list[int]:
        return self._parent.tolist()

    def _find(self, code: str) -> int | None:
        found = self.row_of.get(code)
        if found is None:
            bare = code.strip().upper()
            found = self.row_of.get(bare)
            if found is None and len(bare) > 3 and "." not in bare and "-" not in bare:
                found = self.row_of.get(f"{bare[:3]}.{bare[3:]}")
        return found

    def _block(self, row: int, above: Sequence[int]) -> str:
        for at in (row, *above):
            if self.kind(at) == "block":
                return self.codes[at]
        # a category without a block of its own stands directly below the chapter
        top = [at for at in (row, *above) if self.kind(at) == "category"]
        return self.codes[top[-1]] if top else ""


@lru_cache(maxsize=4)
def _open_once(release: str, directory: Path) -> CodeTable:
    return _open(release, directory, None)


def _open(release: str, directory: Path, progress: Callable[[str], None] | None) -> CodeTable:
    names = (f"{release}.csv.gz", f"{release}.notes.csv.gz")
    packed = []
    for name in names:
        try:
            packed.append(data_path(f"icd10cm/{name}").read_bytes())
        except OSError as error:
            raise TableError(f"{name}: cannot be read") from error
    key = hashlib.blake2b(b"".join([LAYOUT.encode(), *packed]), digest_size=16).hexdigest()

    def build() -> Built:
        named = _named(_compile(packed[0], packed[1], names), "ICD-10-CM", release)
        return named.arrays, named.meta

    store = load_or_build(f"icd10cm-{release}", key, build, directory=directory, progress=progress)
    return CodeTable(store)


def _compile(codes: bytes, notes: bytes, names: tuple[str, str]) -> Built:
    """Both files are read before either is refused, so that all bad rows are seen at once."""
    problems: list[str] = []
    rows: list[list[dict[str, str]]] = []
    for reader, data, name in zip((read_codes, read_notes), (codes, notes), names, strict=True):
        try:
            rows.append(reader(data, name))
        except TableError as error:
            problems += error.problems or [str(error)]
    if problems:
        raise TableError(f"{names[0]}, {names[1]}: {len(problems)} bad rows", problems)
    return table_arrays(rows[0], rows[1], names[0])


def _named(built: Built, system: str, release: str) -> Store:
    arrays, meta = built
    for array in arrays.values():
        array.flags.writeable = False
    return Store(arrays, {**meta, "system": system, "release": release})


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TableError(f"{path.name}: cannot be read") from error
