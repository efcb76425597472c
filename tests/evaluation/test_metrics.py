"""The figures against slow, obviously correct oracles."""

from __future__ import annotations

import random
from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.evaluation.metrics import BINS, Figures, interval, resamples
from cac.evaluation.records import SYSTEM, Answer, GoldNote, Label, PredictedNote

CODES = "E11.9 E11.22 E11.21 I10 I11.0 M10.9 M17.11 M17.12 Z79.4".split()

Run = list[tuple[list[str], list[tuple[str, float, bool]]]]
"""By note: gold codes, and (code, score, suggested) best first."""


@st.composite
def runs(draw: st.DrawFn) -> Run:
    out: Run = []
    for _ in range(draw(st.integers(1, 6))):
        gold = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=5))
        codes = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=7))
        cut = draw(st.integers(0, len(codes)))
        scores = draw(st.lists(st.integers(0, 1000), min_size=len(codes), max_size=len(codes)))
        ranked = [(c, s / 1000, i < cut) for i, (c, s) in enumerate(zip(codes, scores, strict=True))]
        out.append((gold, ranked))
    return out


def figures(run: Run) -> Figures:
    gold = [GoldNote(str(i), tuple(Label(c) for c in sorted(g))) for i, (g, _) in enumerate(run)]
    predicted = [PredictedNote(str(i), tuple(Answer(*a) for a in p)) for i, (_, p) in enumerate(run)]
    return Figures(gold, predicted, [(0, 0, 0, 0)] * len(run), SYSTEM)


def oracle(run: Run) -> dict[tuple[str, str], float]:
    """Every figure by counting, one code at a time."""
    out: dict[tuple[str, str], float] = {}
    for level, cut in (("exact", 99), ("category", 3)):
        totals = [0, 0, 0]
        by_code: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for gold, ranked in run:
            wanted = {c[:cut] for c in gold}
            given_codes = {c[:cut] for c, _, chosen in ranked if chosen}
            for c in wanted | given_codes:
                which = 0 if c in wanted and c in given_codes else 1 if c in given_codes else 2
                totals[which] += 1
                by_code[c][which] += 1
        for name, value in zip(("precision", "recall", "f1"), prf(*totals), strict=True):
            out[level, f"micro_{name}"] = value
        each = [prf(*counts) for counts in by_code.values()]
        for i, name in enumerate(("precision", "recall", "f1")):
            out[level, f"macro_{name}"] = sum(e[i] for e in each) / len(each) if each else 0.0
    labels = sum(len(g) for g, _ in run)
    for k in (1, 3, 5, 10, 20, 50):
        hits = sum(c in g for g, ranked in run for c, _, _ in ranked[:k])
        out["ranking", f"recall@{k}"] = hits / labels if labels else 0.0
    precisions = []
    for gold, ranked in run:
        if gold:
            total = Fraction(0)
            for i, (c, _, _) in enumerate(ranked):
                if c in gold:
                    total += Fraction(sum(x in gold for x, _, _ in ranked[: i + 1]), i + 1)
            precisions.append(total / len(gold))
    out["ranking", "map"] = float(sum(precisions) / len(precisions)) if precisions else 0.0
    scored = [(s, float(c in g)) for g, ranked in run for c, s, _ in ranked]
    if scored:
        out["calibration", "brier"] = sum((s - y) ** 2 for s, y in scored) / len(scored)
        gap = 0.0
        for b in range(BINS):
            held = [(s, y) for s, y in scored if int(s * BINS) == b or (s == 1.0 and b == BINS - 1)]
            if held:
                gap += abs(sum(s for s, _ in held) - sum(y for _, y in held))
        out["calibration", "ece"] = gap / len(scored)
    return out


def prf(tp: int, fp: int, fn: int) -> tuple[float, float, float]:
    p = tp / (tp + fp) if tp + fp else 0.0
    r = tp / (tp + fn) if tp + fn else 0.0
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


@given(runs())
def test_every_figure_is_what_counting_gives(run: Run) -> None:
    made = figures(run)
    got = dict(zip(made.names, made.point().tolist(), strict=True))
    expected = oracle(run)
    assert got.keys() == expected.keys()
    assert got == pytest.approx(expected, abs=1e-12)


@settings(max_examples=30)
@given(runs(), st.integers(0, 2**32 - 1))
def test_a_resample_is_the_notes_drawn_again(run: Run, seed: int) -> None:
    made = figures(run)
    drawn = random.Random(seed).choices(range(len(run)), k=len(run))
    weights = np.bincount(drawn, minlength=len(run)).astype(float)
    got = dict(zip(made.names, made.values(weights[None, :])[0].tolist(), strict=True))
    expected = oracle([run[i] for i in drawn])
    # A resample may happen to have no scored code: the figure is then 0, not absent.
    assert got == pytest.approx({name: expected.get(name, 0.0) for name in got}, abs=1e-12)


def test_resamples_are_seeded_and_do_not_depend_on_chunks() -> None:
    first = np.concatenate(list(resamples(7, 300, seed=4)))
    assert (first == np.concatenate(list(resamples(7, 300, seed=4)))).all()
    assert (first != np.concatenate(list(resamples(7, 300, seed=5)))).any()
    assert (first[:150] == np.concatenate(list(resamples(7, 150, seed=4)))).all()
    assert (first.sum(axis=1) == 7).all()


def test_the_interval_covers_as_often_as_it_says() -> None:
    """The share of right codes of notes with one code each, 0.6 of them right in truth."""
    rng = random.Random(3)
    covered = 0
    for trial in range(100):
        run: Run = [(["I10"], [("I10" if rng.random() < 0.6 else "M10.9", 0.5, True)]) for _ in range(80)]
        made = figures(run)
        at = made.names.index(("exact", "micro_precision"))
        low, high = interval(made.bootstrap(200, seed=trial))
        covered += low[at] <= 0.6 <= high[at]
    assert 88 <= covered <= 99


def test_no_resamples_no_interval() -> None:
    made = figures([(["I10"], [("I10", 0.9, True)])])
    low, high = interval(made.bootstrap(0, 0))
    assert np.isnan(low).all()
    assert np.isnan(high).all()
