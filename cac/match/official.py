"""The official index files as entries of the compiled index.

A main term and the terms indented under it are one entry, its words in any order; nonessential modifiers are
variants that may be absent. "See" entries lead where they refer, their terms included. The neoplasm table
gives an entry for each site, behavior and way of saying it (``lexicon/neoplasm_phrases.csv``).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Protocol

from cac.codes.indexfiles import COLUMNS, IndexEntry, IndexFiles, TableRow
from cac.codes.indexpaths import Paths, alternatives
from cac.codes.table import CodeTable
from cac.match.canon import Canon
from cac.resources import one_of, read_table

__all__ = ["IndexFinding", "OfficialTerm", "add_official", "index_findings", "official_terms"]

_MOST_FORMS = 6
"""Ways to say one path that are kept: alternatives of its titles multiply."""

_MOST_BELOW = 200
"""Terms below the target of a "see" that its own words lead to as well."""

_CONNECTING = re.compile(
    r"\b(?:due to|caused by|resulting from|associated with|complicating|following|involving|in the course of"
    r"|secondary to|by type of|specified)\b|[()]"
)
_DENIES = re.compile(r"\b(?:without|not|no|non|other than|except|excluding)\b", re.IGNORECASE)
_MORPHOLOGY = re.compile(r"carcinoma|melanoma|sarcoma|specified type", re.IGNORECASE)
_OTHER_BOOK = re.compile(
    r"^(?:table of|index to|categor|condition\b|by\b|specif)|^[A-Z]\d[0-9A-Z]\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, order=True)
class OfficialTerm:
    """Words that lead to a node of the code table. ``denies``: they name what is absent."""

    text: str
    code: str
    denies: bool = False


@dataclass(frozen=True, slots=True, order=True)
class IndexFinding:
    """Something in the files that cannot be used; ``kind`` is "unknown_code" or "reference"."""

    kind: str
    where: str
    message: str


def official_terms(files: IndexFiles, table: Container[object]) -> tuple[OfficialTerm, ...]:
    """Every way the files lead from words to a code that ``table`` has, sorted, each once.

    Examples
    --------
    >>> from cac.codes.indexfiles import IndexFile
    >>> lines = (IndexEntry(-1, "Croup, croupous", ("viral",), "J05.0"),)
    >>> [t.text for t in official_terms(IndexFiles((), diseases=lines), {"J05.0"})]
    ['croup', 'croupous', 'viral croup', 'viral croupous']
    """
    found: set[OfficialTerm] = set()
    for entries in (files.diseases, files.external):
        found.update(_indexed(entries))
    found.update(_neoplasms(files.neoplasms))
    return tuple(sorted(t for t in found if t.code in table))


def index_findings(files: IndexFiles, table: Container[object]) -> tuple[IndexFinding, ...]:
    """What cannot be used: codes the release does not have, references that lead nowhere in their book."""
    out = [IndexFinding("unknown_code", "", f"{c} is not in the release") for c in files.unknown_codes(table)]
    books: list[tuple[str, Sequence[IndexEntry] | Sequence[TableRow]]] = [
        ("disease", files.diseases),
        ("external", files.external),
        ("neoplasm", files.neoplasms),
        ("drug", files.drugs),
    ]
    diseases = Paths(files.diseases)
    for kind, lines in books:
        paths = Paths(lines)
        named = {r for line in lines for r in (*line.see, *line.see_also)}
        out += [
            IndexFinding("reference", kind, f"{r!r:.90} leads nowhere")
            for r in sorted(named)
            if not _OTHER_BOOK.match(r) and paths.find(r) is None and diseases.find(r) is None
        ]
    return tuple(sorted(out))


class _Entries(Protocol):
    """The entries of an index that is being built (``match.build``)."""

    def add_bag(self, words: Iterable[str], row: int, source: int) -> None: ...
    def add_sequence(self, words: tuple[str, ...], row: int, source: int) -> None: ...


def add_official(
    entries: _Entries,
    official: Sequence[OfficialTerm],
    table: CodeTable,
    canon: Canon,
    generic: Container[str],
    source: int,
) -> None:
    """Add the terms to an index under ``source``, weaker than rows that were reviewed one by one."""
    for term in official:
        words, row = canon.text(term.text), table.row(term.code)
        few = len(set(words)) < 2
        # A cause of an injury is never named by one word ("fall", "burn" are more than causes).
        if all(w in generic for w in words) or (few and term.code[0] in "VWXY"):
            continue
        entries.add_sequence(words, row, source)
        if not few and not term.denies:
            entries.add_bag(words, row, source)


def _indexed(entries: Sequence[IndexEntry]) -> Iterator[OfficialTerm]:
    paths = Paths(entries)
    for at, entry in enumerate(entries):
        path = [entries[i] for i in paths.path(at)]
        if entry.code:
            yield from _said(path, entry.code)
        elif entry.see:
            for reference in entry.see:
                target = paths.find(reference)
                if target is not None and target != at:
                    yield from _seen(path, target, entries, paths)


def _seen(
    path: list[IndexEntry], target: int, entries: Sequence[IndexEntry], paths: Paths
) -> Iterator[OfficialTerm]:
    """What the words of a path lead to when they refer to another: that line, and those below it."""
    if entries[target].code:
        yield from _said(path, entries[target].code)
    stack = [(c, [*path, entries[c]]) for c in reversed(paths.children[target])]
    for _ in range(_MOST_BELOW):
        if not stack:
            return
        at, words = stack.pop()
        if entries[at].code:
            yield from _said(words, entries[at].code, variants=False)
        stack += [(c, [*words, entries[c]]) for c in reversed(paths.children[at])]


def _said(
    path: Sequence[IndexEntry] | Sequence[TableRow], code: str, *, variants: bool = True
) -> Iterator[OfficialTerm]:
    """The ways to say a path, with and without the nonessential words of its last term."""
    denies = any(_DENIES.search(line.title) for line in path)
    for form in islice(product(*(alternatives(line.title) for line in path)), _MOST_FORMS):
        text = _plain(" ".join(form))
        yield OfficialTerm(text, code, denies)
        if variants:
            # One word that may be there ("acute", "viral"): more at once are found in any order anyway.
            for word in path[-1].optional[:_MOST_FORMS]:
                if " " not in word and not _DENIES.search(word):
                    yield OfficialTerm(_plain(f"{word} {text}"), code, denies)


def _plain(text: str) -> str:
    return " ".join(_CONNECTING.sub(" ", text.lower().replace(",", " ")).split())


def _neoplasms(rows: Sequence[TableRow]) -> Iterator[OfficialTerm]:
    phrases: dict[str, list[str]] = {}
    for said in read_table(
        "lexicon/neoplasm_phrases.csv",
        ("column", "phrase", "note"),
        {"column": one_of(*COLUMNS["neoplasm"]), "phrase": _has_site},
    ):
        phrases.setdefault(said["column"], []).append(said["phrase"])
    paths = Paths(rows)
    for at, row in enumerate(rows):
        if row.parent < 0:
            # "Neoplasm" itself: no site is documented, which the tables of codes say by themselves.
            continue
        codes = row.codes
        if not any(codes):
            target = next((t for r in row.see if (t := paths.find(r)) is not None), None)
            codes = rows[target].codes if target is not None else codes
        sites = list(_sites([rows[i] for i in paths.path(at)[1:]]))
        for column, code in zip(COLUMNS["neoplasm"], codes, strict=True):
            if not code:
                continue
            for site in sites:
                # A line for one histology names it itself.
                named = [site] if _MORPHOLOGY.search(row.title) else _filled(phrases[column], site)
                yield from (OfficialTerm(text, code) for text in named)


def _sites(path: Sequence[TableRow]) -> Iterator[str]:
    """The site, innermost part first: "wall", "abdomen" is "wall abdomen"."""
    if any(_DENIES.search(line.title) or "overlapping" in line.title.lower() for line in path):
        return
    for form in islice(product(*(alternatives(line.title) for line in reversed(path))), _MOST_FORMS):
        yield _plain(" ".join(form))


def _filled(phrases: Iterable[str], site: str) -> list[str]:
    return [p.replace("{site}", site) for p in phrases]


def _has_site(cell: str) -> str | None:
    return None if cell.count("{site}") == 1 else "names no {site}"
