"""Documentation queries: what the note leaves open or contradicts, asked without leading the clinician.

A query names the words of the note and what is missing, and lists every answer with its code; it never
suggests one (ACDIS/AHIMA compliant query practice). Open axes come from the mentions; contradictions and
terms that mean nothing a code can hold are rows of ``data/rules/conflicts.csv`` and ``ask.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cac.codes.table import CodeTable
from cac.queries.axes import axis_queries
from cac.resources import read_table, required
from cac.rules.gate import quote
from cac.rules.prefixes import Matcher, Prefixes
from cac.rules.tables import citation
from cac.types import Candidate, Evidence, Mention, NotCoded, Note, Query, QueryOption, Suggestion

__all__ = ["documentation_queries", "load_conflicts", "load_terms"]

_DECIDES = frozenset("assessment assessment_plan impression diagnosis discharge_diagnosis".split())
"""Where one statement against another is a contradiction and not a course of events."""

_NEITHER = QueryOption("other, or cannot be determined", "", "")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two readings of one condition that exclude each other; the words are needed where there are any."""

    id: str
    one: Prefixes
    one_words: re.Pattern[str] | None
    other: Prefixes
    other_words: re.Pattern[str] | None
    about: str
    citation: str


@dataclass(frozen=True, slots=True)
class Term:
    """Words to ask about whatever else the note says, and the codes that answers may give."""

    id: str
    words: tuple[str, ...]
    question: str
    codes: tuple[str, ...]
    citation: str


@lru_cache(maxsize=1)
def load_conflicts() -> tuple[Conflict, ...]:
    """The rows of ``data/rules/conflicts.csv``, by id.

    Raises
    ------
    TableError
        Naming every bad row.
    """
    rows = read_table(
        "rules/conflicts.csv",
        ("id", "one", "one_words", "other", "other_words", "about", "citation", "note"),
        {"id": required, "one": required, "other": required, "about": required, "citation": citation},
    )
    made = (
        Conflict(
            r["id"],
            Prefixes(r["one"]),
            _words(r["one_words"]),
            Prefixes(r["other"]),
            _words(r["other_words"]),
            r["about"],
            r["citation"],
        )
        for r in rows
    )
    return tuple(sorted(made, key=lambda c: c.id))


@lru_cache(maxsize=1)
def load_terms() -> tuple[Term, ...]:
    """The rows of ``data/rules/ask.csv``, by id.

    Raises
    ------
    TableError
        Naming every bad row.
    """
    rows = read_table(
        "rules/ask.csv",
        ("id", "words", "question", "codes", "citation", "note"),
        {"id": required, "words": required, "question": required, "codes": required, "citation": citation},
    )
    made = (
        Term(r["id"], tuple(r["words"].split()), r["question"], tuple(r["codes"].split("|")), r["citation"])
        for r in rows
    )
    return tuple(sorted(made, key=lambda t: t.id))


@lru_cache(maxsize=1)
def _terms_by_first() -> dict[str, list[Term]]:
    """First word → the terms that begin with it."""
    found: dict[str, list[Term]] = {}
    for term in load_terms():
        found.setdefault(term.words[0], []).append(term)
    return found


@lru_cache(maxsize=1)
def _conflict_matcher() -> Matcher:
    return Matcher([(c.one, c.other) for c in load_conflicts()])


def _words(cell: str) -> re.Pattern[str] | None:
    if not cell:
        return None
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, cell.split('|')))})\b", re.IGNORECASE)


def documentation_queries(
    note: Note,
    candidates: Iterable[Candidate],
    suggested: Sequence[Suggestion],
    table: CodeTable,
    documented: Sequence[Candidate] = (),
    denied: Sequence[NotCoded] = (),
    disabled: frozenset[str] = frozenset(),
) -> tuple[Query, ...]:
    """Contradictions first, then one query for each suggested code that an open axis keeps unspecific.

    Parameters
    ----------
    candidates, suggested
        What the rules left, and what is suggested, in rank order.
    documented
        What was documented before the rules chose, for contradictions between two statements.
    denied
        The ledger, for contradictions between a statement and its denial.
    disabled
        Ids of rows that are switched off.
    """
    return (
        *_terms(note, table, disabled),
        *_conflicts(note, documented, table, disabled),
        *_denials(note, candidates, suggested, denied, table, disabled),
        *axis_queries(note, candidates, suggested, table),
    )


def _terms(note: Note, table: CodeTable, disabled: frozenset[str]) -> list[Query]:
    out: list[Query] = []
    text, lower, tokens = note.text.lower(), note.tokens.lower, note.tokens
    for term in [t for first, terms in _terms_by_first().items() if first in text for t in terms]:
        if term.id in disabled:
            continue
        size = len(term.words)
        at = next((i for i in range(len(lower) - size + 1) if lower[i : i + size] == term.words), None)
        options = _options(term.codes, table)
        if at is not None and options:
            words = quote(note, tokens.starts[at], tokens.ends[at + size - 1], "condition", "unknown")
            question = f'"{words.text}": {term.question}'
            out.append(Query("meaning", question, (*options, _NEITHER), "", (words,)))
    return out


def _conflicts(
    note: Note, documented: Sequence[Candidate], table: CodeTable, disabled: frozenset[str]
) -> list[Query]:
    """Two statements that cannot both hold: type 1 and type 2 diabetes."""
    out: list[Query] = []
    rules, matcher = load_conflicts(), _conflict_matcher()
    for i, _ in matcher.complete([c.code for c in documented]):
        rule = rules[i]
        if rule.id in disabled:
            continue
        one = _stated(note, documented, rule.one, rule.one_words)
        other = _stated(note, documented, rule.other, rule.other_words)
        if one is None or other is None:
            continue
        quotes = tuple(quote(note, m.start, m.end, "condition", m.section) for _, m in (one, other))
        first, second = sorted(quotes, key=lambda e: e.start)
        if first.start == second.start:
            continue
        question = f'The note says "{first.text}" and "{second.text}". Please clarify {rule.about}.'
        options = _options((one[0], other[0]), table)
        out.append(Query("conflict", question, (*options, _NEITHER), one[0], (first, second)))
    return out


def _stated(
    note: Note, documented: Sequence[Candidate], codes: Prefixes, words: re.Pattern[str] | None
) -> tuple[str, Mention] | None:
    """The first affirmed mention of some codes, with the words that are asked for."""
    for c in documented:
        if c.code in codes:
            for m in c.mentions:
                said = words is None or any(words.search(note.text, s.start, s.end) for s in m.spans)
                if said and m.assertion.affirmed and m.method != "inner":
                    return c.code, m
    return None


def _denials(
    note: Note,
    candidates: Iterable[Candidate],
    suggested: Sequence[Suggestion],
    denied: Sequence[NotCoded],
    table: CodeTable,
    disabled: frozenset[str],
) -> list[Query]:
    """A condition that the assessment both names and denies."""
    against: dict[str, NotCoded] = {}
    for line in denied:
        if line.reason == "negated" and line.section in _DECIDES:
            for code in line.codes:
                against.setdefault(code, line)
    if not against or "ask-denied" in disabled:
        return []
    by_code = {c.code: c for c in candidates}
    out: list[Query] = []
    for s in suggested:
        no = against.get(s.code)
        yes = next(
            (m for m in by_code[s.code].mentions if m.section in _DECIDES and m.assertion.affirmed), None
        )
        if no is None or yes is None:
            continue
        quotes: tuple[Evidence, ...] = (
            quote(note, yes.start, yes.end, "condition", yes.section),
            quote(note, no.start, no.end, "condition", no.section),
            *((no.cue,) if no.cue is not None else ()),
        )
        question = (
            f'The assessment both names and denies "{quotes[0].text}". Please clarify whether it is present.'
        )
        options = (
            *_options((s.code,), table, answer="present"),
            QueryOption("not present", "", ""),
            _NEITHER,
        )
        out.append(Query("conflict", question, options, s.code, quotes))
    return out


def _options(codes: Iterable[str], table: CodeTable, answer: str = "") -> tuple[QueryOption, ...]:
    known = [c for c in dict.fromkeys(codes) if c in table.row_of]
    titles = [table.title(table.row_of[c]) for c in known]
    return tuple(QueryOption(answer or t, c, t) for c, t in zip(known, titles, strict=True))
