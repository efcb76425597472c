"""Which sentences belong to one list item, and which of them is the title of a problem.

In an assessment or plan an item is a problem: its number or title line, the bullets under it and
the prose that follows, up to the next problem. Elsewhere it is a bullet, a list line or a
paragraph.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from cac.resources import one_of, read_table, required
from cac.text.blocks import LIST_KINDS, Block
from cac.text.headers import headers, normal_label

__all__ = ["PROBLEM_KINDS", "is_title", "number_items"]

PROBLEM_KINDS = frozenset(
    (
        "assessment",
        "assessment_plan",
        "plan",
        "impression",
        "diagnosis",
        "discharge_diagnosis",
        "admission_diagnosis",
        "preop_diagnosis",
        "postop_diagnosis",
        "problem_list",
        "hospital_course",
        "differential",
    )
)
_TITLE_WORDS = 12
_Piece = tuple[Block, int, int, int, int]


def number_items(
    text: str, lower: Sequence[str], kind: str, pieces: Sequence[_Piece], first: int
) -> list[tuple[int, bool]]:
    """Item number and heading flag for each sentence of one section.

    Parameters
    ----------
    text, lower
        The note and its case-folded tokens.
    kind
        The kind of the section.
    pieces
        Block, start, end, first and last token of each sentence.
    first
        The number of the section's first item.
    """
    if kind in PROBLEM_KINDS:
        return _problems(text, lower, kind, pieces, first)
    result: list[tuple[int, bool]] = []
    number = first - 1
    block: Block | None = None
    top: Block | None = None
    listlike = kind in LIST_KINDS
    for piece in pieces:
        here = piece[0]
        if here is not block:
            if top is None:
                new = True
            elif here.mark:
                new = not (top.mark and here.indent > top.indent + 1) and here.mark != "letter"
            else:
                new = here.after_blank or (listlike and here.indent <= top.indent) or bool(top.mark)
                if top.mark and not here.after_blank and here.indent >= top.indent > 0:
                    new = False
            if new:
                number += 1
                top = here
            block = here
        result.append((number, False))
    return result


def _problems(
    text: str, lower: Sequence[str], kind: str, pieces: Sequence[_Piece], first: int
) -> list[tuple[int, bool]]:
    titles = kind != "hospital_course"
    # Problems parted by blank lines: then only the first line of each group can be a title.
    spaced = any(
        titles and piece[0].after_blank and not piece[0].first and _is_title_of(text, lower, piece)
        for piece, before in zip(pieces[1:], pieces, strict=False)
        if piece[0] is not before[0]
    )
    result: list[tuple[int, bool]] = []
    number = first - 1
    block: Block | None = None
    top: Block | None = None
    opened = ""
    for i, piece in enumerate(pieces):
        here, start, end, _, _ = piece
        if here is block:
            result.append((number, False))
            continue
        block = here
        title = titles and _is_title_of(text, lower, piece)
        alone = i + 1 == len(pieces) or pieces[i + 1][0] is not here
        scope = _label(text, start, end)
        opens, heading = _opens(here, top, opened, title, alone, scope, spaced)
        if top is None or opens:
            number += 1
            top = here
            opened = here.mark or ("head" if heading or (scope == "" and title) else "para")
        result.append((number, heading and (top is here)))
    return result


def _opens(
    here: Block, top: Block | None, opened: str, title: bool, alone: bool, scope: str | None, spaced: bool
) -> tuple[bool, bool]:
    """Whether a block opens a problem, and whether it is its title line."""
    if scope == "item" and top is not None:
        return False, False
    if here.mark in ("num", "hash"):
        nested = opened == "num" and top is not None and here.indent > top.indent + 2 and here.mark == "num"
        nested = nested or (opened == "head" and here.mark == "num" and not title)
        nested = nested or (opened == "hash" and here.mark == "num")
        return not nested, title and not nested
    if here.mark == "letter":
        return opened not in ("num", "hash", "head"), False
    if here.mark == "bullet":
        if opened in ("num", "hash", "head"):
            return False, False
        deeper = (
            opened == "bullet"
            and top is not None
            and (here.indent > top.indent + 1 or (here.sign != top.sign and here.indent >= top.indent))
        )
        return not deeper, title and not deeper
    if scope == "note":
        return True, False
    if top is None:
        return True, title and alone
    if opened in ("num", "hash"):
        return False, False
    if title and alone and (here.after_blank or not spaced or opened == "para"):
        return (True, True) if opened != "bullet" or here.after_blank else (False, False)
    if scope == "":
        # "HTN: continue lisinopril" under the same header as other such lines.
        return (here.after_blank or not spaced), False
    return opened == "para" and (here.after_blank or not spaced), False


def _is_title_of(text: str, lower: Sequence[str], piece: _Piece) -> bool:
    block, start, end, first, last = piece
    return is_title(text, lower, start, end, first, last, marked=bool(block.mark) or block.first)


def is_title(
    text: str, lower: Sequence[str], start: int, end: int, first: int, last: int, *, marked: bool
) -> bool:
    """Whether a sentence reads like the title of a problem: short, no verb, no instruction."""
    lead, anywhere = _stops()
    if last - first > _TITLE_WORDS + 6 or end - start > 100:
        return False
    words = lower[first:last]
    if not anywhere.isdisjoint(words) or words[0] in lead:
        return False
    if sum(1 for w in words if w[:1].isalnum()) > _TITLE_WORDS or text[end - 1] in ":?!":
        return False
    here = text[start]
    return marked or here.isupper() or here.isdigit() or here in "?\"'(#"


def _label(text: str, start: int, end: int) -> str | None:
    """The scope of the label a line begins with: "item", "note", "" (a label nobody knows) or None."""
    colon = text.find(":", start, min(end, start + 50))
    if colon == -1:
        if end - start > 40:
            return None
        name = normal_label(text[start:end].rstrip("."))
        scope = headers().labels.get(name)
        return scope if scope is not None and " " in name else None
    raw = text[start:colon]
    if ". " in raw or raw.count(" ") > 6:
        return None
    name = normal_label(raw)
    lexicon = headers()
    scope = lexicon.labels.get(name)
    if scope is None and name in lexicon.kinds:
        return "item"
    return scope or ""


@cache
def _stops() -> tuple[frozenset[str], frozenset[str]]:
    rows = read_table(
        "lexicon/sentence_title_stops.csv",
        ("word", "role"),
        {"word": required, "role": one_of("any", "lead")},
    )
    return (
        frozenset(r["word"] for r in rows if r["role"] == "lead"),
        frozenset(r["word"] for r in rows if r["role"] == "any"),
    )
