"""The candidates on their way through the rules: which still stand, and what became of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from cac.rules.kinds import SETS
from cac.rules.prefixes import Matcher, Met
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
        "_asked_at",
        "_complete",
        "_grouped_at",
        "_groups",
        "_matcher",
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
        matcher: Matcher,
    ) -> None:
        self.note, self.tabular, self.disabled = note, tabular, disabled
        self.live = {
            code: c if len(c.mentions) < 2 else in_order(c) for code, c in sorted(candidates.items())
        }
        self.found: dict[str, list[Finding]] = {}
        self.gone: set[str] = set()
        self.ledger: list[NotCoded] = []
        self.additions = 0
        self._matcher, self._asked_at = matcher, -1
        self._complete: dict[str, list[Met]] = {}
        self._pairs_at: dict[str, int] = {}
        self._grouped_at, self._groups = -1, list[list[str]]()

    def complete(self, table: str) -> Sequence[Met]:
        """The rules of a table whose conditions may be met, and by what; asked anew when a code is added.

        What has been dropped since may still be named; steps leave it out.
        """
        if self._asked_at != self.additions:
            self._asked_at = self.additions
            full = self._matcher.full(self.live)
            self._complete = dict(zip(SETS, self._matcher.parts(full, list(self.live)), strict=True))
        return self._complete[table]

    def unchanged(self, step: str) -> bool:
        """Whether a step that looks at pairs has seen every code there is: drops make no new pairs."""
        if self._pairs_at.get(step) == self.additions:
            return True
        self._pairs_at[step] = self.additions
        return False

    def families(self, step: str) -> list[list[str]]:
        """Codes of one category where there are several, sorted; none for a step that has seen them all."""
        if self.unchanged(step):
            return []
        live = self.live
        if self._grouped_at != self.additions:
            self._grouped_at, self._groups = self.additions, []
            if len({code[:3] for code in live}) < len(live):
                groups: dict[str, list[str]] = {}
                for code in live:
                    groups.setdefault(code[:3], []).append(code)
                self._groups = [sorted(g) for g in groups.values() if len(g) > 1]
        left = [[c for c in g if c in live] for g in self._groups]
        return [g for g in left if len(g) > 1]

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
            new = [m for m in mentions if m not in held.mentions]
            held = _with(held, mentions=(*held.mentions, *new))
        self.live[code] = in_order(held)
        self.find(code, finding)

    def find(self, code: str, finding: Finding) -> None:
        found = self.found.setdefault(code, [])
        if finding not in found:
            found.append(finding)

    def finished(self) -> tuple[Candidate, ...]:
        """The candidates with what the rules found; kept apart until now, for speed."""
        done = dict(sorted(self.live.items()))
        for code, found in self.found.items():
            held = done[code]
            new = [f for f in found if f not in held.findings]
            if new:
                done[code] = _with(held, findings=(*held.findings, *new))
        return tuple(done.values())

    def mentions(self, codes: Collection[str]) -> list[Mention]:
        ordered = sorted({id(m): m for c in codes for m in self.live[c].mentions}.values(), key=place)
        kept: list[Mention] = []
        for m in ordered:
            # Comparing mentions is slow, and needless where they begin at different places.
            if not kept or kept[-1].start != m.start or m not in kept:
                kept.append(m)
        return kept


def place(m: Mention) -> tuple[object, ...]:
    return m.start, m.end, m.codes, m.method, m.quality


def in_order(candidate: Candidate) -> Candidate:
    """Mentions in the order of the text, so that the order they come in does not matter."""
    if len(candidate.mentions) < 2:
        return candidate
    starts = [m.spans[0].start for m in candidate.mentions]
    if starts == sorted(starts) and len(set(starts)) == len(starts):
        return candidate
    mentions = tuple(sorted(candidate.mentions, key=place))
    return candidate if mentions == candidate.mentions else _with(candidate, mentions=mentions)


def _with(
    c: Candidate, mentions: tuple[Mention, ...] | None = None, findings: tuple[Finding, ...] | None = None
) -> Candidate:
    """The candidate with other mentions or findings: what ``replace`` does, in a fifth of the time."""
    return Candidate(
        c.code,
        c.mentions if mentions is None else mentions,
        c.findings if findings is None else findings,
        c.system,
        c.implied,
    )
