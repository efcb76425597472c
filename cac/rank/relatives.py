"""Close codes of the suggested ones, to rank below them: what another reading of the note would give.

A coder who rejects a code mostly takes a relative of it: the unspecified code of the same category, the
one that another answer to an open axis gives, or what the main term alone would give ("pain" in
"abdominal pain"). They are candidates only, never suggestions, and each says what it is an alternative to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cac.match.index import TermIndex
from cac.match.resolve import UNSPECIFIED, other_side
from cac.rank.notewords import (
    NO_WORDS,
    NoteWords,
    Pieces,
    of_category,
    plain_leaf,
    terms,
    title_shares,
    written,
)
from cac.types import Candidate, Contribution, Explanation, Finding, Mention, Note, Scope
from cac.types.records import fast_init

__all__ = ["RELATIONS", "Relative", "close_codes", "relative_features", "relatives"]

RELATIONS = {
    "unspecified": "the less specific code of the same condition",
    "part": "what fewer of the words name",
    "option": "what another answer to the open axis would give",
    "residual": "an unspecified code close by",
    "other": "the residual code of the category",
    "sibling": "a code beside it in the same category",
    "block": "the unspecified code of a category beside it",
    "category": "a code of the category whose words the note has",
    "words": "the words of its title stand in the note, apart from each other",
    "term": "the words of a term for it stand in the note, apart from each other",
}
"""Relation → what it is."""

_KEPT: dict[Scope, tuple[str, ...]] = {
    "reportable": ("unspecified", "option"),
    "documented": tuple(RELATIONS),
}
_SAID = frozenset(("part", "unspecified"))
"""What a documented condition includes, whatever else the note denies ("pain" in "abdominal pain")."""

_MOST: dict[Scope, int] = {"reportable": 10, "documented": 50}
_OTHER, _UNSPECIFIED = 1, 2
_SHORTEST = 3
_ENOUGH = 0.6
"""Share of the words of its title that makes a code of the same category a relative."""

_MOST_WORDS = 6
_KINDS = {"R": "symptom", "Z": "status", "S": "injury", "T": "injury"}
"""First character of a code whose relatives are right more or less often than others."""


@fast_init
@dataclass(frozen=True, slots=True)
class Relative:
    """A code close to candidates: its row, how it is related to the nearest of them, and how far it is.

    ``of`` is the number of that candidate among the scored ones (-1 for none), ``support`` how many
    there are; ``pieces`` a term of the code that the note has in pieces.
    """

    row: int
    relation: str
    distance: int
    of: int
    support: int = 1
    pieces: Pieces | None = None


def relatives(
    scored: Iterable[tuple[Candidate, Explanation]],
    index: TermIndex,
    weights: Mapping[str, float],
    scope: Scope,
    limit: float,
    note: Note,
    words: NoteWords = NO_WORDS,
) -> list[tuple[Candidate, Explanation]]:
    """Relatives of scored candidates, each below ``limit`` (log-odds), likeliest first.

    Parameters
    ----------
    scored
        Candidates with their explanations.
    weights
        Weights of the scope; ``relation:NAME`` is that of a relation.
    limit
        Log-odds at which a code becomes a suggestion: a relative stays below it.
    note, words
        The note, and its words (``note_words``) where the scope looks at them.

    Returns
    -------
    list
        Candidates with ``implied`` set and a finding that names the code they are an alternative to.
    """
    ranked = sorted(scored, key=lambda ce: (-ce[1].log_odds, ce[0].code))
    codes = index.table.codes
    found: list[tuple[float, str, Relative, list[tuple[str, float]]]] = []
    for near in close_codes(ranked, index, weights, scope, words):
        base = ranked[near.of] if near.of >= 0 else None
        terms = [
            (name, round(weights.get(name, 0.0) * value, 4))
            for name, value in relative_features(near, base, index, words)
        ]
        total = math.fsum(value for _, value in terms)
        found.append((-total, codes[near.row], near, terms))
    found.sort(key=lambda f: f[:2])
    return [
        _told(ranked[near.of], near, codes[near.row], terms, weights, limit)
        if near.of >= 0
        else _told(_written(note, near, words, index), near, codes[near.row], terms, weights, limit)
        for _, _, near, terms in found[: _MOST[scope]]
    ]


def close_codes(
    ranked: list[tuple[Candidate, Explanation]],
    index: TermIndex,
    weights: Mapping[str, float],
    scope: Scope,
    words: NoteWords,
) -> list[Relative]:
    """Every code that is a relative of a candidate, by the relation that speaks most for it.

    Codes whose words stand apart in the note, and that are close to no candidate, come last.
    """
    slope = weights.get("relative:base", 0.0)
    further = weights.get("relative:distance", 0.0)
    value = {relation: weights.get(f"relation:{relation}", 0.0) for relation in _KEPT[scope]}
    taken = {c.code for c, _ in ranked}
    codes, row_of = index.table.codes, index.table.row_of
    shares = title_shares(words, index) if words.places else None
    best: dict[int, tuple[float, str, int, int]] = {}
    support: dict[int, int] = {}
    for of, (candidate, explanation) in enumerate(ranked):
        row = row_of.get(candidate.code)
        if candidate.system != "ICD-10-CM" or row is None:
            continue
        own = slope * explanation.log_odds
        here: set[int] = set()
        for near, relation, distance in _relatives_of(row, candidate, index, _KEPT[scope], shares):
            if relation not in value or codes[near] in taken:
                continue
            if relation not in _SAID and codes[near] in words.denied:
                continue
            if near not in here:
                here.add(near)
                support[near] = support.get(near, 0) + 1
            worth = own + value[relation] + (further * (distance - 1) if relation != "block" else 0.0)
            if near not in best or worth > best[near][0]:
                best[near] = worth, relation, distance, of
    said = terms(words, index) if shares is not None else {}
    found = [
        Relative(row, relation, distance, of, support[row], said.get(row))
        for row, (_, relation, distance, of) in best.items()
    ]
    if shares is not None:
        taken |= words.kept_back
        whole = np.flatnonzero(shares >= 1.0).tolist()
        found += [Relative(r, "words", 1, -1, 1, said.get(r)) for r in whole]
        found += [Relative(r, "term", 1, -1, 1, pieces) for r, pieces in said.items() if shares[r] < 1.0]
    return [near for near in found if near.of >= 0 or (near.row not in best and codes[near.row] not in taken)]


def relative_features(
    near: Relative, base: tuple[Candidate, Explanation] | None, index: TermIndex, words: NoteWords
) -> Iterator[tuple[str, float]]:
    """What speaks for a relative of a scored candidate, or of none: names of weights, with values."""
    row = near.row
    code, needs, flags = index.table.codes[row], index.needs(row), index.flags(row)
    yield "relative:prior", 1.0
    yield "relative:base", base[1].log_odds if base is not None else 0.0
    yield f"relation:{near.relation}", 1.0
    if near.relation != "block":
        yield "relative:distance", near.distance - 1.0
    else:
        yield "relative:neighbour", math.log2(near.distance)
    yield "relative:support", math.log2(near.support)
    if needs:
        yield "relative:title_words", len(needs & words.places.keys()) / len(needs)
        if base is not None:
            new = needs - index.needs(index.table.row_of[base[0].code])
            # Where it says nothing else, nothing is missing.
            yield "relative:new_words", len(new & words.places.keys()) / len(new) if new else 1.0
        yield "relative:title_length", float(min(len(needs), _MOST_WORDS))
    if near.pieces is not None:
        yield "relative:term", 1.0
        yield "relative:term_length", float(len(near.pieces.words))
        yield "relative:apart", math.log2(1 + near.pieces.apart)
    yield "relative:specificity", float(len(code) - (len(code) > _SHORTEST) - _SHORTEST)
    if flags & _OTHER:
        yield "relative:other_specified", 1.0
    if flags & _UNSPECIFIED:
        yield "relative:unspecified", 1.0
    if code[0] in _KINDS:
        yield f"relative:{_KINDS[code[0]]}", 1.0


def _written(
    note: Note, near: Relative, words: NoteWords, index: TermIndex
) -> tuple[Candidate, Explanation | None]:
    code = index.table.codes[near.row]
    needed = near.pieces.words if near.pieces is not None else tuple(sorted(index.needs(near.row)))
    return Candidate(code, (written(note, code, needed, words),)), None


def _told(
    base: tuple[Candidate, Explanation | None],
    near: Relative,
    code: str,
    terms: list[tuple[str, float]],
    weights: Mapping[str, float],
    limit: float,
) -> tuple[Candidate, Explanation]:
    """A relative as a candidate with its explanation."""
    candidate, explanation = base
    over = round(math.fsum(value for _, value in terms) - limit + 0.01, 4)
    if over > 0:
        # However sure its relative is, a code nobody documented is no suggestion.
        terms = [*terms, ("relative:below_suggestions", -over)]
    told = explanation.contributions if explanation is not None else ()
    evidence = next((c.evidence for c in told if c.evidence), ())
    contributions = tuple(
        Contribution(name, value, evidence if name.startswith("relation:") else ())
        for name, value in terms
        if value and name != "relative:prior"
    )
    message = RELATIONS[near.relation]
    others: tuple[str, ...] = ()
    if explanation is not None:
        message, others = f"{message}: alternative to {candidate.code}", (candidate.code,)
    finding = Finding("alternative", "alternative", message, "I.A.9", others)
    mentions: tuple[Mention, ...] = candidate.mentions
    if near.relation == "part":
        mentions = tuple(m for m in mentions if code in m.parts)
    made = replace(candidate, code=code, mentions=mentions, findings=(finding,), implied=True)
    return made, Explanation(round(weights.get("relative:prior", 0.0), 4), contributions)


def _relatives_of(
    row: int,
    candidate: Candidate,
    index: TermIndex,
    kept: tuple[str, ...],
    shares: NDArray[np.float64] | None,
) -> Iterator[tuple[int, str, int]]:
    """(row, relation, levels up or categories away) of the relatives of a candidate."""
    row_of = index.table.row_of
    for m in candidate.mentions:
        for code in m.parts:
            yield row_of[code], "part", 1
        for code in m.options:
            yield row_of[code], "option", 1
    known = index.relatives.get(row)
    if known is None:
        known = index.relatives[row] = tuple(_family(row, index))
    yield from known
    if "block" in kept:
        beside = index.neighbours.get(row)
        if beside is None:
            beside = index.neighbours[row] = tuple(_neighbours(row, index))
        yield from beside
    if shares is not None:
        rows = of_category(_category(row, index), index)
        for near in rows[shares[rows] >= _ENOUGH].tolist():
            yield near, "category", 1


def _category(row: int, index: TermIndex) -> int:
    """The category a row belongs to."""
    table = index.table
    while (above := int(table.parent[row])) >= 0 and table.kind(above) not in ("chapter", "block"):
        row = above
    return row


def _neighbours(row: int, index: TermIndex) -> Iterator[tuple[int, str, int]]:
    """(row, "block", categories away) of what the other categories of the block mean by default."""
    table = index.table
    category = _category(row, index)
    above = int(table.parent[category])
    if above < 0:
        return
    categories = list(table.children(above))
    own = categories.index(category)
    for place, beside in enumerate(categories):
        leaf = plain_leaf(int(beside), row, index) if place != own else -1
        if leaf >= 0:
            yield leaf, "block", abs(place - own)


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
            leaf = plain_leaf(int(child), row, index)
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
