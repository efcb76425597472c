"""Services that Medicare wants under a HCPCS code: the CPT code for the same words is not billed as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from cac.resources import read_table, required
from cac.types import Finding, Suggestion

__all__ = ["load_instead", "stand_ins"]

MANUAL: Final = "Medicare Claims Processing Manual ch. 18"


@lru_cache(maxsize=1)
def load_instead() -> Mapping[str, frozenset[str]]:
    """HCPCS code → the CPT codes it is taken instead of. Raises TableError naming every bad row.

    Examples
    --------
    >>> sorted(load_instead()["G0008"])
    ['90471', '90472']
    """
    rows = read_table(
        "procedures/hcpcs_instead.csv", ("hcpcs", "cpt", "note"), {"hcpcs": required, "cpt": required}
    )
    return {r["hcpcs"]: frozenset(c.strip() for c in r["cpt"].split(";")) for r in rows}


def stand_ins(suggestions: Sequence[Suggestion]) -> tuple[list[Suggestion], list[Suggestion]]:
    """The suggestions that stand, and those that a HCPCS code for the same words stands in for.

    Codes that are billed together (the first vaccine and each further one) give way together or not at all:
    where a vaccine of another kind was given too, both lines stay and say so in a finding.
    """
    table = load_instead()
    rivals: dict[str, str] = {}
    for theirs in suggestions:
        for s in suggestions:
            if s.code in table.get(theirs.code, ()) and _share(s, theirs):
                rivals.setdefault(s.code, theirs.code)
    there = {s.code for s in suggestions}
    stay: list[Suggestion] = []
    gone: list[Suggestion] = []
    for s in suggestions:
        winner = rivals.get(s.code)
        if winner is None:
            stay.append(s)
            continue
        message = f"Medicare takes {winner} instead of {s.code}"
        finding = Finding(f"instead-{winner}", "payer", message, MANUAL, (winner, s.code))
        told = replace(s, findings=(*s.findings, finding))
        whole = (table[winner] & there) <= rivals.keys() and s.units == 1
        (gone if whole else stay).append(told)
    return stay, gone


def _share(s: Suggestion, other: Suggestion) -> bool:
    return any(a.start < b.end and b.start < a.end for a in s.evidence for b in other.evidence)
