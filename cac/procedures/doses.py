"""How much of a drug was given: the dose that belongs to a name, and the units of a code it makes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cac.procedures.hcpcs_table import UNITS, HcpcsCode

__all__ = ["Dose", "find_dose", "measure_text", "units_of"]

_NUM = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\d.])\.\d+)"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=lambda u: (-len(u), u)))
_DOSE = re.compile(
    rf"(?<![\w.])(?P<n>{_NUM})\s*-?\s*(?P<million>million\s+|m\s+(?=units?\b))?(?P<u>{_UNIT})\b(?!\s*/|\s+per\b)",
    re.IGNORECASE,
)
_STRENGTH = re.compile(
    rf"(?<![\w.])(?P<n>{_NUM})\s*(?P<u>{_UNIT})\s*(?:/|per)\s*(?P<v>{_NUM})?\s*(?:ml|cc)\b", re.IGNORECASE
)
_PERCENT = re.compile(rf"(?<![\w.])(?P<n>{_NUM})\s*%")
_BARRIER = re.compile(r"\band\b|;|\+|&|\bplus\b|\bwith\b|\bmixed\b|\bthen\b|[.!?]\s", re.IGNORECASE)
_AFTER: Final = 45
_BEFORE: Final = 30
_SLACK: Final = 1e-9
_BASE: Final = {"mass": "mg", "volume": "mL", "units": "units", "equivalents": "mEq"}


@dataclass(frozen=True, slots=True)
class Dose:
    """A documented dose: ``amount`` in base units of what it ``measures`` (mg, mL, units, mEq)."""

    start: int
    end: int
    amount: float
    measures: str


def find_dose(
    text: str, start: int, end: int, low: int, high: int, others: Sequence[tuple[int, int]], code: HcpcsCode
) -> tuple[Dose | None, float]:
    """The dose that belongs to the name at ``start``..``end``, and the strength per mL beside it (0: none).

    Parameters
    ----------
    text
        The note.
    low, high
        The sentence; nothing outside counts.
    others
        The other names in the sentence: nothing reaches over one.
    code
        Its unit decides between "1 mL" and "40 mg".

    Examples
    --------
    >>> from cac.procedures.hcpcs_table import load_hcpcs
    >>> text = "Gave ketorolac 60 mg IM."
    >>> find_dose(text, 5, 14, 0, len(text), (), load_hcpcs()["J1885"])[0].amount
    60.0
    """
    left = max([low, start - _BEFORE, *(b for _, b in others if b <= start)])
    right = min([high, end + _AFTER, *(a for a, _ in others if a >= end)])
    left = max([left, *(left + m.end() for m in _BARRIER.finditer(text[left:start]))])
    if barrier := _BARRIER.search(text, end, right):
        right = barrier.start()
    doses = [(m.start() - end, m) for m in _DOSE.finditer(text, end, right)]
    # What stands before a name belongs to it only when it runs into it: "60 mg of ketorolac".
    doses += [
        (start - m.end(), m) for m in _DOSE.finditer(text, left, start) if "," not in text[m.end() : start]
    ]
    wanted = UNITS[code.unit][0] if code.unit else ""
    found = [(UNITS[m["u"].lower()][0] != wanted, gap, m.start(), m) for gap, m in doses]
    strength = _strength(text, left, right, wanted)
    if not found:
        return None, strength
    m = min(found, key=lambda f: f[:3])[3]
    measures, factor = UNITS[m["u"].lower()]
    amount = float(m["n"].replace(",", "")) * factor * (1e6 if m["million"] else 1.0)
    return Dose(m.start(), m.end(), amount, measures), strength


def measure_text(dose: Dose) -> str:
    """A dose in its base unit.

    Examples
    --------
    >>> measure_text(Dose(0, 4, 500.0, "mass"))
    '500 mg'
    """
    return f"{dose.amount:g} {_BASE[dose.measures]}"


def units_of(code: HcpcsCode, dose: Dose | None, per_ml: float = 0.0) -> int | None:
    """Units of a code for a dose, rounded up; None when the note does not say enough.

    ``per_ml`` turns a volume into the code's measure (mg, units) where the strength is known.

    Examples
    --------
    >>> from cac.procedures.hcpcs_table import load_hcpcs
    >>> units_of(load_hcpcs()["J1885"], Dose(0, 5, 60.0, "mass"))
    4
    >>> units_of(load_hcpcs()["J3301"], Dose(0, 4, 1.0, "volume"), per_ml=40.0)
    4
    """
    if not code.unit:
        return 1
    if dose is None:
        return None
    measures, factor = UNITS[code.unit]
    if dose.measures == measures:
        amount = dose.amount
    elif dose.measures == "volume" and per_ml > 0:
        amount = dose.amount * per_ml
    else:
        return None
    return max(1, math.ceil(amount / (code.amount * factor) - _SLACK))


def _strength(text: str, left: int, right: int, wanted: str) -> float:
    """Base units of what the code measures in one mL, as written beside the name."""
    if m := _STRENGTH.search(text, left, right):
        measures, factor = UNITS[m["u"].lower()]
        if measures == wanted:
            return (
                float(m["n"].replace(",", "")) * factor / (float(m["v"].replace(",", "")) if m["v"] else 1.0)
            )
    if wanted == "mass" and (m := _PERCENT.search(text, left, right)):
        return float(m["n"].replace(",", "")) * 10.0  # 1 % is 10 mg in a mL
    return 0.0
