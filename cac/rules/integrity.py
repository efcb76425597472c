"""Whether the codes that rules lead to exist: checked whenever a release is opened."""

from __future__ import annotations

from cac.codes.releases import known_releases
from cac.codes.table import CodeTable
from cac.errors import TableError
from cac.rules.tables import load_rules

__all__ = ["check_products"]


def check_products(table: CodeTable) -> None:
    """Raise TableError naming every code of a rule that the newest packaged release cannot bill.

    Older releases lack codes that came later, and a folder of the user's own holds what it holds: a rule
    whose code is missing there does nothing.

    Examples
    --------
    >>> check_products(CodeTable.open("2026-04"))
    """
    if table.release != known_releases()[-1].name:
        return
    rows, billable = table.row_of, table.billable
    missing = [c for c in load_rules().products() if c not in rows or not billable[rows[c]]]
    if missing:
        raise TableError(f"rules: {len(missing)} codes cannot be billed in {table.release}", missing)
