"""The ulcer of a venous or arterial ulcer: site and depth (L97) beside the vessels (I83.0, I87.2, I70.23).

One name says both ("venous ulcer of the right ankle"); the note of L97 asks for the cause first.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from functools import lru_cache

from cac.extract.skinsites import find_site
from cac.resources import one_of, read_table, required
from cac.types import Attribute, Mention, Note, Span

__all__ = ["venous_ulcers"]

_QUALITY = 0.9
_LEG = ("L97.90", "L97.91", "L97.92")
"""An ulcer of a leg without a site, by side."""

_WORST = "436521"
"""Necrosis before depth, then the deepest."""

_VESSELS = (
    *("I83.0", "I83.2", "I87.2", "I87.31", "I87.33", "I87.01", "I87.03"),
    *(f"I70.{graft}{leg}" for graft in "234567" for leg in "34"),
)
_SKIN = ("L97", "L98.41", "L98.42", "L89")
_ULCER = re.compile(r"\bulcer(?:s|ations?|ated)?\b", re.IGNORECASE)
_OTHER = re.compile(
    r"\b(?:pressure|decubitus|diabetic|gastric|peptic|duodenal|oral|corneal|arterial|ischemic|healed|no|without|"
    r"denies|risk\s+of|history\s+of|h/o|prior|previous)\b[^,;.]*$",
    re.IGNORECASE,
)


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
                if not _OTHER.search(note.text[s.start : u.start()])
            ),
            None,
        )
        if ulcer is None:
            continue
        stem, why = _site(note.text, s.start, s.end)
        depth, said = "9", None
        for pattern, value in _depths():
            said = pattern.search(note.text, s.start, s.end)
            if said is not None:
                depth = value
                why = (*why, Attribute("depth", value, *said.span()))
                break
        if stem + depth in codes:
            place = (Span(*ulcer.span()),)
            out.append(
                Mention(
                    place, (stem + depth,), "exact", _QUALITY, attributes=why, sentence=n, section=section
                )
            )
    return out


def _site(text: str, start: int, end: int) -> tuple[str, tuple[Attribute, ...]]:
    found = find_site("ulcer_sites.csv", text, start, end)
    spans = (("site", found.site), ("side", found.side))
    why = tuple(Attribute(axis, text[s.start : s.end].lower(), s.start, s.end) for axis, s in spans if s)
    return found.stem or _LEG[found.column], why


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
