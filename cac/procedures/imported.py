"""The code sets and edits a user has imported, opened once and again when their files change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cac.codes.imports import load_codes
from cac.codes.ncci_files import MueTable, NcciTable, load_mue, load_ncci
from cac.codes.userdata import SETS, ImportedTable, data_folder, set_path
from cac.procedures.hcpcs_suggest import SYSTEM as HCPCS
from cac.procedures.hcpcs_suggest import in_force
from cac.procedures.suggest import SYSTEM as CPT
from cac.types import Alternative, Finding, Query, Suggestion

__all__ = ["Imports", "Stamp", "open_imports"]

Stamp = tuple[int, int, int]
"""Time, size and inode of a file: another stamp is another import."""

_LOADERS: Final[dict[str, Callable[[str], Any]]] = {
    "cpt": lambda folder: load_codes("cpt", folder),
    "hcpcs": lambda folder: load_codes("hcpcs", folder),
    "mue": load_mue,
    "ncci": load_ncci,
}


@dataclass(frozen=True, slots=True, eq=False)
class Imports:
    """What was imported; None for what was not.

    Attributes
    ----------
    cpt, hcpcs
        Codes with their texts.
    ncci, mue
        Edits.
    folder
        Where they are kept.
    """

    cpt: ImportedTable | None
    hcpcs: ImportedTable | None
    ncci: NcciTable | None
    mue: MueTable | None
    folder: Path

    def table(self, system: str) -> ImportedTable | None:
        """The imported set of a code system."""
        return {CPT: self.cpt, HCPCS: self.hcpcs}.get(system)

    def has(self, system: str, code: str, day: date | None = None) -> bool:
        """Whether a code may be used as far as the imports know: a system that was not imported has all."""
        table = self.table(system)
        if table is None:
            return True
        return in_force(table, code, day) if system == HCPCS else code in table

    def describe(self, system: str, code: str, own: str) -> str:
        """The imported description of a code, or our own where there is none."""
        table = self.table(system)
        return (table.describe(code) if table is not None else "") or own

    def suggestion(self, s: Suggestion, day: date | None = None) -> Suggestion:
        """A suggestion in the words of the imported set; a code the set lacks is not billable."""
        if self.table(s.system) is None:
            return s
        made = replace(
            s,
            description=self.describe(s.system, s.code, s.description),
            alternatives=tuple(
                Alternative(a.code, self.describe(s.system, a.code, a.description), a.axis, a.why_not)
                for a in s.alternatives
            ),
        )
        if self.has(s.system, s.code, day):
            return made
        when = " on the day of the service" if day is not None and s.system == HCPCS else ""
        message = f"{s.code} is not in the imported {s.system} set{when}"
        missing = Finding("imported-set", "not_in_tables", message, f"imported {s.system} set", (s.code,))
        return replace(made, billable=False, findings=(*s.findings, missing))

    def query(self, q: Query) -> Query:
        """A query whose options are described as in the imported sets."""
        options = tuple(
            replace(o, description=self.describe(_system_of(o.code), o.code, o.description))
            for o in q.options
        )
        return replace(q, options=options)


def open_imports(data_dir: str | Path | None = None) -> Imports | None:
    """What a user has imported, or None when nothing was.

    Parameters
    ----------
    data_dir
        See ``Config.data_dir``.

    Raises
    ------
    TableError
        When an imported file is damaged or of another version.

    Examples
    --------
    >>> import tempfile
    >>> from cac.codes.imports import import_mue
    >>> folder = Path(tempfile.mkdtemp())
    >>> open_imports(folder) is None
    True
    >>> _ = (folder / "m.csv").write_text("Code,MUE Values,MAI\\n9990A,2,3 Day\\n")
    >>> _ = import_mue(folder / "m.csv", data_dir=folder)
    >>> open_imports(folder).mue
    MueTable(1 codes)
    """
    folder = data_folder(data_dir)
    if not folder.exists():
        return None
    stamps = {name: stamp for name in SETS if (stamp := _stamp(set_path(name, folder))) is not None}
    if not stamps:
        return None
    found = {name: _loaded(name, str(folder), stamp) for name, stamp in stamps.items()}
    return Imports(found.get("cpt"), found.get("hcpcs"), found.get("ncci"), found.get("mue"), folder)


def _stamp(path: Path) -> Stamp | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


@lru_cache(maxsize=8)
def _loaded(name: str, folder: str, _stamp: Stamp) -> Any:
    return _LOADERS[name](folder)


def _system_of(code: str) -> str:
    return HCPCS if code[:1].isalpha() else CPT
