"""Spelling repair for words outside the vocabulary, and only for those.

A word that titles, the lexicon or general English know is never changed. The rest is compared with
vocabulary words of nearly its length that begin or end with the same three letters (two in short ones: one
edit cannot touch both ends), by optimal string alignment (one insertion, deletion, substitution or swap of
neighbours). A repair has to be the only nearest one, or the one that is written far more often than the
others, and never crosses a pair of opposites: from "hypotyroidism" no path leads to "hyper...".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from cac.match.words import fold
from cac.resources import one_of, read_table, required

__all__ = ["Speller", "opposed"]

SHORTEST = 6
"""Shorter words are matched exactly: one edit turns too many of them into another word."""

TWO_EDITS_FROM = 10
"""From this length on, two edits are allowed."""

DOMINANT = 6
"""How many times more often than any other nearest word the word that is meant has to be written."""

COMMON_WEIGHT = 20
"""A word of five letters may be one of six that lost one, and a first letter may be wrong, only where the
word that is meant is common."""

_ENDS = 3
_SPLIT_FROM = 7
"""From this length on, no single edit changes both the first and the last three letters."""

_SHORTEST_PART = 4
"""Words run together are only taken apart into words of at least this length."""

_PREFIXES = frozenset("anti intra inter extra micro macro post over under para peri semi trans ultra".split())
"""What makes one new word with the next: "antireflux" is no reflux."""

_BEFORE = (
    *sorted(_PREFIXES),
    *"endo epi hemi hyper hypo infra multi neo non poly pre pseudo re retro sub supra un".split(),
)
_SHORTEST_STEM = 6
"""A known word of this length behind one of these makes a word nobody has misspelt ("subscapular")."""

_ENDING = 3
"""Only its ending may be read as another ("hemivertebrae")."""


class Speller:
    """Repairs words towards a vocabulary.

    Parameters
    ----------
    spelled
        Words that are spelled right, with the number of titles and rows they stand in. Those with
        none are known, but nothing is repaired into them.
    vocabulary
        Canonical words of the index, known as well.

    Attributes
    ----------
    known
        All words that are spelled right, those of general English included.
    targets
        The words a misspelling may have meant.
    """

    def __init__(self, spelled: Mapping[str, int], vocabulary: Sequence[str] = ()) -> None:
        self._weight = spelled
        self.targets = sorted(w for w, n in spelled.items() if n and len(w) >= SHORTEST and w.isalpha())
        self.known = frozenset((*spelled, *vocabulary, *english_words()))
        self._blocks: dict[str, list[str]] = {}
        self._windows: dict[tuple[str, int, int], list[str]] = {}

    def repair(self, word: str) -> tuple[str, int] | None:
        """The word ``word`` was meant to be and how many edits away, or None."""
        if len(word) < SHORTEST - 1:
            return None
        allowed = 2 if len(word) >= TWO_EDITS_FROM else 1
        near: dict[str, int] = {}
        barred = allowed + 1
        for found, distance, _ in extract(
            word, self._near(word, allowed), scorer=OSA.distance, score_cutoff=allowed, limit=None
        ):
            if opposed(word, found, self.known.__contains__):
                barred = min(barred, int(distance))
            else:
                near[found] = int(distance)
        # A word that may be one of two opposites is not a third one that is no nearer.
        if not near or (best := min(near.values())) >= barred:
            return None
        ties = self._likeliest(word, sorted(w for w, d in near.items() if d == best))
        if len(ties) != 1:
            return None
        stem = word[:-_ENDING]
        if not ties[0].startswith(stem) and self._composed(word):
            return None
        doubtful = len(word) < SHORTEST or ties[0][0] != word[0]
        if doubtful and self._weight[ties[0]] < COMMON_WEIGHT:
            return None
        return ties[0], best

    def _composed(self, word: str) -> bool:
        return word.startswith(_BEFORE) and any(
            word.startswith(p) and len(word) - len(p) >= _SHORTEST_STEM and word[len(p) :] in self.known
            for p in _BEFORE
        )

    def parts(self, word: str) -> tuple[str, ...]:
        """The words that were run together in an unknown one ("chestpain"), or none.

        Both have to be common, and there has to be one way only to take the word apart.
        """
        if len(word) < 2 * _SHORTEST_PART or not word.isalpha():
            return ()
        ways = [
            (word[:k], word[k:])
            for k in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
            if word[:k] not in _PREFIXES and self._common(word[:k]) and self._common(word[k:])
        ]
        for k in range(_SHORTEST_PART, len(word) - _SHORTEST_PART - 1):
            if word[k : k + 2] == "of" and self._common(word[:k]) and self._common(word[k + 2 :]):
                ways.append((word[:k], "of", word[k + 2 :]))  # type: ignore[arg-type]
        return ways[0] if len(ways) == 1 else ()

    def _common(self, word: str) -> bool:
        return self._weight.get(word, 0) >= COMMON_WEIGHT // 2

    def _likeliest(self, word: str, ties: list[str]) -> list[str]:
        """Of words equally near: the one written far more often, else those with the first letter."""
        if len(ties) < 2:
            return ties
        ranked = sorted(ties, key=lambda w: (-self._weight[w], w))
        if self._weight[ranked[0]] >= DOMINANT * self._weight[ranked[1]]:
            return ranked[:1]
        # A first letter is rarely the wrong one; a plural of the same word is no other word.
        same = [w for w in ties if w[0] == word[0]]
        return same[:1] if len({fold(w) for w in same}) == 1 else same

    def _near(self, word: str, allowed: int) -> list[str]:
        """The targets of nearly the length of a word that begin like it, and those that end like it."""
        size = _ENDS if len(word) >= _SPLIT_FROM else _ENDS - 1
        return [
            *self._window(word[:size], len(word), allowed),
            *self._window("-" + word[-size:], len(word), allowed),
        ]

    def _window(self, end: str, length: int, allowed: int) -> list[str]:
        """Of the targets with one end, those that so many edits may make of a word of a length."""
        key = end, length, allowed
        window = self._windows.get(key)
        if window is None:
            if not self._blocks:
                for w in self.targets:
                    for size in (_ENDS, _ENDS - 1) if len(w) <= _SPLIT_FROM else (_ENDS,):
                        self._blocks.setdefault(w[:size], []).append(w)
                        self._blocks.setdefault("-" + w[-size:], []).append(w)
            block = self._blocks.get(end, ())
            window = self._windows[key] = [w for w in block if -allowed <= len(w) - length <= allowed]
        return window


_Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Opposites:
    """Rows of opposites, both ways round: what stands there, what its opposite is.

    ``always`` and ``prefixes`` are beginnings, ``suffixes`` endings; ``words`` are whole words, by the word
    and by its plural.
    """

    always: _Pairs
    prefixes: _Pairs
    suffixes: _Pairs
    words: Mapping[str, tuple[str, ...]]
    beginnings: tuple[str, ...]
    endings: tuple[str, ...]


@lru_cache(maxsize=1)
def _opposites() -> _Opposites:
    rows = read_table(
        "lexicon/opposites.csv",
        ("where", "one", "other"),
        {"where": one_of("always", "prefix", "suffix", "word"), "one": required, "other": required},
    )
    pairs: dict[str, list[tuple[str, str]]] = {"always": [], "prefix": [], "suffix": [], "word": []}
    for r in rows:
        pairs[r["where"]] += [(r["one"], r["other"]), (r["other"], r["one"])]
    words: dict[str, tuple[str, ...]] = {}
    for here, opposite in pairs["word"]:
        words[here] = (*words.get(here, ()), opposite)
        words[f"{here}s"] = (*words.get(f"{here}s", ()), f"{opposite}s")
    return _Opposites(
        tuple(pairs["always"]),
        tuple(pairs["prefix"]),
        tuple(pairs["suffix"]),
        words,
        tuple(here for where in ("always", "prefix") for here, _ in pairs[where]),
        tuple(here for here, _ in pairs["suffix"]),
    )


def opposed(one: str, other: str, is_word: Callable[[str], bool] | None = None) -> bool:
    """Whether reading ``one`` as ``other`` would cross a pair of opposites.

    It would when the opposite of ``other`` is at least as near: "hyper..." for a word that can just
    as well have been "hypo...". ``is_word`` says which opposites exist, by default all do; those of rows
    for whole words, and of prefixes under "always", exist in any case.

    Examples
    --------
    >>> opposed("hypotyroidism", "hyperthyroidism"), opposed("hypotyroidism", "hypothyroidism")
    (True, False)
    """
    table = _opposites()
    there = list(table.words.get(other, ()))
    supposed: list[str] = []
    # Most words have no opposite: two calls settle them.
    if other.startswith(table.beginnings):
        there += [x + other[len(y) :] for y, x in table.always if other.startswith(y)]
        supposed += [x + other[len(y) :] for y, x in table.prefixes if other.startswith(y)]
    if other.endswith(table.endings):
        supposed += [other[: -len(y)] + x for y, x in table.suffixes if other.endswith(y)]
    there += supposed if is_word is None else filter(is_word, supposed)
    if not there:
        return False
    distance = OSA.distance(one, other)
    return any(OSA.distance(one, opposite) <= distance for opposite in there)


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """Words of general English, which are never repaired into medical ones."""
    from importlib.resources import files

    text = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return frozenset(line.split(" ", 1)[0] for line in text.splitlines())
