"""The candidates on their way through the rules: which still stand, and what became of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from cac.rules.prefixes import Matcher
from cac.rules.tabular import TabularNotes
from cac.types import Candidate, Finding, Mention, NotCoded, Note

__all__ = ["DOCUMENTED", "State", "Strength"]

DOCUMENTED = -0.4
"""Log-odds from which a code may take others away: about to be suggested itself."""

Strength = Callable[[Candidate], float]
"""How well documented a candidate is; decides which of two excluding codes stays."""


class State:
    """The candidates that still stand, and what became of the others."""

    __slots__ = (
        "_complete",
        "_pairs_at",
        "additions",
        "disabled",
        "found",
        "gone",
        "ledger",
        "live",
        "note",
        "tabular",
    )

    def __init__(
        self,
        note: Note,
        candidates: Mapping[str, Candidate],
        tabular: TabularNotes,
        disabled: frozenset[str],
    ) -> None:
        self.note, self.tabular, self.disabled = note, tabular, disabled
        self.live = {code: in_order(c) for code, c in sorted(candidates.items())}
        self.found: dict[str, list[Finding]] = {}
        self.gone: set[str] = set()
        self.ledger: list[NotCoded] = []
        self.additions = 0
        self._complete: dict[int, tuple[int, list[tuple[int, list[list[str]]]]]] = {}
        self._pairs_at: dict[str, int] = {}

    def complete(self, matcher: Matcher) -> list[tuple[int, list[list[str]]]]:
        """The rules whose conditions may be met, and by what: asked anew only when a code is added.

        What has been dropped since is still named; steps leave it out.
        """
        additions, found = self._complete.get(id(matcher), (-1, []))
        if additions != self.additions:
            found = matcher.complete(list(self.live))
            self._complete[id(matcher)] = self.additions, found
        return found

    def unchanged(self, step: str) -> bool:
        """Whether a step that looks at pairs has seen every code there is: drops make no new pairs."""
        if self._pairs_at.get(step) == self.additions:
            return True
        self._pairs_at[step] = self.additions
        return False

    def drop(self, code: str, reason: str, citation: str) -> None:
        gone = self.live.pop(code)
        self.found.pop(code, None)
        self.gone.add(code)
        for m in gone.mentions:
            words = self.note.text[m.start : m.end]
            self.ledger.append(NotCoded(m.start, m.end, words, reason, m.section, (code,), None, citation))

    def can_add(self, code: str) -> bool:
        return code not in self.gone and code in self.tabular.table.row_of

    def add(self, code: str, mentions: Sequence[Mention], finding: Finding) -> None:
        """Add a code that follows from mentions of others, or their mentions to the code itself."""
        held = self.live.get(code)
        if held is None:
            self.additions += 1
            held = Candidate(code, tuple(mentions), implied=True)
        else:
            held = replace(held, mentions=(*held.mentions, *(m for m in mentions if m not in held.mentions)))
        self.live[code] = in_order(held)
        self.find(code, finding)

    def find(self, code: str, finding: Finding) -> None:
        found = self.found.setdefault(code, [])
        if finding not in found:
            found.append(finding)

    def finished(self, code: str) -> Candidate:
        """The candidate with what the rules found; kept apart until now, for speed."""
        held = self.live[code]
        new = [f for f in self.found.get(code, ()) if f not in held.findings]
        return replace(held, findings=(*held.findings, *new)) if new else held

    def mentions(self, codes: Collection[str]) -> list[Mention]:
        return sorted({m for c in codes for m in self.live[c].mentions}, key=place)


def place(m: Mention) -> tuple[object, ...]:
    return m.start, m.end, m.codes, m.method, m.quality


def in_order(candidate: Candidate) -> Candidate:
    """Mentions in the order of the text, so that the order they come in does not matter."""
    if len(candidate.mentions) < 2:
        return candidate
    mentions = tuple(sorted(candidate.mentions, key=place))
    return candidate if mentions == candidate.mentions else replace(candidate, mentions=mentions)
