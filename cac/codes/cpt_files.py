"""Reading the CPT files a licensee has: AMA descriptor files, the CMS fee schedule, a plain CSV.

The layout is recognised by content, a file's own name only settles which length of descriptor it has:

``descriptors``
    AMA LONGULT, MEDU, SHORTU: a code, a tab or blanks, the descriptor; lines of a notice come first. The
    older fixed form with a two-digit sequence number behind the code is joined.
``headed``
    A header with a code column and any of long, medium, short, consumer, clinician, description, synonyms:
    the AMA consumer and clinician files, its consolidated list, and a generic CSV.
``fee schedule``
    The CMS file (PPRRVU): captions over several lines, one row a code and modifier, payment indicators.

Nothing of the CPT code set is part of this package; whoever imports it needs a licence of the AMA.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cac.codes.fee_schedule import FEE_COLUMNS, is_fee_schedule, read_fee_schedule
from cac.codes.sourcefiles import Row, Source, as_name, delimiter_of, first_header, rows_of
from cac.errors import TableError

__all__ = ["COLUMNS", "CptFile", "merge", "read_cpt"]

TEXTS: Final = ("long", "medium", "short", "consumer", "clinician", "synonyms")
COLUMNS: Final = (*TEXTS, "cms_short", *FEE_COLUMNS)
"""``cms_short`` is the fee schedule's own abbreviation, which differs from the AMA's short descriptor."""

CODE: Final = re.compile(r"\d{4}[0-9A-Z]")
LEVEL_II: Final = re.compile(r"[A-Z]\d{4}")

_LINE = re.compile(r"(\d{4}[0-9A-Z])(?:\t|[ ]+)(\S.*)")
_NUMBERED = re.compile(r"(\d{4}[0-9A-Z])(\d\d)\s?(\S.*)")
_ALMOST = re.compile(r"(?!(?:19|20)\d\d\s)([0-9A-Z]{1,7})(?:\t|\s{2,})\S")
"""A line of the list whose code is wrong; a year before a title is part of the notice."""

_CODE_NAMES = frozenset(("code", "cpt", "cpt code", "cpt codes", "hcpcs", "hcpcs code", "procedure code"))
_TEXT_NAMES: Mapping[str, tuple[str, ...]] = {
    "long": ("description", "descriptor", "long", "long description", "long descriptor", "full description"),
    "medium": ("medium", "medium description", "medium descriptor"),
    "short": ("short", "short description", "short descriptor"),
    "consumer": ("consumer", "consumer descriptor", "consumer friendly descriptor"),
    "clinician": ("clinician", "clinician descriptor"),
    "synonyms": ("synonyms", "synonym"),
}
_TEXT_OF = {name: column for column, names in _TEXT_NAMES.items() for name in names}
_MANY = frozenset(("clinician", "synonyms"))
_LONGEST = (("short", 28), ("medium", 48))
"""The lengths the AMA keeps its short and medium descriptors to."""

_LOOK_AT = 60


@dataclass(slots=True)
class CptFile:
    """What one file gave: cells by code, and everything in it that was not used.

    ``other`` counts rows of HCPCS Level II, ``repeated`` rows that say the same again, ``notice`` lines
    before the first code; ``problems`` are rows that cannot be right.
    """

    name: str
    kind: str
    cells: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    rows: int = 0
    other: int = 0
    repeated: int = 0
    notice: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, line: int, code: str, column: str, text: str) -> None:
        """One cell; a second, different text for the same code is a problem unless there may be many."""
        cells = self.cells.setdefault(code, {})
        old = cells.get(column)
        if old is None:
            cells[column] = text
        elif _same(old, text) or (column in _MANY and text in old.split("\n")):
            self.repeated += 1
        elif column in _MANY:
            cells[column] = f"{old}\n{text}"
        else:
            self.problems.append(f"{self.name}:{line}: {code} is listed twice with different text")


def read_cpt(source: Source) -> CptFile | None:
    """Read one file, or None when it is in no layout that is known.

    Examples
    --------
    >>> made_up = Source("LONGULT.txt", "A notice.\\n9999A\\tREPAIR OF A KITE\\n", "")
    >>> read_cpt(made_up).cells
    {'9999A': {'long': 'REPAIR OF A KITE'}}
    """
    if is_fee_schedule(source):
        return _fee_schedule(source)
    head = [line for line in source.head[:_LOOK_AT] if line.strip()]
    for line in head:
        if delimiter := delimiter_of(line):
            cells = {as_name(cell.strip('"')) for cell in line.split(delimiter)}
            if cells & _CODE_NAMES and cells & _TEXT_OF.keys():
                return _headed(source, delimiter)
    # The print form of the fee schedule begins its lines with a code too, and is no list of descriptors.
    if any(_LINE.match(line) or _NUMBERED.match(line) for line in head) and "RVU" not in source.stem:
        return _descriptors(source)
    return None


def merge(files: Iterable[CptFile]) -> dict[str, dict[str, str]]:
    """The cells of several files by code. Raises TableError when two files contradict each other."""
    merged: dict[str, dict[str, str]] = {}
    said: dict[tuple[str, str], str] = {}
    problems: list[str] = []
    for file in files:
        for code, cells in file.cells.items():
            into = merged.setdefault(code, {})
            for column, text in cells.items():
                first = said.setdefault((code, column), file.name)
                if column in _MANY and column in into:
                    old = into[column].split("\n")
                    into[column] = "\n".join([*old, *(t for t in text.split("\n") if t not in old)])
                elif column in into and not _same(into[column], text):
                    problems.append(f"{file.name}: {code} has another {column} text than in {first}")
                elif column not in into or into[column].isupper():
                    # The same list often comes in capitals and in plain writing: keep what reads better.
                    into[column] = text
    if problems:
        raise TableError(f"{len(problems)} codes differ between the files", problems)
    return merged


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _descriptors(source: Source) -> CptFile:
    file = CptFile(source.name, "descriptors")
    lines = source.lines
    numbered = _is_numbered(lines)
    texts: dict[str, list[tuple[int, str]]] = {}
    parts: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        m = (_NUMBERED if numbered else _LINE).fullmatch(line.rstrip())
        if m is None:
            fault = _line_fault(line.rstrip())
            if texts or fault:
                file.problems.append(f"{source.name}:{number}: {fault or 'does not begin with a code'}")
            else:
                file.notice += 1
            continue
        code, text = m[1], " ".join(m[m.lastindex or 2].split())
        file.rows += 1
        if numbered and (at := int(m[2])) > 1:
            if parts.get(code) != at - 1:
                file.problems.append(f"{source.name}:{number}: part {at} of {code} has no part before it")
                continue
            texts[code][-1] = (texts[code][-1][0], f"{texts[code][-1][1]} {text}")
        else:
            texts.setdefault(code, []).append((number, text))
        parts[code] = int(m[2]) if numbered else 1
    column = _column(source.stem, [t for found in texts.values() for _, t in found])
    for code, found in texts.items():
        for number, text in found:
            file.add(number, code, column, text)
    return file


def _is_numbered(lines: Sequence[str]) -> bool:
    """Whether codes run into a sequence number, as in the fixed form of the long file."""
    coded = [line for line in lines if re.match(r"\d{4}[0-9A-Z]", line)]
    return bool(coded) and not any(_LINE.match(line) for line in coded)


def _line_fault(line: str) -> str:
    """What is wrong with a line that was meant to be one of the list; "" when it is plain text."""
    if CODE.fullmatch(line.strip()):
        return f"{line.strip()} has no descriptor"
    m = _ALMOST.match(line)
    return _code_fault(m[1]) if m is not None and any(c.isdigit() for c in m[1]) else ""


def _code_fault(code: str) -> str:
    if not code:
        return "the code is missing"
    if code.isascii() and code.isdigit() and len(code) < 5:
        return f"{code} is no code: it seems to have lost its leading zeros"
    return f"{code!r:.20} is no CPT code"


def _column(stem: str, texts: Sequence[str]) -> str:
    """Which length of descriptor a file holds: by its name, else by its longest line."""
    for word, column in (("LONG", "long"), ("MED", "medium"), ("SHORT", "short")):
        if word in stem:
            return column
    longest = max(map(len, texts), default=0)
    return next((column for column, most in _LONGEST if longest <= most), "long")


def _headed(source: Source, delimiter: str) -> CptFile:
    file = CptFile(source.name, "headed")
    rows = list(rows_of(source.text, delimiter))
    start = first_header(rows, (_CODE_NAMES, frozenset(_TEXT_OF)))
    if start is None:
        raise TableError(f"{source.name}: the header cannot be read")
    names = [as_name(cell) for cell in rows[start].cells]
    at = next(i for i, name in enumerate(names) if name in _CODE_NAMES)
    columns: dict[str, int] = {}
    for i, name in enumerate(names):
        column = _TEXT_OF.get(name)
        if column in columns:
            raise TableError(f"{source.name}: two columns hold the {column} text")
        if column is not None:
            columns[column] = i
    file.notice = start
    common = ""
    for row in rows[start + 1 :]:
        fault = row.fault or _row_fault(row, len(names), at, columns)
        if fault:
            file.problems.append(f"{source.name}:{row.line}: {fault}")
            continue
        code = row.cells[at].upper()
        if LEVEL_II.fullmatch(code) and not CODE.fullmatch(code):
            file.other += 1
            continue
        file.rows += 1
        for column, i in columns.items():
            text = " ".join(row.cells[i].split()) if i < len(row.cells) else ""
            if column == "long":
                text, common = _with_common(text, common)
            for one in re.split(r"[|;]", text) if column == "synonyms" else (text,):
                if one.strip():
                    file.add(row.line, code, column, one.strip())
    return file


def _with_common(text: str, common: str) -> tuple[str, str]:
    """A descriptor that begins in lower case continues the one before it, from its semicolon on."""
    head, semicolon, _ = text.partition(";")
    if text[:1].islower() and common:
        return f"{common}; {text}", common
    return text, head if semicolon else ""


def _row_fault(row: Row, width: int, at: int, columns: Mapping[str, int]) -> str:
    if len(row.cells) > width:
        return f"{len(row.cells)} cells, {width} expected"
    code = row.cells[at].upper() if at < len(row.cells) else ""
    if not CODE.fullmatch(code) and not LEVEL_II.fullmatch(code):
        return _code_fault(code)
    if not any(i < len(row.cells) and row.cells[i] for i in columns.values()):
        return f"{code} has no description"
    return ""


def _fee_schedule(source: Source) -> CptFile:
    file = CptFile(source.name, "fee schedule")
    found = read_fee_schedule(source)
    file.rows, file.problems, file.notice = found.rows, list(found.problems), found.notice
    for code, cells in found.cells.items():
        if CODE.fullmatch(code):
            named = {"cms_short" if column == "short" else column: text for column, text in cells.items()}
            file.cells[code] = {column: text for column, text in named.items() if text}
        else:
            file.other += 1
    return file
