"""An evaluation as one self-contained piece of HTML: tables with their charts, nothing fetched.

Notes appear by id and code only, unless their words are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from cac.evaluation.svg import bars, reliability
from cac.evaluation.verdicts import VERDICTS
from cac.output._style import STYLE
from cac.output.text import clip, printable

if TYPE_CHECKING:
    from cac.evaluation.comparison import Comparison
    from cac.evaluation.records import GoldNote, PredictedNote
    from cac.evaluation.result import Evaluation, VerdictRow

__all__ = ["comparison_html", "report_html"]

_ROWS = 25
_AROUND = 40
_NAN = math.nan

VERDICT_WORDS = {
    "exact": "exact",
    "less_specific": "less specific than the label",
    "more_specific": "more specific than the label",
    "wrong_side": "wrong side",
    "sibling": "sibling code",
    "same_category": "same category",
    "missed": "missed",
    "spurious": "spurious",
}
_CHANGE_WORDS = {
    "gained": "gained",
    "lost": "lost",
    "moved": "from one grade to another",
    "noise_removed": "spurious code gone",
    "noise_added": "spurious code new",
}
_CSS = """
$ .cac-svg {display:block;max-width:100%;height:auto;margin:4px 0 8px;fill:var(--fg);
 font:12px system-ui,sans-serif}
$ .cac-svg .cac-b {fill:var(--bar)}
$ .cac-svg .cac-w, $ .cac-svg .cac-a {stroke:var(--fg);fill:none;stroke-width:1.2}
$ .cac-svg .cac-d {stroke:var(--dim);fill:none;stroke-dasharray:4 4}
$ .cac-svg .cac-l {stroke:var(--bar);fill:none;stroke-width:1.6}
$ .cac-svg .cac-p {fill:var(--bar);stroke:var(--bg)}
$ h2.cac-title {font-size:15px}
$ td.cac-num, $ th.cac-num {font-variant-numeric:tabular-nums}
""".replace("$", ".cac-result.cac-result")


def report_html(run: Evaluation, *, include_text: bool = False) -> str:
    """The report of one run; a whole section is left out where there is nothing to say."""
    facts = [f"{run.scope}", run.system, _resampled(run.n_boot, run.seed)]
    if run.unanswered:
        facts.append(f"{run.unanswered} notes without predictions")
    if run.unlabelled:
        facts.append(f"{run.unlabelled} predicted notes without labels left out")
    parts = [
        _head((("notes", len(run.gold)), ("labels", sum(map(bool, (r.gold for r in run.rows))))), facts),
        _section("Agreement with the labels", _figures(run, ("exact", "category"))),
        _section("Ranking", _figures(run, ("ranking",))),
        _section("Evidence of the right codes", _figures(run, ("evidence",))),
        _section("Verdicts", _verdicts(run)),
        _section("Chapters", _chapters(run)),
        _section("Calibration of the score", _calibration(run)),
        _section("Notes with the most differences", _worst(run)),
    ]
    if include_text:
        parts.append(_section("Words behind missed and spurious codes", _words(run)))
    return _wrapped(parts)


def comparison_html(step: Comparison) -> str:
    """The report of two runs side by side."""
    n = step.before
    rows = [
        (g, _named(m), _f(a), _f(b), f"{d:+.3f}", _span(lo, hi), _f(p))
        for g, m, a, b, d, lo, hi, p in step.metrics
    ]
    counted = [
        (k, float(v), _NAN, _NAN) for k, v in ((_CHANGE_WORDS[k], v) for k, v in step.counts().items())
    ]
    listed = [
        (
            c.id,
            c.code,
            _CHANGE_WORDS[c.change],
            _graded(c.before, c.code_before),
            _graded(c.after, c.code_after),
        )
        for c in step.rows[: 4 * _ROWS]
    ]
    changes = _table(("Note", "Code", "Change", "Before", "After"), listed, "Codes that changed")
    more = _more(len(step.rows) - len(listed))
    return _wrapped(
        [
            _head(
                (("notes", len(n.gold)), ("codes changed", len(step.rows))), [_resampled(n.n_boot, n.seed)]
            ),
            _section(
                "Before and after",
                _table(
                    ("Group", "Figure", "Before", "After", "Difference", "95% interval", "p"),
                    rows,
                    "Figures before and after",
                    numbers=(2, 3, 4, 5, 6),
                ),
            ),
            _section("Changes", bars(counted, "Changes", whole=True) + changes + more if step.rows else ""),
        ]
    )


def _resampled(n: int, seed: int) -> str:
    return f"95% intervals over {n} resamples of notes, seed {seed}" if n else "no intervals"


def _wrapped(parts: Iterable[str]) -> str:
    return f'<div class="cac-result"><style>{STYLE}{_CSS}</style>{"".join(parts)}</div>'


def _head(counts: Sequence[tuple[str, int]], facts: Sequence[str]) -> str:
    numbers = "".join(f'<span class="cac-count"><b>{n}</b> {label}</span>' for label, n in counts)
    return f'<div class="cac-head">{numbers}<span class="cac-facts">{_text(" · ".join(facts))}</span></div>'


def _section(title: str, body: str) -> str:
    return f'<h2 class="cac-title">{_text(title)}</h2>{body}' if body else ""


def _figures(run: Evaluation, groups: Sequence[str]) -> str:
    chosen = [m for m in run.metrics if m[0] in groups]
    if not chosen:
        return ""
    several = len(groups) > 1

    def name(group: str, metric: str) -> str:
        return f"{group} {_named(metric)}" if several else _named(metric)

    chart = bars([(name(g, m), v, lo, hi) for g, m, v, lo, hi in chosen], ", ".join(groups), top=1.0)
    table = _table(
        ("Figure", "Value", "95% interval"),
        [(name(g, m), _f(v), _span(lo, hi)) for g, m, v, lo, hi in chosen],
        f"Figures: {', '.join(groups)}",
        numbers=(1, 2),
    )
    return f"{chart}<details><summary>as a table</summary>{table}</details>"


def _verdicts(run: Evaluation) -> str:
    counts = run.counts()
    chart = bars([(VERDICT_WORDS[v], float(counts[v]), _NAN, _NAN) for v in VERDICTS], "Verdicts", whole=True)
    near = [r for r in run.rows if r.verdict not in ("exact", "missed", "spurious")]
    pairs: dict[tuple[str, str, str], int] = {}
    for r in near:
        key = (r.gold, r.predicted, r.verdict)
        pairs[key] = pairs.get(key, 0) + 1
    common = sorted(pairs.items(), key=lambda kv: (-kv[1], kv[0]))[:_ROWS]
    if not common:
        return chart
    table = _table(
        ("Label", "Predicted", "Verdict", "Times"),
        [(g, p, VERDICT_WORDS[v], str(n)) for (g, p, v), n in common],
        "Codes that were nearly right",
        numbers=(3,),
    )
    return f"{chart}<details><summary>codes that were nearly right</summary>{table}</details>"


def _chapters(run: Evaluation) -> str:
    rows = [
        (c, title, str(gold), str(given), str(right), _f(p), _f(r), _f(f1), _f(near))
        for c, title, gold, given, right, p, r, f1, near in run.chapter_rows()
    ]
    heads = ("Chapter", "Title", "Labels", "Predicted", "Right", "P", "R", "F1", "Category F1")
    return _table(heads, rows, "Figures by chapter", numbers=tuple(range(2, 9)))


def _calibration(run: Evaluation) -> str:
    rows = run.calibration_rows()
    if not rows:
        return ""
    ece, brier = run["calibration", "ece"], run["calibration", "brier"]
    said = (
        f"Expected calibration error {ece:.3f}, Brier score {brier:.3f}, over every code that has a score. "
        "The broken line is a score that means what it says."
    )
    table = _table(
        ("Score", "Codes", "Mean score", "Share correct"),
        [(f"{lo:.1f}-{hi:.1f}", str(n), _f(s), _f(c)) for lo, hi, n, s, c in rows],
        "Reliability by tenth of the score",
        numbers=(1, 2, 3),
    )
    chart = reliability(rows, "Reliability of the score")
    return f'<p class="cac-none">{_text(said)}</p>{chart}{table}'


def _worst(run: Evaluation) -> str:
    by_note: dict[str, list[VerdictRow]] = {}
    for r in run.rows:
        if r.verdict != "exact":
            by_note.setdefault(r.id, []).append(r)
    ordered = sorted(by_note.items(), key=lambda kv: (-len(kv[1]), kv[0]))
    rows = [
        (
            id_,
            ", ".join(r.gold for r in found if r.verdict == "missed"),
            ", ".join(f"{r.gold} as {r.predicted}" for r in found if r.gold and r.predicted),
            ", ".join(r.predicted for r in found if r.verdict == "spurious"),
        )
        for id_, found in ordered[:_ROWS]
    ]
    if not rows:
        return ""
    table = _table(("Note", "Missed", "Nearly right", "Spurious"), rows, "Notes with the most differences")
    return table + _more(len(ordered) - len(rows))


def _words(run: Evaluation) -> str:
    gold = {n.id: n for n in run.gold}
    predicted = {n.id: n for n in run.predicted}
    rows = []
    for r in run.rows:
        text = gold[r.id].text
        if r.verdict in ("missed", "spurious") and text is not None:
            place = _place(r, gold[r.id], predicted[r.id])
            if place is not None:
                rows.append((r.id, r.code, r.verdict, _around(text, *place)))
    return _table(("Note", "Code", "Verdict", "Words"), rows, "Words behind the codes") if rows else ""


def _place(row: VerdictRow, gold: GoldNote, predicted: PredictedNote) -> tuple[int, int] | None:
    if row.gold:
        spans = next(
            (label.evidence[0] for label in gold.labels if label.code == row.gold and label.evidence), ()
        )
    else:
        spans = next((a.evidence for a in predicted.answers if a.code == row.predicted), ())
    return (spans[0].start, spans[0].end) if spans else None


def _around(text: str, start: int, end: int) -> str:
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    return clip(printable(f"{before}[{text[start:end]}]{after}"), 2 * _AROUND + 80)


def _graded(verdict: str, code: str) -> str:
    words = VERDICT_WORDS.get(verdict, verdict)
    return f"{words} ({code})" if code and verdict not in ("exact", "spurious") else words


def _named(metric: str) -> str:
    return (
        "MAP"
        if metric == "map"
        else metric.replace("_", " ").replace("micro f1", "micro F1").replace("macro f1", "macro F1")
    )


def _table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], label: str, numbers: Sequence[int] = ()
) -> str:
    def cell(tag: str, i: int, text: str) -> str:
        number = ' class="cac-num"' if i in numbers else ""
        scope = ' scope="col"' if tag == "th" else ""
        return f"<{tag}{scope}{number}>{_text(text)}</{tag}>"

    head = "".join(cell("th", i, h) for i, h in enumerate(heads))
    body = "".join(f"<tr>{''.join(cell('td', i, c) for i, c in enumerate(row))}</tr>" for row in rows)
    return (
        f'<table class="cac-table" aria-label="{escape(label)}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _more(left: int) -> str:
    return f'<p class="cac-none">and {left} more</p>' if left > 0 else ""


def _f(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"


def _span(low: float, high: float) -> str:
    return "" if math.isnan(low) else f"{low:.3f} to {high:.3f}"


def _text(text: str) -> str:
    return escape(printable(text))
