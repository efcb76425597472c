"""Performed services that no word of the samples names, found by the descriptors of an imported set.

A sentence is asked about when it stands under a procedure header, or says that something was done today, and
no service of the samples is named in it. Whether the service was performed is judged as for the samples.

Known weakness: words only. Numbers, sizes and sides are not computed, so each code says so in a finding; the
weights are set by hand, for a licensed set cannot be part of the tests.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from cac.extract.context import assess_spans
from cac.procedures.descriptors import DescriptorIndex, Proposal
from cac.procedures.links import linked_places
from cac.procedures.performed import Verdict, judge, place_of, verdicts_in
from cac.procedures.score import explain_proposal
from cac.procedures.services import narrates, planned_header
from cac.procedures.wording import load_forms
from cac.types import Evidence, Finding, NotCoded, Note, Sentence, Span, Suggestion

__all__ = ["Proposed", "propose_services"]

MOST: Final = 3
"""Codes proposed for one sentence."""

SURE: Final = 0.75
"""Outside a list of procedures, and for the ledger, so much of a descriptor has to be documented."""

NEAR: Final = 0.05
"""Codes whose scores differ by less are rivals: the words do not decide between them."""

_SILENT: Final = frozenset(("body", "skip", "past", "never"))
_TOLD: Final = frozenset(("performed", "cancelled", "declined"))
"""Outside a list of procedures a sentence has to say that something was done, or was not."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """Codes with their scores, in the order of the note, and what was named and not performed."""

    suggestions: tuple[Suggestion, ...] = ()
    not_coded: tuple[NotCoded, ...] = ()


def propose_services(
    note: Note,
    index: DescriptorIndex,
    system: str,
    *,
    covered: Collection[int] = (),
    known: Collection[str] = (),
    diagnoses: Sequence[Suggestion] = (),
) -> Proposed:
    """Ask the descriptors of an imported set about sentences that the samples have no word for.

    Parameters
    ----------
    note
        A note that has been read.
    index
        The descriptors.
    system
        Their code system.
    covered
        Sentences in which the samples found a service, performed or not.
    known
        Codes that are suggested already.
    diagnoses
        The ICD-10-CM suggestions, for links.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> index = DescriptorIndex({"9990A": [("long", "Repair of kite, open")], "9991A": [("long", "Lantern")]})
    >>> note = read("PROCEDURES PERFORMED: Open repair of kite.")
    >>> [(s.code, s.evidence[0].text) for s in propose_services(note, index, "CPT").suggestions]
    [('9990A', 'Open repair of kite')]
    """
    made: dict[str, Suggestion] = {}
    ledger: list[NotCoded] = []
    for number, sentence in enumerate(note.sentences):
        if number in covered:
            continue
        section = note.sections[sentence.section].kind
        place = _place(note, sentence, section)
        if not place:
            continue
        words = note.text[sentence.start : sentence.end]
        least = 0.0 if place == "title" else SURE
        # The level of a visit is judged by its elements, never by the words of a descriptor.
        found = [p for p in index.propose(words, 2 * MOST) if not _is_visit(p.code) and p.documented >= least]
        if not found:
            continue
        span, tokens = _words_of(note, sentence, found[0], index)
        verdict = _judged(note, sentence, place, span, tokens)
        if verdict.reason:
            if found[0].documented >= SURE:
                ledger.append(_line(note, span, section, verdict, found[0].code))
            continue
        for p in found[:MOST]:
            if p.code in known or p.code in made:
                continue
            rivals = sum(abs(p.score - other.score) < NEAR for other in found) - 1
            where, _ = _words_of(note, sentence, p, index)
            quote = Evidence(where.start, where.end, note.text[where.start : where.end], "service", section)
            why = explain_proposal(place, p.documented, p.explained, rivals > 0, quote)
            made[p.code] = Suggestion(
                code=p.code,
                system=system,
                description="",
                score=why.score,
                rank=0,
                billable=True,
                evidence=(quote,),
                explanation=why,
                findings=(_finding(p, system),),
                diagnoses=linked_places(note, {number}, (), diagnoses),
            )
    return Proposed(tuple(made.values()), tuple(ledger))


def _place(note: Note, sentence: Sentence, section: str) -> str:
    """The place of a sentence that may tell of a service done today, or ""."""
    place = place_of(section)
    lower = note.tokens.lower[sentence.first_token : sentence.last_token]
    if place in _SILENT or not lower or (place == "title" and narrates(lower)):
        return ""
    if place != "title" and _TOLD.isdisjoint(verdicts_in(note, sentence.first_token, sentence.last_token)):
        return ""
    return place


def _judged(note: Note, s: Sentence, place: str, span: Span, tokens: tuple[int, int]) -> Verdict:
    """The verdict of the samples; cues between the words of a service count ("kite will be repaired")."""
    starts, ends = note.tokens.starts, note.tokens.ends
    edges = [(starts[t], ends[t]) for t in dict.fromkeys(tokens)]
    assertions = assess_spans(note, edges)
    assertion = next((a for a in assertions if not a.affirmed), assertions[0])
    verdict = judge(note, place, "surgery", assertion, s.first_token, s.last_token, (tokens[1], tokens[1]))
    planned = planned_header(note, s.section) if place == "title" and not verdict.reason else None
    return Verdict("planned", planned) if planned is not None else verdict


def _words_of(
    note: Note, s: Sentence, proposal: Proposal, index: DescriptorIndex
) -> tuple[Span, tuple[int, int]]:
    """From the first to the last word that a descriptor covers, and the tokens of these two."""
    covered, forms = frozenset(proposal.covered), load_forms()
    places = [
        t
        for t in range(s.first_token, s.last_token)
        if not covered.isdisjoint(index.words(forms.get(note.tokens.lower[t], note.tokens.lower[t])))
    ]
    first, last = (places[0], places[-1]) if places else (s.first_token, s.last_token - 1)
    return Span(note.tokens.starts[first], note.tokens.ends[last]), (first, last)


def _finding(p: Proposal, system: str) -> Finding:
    documented = f"{p.documented:.0%} of it documented"
    message = f"{p.code} was found by its {p.kind} descriptor, {documented}: check number, size and side"
    return Finding("imported-descriptor", "descriptor", message, f"imported {system} set", (p.code,))


def _line(note: Note, span: Span, section: str, verdict: Verdict, code: str) -> NotCoded:
    cue = verdict.cue
    return NotCoded(
        start=span.start,
        end=span.end,
        text=note.text[span.start : span.end],
        reason=verdict.reason,
        section=section,
        codes=(code,),
        cue=Evidence(cue.start, cue.end, note.text[cue.start : cue.end], "cue", section) if cue else None,
        citation="only what was performed is reported",
    )


def _is_visit(code: str) -> bool:
    return "99202" <= code <= "99499"
