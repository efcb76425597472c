"""Two runs on the same labels: what was gained and lost, and whether that is more than chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from cac.errors import ConfigError
from cac.evaluation.metrics import GROUPS, interval, resamples
from cac.evaluation.result import Evaluation
from cac.evaluation.verdicts import VERDICTS
from cac.output.frames import typed_frame

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Change", "Comparison", "compare"]

SUMMARY = {
    "group": "string",
    "metric": "string",
    "before": "float64",
    "after": "float64",
    "difference": "float64",
    "low": "float64",
    "high": "float64",
    "p": "float64",
}
CHANGES = {
    "id": "string",
    "code": "string",
    "change": "string",
    "before": "string",
    "after": "string",
    "code_before": "string",
    "code_after": "string",
}
PER_NOTE = {
    "id": "string",
    "f1_before": "float64",
    "f1_after": "float64",
    "gained": "int64",
    "lost": "int64",
    "noise_removed": "int64",
    "noise_added": "int64",
}
_ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Change:
    """A code of a note whose verdict differs between the runs.

    ``change`` is "gained" (became exact), "lost" (was exact), "moved" (from one grade to another),
    "noise_added" or "noise_removed" (a spurious code that came or went).
    """

    id: str
    code: str
    change: str
    before: str
    after: str
    code_before: str
    code_after: str


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The step from one run to another.

    Attributes
    ----------
    metrics
        ``(group, metric, before, after, difference, low, high, p)``. The interval and the two-sided
        p-value come from a paired bootstrap: both runs are measured on the same resamples of notes.
    rows
        Every code whose verdict changed, by note, then code.
    """

    metrics: tuple[tuple[str, str, float, float, float, float, float, float], ...]
    rows: tuple[Change, ...]
    before: Evaluation = field(repr=False)
    after: Evaluation = field(repr=False)

    def __repr__(self) -> str:
        f1 = next(m for m in self.metrics if m[:2] == ("exact", "micro_f1"))
        return f"Comparison(exact micro-F1 {f1[2]:.3f} -> {f1[3]:.3f}, {len(self.rows)} codes changed)"

    @property
    def summary(self) -> pd.DataFrame:
        """One row a figure: before, after, difference, its 95% interval and p."""
        return typed_frame(self.metrics, SUMMARY)

    @property
    def changes(self) -> pd.DataFrame:
        """One row a note and code whose verdict changed."""
        return typed_frame(
            [(c.id, c.code, c.change, c.before, c.after, c.code_before, c.code_after) for c in self.rows],
            CHANGES,
        )

    @property
    def per_note(self) -> pd.DataFrame:
        """One row a note on which something changed: what it gained and lost."""
        return typed_frame(self.note_rows(), PER_NOTE)

    @property
    def transitions(self) -> pd.DataFrame:
        """How many gold codes went from which verdict (rows) to which (columns)."""
        return typed_frame(
            self.transition_rows(), {"before": "string", **{v: "int64" for v in VERDICTS if v != "spurious"}}
        )

    def counts(self) -> dict[str, int]:
        """How many codes changed in each way."""
        found = dict.fromkeys(("gained", "lost", "moved", "noise_removed", "noise_added"), 0)
        for c in self.rows:
            found[c.change] += 1
        return found

    def note_rows(self) -> list[tuple[Any, ...]]:
        """The rows of ``per_note`` as plain tuples."""
        counts: dict[str, dict[str, int]] = {}
        for c in self.rows:
            held = counts.setdefault(c.id, {})
            held[c.change] = held.get(c.change, 0) + 1
        both = zip(self.before.note_rows(), self.after.note_rows(), strict=True)
        return [
            (
                b[0],
                b[8],
                a[8],
                *(counts[b[0]].get(k, 0) for k in ("gained", "lost", "noise_removed", "noise_added")),
            )
            for b, a in both
            if b[0] in counts
        ]

    def transition_rows(self) -> list[tuple[Any, ...]]:
        """The rows of ``transitions`` as plain tuples."""
        grades = [v for v in VERDICTS if v != "spurious"]
        table = {v: dict.fromkeys(grades, 0) for v in grades}
        after = {(r.id, r.gold): r.verdict for r in self.after.rows if r.gold}
        for r in self.before.rows:
            if r.gold:
                table[r.verdict][after[r.id, r.gold]] += 1
        return [(v, *table[v].values()) for v in grades]

    def to_dict(self) -> dict[str, Any]:
        """Figures and counts as plain data, without the codes of notes."""
        return {
            "notes": len(self.before.gold),
            "summary": [
                dict(
                    zip(
                        SUMMARY,
                        (m[0], m[1], *(None if np.isnan(v) else round(v, 6) for v in m[2:])),
                        strict=True,
                    )
                )
                for m in self.metrics
            ],
            "changes": self.counts(),
        }

    def _repr_html_(self) -> str:
        from cac.evaluation.report import comparison_html

        return comparison_html(self)


def compare(before: Evaluation, after: Evaluation) -> Comparison:
    """See ``Evaluation.diff``."""
    same = [(n.id, n.codes) for n in before.gold] == [(n.id, n.codes) for n in after.gold]
    if not same or before.system != after.system:
        raise ConfigError("two runs can be compared only when they were measured against the same labels")
    return Comparison(_metrics(before, after), tuple(_changes(before, after)), before, after)


def _metrics(before: Evaluation, after: Evaluation) -> tuple[Any, ...]:
    old = {name: i for i, name in enumerate(before.figures.names)}
    new = {name: i for i, name in enumerate(after.figures.names)}
    shared = sorted((name for name in old if name in new), key=lambda name: GROUPS.index(name[0]))
    a, b = [old[n] for n in shared], [new[n] for n in shared]
    n_boot = min(before.n_boot, after.n_boot)
    drawn = [
        after.figures.values(w)[:, b] - before.figures.values(w)[:, a]
        for w in resamples(len(before.gold), n_boot, before.seed)
    ]
    samples = np.concatenate(drawn) if drawn else np.zeros((0, len(shared)))
    low, high = interval(samples)
    first, second = before.figures.point()[a], after.figures.point()[b]
    rows = []
    for i, (group, metric) in enumerate(shared):
        p = _p_value(samples[:, i])
        one, two = float(first[i]), float(second[i])
        rows.append((group, metric, one, two, two - one, float(low[i]), float(high[i]), p))
    return tuple(rows)


def _p_value(differences: Any) -> float:
    """Two-sided: twice the smaller tail on the far side of no difference, one draw added to each."""
    n = len(differences)
    if not n:
        return float("nan")
    tail = min(int((differences <= 0).sum()), int((differences >= 0).sum()))
    return min(1.0, 2.0 * (tail + 1) / (n + 1))


def _changes(before: Evaluation, after: Evaluation) -> list[Change]:
    def keyed(run: Evaluation) -> dict[tuple[int, str, bool], Any]:
        place = {n.id: i for i, n in enumerate(run.gold)}
        return {(place[r.id], r.code, not r.gold): r for r in run.rows}

    old, new = keyed(before), keyed(after)
    ids = [n.id for n in before.gold]
    out = []
    for key in sorted(old.keys() | new.keys()):
        one, two = old.get(key), new.get(key)
        was, now = (r.verdict if r is not None else _ABSENT for r in (one, two))
        if was != now:
            given = [r.predicted if r is not None else "" for r in (one, two)]
            out.append(Change(ids[key[0]], key[1], _kind(was, now), was, now, given[0], given[1]))
    return out


def _kind(was: str, now: str) -> str:
    if now == "exact":
        return "gained"
    if was == "exact":
        return "lost"
    if "spurious" in (was, now):
        return "noise_added" if now == "spurious" else "noise_removed"
    return "moved"
