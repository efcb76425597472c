"""``cac tables import-...`` and ``cac tables remove``: code sets of the user's own."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cac
from cac.commands.common import NOTHING, OK, UsageError, command, complain

if TYPE_CHECKING:
    from cac.codes.userdata import ImportedSet

__all__ = ["add", "listed"]

_SYSTEMS = {"cpt": "CPT", "hcpcs": "HCPCS", "ncci": "NCCI pairs", "mue": "NCCI units"}


def add(tables: argparse.ArgumentParser) -> None:
    """The sub-commands of ``cac tables``; without one, it lists."""
    commands = tables.add_subparsers(title="commands", metavar="COMMAND", required=False)
    cpt = _importer(
        commands,
        "import-cpt",
        _import_cpt,
        "import licensed CPT files: AMA descriptors, the CMS fee schedule, a CSV with code and description",
    )
    cpt.add_argument(
        "--accept-ama-licence",
        action="store_true",
        help="say that you hold a licence of the American Medical Association that covers this use",
    )
    _importer(commands, "import-hcpcs", _import_hcpcs, "import the HCPCS Level II file of CMS (ANWEB or CSV)")
    _importer(commands, "import-ncci", _import_ncci, "import NCCI procedure-to-procedure edits of CMS")
    _importer(commands, "import-mue", _import_mue, "import medically unlikely edits of CMS")
    remove = command(commands, "remove", _remove, "remove an imported set")
    remove.add_argument("name", choices=sorted(_SYSTEMS), help="the set to remove")
    _add_folder(remove)


def listed() -> list[dict[str, Any]]:
    """The imported sets as rows of the list of tables."""
    # Imported here: NumPy is not needed to show help or to complain.
    from cac.codes.userdata import imported_sets

    return [_row(found) for found in imported_sets()]


def _importer(commands: Any, name: str, run: Any, told: str) -> argparse.ArgumentParser:
    sub = command(commands, name, run, told)
    sub.add_argument("path", type=Path, metavar="PATH", help="a file, a folder, or a zip archive of them")
    _add_folder(sub)
    return sub


def _add_folder(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="where imported sets are kept (default: CAC_DATA_DIR, else your data folder)",
    )


def _import_cpt(arguments: argparse.Namespace) -> int:
    _check(arguments.path)
    accept = arguments.accept_ama_licence
    try:
        done = cac.import_cpt(arguments.path, accept_licence=accept, data_dir=arguments.data_dir)
    except cac.LicenceError as error:
        raise UsageError(f"{error} (--accept-ama-licence)") from None
    return _say(done)


def _import_hcpcs(arguments: argparse.Namespace) -> int:
    _check(arguments.path)
    return _say(cac.import_hcpcs(arguments.path, data_dir=arguments.data_dir))


def _import_ncci(arguments: argparse.Namespace) -> int:
    _check(arguments.path)
    return _say(cac.import_ncci(arguments.path, data_dir=arguments.data_dir))


def _import_mue(arguments: argparse.Namespace) -> int:
    _check(arguments.path)
    return _say(cac.import_mue(arguments.path, data_dir=arguments.data_dir))


def _remove(arguments: argparse.Namespace) -> int:
    from cac.codes.userdata import remove_set

    if remove_set(arguments.name, arguments.data_dir):
        print(f"{arguments.name} removed")
        return OK
    complain(f"{arguments.name} was not imported")
    return NOTHING


def _check(path: Path) -> None:
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder")


def _say(done: ImportedSet) -> int:
    print(f"{done.name}: {done.rows} rows imported")
    for name, count in done.counts:
        print(f"  {name.replace('_', ' ')}: {count}")
    for file in done.files:
        what = f"left out, {file['left out']}" if "left out" in file else f"read as {file['format']}"
        print(f"  {file['name']}: {what}")
    return OK


def _row(found: ImportedSet) -> dict[str, Any]:
    row: dict[str, Any] = {"system": _SYSTEMS[found.name], "release": "imported", "name": found.name}
    if found.damaged:
        return row | {"damaged": found.damaged}
    files = [f"{f['name']} ({f['format']})" for f in found.files if "format" in f]
    return row | {
        "imported": found.imported,
        "rows": found.rows,
        "counts": dict(found.counts),
        "files": files,
        "licence": found.licence,
    }
