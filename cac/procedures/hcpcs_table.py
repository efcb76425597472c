"""The HCPCS Level II sample: codes, the names they go by, and the words that say a service was done."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cac.errors import TableError
from cac.resources import one_of, read_table, required
from cac.text.tokens import tokenize

__all__ = ["MODES", "CueIndex", "HcpcsCode", "Term", "load_cues", "load_hcpcs", "load_terms"]

MODES: Final = ("given", "performed", "visit", "dispensed", "transported")
"""What counts as done: a drug given, a service performed, a visit held, a thing dispensed, a transport."""

UNITS: Final[Mapping[str, tuple[str, float]]] = {
    # unit → what it measures, and how many of the base unit it is
    "mcg": ("mass", 0.001), "ug": ("mass", 0.001), "µg": ("mass", 0.001), "microgram": ("mass", 0.001),
    "micrograms": ("mass", 0.001), "mg": ("mass", 1.0), "mgs": ("mass", 1.0), "milligram": ("mass", 1.0),
    "milligrams": ("mass", 1.0), "g": ("mass", 1000.0), "gm": ("mass", 1000.0), "gms": ("mass", 1000.0),
    "gram": ("mass", 1000.0), "grams": ("mass", 1000.0), "ml": ("volume", 1.0), "cc": ("volume", 1.0),
    "mls": ("volume", 1.0), "ccs": ("volume", 1.0), "l": ("volume", 1000.0), "liter": ("volume", 1000.0),
    "liters": ("volume", 1000.0), "unit": ("units", 1.0), "units": ("units", 1.0), "u": ("units", 1.0),
    "iu": ("units", 1.0), "meq": ("equivalents", 1.0),
}  # fmt: skip

KINDS: Final = (
    "done", "weak", "route", "needle", "now", "home", "course", "past", "plan", "undone", "bundled", "oral",
    "twice", "pseudo",
)  # fmt: skip
"""What a cue says. ``weak``: given, if a dose, route or place says so too; ``course``: over days, so not a
dose given today; ``bundled``: part of an operation; ``pseudo`` only hides the shorter cues in it."""
_CODE = re.compile(r"[A-CE-V]\d{4}")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PLACEHOLDERS = {"<month>": "zqmonth", "<year>": "zqyear", "<date>": "zqdate", "<num>": "zqnum"}


@dataclass(frozen=True, slots=True)
class HcpcsCode:
    """One code.

    ``amount`` of ``unit`` is what one unit of the code stands for; 0 where units are counted.
    ``payer`` is "medicare" where only Medicare takes this code for the service.
    """

    code: str
    group: str
    mode: str
    payer: str
    description: str
    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class Term:
    """A name of a code, as tokens; ``per_ml`` is the strength it settles, or 0.

    ``needle``: the drug is mostly taken by mouth, so the name needs a route by needle beside it.
    """

    tokens: tuple[str, ...]
    code: str
    per_ml: float
    needle: bool = False


CueIndex = Mapping[str, tuple[tuple[tuple[str, ...], str, frozenset[str]], ...]]
"""First token → (all tokens, kind, modes), longest first."""


@lru_cache(maxsize=1)
def load_hcpcs() -> Mapping[str, HcpcsCode]:
    """The packaged codes, in order. Raises TableError naming every bad row.

    Examples
    --------
    >>> code = load_hcpcs()["J1885"]
    >>> code.description, code.amount, code.unit
    ('ketorolac, per 15 mg', 15.0, 'mg')
    """
    columns = ("code", "group", "mode", "payer", "description", "amount", "unit", "note")
    checks = {
        "code": _code,
        "group": required,
        "mode": one_of(*MODES),
        "payer": one_of("", "medicare"),
        "description": required,
        "amount": _amount,
        "unit": one_of("", *UNITS),
    }
    found: dict[str, HcpcsCode] = {}
    problems: list[str] = []
    for r in read_table("hcpcs_sample/codes.csv", columns, checks):
        if r["code"] in found:
            problems.append(f"codes.csv: {r['code']} is listed twice")
        if bool(r["amount"]) != bool(r["unit"]):
            problems.append(
                f"codes.csv: {r['code']} has an amount without a unit, or a unit without an amount"
            )
        amount = float(r["amount"] or 0)
        found[r["code"]] = HcpcsCode(
            r["code"], r["group"], r["mode"], r["payer"], r["description"], amount, r["unit"]
        )
    if problems:
        raise TableError(f"HCPCS sample: {len(problems)} bad rows", problems)
    return {code: found[code] for code in sorted(found)}


@lru_cache(maxsize=1)
def load_terms() -> Mapping[str, tuple[Term, ...]]:
    """First token → terms, longest first. Raises TableError naming every bad row."""
    rows = read_table(
        "hcpcs_sample/terms.csv",
        ("code", "term", "per_ml", "route", "note"),
        {"code": _code, "term": required, "per_ml": _amount, "route": one_of("", "needle")},
    )
    known = load_hcpcs()
    found: dict[tuple[str, ...], Term] = {}
    problems: list[str] = []
    for r in rows:
        tokens = tokenize(r["term"]).lower
        if r["code"] not in known:
            problems.append(f"terms.csv: {r['term']!r}: {r['code']} is not in codes.csv")
        if r["term"] != r["term"].lower() or tokens in found:
            problems.append(f"terms.csv: {r['term']!r} stands there twice or not in lower case")
        found[tokens] = Term(tokens, r["code"], float(r["per_ml"] or 0), r["route"] == "needle")
    if problems:
        raise TableError(f"HCPCS terms: {len(problems)} bad rows", problems)
    for tokens, term in list(found.items()):
        last = tokens[-1]
        if last.isalpha() and len(last) > 3:
            other = last[:-1] if last.endswith("s") and not last.endswith("ss") else last + "s"
            plural = (*tokens[:-1], other)
            found.setdefault(plural, Term(plural, term.code, term.per_ml, term.needle))
    index: dict[str, list[Term]] = {}
    for tokens in sorted(found, key=lambda t: (-len(t), t)):
        index.setdefault(tokens[0], []).append(found[tokens])
    return {word: tuple(terms) for word, terms in index.items()}


@lru_cache(maxsize=1)
def load_cues() -> CueIndex:
    """The cues of ``procedures/hcpcs_cues.csv``. Raises TableError naming every bad row."""
    rows = read_table(
        "procedures/hcpcs_cues.csv",
        ("cue", "kind", "modes", "note"),
        {"cue": required, "kind": one_of(*KINDS), "modes": _modes},
    )
    return compile_cues(rows)


def compile_cues(rows: Sequence[Mapping[str, str]]) -> CueIndex:
    """Index cue rows; raises TableError naming every cue that stands there twice with one kind."""
    index: dict[str, list[tuple[tuple[str, ...], str, frozenset[str]]]] = {}
    seen: set[tuple[tuple[str, ...], str]] = set()
    problems: list[str] = []
    for row in rows:
        text = row["cue"]
        for mark, word in _PLACEHOLDERS.items():
            text = text.replace(mark, word)
        back = {word: mark for mark, word in _PLACEHOLDERS.items()}
        tokens = tuple(back.get(t, t) for t in tokenize(text).lower)
        if not tokens or (tokens, row["kind"]) in seen or tokens[0] in _PLACEHOLDERS:
            problems.append(f"hcpcs_cues.csv: {row['cue']!r} stands there twice or begins with a placeholder")
            continue
        seen.add((tokens, row["kind"]))
        index.setdefault(tokens[0], []).append((tokens, row["kind"], frozenset(row["modes"].split("|"))))
    if problems:
        raise TableError(f"HCPCS cues: {len(problems)} bad rows", problems)
    return {w: tuple(sorted(c, key=lambda r: (-len(r[0]), r[0], r[1]))) for w, c in index.items()}


def _code(cell: str) -> str | None:
    return None if _CODE.fullmatch(cell) else f"is {cell!r}, no HCPCS Level II code"


def _amount(cell: str) -> str | None:
    return None if not cell or (_NUMBER.fullmatch(cell) and float(cell) > 0) else f"is {cell!r}, no amount"


def _modes(cell: str) -> str | None:
    wrong = [m for m in cell.split("|") if m not in MODES]
    return f"has unknown modes {', '.join(wrong)}" if wrong else None
