"""Abbreviations that the note defines itself, by scispaCy's algorithm (Schwartz & Hearst 2003).

scispaCy is imported only for notes that hold something like a definition: "bypass grafting (CABG)" or
"CABG (bypass grafting)". A document is made of the words around each bracket, not of the whole note:
the algorithm looks no further, and documents are what costs.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from cac.match.canon import Canon
from cac.types import Note

__all__ = ["definitions_of"]

_INSIDE = re.compile(
    r"\((?:(?=[^()]{0,9}[A-Z])[A-Za-z][A-Za-z0-9-]{1,9}\)|(?<=[A-Z0-9]\()[a-z][a-z -]{8,60}\)"
    r"|(?<=[A-Z0-9] \()[a-z][a-z -]{8,60}\))"
)
_MOST_WORDS = 8
"""scispaCy reads no bracket with more words than this."""

_WORDS_BEFORE = 15
"""The longest short form has nine characters; the long form stands at most five words more before it."""


def definitions_of(note: Note, canon: Canon) -> Mapping[str, tuple[str, ...]]:
    """Abbreviations a note defines, "long form (SF)" or "SF (long form)".

    Returns
    -------
    Mapping
        Short form as written → canonical words of its long form; the first definition counts.
    """
    found: dict[str, tuple[str, ...]] = {}
    for short, long in _pairs(note):
        words = canon.text(long)
        if words:
            found.setdefault(short, words)
    return found


def _pairs(note: Note) -> Iterator[tuple[str, str]]:
    starts, words = note.tokens.starts, note.tokens.words
    vocab: Any = None
    for bracket in _INSIDE.finditer(note.text):
        opening = bisect_left(starts, bracket.start())
        closing = bisect_left(starts, bracket.end() - 1)
        if not 0 < closing - opening - 1 <= _MOST_WORDS:
            continue
        document, filter_matches, find_abbreviation, new_vocab = _scispacy()
        reversed_form = bracket.group()[1].islower() and " " in bracket.group()
        if vocab is None:
            # A vocabulary of its own for each note: spaCy's keep every word they have seen.
            vocab = new_vocab()
        first = max(0, opening - _WORDS_BEFORE)
        window = document(vocab, words=list(words[first : closing + 1]))
        inside = (0, opening - first + 1, closing - first)
        if reversed_form and inside[1] > 1:
            # scispaCy takes a bracket of up to three words for a short form, whatever it says.
            pairs = [(window[inside[1] : inside[2]], window[inside[1] - 2 : inside[1] - 1])]
        else:
            pairs = filter_matches([inside], window)
        for long, short in pairs:
            _, meant = find_abbreviation(long, short)
            if meant is not None:
                yield short.text, meant.text


@cache
def _scispacy() -> tuple[Any, Any, Any, Any]:
    from scispacy.abbreviation import filter_matches, find_abbreviation
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

    return Doc, filter_matches, find_abbreviation, Vocab
