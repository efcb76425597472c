"""Procedure suggestions for a note: from performed services to code lines with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cac.procedures.bundles import apply_bundles
from cac.procedures.choose import choose
from cac.procedures.lines import Line, lines_of
from cac.procedures.links import linked_diagnoses
from cac.procedures.modifiers import modifiers_of
from cac.procedures.rivals import rival_suggestions
from cac.procedures.score import explain_line, quote_support
from cac.procedures.services import ServiceMention, find_services
from cac.procedures.tables import Procedure
from cac.types import (
    Alternative,
    Evidence,
    Explanation,
    Finding,
    NotCoded,
    Note,
    Query,
    QueryOption,
    Suggestion,
)

__all__ = ["SYSTEM", "ProcedureCoding", "suggest_procedures"]

SYSTEM = "CPT"
_RIVALS = 5
_STATES = ("Z8", "Z90", "Z93", "Z94", "Z95", "Z96", "Z97", "Z98")


@dataclass(frozen=True, slots=True)
class ProcedureCoding:
    """What the note gave: lines at or above the threshold, those below, the ledger, the queries.

    Ranks are not final: they number the lines of this system only. ``first`` is where a note that is
    about its services names the first of them: they come before diagnoses that stand later.
    """

    suggestions: tuple[Suggestion, ...] = ()
    candidates: tuple[Suggestion, ...] = ()
    not_coded: tuple[NotCoded, ...] = ()
    queries: tuple[Query, ...] = ()
    first: float = float("inf")

    def join(
        self, suggestions: Sequence[Suggestion], candidates: Sequence[Suggestion]
    ) -> tuple[tuple[Suggestion, ...], tuple[Suggestion, ...]]:
        """One ranking with the diagnoses, whose own order stays as it is.

        A note that names a performed service before its first diagnosis starts with the services;
        elsewhere they follow the diagnoses.
        """
        mine, others = self.suggestions, tuple(suggestions)
        # The state an operation leaves is no diagnosis of the encounter that makes it.
        reasons = [s for s in others if not s.code.startswith(_STATES)][:1]
        first = self.first < _first_word(reasons)
        above = (*mine, *others) if first else (*others, *mine)
        everything = (*above, *candidates, *self.candidates)
        ranked = tuple(replace(s, rank=n) if s.rank != n else s for n, s in enumerate(everything, 1))
        return ranked[: len(above)], ranked[len(above) :]


def suggest_procedures(
    note: Note,
    diagnoses: Sequence[Suggestion] = (),
    *,
    threshold: float = 0.5,
    age: float | None = None,
    disabled: frozenset[str] = frozenset(),
) -> ProcedureCoding:
    """Code the performed services of a note.

    Parameters
    ----------
    note
        A note that has been read.
    diagnoses
        The ICD-10-CM suggestions of the same note; the procedures point to those that justify them.
    threshold
        The score from which a line is suggested, 0..1.
    age
        Years, where known; else as the note says.
    disabled
        Ids of bundle rows that are switched off.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> [s.code for s in suggest_procedures(read("Laparoscopic appendectomy.")).suggestions]
    ['44970']
    """
    mentions = find_services(note, age)
    if not mentions:
        return ProcedureCoding()
    bundled = apply_bundles(lines_of(mentions), note, age, disabled)
    titled = any(m.place == "title" and not m.verdict.reason for m in mentions)
    scored = [(line, explain_line(note, line, titled)) for line in bundled.lines]
    scored.sort(key=lambda le: (-le[1].log_odds, _first(le[0]), le[0].code))
    made = [_suggestion(note, line, why, diagnoses) for line, why in scored]
    above = [s for s in made if s.score >= threshold]
    below = [s for s in made if s.score < threshold]
    below += rival_suggestions(note, scored, {s.code for s in made}, SYSTEM)
    return ProcedureCoding(
        suggestions=tuple(above),
        candidates=tuple(below),
        not_coded=(*_ledger(note, mentions), *_absorbed(note, bundled.absorbed)),
        queries=_queries(note, scored),
        first=_first_word(above) if _leads(mentions) else float("inf"),
    )


def _leads(mentions: Sequence[ServiceMention]) -> bool:
    """Whether the note is about what was done: a title or a bare statement says so."""
    return any(m.place in ("title", "open") and not m.verdict.reason for m in mentions)


def _first_word(suggestions: Sequence[Suggestion]) -> float:
    return min((e.start for s in suggestions for e in s.evidence), default=float("inf"))


def _first(line: Line) -> int:
    return min(s.mention.span.start for s in line.supports)


def _suggestion(note: Note, line: Line, why: Explanation, diagnoses: Sequence[Suggestion]) -> Suggestion:
    evidence: dict[tuple[int, int, str], Evidence] = {}
    for support in sorted(line.supports, key=lambda s: (bool(s.choice.open), s.mention.span)):
        for e in quote_support(note, support):
            evidence.setdefault((e.start, e.end, e.kind), e)
    return Suggestion(
        code=line.code,
        system=SYSTEM,
        description=line.procedure.description,
        score=why.score,
        rank=0,
        billable=True,
        evidence=tuple(evidence.values()),
        explanation=why,
        alternatives=_alternatives(line),
        findings=line.findings,
        modifiers=modifiers_of(note, line),
        units=line.units,
        diagnoses=linked_diagnoses(note, line, diagnoses),
    )


def _alternatives(line: Line) -> tuple[Alternative, ...]:
    best = min(line.supports, key=lambda s: (len(s.choice.open), -len(s.choice.matched)))
    out = []
    for rival in best.choice.rivals[:_RIVALS]:
        axis = next((a for a, cell in rival.cells.items() if line.procedure.cells.get(a) != cell), "service")
        out.append(Alternative(rival.code, rival.description, axis, f"the {axis} is not documented for it"))
    return tuple(out)


def _ledger(note: Note, mentions: Sequence[ServiceMention]) -> list[NotCoded]:
    out = []
    for m in mentions:
        if m.verdict.reason:
            best = choose(m.service, m.said, m.code.code if m.code else "")
            cue = m.verdict.cue
            out.append(
                NotCoded(
                    start=m.span.start,
                    end=m.span.end,
                    text=note.text[m.span.start : m.span.end],
                    reason=m.verdict.reason,
                    section=m.section,
                    codes=tuple(c.procedure.code for c in best),
                    cue=Evidence(cue.start, cue.end, note.text[cue.start : cue.end], "cue", m.section)
                    if cue is not None
                    else None,
                    citation="only what was performed is reported",
                )
            )
    return out


def _absorbed(note: Note, absorbed: Sequence[tuple[Line, Finding]]) -> list[NotCoded]:
    out = []
    for line, finding in absorbed:
        m = line.supports[0].mention
        out.append(
            NotCoded(
                start=m.span.start,
                end=m.span.end,
                text=note.text[m.span.start : m.span.end],
                reason="bundled",
                section=m.section,
                codes=(line.code,),
                citation=finding.rule,
            )
        )
    return out


def _queries(note: Note, scored: list[tuple[Line, Explanation]]) -> tuple[Query, ...]:
    """What is missing for a code, and the code each answer would give."""
    out = []
    for line, _ in scored:
        if line.decided or line.supports[0].mention.place in ("body", "values"):
            continue
        s = line.supports[0]
        axis = s.choice.open[0]
        options = [
            QueryOption(answer, code.code, code.description)
            for code in (line.procedure, *s.choice.rivals)
            if (answer := _answer(code, axis))
        ]
        out.append(
            Query(
                axis=axis,
                question=f"Please document the {axis} of the {s.mention.service.name}.",
                options=tuple(options),
                code=line.code,
                evidence=quote_support(note, s)[:1],
            )
        )
    return tuple(out)


def _answer(code: Procedure, axis: str) -> str:
    cell = code.cells.get(axis)
    if cell is None:
        return ""
    if cell.values:
        return (" and " if cell.every else " or ").join(sorted(cell.values))
    return f"{cell.low:g}" + (
        "" if cell.high == cell.low else " or more" if cell.high > 1e6 else f"-{cell.high:g}"
    )
