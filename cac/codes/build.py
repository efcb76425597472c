"""Compile the full ICD-10-CM releases that come with the package (build time only).

Run as::

    python -m cac.codes.build [--out DIR] [--source RELEASE=DIR ...]

The tabular list is read from the data files of the ``simple-icd-10-cm`` package (its tree is not
used, its Python code is not run). The installed package serves the release it contains; others are
fetched into a folder of their own and named with ``--source``::

    pip download --no-deps --dest wheels simple-icd-10-cm==1.4.0
    pip install --no-deps --target icd-1.4.0 wheels/simple_icd_10_cm-1.4.0-py3-none-any.whl
    python -m cac.codes.build --source 2025-04=icd-1.4.0

Releases without a source are left as they are. The output depends on the source alone, byte for
byte (for one version of zlib; ``SOURCE.toml`` also has the hashes of the uncompressed text):

``RELEASE.csv.gz``
    code, parent, kind, billable, title; depth first.
``RELEASE.notes.csv.gz``
    code, kind, text; in the order of the source.
``SOURCE.toml``
    Origin, licence, hashes, counts and dates of validity.

What is done to the source: 7th-character codes are generated where the official list of codes has
them; a block that has the name of its only category ("B20") is merged into the category; white
space is collapsed and the second wording of a 7th character follows its first after " / ". The
table of visual impairment at H54.8 is left out.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import importlib.util
import io
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

from cac.codes.releases import Release, known_releases
from cac.codes.source import CODE_COLUMNS, NOTE_COLUMNS, tree_order
from cac.errors import CacError, ConfigError, TableError

__all__ = ["build_release", "main", "read_tabular"]

Row = dict[str, str]
Facts = dict[str, str | int]

_PACKAGE: Final = "simple_icd_10_cm"
_TAGS: Final = {
    "inclusionTerm": "inclusion_term",
    "includes": "includes",
    "excludes1": "excludes1",
    "excludes2": "excludes2",
    "codeFirst": "code_first",
    "useAdditionalCode": "use_additional",
    "codeAlso": "code_also",
    "notes": "note",
    "sevenChrNote": "note",
}
_LICENCE: Final = (
    "Public domain: ICD-10-CM is published by the US National Center for Health Statistics (CDC)"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compile the releases named on the command line; returns the exit code (0 done, 1 failed)."""
    parser = argparse.ArgumentParser(
        prog="python -m cac.codes.build", description="Compile ICD-10-CM releases."
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "data" / "icd10cm")
    parser.add_argument("--source", action="append", default=[], metavar="RELEASE=DIR")
    options = parser.parse_args(arguments)
    try:
        sources = _sources(options.source)
        options.out.mkdir(parents=True, exist_ok=True)
        facts = _old_facts(options.out / "SOURCE.toml")
        for release in known_releases():
            if release.name in sources:
                facts[release.name] = build_release(release, sources[release.name], options.out)
                sys.stderr.write(f"{release.name}: {facts[release.name]['billable']} billable codes\n")
            else:
                sys.stderr.write(f"{release.name}: no source, left as it is\n")
        _write(options.out / "SOURCE.toml", _toml(facts).encode())
    except (CacError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def build_release(release: Release, package: Path, out: Path) -> Facts:
    """Compile one release into ``out`` and return what SOURCE.toml says about it."""
    version = _package_version(package)
    if version != release.package_version:
        raise ConfigError(f"release {release.name} is in version {release.package_version}, not {version}")
    tabular, listing = _one(package / "data", "*.xml"), _one(package / "data", "*.txt")
    codes, notes = read_tabular(tabular.read_bytes(), listing.read_text(encoding="utf-8"))
    tables = {
        f"{release.name}.csv": _csv(CODE_COLUMNS, codes),
        f"{release.name}.notes.csv": _csv(NOTE_COLUMNS, notes),
    }
    facts: Facts = {
        "origin": f"simple-icd-10-cm {version} (PyPI), {tabular.name} and {listing.name}",
        "release": f"ICD-10-CM, {release.name}",
        "licence": _LICENCE,
        "valid_from": release.valid_from.isoformat(),
        "valid_to": release.valid_to.isoformat() if release.valid_to else "",
        "tabular_sha256": _sha256(tabular.read_bytes()),
        "listing_sha256": _sha256(listing.read_bytes()),
        "rows": len(codes),
        "billable": sum(row["billable"] == "1" for row in codes),
        "notes": len(notes),
    }
    for name, text in tables.items():
        # no file name and no time in the header, so that equal text gives equal bytes
        packed = gzip.compress(text, compresslevel=9, mtime=0)
        _write(out / f"{name}.gz", packed)
        label = "notes" if ".notes." in name else "codes"
        facts[f"{label}_csv_sha256"] = _sha256(text)
        facts[f"{label}_gz_sha256"] = _sha256(packed)
    return facts


def read_tabular(tabular: bytes, listing: str) -> tuple[list[Row], list[Row]]:
    """Rows of codes (depth first) and of notes from the tabular XML and the list of all codes.

    Raises TableError where the two do not hold the same codes.
    """
    listed = {line.split()[0].replace(".", "") for line in listing.splitlines() if line.strip()}
    codes: list[Row] = []
    notes: list[Row] = []
    try:
        root = ET.fromstring(tabular)
    except ET.ParseError as error:
        raise TableError(f"the tabular list is not XML: {error}") from error
    for chapter in root.findall("chapter"):
        name = _words(chapter.findtext("name"))
        _add(codes, name, "", "chapter", chapter)
        notes += _notes(name, chapter)
        for section in chapter.findall("section"):
            _section(section, name, listed, codes, notes)
    found = {row["code"].replace(".", "") for row in codes if row["kind"] != "chapter"}
    wanted = listed - {row["code"] for row in codes if row["kind"] == "chapter"}
    if wrong := sorted(found ^ wanted):
        raise TableError(
            "the tabular list and the list of codes differ",
            [f"{code}: only in the {'tabular list' if code in found else 'list of codes'}" for code in wrong],
        )
    ordered = [dict(row) for row in tree_order(codes)]
    position = {row["code"]: i for i, row in enumerate(ordered)}
    return ordered, sorted(notes, key=lambda note: position[note["code"]])


def _section(section: ET.Element, chapter: str, listed: set[str], codes: list[Row], notes: list[Row]) -> None:
    name = section.attrib["id"]
    categories = section.findall("diag")
    if any(_words(diag.findtext("name")) == name for diag in categories):
        # one row a code: the category takes the block's place, and its notes
        for diag in categories:
            _diagnosis(diag, chapter, {}, listed, codes, notes)
        said = {(n["kind"], n["text"]) for n in notes if n["code"] == name}
        notes += [n for n in _notes(name, section) if (n["kind"], n["text"]) not in said]
        return
    _add(codes, name, chapter, "block", section)
    notes += _notes(name, section)
    for diag in categories:
        _diagnosis(diag, name, {}, listed, codes, notes)


def _diagnosis(
    diag: ET.Element,
    parent: str,
    seventh: Mapping[str, str],
    listed: set[str],
    codes: list[Row],
    notes: list[Row],
) -> None:
    """One node and all below it; ``seventh`` is the nearest ancestor's 7th-character table."""
    name = _words(diag.findtext("name"))
    own = _seventh_characters(diag)
    seventh = own or seventh
    below = diag.findall("diag")
    stem = name.ljust(7, "X") if "." in name else f"{name}.".ljust(7, "X")
    extended = [] if below else [c for c in seventh if (stem + c).replace(".", "") in listed]
    leaf = not below and not extended
    kind = "category" if len(name) == 3 else "code" if leaf else "subcategory"
    title = _add(codes, name, parent, kind, diag, billable=leaf)
    notes += _notes(name, diag)
    notes += [{"code": name, "kind": "seventh_character", "text": f"{c}: {own[c]}"} for c in own]
    for character in extended:
        row = {"code": stem + character, "parent": name, "kind": "code", "billable": "1"}
        codes.append(row | {"title": f"{title}, {seventh[character]}"})
    for child in below:
        _diagnosis(child, name, seventh, listed, codes, notes)


def _add(
    codes: list[Row], code: str, parent: str, kind: str, node: ET.Element, *, billable: bool = False
) -> str:
    title = _words(node.findtext("desc"))
    codes.append({"code": code, "parent": parent, "kind": kind, "billable": "01"[billable], "title": title})
    return title


def _notes(code: str, node: ET.Element) -> list[Row]:
    return [
        {"code": code, "kind": _TAGS[group.tag], "text": text}
        for group in node
        if group.tag in _TAGS
        for note in group.findall("note")
        if (text := _words(note.text))
    ]


def _seventh_characters(diag: ET.Element) -> dict[str, str]:
    """Character to meaning; a ``note`` after an ``extension`` is a second wording of it."""
    found: dict[str, str] = {}
    last = ""
    for element in diag.findall("sevenChrDef/*"):
        if element.tag == "extension":
            last = element.attrib["char"]
            found[last] = _words(element.text)
        elif element.tag == "note" and last and (more := _words(element.text)):
            found[last] = f"{found[last]} / {more}"
    return found


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8")


def _sources(named: Sequence[str]) -> dict[str, Path]:
    """The folder of the package for each release: the installed one, then those named."""
    releases = {release.package_version: release.name for release in known_releases()}
    found: dict[str, Path] = {}
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is not None and spec.origin is not None:
        installed = Path(spec.origin).parent
        with suppress(ConfigError, KeyError):
            found[releases[_package_version(installed)]] = installed
    for item in named:
        release, separator, folder = item.partition("=")
        if not separator or release not in releases.values():
            raise ConfigError(f"--source takes RELEASE=DIR, RELEASE one of {', '.join(releases.values())}")
        path = Path(folder)
        found[release] = path if path.name == _PACKAGE else path / _PACKAGE
        if not (found[release] / "data").is_dir():
            raise ConfigError(f"--source {release}: no folder {_PACKAGE}/data there")
    return found


def _package_version(package: Path) -> str:
    for distribution in distributions(name=_PACKAGE, path=[str(package.parent)]):
        return distribution.version
    raise ConfigError(f"the version of the package beside {package.name} is not known (no dist-info)")


def _one(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise ConfigError(f"{len(found)} files {pattern} in the data of the package, 1 expected")
    return found[0]


def _old_facts(path: Path) -> dict[str, Facts]:
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return dict(tomllib.load(file))


def _toml(facts: Mapping[str, Facts]) -> str:
    lines = ["# Written by python -m cac.codes.build; do not edit.\n"]
    for release in sorted(facts):
        lines.append(f'\n["{release}"]\n')
        for key, value in facts[release].items():
            lines.append(f"{key} = {value}\n" if isinstance(value, int) else f'{key} = "{value}"\n')
    return "".join(lines)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(path: Path, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        temporary = Path(file.name)
    try:
        temporary.write_bytes(data)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


if __name__ == "__main__":
    sys.exit(main())
