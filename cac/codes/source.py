"""Reading a code table from CSV and checking it: rows in, arrays in tree order out.

The same two files describe the full release and a small sample: the codes (``CODE_COLUMNS``) and
their tabular notes (``NOTE_COLUMNS``). Row order carries no meaning, except that the notes of one
code keep the order they are listed in.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from cac.codes.order import sort_key
from cac.codes.store import Array, pack_strings
from cac.errors import TableError
from cac.resources import one_of, read_rows, required

__all__ = [
    "CODE_COLUMNS",
    "KINDS",
    "LAYOUT",
    "NOTE_COLUMNS",
    "NOTE_KINDS",
    "read_codes",
    "read_notes",
    "table_arrays",
    "tree_order",
]

LAYOUT: Final = "1"
"""Part of the key of every compiled table: raise it when the arrays change."""

CODE_COLUMNS: Final = ("code", "parent", "kind", "billable", "title")
NOTE_COLUMNS: Final = ("code", "kind", "text")

KINDS: Final = ("chapter", "block", "category", "subcategory", "code")
"""What a row is. A category is any node of three characters, billable or not (I10 is both a category
and a code); below it, whatever is subdivided further is a subcategory and the rest are codes."""

NOTE_KINDS: Final = (
    "inclusion_term",
    "includes",
    "excludes1",
    "excludes2",
    "code_first",
    "use_additional",
    "code_also",
    "note",
    "seventh_character",
)

_IDENTIFIER = re.compile(r"[A-Z0-9]+(?:[.\-][A-Z0-9]+)*")
_SEVENTH = re.compile(r"[A-Z0-9]: \S.*")


def read_codes(data: bytes, name: str) -> list[dict[str, str]]:
    """The rows of a codes file (gzip or plain), each cell checked. Raises TableError."""
    checks = {
        "code": _identifier,
        "kind": one_of(*KINDS),
        "billable": one_of("0", "1"),
        "title": required,
    }
    return read_rows(_text(data, name), CODE_COLUMNS, name, checks)


def read_notes(data: bytes, name: str) -> list[dict[str, str]]:
    """The rows of a notes file (gzip or plain), each cell checked. Raises TableError."""
    checks = {"code": _identifier, "kind": one_of(*NOTE_KINDS), "text": required}
    return read_rows(_text(data, name), NOTE_COLUMNS, name, checks)


def table_arrays(
    codes: Sequence[Mapping[str, str]], notes: Sequence[Mapping[str, str]], name: str
) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays of a CodeTable, and meta data with the digest of its content.

    Raises TableError naming every duplicate code, unknown parent, circle, billable code with
    children, and note that belongs to nothing or is no definition of a seventh character.
    """
    problems = _tree_problems(codes, name) + _note_problems(codes, notes, name)
    ordered = [] if problems else tree_order(codes)
    if len(ordered) < len(codes) and not problems:
        reached = {row["code"] for row in ordered}
        circles = (row["code"] for row in codes if row["code"] not in reached)
        problems = [f"{name}: {code}: is below itself" for code in circles]
    if problems:
        raise TableError(f"{name}: {len(problems)} bad rows", problems)
    row_of = {row["code"]: i for i, row in enumerate(ordered)}
    parent = np.array([row_of.get(row["parent"], -1) for row in ordered], dtype=np.int32)
    # stable: the notes of one code stay in the order they are listed
    listed = sorted(notes, key=lambda note: row_of[note["code"]])
    rows = np.array([row_of[note["code"]] for note in listed], dtype=np.int64)
    title_blob, title_offsets = pack_strings(row["title"] for row in ordered)
    note_blob, note_offsets = pack_strings(note["text"] for note in listed)
    arrays: dict[str, Array] = {
        "codes": np.frombuffer("\n".join(row_of).encode("ascii"), dtype=np.uint8),
        "parent": parent,
        "subtree_end": _subtree_end(parent),
        "billable": np.array([row["billable"] == "1" for row in ordered], dtype=np.bool_),
        "kind": np.array([KINDS.index(row["kind"]) for row in ordered], dtype=np.uint8),
        "title_blob": title_blob,
        "title_offsets": title_offsets,
        "note_start": np.searchsorted(rows, np.arange(len(ordered) + 1)).astype(np.int32),
        "note_kind": np.array([NOTE_KINDS.index(note["kind"]) for note in listed], dtype=np.uint8),
        "note_blob": note_blob,
        "note_offsets": note_offsets,
    }
    digest = hashlib.blake2b(LAYOUT.encode(), digest_size=16)
    for key, array in arrays.items():
        digest.update(f"{key}:{array.nbytes};".encode())
        digest.update(array.tobytes())
    return arrays, {"digest": digest.hexdigest()}


def tree_order(rows: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Rows in depth-first pre-order, siblings by ``sort_key``: independent of the order given.

    Examples
    --------
    >>> rows = [{"code": c, "parent": p} for c, p in (("I10", "9"), ("10", ""), ("9", ""))]
    >>> [row["code"] for row in tree_order(rows)]
    ['9', 'I10', '10']
    """
    ordered = sorted(rows, key=lambda row: sort_key(row["code"]))
    children: dict[str, list[Mapping[str, str]]] = {}
    for row in reversed(ordered):
        children.setdefault(row["parent"], []).append(row)
    found: list[Mapping[str, str]] = []
    stack = children.get("", [])
    while stack:
        row = stack.pop()
        found.append(row)
        stack += children.get(row["code"], ())
    return found


def _text(data: bytes, name: str) -> str:
    try:
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        text = data.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error) as error:
        raise TableError(f"{name}: the compressed file is truncated or damaged") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{name}: not UTF-8 text") from error
    if not text.endswith("\n"):
        raise TableError(f"{name}: truncated: the last line does not end")
    return text


def _identifier(cell: str) -> str | None:
    return None if _IDENTIFIER.fullmatch(cell) else "is not a code, a range or a chapter number"


def _tree_problems(codes: Sequence[Mapping[str, str]], name: str) -> list[str]:
    seen: dict[str, Mapping[str, str]] = {}
    spelled: dict[str, str] = {}
    problems: list[str] = []
    for row in codes:
        code = row["code"]
        bare = code.replace(".", "")
        if bare in spelled:
            problems.append(f"{name}: {code}: listed twice")
        spelled[bare] = code
        seen[code] = row
    parents = {row["parent"] for row in codes}
    for row in codes:
        if row["parent"] and row["parent"] not in seen:
            problems.append(f"{name}: {row['code']}: its parent {row['parent']} is not in the table")
        if row["billable"] == "1" and row["code"] in parents:
            problems.append(f"{name}: {row['code']}: billable, but it has children")
    if not codes:
        problems.append(f"{name}: no codes")
    return problems


def _note_problems(
    codes: Sequence[Mapping[str, str]], notes: Sequence[Mapping[str, str]], name: str
) -> list[str]:
    known = {row["code"] for row in codes}
    problems: list[str] = []
    defined: set[tuple[str, str]] = set()
    for i, note in enumerate(notes, 1):
        where = f"{name}: note {i} of {note['code']}"
        if note["code"] not in known:
            problems.append(f"{where}: the code is not in the table")
        if note["kind"] != "seventh_character":
            continue
        if _SEVENTH.fullmatch(note["text"]) is None:
            problems.append(f"{where}: a seventh character is written 'A: initial encounter'")
        elif (note["code"], note["text"][0]) in defined:
            problems.append(f"{where}: the seventh character {note['text'][0]} is defined twice")
        defined.add((note["code"], note["text"][:1]))
    return problems


def _subtree_end(parent: Array) -> Array:
    """In pre-order a subtree ends where the next row at its level or above begins."""
    parents = parent.tolist()
    end = list(range(1, len(parents) + 1))
    for row in range(len(parents) - 1, -1, -1):
        above = parents[row]
        if above >= 0 and end[above] < end[row]:
            end[above] = end[row]
    return np.array(end, dtype=np.int32)
