"""What a matcher is: it finds entries of the index in the canonical words of a note.

Another package brings a matcher of its own by registering an object with these members under the entry
point group ``cac.matchers``; ``cac.testing.check_matcher`` says whether it keeps the contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol, runtime_checkable

from cac.errors import ConfigError
from cac.match.canon import Stream
from cac.match.index import TermIndex
from cac.match.matchers import Clauses, Hit
from cac.registry import MATCHERS, STANDARD_MATCHERS
from cac.types import Note

__all__ = ["MatchText", "Matcher", "matchers_named"]


@dataclass(frozen=True, slots=True)
class MatchText:
    """A note as matchers see it: itself, its canonical words, and its clauses. Nobody may change it."""

    note: Note = field(repr=False)
    stream: Stream = field(repr=False)
    clauses: Clauses = field(repr=False)


@runtime_checkable
class Matcher(Protocol):
    """The contract of a matcher.

    A hit names an entry of the index and the positions of the stream that say it, ascending, all within one
    sentence; it reaches across a barrier word ("no", "without") only where that is one of its words. The
    words of the entry are the words at the positions, or what ``Hit.edits`` says they were read as. The same
    text gives the same hits, in order of their positions. An empty note gives none.
    """

    @property
    def name(self) -> str:
        """The name it is registered under."""

    def hits(self, text: MatchText, index: TermIndex, found: Sequence[Hit]) -> list[Hit]:
        """The hits in a text. ``found`` are those of the matchers before this one."""


@lru_cache(maxsize=1)
def _standard() -> tuple[Matcher, ...]:
    return tuple(MATCHERS.get(name) for name in STANDARD_MATCHERS)


def matchers_named(names: Sequence[str] | None) -> tuple[Matcher, ...]:
    """The matchers with these names, in order; the standard ones for None.

    Raises ConfigError for a name that does not exist or stands for something else than a matcher.
    """
    if names is None:
        return _standard()
    found = tuple(MATCHERS.get(name) for name in names)
    for name, matcher in zip(names, found, strict=True):
        if not isinstance(matcher, Matcher):
            raise ConfigError(f"what is registered as {name!r:.40} is no matcher")
    return found
