"""Lines of a note and the markers they begin with.

A transcript that has lost its newlines shows them as a comma after a full stop or colon
("diabetes.,2.  Gout.,PLAN:,  ..."); those commas count as line breaks too.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from cac.resources import one_of, read_table, required

__all__ = ["Line", "Lines", "is_fracture_sign", "marker", "note_lines"]


class Line(NamedTuple):
    """A line of a note: its span, the kind of marker it begins with, where its words begin, the marker."""

    start: int
    end: int
    mark: str
    begin: int
    sign: str


Lines = list[Line]
"""The lines of a note, in order."""

# Every alternative begins with the comma itself, so the search jumps from comma to comma.
_LOST = re.compile(
    r""",(?:(?<=[.:;?!)\]],)(?=\S)
         |(?<=[:.][ \t],)[ \t] | (?<=[:.][ \t]{2},)[ \t] | (?<=:,)[ \t]
         |(?=\d{1,2}[.)][ \t])
         |(?=[A-Z][A-Z /&()]{1,40}:))""",
    re.VERBOSE,
)

_MARKER = re.compile(
    r"""[ \t\u00a0>,]*+
    (?:(?P<bullet>[•·▪▫■□◦●○‣⁃∙➢➤✓→]|[*+\-–—](?=[ \t]|[A-Za-z(\[])(?!\*)|o(?=[ ]{2,}|\t))
      |(?P<num>\(?(?P<n>\d{1,2})(?:[.)]\)?(?=[\s*]|[A-Za-z])|\s?[-–]\s(?=[A-Za-z])))
      |(?P<hash>(?:[Pp]roblem|PROBLEM)[ ]?\#?\d{1,2}[:.)]
        |\#{1,6}[ \t]*(?:\d{1,2}(?:[.):\]]|(?=\s)))?(?=[\s*]*\S))
      |(?P<letter>\(?[a-z][.)](?=[ \t])|\([ivx]{1,4}\))
    )?[^\S\n]*+(?:\*\*|__)?(?=\S)""",
    re.VERBOSE,
)


def note_lines(text: str) -> Lines:
    """The lines of ``text``, line breaks left out, empty lines kept, each with its marker.

    Examples
    --------
    >>> [("A: x.,2. y"[a:b], mark) for a, b, mark, _, _ in note_lines("A: x.,2. y")]
    [('A: x.', ''), ('2. y', 'num')]
    """
    pieces = text.splitlines(keepends=True)
    ends = list(accumulate(map(len, pieces)))
    spans: list[tuple[int, int]] = []
    start = 0
    for piece, end in zip(pieces, ends, strict=True):
        stop = start + len(piece.rstrip("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))
        if "," in piece:
            at = start
            for m in _LOST.finditer(text, start, stop):
                if m.end() > at:
                    spans.append((at, m.start()))
                    at = m.end()
            spans.append((at, stop))
        else:
            spans.append((start, stop))
        start = end
    new = tuple.__new__
    return [new(Line, (start, end, *marker(text, start, end))) for start, end in spans]


def marker(text: str, start: int, end: int) -> tuple[str, int, str]:
    """What a line begins with: kind of marker, where its words begin, and the marker itself.

    The kind is "bullet", "num", "hash" (Markdown heading or "#" problem), "letter" or "".

    Examples
    --------
    >>> marker("  2) Gout", 0, 9)
    ('num', 5, '2')
    """
    if (
        end - start > 1
        and text[start].isalpha()
        and text[start] not in "Pp"
        and text[start + 1] not in ".) \t"
    ):
        return "", start, ""
    m = _MARKER.match(text, start, end)
    if m is None:
        return "", start, ""
    at = m.end()
    kind = m.lastgroup
    if kind is None:
        return "", at, ""
    if kind in ("n", "num"):
        return "num", at, m["n"]
    if kind == "hash" and is_fracture_sign(text, m.start(kind), end):
        return "", m.start(kind), ""
    return kind, at, m[kind].strip()


def is_fracture_sign(text: str, at: int, end: int) -> bool:
    """Whether the "#" at ``at`` is short for a fracture ("# NOF", "# L wrist"), not a heading or a number.

    A bone or joint has to follow, and nothing that makes a problem of it ("# Wrist pain").

    Examples
    --------
    >>> is_fracture_sign("# NOF pinned.", 0, 13), is_fracture_sign("# Hip pain", 0, 10)
    (True, False)
    """
    return text.startswith("#", at) and _fracture_sign().match(text, at, end) is not None


@cache
def _fracture_sign() -> re.Pattern[str]:
    """The sign, its site (``lexicon/fracture_signs.csv``) and what may come after it."""
    rows = read_table(
        "lexicon/fracture_signs.csv",
        ("words", "role"),
        {"words": required, "role": one_of("bone", "side", "follows")},
    )
    words: dict[str, list[str]] = {"bone": [], "side": [], "follows": []}
    for row in sorted(rows, key=lambda r: (-len(r["words"]), r["words"])):
        words[row["role"]].append(re.escape(row["words"]))
    bone, side, follows = ("|".join(words[role]) for role in ("bone", "side", "follows"))
    return re.compile(
        rf"#[ \t]*(?:(?:{side})\.?[ \t]+)?(?:{bone})[ \t]*(?:$|[.,;)\n]|[ \t](?:{follows})\b)", re.IGNORECASE
    )
