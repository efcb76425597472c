"""The additive score: named terms that add up, and what moves a code up or down."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

import cac.rank.score as score_module
from cac.coder import Coder
from cac.codes.table import CodeTable
from cac.errors import TableError
from cac.rank.relatives import RELATIONS
from cac.rank.score import _families, explain, features, load_weights


def _score(coder: Coder, text: str, code: str, **options: object) -> float:
    result = coder.suggest(text, **options)  # type: ignore[arg-type]
    return {s.code: s.score for s in (*result, *result.candidates)}[code]


@pytest.mark.parametrize(
    ("more", "less", "code", "why"),
    [
        ("Assessment: gout.", "HPI: gout.\nAssessment: stable.", "M10.9", "the assessment counts more"),
        (
            "PE:\nRash.\nAssessment: rash.",
            "PE:\nRash.\nAssessment: well.",
            "R21",
            "an exam finding alone is weak",
        ),
        (
            "ASSESSMENT AND PLAN\n1. Gout.\nRest.",
            "ASSESSMENT AND PLAN\n1. Hypertension.\nHe once spoke of gout here.",
            "M10.9",
            "the title of a problem counts more than a word beside the titles",
        ),
        ("HPI: he has gout. The gout is worse.", "HPI: he has gout.", "M10.9", "repetition"),
        ("CC: gout\nAssessment: gout.", "CC: cough\nAssessment: gout.", "M10.9", "the reason for the visit"),
        ("Gout.", "HPI: gout.\nAssessment: well.", "M10.9", "without an assessment the narrative is all"),
    ],
)
def test_what_moves_a_score(coder: Coder, more: str, less: str, code: str, why: str) -> None:
    assert _score(coder, more, code) > _score(coder, less, code), why


def test_terms_name_their_words_and_add_up(coder: Coder) -> None:
    note = "CC: knee pain.\nAssessment: hypertension. CKD stage 4. Hypertension is controlled."
    for s in coder.suggest(note):
        values = [s.explanation.prior, *(c.value for c in s.explanation)]
        assert sum(values) == pytest.approx(s.explanation.log_odds, abs=1e-12)
        assert all(c.value or c.name.startswith("meat:") for c in s.explanation)
        for c in s.explanation:
            assert all(note[e.start : e.end] == e.text for e in c.evidence)


@pytest.mark.parametrize("scope", ["reportable", "documented"])
def test_every_weight_is_used(scope: str) -> None:
    source = Path(score_module.__file__).read_text(encoding="utf-8")
    used = set(re.findall(r'"(\w+)"', source))
    names = load_weights(scope)  # type: ignore[arg-type]
    plain = {n for n in names if ":" not in n}
    assert plain - {"threshold"} <= used
    assert {n for n in names if n.startswith("relation:")} == {f"relation:{r}" for r in RELATIONS}
    assert {n for n in names if n.startswith("family:")} == {f"family:{f}" for f, _ in _families()}


def test_every_block_has_a_weight(full_table: CodeTable) -> None:
    blocks = {c for row, c in enumerate(full_table.codes) if full_table.kind(row) == "block"}
    names = load_weights("documented")
    assert {n for n in names if n.startswith("block:")} == {f"block:{b}" for b in blocks}


def test_every_category_is_of_one_family(full_table: CodeTable) -> None:
    categories = {c[:3] for c, kind in zip(full_table.codes, full_table.billable, strict=True) if kind}
    found = {c: [name for name, codes in _families() if c in codes] for c in categories}
    # Symptoms, external causes and status have names of their own in the score.
    assert {c for c, names in found.items() if len(names) != 1} == {c for c in categories if c[0] in "RVWXYZ"}
    assert all(not names for c, names in found.items() if c[0] in "RVWXYZ")


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("Assessment: gout.", "M10.9", {"unspecified": 1, "family:musculoskeletal": 1}),
        ("Assessment: cough.", "R05.9", {"unspecified": 1, "symptom": 1, "block:R00-R09": 1}),
        ("Assessment: primary osteoarthritis of the right knee.", "M17.11", {"specificity": 1, "detail": 1}),
        ("Impression: gout. Gout is worse. Gout again.", "M10.9", {"repetition": math.log2(3)}),
        ("PMH: hypothyroidism.\nImpression: gout.", "E03.9", {"position": 5 / 38, "family:endocrine": 1}),
    ],
)
def test_features_are_plain_data(coder: Coder, text: str, code: str, expected: dict[str, float]) -> None:
    weights = load_weights("reportable")
    seen = coder.consider(text, coder.config, coder.release(), weights)
    candidate = next(c for c in seen.candidates if c.code == code)
    found = {f.name: f.value for f in features(seen.note, candidate, seen.facts, weights)}
    assert {n: found[n] for n in expected} == pytest.approx(expected, abs=1e-4)
    made = explain(seen.note, candidate, seen.facts, weights)
    total = weights["prior"] + sum(weights[n] * v for n, v in found.items())
    assert made.log_odds == pytest.approx(total, abs=1e-3)


def test_a_weights_file_without_a_threshold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_rows(*_: object) -> list[dict[str, str]]:
        return [{"name": "prior", "reportable": "0", "documented": "0", "note": ""}]

    monkeypatch.setattr(score_module, "read_table", no_rows)
    with pytest.raises(TableError, match="threshold"):
        load_weights.__wrapped__("reportable")


def test_every_section_kind_has_a_weight() -> None:
    from cac.text.headers import section_kinds

    names = load_weights("reportable")
    assert {k for k in section_kinds() if f"section:{k}" not in names} == set()


def test_what_a_code_says_by_itself_is_weighed_anew_with_other_weights(coder: Coder) -> None:
    """Those terms are kept from note to note, and with the weights they were made for."""
    release, shipped = coder.release(), load_weights("reportable")
    doubled = {name: 2 * value for name, value in shipped.items()}
    note = "Assessment: cough."
    seen = coder.consider(note, coder.config, release, shipped)
    (candidate,) = seen.candidates
    for weights, times in ((shipped, 1), (doubled, 2), (shipped, 1)):
        told = explain(seen.note, candidate, seen.facts, weights)
        (symptom,) = [c for c in told.contributions if c.name == "symptom"]
        assert symptom.value == pytest.approx(times * shipped["symptom"])
