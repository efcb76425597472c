"""Results and code records as plain text for a terminal of a given width.

The layout is ASCII. Words of the note pass through ``printable`` first: a note may hold terminal
escape sequences or direction overrides, and neither may reach the screen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from cac.result import CodingResult
    from cac.types import Evidence, NotCoded, Query, Suggestion

__all__ = [
    "Hit",
    "billing_text",
    "clip",
    "hits_text",
    "printable",
    "record_text",
    "result_text",
    "tables_text",
]

MIN_WIDTH = 40
FEW = 5
"""How many candidates are shown unless all are asked for."""

_QUOTE_CELLS = 60
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

_RECORD_LABELS = {
    "chapter": "Chapter",
    "block": "Block",
    "parent": "Parent",
    "inclusion_terms": "Inclusion terms",
    "includes": "Includes",
    "excludes1": "Excludes1 (never coded together)",
    "excludes2": "Excludes2 (not included here)",
    "code_first": "Code first",
    "use_additional": "Use additional code",
    "code_also": "Code also",
    "notes": "Notes",
    "inherited": "Inherited notes",
    "seventh_characters": "7th characters",
}


class Hit(Protocol):
    """What a search gives back for one code."""

    @property
    def code(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def billable(self) -> bool: ...
    @property
    def matched(self) -> str: ...


class _Ink:
    """Bold and dim where colour is on, nothing where it is off."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self.colour else text

    def dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self.colour else text


def result_text(
    result: CodingResult, *, width: int = 100, every_candidate: bool = False, colour: bool = False
) -> str:
    """The whole answer: ranked codes, candidates, what was not coded, queries.

    Parameters
    ----------
    width
        Terminal cells a line may take; at least 40 are used.
    every_candidate
        Show all candidates instead of the first few.
    colour
        Use bold and dim escape codes.
    """
    width, ink = max(width, MIN_WIDTH), _Ink(colour)
    lines = [*_wrapped(_context(result), width), ""]
    if result.suggestions:
        lines += _suggestions(result.suggestions, width, ink)
    else:
        lines.append("No code reached the threshold.")
    if result.candidates:
        shown = result.candidates if every_candidate else result.candidates[:FEW]
        lines += ["", ink.bold(f"Below the threshold ({len(result.candidates)})")]
        lines += _suggestions(shown, width, ink, rules=False)
        if more := len(result.candidates) - len(shown):
            lines.append(f"    ... and {more} more")
    if result.not_coded:
        lines += ["", ink.bold(f"Not coded ({len(result.not_coded)})")]
        for item in result.not_coded:
            lines += _hang(_not_coded_line(item), width, "  ", "      ")
    if result.queries:
        lines += ["", ink.bold(f"Documentation queries ({len(result.queries)})")]
        for number, query in enumerate(result.queries, 1):
            lines += _query_lines(number, query, width)
    return "\n".join(lines) + "\n"


def record_text(record: Mapping[str, Any], *, width: int = 100, colour: bool = False) -> str:
    """One code of the table with its notes; ``record`` is ``CodeRecord.to_dict()``."""
    width, ink = max(width, MIN_WIDTH), _Ink(colour)
    title = _hang(f"{record['code']} {record['title']}", width, "", "    ")
    lines = [ink.bold(line) for line in title]
    facts = (record.get("system"), record.get("kind"), record.get("release"))
    usable = "billable" if record.get("billable") else "not billable"
    lines += _hang(" | ".join(str(f) for f in (usable, *facts) if f), width, "  ", "    ")
    for key, label in _RECORD_LABELS.items():
        values = list(_inherited(record) if key == "inherited" else _flat(record.get(key)))
        if not values:
            continue
        if key in ("chapter", "block", "parent"):
            lines += _hang(f"{label}: {' '.join(values)}", width, "  ", "    ")
            continue
        lines.append(f"  {label}:")
        for value in values:
            lines += _hang(value, width, "    - ", "      ")
    return "\n".join(lines) + "\n"


def hits_text(hits: Sequence[Hit], *, width: int = 100, colour: bool = False) -> str:
    """Search hits, best first, each with the term that matched where it is not the title."""
    width, ink = max(width, MIN_WIDTH), _Ink(colour)
    code_cells = max((len(h.code) for h in hits), default=0)
    lines: list[str] = []
    for hit in hits:
        note = "" if hit.billable else " (not billable)"
        matched = "" if hit.matched.casefold() == hit.description.casefold() else f' as "{hit.matched}"'
        head = f"{ink.bold(hit.code.ljust(code_cells))}  {hit.score:4.2f}  "
        indent = " " * (code_cells + 8)
        body = _wrapped(f"{hit.description}{note}{matched}", width - len(indent))
        lines += [head + body[0], *(indent + line for line in body[1:])]
    return "\n".join(lines) + "\n" if lines else ""


def tables_text(rows: Sequence[Mapping[str, Any]], *, width: int = 100) -> str:
    """The code tables in use: one block each, name first, then every other fact."""
    width = max(width, MIN_WIDTH)
    lines: list[str] = []
    for row in rows:
        facts = [(key, " ".join(_flat(value))) for key, value in row.items()]
        heads = [value for key, value in facts if key in ("system", "release") and value]
        lines += _hang(" ".join(heads), width, "", "    ")
        for key, value in facts:
            if value and key not in ("system", "release"):
                lines += _hang(f"{key.replace('_', ' ')}: {value}", width, "  ", "      ")
    return "\n".join(lines) + "\n" if lines else ""


def printable(text: str) -> str:
    """One line of text that is safe to show: white space collapsed, control characters replaced.

    Examples
    --------
    >>> printable("left\\n  knee")
    'left knee'
    """
    return " ".join(_UNPRINTABLE.sub("\ufffd", text).split())


def clip(text: str, cells: int = _QUOTE_CELLS) -> str:
    """``text`` on one line, its middle left out when it is longer than ``cells``."""
    text = printable(text)
    if len(text) <= cells:
        return text
    head = (cells - 5) * 2 // 3
    return f"{text[:head].rstrip()} ... {text[-(cells - 5 - head) :].lstrip()}"


def _context(result: CodingResult) -> str:
    count = len(result.suggestions)
    served = f" | service {result.date_of_service}" if result.date_of_service else ""
    return (
        f"{count} code{'' if count == 1 else 's'} | {result.setting}, {result.scope} | "
        f"release {result.release}{served} | threshold {result.threshold:.2f}"
    )


def _suggestions(
    suggestions: Sequence[Suggestion], width: int, ink: _Ink, *, rules: bool = True
) -> Iterator[str]:
    codes = [printable(s.code) for s in suggestions]
    code_cells = max(4, *map(len, codes))
    rank_cells = max(2, *(len(str(s.rank)) for s in suggestions))
    yield ink.dim(f"{'#':>{rank_cells}}  {'Code':<{code_cells}}  Score  Description")
    indent = " " * (rank_cells + code_cells + 11)
    if width - len(indent) < MIN_WIDTH // 2:
        indent = " " * 4
    for s, code in zip(suggestions, codes, strict=True):
        flag = "" if s.billable else " (not billable)"
        body = _wrapped(s.description + flag, width - rank_cells - code_cells - 11)
        lead = f"{s.rank:>{rank_cells}}  {ink.bold(code.ljust(code_cells))}  {s.score:5.2f}  "
        yield lead + body[0]
        room = width - len(indent)
        for line in body[1:]:
            yield " " * (rank_cells + code_cells + 11) + line
        if told := billing_text(s):
            yield from (indent + line for line in _hang(told, room, "", "  "))
        for quote in _quotes(s.evidence):
            yield from (indent + line for line in _hang(quote, room, "", "  "))
        for finding in s.findings if rules else ():
            cited = f" [{finding.citation}]" if finding.citation else ""
            told = f"{finding.rule}: {finding.message}{cited}"
            yield from (indent + ink.dim(line) for line in _hang(told, room, "", "  "))


def billing_text(s: Suggestion) -> str:
    """Modifiers, units and supporting diagnoses of a procedure in one line; "" when there are none."""
    parts = []
    if s.modifiers:
        parts.append("modifiers " + ", ".join(f"{m.code} ({m.reason})" for m in s.modifiers))
    if s.units != 1:
        parts.append(f"units {s.units}")
    if s.diagnoses:
        parts.append("for " + ", ".join(s.diagnoses))
    return " | ".join(parts)


def _quotes(evidence: Iterable[Evidence]) -> list[str]:
    quotes = (f'"{clip(e.text)}" ({e.section})' for e in evidence)
    return list(dict.fromkeys(quotes))


def _not_coded_line(item: NotCoded) -> str:
    cue = f', cue "{clip(item.cue.text)}"' if item.cue is not None else ""
    codes = f" -> {', '.join(item.codes)}" if item.codes else ""
    cited = f" [{item.citation}]" if item.citation else ""
    return f'"{clip(item.text)}" ({item.section}): {item.reason.replace("_", " ")}{cue}{codes}{cited}'


def _query_lines(number: int, query: Query, width: int) -> Iterator[str]:
    yield from _hang(f"{query.code}: {query.question}", width, f"{number:>3}. ", "     ")
    for option in query.options:
        told = "" if option.answer == option.description else f" {option.description}"
        answer = f"{option.answer} -> {option.code}{told}"
        yield from _hang(answer, width, "     - ", "         ")


def _inherited(record: Mapping[str, Any]) -> Iterator[str]:
    """Notes that stand at an ancestor, each with the code it stands at."""
    for kind, pairs in (record.get("inherited") or {}).items():
        for code, told in pairs:
            yield f"{kind.replace('_', ' ')} at {code}: {told}"


def _flat(value: Any) -> Iterator[str]:
    """Any value of a record or table as lines: strings, numbers, mappings, sequences of these."""
    if value is None or value == "":
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield f"{key}: {', '.join(_flat(inner))}"
    elif isinstance(value, str) or not isinstance(value, Iterable):
        yield str(value)
    else:
        for item in value:
            yield from _flat(item)


def _hang(text: str, width: int, first: str, rest: str) -> list[str]:
    lines = _wrapped(text, width - max(len(first), len(rest)))
    return [(rest if i else first) + line for i, line in enumerate(lines)]


def _wrapped(text: str, width: int) -> list[str]:
    """Made printable and broken at spaces, or inside a word wider than a line; at least one line."""
    text, width = printable(text), max(width, 8)
    lines, line, used = [], "", 0
    for word in text.split(" "):
        need = _cells(word)
        if line and used + 1 + need > width:
            lines.append(line)
            line, used = "", 0
        while need > width:
            cut = _fitting(word, width)
            lines.append(word[:cut])
            word = word[cut:]
            need = _cells(word)
        line, used = (f"{line} {word}", used + 1 + need) if line else (word, need)
    lines.append(line)
    return lines


def _fitting(word: str, width: int) -> int:
    used = 0
    for i, char in enumerate(word):
        used += _cells(char)
        if used > width:
            return i
    return len(word)


def _cells(text: str) -> int:
    """Terminal cells: wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
