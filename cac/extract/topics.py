"""The site of what a heading or label is about, for a mention below it that names none.

"Wound check left forearm: clean. Laceration healing well." is a laceration of the left forearm. A
condition whose codes go by site (``lexicon/siteless.csv``) and that stands without one takes the site of
the one thing its list item, section or visit is about. Where any other site is in reach, nothing is taken.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

from cac.extract.attributes import encounter_of
from cac.match.canon import Stream
from cac.match.index import TermIndex
from cac.match.matchers import Clauses, Hit
from cac.match.words import BARRIER_WORDS
from cac.resources import read_table, required
from cac.text.tokens import tokenize
from cac.types import Mention, Note

__all__ = ["is_siteless", "with_each_site", "with_topic"]

_SIDES = frozenset(("right", "left", "bilateral"))
_WHOLE_SITES = frozenset(("head", "neck", "trunk"))
"""Sites that are no part of another."""

_REASONS = frozenset(("reason_for_visit", "chief_complaint"))
_ABOUT_NOW = frozenset(
    "unknown hpi interval_history subjective exam objective findings assessment assessment_plan impression "
    "plan diagnosis hospital_course".split()
)
"""Sections that tell about what the visit is for."""

_MOST_SITES, _BACK = 4, 2
"""More places are no question; so many sentences before that of the mention are looked through."""

_LABEL, _REACH, _AROUND = 8, 5, 5
"""Tokens of a label, tokens that a site stands after a cue, words of the clause that come along."""


def is_siteless(m: Mention) -> bool:
    """Whether a mention names a condition that is coded by site, and no site."""
    return m.codes[0].startswith(_siteless())


def with_topic(note: Note, stream: Stream, found: Clauses, hit: Hit, index: TermIndex) -> Stream | None:
    """The words of a mention as they would read with the site of its topic, or None without a single one.

    The words stand on the tokens of the note; the first are the site's, in one sentence with the mention.
    """
    number = stream.sentence[hit.start]
    first, begin, end = _item(note, stream, number)
    last = number + 1
    sites = [p for p in range(begin, end) if _is_place(stream.atoms[p], index)]
    topic = [p for s in range(first, last) for p in _topic_words(note, stream, s) if p < hit.start]
    left_by = range(0)
    if encounter_of(note, [number]).phase == "sequela":
        # "Scar of the left forearm due to an old burn": the burn was where the scar is.
        left_by = range(bisect_left(stream.sentence, number), hit.start)
        topic = sorted({*topic, *left_by})
    chosen = [p for p in sites if p in topic and _is_site(stream.atoms[p], index)]
    # What a later label stands for is about something else ("Mouth: no ulcers" after "Ears:").
    if chosen and any(_label(note, s) for s in range(stream.sentence[chosen[-1]] + 1, last)):
        return None
    if not sites:
        # Nothing here has a site: that of the reason for the visit, where there is only one.
        topic += _reason(note, stream, number)
        sites = [p for p in topic if _is_place(stream.atoms[p], index)]
        chosen = [p for p in sites if _is_site(stream.atoms[p], index)]
    if not chosen or not _one_site([stream.atoms[p] for p in sites], index):
        return None
    # The last words that name it, with the side in front of them; another side anywhere is another site.
    own = chosen[-1]
    group = [p for p in chosen if own - p <= 2]
    sides = [p for p in topic if stream.atoms[p] in _SIDES and group[0] - 3 <= p <= own + 2]
    here = {stream.atoms[p] for p in range(begin, end) if stream.atoms[p] in _SIDES}
    if len(here | {stream.atoms[p] for p in sides}) > 1:
        return None
    return _read_with(stream, found, hit, sorted({*sides[-1:], *group}), left_by)


def with_each_site(
    note: Note, stream: Stream, found: Clauses, hit: Hit, index: TermIndex
) -> Iterator[Stream]:
    """The words of a mention read with each of several sites in reach, to be asked about."""
    number = stream.sentence[hit.start]
    if note.sections[note.sentences[number].section].kind not in _ABOUT_NOW:
        return
    _, begin, end = _item(note, stream, number)
    begin = max(begin, bisect_left(stream.sentence, number - _BACK))
    sites = [p for p in range(begin, end) if _is_place(stream.atoms[p], index)]
    if not sites:
        sites = [p for p in _reason(note, stream, number) if _is_place(stream.atoms[p], index)]
    if len(sites) < 2 or _one_site([stream.atoms[p] for p in sites], index):
        return
    # Each place once, with its side.
    named: dict[tuple[str, ...], list[int]] = {}
    for p in sites:
        if p < hit.start and _is_site(stream.atoms[p], index):
            side = [q for q in (p - 2, p - 1) if q >= 0 and stream.atoms[q] in _SIDES][-1:]
            named.setdefault(tuple(stream.atoms[q] for q in (*side, p)), [*side, p])
    if not 1 < len(named) <= _MOST_SITES:
        # A whole examination stands before it: nothing to choose from.
        return
    for site in named.values():
        read = _read_with(stream, found, hit, site, sites)
        if read is not None:
            yield read


def _item(note: Note, stream: Stream, number: int) -> tuple[int, int, int]:
    """The first sentence of the list item of a sentence, and the positions from there to its end."""
    first = number
    while first > 0 and _same_item(note, first - 1, number):
        first -= 1
    return first, bisect_left(stream.sentence, first), bisect_right(stream.sentence, number)


def _reason(note: Note, stream: Stream, number: int) -> list[int]:
    """Positions of the words that say what the visit of a sentence is for."""
    if note.sections[note.sentences[number].section].kind not in _ABOUT_NOW:
        return []
    out: list[int] = []
    for n, other in enumerate(note.sentences[:number]):
        if note.sections[other.section].kind in _REASONS and other.last_token - other.first_token <= 12:
            out += range(bisect_left(stream.sentence, n), bisect_right(stream.sentence, n))
    return out


def _read_with(
    stream: Stream, found: Clauses, hit: Hit, site: list[int], without: Sequence[int]
) -> Stream | None:
    """A stream of the words of a site and those of a mention with its clause, in the mention's sentence."""
    low, high = found.span(hit.start)
    around = range(max(low, hit.start - _AROUND), min(high, hit.end + 1 + _AROUND))
    taken = site + [p for p in around if stream.atoms[p] not in BARRIER_WORDS and p not in without]
    if len(taken) != len(set(taken)):
        return None
    number = stream.sentence[hit.start]
    return Stream(
        [stream.atoms[p] for p in taken],
        [stream.first[p] for p in taken],
        [stream.last[p] for p in taken],
        [0] * len(taken),
        [number] * len(taken),
        stream.edits,
        stream.doubts,
    )


def _same_item(note: Note, one: int, other: int) -> bool:
    a, b = note.sentences[one], note.sentences[other]
    return a.item == b.item and a.section == b.section


def _topic_words(note: Note, stream: Stream, number: int) -> Iterator[int]:
    """Positions of a sentence that say what follows is about: its label, a title, words after a cue."""
    s = note.sentences[number]
    words = note.tokens.lower[s.first_token : s.last_token]
    reach: list[tuple[int, int]] = []
    if s.heading and len(words) <= _LABEL:
        reach.append((0, len(words)))
    elif label := _label(note, number):
        reach.append((0, label))
    for cue in _cues():
        n = len(cue)
        if cue[0] in words[:_LABEL]:
            for i in range(min(_LABEL, len(words) - n + 1)):
                if words[i : i + n] == cue:
                    reach.append((i + n, i + n + _REACH))
    if reach:
        low, high = bisect_left(stream.sentence, number), bisect_right(stream.sentence, number)
        for p in range(low, high):
            at = stream.first[p] - s.first_token
            if any(a <= at < b for a, b in reach):
                yield p


def _label(note: Note, number: int) -> int:
    """How many tokens the label of a sentence has, 0 without one."""
    s = note.sentences[number]
    words = note.tokens.lower[s.first_token : min(s.last_token, s.first_token + _LABEL + 1)]
    return words.index(":") if ":" in words else 0


def _is_place(atom: str, index: TermIndex) -> bool:
    """Whether a word names a part of the body; tissues, which a wound may reach anywhere, are none."""
    if atom in _WHOLE_SITES:
        return True
    wholes = index.wholes.get(index.ids.get(atom, 0))
    return wholes is not None and not any(index.words[w] == "musculoskeletal" for w in wholes)


def _is_site(atom: str, index: TermIndex) -> bool:
    """Whether a wound can be at a place: not at an organ inside, which belongs to a system."""
    if not _is_place(atom, index) or atom in _WHOLE_SITES:
        return atom in _WHOLE_SITES
    above = {index.words[w] for w in index.wholes[index.ids[atom]]}
    return "head" in above or above.isdisjoint(("system", "tract"))


def _one_site(atoms: Sequence[str], index: TermIndex) -> bool:
    """Whether words all name one place: the same, or the smallest and what it belongs to."""
    numbers = {index.ids.get(a, 0) for a in atoms}
    return any(numbers - {n} <= index.wholes.get(n, {}).keys() for n in numbers)


@lru_cache(maxsize=1)
def _siteless() -> tuple[str, ...]:
    rows = read_table(
        "lexicon/siteless.csv",
        ("codes", "what", "citation"),
        {"codes": required, "what": required, "citation": required},
    )
    return tuple(sorted(r["codes"] for r in rows))


@lru_cache(maxsize=1)
def _cues() -> tuple[tuple[str, ...], ...]:
    rows = read_table("lexicon/site_topics.csv", ("words", "note"), {"words": required})
    return tuple(sorted(tokenize(r["words"]).lower for r in rows))
