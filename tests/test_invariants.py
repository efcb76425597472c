"""The invariants of the design, on notes put together at random and on arbitrary text."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cac.coder import SERVICE_THRESHOLD, Coder
from cac.errors import NoteError
from cac.result import CodingResult

CONDITIONS = (
    "hypertension|type 2 diabetes|CKD stage 3a|right knee pain|acute bronchitis|COPD exacerbation|gout|"
    "left ankle sprain|heart failure|atrial fibrillation|low back pain|migraine|depression|"
    "urinary tract infection|closed fracture of the right distal radius|breast cancer|pneumonia|asthma|"
    "bilateral cataract|kidney stone"
).split("|")
FRAMES = (
    "Assessment: {}.|HPI: complains of {}.|Denies {}.|No evidence of {}.|Possible {}.|Mother had {}.|"
    "History of {}.|Return if {} gets worse.|1. {}\n2. Continue.|PMH: {}; nothing else.|"
    "{}, stable on treatment."
).split("|")

notes = st.lists(st.tuples(st.sampled_from(FRAMES), st.sampled_from(CONDITIONS)), min_size=1, max_size=7).map(
    lambda parts: "\n".join(frame.format(condition) for frame, condition in parts)
)
anything = st.text(max_size=400) | notes.flatmap(
    lambda n: st.text(max_size=12).map(lambda t: n + t + n.upper())
)
relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _check(result: CodingResult, note: str) -> None:
    ranked = [*result.suggestions, *result.candidates]
    assert [s.rank for s in ranked] == list(range(1, len(ranked) + 1))
    assert len({s.code for s in ranked}) == len(ranked)
    for s in ranked:
        assert s.billable
        assert s.evidence
        assert 0 <= s.score <= 1
        terms = [s.explanation.prior, *(c.value for c in s.explanation.contributions)]
        assert abs(sum(terms) - s.explanation.log_odds) < 1e-9
        for e in (*s.evidence, *(e for c in s.explanation.contributions for e in c.evidence)):
            assert note[e.start : e.end] == e.text
    for line in result.not_coded:
        assert note[line.start : line.end] == line.text
        assert line.reason
        assert line.citation
    # Services have a threshold of their own.
    limit = {"ICD-10-CM": result.threshold}
    assert all(s.score >= limit.get(s.system, SERVICE_THRESHOLD) for s in result.suggestions)
    assert all(s.score < limit.get(s.system, SERVICE_THRESHOLD) for s in result.candidates)


@relaxed
@given(anything)
@example("ASSESSMENT:0\xad")  # a token of nothing but a soft hyphen
def test_evidence_scores_and_ranks_hold_on_any_text(coder: Coder, note: str) -> None:
    for scope in ("reportable", "documented"):
        try:
            result = coder.suggest(note, scope=scope)
        except NoteError as error:
            # Control characters alone are no text; the error says so and quotes nothing.
            assert "binary" in str(error)
        else:
            _check(result, note)


@relaxed
@given(notes)
def test_every_code_is_a_billable_leaf_of_the_release(coder: Coder, note: str) -> None:
    from cac.codes.table import CodeTable

    for day, release in (("2025-05-01", "2025-04"), ("2026-05-01", "2026-04")):
        table = CodeTable.open(release)
        for s in coder.suggest(note, date_of_service=day):
            assert bool(table.billable[table.row(s.code)])


@pytest.mark.parametrize("condition", CONDITIONS)
def test_negating_a_mention_never_raises_its_code(coder: Coder, condition: str) -> None:
    plain = coder.suggest(f"Assessment: {condition}.")
    denied = coder.suggest(f"Assessment: no {condition}.")
    before = {s.code: s.score for s in (*plain, *plain.candidates)}
    after = {s.code: s.score for s in (*denied, *denied.candidates)}
    assert before
    assert all(after.get(code, 0.0) <= score for code, score in before.items())
    assert not set(before) & {s.code for s in denied}


@relaxed
@given(notes)
def test_repr_shows_no_words_of_the_note(coder: Coder, note: str) -> None:
    marked = note.replace("Assessment", "Assessment of Zyxwvut")
    result = coder.suggest(marked)
    shown = repr(result) + "".join(repr(s) for s in result) + repr(result.not_coded) + repr(result.queries)
    assert "Zyxwvut" not in shown
    for s in result:
        assert all(e.text not in repr(e) or len(e.text) < 4 for e in s.evidence)


def test_the_same_note_gives_the_same_bytes(coder: Coder) -> None:
    first = coder.suggest(_listed())
    again = pickle.loads(pickle.dumps(first))
    assert again == first
    assert coder.suggest(_listed()).to_json() == first.to_json()


def _listed() -> str:
    return "ASSESSMENT\n" + "\n".join(f"{i}. {c}" for i, c in enumerate(CONDITIONS, 1))


def test_the_hash_seed_does_not_matter() -> None:
    code = f"import cac; print(cac.suggest({_listed()!r}).to_json())"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1
