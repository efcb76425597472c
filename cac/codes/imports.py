"""Importing code sets of one's own: CPT with a licence, HCPCS, NCCI pairs and MUE units of CMS.

Every row of every file is checked first; one bad row and nothing is written, with all bad rows named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import numpy as np

from cac.codes import cpt_files, hcpcs_files
from cac.codes.ncci_files import mue_arrays, ncci_arrays, read_mue, read_ncci
from cac.codes.sourcefiles import Source, open_sources
from cac.codes.userdata import ImportedSet, ImportedTable, open_set, save_set, save_table
from cac.errors import LicenceError, TableError

__all__ = ["CPT_LICENCE", "import_cpt", "import_hcpcs", "import_mue", "import_ncci", "load_codes"]

CPT_LICENCE: Final = (
    "CPT is copyright of the American Medical Association. Its files may be used only under a licence of "
    "the AMA, which the user has to hold; this software neither contains nor grants one."
)
_ACKNOWLEDGED: Final = "AMA licence, acknowledged by the user at import"
_PUBLIC: Final = "public, CMS"
_EDITS: Final = "public, CMS; code numbers of CPT are copyright of the AMA"


class _File(Protocol):
    name: str
    kind: str
    notice: int
    problems: list[str]


F = TypeVar("F", bound=_File)


def import_cpt(path: str | Path, *, accept_licence: bool, data_dir: str | Path | None = None) -> ImportedSet:
    """Import licensed CPT files, in place of what was imported before.

    Parameters
    ----------
    path
        A file, folder or zip with any of: the AMA descriptor files (LONGULT, MEDU, SHORTU, consumer,
        clinician), the physician fee schedule of CMS (CSV), or a CSV with a code and a description column.
        Several files are merged by code.
    accept_licence
        True says that you hold an AMA licence that covers this use.
    data_dir
        The folder to keep it in; see ``Config.data_dir``.

    Returns
    -------
    ImportedSet
        What was read, from which files, and what was left out.

    Raises
    ------
    LicenceError
        Unless ``accept_licence`` is True; nothing is read or written.
    TableError
        Naming every row that is malformed; nothing is written.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "made_up.csv").write_text("code,description\\n9999A,Repair of a kite\\n")
    >>> done = import_cpt(folder / "made_up.csv", accept_licence=True, data_dir=folder)
    >>> done.name, done.rows
    ('cpt', 1)
    """
    if accept_licence is not True:
        raise LicenceError(f"{CPT_LICENCE} Acknowledge that to import them.")
    files, facts = _read(path, cpt_files.read_cpt)
    cells = cpt_files.merge(files)
    if not cells:
        raise TableError("the files hold no CPT codes")
    counts = {column: sum(column in c for c in cells.values()) for column in cpt_files.COLUMNS}
    counts |= {
        "rows of HCPCS Level II left out": sum(f.other for f in files),
        "rows that repeat others": sum(f.repeated for f in files),
    }
    return save_table(
        "cpt",
        cells,
        cpt_files.COLUMNS,
        licence=_ACKNOWLEDGED,
        files=facts,
        counts=_some(counts),
        folder=data_dir,
    )


def import_hcpcs(path: str | Path, *, data_dir: str | Path | None = None) -> ImportedSet:
    """Import the HCPCS Level II file of CMS: the fixed-width ANWEB record or its CSV form.

    Dental codes (D) belong to the American Dental Association and are left out. Raises TableError naming
    every malformed row; nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "h.csv").write_text("Code,Description\\nA9999,A kite\\n")
    >>> import_hcpcs(folder / "h.csv", data_dir=folder).rows
    1
    """
    files, facts = _read(path, hcpcs_files.read_hcpcs)
    cells: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    for file in files:
        for code, row in file.cells.items():
            if cells.setdefault(code, row) != row:
                problems.append(f"{file.name}: {code} differs from another file")
    _refuse(problems)
    if not cells:
        raise TableError("the files hold no HCPCS codes")
    counts = {column: sum(column in c for c in cells.values()) for column in hcpcs_files.COLUMNS}
    counts |= {
        "modifiers": sum(c["kind"] == "modifier" for c in cells.values()),
        "dental rows left out": sum(f.dental for f in files),
    }
    return save_table(
        "hcpcs",
        cells,
        hcpcs_files.COLUMNS,
        licence=_PUBLIC,
        files=facts,
        counts=_some(counts),
        folder=data_dir,
    )


def import_ncci(path: str | Path, *, data_dir: str | Path | None = None) -> ImportedSet:
    """Import NCCI procedure-to-procedure edits of CMS (text or CSV; all parts of a folder or zip together).

    Raises TableError naming every malformed row; nothing is written then.
    """
    files, facts = _read(path, read_ncci)
    pairs = np.concatenate([file.pairs for file in files])
    if len(np.unique(pairs[:, :2], axis=0)) < len(pairs):
        raise TableError("the same pair stands in several files: import one edition of one service type")
    arrays = ncci_arrays(pairs)
    counts = {f"modifier indicator {i}": int((arrays["indicator"] == i).sum()) for i in (0, 1, 9)} | {
        "pairs with a last day": int((arrays["last"] > 0).sum())
    }
    return save_set(
        "ncci", arrays, rows=len(pairs), licence=_EDITS, files=facts, counts=_some(counts), folder=data_dir
    )


def import_mue(path: str | Path, *, data_dir: str | Path | None = None) -> ImportedSet:
    """Import medically unlikely edits of CMS: one file, of practitioners, hospitals or suppliers.

    Raises TableError naming every malformed row; nothing is written then.
    """
    files, facts = _read(path, read_mue)
    units: dict[str, tuple[int, int]] = {}
    problems = [
        f"{file.name}: {code} has other units than in another file: import one service type"
        for file in files
        for code, row in file.units.items()
        if units.setdefault(code, row) != row
    ]
    _refuse(problems)
    counts = {f"adjudication indicator {i}": sum(mai == i for _, mai in units.values()) for i in (1, 2, 3)}
    return save_set(
        "mue",
        mue_arrays(units),
        rows=len(units),
        licence=_EDITS,
        files=facts,
        counts=_some(counts),
        folder=data_dir,
    )


def load_codes(name: str, data_dir: str | Path | None = None) -> ImportedTable | None:
    """The imported codes of "cpt" or "hcpcs", or None when there are none.

    Raises TableError when the file is damaged, ConfigError for an unknown name.
    """
    store = open_set(name, data_dir)
    return None if store is None else ImportedTable(store)


def _read(path: str | Path, read: Callable[[Source], F | None]) -> tuple[list[F], list[Mapping[str, Any]]]:
    """Every file that is in a known layout, and facts about every file; raises for any bad row."""
    sources, left = open_sources(path)
    files: list[F] = []
    facts: list[Mapping[str, Any]] = []
    problems: list[str] = []
    for source in sources:
        try:
            file = read(source)
        except TableError as error:
            problems += error.problems or [str(error)]
            continue
        if file is None:
            left.append((source.name, "no layout that is known"))
            continue
        files.append(file)
        problems += file.problems
        facts.append(
            {"name": source.name, "format": file.kind, "notice lines": file.notice, "sha256": source.digest}
        )
    _refuse(problems)
    if not files:
        why = "; ".join(f"{name}: {reason}" for name, reason in left) or "the folder is empty"
        raise TableError(f"nothing to import: {why}")
    facts += [{"name": name, "left out": reason} for name, reason in sorted(left)]
    return files, facts


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise TableError(f"{len(problems)} bad rows, nothing imported", problems)


def _some(counts: Mapping[str, int] | Iterable[tuple[str, int]]) -> dict[str, int]:
    return {name: n for name, n in dict(counts).items() if n}
