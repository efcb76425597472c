"""XML of the official ICD-10-CM index files as plain nodes that know their line.

The files are the user's own and come from outside, so that they are read defensively: a document type or
an entity is refused (nothing in these files needs one), as are files that are far too large.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from cac.errors import TableError

__all__ = ["IndexSource", "Node", "index_sources", "parse_nodes"]

LARGEST = 64 * 1024 * 1024
"""Bytes of one file; the largest official one has 9 MB."""

_ROOT = "ICD10CM.index"


@dataclass(slots=True)
class Node:
    """An element: its tag, attributes, line, own text (children left out) and children."""

    tag: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def all(self, tag: str) -> list[Node]:
        """The children with a tag, in order."""
        return [c for c in self.children if c.tag == tag]

    def value(self, tag: str) -> str:
        """The text of the first child with a tag, or ""."""
        return next((c.text for c in self.children if c.tag == tag), "")


@dataclass(frozen=True, slots=True)
class IndexSource:
    """The bytes of one index file; ``named`` when the user gave this very file."""

    name: str
    data: bytes = field(repr=False)
    named: bool

    @property
    def digest(self) -> str:
        return hashlib.blake2b(self.data, digest_size=16).hexdigest()


def index_sources(paths: Iterable[str | Path]) -> list[IndexSource]:
    """Every XML file behind paths that are files, folders or zip archives, in order of name.

    Raises TableError naming every path that cannot be read.
    """
    out: list[IndexSource] = []
    problems: list[str] = []
    for path in map(Path, paths):
        try:
            if path.is_dir():
                inside = sorted(p for p in path.iterdir() if p.suffix.lower() == ".xml" and p.is_file())
                out += [IndexSource(p.name, _bounded(p), named=False) for p in inside]
            elif path.suffix.lower() == ".zip":
                out += _zipped(path)
            else:
                out.append(IndexSource(path.name, _bounded(path), named=True))
        except OSError as error:
            problems.append(f"{path.name}: {error.strerror or type(error).__name__}")
        except (zipfile.BadZipFile, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
            problems.append(f"{path.name}: {error}")
    if problems:
        raise TableError(f"index files: {len(problems)} cannot be read", problems)
    return sorted(out, key=lambda s: (s.name, s.digest))


def _bounded(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        raise ValueError(f"has more than {LARGEST} bytes")
    return path.read_bytes()


def _zipped(path: Path) -> Iterator[IndexSource]:
    with zipfile.ZipFile(path) as archive:
        for info in sorted(archive.infolist(), key=lambda i: i.filename):
            if info.filename.lower().endswith(".xml"):
                # The size in the directory of an archive may lie: never read further than allowed.
                with archive.open(info) as member:
                    data = member.read(LARGEST + 1)
                if len(data) > LARGEST:
                    raise ValueError(f"{info.filename} has more than {LARGEST} bytes")
                yield IndexSource(Path(info.filename).name, data, named=False)


def parse_nodes(source: IndexSource, problems: list[str]) -> Node | None:
    """The root of an index file.

    None when the file is no index: a fault where the user named it, else another file of the folder
    (the tabular list is published beside the indexes). Faults of the XML itself go to ``problems``.
    """
    parser = expat.ParserCreate()
    stack: list[Node] = []
    roots: list[Node] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        node = Node(tag, attributes, parser.CurrentLineNumber)
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)

    def end(_: str) -> None:
        node = stack.pop()
        node.text = " ".join(node.text.split())

    def text(data: str) -> None:
        if stack:
            stack[-1].text += data

    def refuse(*_: Any) -> None:
        raise ValueError("declares a document type or an entity, which no index file needs")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(source.data, True)
    except expat.ExpatError as error:
        problems.append(f"{source.name}:{error.lineno}: no well-formed XML ({expat.ErrorString(error.code)})")
        return None
    except (ValueError, LookupError) as error:  # LookupError: an encoding nobody knows
        problems.append(f"{source.name}:{parser.CurrentLineNumber}: {error}")
        return None
    root = roots[0]
    if root.tag != _ROOT:
        if source.named:
            problems.append(f"{source.name}:{root.line}: the root is not <{_ROOT}>")
        return None
    return root
