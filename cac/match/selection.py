"""Choosing among the hits of the matchers: larger and more compact first, each with a word of its own."""

from __future__ import annotations

from collections.abc import Sequence

from cac.match.build import SOURCES
from cac.match.canon import Stream
from cac.match.index import TermIndex
from cac.match.joins import Strays, joined, of_one_kind, run
from cac.match.matchers import Clauses, Hit
from cac.match.titles import SIDES

__all__ = ["foreign_acuity", "select"]

_ACUITY = frozenset(("acute", "chronic", "subacute", "recurrent"))
_BOTH_FORMS = frozenset((("acute", "chronic"), ("subacute", "chronic")))
_SYMPTOMS = ("R", "M25.4", "M25.5", "M25.6", "M54", "M79.6")
_TITLE = SOURCES.index("title")


def select(hits: Sequence[Hit], stream: Stream, found: Clauses, index: TermIndex) -> list[Hit]:
    """The hits that stand: larger and more compact first; each has to explain a new word.

    A word already taken may be shared ("hip and knee osteoarthritis") unless the earlier hit would
    stand without it ("acute kidney injury and heart failure": "acute" stays with the kidney). Entries
    inside a larger one come along, marked ``within``: a combination code may ask for one of them as well.
    """
    solid = [h for h in hits if h.exact and not h.gap and len(h.positions) > 1]
    acute = {p for p, atom in enumerate(stream.atoms) if atom in _ACUITY}
    # Asked last, of the few hits that are left.
    astray = Strays(hits, stream, found, index)
    whole: dict[int, list[Hit]] | None = None
    ordered = sorted(
        (
            h
            for h in hits
            if not (
                (h.gap and (_listed(h, stream, found, index) or _astride(h, solid, stream)))
                or (not acute.isdisjoint(h.positions) and _borrowed(h, stream))
            )
        ),
        key=lambda h: (
            h.gap / 2 - len(h.positions),
            h.gap,
            len(h.edits),
            not h.exact,
            -index.entry_source(h.entry),
            h.positions[0],
            h.entry,
        ),
    )
    owner: dict[int, Hit] = {}
    inside: set[int] = set()
    kept: list[Hit] = []
    for hit in ordered:
        new = [p for p in hit.positions if p not in owner]
        if not new:
            outer = owner[hit.start]
            if (
                not hit.gap
                and len(hit.positions) < len(outer.positions)
                and inside.isdisjoint(hit.positions)
                and all(owner[p] is outer for p in hit.positions)
                # A shorter wording of the same code is no part of it, and hides none that is.
                and tuple(index.entry_rows(hit.entry)) != tuple(index.entry_rows(outer.entry))
                and hit not in astray
            ):
                inside.update(hit.positions)
                kept.append(Hit(hit.entry, hit.positions, hit.gap, hit.exact, outer.entry))
            elif hit.gap and _completes(hit, owner, stream, found, index) and hit not in astray:
                kept[kept.index(owner[hit.end])] = hit
                owner[hit.end] = hit
            continue
        if len(new) < len(hit.positions) and not _may_share(hit, new, owner, stream, found, index):
            continue
        if hit in astray:
            continue
        # Only of what does not stand in one piece something may be torn out of another condition.
        if len(hit.positions) > 1 and not _in_one_piece(hit, stream):
            whole = _by_position(hits, stream) if whole is None else whole
            if _torn(hit, whole, stream, found, index):
                continue
        kept.append(hit)
        for p in new:
            owner[p] = hit
    for h in kept:
        if h.within < 0:
            mine = h.start, h.end, index.table.codes[index.entry_rows(h.entry)[0]]
            found.owned.update(dict.fromkeys(h.positions, mine))
    return sorted(kept, key=lambda h: (h.start, h.end, h.entry))


def _may_share(
    hit: Hit,
    new: Sequence[int],
    owner: dict[int, Hit],
    stream: Stream,
    found: Clauses,
    index: TermIndex,
) -> bool:
    """Whether a hit with some new words may have the others that earlier hits have taken."""
    shared: dict[int, list[int]] = {}
    for p in hit.positions:
        if p in owner:
            shared.setdefault(id(owner[p]), []).append(p)
    takers = [owner[ps[0]] for ps in shared.values()]
    listed = run(hit.positions, stream, found, index) if hit.gap and not hit.exact else ""
    if listed == "site" and not of_one_kind(hit, takers, index):
        return False
    # A noun that has words of its own is no part of a list: "hip pain and swelling of the knee".
    if listed == "nouns" and hit.start in owner:
        return False
    if listed not in ("nouns", "site"):
        if any(_independent(owner[ps[0]], ps, found, index) for ps in shared.values()):
            return False
        # Without "and" or a comma, what follows a whole condition belongs to it ("de Quervain tenosynovitis
        # of the wrist"), and words from both sides of it are no second one.
        told_apart = any(stream.comma[hit.start + 1 : hit.end + 1])
        if not told_apart and not joined(stream, hit.start, hit.end, alike=True):
            last = max(p for ps in shared.values() for p in ps)
            if (
                (new[0] > last or (hit.gap and not hit.exact))
                and not _detailed(hit, shared, owner, found, index)
                and not _acute_on_chronic(hit, new, owner, stream)
            ):
                return False
    # The same words once more, one of them from further away, are not a second mention.
    words = {found.words[p] for p in hit.positions}
    return not any(words <= {found.words[p] for p in taker.positions} for taker in takers)


def _completes(hit: Hit, owner: dict[int, Hit], stream: Stream, found: Clauses, index: TermIndex) -> bool:
    """Whether a hit gives a bare noun the site of the noun it is listed with: "knee pain and swelling"."""
    others = {id(owner[p]): owner[p] for p in hit.positions[:-1]}
    return (
        owner[hit.end].positions == (hit.end,)
        and len(others) == 1
        and run(hit.positions, stream, found, index) == "site"
        and of_one_kind(hit, others.values(), index)
    )


def _borrowed(hit: Hit, stream: Stream) -> bool:
    """Whether a hit takes nothing but the acuity from a short form: "HFrEF and CKD" is no chronic HFrEF."""
    atoms = stream.atoms
    return any([atoms[p] in _ACUITY and foreign_acuity(stream, p, hit.positions) for p in hit.positions])


def foreign_acuity(stream: Stream, p: int, positions: Sequence[int]) -> bool:
    """Whether the word at ``p`` is the acuity within a short form that ``positions`` take no more of.

    "CKD" holds the word "chronic" and gives it to nobody else.
    """
    if stream.atoms[p] not in _ACUITY:
        return False
    group = stream.first[p], stream.last[p]

    def same(q: int) -> bool:
        return q != p and (stream.first[q], stream.last[q]) == group

    return not any(map(same, positions)) and any(
        same(q) for q in (p - 1, p + 1) if 0 <= q < len(stream.first)
    )


def _astride(hit: Hit, solid: Sequence[Hit], stream: Stream) -> bool:
    """Whether a hit takes words out of two conditions on both sides of a comma.

    "Family history of breast cancer, screening mammogram" names no screening for breast cancer in general.
    """
    if not hit.gap or 1 not in stream.comma[hit.start + 1 : hit.end + 1]:
        return False
    own = set(hit.positions)
    beside = [h for h in solid if h.positions != hit.positions and not own.isdisjoint(h.positions)]
    return any(
        any(h.end < cut for h in beside)
        and any(h.start >= cut and not own.issuperset(h.positions) for h in beside)
        for cut in range(hit.start + 1, hit.end + 1)
        if stream.comma[cut] == 1
    )


def _by_position(hits: Sequence[Hit], stream: Stream) -> dict[int, list[Hit]]:
    """The conditions of several words, next to each other in the note, that each word is part of."""
    at: dict[int, list[Hit]] = {}
    for h in hits:
        size = len(h.positions)
        if 1 < size == h.end - h.start + 1 and (_in_one_piece(h, stream) or _adjacent(h, stream)):
            for p in h.positions:
                at.setdefault(p, []).append(h)
    return at


def _in_one_piece(hit: Hit, stream: Stream) -> bool:
    """Whether a hit is word for word, and no word or sign stands among its words in the note."""
    p, q = hit.start, hit.end
    return hit.exact and not hit.gap and stream.first[q] - stream.last[p] <= q - p


def _adjacent(hit: Hit, stream: Stream) -> bool:
    """Whether no word stands in the note between those of a hit without a gap, not even "with"."""
    first, last = stream.first, stream.last
    return all([first[p + 1] <= last[p] + 1 for p in hit.positions[:-1]])


def _torn(hit: Hit, whole: dict[int, list[Hit]], stream: Stream, found: Clauses, index: TermIndex) -> bool:
    """Whether a hit is one condition and a word torn out of another that says more than the word.

    "Gout with kidney stones" is no gout of the kidney, "mitral regurgitation and aortic stenosis" no
    regurgitation of the aortic valve, "pain due to knee osteoarthritis" no pain of the knee. What stands
    behind "and" or "due to" may share a word that is not the head: "knee pain and swelling", "knee pain
    due to osteoarthritis".
    """
    comma, words = stream.comma, found.words
    if hit.exact and not any(comma[hit.start + 1 : hit.end + 1]) and _adjacent(hit, stream):
        return False
    own = {p for p in hit.positions if stream.atoms[p] not in SIDES}
    for other in {id(h): h for p in own for h in whole.get(p, ())}.values():
        rest = own.difference(other.positions)
        if not rest or len(rest) == len(own) or own.issuperset(other.positions):
            continue
        first, last = min(rest), max(rest)
        if other.start < last and first < other.end:
            continue
        headless = other.end not in own
        if first > other.end:
            between = comma[other.end + 1 : first + 1]
            if 1 in between:
                torn = not headless
            else:
                # "Abdominal pain with distension"; no pain of the ankle in "ankle sprain with joint pain".
                acuity = all(stream.atoms[p] in _ACUITY for p in own.intersection(other.positions))
                torn = headless and not any(between) and (acuity or not _is_symptom(other, index))
        elif 1 in comma[last + 1 : other.start + 1]:
            torn = True
        else:
            # A symptom may say where its disease is: "osteoarthritis with knee pain".
            torn = headless and not (_is_symptom(other, index) and rest.isdisjoint(whole))
        named = {words[p] for p in rest}
        if torn and (index.has_bag(named) or named <= index.vague):
            return True
    return False


def _is_symptom(hit: Hit, index: TermIndex) -> bool:
    codes = index.table.codes
    return all(codes[row].startswith(_SYMPTOMS) for row in index.entry_rows(hit.entry))


def _listed(hit: Hit, stream: Stream, found: Clauses, index: TermIndex) -> bool:
    """Whether a hit is a list of conditions, not one: "anxiety and depression", "T2DM, HLD".

    Its parts between commas and "and" are entries of their own. A title word for word is one condition.
    """
    if not hit.gap or not any(stream.comma[hit.start + 1 : hit.end + 1]):
        return False
    if hit.exact and index.entry_source(hit.entry) == _TITLE:
        return False
    groups: list[list[int]] = [[]]
    last = hit.start
    read = {e.positions[0]: [index.ids[w] for w in e.read_as] for e in hit.edits}
    for p in hit.positions:
        if p > last and any(stream.comma[last + 1 : p + 1]):
            groups.append([])
        groups[-1] += read.get(p, [found.words[p]] if not hit.edits or found.words[p] else [])
        last = p
    return len(groups) > 1 and all(index.has_bag(set(g)) for g in groups)


def _detailed(
    hit: Hit, shared: dict[int, list[int]], owner: dict[int, Hit], found: Clauses, index: TermIndex
) -> bool:
    """Whether a hit says more about a part that the code of a larger hit wants beside it.

    "Hypertension with CKD stage 3a": the combination code asks for the stage of the kidney disease.
    """
    if len(shared) != 1 or hit.gap:
        return False
    (ps,) = shared.values()
    return index.asks_for_more(owner[ps[0]].entry) and index.has_bag({found.words[p] for p in ps})


def _acute_on_chronic(hit: Hit, new: Sequence[int], owner: dict[int, Hit], stream: Stream) -> bool:
    """Whether a hit is the acute form of what has been taken as chronic: each has its code (I.B.8)."""
    p = new[0]
    return (
        len(new) == 1
        and p + 1 < len(stream.atoms)
        and (stream.atoms[p], stream.atoms[p + 1]) in _BOTH_FORMS
        and p + 1 not in hit.positions
        and len({id(owner[q]) for q in (p + 1, *hit.positions) if q in owner}) == 1
    )


def _independent(taken: Hit, shared: Sequence[int], found: Clauses, index: TermIndex) -> bool:
    """Whether the hit that took the shared words first would still be an entry without them.

    Shared words that are a condition of their own may serve twice: "anemia in CKD stage 4" is the
    anemia and the kidney disease with its stage.
    """
    rest = {found.words[p] for p in taken.positions if p not in shared}
    words = {found.words[p] for p in shared}
    # "Lung cancer with brain metastases": cancer alone is vague, and yet a condition.
    alone = index.has_bag(words) or words <= index.vague
    return not rest or (index.has_bag(rest) and not alone)
