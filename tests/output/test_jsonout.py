"""JSON: strict, deterministic, complete, and without the note unless it is asked for."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from cac.output.jsonout import SCHEMA_VERSION, result_dict, result_json
from cac.result import CodingResult
from cac.types import Contribution, Explanation
from tests.output.samples import NOTE, nothing, results, sample


def quotes(node: Any) -> Iterator[dict[str, Any]]:
    """Every piece with offsets and words, however deep."""
    if isinstance(node, dict):
        if {"start", "end", "text"} <= node.keys():
            yield node
        for inner in node.values():
            yield from quotes(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from quotes(inner)


def test_key_order_is_fixed() -> None:
    data = result_dict(sample())
    assert list(data) == [
        "schema_version",
        "release",
        "setting",
        "scope",
        "date_of_service",
        "threshold",
        "suggestions",
        "candidates",
        "not_coded",
        "queries",
        "sections",
    ]
    assert list(data["suggestions"][0]) == [
        "rank",
        "code",
        "system",
        "description",
        "score",
        "billable",
        "evidence",
        "explanation",
        "alternatives",
        "findings",
        "modifiers",
        "units",
        "diagnoses",
    ]
    assert data["schema_version"] == SCHEMA_VERSION == 1


def test_content() -> None:
    data = result_dict(sample())
    first = data["suggestions"][0]
    assert first["evidence"][1] == {
        "start": NOTE.index("type 2 diabetes"),
        "end": NOTE.index("type 2 diabetes") + 15,
        "text": "type 2 diabetes",
        "kind": "condition",
        "section": "hpi",
    }
    assert first["findings"][0]["codes"] == ["E11.22"]
    assert first["alternatives"][0]["why_not"] == "CKD"
    assert [c["code"] for c in data["candidates"]] == ["R05.9", "M25.56"]
    assert data["not_coded"][0]["cue"]["text"] == "Denies"
    assert data["not_coded"][3]["cue"] is None
    assert data["queries"][0]["options"][0] == {
        "answer": "stage 3a",
        "code": "N18.31",
        "description": "Chronic kidney disease, stage 3a",
    }
    assert data["sections"][0] == {
        "kind": "hpi",
        "start": 4,
        "end": NOTE.index("ASSESSMENT"),
        "header_start": 0,
        "header_end": 4,
    }


def test_scores_are_rounded_and_contributions_are_not() -> None:
    weight = 0.1234567890123
    explanation = Explanation(-1 / 3, (Contribution("part", weight),))
    found = replace(sample().suggestions[0], explanation=explanation, score=0.12345678)
    data = result_dict(replace(nothing(), suggestions=(found,)))["suggestions"][0]
    assert data["score"] == 0.123457
    told = data["explanation"]
    assert (told["prior"], told["contributions"][0]["value"]) == (-1 / 3, weight)
    assert told["log_odds"] == explanation.log_odds


def test_the_note_is_carried_only_when_asked_for() -> None:
    assert "text" not in result_dict(sample())
    assert "here for follow-up" not in result_json(sample())
    assert json.loads(result_json(sample(), include_text=True))["text"] == NOTE


def test_the_same_result_gives_the_same_bytes() -> None:
    assert result_json(sample(), indent=2) == result_json(sample(), indent=2)
    assert result_json(sample()).isascii()


def test_what_json_cannot_say_is_refused() -> None:
    found = replace(sample().suggestions[0], score=math.nan)
    with pytest.raises(ValueError, match="JSON"):
        result_json(replace(nothing(), suggestions=(found,)))


@given(results())
def test_any_result_survives_json(result: CodingResult) -> None:
    data = json.loads(result_json(result, include_text=True))
    assert data == result_dict(result, include_text=True)
    for piece in quotes(data):
        assert data["text"][piece["start"] : piece["end"]] == piece["text"]
    for s in data["suggestions"]:
        told = s["explanation"]
        assert told["log_odds"] == math.fsum([told["prior"], *(c["value"] for c in told["contributions"])])
