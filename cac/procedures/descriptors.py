"""Finding procedure codes by their descriptors, over a set the user imported.

An inverted index over the canonical words of every descriptor. A clause is scored against a descriptor by
how much of the descriptor is documented and how much of the clause it explains, both weighted by how rare
the words are; a descriptor that asserts what the clause contradicts is out. What comes back are proposals:
whether a service was done is decided elsewhere.

Known weakness: words only. Two descriptors that differ in a number ("1 or 2 views", "3 views") are told
apart by the figure as a word, and sizes are not computed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from cac.codes.imports import load_codes
from cac.codes.store import Array
from cac.codes.userdata import ImportedTable, set_path
from cac.procedures.wording import Canonical, Wording, contradicts, plain_words, read_wording

__all__ = ["MIN_COVERAGE", "MIN_SCORE", "DescriptorIndex", "Proposal", "imported_index", "texts_of"]

MIN_COVERAGE: Final = 0.5
"""The share of a descriptor, by weight, that has to be documented."""

MIN_SCORE: Final = 0.25
"""A short descriptor whose one word is in a long clause says nothing about it."""

_PLACES: Final = 9
"""Scores are rounded: sums in another order must not change a ranking."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A code whose descriptor fits.

    Attributes
    ----------
    code
        The code.
    score
        0..1: the harmonic mean of ``documented`` and ``explained``.
    documented
        Share of the descriptor that the clause documents, by weight.
    explained
        Share of the clause, of the words that any descriptor uses, that the descriptor explains.
    covered, missing
        Canonical words of the descriptor that were found, and those that were not.
    kind
        Which text fitted best: "long", "consumer", "clinician", "synonym", "medium", "short" or "cms_short".
    """

    code: str
    score: float
    documented: float
    explained: float
    covered: tuple[str, ...] = field(repr=False)
    missing: tuple[str, ...] = field(repr=False)
    kind: str


class DescriptorIndex:
    """The descriptors of a code set, ready to be asked.

    Parameters
    ----------
    texts
        Code to its texts, each with its kind; see ``texts_of``.
    canonical
        Makes canonical words of descriptors and clauses alike.

    Examples
    --------
    >>> index = DescriptorIndex({
    ...     "9991A": [("long", "Repair of kite, open; with tail")],
    ...     "9992A": [("long", "Repair of kite, open; without tail")],
    ...     "9993A": [("long", "Repair of lantern")],
    ... })
    >>> [(p.code, p.score) for p in index.propose("open repair of the kite with its tail")]
    [('9991A', 1.0)]
    >>> [p.code for p in index.propose(["kite", "repair", ",", "open", ",", "no", "tail"])]
    ['9992A']
    """

    def __init__(
        self, texts: Mapping[str, Iterable[tuple[str, str]]], canonical: Canonical = plain_words
    ) -> None:
        self._canonical = canonical
        docs = sorted((code, kind, text) for code in texts for kind, text in texts[code])
        self._codes = [code for code, _, _ in docs]
        self._kinds = [kind for _, kind, _ in docs]
        self._wordings = [read_wording(text, canonical, short=kind in _SHORT) for _, kind, text in docs]
        self._weights = _weights(self._codes, self._wordings)
        self._asserted = _postings([w.words for w in self._wordings])
        self._optional = _postings([w.optional for w in self._wordings])
        self._totals = np.array(
            [math.fsum(self._weights[w] for w in wording.words) for wording in self._wordings]
        )

    @classmethod
    def of(cls, table: ImportedTable, canonical: Canonical = plain_words) -> DescriptorIndex:
        """The index of an imported set."""
        return cls({code: texts_of(table, code) for code in table}, canonical)

    def __len__(self) -> int:
        return len(self._codes)

    def __repr__(self) -> str:
        return f"DescriptorIndex({len(set(self._codes))} codes, {len(self)} descriptors)"

    def words(self, text: str) -> Sequence[str]:
        """The canonical words of a text, as descriptors and clauses are read."""
        return self._canonical(text)

    def propose(self, words: Sequence[str] | str, k: int = 5) -> tuple[Proposal, ...]:
        """The codes whose descriptors a clause documents best.

        Parameters
        ----------
        words
            The clause: its text, or its words in order with their punctuation.
        k
            The most proposals.

        Returns
        -------
        tuple of Proposal
            Best first, each code once; ties by code.
        """
        clause = read_wording(words if isinstance(words, str) else " ".join(words), self._canonical)
        known = sorted(w for w in clause.words if w in self._weights)
        total = math.fsum(self._weights[w] for w in known)
        if not known or k < 1:
            return ()
        documented = self._sum(self._asserted, known)
        explained = documented + self._sum(self._optional, known)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(self._totals > 0, documented / self._totals, 0.0)
        rows = np.flatnonzero(share >= MIN_COVERAGE - 10**-_PLACES)
        scored = sorted(
            (-_score(float(share[r]), float(explained[r]) / total), self._codes[r], int(r))
            for r in rows.tolist()
        )
        found: dict[str, Proposal] = {}
        for negative, code, row in scored:
            if len(found) == k or -negative < MIN_SCORE:
                break
            wording = self._wordings[row]
            if code in found or contradicts(wording, clause):
                continue
            found[code] = Proposal(
                code,
                -negative,
                round(float(share[row]), _PLACES),
                round(float(explained[row]) / total, _PLACES),
                tuple(sorted(wording.words & clause.words)),
                tuple(sorted(wording.words - clause.words)),
                self._kinds[row],
            )
        return tuple(found.values())

    def _sum(self, postings: Mapping[str, Array], words: Sequence[str]) -> Array:
        """Weight of some words in every descriptor."""
        hit = [(postings[w], self._weights[w]) for w in words if w in postings]
        if not hit:
            return np.zeros(len(self._codes))
        weights = np.repeat([weight for _, weight in hit], [len(rows) for rows, _ in hit])
        return np.bincount(np.concatenate([rows for rows, _ in hit]), weights, len(self._codes))


def imported_index(
    data_dir: str | Path | None = None, canonical: Canonical = plain_words, *, name: str = "cpt"
) -> DescriptorIndex | None:
    """The index of the imported CPT set, or None when none was imported; built once until it changes.

    Parameters
    ----------
    data_dir
        See ``Config.data_dir``.
    canonical
        Makes canonical words; ``TermIndex.canon.text`` for the words of the library.
    name
        "cpt" or "hcpcs".

    Raises
    ------
    TableError
        When the imported file is damaged.
    """
    path = set_path(name, data_dir)
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return _opened(name, str(path.parent), (facts.st_mtime_ns, facts.st_size, facts.st_ino), canonical)


@lru_cache(maxsize=8)
def _opened(
    name: str, folder: str, _stamp: tuple[int, int, int], canonical: Canonical
) -> DescriptorIndex | None:
    table = load_codes(name, folder)
    return None if table is None else DescriptorIndex.of(table, canonical)


def texts_of(table: ImportedTable, code: str) -> list[tuple[str, str]]:
    """The texts a code is found by, each with its kind.

    The long one, or else the medium or the short one, which is abbreviated; and the consumer and clinician
    texts and synonyms, which say the same in other words.
    """
    first = next((c for c in ("long", "medium", "short", "cms_short") if table.get(code, c)), None)
    found = [(first, table.get(code, first))] if first is not None else []
    if consumer := table.get(code, "consumer"):
        found.append(("consumer", consumer))
    found += [("clinician", text) for text in table.many(code, "clinician")]
    return found + [("synonym", text) for text in table.many(code, "synonyms")]


_SHORT = frozenset(("medium", "short", "cms_short"))


def _score(documented: float, explained: float) -> float:
    both = documented + explained
    return round(2 * documented * explained / both, _PLACES) if both > 0 else 0.0


def _weights(codes: Sequence[str], wordings: Sequence[Wording]) -> dict[str, float]:
    """Inverse document frequency of every word, counted over codes."""
    where: dict[str, set[str]] = {}
    for code, wording in zip(codes, wordings, strict=True):
        for word in wording.words | wording.optional:
            where.setdefault(word, set()).add(code)
    n = len(set(codes))
    return {word: math.log(1 + n / len(where[word])) for word in sorted(where)}


def _postings(words: Sequence[frozenset[str]]) -> dict[str, Array]:
    rows: dict[str, list[int]] = {}
    for row, found in enumerate(words):
        for word in found:
            rows.setdefault(word, []).append(row)
    return {word: np.array(rows[word], dtype=np.int32) for word in sorted(rows)}
