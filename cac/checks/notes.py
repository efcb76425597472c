"""What a note says for and against the codes of a list."""

from __future__ import annotations

from collections.abc import Mapping

from cac.checks.result import CheckFinding, made
from cac.coder import Release
from cac.result import CodingResult
from cac.types import Evidence, NotCoded, Suggestion

__all__ = ["support"]

_WHY = {
    "negated": "is denied in the note",
    "uncertain": "is only uncertain in the note",
    "historical": "is over, as the note says",
    "family": "is a relative's in the note",
    "other_person": "is somebody else's in the note",
    "hypothetical": "is only conditional or advice in the note",
    "planned": "is only planned in the note",
    "section": "stands in a section that makes no diagnoses",
    "procedure": "is named as a procedure, not as a state",
}


def support(valid: list[str], result: CodingResult, release: Release) -> list[CheckFinding]:
    """What the note says for and against each code."""
    # A relative of a suggestion ranks below it without words of its own.
    named = (s for s in result.candidates if not any(c.name.startswith("relation") for c in s.explanation))
    ranked = {s.code: s for s in (*result.suggestions, *named)}
    out: list[CheckFinding] = []
    for code in valid:
        closer = next((s for s in result if s.code != code and release.tabular.says_less(code, s.code)), None)
        if closer is not None:
            message = f"says less than the note, which supports {closer.code}"
            out.append(made("less_specific", code, message, (closer.code,), evidence=closer.evidence[:3]))
        elif code not in ranked:
            out += _unsupported(code, ranked, result.not_coded)
    out += [
        made("not_listed", s.code, "is documented and not in the list", evidence=s.evidence[:1])
        for s in result
        if s.code not in valid and not any(s.code in f.related for f in out)
    ]
    return out


def _unsupported(
    code: str, ranked: Mapping[str, Suggestion], ledger: tuple[NotCoded, ...]
) -> list[CheckFinding]:
    near = [n for n in ledger if code in n.codes] or [
        n for n in ledger if any(c[:3] == code[:3] for c in n.codes)
    ]
    for line in near:
        if line.reason not in _WHY:
            # The rules took it away for the benefit of another code: the words are there.
            return []
        words = Evidence(line.start, line.end, line.text, "condition", line.section)
        evidence = (words, line.cue) if line.cue is not None else (words,)
        return [made("unsupported", code, _WHY[line.reason], cited=line.citation, evidence=evidence)]
    for s in ranked.values():
        # What is over, or a relative's, stands in the note as another code.
        for f in s.findings:
            if f.kind == "history" and len(f.codes) == 2 and f.codes[0][:3] == code[:3]:
                message = f"is not what the note says; it supports {s.code}"
                return [
                    made("unsupported", code, message, (s.code,), cited=f.citation, evidence=s.evidence[:2])
                ]
    family = sorted(c for c in ranked if c[:3] == code[:3])
    if family:
        message = f"is not what the note says; it supports {', '.join(family[:4])}"
        return [made("unsupported", code, message, tuple(family), evidence=ranked[family[0]].evidence[:2])]
    return [made("unsupported", code, "is named by nothing in the note")]
