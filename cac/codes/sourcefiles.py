"""The text files behind a path a user gives: one file, a folder of them, or a zip archive.

Licensed code sets and the files of CMS come in every encoding and line ending there is. What cannot be
used is named, never passed over in silence.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from cac.errors import TableError

__all__ = [
    "MAX_BYTES",
    "Row",
    "Source",
    "as_name",
    "decode",
    "delimiter_of",
    "first_header",
    "open_sources",
    "rows_of",
]

MAX_BYTES: Final = 600_000_000
"""Larger files are refused: the largest real one, a quarter of the NCCI pairs, has some 60 MB."""

TEXT_SUFFIXES: Final = (".txt", ".csv", ".tsv", ".tab", ".asc", "")

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Source:
    """One text file: its name, its text with plain line ends, and the digest of its bytes."""

    name: str
    text: str = field(repr=False)
    digest: str

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @property
    def head(self) -> list[str]:
        """The first lines: enough to see what a file is."""
        return self.text[:50_000].split("\n")[:200]

    @property
    def stem(self) -> str:
        """The file's own name in capitals, without folder and suffix."""
        return PurePosixPath(self.name).stem.upper()


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one record and the line it ends on; ``fault`` says why it could not be cut."""

    line: int
    cells: tuple[str, ...] = field(repr=False)
    fault: str = ""


def open_sources(path: str | Path) -> tuple[list[Source], list[tuple[str, str]]]:
    """The text files at ``path``, in name order, and what was left out with the reason.

    Parameters
    ----------
    path
        A text file, a folder, or a zip archive. Sub-folders are read too.

    Raises
    ------
    TableError
        When there is nothing there, or it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.txt").write_bytes(b"one\\r\\ntwo")
    >>> _ = (folder / "b.pdf").write_bytes(b"%PDF")
    >>> found, left = open_sources(folder)
    >>> [s.lines for s in found], left
    ([['one', 'two']], [('b.pdf', 'not a text file')])
    """
    place = Path(path)
    try:
        if place.is_dir():
            return _sources(_in_folder(place))
        if not place.exists():
            raise TableError(f"{place.name}: no such file or folder")
        if zipfile.is_zipfile(place):
            return _sources(_in_zip(place))
        return [_source(place.name, _checked(place))], []
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        # RuntimeError is what zipfile says of an archive with a password.
        why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise TableError(f"{place.name}: cannot be read ({why})") from None


def decode(data: bytes, name: str) -> str:
    """Text of a file, line by line UTF-8 or else Windows-1252; line ends made plain.

    Raises TableError naming every line that is neither.

    Examples
    --------
    >>> decode(b"\\xef\\xbb\\xbfcaf\\xc3\\xa9\\r\\ncaf\\xe9\\r\\n", "x.txt")
    'café\\ncafé\\n'
    """
    if data[:2] in _UTF16:
        try:
            return _plain_ends(data.decode("utf-16"))
        except UnicodeDecodeError:
            raise TableError(f"{name}: is not text") from None
    try:
        text = _plain_ends(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        text = _by_line(data, name)
    if "\x00" in text:
        raise TableError(f"{name}: is not text")
    return text


def delimiter_of(line: str) -> str:
    """What separates the cells of a header line: a tab, comma, semicolon or bar; "" for none."""
    counts = {mark: line.count(mark) for mark in "\t,;|"}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ""


def rows_of(text: str, delimiter: str) -> Iterator[Row]:
    """Every record of a delimited file that is not blank; a record that cannot be cut has a fault.

    Examples
    --------
    >>> [(r.line, r.cells) for r in rows_of('a,b\\n\\n"c,d",e\\n', ",")]
    [(1, ('a', 'b')), (3, ('c,d', 'e'))]
    """
    # The tab separated files of the AMA and CMS use no quotes; a quote in them is an inch or a name.
    quoting: Literal[0, 3] = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(reader.line_num, (), f"cannot be cut into cells ({error})")
            continue
        stripped = tuple(cell.strip().strip("\ufeff\u00a0") for cell in cells)
        if any(stripped):
            yield Row(reader.line_num, stripped)


def as_name(cell: str) -> str:
    """A header cell for comparison: lower case, only letters, figures and single blanks.

    Examples
    --------
    >>> as_name(" CPT\\nCode* ")
    'cpt code'
    """
    return " ".join("".join(c if c.isalnum() else " " for c in cell.lower()).split())


def _sources(files: Iterator[tuple[str, bytes | None]]) -> tuple[list[Source], list[tuple[str, str]]]:
    found: list[Source] = []
    left: list[tuple[str, str]] = []
    for name, data in sorted(files, key=lambda item: item[0]):
        if data is None:
            left.append((name, "not a text file"))
        else:
            found.append(_source(name, data))
    return found, left


def _source(name: str, data: bytes) -> Source:
    return Source(name, decode(data, name), hashlib.sha256(data).hexdigest())


def _in_folder(folder: Path) -> Iterator[tuple[str, bytes | None]]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not _hidden(name):
            yield name, _checked(path) if path.suffix.lower() in TEXT_SUFFIXES else None


def _in_zip(path: Path) -> Iterator[tuple[str, bytes | None]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir() or _hidden(member.filename):
                continue
            wanted = PurePosixPath(member.filename).suffix.lower() in TEXT_SUFFIXES
            # The size is what the archive claims; reading one byte more finds a claim that is false.
            if wanted and member.file_size > MAX_BYTES:
                raise TableError(f"{member.filename}: too large")
            if not wanted:
                yield member.filename, None
                continue
            with archive.open(member) as file:
                data = file.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise TableError(f"{member.filename}: too large")
            yield member.filename, data


def _checked(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise TableError(f"{path.name}: too large")
    return path.read_bytes()


def _hidden(name: str) -> bool:
    """Files an operating system leaves behind."""
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _plain_ends(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _by_line(data: bytes, name: str) -> str:
    lines: list[str] = []
    problems: list[str] = []
    plain = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for number, line in enumerate(plain.split(b"\n"), 1):
        for encoding in ("utf-8", "cp1252"):
            try:
                lines.append(line.decode(encoding))
                break
            except UnicodeDecodeError:
                continue
        else:
            problems.append(f"{name}:{number}: is neither UTF-8 nor Windows-1252 text")
    if problems:
        raise TableError(f"{name}: {len(problems)} lines are not text", problems)
    return "\n".join(lines)


def first_header(rows: Sequence[Row], needed: Sequence[frozenset[str]]) -> int | None:
    """Index of the first row that has a cell out of each group of names, or None."""
    for i, row in enumerate(rows):
        names = {as_name(cell) for cell in row.cells}
        if all(names & group for group in needed):
            return i
    return None
