"""The official ICD-10-CM index files, where a user supplies them.

Four files are published with every release: the index of diseases and injuries, the index to external
causes, the neoplasm table and the table of drugs. They are not packaged; ``Config(index_files=...)`` names a
folder, an archive or the files. They are read as a whole or not at all: every malformed place is reported,
then the files are refused. Codes that a release does not have are findings, and the rest is used.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cac.codes.indexxml import IndexSource, Node, index_sources, parse_nodes
from cac.errors import TableError

if TYPE_CHECKING:
    from cac.codes.drugtable import DrugTable

__all__ = [
    "COLUMNS",
    "IndexEntry",
    "IndexFile",
    "IndexFiles",
    "TableRow",
    "plain_code",
    "read_index_files",
]

COLUMNS = {
    "neoplasm": ("primary", "secondary", "in_situ", "benign", "uncertain", "unspecified"),
    "drug": ("accidental", "self_harm", "assault", "undetermined", "adverse_effect", "underdosing"),
}
"""What the six code columns of each table mean, left to right."""

_KINDS = ("disease", "external", "neoplasm", "drug")
_CODE = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{0,4}-?|-)?")
_PAIR = re.compile(r"(\S+?)\s*\[(\S+?)\]")
_TERM_TAGS = frozenset("title code manif see seeAlso seecat subcat term cell visualImpairment".split())
_HEAD_TAGS = frozenset("version title indexHeading letter introduction".split())
_CELLS = frozenset("234567")
_EMPTY = ("-", "--", "")


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One line of an alphabetic index.

    Attributes
    ----------
    parent
        Position of the term it is indented under, -1 for a main term.
    title, optional
        Its words, and the nonessential modifiers (in parentheses), which may be absent.
    code, manifestation
        What it leads to, and the second code of a pair that is always given together.
    see, see_also
        Where it refers to.
    """

    parent: int
    title: str
    optional: tuple[str, ...]
    code: str = ""
    manifestation: str = ""
    see: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of the neoplasm table or the table of drugs; ``codes`` as in ``COLUMNS``, "" for none."""

    parent: int
    title: str
    optional: tuple[str, ...]
    codes: tuple[str, ...]
    see: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexFile:
    """One file that was read: what it is, its version, how many lines it has."""

    name: str
    kind: str
    version: str
    lines: int
    digest: str


@dataclass(frozen=True)
class IndexFiles:
    """The content of the files; every part is empty where its file was not given.

    ``diseases`` and ``external`` are in the order of the books, so that a parent stands before its terms.
    """

    files: tuple[IndexFile, ...]
    diseases: tuple[IndexEntry, ...] = field(default=(), repr=False)
    external: tuple[IndexEntry, ...] = field(default=(), repr=False)
    neoplasms: tuple[TableRow, ...] = field(default=(), repr=False)
    drugs: tuple[TableRow, ...] = field(default=(), repr=False)

    @cached_property
    def digest(self) -> str:
        """A digest of all files, whatever their names and order."""
        h = hashlib.blake2b(digest_size=16)
        for digest in sorted(f.digest for f in self.files):
            h.update(digest.encode())
        return h.hexdigest()

    @cached_property
    def manifestations(self) -> tuple[tuple[str, str], ...]:
        """Pairs of an underlying disease and its manifestation that the index gives together."""
        pairs = {(e.code, e.manifestation) for e in self.diseases if e.code and e.manifestation}
        return tuple(sorted(pairs))

    @cached_property
    def drug_table(self) -> DrugTable:
        """The table of drugs by name of substance, made when it is first asked."""
        from cac.codes.drugtable import DrugTable

        return DrugTable(self.drugs)

    def unknown_codes(self, table: Container[object]) -> tuple[str, ...]:
        """Codes of the files that a release does not have, sorted. They lead nowhere and harm nothing."""
        named = {c for e in (*self.diseases, *self.external) for c in (e.code, e.manifestation)}
        named.update(c for r in (*self.neoplasms, *self.drugs) for c in r.codes)
        return tuple(sorted(c for c in named if c and c not in table))


def plain_code(text: str) -> str:
    """A code as the tables have it: "C79.8-" and "C79.8" are one node, "S01." is "S01".

    Examples
    --------
    >>> plain_code("C79.8-"), plain_code("X58."), plain_code("--")
    ('C79.8', 'X58', '')
    """
    return text.rstrip("-").rstrip(".")


def read_index_files(paths: str | Path | Iterable[str | Path]) -> IndexFiles:
    """Read the files behind ``paths``.

    Parameters
    ----------
    paths
        A folder, a zip archive or an XML file, or several of them. Other XML files in a folder or an
        archive (the tabular list) are left alone.

    Raises
    ------
    TableError
        Naming every place that is malformed, with file and line; when a kind of file occurs twice; when
        there is no index file at all.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    problems: list[str] = []
    read: dict[str, tuple[IndexFile, list[IndexEntry] | list[TableRow]]] = {}
    for source in index_sources(given):
        root = parse_nodes(source, problems)
        if root is None:
            continue
        kind = _kind(root)
        if kind in read:
            problems.append(f"{source.name}: the {kind} file was given before as {read[kind][0].name}")
            continue
        lines = _read_terms(source, root, kind, problems)
        version = root.value("version")
        read[kind] = (IndexFile(source.name, kind, version, len(lines), source.digest), lines)
    if not read and not problems:
        problems.append("no index file was found: " + ", ".join(Path(p).name for p in given))
    if problems:
        raise TableError(f"index files: {len(problems)} problems", problems)
    parts = {kind: tuple(lines) for kind, (_, lines) in read.items()}
    return IndexFiles(
        tuple(read[k][0] for k in _KINDS if k in read),
        diseases=parts.get("disease", ()),  # type: ignore[arg-type]
        external=parts.get("external", ()),  # type: ignore[arg-type]
        neoplasms=parts.get("neoplasm", ()),  # type: ignore[arg-type]
        drugs=parts.get("drug", ()),  # type: ignore[arg-type]
    )


def _kind(root: Node) -> str:
    """Which of the four files this is, by its heading."""
    heads = [h.text.lower() for heading in root.all("indexHeading") for h in heading.all("head")]
    if heads:
        return "neoplasm" if heads[0] == "neoplasm" else "drug"
    return "external" if "external cause" in root.value("title").lower() else "disease"


def _read_terms(
    source: IndexSource, root: Node, kind: str, problems: list[str]
) -> list[IndexEntry] | list[TableRow]:
    def fault(node: Node, what: str) -> None:
        problems.append(f"{source.name}:{node.line}: {what}")

    for node in root.children:
        if node.tag not in _HEAD_TAGS:
            fault(node, f"<{node.tag}> is not known here")
    if kind in COLUMNS:
        _check_heading(root, fault)
    entries: list[IndexEntry] = []
    rows: list[TableRow] = []
    letters = root.all("letter")
    stack: list[tuple[Node, int, int]] = []
    for letter in reversed(letters):
        for node in reversed(letter.children):
            if node.tag == "mainTerm":
                stack.append((node, -1, 0))
            elif node.tag != "title":
                fault(node, f"<{node.tag}> is not known in a letter")
    if not stack:
        fault(root, "has no main term")
    while stack:
        node, parent, level = stack.pop()
        _check_term(node, level, kind, fault)
        here = len(rows) if kind in COLUMNS else len(entries)
        if kind in COLUMNS:
            rows.append(_row(node, parent, fault))
        else:
            entries.append(_entry(node, parent, fault))
        stack += [(term, here, level + 1) for term in reversed(node.all("term"))]
    return rows if kind in COLUMNS else entries


Fault = Callable[[Node, str], None]


def _check_heading(root: Node, fault: Fault) -> None:
    for heading in root.all("indexHeading"):
        columns = [h.attributes.get("col") for h in heading.all("head")]
        if columns != [str(n) for n in range(1, 8)]:
            fault(heading, "the heading does not name the columns 1 to 7 in order")


def _check_term(node: Node, level: int, kind: str, fault: Fault) -> None:
    for child in node.children:
        if child.tag not in _TERM_TAGS:
            fault(child, f"<{child.tag}> is not known in a term")
        elif (child.tag == "cell") != (kind in COLUMNS) and child.tag in ("cell", "code"):
            fault(child, f"<{child.tag}> has no place in the {kind} file")
        elif not child.text and child.tag not in ("term", "title", "cell"):
            fault(child, f"<{child.tag}> is empty")
    titles = node.all("title")
    if len(titles) != 1 or not (titles[0].text or titles[0].all("nemod")):
        fault(node, "a term has one title, not empty")
    if level and node.attributes.get("level") != str(level):
        fault(node, f"level {node.attributes.get('level')!s:.10} stands at depth {level}")


def _title(node: Node) -> tuple[str, tuple[str, ...]]:
    """The words of a title, and its nonessential modifiers."""
    title = next(iter(node.all("title")), None)
    if title is None:
        return "", ()
    optional = [
        part.strip("() ") for n in title.all("nemod") for part in re.split(r"(?<=\))\s*(?=\()", n.text)
    ]
    return title.text, tuple(p for p in optional if p)


def _texts(node: Node, tag: str) -> tuple[str, ...]:
    return tuple(n.text for n in node.all(tag))


def _entry(node: Node, parent: int, fault: Fault) -> IndexEntry:
    title, optional = _title(node)
    code = manifestation = ""
    for child in node.all("code"):
        pair = _PAIR.fullmatch(child.text)
        first, second = pair.groups() if pair is not None else (child.text, "")
        for one in (first, second):
            if one and _CODE.fullmatch(one) is None:
                fault(child, f"{one!r:.30} is no code")
        code, manifestation = code or plain_code(first), manifestation or plain_code(second)
    # "See category T71" leads there; these three may hold words instead, which lead nowhere.
    for child in (*node.all("subcat"), *node.all("seecat")):
        code = code or _code_of(child.text)
    for child in node.all("manif"):
        manifestation = manifestation or _code_of(child.text.strip("[]"))
    return IndexEntry(
        parent, title, optional, code, manifestation, _texts(node, "see"), _texts(node, "seeAlso")
    )


def _code_of(text: str) -> str:
    return plain_code(text) if _CODE.fullmatch(text) is not None else ""


def _row(node: Node, parent: int, fault: Fault) -> TableRow:
    title, optional = _title(node)
    codes: dict[str, str] = {}
    for cell in node.all("cell"):
        column = cell.attributes.get("col", "")
        if column not in _CELLS:
            fault(cell, f"column {column!r:.10} does not exist")
        elif column in codes:
            fault(cell, f"column {column} is given twice")
        elif cell.text not in _EMPTY and _CODE.fullmatch(cell.text) is None:
            fault(cell, f"{cell.text!r:.30} is no code")
        else:
            codes[column] = plain_code(cell.text)
    values: Sequence[str] = tuple(codes.get(c, "") for c in sorted(_CELLS))
    return TableRow(parent, title, optional, tuple(values), _texts(node, "see"), _texts(node, "seeAlso"))
