"""Results as plain data and strict JSON: fixed key order, the same bytes for the same result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cac.result import CodingResult
    from cac.types import (
        Alternative,
        Evidence,
        Explanation,
        Finding,
        NotCoded,
        Query,
        Section,
        Suggestion,
    )

__all__ = ["SCHEMA_VERSION", "SCORE_PLACES", "result_dict", "result_json"]

SCHEMA_VERSION = 1
"""Raised when a key is renamed, removed or changes meaning; new keys do not raise it."""

SCORE_PLACES = 6
"""Scores are rounded for output; contributions are not, so that they still re-sum exactly."""


def result_dict(result: CodingResult, *, include_text: bool = False) -> dict[str, Any]:
    """The result as dicts, lists, strings and numbers; equal to what its JSON parses to.

    Offsets count code points (Python string offsets), half-open. The note itself is carried only
    with ``include_text``; quotes of evidence always are.
    """
    data: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "release": result.release,
        "setting": result.setting,
        "scope": result.scope,
        "date_of_service": result.date_of_service,
        "threshold": result.threshold,
        "suggestions": [_suggestion(s) for s in result.suggestions],
        "candidates": [_suggestion(s) for s in result.candidates],
        "not_coded": [_not_coded(n) for n in result.not_coded],
        "queries": [_query(q) for q in result.queries],
        "sections": [_section(s) for s in result.sections],
    }
    if include_text:
        data["text"] = result.text
    return data


def result_json(result: CodingResult, indent: int | None = None, *, include_text: bool = False) -> str:
    """``result_dict`` as JSON. ASCII only, so that no terminal or file encoding changes it."""
    return json.dumps(result_dict(result, include_text=include_text), indent=indent, allow_nan=False)


def _suggestion(s: Suggestion) -> dict[str, Any]:
    return {
        "rank": s.rank,
        "code": s.code,
        "system": s.system,
        "description": s.description,
        "score": round(s.score, SCORE_PLACES),
        "billable": s.billable,
        "evidence": [_evidence(e) for e in s.evidence],
        "explanation": _explanation(s.explanation),
        "alternatives": [_alternative(a) for a in s.alternatives],
        "findings": [_finding(f) for f in s.findings],
        "modifiers": [
            {"code": m.code, "reason": m.reason, "evidence": [_evidence(e) for e in m.evidence]}
            for m in s.modifiers
        ],
        "units": s.units,
        "diagnoses": list(s.diagnoses),
    }


def _evidence(e: Evidence) -> dict[str, Any]:
    return {"start": e.start, "end": e.end, "text": e.text, "kind": e.kind, "section": e.section}


def _explanation(explanation: Explanation) -> dict[str, Any]:
    return {
        "prior": explanation.prior,
        "contributions": [
            {
                "name": c.name,
                "value": c.value,
                "citation": c.citation,
                "evidence": [_evidence(e) for e in c.evidence],
            }
            for c in explanation.contributions
        ],
        "log_odds": explanation.log_odds,
    }


def _alternative(a: Alternative) -> dict[str, Any]:
    return {"code": a.code, "description": a.description, "axis": a.axis, "why_not": a.why_not}


def _finding(f: Finding) -> dict[str, Any]:
    return {
        "rule": f.rule,
        "kind": f.kind,
        "message": f.message,
        "citation": f.citation,
        "codes": list(f.codes),
    }


def _not_coded(n: NotCoded) -> dict[str, Any]:
    return {
        "start": n.start,
        "end": n.end,
        "text": n.text,
        "reason": n.reason,
        "section": n.section,
        "codes": list(n.codes),
        "cue": _evidence(n.cue) if n.cue is not None else None,
        "citation": n.citation,
    }


def _query(q: Query) -> dict[str, Any]:
    return {
        "code": q.code,
        "axis": q.axis,
        "question": q.question,
        "options": [{"answer": o.answer, "code": o.code, "description": o.description} for o in q.options],
        "evidence": [_evidence(e) for e in q.evidence],
    }


def _section(s: Section) -> dict[str, Any]:
    return {
        "kind": s.kind,
        "start": s.start,
        "end": s.end,
        "header_start": s.header_start,
        "header_end": s.header_end,
    }
