"""Frames: the declared columns and dtypes whatever the rows, and quotes that stand where they say."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given

from cac.output.frames import (
    FRAME_DTYPES,
    NOT_CODED_DTYPES,
    QUERIES_DTYPES,
    empty_frame,
    frame_rows,
    long_frame,
    not_coded_frame,
    queries_frame,
    result_frame,
)
from cac.result import CodingResult
from tests.output.samples import NOTE, nothing, results, sample

FRAMES: list[tuple[Callable[[CodingResult], pd.DataFrame], Mapping[str, str]]] = [
    (result_frame, FRAME_DTYPES),
    (not_coded_frame, NOT_CODED_DTYPES),
    (queries_frame, QUERIES_DTYPES),
]


def shape(frame: pd.DataFrame) -> dict[str, Any]:
    return {name: str(dtype) for name, dtype in frame.dtypes.items()}


@pytest.mark.parametrize(("make", "dtypes"), FRAMES)
@pytest.mark.parametrize("result", [sample(), nothing()], ids=["full", "empty"])
def test_dtypes_are_those_declared(make: Any, dtypes: Mapping[str, str], result: CodingResult) -> None:
    assert shape(make(result)) == dict(dtypes)


@pytest.mark.parametrize("dtypes", [FRAME_DTYPES, NOT_CODED_DTYPES, QUERIES_DTYPES])
def test_the_empty_frame_joins_a_full_one(dtypes: Mapping[str, str]) -> None:
    make = next(make for make, of in FRAMES if of is dtypes)
    full = make(sample())
    assert shape(empty_frame(dtypes)) == shape(full)
    pd.testing.assert_frame_equal(pd.concat([empty_frame(dtypes), full], ignore_index=True), full)


def test_suggestions_come_before_candidates_in_rank_order() -> None:
    frame = result_frame(sample())
    assert frame["code"].tolist() == ["E11.22", "N18.30", "I12.9", "R05.9", "M25.56"]
    assert frame["rank"].tolist() == [1, 2, 3, 4, 5]
    assert frame["suggested"].tolist() == [True, True, True, False, False]
    assert frame["billable"].tolist() == [True, True, True, True, False]


def test_a_row_carries_the_first_quote_and_every_rule() -> None:
    result = sample()
    first = result.suggestions[0]
    twice = replace(first, findings=(*first.findings, *first.findings, *result.suggestions[1].findings))
    row = result_frame(replace(result, suggestions=(twice,))).iloc[0]
    assert row["evidence"] == "Type 2 diabetes with chronic kidney disease stage 3"
    assert NOTE[row["start"] : row["end"]] == row["evidence"]
    assert row["section"] == "assessment"
    assert row["rules"] == "dm-with-ckd; ckd-use-additional"
    assert row["citations"] == "Section I.A.15; E11.22 note"


def test_a_code_without_evidence_has_no_place() -> None:
    bare = replace(sample().suggestions[0], evidence=(), findings=())
    row = result_frame(replace(nothing(), suggestions=(bare,))).iloc[0]
    assert (row["evidence"], row["start"], row["end"], row["section"]) == ("", -1, -1, "")
    assert (row["rules"], row["citations"]) == ("", "")


def test_ledger_rows() -> None:
    frame = not_coded_frame(sample())
    assert frame[["text", "reason", "codes", "cue"]].values.tolist() == [
        ["chest pain", "negated", "R07.9", "Denies"],
        ["meniscal tear", "uncertain", "S83.209A", "possible"],
        ["breast cancer", "family", "Z80.3", "Mother"],
        ["left knee", "superseded", "", ""],
    ]
    assert frame["cue_start"].tolist()[-1] == -1


def test_a_query_has_one_row_for_each_answer_and_one_without() -> None:
    result = sample()
    unanswered = replace(result.queries[0], options=(), evidence=())
    frame = queries_frame(replace(result, queries=(*result.queries, unanswered)))
    assert frame["query"].tolist() == [1, 1, 2]
    assert frame["answer_code"].tolist() == ["N18.31", "N18.32", ""]
    assert frame["start"].tolist()[-1] == -1


@pytest.mark.parametrize(("ids", "dtype"), [((7, 8), "int64"), (("a", "b"), "string")])
def test_long_frame_keeps_ids(ids: tuple[Any, Any], dtype: str) -> None:
    rows = [row for note_id in ids for row in frame_rows(sample(), note_id)]
    frame = long_frame(pickle.loads(pickle.dumps(rows)), id_dtype=dtype)
    assert shape(frame) == {"id": dtype, **FRAME_DTYPES}
    assert frame["id"].tolist() == [ids[0]] * 5 + [ids[1]] * 5
    pd.testing.assert_frame_equal(
        frame.drop(columns="id").iloc[5:].reset_index(drop=True), result_frame(sample())
    )


def test_long_frame_without_rows() -> None:
    assert shape(long_frame([])) == {"id": "string", **FRAME_DTYPES}


@given(results())
def test_any_result_keeps_dtypes_and_offsets(result: CodingResult) -> None:
    for make, dtypes in FRAMES:
        assert shape(make(result)) == dict(dtypes)
    frame = result_frame(result)
    assert len(frame) == len(result.suggestions) + len(result.candidates)
    placed = frame[frame["start"] >= 0]
    assert [result.text[a:b] for a, b in zip(placed["start"], placed["end"], strict=True)] == placed[
        "evidence"
    ].tolist()
