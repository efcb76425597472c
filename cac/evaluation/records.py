"""Labelled and predicted notes as plain data, whatever they were read from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from cac.types import Span

__all__ = ["SYSTEM", "Answer", "GoldNote", "Label", "PredictedNote", "category", "normal_code"]

SYSTEM = "ICD-10-CM"
_ICD = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?")
_OTHER = re.compile(r"[0-9A-Z][0-9A-Z.\-]{2,9}")


@dataclass(frozen=True, slots=True)
class Label:
    """One code of the gold standard.

    ``evidence`` has one entry for each labelled piece of evidence; an entry is the places any of
    which will do (a quote may stand in the note more than once).
    """

    code: str
    evidence: tuple[tuple[Span, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class GoldNote:
    """A labelled note: codes in alphabetical order, each once.

    ``options`` are those of ``Coder.suggest`` that the file gave for this note (setting, age ...).
    """

    id: str
    labels: tuple[Label, ...]
    text: str | None = field(default=None, repr=False)
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(label.code for label in self.labels)


@dataclass(frozen=True, slots=True)
class Answer:
    """One predicted code. ``suggested`` is false for what only ranked below the threshold."""

    code: str
    score: float | None = None
    suggested: bool = True
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class PredictedNote:
    """What was predicted for a note, best first, each code once."""

    id: str
    answers: tuple[Answer, ...]

    @property
    def suggested(self) -> tuple[Answer, ...]:
        return tuple(a for a in self.answers if a.suggested)


def normal_code(code: str, system: str = SYSTEM) -> str | None:
    """The code in upper case with its dot, or None when it cannot be a code.

    >>> normal_code("e1122"), normal_code("I10"), normal_code("E11.22 "), normal_code("gout")
    ('E11.22', 'I10', 'E11.22', None)
    """
    code = code.strip().upper()
    if system != SYSTEM:
        return code if _OTHER.fullmatch(code) else None
    if not _ICD.fullmatch(code):
        return None
    bare = code.replace(".", "")
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare


def category(code: str, system: str = SYSTEM) -> str:
    """The three-character category of an ICD-10-CM code; other systems have no categories."""
    return code[:3] if system == SYSTEM else code
