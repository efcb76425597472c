"""The compiled index: opened in milliseconds, shared by every coder of a process."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np

from cac.codes.axes import Axis
from cac.codes.indexfiles import IndexFiles
from cac.codes.store import Array, Built, Store, Strings, load_or_build
from cac.codes.table import CodeTable
from cac.match.arrays import MASK, PRIME
from cac.match.build import SOURCES, compile_index
from cac.match.canon import Canon
from cac.match.lexicon import lexicon_digest, load_lexicon
from cac.match.official import official_terms
from cac.match.senses import Sense
from cac.match.spelling import Speller

__all__ = ["INDEX_VERSION", "TermIndex"]

_SLICED = ("entry_words", "entry_rows", "need_words")
_ASKING = ("use_additional", "code_also", "code_first")

INDEX_VERSION = 32
"""Raised whenever the meaning of the arrays changes, so that old caches are rebuilt."""


class TermIndex:
    """Entries (words → rows of the code table) with the look-ups the matchers use.

    Attributes
    ----------
    table
        The code table the rows belong to.
    canon
        The canonicaliser that made the entries; notes must go through the same one.
    ids
        Canonical word → number; words outside it are 0.
    vague
        Numbers of the words that alone name a condition, but no particular one.
    spelled
        Every word as titles and lexicon spell it, in order; the posting lists number them.
    word_bits
        By word number, the bit it sets in the signature of a bag.
    alone
        By word number, whether it is an entry by itself.
    first_slots
        By word number, its place among the prefixes as the first word of an entry, -1 for none.
    """

    def __init__(self, table: CodeTable, store: Store) -> None:
        self.table = table
        a = self.arrays = store.arrays
        words = Strings(a["vocabulary"], a["vocabulary_offsets"]).to_list()
        self.words = ["", *words]
        self.ids = {w: i for i, w in enumerate(words, 1)}
        self.bags = int(a["counts"][0])
        spelled = self.spelled = Strings(a["spelled"], a["spelled_offsets"]).to_list()
        self.speller = Speller(dict(zip(spelled, a["spelled_weight"].tolist(), strict=True)), words)
        self.canon = Canon(
            {k: [(tuple(x), tuple(y)) for x, y in v] for k, v in store.meta["rewrites"].items()},
            _abbreviations(store.meta["abbreviations"]),
            speller=self.speller,
        )
        # Bytes give plain ints, several times faster than NumPy scalars.
        self._sources = a["entry_source"].tobytes()
        self._sides = a["need_side"].tobytes()
        self._flags = a["need_flags"].tobytes()
        self._billable = table.billable.tobytes()
        self._compact = a["bag_compact"].tobytes()
        self._wholes = a["whole_hash"].data
        self._slices = {name: (a[f"{name}_ptr"].data, a[name].data) for name in _SLICED}
        numbers = np.arange(len(self.words)).astype(np.uint64)
        self.word_bits: Array = np.uint64(1) << ((numbers * np.uint64(PRIME)) >> np.uint64(58))
        # The prefixes of one word are where their hash says, or nowhere.
        prefixes, alone = a["prefix_hash"], numbers + np.uint64(1)
        slots = np.searchsorted(prefixes, alone)
        self.first_slots: Array = np.where(prefixes.take(slots, mode="clip") == alone, slots, -1)
        self.first_slots[0] = -1
        # Words that are conditions by themselves, and those of them that are vague.
        entry = a["prefix_entry"].take(self.first_slots, mode="clip")
        self.alone = ((self.first_slots >= 0) & (entry >= 0)).tobytes()
        sizes = np.diff(a["entry_words_ptr"])
        lone = ((a["entry_source"] == SOURCES.index("vague")) & (sizes == 1)).nonzero()[0]
        self.vague = frozenset(a["entry_words"][a["entry_words_ptr"][lone]].tolist())
        # Where an option leads by default: facts of the release, kept by (row, side, encounter).
        self.default_leaves: dict[Hashable, int] = {}
        # The codes close to a code, as ``rank.relatives`` found them: facts of the release as well.
        self.relatives: dict[int, tuple[tuple[int, str, int], ...]] = {}
        self.neighbours: dict[int, tuple[tuple[int, str, int], ...]] = {}
        # The axes of a row with their canonical words (``rank.documented``): facts of the release too.
        self.node_words: dict[int, frozenset[int | str]] = {}
        self.axis_words: dict[int, tuple[tuple[Axis, tuple[str, ...]], ...]] = {}
        # Canonical words of a known word, a short form with all its senses (``rank.documented``).
        self.meanings: dict[str, list[str]] = {}
        # What a code says by itself for its score (``rank.score``).
        self.features: dict[str, tuple[Any, ...]] = {}
        self.weighed: dict[str, tuple[dict[str, float], tuple[Any, ...]]] = {}
        # Words that name a part of the body → the words of what it belongs to → how far up.
        self.wholes = {
            int(part): {int(word): up for word, up in far.items()}
            for part, far in store.meta["wholes"].items()
        }
        self._asking: dict[int, bool] = {}
        self._needs: dict[int, frozenset[int]] = {}
        # What the walk down the tree decided, by what can decide it (``match.resolve``).
        self.resolved: dict[Hashable, Any] = {}
        self._deciding: dict[tuple[int, ...], frozenset[int]] = {}

    @classmethod
    def open(
        cls,
        table: CodeTable,
        *,
        files: IndexFiles | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> TermIndex:
        """Open the index for ``table`` from the cache directory, building it when it is not there.

        ``files`` are official index files of the user, compiled into an index of their own.
        """
        name, key = f"terms-{table.release}", f"{INDEX_VERSION}-{table.digest}-{lexicon_digest()}"
        if files is not None:
            name, key = f"{name}-{files.digest[:12]}", f"{key}-{files.digest}"

        def build() -> Built:
            official = official_terms(files, table) if files is not None else ()
            return compile_index(table, load_lexicon(), official)

        return cls(table, load_or_build(name, key, build, progress=progress))

    def entry_words(self, entry: int) -> list[int]:
        """The word numbers of an entry, ascending."""
        return self._slice("entry_words", entry)

    def entry_rows(self, entry: int) -> list[int]:
        """The rows an entry leads to."""
        return self._slice("entry_rows", entry)

    def asks_for_more(self, entry: int) -> bool:
        """Whether the codes of an entry come with notes that ask for another code beside them."""
        known = self._asking.get(entry)
        if known is None:
            table = self.table
            rows = [a for r in self.entry_rows(entry) for a in (r, *table.ancestors(r))]
            below = [r for r in rows if table.kind(r) not in ("chapter", "block")]
            # The subtree too: an entry may stand for a category whose codes carry the notes.
            below += [c for r in self.entry_rows(entry) for c in table.children(r)]
            known = any(table.notes(r, kind) for r in below for kind in _ASKING)
            self._asking[entry] = known
        return known

    def entry_source(self, entry: int) -> int:
        """What the entry was made from: an index into ``build.SOURCES``."""
        return self._sources[entry]

    def compact(self, entry: int) -> bool:
        """Whether a bag allows no foreign words between its own."""
        return self._compact[entry] != 0

    def needs(self, row: int) -> frozenset[int]:
        """The words a note has to document for this row."""
        found = self._needs.get(row)
        if found is None:
            found = self._needs[row] = frozenset(self._slice("need_words", row))
        return found

    def deciding(self, rows: tuple[int, ...]) -> frozenset[int]:
        """The words that any row below these, or beside them, asserts."""
        found = self._deciding.get(rows)
        if found is None:
            table = self.table
            seen: set[int] = set()
            stack = [*rows]
            for row in rows:
                parent = int(table.parent[row])
                if parent >= 0 and table.kind(parent) not in ("chapter", "block"):
                    stack.extend(table.children(parent))
            while stack:
                row = stack.pop()
                if row not in seen:
                    seen.add(row)
                    # A 7th character that is the encounter repeats the words of six; a stage does not.
                    stage = table.codes[row][0] in "EH"
                    stack.extend(c for c in table.children(row) if stage or len(table.codes[c]) < 8)
            found = self._deciding[rows] = frozenset().union(*map(self.needs, sorted(seen)))
        return found

    def side(self, row: int) -> int:
        """The row's value on the side axis, an index into ``titles.SIDES``."""
        return self._sides[row]

    def billable(self, row: int) -> bool:
        """Whether a row can be billed."""
        return self._billable[row] != 0

    def flags(self, row: int) -> int:
        """1 "other", 2 "unspecified", 4 the title denies something ("without ...")."""
        return self._flags[row]

    def has_bag(self, words: Iterable[int]) -> bool:
        """Whether exactly these words make an entry of their own."""
        h = 0
        for word in sorted(words):
            h = (h * PRIME + word + 1) & MASK
        at = bisect_left(self._wholes, h)
        return at < len(self._wholes) and self._wholes[at] == h

    def _slice(self, name: str, i: int) -> list[int]:
        pointers, values = self._slices[name]
        return values[pointers[i] : pointers[i + 1]].tolist()


def _abbreviations(packed: dict[str, Any]) -> dict[str, list[tuple[tuple[str, ...], str, tuple[Sense, ...]]]]:
    return {
        first: [
            (
                tuple(tokens),
                surface,
                tuple(Sense(tuple(w), float(p), frozenset(s), frozenset(c)) for w, p, s, c in senses),
            )
            for tokens, surface, senses in shapes
        ]
        for first, shapes in packed.items()
    }
