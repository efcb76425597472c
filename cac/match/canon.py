"""From the words of a note, a title or a lexicon row to canonical words.

One implementation serves titles, lexicon rows and notes, so that both sides of a match are rewritten
alike: number folded, stop words dropped, synonyms rewritten (leftmost, longest first), grades joined
("type ii" becomes the one word "type 2"). In notes, abbreviations are expanded first and words outside
the vocabulary may be repaired; both are recorded on the original offsets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

from cac.match.senses import AMBIGUOUS_BELOW, Sense, choose
from cac.match.spelling import Speller
from cac.match.words import JOIN_WORDS, LETTERED_WORDS, STOP_WORDS, as_grade, fold
from cac.text.lines import is_fracture_sign
from cac.text.tokens import tokenize
from cac.types import Edit, Note, Sentence
from cac.types.records import fast_init

__all__ = ["Canon", "Stream"]

Rewrites = Mapping[str, Sequence[tuple[tuple[str, ...], tuple[str, ...]]]]
"""First word → (the other words, what the whole is read as), longest first."""

_Shapes = list[tuple[tuple[str, ...], tuple[str, ...]]]
_Rewrite = tuple[tuple[str, ...] | None, dict[str, _Shapes]]
_Value = str | int | tuple[Sequence[str], int]

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


@fast_init
@dataclass(frozen=True, slots=True)
class Stream:
    """A note as canonical words.

    Parallel lists: ``atoms`` the words, ``first``/``last`` the note tokens each stands on, ``comma``
    how many commas, brackets or joining words stand before it, ``sentence`` its sentence. ``edits`` and
    ``doubts`` (undecided abbreviations) are keyed by token index; ``tokens`` has the stop words as well.
    """

    atoms: list[str] = field(repr=False)
    first: list[int]
    last: list[int]
    comma: list[int]
    sentence: list[int]
    edits: dict[int, Edit]
    doubts: dict[int, str] = field(repr=False)
    tokens: tuple[str, ...] = field(default=(), repr=False)


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
        self._rewrites = {first: _by_second(shapes) for first, shapes in rewrites.items()}
        self._abbreviations = abbreviations or {}
        self._speller = speller
        self._present: tuple[tuple[str, ...], frozenset[str]] | None = None
        known = self._known = speller.known if speller is not None else None
        letters = "abcdefghijklmnopqrstuvwxyz"
        self._special = frozenset((*self._abbreviations, *STOP_WORDS, *_SOFT, *letters, "", "#", "secondary"))
        # Most words of a note are settled by one look-up: known ones, already folded, and those that drop
        # out, with how far they keep their neighbours apart.
        plain = {w: fold(w) for w in known or () if w not in self._special}
        dropped = (STOP_WORDS | _SOFT) - self._abbreviations.keys() - set(letters)
        soft = {w: _JOINING.get(w, 0) if w in STOP_WORDS else int(w in _APART) for w in dropped}
        self._settled: dict[str, str | int] = {**plain, **soft}
        # A short form that counts in capitals only ("IS", "OR") is the plain word in small letters, unless
        # a word follows that makes it a longer one ("a" before "fib"). Other letters may be a grade.
        self._small = {
            w: (_JOINING.get(w, 0) if w in STOP_WORDS else fold(w), {s[1] for s, _, _ in shapes if s[1:]})
            for w, shapes in self._abbreviations.items()
            if (len(w) > 1 or w == "a") and w.isalnum()
            if all(len(shape) > 1 or surface not in ("", w) for shape, surface, _ in shapes)
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
        lower = tokenize(text).lower
        for i, w in enumerate(lower):
            if w == "secondary" and lower[i + 1 : i + 2] == ("to",):
                soft = _JOINING["due"]
            elif len(w) == 1 and w.isalpha() and last_word in LETTERED_WORDS:
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
        out = Stream(atoms, spots, spots.copy(), comma, [0] * len(atoms), {}, {})
        self._rewrite(out)
        _join(out)
        return tuple(out.atoms)

    def word(self, word: str) -> tuple[str, ...]:
        """Canonical words of a known word (in small letters) by itself; none of a word nobody knows."""
        atom = self._settled.get(word)
        if type(atom) is not str:
            return ()
        rewrite = self._rewrites.get(atom)
        return rewrite[0] if rewrite is not None and rewrite[0] is not None else (atom,)

    def stream(self, note: Note, definitions: Mapping[str, tuple[str, ...]] | None = None) -> Stream:
        """Canonical words of a note. ``definitions`` are the abbreviations the note itself defines."""
        words, lower = note.tokens.words, note.tokens.lower
        settled = list(map(self._settled.get, lower))
        defined = definitions or {}
        if defined:
            for i, word in enumerate(words):
                if word in defined:
                    settled[i] = None
        out = Stream([], [], [], [], [], {}, {}, lower)
        atoms, first, sentence, small = out.atoms, out.first, out.sentence, self._small
        # By position, where they are not what they mostly are: 0, and the first token.
        comma: dict[int, int] = {}
        last: dict[int, int] = {}
        for number, s in enumerate(note.sentences):
            soft, begin = 0, len(atoms)
            for i in range(s.first_token, s.last_token):
                value: _Value | None = settled[i]
                if value is None and words[i] in small and words[i] not in defined:
                    plain, longer = small[words[i]]
                    if i + 1 == s.last_token or lower[i + 1] not in longer:
                        value = plain
                if value is None:
                    inside = len(atoms) > begin and last.get(len(atoms) - 1, first[-1]) == i - 1
                    value = self._unsettled(note, s, i, defined, atoms[-1] if inside else "", out)
                if type(value) is str:
                    if soft:
                        comma[len(atoms)], soft = soft, 0
                    atoms.append(value)
                    first.append(i)
                elif type(value) is int:
                    if value > soft:
                        soft = value
                elif isinstance(value, tuple):
                    new, size = value
                    if size == 0:
                        # A letter that belongs to the word before it.
                        atoms[-1] = new[0]
                        last[len(atoms) - 1] = i
                        continue
                    if not new:
                        soft = _JOINING["due"]
                    elif soft:
                        comma[len(atoms)], soft = soft, 0
                    for atom in new:
                        if size > 1:
                            last[len(atoms)] = i + size - 1
                        atoms.append(atom)
                        first.append(i)
                    # The other words of the short form have been read with it.
                    settled[i + 1 : i + size] = [0] * (size - 1)
            sentence += [number] * (len(atoms) - begin)
        out.last.extend(first)
        out.comma.extend([0] * len(first))
        for at, token in last.items():
            out.last[at] = token
        for at, soft in comma.items():
            out.comma[at] = soft
        self._present = None
        self._rewrite(out)
        _join(out)
        return out

    def _unsettled(
        self,
        note: Note,
        s: Sentence,
        i: int,
        definitions: Mapping[str, tuple[str, ...]],
        before: str,
        out: Stream,
    ) -> _Value:
        """Token ``i`` of sentence ``s`` read with what stands around it; edits and doubts go to ``out``.

        A word; how far a word that drops out keeps its neighbours apart; or words with the number of
        tokens they stand on, 0 for the word ``before`` (the one of token ``i - 1``) with its letter. No
        words: a short form of "due to".
        """
        w, word = note.tokens.lower[i], note.tokens.words[i]
        known = self._known
        if word in definitions:
            return (definitions[word], 1) if definitions[word] else 0
        if w not in self._special:
            atom = fold(w) if w[-1] in _ENDINGS else w
            if definitions or known is None or len(atom) <= 4 or atom in known or w in known:
                return atom
            repaired = self._repaired(note, w, atom, i, i > s.first_token, out)
            return (repaired, 1) if repaired else 0
        if w in self._abbreviations and (hit := self._abbreviation(note, s, i)) is not None:
            size, senses = hit
            sense, sure = self._sense(note, s, senses)
            if not sure:
                out.doubts[i] = " ".join(note.tokens.words[i : i + size])
            # A form that may mean anything stays as it is, and matches nothing; "2/2" has no words of
            # its own, it is "secondary to".
            return (sense.words if sense is not None else (w,)), size
        if len(w) == 1 and w.isalpha() and before in LETTERED_WORDS and (w != "a" or word.isupper()):
            # "hepatitis A", but "hepatitis a year ago"
            return (f"{before} {w}",), 0
        if w == "#" and is_fracture_sign(note.text, note.tokens.starts[i], s.end):
            return ("fracture",), 1
        if w == "secondary" and note.tokens.lower[i + 1 : min(i + 2, s.last_token)] == ("to",):
            # "Secondary to her diabetes" is a cause, not secondary diabetes.
            return _JOINING["due"]
        if w in STOP_WORDS:
            return _JOINING.get(w, 0)
        if w in _SOFT:
            # A hyphen or slash joins; a comma or a bracket keeps apart.
            return int(w in _APART)
        return fold(w) if w else 0

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
        if len(senses) == 1 and senses[0].prior >= AMBIGUOUS_BELOW:
            return senses[0], True
        lower = note.tokens.lower
        near = frozenset(lower[s.first_token : s.last_token])
        # A note has several such forms, and always the same words.
        held = self._present
        present = held[1] if held is not None and held[0] is lower else frozenset(lower)
        self._present = lower, present
        return choose(senses, note.sections[s.section], near, present)

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

    def _rewrite(self, stream: Stream) -> None:
        """Synonyms in place, leftmost and longest first, none over the edge of a sentence."""
        rewrites = self._rewrites
        atoms, comma, sentence = stream.atoms, stream.comma, stream.sentence
        found: list[tuple[int, int, tuple[str, ...]]] = []
        passed = 0
        for i in compress(range(len(atoms)), map(rewrites.__contains__, atoms)):
            if i < passed:
                continue
            alone, longer = rewrites[atoms[i]]
            for rest, replacement in longer.get(atoms[i + 1], ()) if i + 1 < len(atoms) else ():
                end = i + 1 + len(rest)
                if (
                    tuple(atoms[i + 1 : end]) == rest
                    and sentence[end - 1] == sentence[i]
                    and not any(comma[i + 1 : end])
                ):
                    found.append((i, end, replacement))
                    passed = end
                    break
            else:
                if alone is not None:
                    found.append((i, i + 1, alone))
        for i, end, replacement in reversed(found):
            size = len(replacement)
            atoms[i:end] = replacement
            sentence[i:end] = [sentence[i]] * size
            comma[i:end] = [comma[i], *[0] * (size - 1)][:size]
            stream.first[i:end] = [stream.first[i]] * size
            stream.last[i:end] = [stream.last[end - 1]] * size


def _by_second(shapes: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> _Rewrite:
    """What a word is read as by itself, if anything, and by the word that follows."""
    longer: dict[str, _Shapes] = {}
    for rest, replacement in shapes:
        if rest:
            longer.setdefault(rest[0], []).append((rest, replacement))
    return next((replacement for rest, replacement in shapes if not rest), None), longer


def _join(stream: Stream) -> None:
    """Make one word of "stage" + "iii", and of the bare number after a numbered condition."""
    atoms, comma, sentence = stream.atoms, stream.comma, stream.sentence
    joined = 0
    for k in list(compress(range(len(atoms) - 1), map(_GRADED.__contains__, atoms))):
        i = k - joined
        if i + 1 == len(atoms) or comma[i + 1] or sentence[i + 1] != sentence[i]:
            continue
        word, grade = atoms[i], as_grade(atoms[i + 1])
        if grade is not None and word in JOIN_WORDS:
            atoms[i : i + 2] = [f"{word} {grade}"]
            # Its place is that of both.
            del stream.first[i + 1], stream.last[i], comma[i + 1], sentence[i + 1]
            joined += 1
        elif grade is not None and grade[0] in "12345":
            for shape, join in NUMBERED.items():
                begin = i + 1 - len(shape)
                if begin >= 0 and tuple(atoms[begin : i + 1]) == shape and sentence[begin] == sentence[i]:
                    atoms[i + 1] = f"{join} {grade}"
                    break
