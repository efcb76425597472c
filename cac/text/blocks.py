"""From lines to blocks: hard-wrapped prose joined, list lines kept apart.

A block is what a writer would see as one line or paragraph: a bullet with its wrapped
continuation, one row of a table, one paragraph.
"""

from __future__ import annotations

from typing import NamedTuple

from cac.text.abbreviations import ends_with_title
from cac.text.lines import Line, Lines, marker, note_lines
from cac.types import Section

__all__ = ["LIST_KINDS", "Block", "section_blocks"]

# Sections written as lists: a short line is an entry of its own, a semicolon parts two entries.
LIST_KINDS = frozenset(
    (
        "pmh",
        "psh",
        "family_history",
        "social_history",
        "medications",
        "allergies",
        "immunizations",
        "problem_list",
        "diagnosis",
        "discharge_diagnosis",
        "admission_diagnosis",
        "preop_diagnosis",
        "postop_diagnosis",
        "assessment",
        "assessment_plan",
        "impression",
        "plan",
        "differential",
        "risk_factors",
        "labs",
        "vitals",
        "orders",
        "procedures",
        "specimens",
        "screening",
        "obstetric_history",
        "ros",
        "exam",
        "followup",
        "findings",
        "imaging",
        "objective",
    )
)
_SHORT = 50
_WRAP_MIN, _WRAP_MAX, _RAGGED = 55, 140, 22
_OPEN_ENDS = (",", " and", " or", " with", " of", " the", " to", " a", " for", " in", "-", "/", " for")
_SKIP = " \t\u00a0,:*_-–—=>|.;"


class Block(NamedTuple):
    """A joined line: its span, what marked it, how deep it is indented, and whether a blank line
    or the header comes right before it."""

    start: int
    end: int
    mark: str
    sign: str
    indent: int
    after_blank: bool
    first: bool


def section_blocks(text: str, sections: tuple[Section, ...], lines: Lines | None = None) -> list[list[Block]]:
    """The blocks of every section, in order; ``lines`` are the note's, where known already.

    Examples
    --------
    >>> note = "- chest pain\\n  on exertion\\n- cough"
    >>> [note[b.start:b.end] for b in section_blocks(note, (Section("hpi", 0, len(note), 0, 0),))[0]]
    ['chest pain\\n  on exertion', 'cough']
    """
    lines = note_lines(text) if lines is None else lines
    at, n = 0, len(lines)
    # Prose was hard-wrapped if no line is longer than a page is wide.
    widest = max([line.end - line.start for line in lines], default=0)
    wrapped = max(_WRAP_MIN, widest - _RAGGED) if widest <= _WRAP_MAX else _WRAP_MAX * 1000
    result: list[list[Block]] = []
    for section in sections:
        while at < n and lines[at].end <= section.start:
            at += 1
        blocks: list[Block] = []
        listlike = section.kind in LIST_KINDS
        blank = False
        i = at
        while i < n and lines[i].start < section.end:
            start, end, mark, begin, sign = lines[i]
            i += 1
            clipped = start < section.start
            if clipped or end > section.end:
                start, end = max(start, section.start), min(end, section.end)
                mark, begin, sign = marker(text, start, end)
            if begin >= end or (text[begin] in _SKIP and not text[begin:end].strip(_SKIP)):
                blank = blank or (not blocks and not clipped) or not text[start:end].strip()
                continue
            if clipped and begin < end and text[begin] in _SKIP:
                skipped = end - len(text[begin:end].lstrip(_SKIP[:-2]))
                if not mark:
                    mark, begin, sign = marker(text, skipped, end)
            stop = start + len(text[start:end].rstrip()) if text[end - 1].isspace() else end
            indent = 0 if clipped or begin == start else _indent(text, start, begin)
            if blocks and not blank and not mark and not clipped:
                last = blocks[-1]
                # "NECK: ,Supple": a lost newline between a label and what it labels.
                beside = text[last.end - 1] == ":" and "\n" not in text[last.end : begin]
                if beside or _continues(text, last, lines[i - 2], begin, stop, listlike, wrapped):
                    blocks[-1] = Block(last.start, stop, *last[2:])
                    continue
            blocks.append(Block(begin, stop, mark, sign, indent, blank, not blocks))
            blank = False
        result.append(blocks)
    return result


def _indent(text: str, start: int, begin: int) -> int:
    width = 0
    while start + width < begin and text[start + width].isspace():
        width += 1
    return width


def _continues(
    text: str, last: Block, line: Line, begin: int, stop: int, listlike: bool, wrapped: int
) -> bool:
    """Whether the line at ``begin`` goes on with the block before it (hard-wrapped prose)."""
    if last.end <= line.start:
        return False
    tail = text[last.end - 1]
    if tail in ".!?:;|" or "\t" in text[line.start : line.end].strip() or text.find("|", begin, stop) >= 0:
        if tail != ".":
            return False
        if ends_with_title(text, last.start, last.end):
            return True
        # Any other stop is left to the sentence rules where the prose plainly goes on.
        return text[begin].islower() and last.end - line.start >= _SHORT
    first = text[begin]
    length = last.end - line.start
    if text.endswith(_OPEN_ENDS, last.start, last.end) and (length >= wrapped or first.islower()):
        return True
    if first.islower():
        return not listlike or length >= _SHORT
    if length < wrapped:
        return False
    # "Field: value" lines are entries, however long the line above them.
    colon = text.find(":", begin, min(stop, begin + 40))
    return colon == -1
