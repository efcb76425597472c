"""From the words of a note, a title or a lexicon row to canonical words.

One implementation serves titles, lexicon rows and notes, so that both sides of a match are rewritten
alike: number folded, stop words dropped, synonyms rewritten (leftmost, longest first), grades joined
("type ii" becomes the one word "type 2"). In notes, abbreviations are expanded first and words outside
the vocabulary may be repaired; both are recorded on the original offsets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cac.match.spelling import Speller
from cac.match.words import JOIN_WORDS, LETTERED_WORDS, STOP_WORDS, as_grade, fold
from cac.text.tokens import tokenize
from cac.types import Edit, Note, Section, Sentence

__all__ = ["Canon", "Sense", "Stream"]

Rewrites = Mapping[str, Sequence[tuple[tuple[str, ...], tuple[str, ...]]]]
"""First word → (the other words, what the whole is read as), longest first."""

NUMBERED = {("chronic", "kidney", "disease"): "stage", ("diabete",): "type", ("diabete", "mellitus"): "type"}
"""Conditions whose bare number is a grade: "CKD 3a", "diabetes 2"."""

_ENDINGS = frozenset("s'’")
_GRADED = JOIN_WORDS | {shape[-1] for shape in NUMBERED}
DUE_GAP = 2
_JOINING = {"and": 1, "or": 1, "due": DUE_GAP}
"""What these join may be two conditions: they keep apart like commas, "due to" like two."""

_APART = frozenset(",()[]:")
_SOFT = frozenset("-–—/'\"()[]{},:.•*+&>")
_UNITS = frozenset("mm cm mg ml dl l g kg mcg iu meq mci cc hr min sd pf".split())
"""Short forms that are units of measure after a number."""

_SENSE_SECTION = 1.5
_SENSE_NEAR = 1.6
_SENSE_NOTE = 0.5
_AMBIGUOUS_BELOW = 0.6
_UNDECIDED_BELOW = 0.4


@dataclass(frozen=True, slots=True)
class Sense:
    """One reading of a short form, its words canonical."""

    words: tuple[str, ...]
    prior: float
    sections: frozenset[str]
    context: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stream:
    """A note as canonical words.

    Parallel lists: ``atoms`` the words, ``first``/``last`` the note tokens each stands on, ``comma``
    how many commas, brackets or joining words stand before it, ``sentence`` its sentence. ``edits`` and
    ``doubts`` (undecided abbreviations) are keyed by token index.
    """

    atoms: list[str] = field(repr=False)
    first: list[int]
    last: list[int]
    comma: list[int]
    sentence: list[int]
    edits: dict[int, Edit]
    doubts: dict[int, str] = field(repr=False)


class _Line:
    """The words of one sentence while they are gathered."""

    __slots__ = ("atoms", "comma", "first", "last", "soft")

    def __init__(self) -> None:
        self.atoms: list[str] = []
        self.first: list[int] = []
        self.last: list[int] = []
        self.comma: list[int] = []
        self.soft = 0

    def add(self, atoms: Sequence[str], first: int, last: int) -> None:
        for atom in atoms:
            self.atoms.append(atom)
            self.first.append(first)
            self.last.append(last)
            self.comma.append(self.soft)
            self.soft = 0

    def one(self, atom: str, i: int) -> None:
        self.atoms.append(atom)
        self.first.append(i)
        self.last.append(i)
        self.comma.append(self.soft)
        self.soft = 0

    def takes_letter(self, i: int) -> bool:
        """Whether a single letter at token ``i`` belongs to the word before it: "vitamin" + "d"."""
        return bool(self.atoms) and self.atoms[-1] in LETTERED_WORDS and self.last[-1] == i - 1

    def letter(self, letter: str, i: int) -> None:
        self.atoms[-1] = f"{self.atoms[-1]} {letter}"
        self.last[-1] = i


class Canon:
    """The canonicaliser: compiled synonyms and abbreviations.

    Parameters
    ----------
    rewrites
        Synonyms, keyed by first word.
    abbreviations
        First token → (all tokens, exact surface or "", senses), longest first.
    speller
        Knows the words of titles, lexicon rows and general English; anything else it may repair.
    """

    def __init__(
        self,
        rewrites: Rewrites,
        abbreviations: Mapping[str, Sequence[tuple[tuple[str, ...], str, tuple[Sense, ...]]]] | None = None,
        *,
        speller: Speller | None = None,
    ) -> None:
        self._rewrites = rewrites
        self._abbreviations = abbreviations or {}
        self._speller = speller
        known = self._known = speller.known if speller is not None else None
        letters = "abcdefghijklmnopqrstuvwxyz"
        self._special = frozenset((*self._abbreviations, *STOP_WORDS, *_SOFT, *letters, ""))
        # Most words of a note are settled by these two look-ups: known ones, already folded, and those
        # that drop out, with how far they keep their neighbours apart.
        folded = {w: fold(w) if w[-1] in _ENDINGS else w for w in known or () if w not in self._special}
        self._plain = {w: a for w, a in folded.items() if len(a) <= 4 or a in folded or a in (known or ())}
        dropped = (STOP_WORDS | _SOFT) - self._abbreviations.keys() - set(letters)
        self._dropped = {w: _JOINING.get(w, 0) if w in STOP_WORDS else int(w in _APART) for w in dropped}
        # A short form that counts in capitals only ("IS", "OR") is the plain word in small letters.
        self._small = {
            w: w if w in STOP_WORDS else fold(w)
            for w, shapes in self._abbreviations.items()
            if len(w) > 1 and all(len(shape) == 1 and surface not in ("", w) for shape, surface, _ in shapes)
        }

    @property
    def abbreviations(self) -> Mapping[str, Sequence[tuple[tuple[str, ...], str, tuple[Sense, ...]]]]:
        """First token → (all tokens, exact surface or "", senses), longest first."""
        return self._abbreviations

    def text(self, text: str) -> tuple[str, ...]:
        """Canonical words of a title, a lexicon row or a query; abbreviations stay as they are."""
        atoms: list[str] = []
        comma: list[int] = []
        soft = 0
        last_word = ""
        for w in tokenize(text).lower:
            if len(w) == 1 and w.isalpha() and last_word in LETTERED_WORDS:
                atoms[-1] = f"{last_word} {w}"
            elif w in STOP_WORDS:
                soft = max(soft, _JOINING.get(w, 0))
            elif len(w) == 1 and w in _SOFT:
                soft = max(soft, int(w in _APART))
            else:
                atoms.append(fold(w))
                comma.append(soft)
                soft = 0
            last_word = atoms[-1] if atoms and not soft else ""
        spots = list(range(len(atoms)))
        atoms, first, last, comma = self._rewrite(atoms, spots, list(spots), comma)
        return tuple(_join(atoms, first, last, comma)[0])

    def stream(self, note: Note, definitions: Mapping[str, tuple[str, ...]] | None = None) -> Stream:
        """Canonical words of a note. ``definitions`` are the abbreviations the note itself defines."""
        out = Stream([], [], [], [], [], {}, {})
        for number, s in enumerate(note.sentences):
            line = self._line(note, s, definitions or {}, out)
            atoms, first, last, comma = _join(*self._rewrite(line.atoms, line.first, line.last, line.comma))
            out.atoms.extend(atoms)
            out.first.extend(first)
            out.last.extend(last)
            out.comma.extend(comma)
            out.sentence.extend([number] * len(atoms))
        return out

    def _line(
        self, note: Note, s: Sentence, definitions: Mapping[str, tuple[str, ...]], out: Stream
    ) -> _Line:
        """The words of one sentence, before synonyms; edits and doubts go to ``out``."""
        words, lower = note.tokens.words, note.tokens.lower
        special, known = self._special, self._known
        plain, dropped, small = (self._plain, self._dropped, self._small) if not definitions else ({}, {}, {})
        line = _Line()
        atoms, first, last, comma = line.atoms, line.first, line.last, line.comma
        i, stop = s.first_token, s.last_token
        while i < stop:
            w = lower[i]
            if (atom := plain.get(w)) is not None:
                # Kept flat, for speed.
                atoms.append(atom)
                first.append(i)
                last.append(i)
                comma.append(line.soft)
                line.soft = 0
            elif (soft := dropped.get(w)) is not None:
                if soft > line.soft:
                    line.soft = soft
            elif w in small and words[i] == w:
                if w in STOP_WORDS:
                    line.soft = max(line.soft, _JOINING.get(w, 0))
                else:
                    line.one(small[w], i)
            elif w not in special and not definitions:
                atom = fold(w) if w[-1] in _ENDINGS else w
                if known is not None and len(atom) > 4 and atom not in known:
                    line.add(self._repaired(note, w, atom, i, i > s.first_token, out), i, i)
                else:
                    line.one(atom, i)
            elif definitions and words[i] in definitions:
                line.add(definitions[words[i]], i, i)
            elif w in self._abbreviations and (hit := self._abbreviation(note, s, i)) is not None:
                size, senses = hit
                sense, sure = self._sense(note, s, senses)
                if not sure:
                    out.doubts[i] = " ".join(words[i : i + size])
                # A form that may mean anything stays as it is, and matches nothing.
                line.add(sense.words if sense is not None else (w,), i, i + size - 1)
                i += size - 1
            elif len(w) == 1 and w.isalpha() and line.takes_letter(i) and (w != "a" or words[i].isupper()):
                # "hepatitis A", but "hepatitis a year ago"
                line.letter(w, i)
            elif w in STOP_WORDS:
                line.soft = max(line.soft, _JOINING.get(w, 0))
            elif w in _SOFT:
                # A hyphen or slash joins; a comma or a bracket keeps apart.
                line.soft = max(line.soft, int(w in _APART))
            elif w:
                line.one(fold(w), i)
            i += 1
        return line

    def _repaired(self, note: Note, w: str, atom: str, i: int, inside: bool, out: Stream) -> tuple[str, ...]:
        """A word nobody knows, read as the word or the words it was meant to be where that is clear."""
        speller = self._speller
        # A capital inside a sentence is a name, not a misspelling; figures are not spelled.
        if speller is None or not atom.isalpha() or (inside and note.tokens.words[i].istitle()):
            return (atom,)
        # Unfolded first: the "s" of "appendicits" is not a plural.
        better = (speller.repair(w) if atom is not w else None) or speller.repair(atom)
        meant = (better[0],) if better is not None else speller.parts(w)
        if not meant:
            return (atom,)
        distance = better[1] if better is not None else len(meant) - 1
        out.edits[i] = Edit(note.tokens.starts[i], note.tokens.ends[i], " ".join(map(fold, meant)), distance)
        return tuple(fold(word) for word in meant if word not in STOP_WORDS)

    def _sense(self, note: Note, s: Sentence, senses: tuple[Sense, ...]) -> tuple[Sense | None, bool]:
        """The sense that is meant, if one is likely enough, and whether that is clear."""
        if len(senses) == 1 and senses[0].prior >= _AMBIGUOUS_BELOW:
            return senses[0], True
        lower = note.tokens.lower
        near = frozenset(lower[s.first_token : s.last_token])
        return _choose(senses, note.sections[s.section], near, frozenset(lower))

    def _abbreviation(self, note: Note, s: Sentence, i: int) -> tuple[int, tuple[Sense, ...]] | None:
        words, lower = note.tokens.words, note.tokens.lower
        for shape, surface, senses in self._abbreviations[lower[i]]:
            size = len(shape)
            if i + size > s.last_token or tuple(lower[i : i + size]) != shape:
                continue
            if lower[i] in _UNITS and i > s.first_token and lower[i - 1][-1:].isdigit():
                # "5 MM" is a length, not multiple myeloma.
                continue
            # In a line of capitals the case says nothing, and forms that are words are left alone.
            if surface and (surface != "".join(words[i : i + size]) or self._shouted(note, s)):
                continue
            return size, senses
        return None

    def _shouted(self, note: Note, s: Sentence) -> bool:
        """Whether a line is prose in capitals, and not a list of short forms ("DM, HTN, AF")."""
        if not note.text[s.start : s.end].isupper():
            return False
        words = note.tokens.lower[s.first_token : s.last_token]
        prose = (
            w in STOP_WORDS or (len(w) > 3 and w.isalpha() and w not in self._abbreviations) for w in words
        )
        return sum(prose) > 1

    def _rewrite(
        self, atoms: list[str], first: list[int], last: list[int], comma: list[int]
    ) -> tuple[list[str], list[int], list[int], list[int]]:
        rewrites = self._rewrites
        found: list[tuple[int, int, tuple[str, ...]]] = []
        passed, n = 0, len(atoms)
        for i in [k for k, atom in enumerate(atoms) if atom in rewrites]:
            if i < passed:
                continue
            for rest, replacement in rewrites[atoms[i]]:
                end = i + 1 + len(rest)
                if end <= n and (
                    not rest or (tuple(atoms[i + 1 : end]) == rest and not any(comma[i + 1 : end]))
                ):
                    found.append((i, end, replacement))
                    passed = end
                    break
        if not found:
            return atoms, first, last, comma
        new_atoms: list[str] = []
        new_first: list[int] = []
        new_last: list[int] = []
        new_comma: list[int] = []
        done = 0
        for i, end, replacement in (*found, (n, n, ())):
            new_atoms += atoms[done:i]
            new_first += first[done:i]
            new_last += last[done:i]
            new_comma += comma[done:i]
            for k, atom in enumerate(replacement):
                new_atoms.append(atom)
                new_first.append(first[i])
                new_last.append(last[end - 1])
                new_comma.append(comma[i] if k == 0 else 0)
            done = end
        return new_atoms, new_first, new_last, new_comma


def _join(
    atoms: list[str], first: list[int], last: list[int], comma: list[int]
) -> tuple[list[str], list[int], list[int], list[int]]:
    """Make one word of "stage" + "iii", and of the bare number after a numbered condition."""
    if _GRADED.isdisjoint(atoms):
        return atoms, first, last, comma
    i = 0
    while i + 1 < len(atoms):
        word = atoms[i]
        grade = as_grade(atoms[i + 1]) if word in _GRADED and not comma[i + 1] else None
        if grade is not None and word in JOIN_WORDS:
            atoms[i : i + 2] = [f"{word} {grade}"]
            first[i : i + 2] = [first[i]]
            last[i : i + 2] = [last[i + 1]]
            comma[i : i + 2] = [comma[i]]
        elif grade is not None and grade[0] in "12345":
            for shape, join in NUMBERED.items():
                if tuple(atoms[max(0, i + 1 - len(shape)) : i + 1]) == shape:
                    atoms[i + 1] = f"{join} {grade}"
                    break
        i += 1
    return atoms, first, last, comma


def _choose(
    senses: Sequence[Sense], section: Section, near: frozenset[str], present: frozenset[str]
) -> tuple[Sense | None, bool]:
    """The likeliest sense by prior, section and neighbours, and whether it is clear enough."""
    scored = []
    for order, sense in enumerate(senses):
        value = math.log(sense.prior)
        if section.kind in sense.sections:
            value += _SENSE_SECTION
        if sense.context:
            value += _SENSE_NEAR * min(2, len(sense.context & near))
            value += _SENSE_NOTE * min(2, len(sense.context & present))
        scored.append((-value, order, sense))
    scored.sort(key=lambda item: item[:2])
    total = sum(math.exp(-v) for v, _, _ in scored) + max(0.0, 1.0 - sum(s.prior for s in senses))
    share = math.exp(-scored[0][0]) / total
    return scored[0][2] if share >= _UNDECIDED_BELOW else None, share >= _AMBIGUOUS_BELOW
