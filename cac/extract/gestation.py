"""Weeks of gestation (Z3A) and the number of the pregnancy (Z34): figures that are codes (I.C.21.c.11)."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace

from cac.types import Attribute, Mention, Note, Span

__all__ = ["count_pregnancies", "gestation_mentions"]

_PREGNANT = frozenset(
    "pregnant pregnancy gestation gestational gravid gravida ega iup antenatal prenatal preeclampsia "
    "eclampsia fetal fetus obstetric obstetrical previa placental abruption hyperemesis gravidarum trimester "
    "liveborn breech twins iugr cesarean primigravida multigravida oligohydramnios polyhydramnios "
    "abortion delivery".split()
)
_PARITY = re.compile(r"g\d+(?:p\d.*)?")
_NUMBERED_G = re.compile("[gG\uff27\uff47]\\d")
_WEEKS = re.compile(
    r"\b(?P<weeks>\d{1,2})(?:\s?(?:\+|and)\s?[0-6](?:/7)?|\s[0-6]/7)?[ -]?"
    r"(?:weeks?|wks?|w)(?:[ -]?[0-6]\s?(?:d|days?)\b|\b)"
    r"(?!\s*(?:ago|later|postpartum|post|old|after|prior|before|earlier|follow|of (?:pain|bleeding|nausea)))",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"\b(?:in|for|over|past|last|next|every|within|until|x|about every)\s*$", re.IGNORECASE)
_QUALITY = 0.9


def gestation_mentions(note: Note, mentions: Sequence[Mention], codes: Container[str]) -> list[Mention]:
    """Mentions of the weeks of gestation as Z3A codes; none where the note names no pregnancy.

    "for 6 weeks", "3 weeks ago" and weeks outside 8 to 42 are durations, not gestation.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("Pregnant, 20 weeks by dates. Vomiting for 3 weeks.")
    >>> [m.codes for m in gestation_mentions(note, [], {"Z3A.20"})]
    [('Z3A.20',)]
    """
    # "GDM at 31 weeks": a diagnosis of the obstetric chapter is the pregnancy by another name.
    if not any(c[0] == "O" for m in mentions for c in m.codes) and not _speaks_of_pregnancy(note):
        return []
    out: list[Mention] = []
    for number, s in enumerate(note.sentences):
        words = note.text[s.start : s.end]
        for m in _WEEKS.finditer(words):
            weeks = int(m["weeks"])
            code = f"Z3A.{weeks:02d}"
            if not 8 <= weeks <= 42 or code not in codes or _BEFORE.search(words[: m.start()]):
                continue
            span = Span(s.start + m.start(), s.start + m.end())
            section = note.sections[s.section].kind
            out.append(Mention((span,), (code,), "exact", _QUALITY, sentence=number, section=section))
    return out


_GRAVIDA = re.compile(
    r"\bG\s?(?P<count>\d{1,2})(?=\s?,?\s?(?:P|T\d|[,;. )]|$))|\b[Gg]ravida\s+(?P<times>\d{1,2}|one|I)\b"
    r"|(?i:\b(?P<first>primigravida|primigravid|primip|first\s+pregnancy)\b)"
    r"|(?i:\b(?P<later>multigravida|multigravid|(?:second|third|fourth|fifth)\s+pregnancy)\b)"
)


def count_pregnancies(note: Note, mentions: Sequence[Mention], codes: Container[str]) -> list[Mention]:
    """The mentions; supervision of a normal pregnancy says whether it is the first (I.C.15.b.1).

    Examples
    --------
    >>> from cac.text.reader import read
    >>> found = Mention((Span(0, 14),), ("Z34.91",), "exact", 1.0)
    >>> note = read("Prenatal visit. G1P0 at 12 weeks.")
    >>> [m.codes for m in count_pregnancies(note, [found], {"Z34.01"})]
    [('Z34.01',)]
    """
    # "Weeks gestation" without its figure is no week; `gestation_mentions` reads the figures.
    mentions = [m for m in mentions if not (m.guessed and m.codes[0].startswith("Z3A"))]
    if not any(c.startswith(_OPEN) for m in mentions for c in m.codes):
        return mentions
    said = _GRAVIDA.search(note.text)
    if said is None:
        return mentions
    first = said["first"] or (said["count"] or said["times"] or "") in ("1", "one", "I")
    stem = "Z34.0" if first else "Z34.8"
    made = []
    for m in mentions:
        if any(c.startswith(_OPEN) and stem + c[5:] in codes for c in m.codes):
            counted = tuple(stem + c[5:] if c.startswith(_OPEN) else c for c in m.codes)
            m = replace(
                m, codes=counted, attributes=(*m.attributes, Attribute("pregnancy", said[0], *said.span()))
            )
        made.append(m)
    return made


_OPEN = "Z34.9"


def _speaks_of_pregnancy(note: Note) -> bool:
    words = note.tokens.lower
    if not _PREGNANT.isdisjoint(words):
        return True
    return _NUMBERED_G.search(note.text) is not None and any(
        w[:1] == "g" and _PARITY.fullmatch(w) for w in words
    )
