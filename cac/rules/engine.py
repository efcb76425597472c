"""The second pass: candidates against each other, to a fixed point.

Order: codes of another category for a cause, combinations (longest first), companions, refinements, both
sides in one code, the less specific beside the more specific, integral symptoms, Excludes1; then again
until nothing changes. Each step looks at the whole set, so the result does not depend on the order of rows
or of mentions; a code once dropped does not come back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cac.rules.excludes import drop_excluded
from cac.rules.kinds import Combination, Recode, RuleTables, Suppression
from cac.rules.links import linked
from cac.rules.state import DOCUMENTED, State, Strength
from cac.rules.tabular import TabularNotes
from cac.types import Candidate, Finding, NotCoded, Note, Scope

__all__ = ["Ruled", "apply_rules"]


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
    strength = _remembered(strength)
    state = State(
        note, _without_parts(candidates, tabular, rules, disabled), tabular, disabled, rules.matcher
    )
    before: list[str] | None = None
    while before != (codes := list(state.live)):
        before = codes
        if scope == "reportable":
            _recode(state, rules)
            _combine(state, rules)
            _companions(state, rules)
            _refine(state, rules)
            _merge_sides(state)
        _one_phase(state)
        _less_specific(state)
        if scope == "reportable":
            _suppress(state, rules.superseded, "superseded", "superseded", strength)
            _suppress(state, rules.integral, "integral", "integral_symptom", strength)
            drop_excluded(state, strength)
    return Ruled(state.finished(), tuple(state.ledger))


def _remembered(strength: Strength) -> Strength:
    """The same, asked once for each state of a candidate: its score depends on its mentions alone."""
    known: dict[tuple[str, int, int], float] = {}

    def asked(candidate: Candidate) -> float:
        key = candidate.code, len(candidate.mentions), len(candidate.findings)
        value = known.get(key)
        if value is None:
            value = known[key] = strength(candidate)
        return value

    return asked


def _without_parts(
    candidates: Mapping[str, Candidate], tabular: TabularNotes, rules: RuleTables, disabled: frozenset[str]
) -> dict[str, Candidate]:
    """Candidates without those that are only part of a larger mention, unless a code asks for them.

    "BPH with urinary retention" is N40.1, whose note asks for R33.8 (I.A.17); "chronic kidney disease"
    within "anemia in chronic kidney disease" is a part the same way.
    """
    inner = [code for code, c in candidates.items() if c.mentions and c.mentions[0].method == "inner"]
    parts = {code for code in inner if all([m.method == "inner" for m in candidates[code].mentions])}
    if not parts:
        return dict(candidates)
    kept: dict[str, Candidate] = {}
    for code, c in candidates.items():
        if code in parts:
            # Only the larger mention itself can ask: "smoking history" beside hypertension is no smoking.
            whole = [o for o, larger in candidates.items() if o not in parts and _overlap(larger, c)]
            if not tabular.asked_for(code, whole) and not rules.keeps_part(code, whole, disabled):
                continue
        kept[code] = c
    return kept


def _overlap(one: Candidate, other: Candidate) -> bool:
    """Whether two candidates rest on some of the same words."""
    for n in other.mentions:
        start, end = n.spans[0].start, n.spans[-1].end
        for m in one.mentions:
            # Most lie elsewhere altogether.
            apart = m.spans[-1].end <= start or end <= m.spans[0].start
            if not apart and any(a.overlaps(b) for a in m.spans for b in n.spans):
                return True
    return False


def _combine(state: State, rules: RuleTables) -> None:
    """Combination codes in place of their parts (I.B.9), presumed links (I.A.15) and sequelae."""
    fired = True
    while fired:
        fired = False
        for i, parts in state.complete("combinations"):
            rule = rules.combinations[i]
            if rule.id not in state.disabled and _combined(state, rule, rules, parts):
                fired = True


def _combined(state: State, rule: Combination, rules: RuleTables, met: Sequence[Sequence[str]]) -> bool:
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
    state: State, rule: Combination | Recode, rules: RuleTables, parts: Sequence[Sequence[str]]
) -> bool:
    mentions = [[m for c in part for m in state.live[c].mentions] for part in parts]
    return linked(state.note, rule, rules, mentions)


def _recode(state: State, rules: RuleTables) -> None:
    """Codes of another category for what a cause makes of them: secondary diabetes (I.C.4.a.6)."""
    for i, (met, when) in state.complete("recodes"):
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


def _companions(state: State, rules: RuleTables) -> None:
    """Codes that are only reported with another: the default is added, or they go (I.A.13, I.B.14)."""
    for i, (met,) in state.complete("companions"):
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


def _refine(state: State, rules: RuleTables) -> None:
    """What one code leaves open and another one says: weeks of gestation give the trimester."""
    for i, (when, met) in state.complete("refinements"):
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


def _merge_sides(state: State) -> None:
    """One code for both sides in place of one for each (I.B.13)."""
    if "both-sides" in state.disabled:
        return
    for family in state.families("both-sides"):
        sided = [c for c in family if state.tabular.one_sided(c)]
        for a in sided:
            for b in sided:
                if a < b and a in state.live and b in state.live:
                    both = state.tabular.both_sides(a, b)
                    if both and state.can_add(both):
                        message = "both sides have one code"
                        finding = Finding("both-sides", "laterality", message, "I.B.13", (a, b, both))
                        mentions = state.mentions([a, b])
                        state.drop(a, "combined", "I.B.13")
                        state.drop(b, "combined", "I.B.13")
                        state.add(both, mentions, finding)


def _one_phase(state: State) -> None:
    """An injury that one place calls followed up is not in active treatment in another (I.C.19.a).

    The initial encounter is what is assumed where nothing is said.
    """
    if "one-phase" in state.disabled:
        return
    for family in state.families("one-phase"):
        assumed = [c for c in family if len(c) == 8 and c[7] == "A"]
        if family[0][0] in "ST" or family[0][:3] in _PATHOLOGICAL:
            for code in assumed:
                _in_phase(state, code)


def _in_phase(state: State, code: str) -> None:
    """Give an injury whose encounter is assumed that of another one of its kind."""
    for other in sorted(c for c in state.live if len(c) == 8 and c[7] in _LATER and c[:3] == code[:3]):
        base, later = other[:7] + "A", code[:7] + other[7]
        known = base in state.tabular.table.row_of and later in state.tabular.table.row_of
        if not known or not (
            base == code or state.tabular.says_less(base, code) or state.tabular.says_less(code, base)
        ):
            continue
        if later != other and not state.can_add(later):
            continue
        finding = Finding("one-phase", "superseded", "the visit is a later one", "I.C.19.a", (code, later))
        mentions = state.mentions([code])
        state.drop(code, "superseded", "I.C.19.a")
        state.add(later, mentions, finding)
        break


_PATHOLOGICAL = frozenset(("M80", "M84"))
_LATER = frozenset("DGKP")


def _less_specific(state: State) -> None:
    """Drop what says less than another code of the same condition (I.A.9.b, I.B.18)."""
    if "more-specific" in state.disabled:
        return
    for family in state.families("more-specific"):
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


def _as_documented(state: State, code: str, causes: Sequence[str], strength: Strength) -> list[str]:
    """Those of ``causes`` that are as well documented as the code they take away, or well enough."""
    found = {c: strength(state.live[c]) for c in causes}
    if all([s >= DOCUMENTED for s in found.values()]):
        return list(found)
    needed = min(DOCUMENTED, strength(state.live[code]))
    return [c for c, s in found.items() if s >= needed]


def _suppress(
    state: State, rules: Sequence[Suppression], table: str, reason: str, strength: Strength
) -> None:
    """Weaker codes beside stronger ones; symptoms that belong to a reported diagnosis (I.B.5).

    A code that is hardly documented itself takes nothing away from one that is.
    """
    dropped: dict[str, tuple[Suppression, list[str]]] = {}
    live = state.live
    for i, (by, met) in state.complete(table):
        rule = rules[i]
        if rule.id in state.disabled:
            continue
        strong = [c for c in by if c in live and c not in met]
        if not strong:
            continue
        for code in [c for c in met if c in live]:
            # A symptom that a "use additional code" note asks for stands beside its diagnosis (I.A.17).
            integral = reason == "integral_symptom"
            causes = [c for c in strong if not integral or state.tabular.share_site(code, c)]
            if causes and integral and state.tabular.ahead_of(code, live):
                continue
            causes = _as_documented(state, code, causes, strength)
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
