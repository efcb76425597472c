"""Cut the sample table out of the full release: the chosen codes, everything above them, their notes.

Run as ``python data/icd10_sample/make.py [--out DIR]`` from anywhere. The output depends only on
``chosen.csv`` beside this file and on the packaged release, byte for byte.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cac.codes.source import CODE_COLUMNS, NOTE_COLUMNS, read_codes, read_notes, tree_order
from cac.errors import TableError
from cac.resources import data_path, read_rows, required

RELEASE = "2026-04"
HERE = Path(__file__).parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Write codes.csv, notes.csv and SOURCE.toml; returns the exit code."""
    parser = argparse.ArgumentParser(description="Cut the ICD-10-CM sample out of the full release.")
    parser.add_argument("--out", type=Path, default=HERE)
    out = parser.parse_args(arguments).out
    try:
        files = sample_files((HERE / "chosen.csv").read_text(encoding="utf-8"))
    except TableError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name, text in files.items():
        (out / name).write_bytes(text.encode("utf-8"))
    return 0


def sample_files(chosen_text: str) -> dict[str, str]:
    """The files by name. Raises TableError for a chosen code that is unknown, not billable or twice there."""
    rows = read_codes(_packaged(f"{RELEASE}.csv.gz"), f"{RELEASE}.csv.gz")
    notes = read_notes(_packaged(f"{RELEASE}.notes.csv.gz"), f"{RELEASE}.notes.csv.gz")
    chosen = [r["code"] for r in read_rows(chosen_text, ("code", "why"), "chosen.csv", {"why": required})]
    by_code = {row["code"]: row for row in rows}
    problems = [f"chosen.csv: {c}: is no billable code" for c in chosen if not _billable(by_code, c)]
    problems += [f"chosen.csv: {c}: is listed twice" for c, n in Counter(chosen).items() if n > 1]
    if problems:
        raise TableError(f"chosen.csv: {len(problems)} bad rows", problems)
    kept: dict[str, Mapping[str, str]] = {}
    for code in chosen:
        while code and code not in kept:
            kept[code] = by_code[code]
            code = by_code[code]["parent"]
    codes = tree_order(kept.values())
    said = [note for note in notes if note["code"] in kept]
    files = {"codes.csv": _csv(CODE_COLUMNS, codes), "notes.csv": _csv(NOTE_COLUMNS, said)}
    files["SOURCE.toml"] = _source(files, len(codes), len(chosen), len(said))
    return files


def _billable(by_code: Mapping[str, Mapping[str, str]], code: str) -> bool:
    return code in by_code and by_code[code]["billable"] == "1"


def _packaged(name: str) -> bytes:
    return data_path(f"icd10cm/{name}").read_bytes()


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _source(files: Mapping[str, str], rows: int, billable: int, notes: int) -> str:
    hashes = "".join(
        f'{name.replace(".", "_")}_sha256 = "{hashlib.sha256(text.encode("utf-8")).hexdigest()}"\n'
        for name, text in files.items()
    )
    return f"""\
# Written by data/icd10_sample/make.py; do not edit.

origin = "the packaged ICD-10-CM release {RELEASE} (cac/data/icd10cm), cut down to chosen.csv"
licence = "Public domain: ICD-10-CM is published by the US National Center for Health Statistics (CDC)"
release = "{RELEASE}"
rows = {rows}
billable = {billable}
notes = {notes}
{hashes}"""


if __name__ == "__main__":
    sys.exit(main())
