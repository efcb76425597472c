"""From scored candidates to suggestions in order, with their evidence and what is said about each axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from cac.codes.table import CodeTable
from cac.match.ambiguity import alternatives
from cac.match.index import TermIndex
from cac.rank.documented import axis_evidence
from cac.rank.meat import Meat
from cac.rank.notewords import NO_WORDS, note_words
from cac.rank.relatives import relatives
from cac.rank.score import NoteFacts, Weights, explain
from cac.rules.gate import quote
from cac.rules.sequence import in_order
from cac.rules.tabular import TabularNotes
from cac.types import AxisEvidence, Candidate, Evidence, Explanation, NotCoded, Note, Scope, Suggestion

__all__ = ["logit", "ranked"]


def ranked(
    note: Note,
    candidates: Iterable[Candidate],
    facts: NoteFacts,
    weights: Weights,
    limit: float,
    scope: Scope,
    *,
    index: TermIndex,
    tabular: TabularNotes,
    meat: Meat,
    ledger: Iterable[NotCoded] = (),
    disabled: frozenset[str] = frozenset(),
) -> tuple[tuple[Suggestion, ...], tuple[Suggestion, ...]]:
    """Suggestions and candidates: a total order by score, then by code, then the conventions.

    For a claim, what the assessment names first stands before what is likelier.

    Parameters
    ----------
    limit
        Probability from which a code is suggested.
    meat
        Finds the words that show a diagnosis was dealt with.
    ledger
        What was recognised and not coded: words that say nothing for other codes.
    disabled
        Ids of rules that are switched off.
    """
    scored = [(c, explain(note, c, facts, weights)) for c in candidates]
    scored.sort(
        key=lambda ce: (-ce[1].log_odds, ce[0].mentions[0].start if ce[0].mentions else 0, ce[0].code)
    )
    words = note_words(note, ledger, index) if scope == "documented" else NO_WORDS
    near = relatives(scored, index, weights, scope, logit(limit), note, words)
    by_code = {c.code: (c, e) for c, e in (*scored, *near)}
    chosen_ones = [c for c, e in scored if e.score >= limit]
    listed = _chief_first(chosen_ones) if scope == "reportable" else [c.code for c in chosen_ones]
    above = in_order(listed, tabular, disabled)
    chosen = set(above)
    rest = [(c, e) for c, e in (*scored, *near) if c.code not in chosen]
    rest.sort(key=lambda ce: -ce[1].log_odds)
    for code in above:
        c, e = by_code[code]
        by_code[code] = c, Explanation(e.prior, (*e.contributions, *meat.of(c)))
    shown = [
        _suggestion(
            note,
            *by_code[code],
            rank=rank,
            table=index.table,
            axes=axis_evidence(note, by_code[code][0], index),
        )
        for rank, code in enumerate(above, 1)
    ]
    below = [
        _suggestion(note, c, e, rank=rank, table=index.table)
        for rank, (c, e) in enumerate(rest, len(above) + 1)
    ]
    return tuple(shown), tuple(below)


def logit(share: float) -> float:
    """A threshold as log-odds; its ends are as far as any score goes."""
    inside = min(max(share, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))


def _chief_first(chosen: Sequence[Candidate]) -> list[str]:
    """Codes by score, but for the condition that the assessment names first (II, IV.G).

    It is taken for the one chiefly responsible for the visit; of codes for the same words the likeliest.
    """
    codes = [c.code for c in chosen]
    places = [(m.start, n) for n, c in enumerate(chosen) for m in c.mentions if m.section in _ASSESSED]
    if places:
        _, n = min(places)
        codes.insert(0, codes.pop(n))
    return codes


_ASSESSED = frozenset(
    "assessment assessment_plan impression diagnosis discharge_diagnosis postop_diagnosis".split()
)


def _suggestion(
    note: Note,
    candidate: Candidate,
    explanation: Explanation,
    *,
    rank: int,
    table: CodeTable,
    axes: tuple[AxisEvidence, ...] = (),
) -> Suggestion:
    row = table.row_of[candidate.code]
    evidence = _evidence(note, candidate)
    if axes:
        # The words of the encounter are evidence of the code as well.
        known = [(e.start, e.end) for e in evidence]
        extra = [e for a in axes for e in a.evidence if not _within(e, known)]
        evidence += tuple(dict.fromkeys(extra))
    return Suggestion(
        code=candidate.code,
        system=candidate.system,
        description=table.title(row),
        score=explanation.score,
        rank=rank,
        billable=bool(table.billable[row]),
        evidence=evidence,
        explanation=explanation,
        alternatives=alternatives(candidate, table),
        axes=axes,
        findings=candidate.findings,
    )


def _within(e: Evidence, places: Sequence[tuple[int, int]]) -> bool:
    return any([start <= e.start and e.end <= end for start, end in places])


def _evidence(note: Note, candidate: Candidate) -> tuple[Evidence, ...]:
    """The words behind a code, strongest mention first, each span once."""
    found: dict[tuple[int, int, str], Evidence] = {}
    for m in sorted(candidate.mentions, key=lambda m: (-m.quality, m.start)):
        for span in m.spans:
            key = (span.start, span.end, "condition")
            if key not in found:
                found[key] = quote(note, *key, m.section)
        for a in m.attributes:
            key = (a.start, a.end, a.axis)
            if key not in found:
                found[key] = quote(note, *key, m.section)
    return tuple(found.values())
