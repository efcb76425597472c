"""What ties the parts of a combination together (I.A.15, I.B.16): where they stand, and the words between."""

from __future__ import annotations

from collections.abc import Sequence

from cac.rules.kinds import Combination, Recode, RuleTables
from cac.types import Mention, Note

__all__ = ["linked"]

_REACH = 90
"""The most characters between a condition and its cause."""


def linked(
    note: Note, rule: Combination | Recode, rules: RuleTables, parts: Sequence[Sequence[Mention]]
) -> bool:
    """Whether the note leaves (or makes) the link that the rule rests on.

    ``parts`` are the mentions of each condition of the rule, in its order.
    """
    if rule.words is not None and not any(
        rule.words.search(note.text, s.start, s.end) for ms in parts for m in ms for s in m.spans
    ):
        return False
    if rule.link == "sentence":
        return bool(set.intersection(*({m.sentence for m in ms} for ms in parts)))
    if rule.link == "caused":
        return any(_caused(note, rules, e, c) for e in parts[0] for c in parts[1])
    if rule.link == "with":
        return any(_with(note, rules, a, b) for a in parts[0] for b in parts[1])
    # One part's sentence saying that it is unrelated is enough: the link is presumed, not stated.
    return rule.link != "presumed" or not any(
        all(_says_unlinked(note, rules, m) for m in ms) for ms in parts if ms
    )


def _says_unlinked(note: Note, rules: RuleTables, mention: Mention) -> bool:
    s = note.sentences[mention.sentence]
    return rules.unlinked.search(note.text, s.start, s.end) is not None


def _with(note: Note, rules: RuleTables, one: Mention, other: Mention) -> bool:
    """Whether a sentence names the first condition with the second."""
    return (
        one.sentence == other.sentence
        and 0 <= other.start - one.end <= _REACH
        and rules.accompanied.search(note.text, one.end, other.start) is not None
    )


def _caused(note: Note, rules: RuleTables, effect: Mention, cause: Mention) -> bool:
    """Whether the words between two mentions of a sentence make one the cause of the other."""
    if effect.sentence != cause.sentence:
        return False
    if effect.end <= cause.start:
        low, high, cue = effect.end, cause.start, rules.caused_by
    elif cause.end <= effect.start:
        low, high, cue = cause.end, effect.start, rules.causing
    else:
        return False
    return (
        high - low <= _REACH
        and cue.search(note.text, low, high) is not None
        and rules.unlinked.search(note.text, low, high) is None
    )
