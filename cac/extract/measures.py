"""Numbers that are codes: the body mass index (Z68), the extent of burns (T31), the weight at birth (P07).

A value is no diagnosis (I.A.19); these are reported beside one: the index with a diagnosis of weight
(I.B.14), which the companion rules see to, the extent with a burn that has a site (I.C.19.d.6), the
weight with a prematurity or low weight that a provider documents (I.C.16.d).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Sequence
from functools import lru_cache

from cac.resources import finite, read_table, required
from cac.types import Attribute, Mention, Note, Span

__all__ = ["measure_mentions"]

_BMI = re.compile(
    r"\b(?:bmi|body mass index)\b(?:\s*\(?kg/m\W?2?\)?)?(?:\s+(?:is|was|of|at|today|currently|now))*"
    r"\s*[:=]?\s*\(?\s*(?P<value>[1-9]\d(?:\.\d{1,2})?)(?!\d|\s*(?:%|percentile|th\b|nd\b|rd\b|st\b))",
    re.IGNORECASE,
)
_INDEX = re.compile(r"b(?:mi|ody mass)")
_ABOVE = (40, 45, 50, 60, 70)
_EXTENT = re.compile(
    r"\b(?P<share>\d{1,3})(?:\.\d+)?\s?(?:%|percent)\s+(?:of\s+)?(?:the\s+)?(?:his\s+|her\s+)?"
    r"(?:t?bsa\b|(?:total\s+)?body\s+surface)",
    re.IGNORECASE,
)
_DEEP = re.compile(
    r"\b(?P<share>\d{1,3})(?:\.\d+)?\s?(?:%|percent)\s+(?:[a-z]+\s+){0,2}?"
    r"(?:third[\s-]degree|3rd[\s-]degree|full[\s-]thickness)",
    re.IGNORECASE,
)
_WEIGHT = re.compile(
    r"\b(?:birth\s?weight|bw)\s*(?:of|is|was|[:=])?\s*(?P<grams>\d{3,4})\s*(?:g|gm|gms|grams?)\b",
    re.IGNORECASE,
)
_PREMATURE = ("P07", "P59.0", "P61.2")
_BURNS = ("T20", "T21", "T22", "T23", "T24", "T25")
_QUALITY = 0.9


def measure_mentions(note: Note, mentions: Sequence[Mention], codes: Container[str]) -> list[Mention]:
    """Mentions of the body mass index, of the extent of burns and of the weight at birth.

    Parameters
    ----------
    mentions
        The asserted mentions of the note: without a burn that the patient has, no extent is read,
        without a prematurity no weight at birth.
    codes
        The codes in force; others are left out.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> [m.codes for m in measure_mentions(read("Obesity, BMI 37.4."), [], {"Z68.37"})]
    [('Z68.37',)]
    """
    out: list[Mention] = []
    lower = note.text.lower()
    if _INDEX.search(lower) is not None:
        for m in _BMI.finditer(note.text):
            _add(out, note, m.start(), m.end("value"), _bmi_code(float(m["value"])), codes)
    # Few notes have a burn or a newborn's condition: one look at the mentions tells.
    some = [m for m in mentions if m.codes[0][0] in "PT"]
    if not some:
        return out
    if _has(some, _BURNS) and ("body surface" in lower or "bsa" in lower):
        extent = _EXTENT.search(note.text)
        if extent is not None and int(extent["share"]) <= 100:
            deep = _DEEP.search(note.text)
            share = min(int(deep["share"]), int(extent["share"])) if deep is not None else 0
            tens = min(int(extent["share"]) // 10, 9)
            code = f"T31.{tens}{min(share // 10, tens)}" if tens else "T31.0"
            cue = (Attribute("extent", "third degree", deep.start(), deep.end()),) if deep is not None else ()
            _add(out, note, extent.start(), extent.end(), code, codes, cue)
    if _has(some, _PREMATURE) and ("birth" in lower or "bw" in lower):
        weight = _WEIGHT.search(note.text)
        grams = int(weight["grams"]) if weight is not None else 0
        code = next((code for low, high, code in _birth_weights() if low <= grams <= high), "")
        if weight is not None:
            _add(out, note, weight.start(), weight.end(), code, codes)
    return out


def _has(mentions: Sequence[Mention], codes: tuple[str, ...]) -> bool:
    """Whether the patient has one of the conditions."""
    return any([m.codes[0].startswith(codes) and m.assertion.affirmed for m in mentions])


@lru_cache(maxsize=1)
def _birth_weights() -> tuple[tuple[int, int, str], ...]:
    checks = {"low": finite, "high": finite, "code": required, "citation": required}
    rows = read_table("lexicon/birth_weights.csv", ("low", "high", "code", "citation"), checks)
    return tuple((int(r["low"]), int(r["high"]), r["code"]) for r in rows)


def _bmi_code(value: float) -> str:
    if value < 20:
        return "Z68.1"
    if value < 40:
        return f"Z68.{int(value)}"
    return f"Z68.4{bisect_right(_ABOVE, value)}"


def _add(
    out: list[Mention],
    note: Note,
    start: int,
    end: int,
    code: str,
    codes: Container[str],
    attributes: tuple[Attribute, ...] = (),
) -> None:
    n = bisect_right([s.start for s in note.sentences], start) - 1
    if code in codes and n >= 0:
        out.append(
            Mention(
                (Span(start, end),),
                (code,),
                "exact",
                _QUALITY,
                attributes=attributes,
                sentence=n,
                section=note.sections[note.sentences[n].section].kind,
            )
        )
