"""The exact matchers under the names a configuration chooses them by.

``sequence`` finds titles, inclusion terms and lexicon rows word for word; ``bag`` finds their words in any
order within a clause, which is how axes come together ("left hip fracture, displaced"). Spelling repair and
synonyms belong to the stream both read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from cac.match.canon import Stream
from cac.match.index import TermIndex
from cac.match.matchers import Clauses, Hit, bag_hits, sequence_hits
from cac.match.protocol import MatchText

__all__ = ["BAG", "SEQUENCE"]


@dataclass(frozen=True, slots=True)
class _Plain:
    """A matcher that looks at words alone."""

    name: str
    _find: Callable[[Stream, Clauses, TermIndex], list[Hit]]

    def hits(self, text: MatchText, index: TermIndex, found: Sequence[Hit]) -> list[Hit]:
        """The hits in order; what other matchers found does not matter."""
        return sorted(
            self._find(text.stream, text.clauses, index), key=attrgetter("positions", "entry", "gap")
        )


SEQUENCE = _Plain("sequence", sequence_hits)
BAG = _Plain("bag", bag_hits)
