"""CodingResult: a sequence of suggestions that is frozen, comparable, picklable and discreet."""

from __future__ import annotations

import dataclasses
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from cac.result import CodingResult
from tests.output.samples import NOTE, nothing, results, sample

_ROOT = Path(__file__).parents[1]


def test_it_goes_over_the_suggestions() -> None:
    result = sample()
    assert [s.code for s in result] == ["E11.22", "N18.30", "I12.9"]
    assert len(result) == 3
    assert result[0].code == "E11.22"
    assert result[-1] is result.suggestions[2]
    assert result[1:] == result.suggestions[1:]
    assert result.suggestions[0] in result
    assert result.candidates[0] not in result
    with pytest.raises(IndexError):
        result[3]


def test_it_is_true_when_something_is_suggested() -> None:
    assert sample()
    only_candidates = dataclasses.replace(sample(), suggestions=())
    assert not only_candidates
    assert len(only_candidates) == 0


def test_it_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        sample().threshold = 0.1  # type: ignore[misc]
    assert not hasattr(sample(), "__dict__")


def test_equal_results_are_equal_and_hash_alike() -> None:
    assert sample() == sample()
    assert hash(sample()) == hash(sample())
    assert sample() != dataclasses.replace(sample(), threshold=0.25)


def test_repr_shows_counts_and_codes() -> None:
    assert repr(sample()) == (
        "CodingResult(3 suggestions [E11.22, N18.30, I12.9], 2 candidates [R05.9, M25.56], "
        "4 not coded, 1 query)"
    )


def test_a_long_list_of_codes_is_cut_in_repr() -> None:
    result = dataclasses.replace(sample(), suggestions=sample().suggestions * 9)
    assert "27 suggestions [E11.22, " in repr(result)
    assert repr(result).count("E11.22") == 4
    assert ", ...]" in repr(result)


def test_repr_and_str_hold_no_words_of_the_note() -> None:
    result = sample()
    shown = repr(result) + str(result)
    words = {w for w in NOTE.replace(".", " ").split() if len(w) > 3 and w.isalpha()}
    assert len(words) > 20
    assert sorted(w for w in words if w in shown) == []


def test_the_parts_hide_the_note_in_their_repr_too() -> None:
    result = sample()
    shown = repr((result.suggestions[2].evidence, result.not_coded, result.queries, result.sections))
    for words in ("Hypertension", "chest pain", "meniscal", "Denies", "The note documents"):
        assert words not in shown


@given(results())
def test_any_result_pickles(result: CodingResult) -> None:
    assert pickle.loads(pickle.dumps(result)) == result


def test_views() -> None:
    result = sample()
    assert result.to_frame()["code"].tolist() == ["E11.22", "N18.30", "I12.9", "R05.9", "M25.56"]
    assert json.loads(result.to_json()) == result.to_dict()
    assert result.to_json(indent=2).startswith('{\n  "schema_version": 1,')
    assert result.to_dict(include_text=True)["text"] == NOTE
    assert result._repr_html_().startswith('<div class="cac-result">')
    assert "E11.22" in result.summary()
    assert "\x1b" not in result.summary()
    assert max(map(len, result.summary(width=60).splitlines())) <= 60


def test_views_of_nothing() -> None:
    result = nothing()
    assert len(result.to_frame()) == 0
    assert result.to_dict()["suggestions"] == []
    assert "No code" in result.summary()
    assert "No code" in result._repr_html_()


@pytest.mark.parametrize("seed", ["0", "1"])
def test_output_does_not_depend_on_the_hash_seed(seed: str) -> None:
    show = (
        "from tests.output.samples import sample as s; import sys;"
        "r = s(); sys.stdout.buffer.write((r.to_json() + r._repr_html_() + r.summary()).encode())"
    )
    environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(_ROOT), "PATH": ""}
    run = subprocess.run([sys.executable, "-c", show], env=environment, capture_output=True, check=True)
    result = sample()
    assert run.stdout.decode() == result.to_json() + result._repr_html_() + result.summary()


def test_importing_it_loads_no_pandas() -> None:
    check = "import sys, cac.result; sys.exit('pandas' in sys.modules or 'spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
