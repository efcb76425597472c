"""What fitting, ablation and error analysis share: features of labelled notes, and a solver.

The feature matrix has one row a candidate code of a note, after the rules: the named features that the
score is made of, before any weight, and whether the code was labelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import cac.api
import cac.coder
from cac.coder import Coder, Release
from cac.config import Config
from cac.evaluation.records import GoldNote
from cac.extract.drugs import DrugMention
from cac.rank.notewords import NO_WORDS, note_words
from cac.rank.relatives import close_codes, relative_features
from cac.rank.score import Weights, explain, features
from cac.types import Mention, Note, Scope

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BINS = 10


class RememberingCoder(Coder):
    """A coder that finds the mentions of a note once, for runs that only weigh them anew."""

    def __init__(self, config: Config | None = None) -> None:
        super().__init__(config)
        self.found: dict[tuple[str, Config], list[Mention]] = {}

    def _mentions(
        self, note: Note, release: Release, config: Config, drugs: Sequence[DrugMention]
    ) -> list[Mention]:
        key = (note.text, Config(scope=config.scope, setting=config.setting))
        if key not in self.found:
            self.found[key] = super()._mentions(note, release, config, drugs)
        return self.found[key]


@contextmanager
def in_force(weights: Mapping[str, float], coder: Coder | None = None) -> Iterator[None]:
    """The whole library with other weights (and, to be quick, another coder) for a while."""
    load, default = cac.coder.load_weights, cac.api.default_coder
    cac.coder.load_weights = lambda scope: dict(weights)  # type: ignore[assignment]
    if coder is not None:
        cac.api.default_coder = lambda: coder  # type: ignore[assignment]
    try:
        yield
    finally:
        cac.coder.load_weights, cac.api.default_coder = load, default  # type: ignore[assignment]


@dataclass(frozen=True)
class Matrix:
    """Candidates of labelled notes.

    ``x`` (rows, names) holds features, ``y`` whether the code was labelled, ``note`` the index of the
    note. ``absent`` is, by note, how many labelled codes are no candidate at all. The relatives
    (codes that only rank below the threshold) are rows of their own: ``base`` is the candidate each
    comes from (-1 for none), ``relative_x`` (rows, relative_names) their features, of which
    "relative:base", the log-odds of that candidate, is left at 0: it depends on the weights.
    """

    names: tuple[str, ...]
    x: Floats
    y: Floats
    note: Ints
    absent: Ints
    base: Ints
    relative_names: tuple[str, ...]
    relative_x: Floats
    relative_y: Floats
    relative_note: Ints

    @property
    def notes(self) -> int:
        return len(self.absent)


def collect(coder: Coder, gold: Sequence[GoldNote], scope: Scope, weights: Weights) -> Matrix:
    """The candidates that the library has for labelled notes, under some weights.

    The weights matter for which mention stands best and for which of two excluding codes stays, so a
    fit is repeated with its own result.
    """
    index = coder.release().index
    rows: list[dict[str, float]] = []
    y, note, absent = [], [], []
    base, relative_y, relative_note = [], [], []
    related: list[dict[str, float]] = []
    for n, g in enumerate(gold):
        options = {k: v for k, v in g.options if k == "setting"}
        config = coder.config.override(scope=scope, **options)
        release = coder.release(dict(g.options).get("date_of_service"))
        seen = coder.consider(g.text or "", config, release, weights)
        wanted = set(g.codes)
        scored: list[tuple] = []
        place: dict[str, int] = {}
        for c in seen.candidates:
            row: dict[str, float] = {}
            for f in features(seen.note, c, seen.facts, weights):
                row[f.name] = row.get(f.name, 0.0) + f.value
            place[c.code] = len(rows)
            rows.append(row)
            y.append(c.code in wanted)
            note.append(n)
            scored.append((c, explain(seen.note, c, seen.facts, weights)))
        ranked = sorted(scored, key=lambda ce: (-ce[1].log_odds, ce[0].code))
        words = note_words(seen.note, seen.not_coded, index) if scope == "documented" else NO_WORDS
        for near in close_codes(ranked, index, weights, scope, words):
            of = ranked[near.of] if near.of >= 0 else None
            base.append(place[of[0].code] if of is not None else -1)
            related.append({**dict(relative_features(near, of, index, words)), "relative:base": 0.0})
            relative_y.append(index.table.codes[near.row] in wanted)
            relative_note.append(n)
        absent.append(len(wanted - place.keys()))
    names, x = _dense(rows)
    relative_names, relative_x = _dense(related)
    return Matrix(
        names,
        x,
        np.array(y, dtype=np.float64),
        np.array(note, dtype=np.int64),
        np.array(absent, dtype=np.int64),
        np.array(base, dtype=np.int64),
        relative_names,
        relative_x,
        np.array(relative_y, dtype=np.float64),
        np.array(relative_note, dtype=np.int64),
    )


def _dense(rows: Sequence[Mapping[str, float]]) -> tuple[tuple[str, ...], Floats]:
    names = tuple(sorted({name for row in rows for name in row}))
    column = {name: i for i, name in enumerate(names)}
    x = np.zeros((len(rows), len(names)))
    for i, row in enumerate(rows):
        for name, value in row.items():
            x[i, column[name]] = value
    return names, x


def fit_logistic(
    x: Floats,
    y: Floats,
    *,
    l2: float,
    towards: Floats | None = None,
    signs: Sequence[int] | None = None,
    intercept: float | None = 0.0,
    offset: Floats | None = None,
) -> tuple[float, Floats]:
    """L2-regularised logistic regression with signs; (intercept, weights).

    Parameters
    ----------
    l2
        Half of it times the squared distance from ``towards`` (0 when None) is added to the summed log
        loss; the intercept is free. ``1 / l2`` is scikit-learn's ``C``.
    signs
        By column: 1 for a weight that may not be negative, -1 for one that may not be positive, else 0.
    intercept
        Where the search starts; None for a model without one.
    offset
        Log-odds that every row already has.
    """
    goal = np.zeros(x.shape[1]) if towards is None else towards
    free = intercept is not None
    start = np.concatenate([[intercept or 0.0], goal]) if free else goal.copy()
    given = np.zeros(len(y)) if offset is None else offset
    bounds: list[tuple[float | None, float | None]] = [(None, None)] if free else []
    for sign in signs if signs is not None else [0] * x.shape[1]:
        bounds.append((0.0 if sign > 0 else None, 0.0 if sign < 0 else None))

    def loss(w: Floats) -> tuple[float, Floats]:
        b, v = (w[0], w[1:]) if free else (0.0, w)
        z = given + b + x @ v
        gap = v - goal
        value = float(np.logaddexp(0.0, z).sum() - y @ z + 0.5 * l2 * gap @ gap)
        error = sigmoid(z) - y
        slope = x.T @ error + l2 * gap
        return value, np.concatenate([[error.sum()], slope]) if free else slope

    start = np.clip(
        start,
        [-np.inf if low is None else low for low, _ in bounds],
        [np.inf if high is None else high for _, high in bounds],
    )
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 2000, "ftol": 1e-12}
    )
    return (float(found.x[0]), found.x[1:]) if free else (0.0, found.x)


def sigmoid(z: Floats) -> Floats:
    return np.where(z >= 0, 1.0 / (1.0 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1.0 + np.exp(-np.abs(z))))


def log_loss(y: Floats, p: Floats) -> float:
    inside = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-(y * np.log(inside) + (1 - y) * np.log(1 - inside)).mean())


def reliability_rows(y: Floats, p: Floats) -> list[tuple[float, float, int, float, float]]:
    """(from, to, codes, mean score, share correct) by tenth of the score."""
    which = np.minimum(BINS - 1, (p * BINS).astype(int))
    return [
        (b / BINS, (b + 1) / BINS, int(at.sum()), float(p[at].mean()), float(y[at].mean()))
        for b in range(BINS)
        if (at := which == b).any()
    ]


def expected_calibration_error(y: Floats, p: Floats) -> float:
    return sum(n * abs(s - c) for _, _, n, s, c in reliability_rows(y, p)) / max(1, len(y))


def f_score(right: float, suggested: float, labels: float, beta: float = 1.0) -> float:
    """F-beta: recall counts ``beta`` times as much as precision."""
    square = beta * beta
    return (1 + square) * right / max(1e-9, suggested + square * labels)


def f1_at(y: Floats, p: Floats, absent: int, threshold: float, beta: float = 1.0) -> float:
    """Micro-F1 (or another F) when every candidate from ``threshold`` up is suggested."""
    chosen = p >= threshold
    return f_score(float(y[chosen].sum()), float(chosen.sum()), float(y.sum()) + absent, beta)


def best_threshold(y: Floats, p: Floats, absent: int, beta: float = 1.0) -> float:
    """The threshold, in hundredths, with the best micro-F; of equals the one nearest to a half."""
    grid = [t / 100 for t in range(5, 96)]
    return min(grid, key=lambda t: (-round(f1_at(y, p, absent, t, beta), 6), abs(t - 0.5), t))
