"""Mentions: the words of a note that name something the code table knows, and the code they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cac.extract.attributes import around, clause_words, encounter_of
from cac.extract.sides import SideFound, Sides, find_sides
from cac.extract.topics import is_siteless, with_each_site, with_topic
from cac.match.ambiguity import difference, rivals, tied_rows
from cac.match.build import SOURCES
from cac.match.canon import Stream
from cac.match.encounter import Encounter
from cac.match.index import TermIndex
from cac.match.matchers import Clauses, Hit, bag_hits, clauses, sequence_hits
from cac.match.protocol import MatchText, matchers_named
from cac.match.resolve import Context, Resolution, resolve, settled
from cac.match.selection import foreign_acuity, select
from cac.match.titles import SIDES
from cac.types import Attribute, Edit, Mention, Note, Span

__all__ = ["find_mentions"]

_INJURY = frozenset("STVWXY")
_NO_ENCOUNTER = Encounter()
_GAP_COST, _EDIT_COST, _DOUBT_COST, _BAG_COST, _GUESS_COST = 0.06, 0.05, 0.25, 0.05, 0.3
_AMBIGUITY_COST = 0.15
_TOPIC_COST = 0.1


def find_mentions(
    note: Note,
    index: TermIndex,
    definitions: Mapping[str, tuple[str, ...]] | None = None,
    *,
    matchers: Sequence[str] | None = None,
    parts: bool = False,
) -> list[Mention]:
    """Every mention in a note, in order, each resolved to billable codes, not yet asserted.

    Parameters
    ----------
    note
        A note that has been read.
    index
        The compiled index to search.
    definitions
        Canonical words of the abbreviations the note defines itself ("multiple sclerosis (MS)").
    matchers
        Names of the matchers to use, in order; None for the standard ones.
    parts
        Whether mentions carry the codes of what is named within them ("pain" in "abdominal pain").
    """
    stream = index.canon.stream(note, definitions)
    if not stream.atoms:
        return []
    found = clauses(stream, index)
    raw: list[Hit] = []
    for matcher in matchers_named(matchers):
        raw += matcher.hits(MatchText(note, stream, found), index, raw)
    hits = select(raw, stream, found, index)
    at: dict[tuple[int, ...], list[Hit]] = {}
    for hit in raw:
        at.setdefault(hit.positions, []).append(hit)
    sides = find_sides(stream, index)
    within = _within(note, stream, found, hits, raw, sides, index) if parts else {}
    out: list[Mention] = []
    for hit in hits:
        if hit.within >= 0 and not index.asks_for_more(hit.within):
            continue
        made = _mention(note, stream, found, hit, sides, index, at.get(hit.positions, ()))
        if made and hit.within < 0 and is_siteless(made[0]) and not _sited(hit, hits, stream):
            made = _below_topic(note, stream, found, hit, made, index)
        if hit.within < 0 and hit.positions in within:
            made = [replace(m, parts=within[hit.positions]) for m in made]
        out += made
    # A word that another mention was made specific by ("ulcer with necrosis") is not a second one.
    used = {a.start for m in out for a in m.attributes}
    return [
        m
        for m in out
        if not (m.method == "inner" and _repeats(m, out)) and not (m.method == "vague" and m.start in used)
    ]


def _within(
    note: Note,
    stream: Stream,
    found: Clauses,
    hits: Sequence[Hit],
    raw: Sequence[Hit],
    sides: Sides,
    index: TermIndex,
) -> dict[tuple[int, ...], tuple[str, ...]]:
    """The codes of the shorter terms that stand within a hit, by its positions.

    Only terms word for word: what a coder finds who looks up fewer of the words.
    """
    owner = {p: h for h in hits if h.within < 0 for p in h.positions}
    codes: dict[tuple[int, ...], dict[str, None]] = {}
    seen: set[tuple[tuple[int, ...], int]] = set()
    for hit in raw:
        outer = owner.get(hit.start)
        if outer is None or not hit.exact or hit.gap or len(hit.positions) >= len(outer.positions):
            continue
        if (hit.positions, hit.entry) in seen or not all(owner.get(p) is outer for p in hit.positions):
            continue
        seen.add((hit.positions, hit.entry))
        for m in _mention(note, stream, found, hit, sides, index, ()):
            codes.setdefault(outer.positions, {}).update(dict.fromkeys(m.codes))
    return {positions: tuple(found) for positions, found in codes.items()}


def _sited(hit: Hit, hits: Sequence[Hit], stream: Stream) -> bool:
    """Whether another mention of the note says the same words and more: what a mention refers back to."""
    words = {stream.atoms[p] for p in hit.positions}
    return any(words < {stream.atoms[p] for p in other.positions} for other in hits)


def _below_topic(
    note: Note, stream: Stream, found: Clauses, hit: Hit, made: list[Mention], index: TermIndex
) -> list[Mention]:
    """A mention without a site read with that of its topic, less certain; as it is without one."""
    read = with_topic(note, stream, found, hit, index)
    if read is None:
        return _asked_for_site(note, stream, found, hit, made, index)
    spots = {stream.first[p] for p in hit.positions}
    words = clauses(read, index)
    raw = sequence_hits(read, words, index) + bag_hits(read, words, index)
    for larger in select(raw, read, words, index):
        if larger.within < 0 and spots <= {read.first[p] for p in larger.positions}:
            for m in _mention(note, read, words, larger, find_sides(read, index), index, ()):
                if m.guessed or is_siteless(m):
                    return made
                # The site made it specific; it is no part of the words that name the condition.
                sites = [p for p in larger.positions if read.first[p] < stream.first[hit.start]]
                own = tuple(p for p in larger.positions if p not in sites)
                site = tuple(
                    Attribute("site", note.text[s.start : s.end], s.start, s.end)
                    for p in sites
                    for s in _spans(note, read, (p,))
                )
                return [
                    replace(
                        m,
                        spans=_spans(note, read, own),
                        method="bag" if m.method == "vague" else m.method,
                        quality=round(max(0.05, m.quality - _TOPIC_COST), 4),
                        attributes=(*site, *m.attributes),
                    )
                ]
    return made


def _asked_for_site(
    note: Note, stream: Stream, found: Clauses, hit: Hit, made: list[Mention], index: TermIndex
) -> list[Mention]:
    """A mention as it is, with the codes it would have at each of several sites in reach."""
    spot = stream.first[hit.start]
    codes: set[str] = set()
    for read in with_each_site(note, stream, found, hit, index):
        words = clauses(read, index)
        for larger in select(
            sequence_hits(read, words, index) + bag_hits(read, words, index), read, words, index
        ):
            if larger.within < 0 and spot in {read.first[p] for p in larger.positions}:
                sited = _mention(note, read, words, larger, find_sides(read, index), index, ())
                codes.update(c for m in sited if not is_siteless(m) for c in m.codes)
    if len(codes) < 2:
        return made
    return [replace(made[0], open_axis="site", options=tuple(sorted(codes))), *made[1:]]


def _repeats(part: Mention, mentions: list[Mention]) -> bool:
    """Whether a part of a larger mention says nothing that another mention of its place does not."""
    return any(
        set(part.codes) <= set(m.codes)
        and m is not part
        and any(a.overlaps(b) for a in part.spans for b in m.spans)
        for m in mentions
        if m.method != "inner"
    )


def _mention(
    note: Note,
    stream: Stream,
    found: Clauses,
    hit: Hit,
    sides: Sides,
    index: TermIndex,
    beside: Sequence[Hit],
) -> list[Mention]:
    rows = index.entry_rows(hit.entry)
    sentence = stream.sentence[hit.start]
    equals: tuple[int, ...] = ()
    near: Mapping[int, int] = {}
    side: SideFound | None = None
    tied = tied_rows(hit, beside, index)
    if len(tied) == 1 and settled(rows[0], index):
        resolved = [Resolution(rows[0])]
    else:
        deciding, wholes = index.deciding(tuple(rows)), index.wholes
        near = {
            w: p
            for w, p in clause_words(found, hit, stream, deciding).items()
            if p in hit.positions or not foreign_acuity(stream, p, hit.positions)
        }
        side = sides.of(hit, stream, found, index)
        encounter = _NO_ENCOUNTER
        code = index.table.codes[rows[0]]
        if code[0] in _INJURY or code.startswith(("M80", "M84")):
            encounter = encounter_of(note, around(note, sentence), code)
        words = set(index.entry_words(hit.entry)) if hit.edits else {found.words[p] for p in hit.positions}
        documented = frozenset(w for w in near if w in deciding or w in wholes)
        context = Context(documented, side.side if side is not None else 0, encounter)
        resolved = resolve(rows, words, context, index)
        if len(resolved) == 1 and resolved[0].open_axis != "side" and not hit.edits:
            equals = rivals(tied, frozenset(words), context, resolved[0], index)
    if not resolved:
        return []
    spans = _spans(note, stream, hit.positions)
    first = resolved[0]
    if equals:
        first = replace(
            first, open_axis=difference(first.row, equals, index), options=tuple(sorted((first.row, *equals)))
        )
    attributes = _attributes(note, stream, near, side, resolved, index)
    edits: tuple[Edit, ...] = ()
    doubt: tuple[str, ...] = ()
    if stream.edits or stream.doubts:
        tokens = _tokens(stream, hit.positions)
        edits = tuple(stream.edits[t] for t in tokens if t in stream.edits)
        doubt = tuple(stream.doubts[t] for t in tokens if t in stream.doubts)
    if hit.edits:
        # What the matcher read instead of a repair replaces it.
        read = _readings(note, stream, hit)
        kept = [e for e in edits if all(e.end <= r.start or r.end <= e.start for r in read)]
        edits = tuple(sorted((*kept, *read), key=lambda e: e.start))
    quality = 1.0 - _GAP_COST * hit.gap - _EDIT_COST * sum(e.distance for e in edits)
    quality -= _BAG_COST * (not hit.exact) + _DOUBT_COST * bool(doubt) + _GUESS_COST * first.guessed
    quality -= _AMBIGUITY_COST * bool(equals)
    codes = index.table.codes
    return [
        Mention(
            spans=spans,
            codes=tuple(codes[r.row] for r in resolved),
            method=_method(hit, stream, index),
            quality=round(max(0.05, quality), 4),
            attributes=attributes,
            edits=edits,
            doubt=doubt,
            open_axis=first.open_axis,
            options=tuple(codes[r] for r in first.options),
            guessed=first.guessed,
            sentence=sentence,
            section=note.sections[note.sentences[sentence].section].kind,
            nodes=tuple(codes[r] for r in rows),
        )
    ]


def _readings(note: Note, stream: Stream, hit: Hit) -> list[Edit]:
    """What the matcher read differently, on the offsets of the note."""
    starts, ends = note.tokens.starts, note.tokens.ends
    return [
        Edit(
            starts[stream.first[r.positions[0]]],
            ends[stream.last[r.positions[-1]]],
            " ".join(r.read_as),
            r.distance,
        )
        for r in hit.edits
    ]


def _method(hit: Hit, stream: Stream, index: TermIndex) -> str:
    if hit.within >= 0:
        return "inner"
    if SOURCES[index.entry_source(hit.entry)] == "vague" and not _alone(hit, stream):
        return "vague"
    if hit.edits:
        return "aligned"
    return "exact" if hit.exact else "bag"


def _alone(hit: Hit, stream: Stream) -> bool:
    """Whether a hit is all that its sentence says: the problem "Wound." is meant as one."""
    here = stream.sentence[hit.start]
    before, after = hit.start - 1, hit.end + 1
    return (before < 0 or stream.sentence[before] != here) and (
        after >= len(stream.atoms) or stream.sentence[after] != here
    )


def _spans(note: Note, stream: Stream, positions: tuple[int, ...]) -> tuple[Span, ...]:
    """The matched words as offsets, neighbours merged."""
    starts, ends = note.tokens.starts, note.tokens.ends
    tokens = _tokens(stream, positions)
    spans: list[Span] = []
    begin, end = starts[tokens[0]], ends[tokens[0]]
    for t in tokens[1:]:
        # Words with at most three characters and no other token between them read as one span.
        if starts[t] - end > 3:
            spans.append(Span(begin, end))
            begin = starts[t]
        end = ends[t]
    spans.append(Span(begin, end))
    return tuple(spans)


def _tokens(stream: Stream, positions: tuple[int, ...]) -> list[int]:
    """The tokens that some words, in order, stand on, each once."""
    first, last = stream.first, stream.last
    tokens: list[int] = []
    done = -1
    for p in positions:
        if last[p] > done:
            tokens += range(max(first[p], done + 1), last[p] + 1)
            done = last[p]
    return tokens


def _attributes(
    note: Note,
    stream: Stream,
    near: Mapping[int, int],
    side: SideFound | None,
    resolved: list[Resolution],
    index: TermIndex,
) -> tuple[Attribute, ...]:
    found: list[Attribute] = []
    if side is not None and any(index.side(r.row) in (1, 2, 3) for r in resolved):
        value = SIDES[side.side]
        for span in _spans(note, stream, side.positions):
            found.append(Attribute("side", value, span.start, span.end))
    for word in sorted(resolved[0].used & near.keys()):
        for span in _spans(note, stream, (near[word],)):
            found.append(Attribute("detail", index.words[word], span.start, span.end))
    return tuple(found)
