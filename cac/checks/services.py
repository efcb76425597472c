"""Services in a coder's list: CPT and HCPCS codes with modifiers and units, and the edits of CMS on them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from cac.checks.lists import ICD
from cac.checks.result import CheckFinding, kinds, made
from cac.codes.table import CodeTable
from cac.procedures.edits import Line, edit_findings
from cac.procedures.em_tables import add_on_rows, code_rows
from cac.procedures.hcpcs_table import load_hcpcs
from cac.procedures.imported import Imports
from cac.procedures.tables import load_procedures

__all__ = ["in_sample", "parts_of", "services", "system_of"]

_SERVICE = re.compile(r"(\d{4}[0-9A-Z]|[A-EGHJ-MP-V]\d{4})((?:-[0-9A-Z]{2})*)(?:[X*]([1-9]\d{0,3}))?")


def parts_of(parts: Sequence[str], table: CodeTable) -> tuple[list[str], dict[str, Line]]:
    """The list as it was read, and those of its entries that are services.

    Parameters
    ----------
    parts
        Entries in capitals: ``E11.9``, ``E119``, ``99213-25``, ``97110-GP*2``.
    table
        Tells diagnoses from services where a dot is missing: J1885 is no diagnosis and so a service. A code
        that could be either (G0439) is a diagnosis, unless the list writes dots elsewhere.
    """
    dots = any("." in part for part in parts)
    read: list[str] = []
    lines: dict[str, Line] = {}
    for part in parts:
        dotted = (
            f"{part[:3]}.{part[3:]}" if ICD.fullmatch(part) and "." not in part and len(part) > 3 else part
        )
        match = _SERVICE.fullmatch(part)
        if match is None or (dotted in table.row_of and not (dots and in_sample(match[1]))):
            read.append(dotted)
            continue
        read.append(part)
        modifiers = tuple(m for m in match[2].split("-") if m)
        lines[part] = Line(match[1], int(match[3] or 1), modifiers)
    return read, lines


def in_sample(code: str) -> bool:
    """Whether the packaged samples have a code, so that a note can be read for it."""
    return code in load_procedures().codes or code in load_hcpcs() or code in _visits()


def system_of(code: str) -> str:
    """The code system of a service, by its shape."""
    return "HCPCS" if code[:1].isalpha() else "CPT"


def services(
    lines: Iterable[Line], imports: Imports | None, day: date | None, off: frozenset[str]
) -> list[CheckFinding]:
    """What the tables and the edits say of services reported together for one patient on one day."""
    listed = tuple(lines)
    out: list[CheckFinding] = []
    for code in dict.fromkeys(line.code for line in listed):
        system = system_of(code)
        table = imports.table(system) if imports is not None else None
        if imports is not None and table is not None:
            if not imports.has(system, code, day):
                message = f"{code} is not in the imported {system} set on the day, or not at all"
                out.append(
                    CheckFinding(code, "not_in_tables", "warning", message, kinds()["not_in_tables"][1])
                )
        elif not in_sample(code):
            message = f"is not in the tables: no {system} set was imported, and the sample does not have it"
            out.append(made("not_in_tables", code, message))
    if imports is None:
        return out
    for f in edit_findings(listed, imports.ncci, imports.mue, day):
        if f.rule not in off:
            about, severity = f.codes[-1], kinds()[f.kind][0]
            related = tuple(c for c in f.codes if c != about)
            out.append(CheckFinding(about, f.kind, severity, f.message, f.citation, related, f.rule))
    return out


@lru_cache(maxsize=1)
def _visits() -> frozenset[str]:
    visits = (row.code for rows in code_rows().values() for row in rows)
    return frozenset((*visits, *(row.code for row in add_on_rows())))
