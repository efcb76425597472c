"""What ``cac.evaluate`` gives back: the figures, the verdict on every code, and how they are shown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cac.evaluation.metrics import Figures
from cac.evaluation.records import GoldNote, PredictedNote
from cac.evaluation.verdicts import VERDICTS
from cac.output.frames import typed_frame

if TYPE_CHECKING:
    import pandas as pd

    from cac.evaluation.comparison import Comparison

__all__ = ["Evaluation", "VerdictRow"]

SUMMARY = {"group": "string", "metric": "string", "value": "float64", "low": "float64", "high": "float64"}
PER_NOTE = {
    "id": "string",
    "gold": "int64",
    "predicted": "int64",
    "correct": "int64",
    "missed": "int64",
    "spurious": "int64",
    "precision": "float64",
    "recall": "float64",
    "f1": "float64",
    "average_precision": "float64",
}
PER_CHAPTER = {
    "chapter": "string",
    "title": "string",
    "gold": "int64",
    "predicted": "int64",
    "correct": "int64",
    "precision": "float64",
    "recall": "float64",
    "f1": "float64",
    "category_f1": "float64",
}
VERDICT = {
    "id": "string",
    "gold": "string",
    "predicted": "string",
    "verdict": "string",
    "chapter": "string",
    "score": "float64",
    "rank": "int64",
    "evidence": "string",
}
CALIBRATION = {
    "from": "float64",
    "to": "float64",
    "codes": "int64",
    "mean_score": "float64",
    "share_correct": "float64",
}


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """The verdict on one code of one note.

    ``rank`` and ``score`` are those of the predicted code; of a missed one, those it had among the
    candidates below the threshold (rank -1 and no score when it was not ranked at all).
    ``evidence`` is "hit" or "off" for a right code whose labelled evidence was or was not overlapped,
    "" where there is nothing to compare.
    """

    id: str
    gold: str
    predicted: str
    verdict: str
    chapter: str
    score: float | None
    rank: int
    evidence: str

    @property
    def code(self) -> str:
        """The gold code, or the predicted one when it is spurious."""
        return self.gold or self.predicted


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """Predictions measured against labels.

    The tables are made when they are asked for; none holds words of a note.

    Attributes
    ----------
    rows
        The verdicts as plain data: by note, then by code.
    metrics
        ``(group, metric, value, low, high)``; the bounds are those of the 95% bootstrap interval.
    scope, system, seed, n_boot
        How it was measured.
    unanswered
        Gold notes for which there was no prediction; they count as without any code.
    unlabelled
        Predicted notes that are not in the gold standard; they are left out.

    Examples
    --------
    >>> import cac
    >>> e = cac.evaluate({"n1": ["E11.22", "I10"]}, {"n1": ["E11.9", "I10"]}, n_boot=0)
    >>> [(r.gold, r.predicted, r.verdict) for r in e.rows]
    [('E11.22', 'E11.9', 'less_specific'), ('I10', 'I10', 'exact')]
    >>> e["exact", "micro_f1"], e["category", "micro_f1"]
    (0.5, 1.0)
    """

    rows: tuple[VerdictRow, ...]
    metrics: tuple[tuple[str, str, float, float, float], ...]
    chapters: tuple[tuple[str, str], ...]
    scope: str
    system: str
    seed: int
    n_boot: int
    unanswered: int
    unlabelled: int
    gold: tuple[GoldNote, ...] = field(repr=False)
    predicted: tuple[PredictedNote, ...] = field(repr=False)
    figures: Figures = field(repr=False)

    def __repr__(self) -> str:
        return (
            f"Evaluation({len(self.gold)} notes, exact micro-F1 {self['exact', 'micro_f1']:.3f}, "
            f"category {self['category', 'micro_f1']:.3f})"
        )

    def __getitem__(self, key: tuple[str, str]) -> float:
        """The value of one figure, by group and name. KeyError for one that was not measured."""
        for group, metric, value, _, _ in self.metrics:
            if (group, metric) == key:
                return value
        raise KeyError(f"no figure {key[0]} {key[1]}")

    @property
    def summary(self) -> pd.DataFrame:
        """One row a figure, with its bootstrap interval over notes."""
        return typed_frame(self.metrics, SUMMARY)

    @property
    def verdicts(self) -> pd.DataFrame:
        """One row a note and code: exact, nearly right in which way, missed or spurious."""
        return typed_frame(
            [
                (r.id, r.gold, r.predicted, r.verdict, r.chapter, _nan(r.score), r.rank, r.evidence)
                for r in self.rows
            ],
            VERDICT,
        )

    @property
    def per_note(self) -> pd.DataFrame:
        """One row a note."""
        return typed_frame(self.note_rows(), PER_NOTE)

    @property
    def per_chapter(self) -> pd.DataFrame:
        """One row a chapter of the classification, gold and predicted codes each under their own."""
        return typed_frame(self.chapter_rows(), PER_CHAPTER)

    @property
    def calibration(self) -> pd.DataFrame:
        """Reliability: one row a tenth of the score. Empty when the predictions carry no scores."""
        return typed_frame(self.calibration_rows(), CALIBRATION)

    def counts(self) -> Mapping[str, int]:
        """How many codes got each verdict, in the order of ``VERDICTS``."""
        found = dict.fromkeys(VERDICTS, 0)
        for r in self.rows:
            found[r.verdict] += 1
        return found

    def note_rows(self) -> list[tuple[Any, ...]]:
        """The rows of ``per_note`` as plain tuples."""
        out: list[tuple[Any, ...]] = []
        for g, p, ap in zip(self.gold, self.predicted, self.figures.average_precision, strict=True):
            wanted, given = set(g.codes), {a.code for a in p.suggested}
            right = len(wanted & given)
            missed, extra = len(wanted) - right, len(given) - right
            out.append(
                (g.id, len(wanted), len(given), right, missed, extra, *_prf(right, extra, missed), float(ap))
            )
        return out

    def chapter_rows(self) -> list[tuple[Any, ...]]:
        """The rows of ``per_chapter`` as plain tuples, most labelled codes first."""
        title = dict(self.chapters)
        counts: dict[str, list[int]] = {}
        for r in self.rows:
            # A pair of one category is in one chapter.
            c = counts.setdefault(r.chapter, [0, 0, 0, 0])
            c[0] += bool(r.gold)
            c[1] += bool(r.predicted)
            c[2] += r.verdict == "exact"
            c[3] += bool(r.gold and r.predicted)
        out = []
        for chapter, (gold, given, right, near) in counts.items():
            p, rc, f1 = _prf(right, given - right, gold - right)
            out.append(
                (
                    chapter,
                    title.get(chapter, ""),
                    gold,
                    given,
                    right,
                    p,
                    rc,
                    f1,
                    _prf(near, given - near, gold - near)[2],
                )
            )
        return sorted(out, key=lambda row: (-row[2], row[0]))

    def calibration_rows(self) -> list[tuple[float, float, int, float, float]]:
        """The rows of ``calibration`` as plain tuples."""
        return self.figures.calibration.table() if self.figures.calibration is not None else []

    def diff(self, other: Evaluation) -> Comparison:
        """What changes from this run to ``other`` on the same labels.

        Raises
        ------
        ConfigError
            When the two were not measured against the same labels.
        """
        from cac.evaluation.comparison import compare

        return compare(self, other)

    def to_dict(self) -> dict[str, Any]:
        """Figures, verdict counts, chapters and reliability as plain data, without the codes of notes."""
        return {
            "notes": len(self.gold),
            "scope": self.scope,
            "system": self.system,
            "bootstrap": {"n": self.n_boot, "seed": self.seed, "level": 0.95},
            "unanswered": self.unanswered,
            "unlabelled": self.unlabelled,
            "summary": [dict(zip(SUMMARY, (g, m, *map(_json, v)), strict=True)) for g, m, *v in self.metrics],
            "verdicts": dict(self.counts()),
            "per_chapter": [
                dict(zip(PER_CHAPTER, (*r[:5], *map(_json, r[5:])), strict=True)) for r in self.chapter_rows()
            ],
            "calibration": [
                dict(zip(CALIBRATION, map(_json, r), strict=True)) for r in self.calibration_rows()
            ],
        }

    def to_html(self, path: str | Path | None = None, *, include_text: bool = False) -> str:
        """A self-contained HTML report; also written to ``path`` when one is given.

        Parameters
        ----------
        include_text
            Also quote the words behind missed and spurious codes. Without it the report holds no
            words of any note.
        """
        from cac.evaluation.report import report_html
        from cac.output.html import html_page

        page = html_page(report_html(self, include_text=include_text), "Evaluation of code suggestions")
        if path is not None:
            Path(path).write_text(page, encoding="utf-8", newline="\n")
        return page

    def _repr_html_(self) -> str:
        from cac.evaluation.report import report_html

        return report_html(self)


def _prf(tp: int, fp: int, fn: int) -> tuple[float, float, float]:
    p = tp / (tp + fp) if tp + fp else 0.0
    r = tp / (tp + fn) if tp + fn else 0.0
    return p, r, 2 * tp / (2 * tp + fp + fn) if tp else 0.0


def _nan(value: float | None) -> float:
    return math.nan if value is None else value


def _json(value: float) -> float | None:
    return None if isinstance(value, float) and math.isnan(value) else round(value, 6)
