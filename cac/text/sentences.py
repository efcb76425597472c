"""Sentences, bullets and list lines, and the items they belong to.

Rules of our own: a full stop ends a sentence unless the word before it is an abbreviation or an
initial; a line break ends one unless the prose was hard-wrapped; a numbered problem keeps its
sub-bullets and the prose beneath it. Nothing binds across the edges found here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from functools import cache

from cac.resources import read_table, required
from cac.text.abbreviations import abbreviation_kinds
from cac.text.blocks import LIST_KINDS, Block, section_blocks
from cac.text.items import number_items
from cac.text.lines import Lines
from cac.types import Section, Sentence, Tokens

__all__ = ["cut_block", "split_sentences"]

# Begins with a set of characters, so the search jumps from stop to stop. A bracket closes a number only.
_STOP = re.compile(r"[.?!;)](?:(?<!\))[.?!]*[\"'”’)\]]*|(?<=\d\)))(?=\s|$|,\S|[A-Z])")
_SECOND = re.compile(r"(?<=[\s,;.(])2[.)](?=\s+\D|[A-Z])")
_REACH = 1500
_LIST_EDGE = " \t\n\r\u00a0,;:.("
_TAIL = " \t\r\n,"
_SPACE = re.compile(r"[\s,]*")
_WORD = re.compile(r"\w")
_BARE_NUMBER = re.compile(r"\(?\d{1,2}[.)]")
_NUMBER_LENGTH = 4
_NAME = re.compile(r"[^\s.,;]+")
_BEFORE_NAMES = ("by", "with", "from", "and", "to")
_OPENING = "(\"'“‘["


def split_sentences(
    text: str, tokens: Tokens, sections: tuple[Section, ...], lines: Lines | None = None
) -> tuple[Sentence, ...]:
    """Split every section into sentences and number the items they form.

    Parameters
    ----------
    text, tokens, sections
        The note, its tokens and its sections.
    lines
        Its lines (`cac.text.lines.note_lines`), where they are known already.

    Returns
    -------
    tuple of Sentence
        In order, inside their sections, without headers and list markers. Sentences of one list
        item share ``item``; ``heading`` marks the title line of a problem.

    Examples
    --------
    >>> from cac.text.sections import find_sections
    >>> from cac.text.tokens import tokenize
    >>> note = "Assessment: 1. HTN, stable. Continue lisinopril. 2. Gout"
    >>> t = tokenize(note)
    >>> [(note[s.start:s.end], s.item) for s in split_sentences(note, t, find_sections(note, t))]
    [('HTN, stable.', 0), ('Continue lisinopril.', 0), ('Gout', 1)]
    """
    starts = tokens.starts
    lower = tokens.lower
    found: list[Sentence] = []
    item = 0
    at = 0
    for index, blocks in enumerate(section_blocks(text, sections, lines)):
        if not blocks:
            continue
        kind = sections[index].kind
        pieces: list[tuple[Block, int, int, int, int]] = []
        for block in blocks:
            sign = block
            for start, end, opened in cut_block(text, block.start, block.end, kind in LIST_KINDS, block.sign):
                # Nearly all begin with a letter or digit and are no bare number: seen without a search.
                if start == end or not (text[start].isalnum() or _WORD.search(text, start, end)):
                    continue
                if end - start <= _NUMBER_LENGTH and _BARE_NUMBER.fullmatch(text, start, end):
                    continue
                first = bisect_left(starts, start, at)
                last = bisect_left(starts, end, first)
                if first == last:
                    continue
                if opened:
                    sign = block._replace(start=start, mark="num", first=block.first and sign is block)
                pieces.append((sign, start, end, first, last))
                at = last
        if not pieces:
            continue
        numbered = number_items(text, lower, kind, pieces, item)
        for (_, start, end, first, last), (number, heading) in zip(pieces, numbered, strict=True):
            found.append(Sentence(start, end, index, number, first, last, heading))
        item = numbered[-1][0] + 1
    return tuple(found)


def cut_block(text: str, start: int, end: int, listlike: bool, sign: str = "") -> list[tuple[int, int, bool]]:
    """Sentence spans of one block, each with whether an inline number ("2.") opened it.

    Examples
    --------
    >>> block = "Seen by Dr. Lee at 10:30 a.m. today. No fever."
    >>> [block[s:e] for s, e, _ in cut_block(block, 0, len(block), False)]
    ['Seen by Dr. Lee at 10:30 a.m. today.', 'No fever.']
    """
    spans: list[tuple[int, int, bool]] = []
    at = start
    opened = False
    kinds = abbreviation_kinds()
    count = int(sign) if sign.isdigit() else 0
    for m in _STOP.finditer(text, start, end):
        stop, after = m.span()
        if stop < at:
            continue
        here = text[stop]
        if here == "." and text[after : after + 1] == " " and text[stop - 1].islower():
            # Nearly all: a word, a stop, a blank and a capital. Only an abbreviation goes on.
            word = text[max(at, text.rfind(" ", at, stop) + 1) : stop]
            if after + 1 < end and text[after + 1].isupper() and word.isalpha():
                if kinds.get(word.lower()) != "never":
                    spans.append((at, after, opened))
                    at, opened = after + 1, False
                continue
        if here == ";":
            if listlike:
                spans.append((at, stop, opened))
                at, opened = _skip(text, stop + 1, end), False
            continue
        if stop > at and here in ".)" and "0" <= text[stop - 1] <= "9":
            begin, number = _number(text, at, stop)
            if number and _opens_item(text, at, begin, number, count, after, end):
                count = number
                if text[at:begin].strip(" \t,:(-"):
                    spans.append((at, begin, opened))
                at, opened = _skip(text, after, end), True
                continue
        if here != ")":
            nxt = _skip(text, after, end)
            if _ends(text, at, stop, after, nxt, end, kinds):
                spans.append((at, after, opened))
                at, opened = nxt, False
    if at < end:
        spans.append((at, end, opened))
    return [(s, e if text[e - 1] not in _TAIL else s + len(text[s:e].rstrip(_TAIL)), o) for s, e, o in spans]


def _skip(text: str, at: int, end: int) -> int:
    # Nearly always one blank, and a word.
    if at + 1 < end and text[at] == " " and text[at + 1].isalnum():
        return at + 1
    m = _SPACE.match(text, at, end)
    return m.end() if m is not None else at


def _number(text: str, at: int, stop: int) -> tuple[int, int]:
    """Where the number before ``stop`` begins, with its bracket, and what it is; 0 if not a list number."""
    begin = stop - 1
    if begin > at and "0" <= text[begin - 1] <= "9":
        begin -= 1
    number = int(text[begin:stop])
    if begin > at and text[begin - 1] == "(":
        begin -= 1
    if begin > at and text[begin - 1] not in _LIST_EDGE:
        return begin, 0
    if begin > at + 1 and text[begin - 1] in ".,:" and text[begin - 2].isdigit():
        return begin, 0
    return begin, number


def _opens_item(text: str, at: int, stop: int, number: int, count: int, after: int, end: int) -> bool:
    """An inline "2." opens an item when it follows "1."; a first "1." when a "2." comes after it."""
    nxt = _skip(text, after, end)
    if nxt >= end or text[nxt].isdigit() or (nxt == after and not text[nxt].isupper()):
        return False
    before = text[max(at, stop - 40) : stop].rstrip()
    words = before[-14:].split()
    if words and abbreviation_kinds().get(words[-1].casefold().rstrip(".")) in ("counted", "digit"):
        return False
    if count:
        return number == count + 1
    if number != 1:
        return False
    if not before or before[-1] in ":.;-–":
        return True
    return _SECOND.search(text, after, min(end, after + _REACH)) is not None


def _ends(text: str, at: int, stop: int, after: int, nxt: int, end: int, kinds: Mapping[str, str]) -> bool:
    """Whether the stop at ``stop``..``after``, with the next word at ``nxt``, ends a sentence."""
    here = text[stop]
    if nxt >= end:
        return True
    following = text[nxt]
    if here == "?":
        # "? pneumonia" and "/? LRTI" ask; they do not end anything.
        return stop > at and (text[stop - 1].isalnum() or text[stop - 1] in ")\"'") and following.isupper()
    if here == "!":
        return nxt > after
    words = text[max(at, stop - 16) : stop].split()
    if not words:
        return False
    word = words[-1].lstrip(_OPENING)
    kind = kinds.get(word.casefold())
    if kind == "never":
        return False
    if nxt == after:
        # No blank after the stop: only where a word ends and another begins ("pain.He").
        return after == stop + 1 and word[-2:].islower() and text[nxt + 1 : nxt + 2].islower()
    if following in _OPENING and nxt + 1 < end:
        following = text[nxt + 1]
    if kind == "digit":
        return not (following.isdigit() or following.islower())
    if kind == "inner" or ("." in word and len(word) <= 8 and word.replace(".", "").isalpha()):
        return not (following.islower() or following.isdigit())
    if following.islower():
        return len(word) >= 3 and after == stop + 1
    if len(word) == 1 and word.isupper():
        return not _initial(text, words, nxt, end)
    return True


def _initial(text: str, words: list[str], nxt: int, end: int) -> bool:
    """Whether "F." is part of a name rather than the end of a sentence ("vitamin D. She ...")."""
    tail = _NAME.match(text, nxt, end)
    if tail is None or tail[0].casefold() in _starters() or not tail[0][0].isupper():
        return False
    if len(words) < 2:
        return True
    before = words[-2]
    return before in _BEFORE_NAMES or (before[0].isupper() and not before.isupper())


@cache
def _starters() -> frozenset[str]:
    return frozenset(
        r["word"] for r in read_table("lexicon/sentence_starters.csv", ("word",), {"word": required})
    )
