"""Modifiers of a claim line, each with the words it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from cac.procedures.lines import Line
from cac.resources import one_of, read_table, required
from cac.types import Evidence, Modifier, Note, Span, Suggestion

__all__ = ["modifiers_of", "separate_visit"]


@lru_cache(maxsize=1)
def _digits() -> dict[tuple[str, str], str]:
    rows = read_table(
        "procedures/digits.csv",
        ("side", "digit", "modifier"),
        {"side": one_of("left", "right"), "digit": required, "modifier": required},
    )
    return {(r["side"], r["digit"]): r["modifier"] for r in rows}


@lru_cache(maxsize=1)
def _vessels() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = read_table(
        "procedures/vessels.csv", ("words", "modifier"), {"words": required, "modifier": required}
    )
    return tuple((re.compile(rf"\b{re.escape(r['words'])}\b", re.IGNORECASE), r["modifier"]) for r in rows)


def modifiers_of(note: Note, line: Line) -> tuple[Modifier, ...]:
    """Sides, fingers and toes of one line, and 59 where a part was done apart from the larger service."""
    out: list[Modifier] = []
    if line.procedure.side in ("finger", "toe"):
        out += _of_digits(note, line)
    elif line.procedure.side == "vessel":
        out += _of_vessels(note, line)
    elif line.procedure.side == "yes":
        out += _of_sides(note, line)
    if line.apart:
        out.append(Modifier("59", "done at another site than the service that would include it"))
    return tuple(out)


def separate_visit(suggestions: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    """Modifier 25 on the visit codes of a note that also has a procedure with a visit of its own.

    Examples
    --------
    >>> separate_visit(())
    ()
    """
    all_of = tuple(suggestions)
    minor = [s.code for s in all_of if s.system == "CPT" and s.code < "70000"]
    if not minor:
        return all_of
    why = f"a visit apart from the procedure of the same day ({minor[0]})"
    return tuple(
        replace(s, modifiers=(*s.modifiers, Modifier("25", why, s.evidence[:1]))) if _is_visit(s) else s
        for s in all_of
    )


def _is_visit(s: Suggestion) -> bool:
    visit = s.system == "CPT" and ("99202" <= s.code <= "99499") and not "99406" <= s.code <= "99409"
    return visit and all(m.code != "25" for m in s.modifiers)


def _of_digits(note: Note, line: Line) -> list[Modifier]:
    found: dict[str, Modifier] = {}
    for s in line.supports:
        for side, side_span in s.sides.items():
            for digit, span in s.mention.said.get("digit", {}).items():
                code = _digits().get((side, digit))
                if code is not None and code.startswith("T") == (line.procedure.side == "toe"):
                    evidence = (
                        _quote(note, side_span, s.mention.section),
                        _quote(note, span, s.mention.section),
                    )
                    found.setdefault(code, Modifier(code, f"{side} {digit}", evidence))
    return [found[c] for c in sorted(found)] or _of_sides(note, line)


def _of_vessels(note: Note, line: Line) -> list[Modifier]:
    """The heart artery that was treated: the first one a sentence about the service names."""
    for s in line.supports:
        where = note.sentences[s.mention.sentence]
        found = [
            (m.start(), m.end(), modifier)
            for pattern, modifier in _vessels()
            for m in [pattern.search(note.text, where.start, where.end)]
            if m
        ]
        if found:
            start, end, modifier = min(found)
            quote = _quote(note, Span(start, end), s.mention.section)
            return [Modifier(modifier, "the heart artery that was treated", (quote,))]
    return []


def _of_sides(note: Note, line: Line) -> list[Modifier]:
    sides = line.sides
    where = {side: s.mention.section for s in reversed(line.supports) for side in s.sides}
    quotes = {side: _quote(note, span, where[side]) for side, span in sides.items()}
    if "bilateral" in quotes:
        return [Modifier("50", "both sides", (quotes["bilateral"],))]
    if {"left", "right"} <= quotes.keys():
        return [Modifier("50", "both sides", (quotes["left"], quotes["right"]))]
    return [
        Modifier(code, f"{side} side", (quotes[side],))
        for side, code in (("left", "LT"), ("right", "RT"))
        if side in quotes
    ]


def _quote(note: Note, span: Span, section: str) -> Evidence:
    return Evidence(span.start, span.end, note.text[span.start : span.end], "modifier", section)
