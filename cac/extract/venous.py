"""Chronic ulcers: the one of a venous or arterial ulcer beside its vessels, and how deep any of them is.

One name says both ("venous ulcer of the right ankle"); the note of L97 asks for the cause first. The
words for the depth are no words of titles ("bone exposed"): they are rows of ``lexicon/ulcer_depth.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace
from functools import lru_cache

from cac.extract.skinsites import find_site, phrases
from cac.resources import one_of, read_table, required
from cac.types import Attribute, Mention, Note, Span

__all__ = ["measure_ulcers", "venous_ulcers"]

_QUALITY = 0.9
_LEG = ("L97.90", "L97.91", "L97.92")
"""An ulcer of a leg without a site, by side."""

_WORST = "436521"
"""Necrosis before depth, then the deepest."""

_VESSELS = (
    *("I83.0", "I83.2", "I87.2", "I87.31", "I87.33", "I87.01", "I87.03"),
    *(f"I70.{graft}{leg}" for graft in "234567" for leg in "34"),
)
_SKIN = ("L97", "L98.4", "L89")
_NOWHERE = ("L97.9", "L98.49")
_ULCER = re.compile(r"\bulcer(?:s|ations?|ated)?\b", re.IGNORECASE)


def venous_ulcers(note: Note, mentions: Sequence[Mention], codes: Container[str]) -> list[Mention]:
    """Mentions of the ulcer, for affirmed disease of vessels whose sentence names an ulcer that no code has.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("Venous stasis ulcer right ankle.")
    >>> veins = Mention((Span(0, 19),), ("I87.2",), "exact", 1.0)
    >>> [m.codes for m in venous_ulcers(note, [veins], {"L97.319"})]
    [('L97.319',)]
    """
    veins = [m for m in mentions if m.assertion.affirmed and any(c.startswith(_VESSELS) for c in m.codes)]
    if not veins:
        return []
    named = (m for m in mentions if m.method not in ("vague", "inner"))
    covered = {m.sentence for m in named if any(c.startswith(_SKIN) for c in m.codes)}
    out: list[Mention] = []
    for n, section in sorted({(m.sentence, m.section) for m in veins if m.sentence not in covered}):
        s = note.sentences[n]
        ulcer = next(
            (
                u
                for u in _ULCER.finditer(note.text, s.start, s.end)
                if not _other().search(note.text[s.start : u.start()])
            ),
            None,
        )
        if ulcer is None:
            continue
        stem, why = _site(note.text, s.start, s.end)
        depth, said = "9", _depth(note.text, s.start, s.end)
        if said is not None:
            depth, why = said.value, (*why, said)
        if stem + depth in codes:
            place = (Span(*ulcer.span()),)
            out.append(
                Mention(
                    place, (stem + depth,), "exact", _QUALITY, attributes=why, sentence=n, section=section
                )
            )
    return out


def measure_ulcers(note: Note, mentions: Sequence[Mention], codes: Container[str]) -> list[Mention]:
    """The mentions; a chronic ulcer whose depth is open takes it from the words of its sentence.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> found = Mention((Span(0, 17),), ("L97.429",), "exact", 1.0)
    >>> note = read("Ulcer of left heel, bone exposed.")
    >>> [m.codes for m in measure_ulcers(note, [found], {"L97.426"})]
    [('L97.426',)]
    """
    open_ones = [m for m in mentions if m.codes[0][0] == "L" and any(map(_is_open, m.codes))]
    if not open_ones:
        return list(mentions)
    stems: dict[int, set[str]] = {}
    for m in open_ones:
        named = (c[:-1] for c in m.codes if c.startswith(_SKIN) and not c.startswith(_NOWHERE))
        stems.setdefault(m.sentence, set()).update(named)
    made: list[Mention] = []
    for m in mentions:
        # Two ulcers of a sentence share no depth.
        if len(stems.get(m.sentence, "..")) < 2 and any(_is_open(c) for c in m.codes):
            s = note.sentences[m.sentence]
            said = _depth(note.text, s.start, s.end)
            if said is not None:
                deep = tuple(
                    c[:-1] + said.value if _is_open(c) and c[:-1] + said.value in codes else c
                    for c in m.codes
                )
                m = replace(m, codes=deep, attributes=(*m.attributes, said))
        made.append(m)
    return made


def _is_open(code: str) -> bool:
    return len(code) == 7 and code[-1] == "9" and code.startswith(("L97", "L98.4"))


def _depth(text: str, start: int, end: int) -> Attribute | None:
    for pattern, value in _depths():
        for said in pattern.finditer(text, start, end):
            if _DENIED.search(text, start, said.start()) is None:
                return Attribute("depth", value, *said.span())
    return None


_DENIED = re.compile(r"\b(?:no|without|not)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)


def _site(text: str, start: int, end: int) -> tuple[str, tuple[Attribute, ...]]:
    found = find_site("ulcer_sites.csv", text, start, end)
    spans = (("site", found.site), ("side", found.side))
    why = tuple(Attribute(axis, text[s.start : s.end].lower(), s.start, s.end) for axis, s in spans if s)
    return found.stem or _LEG[found.column], why


@lru_cache(maxsize=1)
def _other() -> re.Pattern[str]:
    """Words before "ulcer" that make it one of another kind, or none."""
    rows = read_table("lexicon/ulcer_other.csv", ("words", "note"), {"words": required})
    words = phrases(w for r in rows for w in r["words"].split("|"))
    return re.compile(rf"\b(?:{words})\b[^,;.]*$", re.IGNORECASE)


@lru_cache(maxsize=1)
def _depths() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Words for the depth of an ulcer and its character of the code, the deepest harm first."""
    rows = read_table(
        "lexicon/ulcer_depth.csv", ("words", "depth", "note"), {"words": required, "depth": one_of(*"123456")}
    )
    rows.sort(key=lambda r: _WORST.index(r["depth"]))
    return tuple(
        (re.compile(rf"\b(?:{'|'.join(map(re.escape, r['words'].split('|')))})", re.IGNORECASE), r["depth"])
        for r in rows
    )
