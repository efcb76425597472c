"""The ulcer of a venous ulcer: site and depth (L97) beside the disease of the veins (I83.0, I87.2).

One name says both ("venous ulcer of the right ankle"); the note of L97 asks for the cause first.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from functools import lru_cache

from cac.resources import read_table, required
from cac.types import Attribute, Mention, Note, Span

__all__ = ["venous_ulcers"]

_QUALITY = 0.9
_VEINS = ("I83.0", "I83.2", "I87.2", "I87.31", "I87.33", "I87.01", "I87.03")
_SKIN = ("L97", "L98.4", "L89")
_ULCER = re.compile(r"\bulcer(?:s|ations?|ated)?\b", re.IGNORECASE)
_OTHER = re.compile(
    r"\b(?:pressure|decubitus|diabetic|gastric|peptic|duodenal|oral|corneal|arterial|ischemic|healed|no|without|"
    r"denies|risk\s+of|history\s+of|h/o|prior|previous)\b[^,;.]*$",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"\b(?:(?P<right>right|rt|r)|(?P<left>left|lt|l)|(?P<both>bilateral|both))\b", re.IGNORECASE
)
_DEPTH = (
    (re.compile(r"\bnecrosis\s+of\s+(?:the\s+)?bone|\bbone\s+necrosis", re.IGNORECASE), "4"),
    (re.compile(r"\bnecrosis\s+of\s+(?:the\s+)?muscle|\bmuscle\s+necrosis", re.IGNORECASE), "3"),
    (
        re.compile(
            r"\b(?:bone\s+(?:exposed|involve)|exposed\s+bone|(?:to|into)\s+(?:the\s+)?bone)", re.IGNORECASE
        ),
        "6",
    ),
    (
        re.compile(
            r"\b(?:muscle\s+(?:exposed|involve)|exposed\s+muscle|(?:to|into)\s+(?:the\s+)?muscle)",
            re.IGNORECASE,
        ),
        "5",
    ),
    (
        re.compile(
            r"\b(?:fat\s+layer|subcutaneous\s+(?:fat|tissue)|fat\s+exposed|exposed\s+fat|full[- ]thickness)",
            re.IGNORECASE,
        ),
        "2",
    ),
    (
        re.compile(
            r"\b(?:breakdown\s+of\s+skin|skin\s+breakdown|limited\s+to\s+(?:the\s+)?skin|"
            r"partial[- ]thickness|superficial)",
            re.IGNORECASE,
        ),
        "1",
    ),
)


def venous_ulcers(note: Note, mentions: Sequence[Mention], codes: Container[str]) -> list[Mention]:
    """Mentions of the ulcer, for affirmed venous disease whose sentence names an ulcer and no code has it.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("Venous stasis ulcer right ankle.")
    >>> veins = Mention((Span(0, 19),), ("I87.2",), "exact", 1.0)
    >>> [m.codes for m in venous_ulcers(note, [veins], {"L97.319"})]
    [('L97.319',)]
    """
    veins = [m for m in mentions if m.assertion.affirmed and any(c.startswith(_VEINS) for c in m.codes)]
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
        for pattern, value in _DEPTH:
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
    pattern, stems = _sites()
    found = pattern.search(text, start, end)
    side = next(iter(_SIDE.finditer(text, start, end)), None)
    column = 0 if side is None or side["both"] else 1 if side["right"] else 2
    spans = [("site", found), ("side", side)]
    why = tuple(Attribute(axis, m[0].lower(), *m.span()) for axis, m in spans if m is not None)
    if found is None:
        return ("L97.90", "L97.91", "L97.92")[column], why
    return stems[" ".join(found[0].lower().split())][column], why


@lru_cache(maxsize=1)
def _sites() -> tuple[re.Pattern[str], dict[str, tuple[str, str, str]]]:
    columns = ("words", "none", "right", "left", "note")
    rows = read_table("lexicon/ulcer_sites.csv", columns, dict.fromkeys(columns[:4], required))
    stems = {w: (r["none"], r["right"], r["left"]) for r in rows for w in r["words"].split("|")}
    shapes = sorted((r"\s+".join(map(re.escape, w.split())) for w in stems), key=lambda s: (-len(s), s))
    return re.compile(rf"\b(?:{'|'.join(shapes)})\b", re.IGNORECASE), stems
