"""From an entry to the billable code: down the tree along documented axes, and never further.

At every node the child is taken whose extra words are all documented near the mention (or are
defaults); a child that asserts anything else is refused. Where nothing decides, the residual child
("unspecified") is taken and the open axis is kept, so that it can be asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cac.match.defaults import assumed_words
from cac.match.encounter import Encounter
from cac.match.index import TermIndex
from cac.types.records import fast_init

__all__ = [
    "UNSPECIFIED",
    "Context",
    "Resolution",
    "other_side",
    "rank",
    "resolve",
    "settled",
]

RIGHT, LEFT, BILATERAL, UNSPECIFIED = 1, 2, 3, 4
_OTHER, _UNSPECIFIED_FLAG, _DENIES = 1, 2, 4
_MOST_OPTIONS = 8
_MOST_KEPT = 20_000
"""Resolutions kept: numbers of rows and words of the release, nothing of any note."""
_INITIAL = Encounter()
_SEVENTH = re.compile(r"(initial|subsequent) encounter|sequela$")


@dataclass(frozen=True, slots=True)
class Context:
    """What is documented around a mention: words near by, the side, the encounter."""

    words: frozenset[int]
    side: int = 0
    encounter: Encounter = _INITIAL


@fast_init
@dataclass(frozen=True, slots=True)
class Resolution:
    """A billable row and how it was reached.

    ``used`` are the context words that decided something, ``open_axis`` the axis nothing decided
    ("side", "detail" or ""), ``options`` the rows each answer would give, ``guessed`` whether the
    row says more than the note (the only child there is).
    """

    row: int
    used: frozenset[int] = frozenset()
    open_axis: str = ""
    options: tuple[int, ...] = ()
    guessed: bool = False


def resolve(
    rows: Sequence[int], words: Iterable[int], context: Context, index: TermIndex
) -> list[Resolution]:
    """The billable rows an entry means here: one, or two where a side each is meant.

    ``rows`` are the entry's rows, ``words`` its words.
    """
    if len(rows) == 1 and settled(rows[0], index):
        return [Resolution(rows[0])]
    base = frozenset(words)
    # Only words that some row in reach asserts can decide anything, so few contexts are different.
    words = context.words & index.deciding(tuple(rows))
    key = (tuple(rows), base, words, context.side, context.encounter)
    known = index.resolved.get(key)
    if known is None:
        if len(index.resolved) >= _MOST_KEPT:
            index.resolved.clear()
        known = index.resolved[key] = _resolve(rows, base, replace(context, words=words), index)
    if len(known) == 1 and index.flags(known[0].row) & _UNSPECIFIED_FLAG and not index.side(known[0].row):
        # Words of the entry that its codes do not say ("knee abscess") need a whole as well.
        parts = (context.words - (base & index.needs(known[0].row))) & index.wholes.keys()
        return _at_wholes(known, parts, base, context, index) if parts else known
    return known


def _at_wholes(
    known: list[Resolution], parts: frozenset[int], base: frozenset[int], context: Context, index: TermIndex
) -> list[Resolution]:
    """In place of an unspecified site, the code for what a documented part belongs to, if there is one.

    "Cellulitis of the heel" is cellulitis of the lower limb: no code of the category names the heel. A
    part stands for its whole, never the other way round.
    """
    table, row = index.table, known[0].row
    top = next((r for r in table.ancestors(row) if table.kind(r) == "category"), -1)
    if top < 0:
        return known
    deciding = index.deciding((top,))
    context = replace(context, words=context.words & deciding)
    far: dict[int, int] = {}
    for part in parts:
        for whole, up in index.wholes[part].items():
            if whole in deciding:
                far[whole] = min(up, far.get(whole, up))
    if not far:
        return known
    # A code that names the part itself comes first.
    far |= dict.fromkeys(parts & deciding, 0)
    key = ("whole", row, tuple(sorted(far.items())), base, context)
    found = index.resolved.get(key)
    if found is None:
        found = [one for one in [_at_whole(row, top, far, base, context, index)] if one is not None]
        if context.side == BILATERAL and not (found and index.side(found[0].row) == BILATERAL):
            # No code for both sides: one for each (I.B.13).
            each = [_at_whole(row, top, far, base, replace(context, side=s), index) for s in (RIGHT, LEFT)]
            both = [one for one in each if one is not None and index.side(one.row)]
            found = both if len({one.row for one in both}) == 2 else found
        for n, one in enumerate(found):
            named = index.needs(one.row)
            used = frozenset(p for p in parts if p in named or index.wholes[p].keys() & named)
            found[n] = replace(one, used=one.used | used)
        found = index.resolved[key] = found or known
    return found


def _at_whole(
    found: int, top: int, far: dict[int, int], base: frozenset[int], context: Context, index: TermIndex
) -> Resolution | None:
    table = index.table
    known = base | context.words | far.keys() | assumed_words(table.codes[found], context.side, index)
    best: tuple[tuple[int, ...], int] | None = None
    for row in range(top + 1, int(table.subtree_end[top])):
        needs = index.needs(row)
        extra = needs - base
        if len(table.codes[row]) == 8 or not extra & far.keys() or not extra <= known:
            continue
        if index.flags(row) & (_OTHER | _DENIES) or not index.needs(found) <= needs:
            continue
        if index.side(row) not in (0, context.side or UNSPECIFIED) or not _by_site(row, index):
            continue
        agreed = index.side(row) != 0 and index.side(row) == context.side
        # The nearest whole, then the side, then the code that says most of it.
        up = max(far[w] for w in extra & far.keys())
        rank = (-len(extra & context.words), up, -agreed, -len(extra), row)
        if best is None or rank < best[0]:
            best = rank, row
    if best is None:
        return None
    one = _walk((best[1],), base | index.needs(best[1]), context, index)
    return one if one is not None and not one.guessed else None


def _by_site(row: int, index: TermIndex) -> bool:
    """Whether a row, or the one above, and its siblings differ by site ("abdominal migraine" does not)."""
    table = index.table
    above = int(table.parent[row])
    groups = (above, int(table.parent[above]))
    return any(
        len({a.value for s in table.children(group) for a in table.axes(s) if a.name == "site"}) > 2
        for group in groups
        if group >= 0 and table.kind(group) not in ("chapter", "block")
    )


def _resolve(
    rows: Sequence[int], base: frozenset[int], context: Context, index: TermIndex
) -> list[Resolution]:
    assumed = assumed_words(index.table.codes[rows[0]], context.side, index)
    if assumed:
        context = replace(context, words=context.words | assumed)
    if context.side == BILATERAL:
        whole = _walk(rows, base, context, index)
        sideless = whole is not None and not index.side(whole.row)
        if whole is not None and (index.side(whole.row) == BILATERAL or (sideless and not whole.open_axis)):
            return [whole]
        if whole is not None and index.side(whole.row) == UNSPECIFIED:
            # "Unspecified eye" shares more words with "both eyes" than "bilateral" does.
            twin = other_side(whole.row, BILATERAL, index)
            if index.side(twin) == BILATERAL and index.billable(twin):
                return [Resolution(twin, whole.used)]
        # No code for both sides: one for each (I.B.13).
        each = [_walk(rows, base, Context(context.words, s, context.encounter), index) for s in (RIGHT, LEFT)]
        found = [r for r in each if r is not None]
        sided = all(index.side(r.row) in (RIGHT, LEFT) and not r.guessed for r in found)
        # "Unspecified part of limb" has no side, the limbs beside it have.
        if len({r.row for r in found}) == 2 and (sided or not sideless):
            return found
        return [whole] if whole is not None else []
    one = _walk(rows, base, context, index)
    return [one] if one is not None else []


def settled(row: int, index: TermIndex) -> bool:
    """Whether a row leaves nothing to decide: it can be billed, has no side and leaves no axis open."""
    return index.billable(row) and not index.side(row) and not index.flags(row) & _UNSPECIFIED_FLAG


def _walk(
    rows: Sequence[int], base: frozenset[int], context: Context, index: TermIndex, *, option: bool = False
) -> Resolution | None:
    """From rows down to a leaf. As an ``option`` the row itself is meant: its side is not questioned."""
    table = index.table
    known = base | context.words
    used: frozenset[int] = frozenset()
    open_axis, guessed = "", False
    options: tuple[int, ...] = ()
    row = rows[0]
    if len(rows) > 1:
        ranks = {r: _rank(r, base, known, context.side, index) for r in rows}
        row = min(rows, key=ranks.__getitem__)
        if ranks[row][0] > 0 and index.side(row) in (RIGHT, LEFT, BILATERAL):
            # Only sided codes exist and no side is documented: whatever is chosen says too much.
            guessed, open_axis, options = True, "side", tuple(r for r in rows if r != row)
    elif not option and index.side(row) and index.side(row) != (context.side or UNSPECIFIED):
        sided = index.side(row) != UNSPECIFIED
        row = other_side(row, context.side or UNSPECIFIED, index)
        # A side that nobody documented and no other code to take: what is left says too much.
        guessed = sided and row == rows[0]
    else:
        row = _better_sibling(row, base, known, context.side, index)
    for _ in range(8):
        children = table.children(row)
        if not len(children):
            break
        if _SEVENTH.search(table.title(children[0])) and len(table.codes[children[0]]) == 8:
            characters = {table.codes[c][7]: c for c in children}
            row = characters[context.encounter.character(characters)]
            continue
        # What every child asserts is not a choice between them ("of fibula" below lateral malleolus).
        here = base | index.needs(row) | _common(children, index)
        ranks = {c: _rank(c, here, known, context.side, index, row) for c in children}
        best = min(children, key=ranks.__getitem__)
        if ranks[best][0] > 0:
            guessed = True
        used |= (index.needs(best) - here) & context.words
        rest = [c for c in children if c != best and index.side(c) in (RIGHT, LEFT, BILATERAL)]
        if index.side(best) == UNSPECIFIED and rest and open_axis != "side":
            # The side is asked about before any other detail.
            open_axis, options = "side", tuple(rest)
        elif ranks[best][0] > 0 or (index.flags(best) & _UNSPECIFIED_FLAG and not open_axis):
            open_axis = open_axis or "detail"
            options = options or tuple(c for c in children if c != best and not index.flags(c) & _OTHER)
        row = best
    if not index.billable(row):
        return None
    if option:
        return Resolution(row)
    if index.side(row) == UNSPECIFIED and open_axis != "side":
        twins = [r for s in (RIGHT, LEFT, BILATERAL) if (r := other_side(row, s, index)) != row]
        if twins:
            open_axis, options = "side", tuple(twins)
    return Resolution(row, used, open_axis, _billable(options, context, index), guessed)


def _billable(options: Sequence[int], context: Context, index: TermIndex) -> tuple[int, ...]:
    """Options as codes that can be billed: those above a leaf are followed down along the defaults."""
    out: list[int] = []
    for option in options[:_MOST_OPTIONS]:
        if index.billable(option):
            out.append(option)
            continue
        key = (option, context.side, context.encounter)
        if key not in index.default_leaves:
            plain = Context(frozenset(), context.side, context.encounter)
            leaf = _walk((option,), index.needs(option), plain, index, option=True)
            index.default_leaves[key] = leaf.row if leaf is not None else -1
        if index.default_leaves[key] >= 0:
            out.append(index.default_leaves[key])
    return tuple(dict.fromkeys(out))


def _common(children: Sequence[int], index: TermIndex) -> frozenset[int]:
    """Words that every child asserts; of sided children, "bilateral" may leave the site out."""
    sided = [c for c in children if index.side(c) in (RIGHT, LEFT, UNSPECIFIED)]
    return frozenset.intersection(*map(index.needs, sided or children))


def _rank(
    row: int,
    here: frozenset[int],
    known: frozenset[int],
    side: int,
    index: TermIndex,
    below: int | None = None,
) -> tuple[int, ...]:
    """Sort key of a child: documented ones first, then the most specific, then the residual."""
    extra = index.needs(row) - here
    unmet = len(extra - known)
    matched = len(extra) - unmet
    own = index.side(row)
    flags = index.flags(row)
    wrong_side = own in (RIGHT, LEFT, BILATERAL) and own != side
    agreed = own != 0 and own == side
    residual = bool(flags & _OTHER)
    # Below a node that is the residual already, "other" in every child's title decides nothing.
    other = residual and not (below is not None and index.flags(below) & _OTHER)
    return (
        2 * unmet + 4 * wrong_side + (other and not matched),
        -matched,
        -agreed,
        residual,
        -bool(flags & _UNSPECIFIED_FLAG),
        -bool(flags & _DENIES),
        len(extra),
        row,
    )


def rank(row: int, words: frozenset[int], context: Context, index: TermIndex) -> tuple[int, ...]:
    """How well a row fits what is documented, smaller is better; equal for rows that nothing tells apart."""
    return _rank(row, words, words | context.words, context.side, index)[:-1]


def _better_sibling(
    row: int, base: frozenset[int], known: frozenset[int], side: int, index: TermIndex
) -> int:
    """For an unspecified code, the sibling all of whose further words are documented, if there is one."""
    table = index.table
    if not (index.billable(row) and index.flags(row) & _UNSPECIFIED_FLAG):
        return row
    parent = int(table.parent[row])
    if parent < 0 or table.kind(parent) in ("chapter", "block"):
        return row
    siblings = table.children(parent)
    here = base | index.needs(parent)
    ranks = {s: _rank(s, here, known, side, index, parent) for s in siblings}
    best = min(siblings, key=ranks.__getitem__)
    return best if ranks[best][0] == 0 and ranks[best][1] < 0 else row


def other_side(row: int, side: int, index: TermIndex) -> int:
    """The sibling of a row on the given side with otherwise the same words, or the row itself."""
    table = index.table
    parent = int(table.parent[row])
    if parent < 0:
        return row
    needs = index.needs(row)
    for sibling in table.children(parent):
        # "bilateral" may leave out the site that "unspecified eye" names.
        if index.side(sibling) == side and (needs <= index.needs(sibling) or index.needs(sibling) <= needs):
            return int(sibling)
    # The side is decided one level up when the row is a 7th-character extension.
    above = other_side(parent, side, index) if index.side(parent) == index.side(row) else parent
    if above == parent:
        return row
    last = table.codes[row][-1]
    return next((int(c) for c in table.children(above) if table.codes[c][-1] == last), row)
