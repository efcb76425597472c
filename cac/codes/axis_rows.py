"""The rows that take titles apart: patterns, value words, clause heads, connecting words, anatomy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from cac.codes.anatomy import anatomy_terms
from cac.errors import TableError
from cac.resources import one_of, read_table, required
from cac.types.records import fast_init

__all__ = ["AXES", "PLURAL", "TOKEN", "AxisRow", "AxisRules", "axis_rules"]

_COLUMNS = ("axis", "kind", "text", "value", "default", "codes", "citation")
_NAME = "lexicon/axis_values.csv"

AXES = (
    "condition site side level acuity severity type stage trimester cause organism agent with without "
    "setting encounter fracture healing displacement openness consciousness dominance fetus intent episode "
    "control remission behavior certainty number extent time age other unspecified aside convention range "
    "role vehicle mechanism traffic place activity"
).split()
"""Every axis there is."""

TOKEN = re.compile(r"[^\W_]+(?:['’./+-][^\W_]+)*(?:\((?:s|es|ies)\))?%?")
PLURAL = re.compile(r"\((?:s|es|ies)\)$")
_T = TypeVar("_T")


@fast_init
@dataclass(frozen=True, slots=True)
class AxisRow:
    """A row that claims words for an axis."""

    axis: str
    value: str = ""
    default: bool = False
    citation: str = ""
    codes: tuple[str, ...] = ()

    def applies(self, code: str) -> bool:
        return not self.codes or code.startswith(self.codes)


@dataclass(frozen=True, slots=True)
class AxisRules:
    """The rows, compiled."""

    patterns: tuple[tuple[re.Pattern[str], AxisRow], ...]
    words: dict[str, tuple[tuple[tuple[str, ...], tuple[AxisRow, ...]], ...]]
    qualifiers: dict[str, str]
    clauses: dict[str, tuple[tuple[tuple[str, ...], str], ...]]
    connecting: frozenset[str]


@lru_cache(maxsize=1)
def axis_rules() -> AxisRules:
    """The packaged rows, read once. Raises TableError after naming every bad row."""
    table = read_table(
        _NAME, _COLUMNS, {"axis": one_of("", *AXES), "kind": _kind, "text": required, "default": _yes}
    )
    faults = [f"{_NAME}: {fault}" for r in table if (fault := _fault(r)) is not None]
    if faults:
        raise TableError(f"{_NAME}: {len(faults)} bad rows", faults)
    patterns: list[tuple[int, str, re.Pattern[str], AxisRow]] = []
    words: dict[tuple[str, ...], list[AxisRow]] = {}
    qualifiers: dict[str, str] = {}
    clauses: dict[tuple[str, ...], str] = {}
    connecting: set[str] = set()
    for r in table:
        codes = tuple(r["codes"].split("|")) if r["codes"] else ()
        row = AxisRow(r["axis"], r["value"], r["default"] == "yes", r["citation"], codes)
        if r["kind"].startswith("pattern"):
            patterns.append((int(r["kind"].split()[1]), r["text"], re.compile(r["text"]), row))
        elif r["kind"] == "words":
            words.setdefault(_split(r["text"]), []).append(row)
        elif r["kind"] == "qualifier":
            qualifiers[r["text"]] = r["axis"]
        elif r["kind"] == "clause":
            clauses[_split(r["text"])] = r["axis"]
        else:
            connecting.add(r["text"])
    for term in sorted(anatomy_terms()):
        for form in _forms(term):
            rows = words.setdefault(_split(form), [])
            if all(r.codes for r in rows):
                rows.append(AxisRow("site"))
    _no_doubles(words)
    return AxisRules(
        patterns=tuple((p, row) for _, _, p, row in sorted(patterns, key=lambda p: (p[0], p[1]))),
        # The row for some codes before the row for all.
        words=_by_first(
            {w: tuple(sorted(rows, key=lambda r: (not r.codes, r.axis))) for w, rows in words.items()}
        ),
        qualifiers=qualifiers,
        clauses=_by_first(clauses),
        connecting=frozenset(connecting),
    )


def _by_first(rows: dict[tuple[str, ...], _T]) -> dict[str, tuple[tuple[tuple[str, ...], _T], ...]]:
    out: dict[str, list[tuple[tuple[str, ...], _T]]] = {}
    for words in sorted(rows, key=lambda w: (-len(w), w)):
        out.setdefault(words[0], []).append((words, rows[words]))
    return {first: tuple(found) for first, found in out.items()}


def _no_doubles(words: dict[tuple[str, ...], list[AxisRow]]) -> None:
    doubles = [" ".join(w) for w, rows in words.items() if sum(not r.codes for r in rows) > 1]
    if doubles:
        raise TableError(
            f"{_NAME}: {len(doubles)} bad rows", [f"{_NAME}: {w!r} stands twice" for w in doubles]
        )


def _forms(term: str) -> tuple[str, ...]:
    """A term and its plural, as titles write it."""
    for end, plural in (("y", "ies"), ("us", "i"), ("a", "ae"), ("is", "es"), ("um", "a"), ("x", "ces")):
        if term.endswith(end):
            return term, term[: -len(end)] + plural, f"{term}s", f"{term}es"
    return term, f"{term}s", f"{term}es"


def _split(text: str) -> tuple[str, ...]:
    return tuple(PLURAL.sub("", m.group()) for m in TOKEN.finditer(text))


def _fault(row: dict[str, str]) -> str | None:
    """What is wrong with a row as a whole."""
    text = row["text"]
    if bool(row["axis"]) == (row["kind"] == "connective"):
        return f"{text!r}: connectives, and only they, have no axis"
    if row["default"] and not row["citation"]:
        return f"{text!r}: a default needs a citation"
    if not row["kind"].startswith("pattern"):
        return None if text == text.lower() and _split(text) else f"{text!r} is not words in lower case"
    try:
        groups = re.compile(text).groupindex
    except re.error as error:
        return f"{text!r} is no pattern: {error}"
    unknown = sorted(set(groups) - set(AXES))
    return f"{text!r}: there is no axis {', '.join(unknown)}" if unknown else None


def _kind(cell: str) -> str | None:
    known = re.fullmatch(r"words|qualifier|clause|connective|pattern \d", cell)
    return None if known else f"is {cell!r}, not words, qualifier, clause, connective or pattern and a rank"


def _yes(cell: str) -> str | None:
    return None if cell in ("", "yes") else f"is {cell!r}, not yes or empty"
