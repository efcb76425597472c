"""Close codes of the suggested ones, to rank below them: what another reading of the note would give.

A coder who rejects a code mostly takes a relative of it: the unspecified code of the same category, or
the one that another answer to an open axis gives. They are candidates only, never suggestions, and each
says what it is an alternative to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cac.match.index import TermIndex
from cac.match.resolve import UNSPECIFIED, other_side
from cac.types import Candidate, Contribution, Explanation, Finding, Scope
from cac.types.records import fast_init

__all__ = ["RELATIONS", "relatives"]

RELATIONS = {
    "unspecified": "the less specific code of the same condition",
    "option": "what another answer to the open axis would give",
    "residual": "an unspecified code close by",
    "other": "the residual code of the category",
    "sibling": "a code beside it in the same category",
}
"""Relation → what it is, closest first."""

_KEPT: dict[Scope, tuple[str, ...]] = {
    "reportable": ("unspecified", "option"),
    "documented": tuple(RELATIONS),
}
_MOST: dict[Scope, int] = {"reportable": 10, "documented": 40}
_OTHER, _UNSPECIFIED = 1, 2


@fast_init
@dataclass(frozen=True, slots=True)
class _Relative:
    row: int
    relation: str
    distance: int


def relatives(
    scored: Iterable[tuple[Candidate, Explanation]],
    index: TermIndex,
    weights: Mapping[str, float],
    scope: Scope,
    limit: float,
) -> list[tuple[Candidate, Explanation]]:
    """Relatives of scored candidates, each below ``limit`` (log-odds), closest first.

    Parameters
    ----------
    scored
        Candidates with their explanations.
    weights
        Weights of the scope; ``relation:NAME`` is what a relation takes from the score.
    limit
        Log-odds at which a code becomes a suggestion: a relative stays below it.

    Returns
    -------
    list
        Candidates with ``implied`` set and a finding that names the code they are an alternative to.
    """
    ranked = sorted(scored, key=lambda ce: (-ce[1].log_odds, ce[0].code))
    taken = {c.code for c, _ in ranked}
    codes = index.table.codes
    found: list[tuple[float, str, Candidate, Explanation]] = []
    for candidate, explanation in ranked:
        row = index.table.row_of.get(candidate.code)
        if candidate.system != "ICD-10-CM" or row is None:
            continue
        for near in _relatives_of(row, candidate, index, _KEPT[scope]):
            code = codes[near.row]
            if code in taken:
                continue
            taken.add(code)
            value = weights.get(f"relation:{near.relation}", 0.0) - 0.25 * (near.distance - 1)
            own = explanation.log_odds
            # However sure its relative is, a code nobody documented is no suggestion.
            value = round(min(value, limit - own - 0.01), 4)
            message = f"{RELATIONS[near.relation]}: alternative to {candidate.code}"
            finding = Finding("alternative", "alternative", message, "I.A.9", (candidate.code,))
            made = replace(candidate, code=code, findings=(finding,), implied=True)
            term = Contribution(f"relation:{near.relation}", value)
            told = Explanation(explanation.prior, (*explanation.contributions, term))
            found.append((-told.log_odds, code, made, told))
    found.sort(key=lambda f: f[:2])
    return [(c, e) for _, _, c, e in found[: _MOST[scope]]]


def _relatives_of(
    row: int, candidate: Candidate, index: TermIndex, kept: tuple[str, ...]
) -> Iterator[_Relative]:
    """The relatives of these relations, "unspecified" first."""
    known = index.relatives.get(row)
    if known is None:
        known = index.relatives[row] = tuple(_family(row, index))
    yield from (_Relative(*k) for k in known if k[1] == "unspecified")
    for m in candidate.mentions:
        for code in m.options:
            yield _Relative(index.table.row_of[code], "option", 1)
    yield from (_Relative(*k) for k in known if k[1] != "unspecified" and k[1] in kept)


def _family(row: int, index: TermIndex) -> Iterator[tuple[int, str, int]]:
    """(row, relation, levels up) of the codes below the same category."""
    table = index.table
    needs = index.needs(row)
    below = row
    if len(table.codes[row]) == 8:
        # Relatives share the encounter: the 7th character is no other condition.
        below = int(table.parent[row])
    parent, distance = int(table.parent[below]), 1
    while parent >= 0 and table.kind(parent) not in ("chapter", "block"):
        for child in table.children(parent):
            if child == below:
                continue
            leaf = _plain_leaf(int(child), row, index)
            if leaf < 0:
                continue
            if index.side(leaf) == UNSPECIFIED and index.side(row) in (1, 2, 3) and index.needs(leaf) - needs:
                # Another condition, on the side that is documented.
                leaf = other_side(leaf, index.side(row), index)
            flags = index.flags(leaf)
            if flags & _UNSPECIFIED:
                relation = "residual" if index.needs(leaf) - needs else "unspecified"
            elif flags & _OTHER:
                relation = "other"
            else:
                relation = "sibling"
            yield leaf, relation, distance
        below, parent, distance = parent, int(table.parent[parent]), distance + 1


def _plain_leaf(row: int, like: int, index: TermIndex) -> int:
    """The billable code that a row means by default, of the same encounter as ``like``; or -1."""
    table = index.table
    while not index.billable(row):
        children = list(table.children(row))
        if not children:
            return -1
        if len(table.codes[children[0]]) == 8:
            last = table.codes[like][-1]
            children = [c for c in children if table.codes[c][-1] == last] or children
        row = next((c for c in children if index.flags(c) & _UNSPECIFIED), children[0])
    # A side the note does not give is no alternative reading of it.
    return -1 if index.side(row) not in (0, UNSPECIFIED, index.side(like)) else row
