"""Spelling repair for words outside the vocabulary, and only for those.

A word that titles, the lexicon or general English know is never changed. The rest is compared with
vocabulary words of nearly its length that begin or end with the same two letters (one edit cannot touch
both ends), by optimal string alignment (one insertion, deletion, substitution or swap of neighbours).
A repair has to be the only nearest one, or the one that is written far more often than the others, and
never crosses a pair of opposites: from "hypotyroidism" no path leads to "hyper...".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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

_SHORTEST_PART = 4
"""Words run together are only taken apart into words of at least this length."""

_PREFIXES = frozenset("anti intra inter extra micro macro post over under para peri semi trans ultra".split())
"""What makes one new word with the next: "antireflux" is no reflux."""


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
        self._blocks: dict[tuple[str, int], list[str]] | None = None

    def repair(self, word: str) -> tuple[str, int] | None:
        """The word ``word`` was meant to be and how many edits away, or None."""
        if len(word) < SHORTEST - 1:
            return None
        allowed = 2 if len(word) >= TWO_EDITS_FROM else 1
        near: dict[str, int] = {}
        barred = allowed + 1
        for block in self._near(word, allowed):
            for found, distance, _ in extract(
                word, block, scorer=OSA.distance, score_cutoff=allowed, limit=8
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
        doubtful = len(word) < SHORTEST or ties[0][0] != word[0]
        if doubtful and self._weight[ties[0]] < COMMON_WEIGHT:
            return None
        return ties[0], best

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

    def _near(self, word: str, allowed: int) -> list[list[str]]:
        blocks = self._blocks
        if blocks is None:
            blocks = {}
            for w in self.targets:
                blocks.setdefault((w[:2], len(w)), []).append(w)
                blocks.setdefault(("-" + w[-2:], len(w)), []).append(w)
            self._blocks = blocks
        lengths = range(len(word) - allowed, len(word) + allowed + 1)
        keys = [(word[:2], n) for n in lengths] + [("-" + word[-2:], n) for n in lengths]
        return [blocks[k] for k in keys if k in blocks]


@lru_cache(maxsize=1)
def _opposites() -> tuple[tuple[str, str, str], ...]:
    rows = read_table(
        "lexicon/opposites.csv",
        ("where", "one", "other"),
        {"where": one_of("always", "prefix", "suffix", "word"), "one": required, "other": required},
    )
    return tuple((r["where"], r["one"], r["other"]) for r in rows)


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
    distance = OSA.distance(one, other)
    for where, a, b in _opposites():
        for x, y in ((a, b), (b, a)):
            if where in ("prefix", "always") and other.startswith(y):
                opposite = x + other[len(y) :]
            elif where == "suffix" and other.endswith(y):
                opposite = other[: -len(y)] + x
            elif where == "word" and (other == y or other == f"{y}s"):
                opposite = x + other[len(y) :]
            else:
                continue
            exists = where in ("word", "always") or is_word is None or is_word(opposite)
            if exists and OSA.distance(one, opposite) <= distance:
                return True
    return False


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """Words of general English, which are never repaired into medical ones."""
    from importlib.resources import files

    text = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return frozenset(line.split(" ", 1)[0] for line in text.splitlines())
