"""The alignment matcher: a phrase that no entry covers because one of its words is not a word.

Spelling repair reads a word alone, and leaves it where two words are equally near or none is near enough.
Here the rest of the phrase decides: of "mechanical ecorpion of the eyelid" only one reading makes an entry.
It also joins what was written apart ("hyper tension") and parts what was written together ("heartfailure").

It looks at the titles of problems and the lines of an assessment only, and only where they hold a word
outside the vocabulary. Candidates come from posting lists (a shared trigram, then a shared word), and are
scored with rapidfuzz. It never changes a word of four letters or fewer, a word that is known, the beginning
of a word, a figure or a name, and never crosses a pair of opposites (``spelling.opposed``), a side or a
clause; more than two edits make another word.

Known limit: a word whose every trigram is broken (two swaps in eight letters) is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from cac.match.build import SOURCES
from cac.match.index import TermIndex
from cac.match.matchers import Hit, Reading
from cac.match.postings import SHORTEST, near_words, postings_of
from cac.match.protocol import MatchText
from cac.match.spelling import opposed
from cac.match.words import fold

__all__ = ["ALIGNMENT", "SECTIONS", "AlignmentMatcher"]

SECTIONS = frozenset(
    "assessment assessment_plan impression diagnosis discharge_diagnosis admission_diagnosis "
    "postop_diagnosis preop_diagnosis problem_list".split()
)
"""Sections whose lines are read; elsewhere the titles of problems only."""

THRESHOLD = 80.0
"""Least likeness (rapidfuzz ``ratio``) of the words as written and as the entry has them."""

LONGEST = 30
"""Words of a clause; longer ones are prose, not the name of a problem."""

_TWO_FROM = 8
_JOINED, _JOINED_KNOWN = 6, 9
"""Letters of a word that was written apart: more where both parts are words of their own."""

_PART = 4
_SIDES = frozenset(("right", "left", "bilateral"))
_VAGUE = SOURCES.index("vague")

Near = Callable[[str, int, TermIndex], Sequence[int]]
Entries = Callable[[int, TermIndex], Sequence[int]]


@dataclass(frozen=True, slots=True)
class _Option:
    """One way to read some positions as words of the vocabulary."""

    positions: tuple[int, ...]
    words: tuple[int, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class _Match:
    """An entry that a phrase makes under some readings."""

    entry: int
    positions: tuple[int, ...]
    options: tuple[_Option, ...]
    gap: int
    score: float

    def key(self, index: TermIndex) -> tuple[float, ...]:
        """Sort key: the most words first, then the most compact, the nearest, the best source."""
        size = len(index.entry_words(self.entry))
        far = sum(o.distance for o in self.options)
        return (-size, self.gap, far, -self.score, -index.entry_source(self.entry), self.entry)


def _near(word: str, edits: int, index: TermIndex) -> Sequence[int]:
    return near_words(word, edits, index.arrays)


def _entries(word: int, index: TermIndex) -> Sequence[int]:
    entries: list[int] = postings_of(word, index.arrays).tolist()
    return entries


@dataclass(frozen=True, slots=True)
class AlignmentMatcher:
    """See the module. ``near`` and ``entries`` block candidates; tests put exhaustive ones in their place."""

    name: str = "alignment"
    near: Near = _near
    entries: Entries = _entries

    def hits(self, text: MatchText, index: TermIndex, found: Sequence[Hit]) -> list[Hit]:
        """Hits of phrases with a word that no entry has; see ``match.protocol.Matcher``."""
        out: list[Hit] = []
        covered: set[int] | None = None
        for low, high in _phrases(text):
            # What spelling repair made of a word without looking at the others is open as well.
            odd = [p for p in range(low, high) if not text.clauses.words[p] or _edited(text, p)]
            pairs = _joinable(text, index, low, high)
            if not odd and not pairs:
                continue
            if covered is None:
                covered = {p for h in found if index.entry_source(h.entry) != _VAGUE for p in h.positions}
            options = [o for p in odd for o in self._read(text, index, p, low, high)]
            options += [o for o in pairs if not covered.issuperset(o.positions)]
            if options:
                out += self._matched(text, index, low, high, options)
        return sorted(out, key=lambda h: (h.positions, h.entry))

    def _read(self, text: MatchText, index: TermIndex, p: int, low: int, high: int) -> list[_Option]:
        """The words an unknown one may have been meant to be."""
        if not _repairable(text, index, p, low, high):
            return []
        atom = _written(text, p)
        edits = 1 + (len(atom) >= _TWO_FROM)
        nearest: dict[tuple[int, ...], int] = {}
        barred = edits + 1
        for number in self.near(atom, edits, index):
            word = index.spelled[number]
            distance = int(OSA.distance(atom, word, score_cutoff=edits))
            # Another beginning is mostly another word: "detorsion", "preforaminal", "atypical".
            if distance > edits or word[0] not in atom[:2] or (word[0] != atom[0] and word[1] != atom[0]):
                continue
            read_as = index.canon.text(word)
            # A variant has no row of its own among the opposites: the word it stands for has.
            if any(opposed(atom, w, index.speller.known.__contains__) for w in (word, *read_as)):
                barred = min(barred, distance)
                continue
            words = tuple(dict.fromkeys(index.ids.get(w, 0) for w in read_as))
            if words and all(words) and words != (text.clauses.words[p],):
                nearest[words] = min(distance, nearest.get(words, distance))
        # What may be one of two opposites is not a third word that is no nearer; nor is it a word two edits
        # further away than another, however well that would fit.
        least = min(nearest.values(), default=barred) + 1
        out = [_Option((p,), words, d) for words, d in sorted(nearest.items()) if d < barred and d <= least]
        for cut in range(_PART, len(atom) - _PART + 1):
            pair = (index.ids.get(atom[:cut], 0), index.ids.get(atom[cut:], 0))
            if all(pair):
                out.append(_Option((p,), pair, 1))
        return out

    def _matched(
        self, text: MatchText, index: TermIndex, low: int, high: int, options: list[_Option]
    ) -> list[Hit]:
        """Entries of a phrase that one consistent reading of its odd words makes."""
        ids = text.clauses.words
        exact: dict[int, list[int]] = {}
        for p in range(low, high):
            if ids[p]:
                exact.setdefault(ids[p], []).append(p)
        by_word: dict[int, list[_Option]] = {}
        for o in options:
            for w in o.words:
                by_word.setdefault(w, []).append(o)
        matches: dict[tuple[int, tuple[_Option, ...]], _Match] = {}
        for word in sorted(by_word):
            for entry in self._complete(word, {*exact, *by_word}, index):
                for m in _align(text, index, entry, exact, by_word):
                    matches.setdefault((m.entry, m.options), m)
        ranked = sorted(matches.values(), key=lambda m: m.key(index))
        chosen: dict[int, _Option] = {}
        while ranked:
            best = ranked[0]
            rivals = [m for m in ranked if m.options != best.options and _equal(m, best, index)]
            rivals = [m for m in rivals if any(_clash(a, b) for a in m.options for b in best.options)]
            if rivals:
                # Two readings make equally good entries: nobody can say which was meant.
                spoilt = {p for o in best.options for p in o.positions}
                ranked = [m for m in ranked if not any(spoilt & {*o.positions} for o in m.options)]
                continue
            chosen.update((p, o) for o in best.options for p in o.positions)
            break
        kept = [m for m in ranked if all(chosen.get(o.positions[0]) == o for o in m.options)]
        return [_hit(m, index) for m in kept]

    def _complete(self, word: int, available: set[int], index: TermIndex) -> list[int]:
        """The entries with a word all of whose words are available."""
        entries = np.array(self.entries(word, index), np.int64)
        # Bags and single words: in a longer sequence the order counts, and an edit leaves none to go by.
        pointers, words = index.arrays["entry_words_ptr"], index.arrays["entry_words"]
        entries = entries[(entries < index.bags) | (pointers[entries + 1] - pointers[entries] == 1)]
        if not len(entries):
            return []
        have = np.zeros(len(index.words), np.bool_)
        have[sorted(available)] = True
        first = pointers[entries].astype(np.int64)
        size = pointers[entries + 1] - first
        starts = np.cumsum(size) - size
        flat = np.repeat(first - starts, size) + np.arange(int(size.sum()))
        enough = np.add.reduceat(have[words[flat]].astype(np.int64), starts) == size
        complete: list[int] = entries[enough].tolist()
        return complete


ALIGNMENT = AlignmentMatcher()


def _phrases(text: MatchText) -> Iterator[tuple[int, int]]:
    """The clauses, as ranges of positions, in which problems are named."""
    note, stream = text.note, text.stream
    for low in text.clauses.starts:
        sentence = note.sentences[stream.sentence[low]]
        if sentence.heading or note.sections[sentence.section].kind in SECTIONS:
            high = text.clauses.span(low)[1]
            if high - low <= LONGEST:
                yield low, high


def _edited(text: MatchText, p: int) -> bool:
    return text.stream.first[p] in text.stream.edits


def _written(text: MatchText, p: int) -> str:
    """The word as the note has it where it was repaired, else as it was canonicalised."""
    return text.note.tokens.lower[text.stream.first[p]] if _edited(text, p) else text.stream.atoms[p]


def _repairable(text: MatchText, index: TermIndex, p: int, low: int, high: int) -> bool:
    """Whether an unknown word may be a misspelling: no figure, short word, English word or name."""
    stream, words = text.stream, text.note.tokens.words
    atom, token = _written(text, p), stream.first[p]
    if len(atom) < SHORTEST or not atom.isalpha() or stream.last[p] != token:
        return False
    if atom in index.speller.known or text.note.tokens.lower[token] in index.speller.known:
        return False
    # A capital among words in lower case is a name; in a title in capitals it says nothing.
    first = text.note.sentences[stream.sentence[p]].first_token
    if token == first or not words[token].istitle():
        return True
    near = {stream.first[q] for q in range(low, high)} - {token, first}
    return all(not words[t].islower() for t in near if len(words[t]) >= SHORTEST)


def _joinable(text: MatchText, index: TermIndex, low: int, high: int) -> list[_Option]:
    """Neighbours that are one word of the vocabulary when written together."""
    stream, known = text.stream, index.speller.known
    out: list[_Option] = []
    for p in range(low, high - 1):
        if stream.last[p] + 1 != stream.first[p + 1]:
            continue
        a, b = _written(text, p), _written(text, p + 1)
        both = a + b
        number = index.ids.get(fold(both) if both[-1] == "s" else both, 0)
        if not number or not both.isalpha() or not {a, b}.isdisjoint(_SIDES):
            continue
        if len(a) + len(b) >= (_JOINED_KNOWN if a in known and b in known else _JOINED):
            out.append(_Option((p, p + 1), (number,), 1))
    return out


def _align(
    text: MatchText,
    index: TermIndex,
    entry: int,
    exact: dict[int, list[int]],
    by_word: dict[int, list[_Option]],
) -> Iterator[_Match]:
    """The entry over the phrase: words as they stand, and one reading for each that does not."""
    words = index.entry_words(entry)
    missing = [w for w in words if w not in exact]
    combos: list[tuple[_Option, ...]] = [()]
    for w in missing:
        # A reading may give two words at once; nothing is read in two ways.
        combos = [
            c if any(w in o.words for o in c) else (*c, o)
            for c in combos
            for o in by_word.get(w, ())
            if any(w in x.words for x in c) or not any(_clash(o, x) for x in c)
        ]
        combos = list(dict.fromkeys(combos))[:32]
    needed = set(words)
    for combo in combos:
        if not combo or not all(needed.issuperset(o.words) for o in combo):
            continue
        own = {p for o in combo for p in o.positions}
        about = min(own)
        plain: set[int] = set()
        for w in words:
            if not any(w in o.words for o in combo):
                free = [p for p in exact[w] if p not in own]
                plain.update(sorted(free, key=lambda p: (abs(p - about), p))[:1])
        if len(plain) + sum(len(o.words) for o in combo) != len(words):
            continue
        if not plain and any(not _same_letters(text, index, o) for o in combo):
            # Without a word that stands as it is nothing but spelling repair decides.
            continue
        positions = tuple(sorted(plain | own))
        between = range(positions[0], positions[-1])
        sides = sum(text.stream.atoms[p] in _SIDES for p in between if p not in plain)
        commas = sum(text.stream.comma[positions[0] + 1 : positions[-1] + 1])
        gap = positions[-1] - positions[0] + 1 - len(positions) - sides + commas
        if gap > 2 + (len(words) > 3) + (len(words) > 6):
            continue
        score = _likeness(text, index, positions, combo)
        if score >= THRESHOLD:
            yield _Match(entry, positions, tuple(sorted(combo, key=lambda o: o.positions)), gap, score)


def _likeness(
    text: MatchText, index: TermIndex, positions: tuple[int, ...], combo: tuple[_Option, ...]
) -> float:
    """How alike the words are as written and as read, in the order of the note."""
    read: dict[int, str] = {}
    for o in combo:
        read[o.positions[0]] = " ".join(index.words[w] for w in o.words)
        read.update((p, "") for p in o.positions[1:])
    written = " ".join(_written(text, p) if p in read else text.stream.atoms[p] for p in positions)
    return ratio(written, " ".join(r for p in positions if (r := read.get(p, text.stream.atoms[p]))))


def _same_letters(text: MatchText, index: TermIndex, o: _Option) -> bool:
    """Whether a reading only joins or parts what was written."""
    return fold("".join(_written(text, p) for p in o.positions)) == "".join(index.words[w] for w in o.words)


def _clash(one: _Option, other: _Option) -> bool:
    return one != other and bool({*one.positions} & {*other.positions})


def _equal(one: _Match, other: _Match, index: TermIndex) -> bool:
    """Whether neither of two entries is the better: as many words, as near."""
    return (
        len(index.entry_words(one.entry)) == len(index.entry_words(other.entry))
        and sum(o.distance for o in one.options) == sum(o.distance for o in other.options)
        and index.entry_rows(one.entry) != index.entry_rows(other.entry)
    )


def _hit(m: _Match, index: TermIndex) -> Hit:
    edits = tuple(Reading(o.positions, tuple(index.words[w] for w in o.words), o.distance) for o in m.options)
    return Hit(m.entry, m.positions, m.gap, False, edits=edits)
