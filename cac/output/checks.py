"""The findings of a check as a frame, plain data, text and HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from cac.output._style import STYLE
from cac.output.text import printable

if TYPE_CHECKING:
    import pandas as pd

    from cac.checks.result import CheckFinding, CheckResult

__all__ = ["CHECK_DTYPES", "check_dict", "check_frame", "check_html", "check_text"]

CHECK_DTYPES = {
    "code": "string",
    "kind": "string",
    "severity": "string",
    "message": "string",
    "related": "string",
    "citation": "string",
    "rule": "string",
    "evidence": "string",
    "start": "int64",
    "end": "int64",
}
"""Columns of ``check_frame``: one row per finding. ``start`` and ``end`` are -1 without evidence."""

SCHEMA_VERSION = 1


def check_frame(result: CheckResult) -> pd.DataFrame:
    """One row per finding; the same columns and dtypes when there is none."""
    import pandas as pd

    rows = [_row(f) for f in result.findings]
    return pd.DataFrame(rows, columns=list(CHECK_DTYPES)).astype(dict(CHECK_DTYPES))


def _row(f: CheckFinding) -> tuple[Any, ...]:
    first = f.evidence[0] if f.evidence else None
    return (
        f.code,
        f.kind,
        f.severity,
        f.message,
        "; ".join(f.related),
        f.citation,
        f.rule,
        first.text if first is not None else "",
        first.start if first is not None else -1,
        first.end if first is not None else -1,
    )


def check_dict(result: CheckResult) -> dict[str, Any]:
    """The result as dicts, lists and strings, keys in a fixed order."""
    return {
        "schema_version": SCHEMA_VERSION,
        "release": result.release,
        "setting": result.setting,
        "date_of_service": result.date_of_service,
        "ok": result.ok,
        "codes": list(result.codes),
        "ordered": list(result.ordered),
        "findings": [
            {
                "code": f.code,
                "kind": f.kind,
                "severity": f.severity,
                "message": f.message,
                "related": list(f.related),
                "citation": f.citation,
                "rule": f.rule,
                "evidence": [
                    {"start": e.start, "end": e.end, "text": e.text, "kind": e.kind, "section": e.section}
                    for e in f.evidence
                ],
            }
            for f in result.findings
        ],
    }


def check_text(result: CheckResult) -> str:
    """A line for each finding: severity, what is wrong, where the guidelines say so, the words."""
    if not result.findings:
        return f"{len(result.codes)} codes checked: nothing found.\n"
    lines = []
    for f in result.findings:
        quotes = "".join(f' "{printable(e.text)}"' for e in f.evidence[:2])
        lines.append(f"{f.severity:<8}{f.kind:<18}{f.message} [{f.citation}]{quotes}\n")
    return "".join(lines)


def check_html(result: CheckResult) -> str:
    """The findings as one self-contained piece of HTML, every text escaped."""
    counts = "".join(
        f'<span class="cac-count"><b>{sum(f.severity == s for f in result.findings)}</b> {label}</span>'
        for s, label in (("error", "errors"), ("warning", "warnings"), ("info", "notes"))
    )
    facts = " · ".join(
        filter(None, (result.setting, f"release {result.release}", result.date_of_service or ""))
    )
    rows = "".join(
        f'<tr><td><span class="cac-code">{escape(f.code)}</span></td>'
        f'<td><span class="cac-reason">{escape(f.severity)}</span> {escape(f.kind.replace("_", " "))}</td>'
        f"<td>{escape(f.message)}</td>"
        f"<td>{''.join(_quote(e.text) for e in f.evidence[:2])}</td>"
        f'<td class="cac-dim">{escape(f.citation)} {escape(f.rule)}</td></tr>'
        for f in result.findings
    )
    table = (
        '<table class="cac-table"><thead><tr><th>code</th><th>finding</th><th>what</th><th>words</th>'
        f"<th>guideline</th></tr></thead><tbody>{rows}</tbody></table>"
        if rows
        else '<p class="cac-none">Nothing found.</p>'
    )
    return (
        f'<div class="cac-result"><style>{STYLE}</style><div class="cac-head">{counts}'
        f'<span class="cac-facts">{escape(facts)}</span></div>{table}</div>'
    )


def _quote(words: str) -> str:
    return f'<div class="cac-line"><q class="cac-q">{escape(printable(words))}</q></div>'
