"""The last pass: the order of the list (II, III, IV.G, I.A.13, I.C.21.c.16).

The order of the scores is kept except where a convention demands another (rows of
``data/rules/sequence.csv``): encounter codes that are only ever listed first stand in front, then
codes that go before all others; what is to be coded first stands before its manifestation, and a
screening before what it found; codes that are never listed first move behind the first that may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cac.resources import one_of, read_table, required
from cac.rules.prefixes import Matcher, Prefixes
from cac.rules.tables import citation
from cac.rules.tabular import TabularNotes

__all__ = ["Order", "in_order", "load_sequence"]

_ROLES = ("first_only", "leads", "never_first")
_FIRST_ONLY, _LEADS, _NEVER = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Order:
    """Codes by their role in the order, and pairs of which the first stands before the second.

    ``matcher`` finds the pairs that a list holds.
    """

    first_only: Prefixes
    leads: Prefixes
    never_first: Prefixes
    pairs: tuple[tuple[Prefixes, Prefixes], ...]
    matcher: Matcher
    rows: tuple[tuple[str, str, Prefixes, str], ...] = ()
    _flags: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def flags(self, code: str) -> int:
        """The roles of a code together."""
        known = self._flags.get(code)
        if known is None:
            roles = ((_FIRST_ONLY, self.first_only), (_LEADS, self.leads), (_NEVER, self.never_first))
            known = self._flags[code] = sum(flag for flag, codes in roles if code in codes)
        return known

    def why(self, code: str, role: str) -> tuple[str, str]:
        """Id and guideline section of the row that gives a code its role."""
        return next(
            ((i, section) for i, kind, codes, section in self.rows if kind == role and code in codes),
            ("", "I.A.13"),
        )

    def before(self, one: str, other: str) -> bool:
        """Whether a row has the first code stand before the second."""
        return any(one in a and other in b for a, b in self.pairs)


@lru_cache(maxsize=16)
def load_sequence(disabled: frozenset[str] = frozenset()) -> Order:
    """The rows of ``data/rules/sequence.csv`` but those that are switched off.

    Raises
    ------
    TableError
        Naming every bad row.

    Examples
    --------
    >>> "Z68.30" in load_sequence().never_first
    True
    """
    rows = read_table(
        "rules/sequence.csv",
        ("id", "role", "codes", "before", "citation", "note"),
        {"id": required, "role": one_of(*_ROLES, "before"), "codes": required, "citation": citation},
    )
    rows = sorted((r for r in rows if r["id"] not in disabled), key=lambda r: r["id"])
    by_role = {role: Prefixes("|".join(r["codes"] for r in rows if r["role"] == role)) for role in _ROLES}
    before = sorted((r["codes"], r["before"]) for r in rows if r["role"] == "before")
    pairs = tuple((Prefixes(a), Prefixes(b)) for a, b in before)
    return Order(
        by_role["first_only"],
        by_role["leads"],
        by_role["never_first"],
        pairs=pairs,
        matcher=Matcher(pairs),
        rows=tuple((r["id"], r["role"], Prefixes(r["codes"]), r["citation"]) for r in rows),
    )


def in_order(
    codes: Sequence[str], tabular: TabularNotes, disabled: frozenset[str] = frozenset()
) -> list[str]:
    """Sort codes given in score order into reporting order.

    Examples
    --------
    >>> from cac.codes.table import CodeTable
    >>> in_order(["Z68.30", "E66.9", "Z00.00"], TabularNotes(CodeTable.open("2026-04")))
    ['Z00.00', 'E66.9', 'Z68.30']
    """
    roles = load_sequence(disabled)
    present = list(dict.fromkeys(codes))
    flags = {c: roles.flags(c) | (_NEVER if tabular.manifestation(c) else 0) for c in present}
    able = [c for c in present if not flags[c] & _NEVER]
    wanted = present
    if len(able) < len(present) or any(flags.values()):
        leading = [c for c in able if flags[c] & _FIRST_ONLY]
        leads = [c for c in able if flags[c] & _LEADS]
        wanted = list(dict.fromkeys((*leading, *leads, *able[:1], *present)))
    behind: dict[str, set[str]] = {}
    for _, (before, after) in roles.matcher.complete(present):
        for code in before:
            behind.setdefault(code, set()).update(after)
    # Those that may be first come first, so that the others find something to stand behind.
    never = {c for c in present if flags[c] & _NEVER}
    causes = [*able, *(c for c in present if c in never)]
    firsts = {c: found for c in present if (found := tabular.ahead_of(c, causes))}
    if not firsts and not behind:
        return wanted
    placed: list[str] = []
    seen: set[str] = set()

    def place(code: str) -> None:
        seen.add(code)
        for other in causes:
            if (
                other not in seen
                and (placed or other not in never)
                and (other in firsts.get(code, ()) or code in behind.get(other, ()))
                and code not in firsts.get(other, ())
            ):
                place(other)
        placed.append(code)

    for code in wanted:
        if code not in seen:
            place(code)
    return placed
