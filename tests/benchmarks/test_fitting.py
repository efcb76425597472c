"""The scripts that fit and explain the score: the solver against scikit-learn, the maths of a fit."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import cac
from cac.evaluation.reading import read_gold
from cac.rank.score import load_weights
from cac.resources import read_rows

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import ablation  # noqa: E402
import errors  # noqa: E402
import fit_weights  # noqa: E402
import fitting  # noqa: E402

# Labels of the visits are ours; one is wrong on purpose, so that no fit is perfect.
NOTES = [
    {
        "id": "1",
        "text": "HPI: gout, cough.\nAssessment:\n1. Gout.\n2. Hypertension.",
        "codes": ["M10.9", "I10"],
    },
    {"id": "2", "text": "ROS: headache, cough.\nAssessment: asthma.", "codes": ["J45.909"]},
    {"id": "3", "text": "PMH: hypothyroidism.\nAssessment: migraine, gout.", "codes": ["E03.9", "M10.9"]},
    {"id": "4", "text": "Exam: rash.\nPlan: rest for back pain.", "codes": ["M54.9"]},
    {
        "id": "5",
        "text": "Denies gout.\nAssessment: osteoarthritis of the right knee.",
        "codes": ["M17.11", "M10.9"],
    },
    {"id": "6", "text": "Mother has asthma. Assessment: type 2 diabetes.", "codes": ["E11.9", "S72.001A"]},
] * 3


@pytest.fixture(scope="module")
def gold():  # type: ignore[no-untyped-def]
    return read_gold([{**n, "id": i} for i, n in enumerate(NOTES)])


@pytest.fixture(scope="module")
def matrix(gold):  # type: ignore[no-untyped-def]
    return fitting.collect(fitting.RememberingCoder(), gold, "reportable", load_weights("reportable"))


def made_up(seed: int, rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    z = 0.4 + x @ np.array([1.5, -1.0, 0.0, 0.5])
    return x, (rng.random(rows) < 1 / (1 + np.exp(-z))).astype(float)


@pytest.mark.parametrize("l2", [0.1, 1.0, 20.0])
def test_the_solver_agrees_with_scikit_learn(l2: float) -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    x, y = made_up(1)
    theirs = linear.LogisticRegression(C=1 / l2, tol=1e-8, max_iter=1000).fit(x, y)
    intercept, weights = fitting.fit_logistic(x, y, l2=l2)
    assert weights == pytest.approx(theirs.coef_[0], abs=1e-3)
    assert intercept == pytest.approx(theirs.intercept_[0], abs=1e-3)


def test_signs_hold_and_nothing_said_stays_as_it_was() -> None:
    x, y = made_up(2)
    x = np.column_stack([x, np.zeros(len(x))])
    towards = np.array([0.0, 0.0, 0.0, 0.0, 2.5])
    _, weights = fitting.fit_logistic(x, y, l2=1.0, towards=towards, signs=[0, 1, -1, -1, 0])
    assert weights[1] == 0.0  # the data say -1
    assert weights[2] <= 0.0
    assert weights[3] == 0.0
    assert weights[4] == pytest.approx(2.5)  # a feature that never occurs


def test_platt_mends_a_score_that_is_too_sure() -> None:
    x, y = made_up(3, 4000)
    truth = 0.4 + x @ np.array([1.5, -1.0, 0.0, 0.5])
    slope, shift = fit_weights.platt(3 * truth + 1, y)
    assert slope == pytest.approx(1 / 3, rel=0.15)
    assert shift == pytest.approx(-1 / 3, abs=0.15)
    before = fitting.expected_calibration_error(y, fitting.sigmoid(3 * truth + 1))
    after = fitting.expected_calibration_error(y, fitting.sigmoid(slope * (3 * truth + 1) + shift))
    assert after < 0.03 < before


@pytest.mark.parametrize(
    ("y", "p", "absent", "threshold"), [([1, 0, 1], [0.9, 0.5, 0.3], 1, 0.55), ([], [], 3, 0.1)]
)
def test_f1_at_a_threshold(y: list[float], p: list[float], absent: int, threshold: float) -> None:
    right = sum(a for a, b in zip(y, p, strict=True) if b >= threshold)
    chosen = sum(b >= threshold for b in p)
    expected = 2 * right / (chosen + sum(y) + absent)
    assert fitting.f1_at(np.array(y), np.array(p), absent, threshold) == pytest.approx(expected)


def test_the_best_threshold_is_the_best() -> None:
    rng = np.random.default_rng(4)
    p = rng.random(200)
    y = (rng.random(200) < p).astype(float)
    best = fitting.best_threshold(y, p, 10)
    assert fitting.f1_at(y, p, 10, best) == max(fitting.f1_at(y, p, 10, t / 100) for t in range(5, 96))


def test_the_matrix_gives_the_scores_of_the_library(matrix, gold) -> None:  # type: ignore[no-untyped-def]
    weights = load_weights("reportable")
    z = weights["prior"] + matrix.x @ np.array([weights.get(n, 0.0) for n in matrix.names])
    for n, note in enumerate(gold[:6]):
        result = cac.suggest(note.text, systems=("ICD-10-CM",))
        relatives = {s.code for s in result.candidates if any(f.kind == "alternative" for f in s.findings)}
        own = sorted(s.score for s in (*result, *result.candidates) if s.code not in relatives)
        assert sorted(fitting.sigmoid(z[matrix.note == n])) == pytest.approx(own, abs=2e-4)
        assert matrix.y[matrix.note == n].sum() + matrix.absent[n] == len(note.codes)


def test_a_fit_calibrates_and_keeps_the_meaning_of_weights(matrix) -> None:  # type: ignore[no-untyped-def]
    start = load_weights("reportable")
    fit = fit_weights.fit(matrix, start, folds=3, seed=0)
    assert fit.weights.keys() == start.keys()
    assert all(fit.weights[n] * sign >= 0 for n, sign in fit_weights.SIGNS.items())
    assert 0 < fit.weights["threshold"] < 1
    after = fit_weights.measured(matrix, fit.weights)
    assert after["log_loss"] < fit_weights.measured(matrix, start)["log_loss"]
    assert fit.figures["labels"] == sum(len(n["codes"]) for n in NOTES)
    again = fit_weights.fit(matrix, start, folds=3, seed=0)
    assert again.weights == fit.weights


def test_folds_split_by_note() -> None:
    fold = fit_weights._folds(11, 5, seed=1)
    assert sorted(np.bincount(fold).tolist()) == [2, 2, 2, 2, 3]


def test_the_weights_file_is_rewritten_for_one_scope_only() -> None:
    text = (ROOT / "cac" / "data" / "rank" / "weights.csv").read_text(encoding="utf-8")
    same = fit_weights.rewritten(text, "documented", load_weights("documented"))
    changed = {**load_weights("documented"), "match": 9.25}
    new = fit_weights.rewritten(text, "documented", changed)
    assert [a for a, b in zip(same.splitlines(), new.splitlines(), strict=True) if a != b] == [
        line for line in same.splitlines() if line.startswith("match,")
    ]
    (row,) = [line for line in new.splitlines() if line.startswith("match,")]
    assert row.split(",")[2] == "9.25"
    assert row.split(",")[1] == next(b.split(",")[1] for b in text.splitlines() if b.startswith("match,"))


def test_the_source_file_keeps_the_other_scope() -> None:
    one = fit_weights.source_toml("", "reportable", {"notes": 3, "fitted_on": ["a.jsonl"]})
    two = fit_weights.source_toml(one, "documented", {"ece": 0.02})
    three = fit_weights.source_toml(two, "reportable", {"notes": 4})
    assert tomllib.loads(three) == {"documented": {"ece": 0.02}, "reportable": {"notes": 4}}


def test_other_weights_are_in_force_for_a_while_only() -> None:
    usual = cac.suggest("Assessment: gout.")
    with fitting.in_force({**load_weights("reportable"), "prior": -9.0}):
        assert not cac.suggest("Assessment: gout.")
    assert cac.suggest("Assessment: gout.") == usual


def test_ablation_leaves_out_one_part_at_a_time() -> None:
    weights = load_weights("reportable")
    left = dict(ablation.parts(weights))
    assert {"section", "match", "relation"} <= left.keys()
    assert "prior" not in left
    assert "threshold" not in left
    changed = {n for n in weights if left["relation"][n] != weights[n]}
    assert changed == {n for n in weights if n.startswith("relation:")}
    assert all(ids for ids in ablation.rule_kinds().values())


def test_ablation_table(gold) -> None:  # type: ignore[no-untyped-def]
    rows = ablation.table(gold[:6], "reportable", n_boot=0)
    assert rows[0][0] == "(nothing)"
    assert rows[0][2] == "+0.0000"
    assert any(row[0] == "section" for row in rows)


@pytest.mark.parametrize(
    ("text", "gold_code", "cause", "detail"),
    [
        ("Assessment: gout.", "Z99.Z", "not in the release", ""),
        ("Assessment: osteoarthritis of the left knee.", "M17.11", "wrong side", "M17.12"),
        ("Assessment: osteoarthritis of the knee.", "M17.11", "detail: too little", "M17.9"),
        ("Exam: rash.\nAssessment: gout.", "R21", "below the threshold", "exam"),
        ("Assessment: no gout. Asthma.", "M10.9", "assertion", "negated"),
        ("Assessment: heart failure, hypertension.", "I10", "rule", "combined"),
        ("Assessment: asthma.", "M10.9", "no word in the note", ""),
    ],
)
def test_causes_of_misses(text: str, gold_code: str, cause: str, detail: str) -> None:
    gold = read_gold([{"id": 1, "text": text, "codes": [gold_code]}])
    _, found = errors.errors_of(gold, "reportable")
    assert [(e.cause, e.detail) for e in found if e.side == "missed"] == [(cause, detail)]


@pytest.mark.parametrize(
    ("text", "code", "cause"),
    [
        ("Assessment: gout.", "M10.9", "named in the assessment"),
        ("Gout.", "M10.9", "named outside the assessment"),
        ("Assessment: cough.", "R05.9", "symptom"),
        ("Assessment: heart failure, hypertension.", "I11.0", "made by a rule"),
        ("Assessment: history of breast cancer.", "Z85.3", "history"),
    ],
)
def test_causes_of_extras(text: str, code: str, cause: str) -> None:
    _, found = errors.errors_of(read_gold([{"id": 1, "text": text, "codes": []}]), "reportable")
    assert {e.code: e.cause for e in found if e.side == "extra"}[code] == cause
    table = errors.markdown(found, "extra", errors.EXTRAS)
    assert f"| {cause} |" in table


def test_every_cause_is_explained() -> None:
    source = (ROOT / "benchmarks" / "errors.py").read_text(encoding="utf-8")
    for cause in (*errors.MISSES, *errors.EXTRAS):
        assert source.count(f'"{cause}"') >= 2, f"{cause} is explained and never given"


def test_features_can_be_held_out(matrix) -> None:  # type: ignore[no-untyped-def]
    fit = fit_weights.fit(
        matrix, load_weights("reportable"), folds=3, seed=0, grid=(1.0,), hold=["family", "length"]
    )
    held = {n for n in fit.weights if n.startswith("family:")} | {"length"}
    assert {fit.weights[n] for n in held} == {0.0}
    assert fit.figures["l2"] == 1.0


def test_a_lower_beta_suggests_less(matrix) -> None:  # type: ignore[no-untyped-def]
    start = load_weights("reportable")
    limits = [
        fit_weights.fit(matrix, start, folds=3, seed=0, beta=beta).weights["threshold"] for beta in (2.0, 0.3)
    ]
    assert limits[0] <= limits[1]


def test_the_script_writes_weights_figures_and_a_plot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, notes, plot = tmp_path / "rank", tmp_path / "own.jsonl", tmp_path / "plot.svg"
    data.mkdir()
    weights = (ROOT / "cac" / "data" / "rank" / "weights.csv").read_text(encoding="utf-8")
    (data / "weights.csv").write_text(weights, encoding="utf-8")
    notes.write_text("\n".join(json.dumps({**n, "id": i}) for i, n in enumerate(NOTES)), encoding="utf-8")
    monkeypatch.setattr(fit_weights, "DATA", data)
    arguments = (
        f"reportable {notes}=inpatient --check {notes} --folds 3 --rounds 1 --l2 3 --write --plot {plot}"
    )
    fit_weights.main(arguments.split())
    report = json.loads(capsys.readouterr().out)
    columns = ("name", "reportable", "documented", "note")
    new = {r["name"]: r for r in read_rows((data / "weights.csv").read_text(), columns, "weights.csv")}
    old = {r["name"]: r for r in read_rows(weights, columns, "weights.csv")}
    assert new.keys() == old.keys()
    assert all(float(new[n]["reportable"]) == report["weights"][n] for n in new)
    assert all(new[n]["documented"] == old[n]["documented"] for n in new)
    source = tomllib.loads((data / "SOURCE.toml").read_text())["reportable"]
    assert source["fitted_on"] == ["own.jsonl"]
    assert source["cross_validated_ece"] == report["cross_validated"]["ece"]
    assert report["check own.jsonl"]["after"]["log_loss"] < report["check own.jsonl"]["before"]["log_loss"]
    assert ElementTree.fromstring(plot.read_text()).get("role") == "img"
