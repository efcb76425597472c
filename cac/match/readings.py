"""What a search query may mean: its words under the likeliest senses of its short forms."""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import lru_cache
from itertools import product

from cac.match.index import TermIndex
from cac.match.words import STOP_WORDS, fold
from cac.resources import read_table
from cac.types import Note

__all__ = ["SHORTEST_PREFIX", "readings"]

_LESS_LIKELY = 0.85

_READINGS = 6

SHORTEST_PREFIX = 4


def readings(index: TermIndex, note: Note) -> list[tuple[tuple[str, ...], float]]:
    """The canonical words of the query under the likeliest senses of its short forms, best first.

    Whoever searches types "oa" and "rt" in lower case, where a note would leave them alone.
    """
    choices: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for word, lower in zip(note.tokens.words, note.tokens.lower, strict=True):
        shapes = [s for s in index.canon.abbreviations.get(lower, ()) if s[0] == (lower,)]
        if word in choices:
            continue
        if not shapes:
            if _unfinished(index, lower):
                choices[word] = [((lower,), 1.0)]
            elif (read_as := _misspelt(index, lower)) is not None:
                choices[word] = [((read_as,), 1.0)]
            continue
        meant: dict[tuple[str, ...], float] = {}
        for _, surface, senses in shapes:
            for sense in senses:
                prior = sense.prior if surface in ("", word) else sense.prior * _LESS_LIKELY
                meant[sense.words] = max(prior, meant.get(sense.words, 0.0))
        if word not in {s[1] for s in shapes} and lower in _common_words():
            # An English word first of all: "all", "or".
            meant = {words: prior / 2 for words, prior in meant.items()}
            meant[(lower,)] = 1.0
        choices[word] = sorted(meant.items(), key=lambda m: (-m[1], m[0]))[:_READINGS]
    varied = [c if n < 3 else c[:1] for n, c in enumerate(choices.values())]
    combined = sorted(product(*varied), key=lambda chosen: -math.prod(p for _, p in chosen))
    readings: dict[tuple[str, ...], float] = {}
    for chosen in combined[:_READINGS]:
        meanings = {word: words for word, (words, _) in zip(choices, chosen, strict=True)}
        spoken = index.canon.stream(note, meanings).atoms
        atoms = tuple(dict.fromkeys(a for a in spoken if a not in STOP_WORDS))
        if atoms:
            readings.setdefault(atoms, _LESS_LIKELY ** len(readings))
    return list(readings.items())


def _unfinished(index: TermIndex, word: str) -> bool:
    """Whether an unknown word is the beginning of a known one: "appendic" is not yet "appendix"."""
    if word in index.speller.known or len(word) < SHORTEST_PREFIX:
        return False
    at = bisect_left(index.words, word)
    return at < len(index.words) and index.words[at].startswith(word)


def _misspelt(index: TermIndex, word: str) -> str | None:
    """What a word was meant to be that folding hides from repair: "appendicits" is no plural."""
    folded = fold(word)
    if folded == word or folded in index.speller.known or word in index.speller.known:
        return None
    better = index.speller.repair(word) if index.speller.repair(folded) is None else None
    return better[0] if better is not None else None


@lru_cache(maxsize=1)
def _common_words() -> frozenset[str]:
    return frozenset(r["word"] for r in read_table("lexicon/common_words.csv", ("word",)))
