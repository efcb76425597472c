"""What a note says for the 7th character of an injury."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Encounter"]


@dataclass(frozen=True, slots=True)
class Encounter:
    """What the note says for the 7th character (I.C.19.a): phase, open or closed, healing."""

    phase: str = "initial"
    open_fracture: bool = False
    healing: str = "routine"
    documented: bool = False
    severe: bool = False

    def character(self, available: Iterable[str]) -> str:
        """The 7th character among those a code offers, the default when the exact one is missing."""
        have = sorted(available)
        if self.phase == "sequela":
            wanted = ["S"]
        elif self.phase == "subsequent":
            closed = {"routine": "D", "delayed": "G", "nonunion": "K", "malunion": "P"}[self.healing]
            opened = {"D": "EF", "G": "HJ", "K": "MN", "P": "QR"}[closed]
            wanted = [*self._of_opened(opened), closed, "D"]
        else:
            wanted = [*self._of_opened("BC"), "A"]
        return next((c for c in wanted if c in have), have[0])

    def _of_opened(self, pair: str) -> list[str]:
        """Of the characters for open fractures of type I or II and of type III, those to try (I.C.19.c)."""
        if not self.open_fracture:
            return []
        return [pair[1], pair[0]] if self.severe else [pair[0]]
