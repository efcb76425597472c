"""The figures of an evaluation and their bootstrap, in NumPy.

Every pooled figure is a sum over notes divided by another sum over notes, so a resample of the notes
is a vector of weights and a thousand resamples are one matrix product. Undefined ratios (0/0) are 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cac.evaluation.records import GoldNote, PredictedNote, category

__all__ = ["BINS", "GROUPS", "KS", "Calibration", "Figures", "average_precision", "interval", "resamples"]

KS = (1, 3, 5, 10, 20, 50)
BINS = 10
GROUPS = ("exact", "category", "ranking", "evidence", "calibration")
"""Of figures, in the order they are shown."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_CHUNK = 128


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """Codes (or categories) of all notes as parallel arrays: one entry a note and code."""

    note: Ints
    code: Ints
    in_gold: Floats
    in_predicted: Floats
    codes: int


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Scores against outcomes, by note and bin of the score; arrays of shape (notes, bins)."""

    count: Floats
    score: Floats
    hits: Floats
    squared: Floats

    def table(self) -> list[tuple[float, float, int, float, float]]:
        """(from, to, codes, mean score, share correct) for every bin that is not empty."""
        count, score, hits = (a.sum(axis=0) for a in (self.count, self.score, self.hits))
        return [
            (b / BINS, (b + 1) / BINS, int(count[b]), float(score[b] / count[b]), float(hits[b] / count[b]))
            for b in range(BINS)
            if count[b]
        ]


class Figures:
    """All figures of one run, for any weighting of the notes.

    Parameters
    ----------
    gold, predicted
        In the same order, a prediction for each gold note.
    evidence
        Per note (gold pieces, found, predicted spans, confirmed) over the codes that were right.
    """

    def __init__(
        self,
        gold: Sequence[GoldNote],
        predicted: Sequence[PredictedNote],
        evidence: Sequence[tuple[int, int, int, int]],
        system: str,
        ks: Sequence[int] = KS,
    ) -> None:
        self.notes = len(gold)
        self.levels = {
            "exact": _level(gold, predicted, lambda c: c),
            "category": _level(gold, predicted, lambda c: category(c, system)),
        }
        self.calibration = _calibration(gold, predicted)
        names: list[tuple[str, str]] = []
        sums: list[tuple[Floats, Floats]] = []
        for name, level in self.levels.items():
            tp, fp, fn = _by_note(level, self.notes)
            names += [(name, "micro_precision"), (name, "micro_recall"), (name, "micro_f1")]
            sums += [(tp, tp + fp), (tp, tp + fn), (2 * tp, 2 * tp + fp + fn)]
        wanted = np.array([len(g.labels) for g in gold], dtype=np.float64)
        has_gold = (wanted > 0).astype(np.float64)
        hits = [_hits(g, p) for g, p in zip(gold, predicted, strict=True)]
        for k in ks:
            names.append(("ranking", f"recall@{k}"))
            sums.append((np.array([float(sum(h[:k])) for h in hits]), wanted))
        names.append(("ranking", "map"))
        found = [average_precision(h, len(g.labels)) for g, h in zip(gold, hits, strict=True)]
        self.average_precision = np.array(found, dtype=np.float64)
        sums.append((self.average_precision, has_gold))
        pieces = np.array(evidence, dtype=np.float64).reshape(self.notes, 4)
        if pieces[:, 0].any():
            names += [("evidence", "overlap_recall"), ("evidence", "overlap_precision")]
            sums += [(pieces[:, 1], pieces[:, 0]), (pieces[:, 3], pieces[:, 2])]
        if self.calibration is not None:
            names.append(("calibration", "brier"))
            sums.append((self.calibration.squared.sum(axis=1), self.calibration.count.sum(axis=1)))
        self._names = names
        self._top = np.stack([s[0] for s in sums])
        self._bottom = np.stack([s[1] for s in sums])

    @property
    def names(self) -> list[tuple[str, str]]:
        """(group, figure) of each column of ``values``."""
        macro = [(n, f"macro_{m}") for n in self.levels for m in ("precision", "recall", "f1")]
        ece = [("calibration", "ece")] if self.calibration is not None else []
        return [*self._names, *macro, *ece]

    def point(self) -> Floats:
        """The figures of the notes as they are."""
        values: Floats = self.values(np.ones((1, self.notes)))[0]
        return values

    def values(self, weights: Floats) -> Floats:
        """The figures under each row of ``weights`` (resamples, notes)."""
        parts = [_ratio(weights @ self._top.T, weights @ self._bottom.T)]
        parts += [_macro(level, weights) for level in self.levels.values()]
        if self.calibration is not None:
            c = self.calibration
            gap = np.abs(weights @ c.hits - weights @ c.score).sum(axis=1)
            parts.append(_ratio(gap, weights @ c.count.sum(axis=1))[:, None])
        return np.concatenate(parts, axis=1)

    def bootstrap(self, n: int, seed: int) -> Floats:
        """The figures of ``n`` resamples of the notes, shape (n, figures)."""
        if n == 0:
            return np.zeros((0, len(self.names)))
        return np.concatenate([self.values(w) for w in resamples(self.notes, n, seed)])


def resamples(notes: int, n: int, seed: int) -> Iterator[Floats]:
    """Weights of ``n`` draws of ``notes`` notes with replacement, in chunks; the same for a seed."""
    rng = np.random.default_rng(seed)
    share = np.full(notes, 1.0 / notes)
    for start in range(0, n, _CHUNK):
        yield rng.multinomial(notes, share, size=min(_CHUNK, n - start)).astype(np.float64)


def interval(samples: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """The percentile interval of each column; NaN without samples."""
    if not len(samples):
        nothing = np.full(samples.shape[1], np.nan)
        return nothing, nothing
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(samples, [tail, 1.0 - tail], axis=0)
    return low, high


def average_precision(hits: Sequence[bool], wanted: int) -> float:
    """Mean of the precision at each right code; codes never ranked count 0.

    >>> round(average_precision([True, False, True], 4), 4)
    0.4167
    """
    right, total = 0, 0.0
    for place, hit in enumerate(hits, 1):
        if hit:
            right += 1
            total += right / place
    return total / wanted if wanted else 0.0


def _hits(gold: GoldNote, predicted: PredictedNote) -> list[bool]:
    wanted = set(gold.codes)
    return [a.code in wanted for a in predicted.answers]


def _level(gold: Sequence[GoldNote], predicted: Sequence[PredictedNote], key: Any) -> _Level:
    rows: list[tuple[int, str, bool, bool]] = []
    for i, (g, p) in enumerate(zip(gold, predicted, strict=True)):
        wanted = {key(c) for c in g.codes}
        given = {key(a.code) for a in p.suggested}
        rows += [(i, c, c in wanted, c in given) for c in sorted(wanted | given)]
    number = {c: n for n, c in enumerate(sorted({r[1] for r in rows}))}
    return _Level(
        np.array([r[0] for r in rows], dtype=np.int64),
        np.array([number[r[1]] for r in rows], dtype=np.int64),
        np.array([r[2] for r in rows], dtype=np.float64),
        np.array([r[3] for r in rows], dtype=np.float64),
        len(number),
    )


def _by_note(level: _Level, notes: int) -> tuple[Floats, Floats, Floats]:
    def summed(values: Floats) -> Floats:
        return np.bincount(level.note, weights=values, minlength=notes).astype(np.float64)

    both = level.in_gold * level.in_predicted
    return summed(both), summed(level.in_predicted - both), summed(level.in_gold - both)


def _macro(level: _Level, weights: Floats) -> Floats:
    """Mean over the codes that occur, of precision, recall and F1 of the code."""
    out = np.zeros((len(weights), 3))
    if not level.codes:
        return out
    both = level.in_gold * level.in_predicted
    for i, w in enumerate(weights):
        at = w[level.note]
        tp, wanted, given = (
            np.bincount(level.code, weights=at * v, minlength=level.codes).astype(np.float64)
            for v in (both, level.in_gold, level.in_predicted)
        )
        occurs = (wanted + given) > 0
        ratios = np.stack([_ratio(tp, given), _ratio(tp, wanted), _ratio(2 * tp, wanted + given)])
        out[i] = ratios[:, occurs].mean(axis=1) if occurs.any() else 0.0
    return out


def _calibration(gold: Sequence[GoldNote], predicted: Sequence[PredictedNote]) -> Calibration | None:
    """None when no code has a score."""
    arrays = np.zeros((4, len(gold), BINS))
    for i, (g, p) in enumerate(zip(gold, predicted, strict=True)):
        wanted = set(g.codes)
        for a in p.answers:
            if a.score is not None:
                b, hit = min(BINS - 1, int(a.score * BINS)), float(a.code in wanted)
                arrays[:, i, b] += (1.0, a.score, hit, (a.score - hit) ** 2)
    return Calibration(*arrays) if arrays[0].any() else None


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.zeros_like(top, dtype=np.float64), where=bottom > 0)
