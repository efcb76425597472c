"""The second pass: candidates against each other, to a fixed point.

Order: codes of another category for a cause, combinations (longest first), companions, refinements, the less specific beside the more
specific, integral symptoms, Excludes1; then again until nothing changes. Each step looks at the whole
set, so the result does not depend on the order of rows or of mentions; a code once dropped does not
come back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from cac.rules.kinds import Combination, Recode, RuleTables, Suppression
from cac.rules.links import linked
from cac.rules.prefixes import Matcher
from cac.rules.tabular import TabularNotes
from cac.types import Candidate, Finding, Mention, NotCoded, Note, Scope

__all__ = ["Ruled", "apply_rules"]

_COMBINED = 4
_ABOUT = 0.5
_DOCUMENTED = -0.4
"""Log-odds from which a code may take others away: about to be suggested itself."""

Strength = Callable[[Candidate], float]
"""How well documented a candidate is; decides which of two excluding codes stays."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """The candidates that stand, and the ledger of those the rules took away."""

    candidates: tuple[Candidate, ...]
    not_coded: tuple[NotCoded, ...]


def apply_rules(
    note: Note,
    candidates: Mapping[str, Candidate],
    *,
    scope: Scope,
    rules: RuleTables,
    tabular: TabularNotes,
    strength: Strength,
    disabled: frozenset[str] = frozenset(),
) -> Ruled:
    """Apply every rule kind until nothing changes.

    Parameters
    ----------
    candidates
        By code; their order does not matter.
    scope
        "documented" keeps every affirmed condition: only what says less than another code goes.
    strength
        How well documented a candidate is, for Excludes1.
    disabled
        Ids of rules that are switched off; "more-specific" and "excludes1" among them.
    """
    state = _State(note, _without_parts(candidates, tabular, rules, disabled), tabular, disabled)
    before: list[str] | None = None
    while before != (codes := list(state.live)):
        before = codes
        if scope == "reportable":
            _recode(state, rules)
            _combine(state, rules)
            _companions(state, rules)
            _refine(state, rules)
            _merge_sides(state)
        _less_specific(state)
        if scope == "reportable":
            _suppress(state, rules.superseded, rules.superseded_matcher, "superseded", strength)
            _suppress(state, rules.integral, rules.integral_matcher, "integral_symptom", strength)
            _excludes1(state, strength)
    return Ruled(tuple(state.finished(code) for code in sorted(state.live)), tuple(state.ledger))


def _without_parts(
    candidates: Mapping[str, Candidate], tabular: TabularNotes, rules: RuleTables, disabled: frozenset[str]
) -> dict[str, Candidate]:
    """Candidates without those that are only part of a larger mention, unless a code asks for them.

    "BPH with urinary retention" is N40.1, whose note asks for R33.8 (I.A.17); "chronic kidney disease"
    within "anemia in chronic kidney disease" is a part the same way.
    """
    parts = {code for code, c in candidates.items() if all(m.method == "inner" for m in c.mentions)}
    whole = [code for code in candidates if code not in parts]
    return {
        code: c
        for code, c in candidates.items()
        if code not in parts
        or any(tabular.asks_for(other, code) for other in whole)
        or rules.keeps_part(code, whole, disabled)
    }


class _State:
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
        self.live = {code: _in_order(c) for code, c in sorted(candidates.items())}
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
        self.live[code] = _in_order(held)
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
        return sorted({m for c in codes for m in self.live[c].mentions}, key=_place)

    def sentence_of(self, mention: Mention) -> str:
        sentence = self.note.sentences[mention.sentence]
        return self.note.text[sentence.start : sentence.end]


def _place(m: Mention) -> tuple[object, ...]:
    return m.start, m.end, m.codes, m.method, m.quality


def _in_order(candidate: Candidate) -> Candidate:
    """Mentions in the order of the text, so that the order they come in does not matter."""
    if len(candidate.mentions) < 2:
        return candidate
    return replace(candidate, mentions=tuple(sorted(candidate.mentions, key=_place)))


def _combine(state: _State, rules: RuleTables) -> None:
    """Combination codes in place of their parts (I.B.9), presumed links (I.A.15) and sequelae."""
    fired = True
    while fired:
        fired = False
        for i, parts in state.complete(rules.combination_matcher):
            rule = rules.combinations[i]
            if rule.id not in state.disabled and _combined(state, rule, rules, parts):
                fired = True


def _combined(state: _State, rule: Combination, rules: RuleTables, met: Sequence[Sequence[str]]) -> bool:
    """Apply one rule whose conditions are met; False when it may not, or would change nothing."""
    new = bool(rule.add) and rule.add not in state.live
    if new and not state.can_add(rule.add):
        return False
    live = state.live
    parts = [[c for c in part if c in live] for part in met]
    if not all(parts) or (rule.none_of and any(c in rule.none_of for c in state.live)):
        return False
    dropped = [c for c in state.live if c in rule.drop and c != rule.add]
    if not (new or dropped) or not _linked(state, rule, rules, parts):
        return False
    members = sorted({c for part in parts for c in part})
    codes = tuple(sorted({*members, *([rule.add] if rule.add else ())}))
    finding = Finding(rule.id, "combination", rule.message, rule.citation, codes)
    mentions = state.mentions(members)
    for c in dropped:
        state.drop(c, "combined", rule.citation)
    if rule.add:
        state.add(rule.add, mentions, finding)
    for c in members:
        if c in state.live:
            state.find(c, finding)
    return True


def _linked(
    state: _State, rule: Combination | Recode, rules: RuleTables, parts: Sequence[Sequence[str]]
) -> bool:
    mentions = [[m for c in part for m in state.live[c].mentions] for part in parts]
    return linked(state.note, rule, rules, mentions)


def _recode(state: _State, rules: RuleTables) -> None:
    """Codes of another category for what a cause makes of them: secondary diabetes (I.C.4.a.6)."""
    for i, (met, when) in state.complete(rules.recode_matcher):
        rule = rules.recodes[i]
        if rule.id in state.disabled:
            continue
        causes = [c for c in when if c in state.live]
        for code in [c for c in met if c in state.live and c.startswith(rule.was)]:
            other = rule.becomes + code[len(rule.was) :]
            if not causes or not state.can_add(other) or not _linked(state, rule, rules, [[code], causes]):
                continue
            finding = Finding(rule.id, "combination", rule.message, rule.citation, (code, other))
            mentions = state.mentions([code])
            state.drop(code, "combined", rule.citation)
            state.add(other, mentions, finding)


def _companions(state: _State, rules: RuleTables) -> None:
    """Codes that are only reported with another: the default is added, or they go (I.A.13, I.B.14)."""
    for i, (met,) in state.complete(rules.companion_matcher):
        rule = rules.companions[i]
        members = [c for c in met if c in state.live]
        present = [c for c in state.live if c in rule.needs]
        if rule.id in state.disabled or present:
            if members and rule.id not in state.disabled and not rule.add:
                # A value counts where the diagnosis stands that it is reported with.
                for c in members:
                    finding = Finding(rule.id, "companion", rule.message, rule.citation, (c, present[0]))
                    state.add(c, state.mentions(present), finding)
            continue
        if rule.add:
            if members and state.can_add(rule.add):
                codes = (*members, rule.add)
                finding = Finding(rule.id, "companion", rule.message, rule.citation, codes)
                state.add(rule.add, state.mentions(members), finding)
        else:
            for c in members:
                state.drop(c, "needs_companion", rule.citation)


def _refine(state: _State, rules: RuleTables) -> None:
    """What one code leaves open and another one says: weeks of gestation give the trimester."""
    for i, (when, met) in state.complete(rules.refinement_matcher):
        rule = rules.refinements[i]
        if rule.id in state.disabled or not any(c in state.live for c in when):
            continue
        for code in [c for c in met if c in state.live and c not in when]:
            closer = state.tabular.sibling(code, rule.says, rule.becomes)
            if closer and closer not in state.gone:
                mentions = state.mentions([code])
                finding = Finding(rule.id, "refinement", rule.message, rule.citation, (code, closer))
                state.drop(code, "superseded", rule.citation)
                state.add(closer, mentions, finding)


def _merge_sides(state: _State) -> None:
    """One code for both sides in place of one for each (I.B.13)."""
    if "both-sides" in state.disabled or state.unchanged("both-sides"):
        return
    families: dict[str, list[str]] = {}
    for code in state.live:
        families.setdefault(code[:3], []).append(code)
    for family in families.values():
        if len(family) < 2:
            continue
        family.sort()
        for a in family:
            for b in family:
                if a < b and a in state.live and b in state.live:
                    both = state.tabular.both_sides(a, b)
                    if both and state.can_add(both):
                        message = "both sides have one code"
                        finding = Finding("both-sides", "laterality", message, "I.B.13", (a, b, both))
                        mentions = state.mentions([a, b])
                        state.drop(a, "combined", "I.B.13")
                        state.drop(b, "combined", "I.B.13")
                        state.add(both, mentions, finding)


def _less_specific(state: _State) -> None:
    """Drop what says less than another code of the same condition (I.A.9.b, I.B.18)."""
    if "more-specific" in state.disabled or state.unchanged("more-specific"):
        return
    families: dict[str, list[str]] = {}
    for code in state.live:
        families.setdefault(code[:3], []).append(code)
    for family in families.values():
        if len(family) < 2:
            continue
        family.sort()
        worse = {
            code: better
            for code in family
            if (better := [o for o in family if o != code and state.tabular.says_less(code, o)])
        }
        for code, better in worse.items():
            winner = next((o for o in better if o not in worse), better[-1])
            message = f"says more than {code}"
            finding = Finding("more-specific", "superseded", message, "I.B.18", (code, winner))
            # One condition, documented more closely elsewhere: all its mentions speak for the closer code.
            state.add(winner, state.live[code].mentions, finding)
        for code in worse:
            state.drop(code, "superseded", "I.B.18")


def _suppress(
    state: _State, rules: Sequence[Suppression], matcher: Matcher, reason: str, strength: Strength
) -> None:
    """Weaker codes beside stronger ones; symptoms that belong to a reported diagnosis (I.B.5).

    A code that is hardly documented itself takes nothing away from one that is.
    """
    dropped: dict[str, tuple[Suppression, list[str]]] = {}
    live = state.live
    for i, (by, met) in state.complete(matcher):
        rule = rules[i]
        if rule.id in state.disabled:
            continue
        strong = [c for c in by if c in live and c not in met]
        if not strong:
            continue
        for code in [c for c in met if c in live]:
            # A symptom that a "use additional code" note asks for stands beside its diagnosis (I.A.17).
            integral = reason == "integral_symptom"
            causes = [
                c
                for c in strong
                if not integral or (state.tabular.share_site(code, c) and not state.tabular.first(code, c))
            ]
            if causes:
                needed = min(_DOCUMENTED, strength(live[code]))
                causes = [c for c in causes if strength(live[c]) >= needed]
            if causes:
                dropped.setdefault(code, (rule, causes))
    for code, (rule, causes) in dropped.items():
        for winner in causes:
            if winner not in dropped:
                finding = Finding(
                    rule.id, reason, f"{code} is not coded beside it", rule.citation, (winner, code)
                )
                state.find(winner, finding)
                break
    for code, (rule, _) in dropped.items():
        state.drop(code, reason, rule.citation)


def _excludes1(state: _State, strength: Strength) -> None:
    """Of codes that the tabular list says are never coded together, the better documented stays.

    Best first, each code that excludes none of those already kept: which pair is looked at first
    does not matter.
    """
    if "excludes1" in state.disabled or state.unchanged("excludes1"):
        return
    codes = sorted(state.live)
    conflicts: dict[str, list[str]] = {}
    for i, a in enumerate(codes):
        for b in codes[i + 1 :]:
            if state.tabular.exclude_each_other(a, b):
                conflicts.setdefault(a, []).append(b)
                conflicts.setdefault(b, []).append(a)
    if not conflicts:
        return
    live = state.live
    bearers = {a for a, others in conflicts.items() if _gives_way(state, a, others, strength)}
    best = sorted(
        conflicts,
        key=lambda c: (
            -min(_standing(live[c], state), 2),
            c in bearers,
            -_standing(live[c], state),
            -strength(live[c]),
            c,
        ),
    )
    kept: list[str] = []
    for code in best:
        winner = next((k for k in kept if k in conflicts[code]), None)
        if winner is None:
            kept.append(code)
            continue
        message = f"not coded together with {code}"
        state.find(winner, Finding("excludes1", "excludes1", message, "I.A.12.a", (winner, code)))
        state.drop(code, "excludes1", "I.A.12.a")


def _gives_way(state: _State, code: str, others: Sequence[str], strength: Strength) -> bool:
    """Whether a note at the code alone names one of the others: that one is coded instead (I.A.12.a).

    The other one has to be of the same chapter, and about as well documented.
    """
    if _standing(state.live[code], state) > _COMBINED - 1:
        return False
    needed = strength(state.live[code]) - _ABOUT
    return any(
        o[0] == code[0]
        and state.tabular.excludes(code, o)
        and not state.tabular.excludes(o, code)
        and strength(state.live[o]) >= needed
        for o in others
    )


def _standing(candidate: Candidate, state: _State) -> int:
    """The order in which excluding codes give way: symptoms, circumstances, residuals, the rest."""
    code = candidate.code
    if code[0] == "R" and not code.startswith("R65"):
        return 0
    if code[0] == "Z":
        return 1
    if "unspecified" in state.tabular.title(code).lower():
        return 2
    found = (*candidate.findings, *state.found.get(code, ()))
    return _COMBINED if any(f.kind == "combination" for f in found) else 3
