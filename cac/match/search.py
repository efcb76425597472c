"""Searching the code table with a few words: ``cac.search("kidney stone")``.

A query goes through the same canonicaliser as notes and titles, so synonyms, abbreviations, grades and
misspellings need no rules of their own here. Entries of the index are then scored at once, on arrays:
which share of the query an entry covers, and which share of the entry the query covers, each word
weighing what it tells apart (inverse document frequency).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import ratio, token_sort_ratio

from cac.codes.table import CodeTable
from cac.errors import ConfigError, NoteError
from cac.match.build import SOURCES
from cac.match.index import TermIndex
from cac.match.lexicon import load_lexicon
from cac.match.readings import SHORTEST_PREFIX, readings
from cac.match.resolve import Context, resolve
from cac.match.titles import SIDES
from cac.text.reader import read
from cac.types import Note

__all__ = ["LONGEST_QUERY", "SearchHit", "search_index"]

LONGEST_QUERY = 500
"""Characters; longer texts are notes, and ``suggest`` reads those."""

_Number = TypeVar("_Number", float, NDArray[np.float64])
_TITLE, _LEXICON = SOURCES.index("title"), SOURCES.index("lexicon")
_BLOCK = 300
_RESOLVED = 60
_DEFAULT_WORD = 0.25
_PREFIX = 0.8
_QUERY_POWER = 1.5
_ENTRY_SHARE = 0.3
_GUESSED = 0.9
_RESIDUAL = 0.9
_OTHER, _UNSPECIFIED = 1, 2
_CHILD = 0.9


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One code that fits a query.

    Attributes
    ----------
    code, description
        The code and its title.
    score
        0..1, how well the words fit; 1.0 is word for word.
    billable
        False for categories, whose codes have to be looked at further.
    matched
        The title, inclusion term or synonym that matched.
    """

    code: str
    description: str
    score: float
    billable: bool
    matched: str


def search_index(index: TermIndex, query: str, k: int = 10) -> tuple[SearchHit, ...]:
    """The codes that fit ``query`` best, best first.

    Parameters
    ----------
    index
        The compiled index of a release.
    query
        A few words, abbreviations included, or a code ("E11.22", "e1122", "M17"), which gives the
        code itself and what stands directly below it.
    k
        At most so many hits.

    Returns
    -------
    tuple of SearchHit
        Scores never rise from one hit to the next; every code occurs once. Empty when no word of
        the query is known.

    Raises
    ------
    ConfigError
        When the query is no text, blank or longer than ``LONGEST_QUERY``, or ``k`` is less than 1.

    Examples
    --------
    >>> index = TermIndex.open(CodeTable.open("2026-04"))
    >>> [hit.code for hit in search_index(index, "I10")]
    ['I10']
    >>> search_index(index, "acute appendicitis", k=1)[0].code
    'K35.80'
    """
    note = _checked(query, k)
    row = _as_code(index.table, query)
    if row is not None:
        return _code_hits(index.table, row)[:k]
    view = _view(index)
    found: dict[int, _Found] = {}
    for atoms, likelihood in readings(index, note):
        for hit in _score(index, view, atoms, likelihood, query.strip().lower()):
            known = found.get(hit.row)
            if known is None or hit.key < known.key:
                found[hit.row] = hit
    best = sorted(found.values(), key=lambda hit: hit.key)[:k]
    return tuple(
        SearchHit(
            code=index.table.codes[hit.row],
            description=index.table.title(hit.row),
            score=hit.score,
            billable=bool(index.table.billable[hit.row]),
            matched=_matched(index, hit, query.strip().lower()),
        )
        for hit in best
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A row on its way into the answer; ``named`` is the row whose words matched."""

    row: int
    named: int
    entry: int
    score: float
    key: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read the query: its canonical words, their numbers, how likely it is, what was typed."""

    atoms: tuple[str, ...]
    words: frozenset[int]
    context: Context
    likelihood: float
    typed: str


@dataclass(frozen=True, slots=True)
class _View:
    """The index turned round: the entries each word stands in, and what words and entries weigh."""

    entries: NDArray[np.int32]
    pointers: NDArray[np.int64]
    idf: NDArray[np.float64]
    weight: NDArray[np.float64]


_views: WeakKeyDictionary[TermIndex, _View] = WeakKeyDictionary()


def _view(index: TermIndex) -> _View:
    view = _views.get(index)
    if view is None:
        words, pointers = index.arrays["entry_words"], index.arrays["entry_words_ptr"].astype(np.int64)
        sizes = np.diff(pointers)
        order = np.argsort(words, kind="stable")
        entries = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[order]
        often = np.bincount(words, minlength=len(index.words))
        idf = np.log1p(len(sizes) / np.maximum(often, 1))
        weight = np.bincount(
            np.repeat(np.arange(len(sizes)), sizes), weights=idf[words], minlength=len(sizes)
        )
        starts = np.concatenate(([0], np.cumsum(often)))
        view = _views[index] = _View(entries, starts, idf, np.maximum(weight, 1e-9))
    return view


def _checked(query: str, k: int) -> Note:
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise ConfigError("k has to be a whole number, 1 or more")
    if not isinstance(query, str) or not query.strip():
        raise ConfigError("a query is a few words of text, not empty")
    if len(query) > LONGEST_QUERY:
        raise ConfigError(f"the query has {len(query)} characters, at most {LONGEST_QUERY} are read")
    try:
        return read(query)
    except NoteError:
        raise ConfigError("the query is binary data, not text") from None


def _as_code(table: CodeTable, query: str) -> int | None:
    """The row of a query that is a code, also as the tabular list refers to it ("M17.-")."""
    bare = query.strip().removesuffix("-").removesuffix(".")
    return table.row(bare) if bare and bare in table else None


def _code_hits(table: CodeTable, row: int) -> tuple[SearchHit, ...]:
    return tuple(
        SearchHit(table.codes[r], table.title(r), score, bool(table.billable[r]), table.codes[row])
        for r, score in [(row, 1.0), *((child, _CHILD) for child in table.children(row))]
    )


def _score(
    index: TermIndex, view: _View, atoms: tuple[str, ...], likelihood: float, typed: str
) -> Iterator[_Found]:
    """The best rows for one reading of the query."""
    covered = np.zeros(len(view.weight))
    unknown = float(view.idf[1:].max(initial=1.0)) / 2
    total = 0.0
    words: set[int] = set()
    for atom in atoms:
        word = index.ids.get(atom, 0)
        total += float(view.idf[word]) if word else unknown
        if word:
            words.add(word)
            covered[view.entries[view.pointers[word] : view.pointers[word + 1]]] += view.idf[word]
        else:
            covered[_beginning_with(index, view, atom)] += unknown * _PREFIX
    some = np.flatnonzero(covered)
    share = covered[some] / total
    fit = _fit(share, np.minimum(covered[some] / view.weight[some], 1.0))
    # Stable, so that of equals the entries made from the fewest and first words stay in the block.
    block = np.argsort(-fit, kind="stable")[:_BLOCK]
    side = next((n for n in (1, 2, 3) if SIDES[n] in atoms), 0)
    reading = _Reading(atoms, frozenset(words), Context(frozenset(words), side), likelihood, typed)
    for rank, at in enumerate(block.tolist()):
        entry = int(some[at])
        yield from _rows(index, view, entry, float(share[at]), reading)
        if rank < _RESOLVED:
            yield from _leaves(index, view, entry, float(share[at]), total, reading)


def _beginning_with(index: TermIndex, view: _View, atom: str) -> NDArray[np.int32]:
    """The entries with a word that begins with an unknown one: "append" finds appendicitis."""
    if len(atom) < SHORTEST_PREFIX or not atom.isalpha():
        return view.entries[:0]
    low = bisect_left(index.words, atom)
    high = bisect_left(index.words, atom + "\U0010ffff")
    found: NDArray[np.int32] = np.unique(view.entries[view.pointers[low] : view.pointers[high]])
    return found


def _rows(index: TermIndex, view: _View, entry: int, share: float, reading: _Reading) -> Iterator[_Found]:
    """The rows of an entry; words of a title that a note need not say hardly count against it."""
    words = index.entry_words(entry)
    extra = [w for w in words if w not in reading.words]
    title = index.entry_source(entry) == _TITLE
    held = max(float(view.weight[entry]) - _mass(view, extra), 0.0)
    for row in index.entry_rows(entry):
        needs = index.needs(row) if title else frozenset(extra)
        missing = sum(float(view.idf[w]) * (1.0 if w in needs else _DEFAULT_WORD) for w in extra)
        fit = _fit(share, held / (held + missing) if held else 0.0)
        if title and index.flags(row) & _OTHER and "other" not in reading.atoms:
            fit *= _RESIDUAL
        yield _found(index, row, row, entry, fit, reading)


def _leaves(
    index: TermIndex, view: _View, entry: int, share: float, total: float, reading: _Reading
) -> Iterator[_Found]:
    """The codes a note with just these words would get, where the entry leads to a category.

    What the code says beyond its category, side included, counts as covered when the query says it.
    """
    named = index.entry_rows(entry)
    if all(index.table.billable[row] for row in named):
        return
    words = index.entry_words(entry)
    reverse = min(_mass(view, [w for w in words if w in reading.words]) / float(view.weight[entry]), 1.0)
    for row, child in ((r, c) for r in named for c in index.table.children(r)):
        # The residual of a subcategory often repeats its title word for word.
        if index.table.billable[child] and index.table.title(child) == index.table.title(row):
            yield _found(index, child, row, entry, _fit(share, reverse), reading)
    for way in resolve(named, words, reading.context, index):
        if way.row in named:
            continue
        said = set(way.used)
        if reading.context.side and index.side(way.row) == reading.context.side:
            said.add(index.ids.get(SIDES[reading.context.side], 0))
        gained = _mass(view, sorted((said & reading.words).difference(words))) / total
        fit = _fit(min(share + gained, 1.0), reverse)
        if way.guessed and not index.flags(way.row) & _UNSPECIFIED:
            fit *= _GUESSED
        above = index.table.ancestors(way.row)
        yield _found(index, way.row, next((r for r in named if r in above), named[0]), entry, fit, reading)


def _mass(view: _View, words: Iterable[int]) -> float:
    return math.fsum(float(view.idf[w]) for w in words)


def _fit(share: _Number, reverse: _Number) -> _Number:
    """A word of the query that is missing weighs more than a word of the entry nobody asked for."""
    fit: _Number = share**_QUERY_POWER * (1 - _ENTRY_SHARE + _ENTRY_SHARE * reverse)
    return fit


def _found(index: TermIndex, row: int, named: int, entry: int, fit: float, reading: _Reading) -> _Found:
    table = index.table
    score = round(min(fit, 1.0) * reading.likelihood, 6)
    name = table.title(named).lower()
    alike = max(token_sort_ratio(" ".join(reading.atoms), name), token_sort_ratio(reading.typed, name))
    order = ratio(reading.typed, table.title(row).lower())
    key = (
        -score,
        -index.entry_source(entry),
        not table.billable[row],
        -round(alike, 6),
        -round(order, 6),  # "with x, without y" is not "without x, with y"
        not index.flags(row) & _UNSPECIFIED,
        len(table.codes[row]),
        row,
    )
    return _Found(row, named, entry, score, key)


def _matched(index: TermIndex, hit: _Found, typed: str) -> str:
    """The words of the table or the lexicon that the entry of a hit was made from."""
    table, canon = index.table, index.canon
    source = index.entry_source(hit.entry)
    if source == _TITLE:
        return table.title(hit.named)
    lexicon = source == _LEXICON
    texts = _terms().get(table.codes[hit.named], []) if lexicon else table.notes(hit.named, "inclusion_term")
    words = {index.words[w] for w in index.entry_words(hit.entry)}
    own = ((len(words ^ set(canon.text(t))), -ratio(typed, t.lower()), t) for t in texts)
    return min(own)[2] if texts else table.title(hit.named)


@lru_cache(maxsize=1)
def _terms() -> dict[str, list[str]]:
    """The terms of the lexicon by code; the index keeps only their canonical words."""
    terms: dict[str, list[str]] = {}
    for t in load_lexicon().terms:
        terms.setdefault(t.code, []).append(t.term)
    return terms
