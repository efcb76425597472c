"""Fit the weights of the score on labelled notes, cross-validated by note.

    python benchmarks/fit_weights.py SCOPE GOLD.jsonl[=SETTING] ... [--check GOLD.jsonl[=SETTING] ...]
                                     [--write] [--plot FILE.svg]

SCOPE is "reportable" or "documented". Gold files are those of ``cac.evaluate``; the setting after "="
holds for notes that do not say their own. Labels that do not allow it (non-commercial ones) may be
given to --check, which only measures, never to the fit.

The model is logistic regression on the features of ``cac.rank.score.features``, pulled towards the
weights that ship now (``l2``), so that what the notes say nothing about stays as it was reviewed.
SIGNS keeps a weight from contradicting its meaning. ``l2`` is the one with the best log loss out of
fold. Then the score is calibrated: slope and intercept of Platt's method, fitted out of fold, are
multiplied into every weight and added to the prior, so that contributions still add up. The relations
of candidates below the threshold are fitted last, on top of what they come from. The threshold is the
one with the best micro-F1 out of fold, or the one that is given.

Every figure that is called cross-validated comes from folds that had no part in the weights, in the
calibration or in the threshold they are measured with. Prints JSON; ``--write`` changes the column of
the scope in ``cac/data/rank/weights.csv`` and its figures in ``SOURCE.toml`` beside it.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from fitting import (
    Floats,
    Ints,
    Matrix,
    RememberingCoder,
    best_threshold,
    collect,
    expected_calibration_error,
    f1_at,
    f_score,
    fit_logistic,
    log_loss,
    reliability_rows,
    sigmoid,
)

from cac.config import SETTINGS
from cac.evaluation.reading import read_gold
from cac.evaluation.records import GoldNote
from cac.evaluation.svg import reliability
from cac.rank.score import Weights, load_weights
from cac.types import Scope

DATA = Path(__file__).resolve().parent.parent / "cac" / "data" / "rank"
GRID = (0.3, 1.0, 3.0, 10.0, 30.0)
SIGNS = {
    "unassessed": 1,
    "statement": 1,
    "problem_title": 1,
    "beside_titles": -1,
    "match": 1,
    "repetition": 1,
    "visit_reason": 1,
    "uncertain": -1,
    "doubtful_abbreviation": -1,
    "guessed": -1,
    "vague": -1,
    "open_axis": -1,
    "relative:base": 1,
    "relative:support": 1,
    "relative:title_words": 1,
    "relative:new_words": 1,
    "relative:distance": -1,
    "relative:apart": -1,
    "relative:neighbour": -1,
}
"""What a feature means fixes the sign of its weight; of all others the notes decide."""


@dataclass(frozen=True)
class Fit:
    """Weights of one scope and how they did out of fold."""

    weights: Weights
    figures: dict[str, float]
    reliability: list[tuple[float, float, int, float, float]]


def fit(
    matrix: Matrix,
    start: Weights,
    *,
    folds: int,
    seed: int,
    grid: Sequence[float] = GRID,
    hold: Collection[str] = (),
    beta: float = 1.0,
    limit: float | None = None,
) -> Fit:
    """Fit one scope on a feature matrix.

    ``hold`` are names (or the part before the colon) whose features are left out of the fit: their
    weights become 0. ``beta`` is that of the F-score the threshold is best at; ``limit`` is a threshold
    that is not searched for: the score is a probability, so 0.5 means "more likely right than wrong".
    """
    if hold:
        matrix = without(matrix, hold)
        start = {n: 0.0 if n in hold or n.split(":")[0] in hold else v for n, v in start.items()}
    fold = _folds(matrix.notes, folds, seed)
    at = fold[matrix.note]
    towards = np.array([start.get(n, 0.0) for n in matrix.names])
    signs = [SIGNS.get(n, 0) for n in matrix.names]

    def solved(rows: Ints, l2: float) -> tuple[float, Floats]:
        return fit_logistic(
            matrix.x[rows], matrix.y[rows], l2=l2, towards=towards, signs=signs, intercept=start["prior"]
        )

    def out_of_fold(l2: float) -> Floats:
        z = np.zeros(len(matrix.y))
        for k in range(folds):
            prior, w = solved(np.flatnonzero(at != k), l2)
            z[at == k] = prior + matrix.x[at == k] @ w
        return z

    tried = {l2: out_of_fold(l2) for l2 in grid}
    l2 = min(grid, key=lambda g: (log_loss(matrix.y, sigmoid(tried[g])), g))
    raw = tried[l2]
    calibrated = np.zeros_like(raw)
    for k in range(folds):
        slope, shift = platt(raw[at != k], matrix.y[at != k])
        calibrated[at == k] = slope * raw[at == k] + shift
    p = sigmoid(calibrated)

    prior, w = solved(np.arange(len(matrix.y)), l2)
    slope, shift = platt(raw, matrix.y)
    weights = {**start, **dict(zip(matrix.names, slope * w, strict=True))}
    # Weights of features that these notes do not have move with the scale of all others.
    for name in start:
        if name not in matrix.names and name not in ("prior", "threshold") and not _of_relatives(name):
            weights[name] = slope * start[name]
    weights["prior"] = slope * prior + shift
    weights["threshold"] = (
        limit if limit is not None else best_threshold(matrix.y, p, int(matrix.absent.sum()), beta)
    )
    related, relative_p = _relations(matrix, calibrated, fold, start, weights)
    weights |= related

    every_y, every_p = np.concatenate([matrix.y, matrix.relative_y]), np.concatenate([p, relative_p])
    figures = {
        "notes": matrix.notes,
        "candidates": len(matrix.y),
        "relatives": len(matrix.relative_y),
        "right": int(matrix.y.sum()),
        "labels": int(matrix.y.sum() + matrix.absent.sum()),
        "folds": folds,
        "seed": seed,
        "l2": l2,
        "slope": slope,
        "shift": shift,
        "log_loss": log_loss(matrix.y, p),
        "ece": expected_calibration_error(matrix.y, p),
        "ece_with_relatives": expected_calibration_error(every_y, every_p),
        "micro_f1": _nested_f1(matrix, p, fold, beta, limit),
    }
    return Fit({k: round(v, 3) for k, v in weights.items()}, figures, reliability_rows(every_y, every_p))


def without(matrix: Matrix, hold: Collection[str]) -> Matrix:
    """The matrix without some features."""
    kept = [i for i, n in enumerate(matrix.names) if n not in hold and n.split(":")[0] not in hold]
    return replace(matrix, names=tuple(matrix.names[i] for i in kept), x=matrix.x[:, kept])


def platt(z: Floats, y: Floats) -> tuple[float, float]:
    """Slope and intercept that make log-odds mean what they say; the slope stays above 0."""
    shift, (slope,) = fit_logistic(z[:, None], y, l2=1e-6, towards=np.ones(1), signs=[1])
    return max(float(slope), 1e-3), shift


def measured(matrix: Matrix, weights: Weights) -> dict[str, float]:
    """Figures of given weights on a matrix, at their own threshold."""
    z = weights["prior"] + matrix.x @ np.array([weights.get(n, 0.0) for n in matrix.names])
    p, absent = sigmoid(z), int(matrix.absent.sum())
    limit = _logit(weights["threshold"])
    names = matrix.relative_names
    near = _with_base(matrix, z) @ np.array([weights.get(n, 0.0) for n in names])
    every_p = np.concatenate([p, sigmoid(np.minimum(near, limit - 0.01))])
    every_y = np.concatenate([matrix.y, matrix.relative_y])
    best = best_threshold(matrix.y, p, absent)
    return {
        "log_loss": log_loss(matrix.y, p),
        "ece": expected_calibration_error(matrix.y, p),
        "ece_with_relatives": expected_calibration_error(every_y, every_p),
        **_prf(matrix.y, p, absent, weights["threshold"]),
        "threshold": weights["threshold"],
        "best_threshold": best,
        "micro_f1_at_best_threshold": f1_at(matrix.y, p, absent, best),
    }


def _prf(y: Floats, p: Floats, absent: int, threshold: float) -> dict[str, float]:
    chosen = p >= threshold
    right, labels = float(y[chosen].sum()), float(y.sum()) + absent
    return {
        "precision": right / max(1.0, float(chosen.sum())),
        "recall": right / max(1.0, labels),
        "micro_f1": f_score(right, float(chosen.sum()), labels),
    }


def _folds(notes: int, folds: int, seed: int) -> Ints:
    """The fold of each note."""
    order = np.random.default_rng(seed).permutation(notes)
    fold = np.empty(notes, dtype=np.int64)
    fold[order] = np.arange(notes) % folds
    return fold


def _nested_f1(matrix: Matrix, p: Floats, fold: Ints, beta: float, limit: float | None = None) -> float:
    """Micro-F1 where each fold is judged at the threshold that is best on the others."""
    at = fold[matrix.note]
    chosen = np.zeros(len(p), dtype=bool)
    for k in np.unique(fold):
        rest = at != k
        threshold = limit
        if threshold is None:
            threshold = best_threshold(matrix.y[rest], p[rest], int(matrix.absent[fold != k].sum()), beta)
        chosen[at == k] = p[at == k] >= threshold
    labels = float(matrix.y.sum() + matrix.absent.sum())
    return f_score(float(matrix.y[chosen].sum()), float(chosen.sum()), labels)


def _relations(
    matrix: Matrix, z: Floats, fold: Ints, start: Weights, weights: Weights
) -> tuple[Weights, Floats]:
    """Weights of the relatives, and their scores out of fold."""
    if not len(matrix.base):
        return {}, np.zeros(0)
    names = matrix.relative_names
    x = _with_base(matrix, z)
    towards = np.array([start.get(n, 0.0) for n in names])

    def solved(rows: Ints) -> Floats:
        return fit_logistic(
            x[rows],
            matrix.relative_y[rows],
            l2=1.0,
            towards=towards,
            signs=[SIGNS.get(n, 0) for n in names],
            intercept=None,
        )[1]

    at = fold[matrix.relative_note]
    out = np.zeros(len(x))
    for k in np.unique(at):
        out[at == k] = x[at == k] @ solved(np.flatnonzero(at != k))
    out = np.minimum(out, _logit(weights["threshold"]) - 0.01)
    return dict(zip(names, solved(np.arange(len(x))), strict=True)), sigmoid(out)


def _with_base(matrix: Matrix, z: Floats) -> Floats:
    """Features of the relatives with the log-odds of the candidate each comes from."""
    x = matrix.relative_x.copy()
    if len(x):
        own = np.where(matrix.base >= 0, z[matrix.base], 0.0)
        x[:, matrix.relative_names.index("relative:base")] = own
    return x


def _of_relatives(name: str) -> bool:
    return name.startswith(("relation:", "relative:"))


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


def path_and_setting(argument: str) -> tuple[str, str]:
    """FILE=SETTING in its two parts; the setting is "" where none is given."""
    path, _, setting = argument.rpartition("=")
    return (path, setting) if setting in SETTINGS and path else (argument, "")


def read(argument: str, scope: Scope) -> tuple[GoldNote, ...]:
    """The notes of FILE or FILE=SETTING that have a text."""
    path, setting = path_and_setting(argument)
    notes = read_gold(path, scope=scope)
    given = (("setting", setting),) if setting else ()
    return tuple(
        replace(n, id=f"{Path(path).name}:{n.id}", options=tuple({**dict(given), **dict(n.options)}.items()))
        for n in notes
        if n.text is not None
    )


def rewritten(text: str, scope: Scope, weights: Weights) -> str:
    """The weights file with the column of one scope replaced."""
    rows = list(csv.DictReader(io.StringIO(text)))
    out = io.StringIO()
    writer = csv.DictWriter(out, ("name", "reportable", "documented", "note"), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({**row, scope: f"{weights[row['name']]:.6g}"})
    return out.getvalue()


def source_toml(text: str, scope: Scope, facts: Mapping[str, object]) -> str:
    """SOURCE.toml with the table of one scope replaced; other scopes stay as they are."""
    tables = [t for t in text.split("\n[") if t.strip()] if text else []
    kept = [
        t.removeprefix("[").rstrip("\n") for t in tables if not t.removeprefix("[").startswith(f"{scope}]")
    ]
    lines = [f"{scope}]"] + [f"{k} = {json.dumps(v)}" for k, v in facts.items()]
    return "\n\n".join(f"[{t}" for t in sorted([*kept, "\n".join(lines)])) + "\n"


def standalone(svg: str) -> str:
    """A chart as a file of its own: the colours that the report's style sheet would give."""
    rules = (
        "svg{font:12px system-ui,sans-serif;fill:#1c2430;background:#fff}.cac-b,.cac-p{fill:#2f7d6b}"
        ".cac-w,.cac-a{stroke:#1c2430;fill:none}.cac-d{stroke:#5b6675;fill:none;stroke-dasharray:4 4}"
        ".cac-l{stroke:#2f7d6b;fill:none;stroke-width:1.6}"
    )
    head, _, rest = svg.partition(">")
    return f"{head}><style>{rules}</style>{rest}\n"


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scope", choices=("reportable", "documented"))
    parser.add_argument("gold", nargs="+", metavar="GOLD[=SETTING]")
    parser.add_argument("--check", nargs="*", default=[], metavar="GOLD[=SETTING]", help="only measured")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument(
        "--rounds", type=int, default=2, help="fits, each on candidates under the last one's weights"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--l2", nargs="*", type=float, default=GRID, help="pulls to try (default: %(default)s)"
    )
    parser.add_argument(
        "--hold", nargs="*", default=[], metavar="NAME", help="features to leave out, such as family"
    )
    parser.add_argument(
        "--beta",
        type=float,
        default=1.0,
        help="of the F-score the threshold is best at; below 1 for less noise",
    )
    parser.add_argument(
        "--threshold", type=float, help="take this threshold instead of the best one; 0.5: likelier than not"
    )
    parser.add_argument("--write", action="store_true", help="change weights.csv and SOURCE.toml")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="reliability, cross-validated")
    arguments = parser.parse_args(argv)
    scope: Scope = arguments.scope
    coder = RememberingCoder()
    gold = [n for g in arguments.gold for n in read(g, scope)]
    start = dict(load_weights(scope))

    weights = start
    before = collect(coder, gold, scope, start)
    matrix = before
    for _ in range(arguments.rounds):
        # Always pulled towards the reviewed weights, not towards the round before.
        found = fit(
            matrix,
            start,
            folds=arguments.folds,
            seed=arguments.seed,
            grid=arguments.l2,
            hold=arguments.hold,
            beta=arguments.beta,
            limit=arguments.threshold,
        )
        weights = found.weights
        matrix = collect(coder, gold, scope, weights)
    report: dict[str, object] = {
        "before": _rounded(measured(before, start)),
        "cross_validated": _rounded(found.figures),
        "resubstituted": _rounded(measured(matrix, weights)),
    }
    for name in arguments.check:
        held = read(name, scope)
        report[f"check {Path(path_and_setting(name)[0]).name}"] = {
            "before": _rounded(measured(collect(coder, held, scope, start), start)),
            "after": _rounded(measured(collect(coder, held, scope, weights), weights)),
        }
    report |= {"held_out": arguments.hold, "beta": arguments.beta, "weights": weights}
    if arguments.threshold is not None:
        report["beta"] = f"none: threshold {arguments.threshold} given"
    if arguments.plot:
        chart = reliability(found.reliability, f"Reliability, {scope}, cross-validated by note")
        arguments.plot.write_text(standalone(chart), encoding="utf-8", newline="\n")
    if arguments.write:
        _write(scope, weights, arguments.gold, report)
    json.dump(report, sys.stdout, indent=1)
    print()


def _write(scope: Scope, weights: Weights, gold: Sequence[str], report: Mapping[str, object]) -> None:
    path, source = DATA / "weights.csv", DATA / "SOURCE.toml"
    path.write_text(
        rewritten(path.read_text(encoding="utf-8"), scope, weights), encoding="utf-8", newline="\n"
    )
    facts: dict[str, object] = {"fitted_on": [Path(path_and_setting(g)[0]).name for g in gold]}
    facts["script"] = "benchmarks/fit_weights.py"
    facts |= {k: report[k] for k in ("held_out", "beta")}
    for part in ("before", "cross_validated"):
        facts |= {f"{part}_{k}": v for k, v in report[part].items()}  # type: ignore[attr-defined]
    old = source.read_text(encoding="utf-8") if source.exists() else ""
    source.write_text(source_toml(old, scope, facts), encoding="utf-8", newline="\n")


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {k: round(v, 4) for k, v in figures.items()}


if __name__ == "__main__":
    main()
