"""A result as one self-contained piece of HTML for notebooks and files.

Inline CSS, no scripts, nothing fetched, every text escaped. Class names start with ``cac-`` and
every selector is scoped below ``.cac-result``, so the page around it is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from cac.output._style import STYLE
from cac.output.text import billing_text, clip, printable

if TYPE_CHECKING:
    from cac.result import CodingResult
    from cac.types import Contribution, Evidence, Explanation, Finding, NotCoded, Query, Suggestion

__all__ = ["html_page", "result_html"]

# What HTML itself cannot carry, or what would reorder the text around it.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_MORE_MARKS = 40


class _Mark(NamedTuple):
    """A marked stretch of the note; of overlapping marks the lowest ``order`` gives the look."""

    order: int
    start: int
    end: int
    look: str
    title: str
    badge: str


def result_html(result: CodingResult) -> str:
    """The note with its evidence marked, the ranked codes, the ledger and the queries.

    The same bytes for the same result. Light and dark follow the system, or the theme of
    JupyterLab or VS Code where the page tells.
    """
    parts = [
        f'<div class="cac-result"><style>{STYLE}</style>',
        _head(result),
        _codes(result),
        _queries(result.queries),
        _ledger(result.not_coded),
        _note(result),
        '<p class="cac-foot">Suggestions for a coder to review. Hover over a mark to see its code.</p>',
        "</div>",
    ]
    return "".join(parts)


def html_page(body: str, title: str) -> str:
    """A whole document around ``result_html``, to be saved as a UTF-8 file."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{_text(title)}</title></head>'
        f"<body>{body}</body></html>\n"
    )


def _head(result: CodingResult) -> str:
    counts = (
        (len(result.suggestions), "suggested"),
        (len(result.candidates), "below the threshold"),
        (len(result.not_coded), "not coded"),
        (len(result.queries), "to ask"),
    )
    numbers = "".join(f'<span class="cac-count"><b>{n}</b> {label}</span>' for n, label in counts)
    facts = [result.setting, result.scope, f"release {result.release}"]
    if result.date_of_service:
        facts.append(f"service {result.date_of_service}")
    facts.append(f"threshold {result.threshold:.2f}")
    return f'<div class="cac-head">{numbers}<span class="cac-facts">{_text(" · ".join(facts))}</span></div>'


def _codes(result: CodingResult) -> str:
    if result.suggestions:
        table = _table(result.suggestions, "Suggested codes")
    else:
        table = '<p class="cac-none">No code reached the threshold.</p>'
    if result.candidates:
        below = _table(result.candidates, "Codes below the threshold")
        table += (
            f'<details class="cac-below"><summary>Below the threshold ({len(result.candidates)})'
            f"</summary>{below}</details>"
        )
    return table


def _table(suggestions: Sequence[Suggestion], label: str) -> str:
    heads = "".join(
        f'<th scope="col"{extra}>{name}</th>'
        for name, extra in (
            ("#", ' class="cac-num"'),
            ("Code", ""),
            ("Description", ' class="cac-wide"'),
            ("Score", ""),
            ("Evidence", ' class="cac-wide"'),
            ("Rules", ' class="cac-wide"'),
        )
    )
    rows = "".join(_row(s) for s in suggestions)
    return (
        f'<table class="cac-table" aria-label="{label}"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(s: Suggestion) -> str:
    flag = "" if s.billable else '<span class="cac-flag">not billable</span>'
    percent = 100 * min(max(s.score, 0.0), 1.0)
    return (
        f'<tr><td class="cac-num">{s.rank}</td>'
        f'<td><span class="cac-code">{_text(s.code)}</span><span class="cac-dim">{_text(s.system)}</span>'
        f"{flag}</td>"
        f"<td>{_text(s.description)}{_billing(s)}{_why(s.explanation)}{_close(s)}</td>"
        f'<td class="cac-score">{s.score:.2f}<span class="cac-bar"><span style="width:{percent:.0f}%">'
        "</span></span></td>"
        f"<td>{_quotes(s.evidence)}</td><td>{_rules(s.findings)}</td></tr>"
    )


def _billing(s: Suggestion) -> str:
    told = billing_text(s)
    return f'<div class="cac-line cac-dim">{_text(told)}</div>' if told else ""


def _why(explanation: Explanation) -> str:
    rows = [f"<tr><td>prior</td><td>{explanation.prior:+.2f}</td><td></td></tr>"]
    rows += [_contribution(c) for c in explanation.contributions]
    rows.append(
        f'<tr class="cac-sum"><td>log-odds</td><td>{explanation.log_odds:+.2f}</td>'
        f"<td>score {explanation.score:.2f}</td></tr>"
    )
    return (
        '<details class="cac-more"><summary>why this score</summary>'
        f'<table class="cac-sub"><tbody>{"".join(rows)}</tbody></table></details>'
    )


def _contribution(c: Contribution) -> str:
    basis = _quotes(c.evidence)
    if c.citation:
        basis += f'<div class="cac-line cac-dim">{_text(c.citation)}</div>'
    side = "cac-up" if c.value >= 0 else "cac-down"
    return f'<tr><td>{_text(c.name)}</td><td class="{side}">{c.value:+.2f}</td><td>{basis}</td></tr>'


def _close(s: Suggestion) -> str:
    if not s.alternatives:
        return ""
    items = "".join(
        f'<li><span class="cac-code">{_text(a.code)}</span> {_text(a.description)} '
        f'<span class="cac-dim">{_text(a.axis)}: {_text(a.why_not)}</span></li>'
        for a in s.alternatives
    )
    return (
        f'<details class="cac-more"><summary>close codes ({len(s.alternatives)})</summary>'
        f'<ul class="cac-list">{items}</ul></details>'
    )


def _quotes(evidence: Iterable[Evidence]) -> str:
    return "".join(f'<div class="cac-line">{_quote(e)}</div>' for e in evidence)


def _quote(e: Evidence) -> str:
    return f'{_words(e.text)} <span class="cac-dim">{_text(e.section)}</span>'


def _words(quoted: str) -> str:
    return f'<q class="cac-q">{_text(clip(quoted, 120))}</q>'


def _rules(findings: Iterable[Finding]) -> str:
    return "".join(
        f'<div class="cac-line"><span class="cac-rule">{_text(f.rule)}</span> {_text(f.message)} '
        f'<span class="cac-dim">{_text(f.citation)}</span></div>'
        for f in findings
    )


def _queries(queries: Sequence[Query]) -> str:
    if not queries:
        return ""
    cards = []
    for query in queries:
        options = "".join(
            f'<li>{_text(o.answer)} <span class="cac-arrow">→</span> '
            f'<span class="cac-code">{_text(o.code)}</span> '
            f"{'' if o.answer == o.description else _text(o.description)}</li>"
            for o in query.options
        )
        cards.append(
            f'<div class="cac-card"><div><span class="cac-code">{_text(query.code)}</span> '
            f'<span class="cac-dim">{_text(query.axis)}</span> {_text(query.question)}</div>'
            f'<ul class="cac-list">{options}</ul>{_quotes(query.evidence)}</div>'
        )
    return f'<div class="cac-title">Documentation queries</div>{"".join(cards)}'


def _ledger(not_coded: Sequence[NotCoded]) -> str:
    if not not_coded:
        return ""
    rows = "".join(
        f"<tr><td>{_words(n.text)}</td>"
        f'<td><span class="cac-reason">{_text(n.reason.replace("_", " "))}</span></td>'
        f"<td>{_words(n.cue.text) if n.cue is not None else ''}</td>"
        f"<td>{_text(n.section)}</td><td>{_text(', '.join(n.codes))}</td><td>{_text(n.citation)}</td></tr>"
        for n in not_coded
    )
    heads = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("Words", "Reason", "Decided by", "Section", "Would have been", "Citation")
    )
    return (
        f'<details class="cac-below" open><summary>Not coded ({len(not_coded)})</summary>'
        '<table class="cac-table" aria-label="Mentions that were not coded">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def _note(result: CodingResult) -> str:
    if not result.text:
        return ""
    headers = {s.header_start: s.header_end for s in result.sections if s.header_end > s.header_start}
    marked = "".join(_segments(result.text, _marks(result), headers))
    key = (
        '<span class="cac-key"><mark class="cac-on">coded</mark> <mark class="cac-weak">below the threshold'
        '</mark> <mark class="cac-off">not coded</mark> <mark class="cac-cue">cue</mark></span>'
    )
    return f'<div class="cac-title">Note {key}</div><div class="cac-note">{marked}</div>'


def _marks(result: CodingResult) -> list[_Mark]:
    marks: list[_Mark] = []
    for look, order, suggestions in (("cac-on", 0, result.suggestions), ("cac-weak", 1, result.candidates)):
        for s in suggestions:
            for e in s.evidence:
                title = f"{s.code} {s.description} ({e.kind})"
                marks.append(_Mark(order, e.start, e.end, look, title, s.code if look == "cac-on" else ""))
    for n in result.not_coded:
        would = f" ({', '.join(n.codes)})" if n.codes else ""
        title = f"not coded: {n.reason.replace('_', ' ')}{would}"
        marks.append(_Mark(2, n.start, n.end, "cac-off", title, ""))
        if n.cue is not None:
            title = f"cue: {n.reason.replace('_', ' ')}"
            marks.append(_Mark(3, n.cue.start, n.cue.end, "cac-cue", title, ""))
    return list(dict.fromkeys(marks))


def _segments(text: str, marks: Sequence[_Mark], headers: dict[int, int]) -> Iterator[str]:
    """The note cut at every edge of a mark: pieces never overlap, so the tags always nest."""
    size = len(text)
    opening: dict[int, list[_Mark]] = {}
    edges = {0, size}
    for mark in marks:
        if 0 <= mark.start < mark.end <= size:
            opening.setdefault(mark.start, []).append(mark)
            edges |= {mark.start, mark.end}
    for start, end in headers.items():
        edges |= {start, min(end, size)} if start < size else set()
    cuts = sorted(edges)
    active: list[_Mark] = []
    header_end = 0
    for here, after in pairwise(cuts):
        active = [m for m in active if m.end > here] + opening.get(here, [])
        header_end = max(header_end, headers.get(here, 0))
        piece = _marked(_clean(text[here:after]), active, after)
        yield f'<b class="cac-header">{piece}</b>' if here < header_end else piece


def _marked(piece: str, active: Sequence[_Mark], after: int) -> str:
    if not active:
        return piece
    ordered = sorted(active)
    titles = list(dict.fromkeys(m.title for m in ordered))[:_MORE_MARKS]
    badges = list(dict.fromkeys(m.badge for m in ordered if m.badge and m.end == after))[:3]
    badge = f' data-cac="{_text(" ".join(badges))}"' if badges else ""
    return f'<mark class="{ordered[0].look}" title="{_text("; ".join(titles))}"{badge}>{piece}</mark>'


def _text(text: str) -> str:
    """Anything that is not the note itself: one safe, escaped line."""
    return escape(printable(text))


def _clean(text: str) -> str:
    """A piece of the note: escaped, its own line breaks and tabs kept."""
    return escape(_UNSAFE.sub("\ufffd", text))
