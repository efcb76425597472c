"""Labels and predictions from every kind of source; everything that is wrong with one, at once."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cac
from cac.errors import ConfigError, TableError
from cac.evaluation.reading import read_gold, read_predictions
from cac.evaluation.records import GoldNote, Label, normal_code
from cac.types import Span

TEXT = "Gout today. Old gout."


@dataclass
class Mine:
    """A label set of somebody else's making."""

    id: str
    labels: list[str]
    text: str = ""
    other: list[str] = field(default_factory=list)


@pytest.mark.parametrize(
    ("given", "system", "code"),
    [
        ("E1122", "ICD-10-CM", "E11.22"),
        (" e11.22 ", "ICD-10-CM", "E11.22"),
        ("S72.001A", "ICD-10-CM", "S72.001A"),
        ("C4A", "ICD-10-CM", "C4A"),
        ("I10", "ICD-10-CM", "I10"),
        ("I10.", "ICD-10-CM", None),
        ("99213", "ICD-10-CM", None),
        ("gout", "ICD-10-CM", None),
        ("E11.223456", "ICD-10-CM", None),
        ("99213", "CPT", "99213"),
        ("not a code", "CPT", None),
    ],
)
def test_codes_are_written_one_way(given: str, system: str, code: str | None) -> None:
    assert normal_code(given, system) == code


# What is read from it is always: note 1 has E11.22 and I10, note 2 has nothing.
SOURCES: dict[str, Any] = {
    "mapping": {"1": ["I10", "E1122"], "2": []},
    "dicts": [{"id": 1, "codes": ["I10", "E11.22"]}, {"id": 2, "codes": []}],
    "other names": [{"doc_id": "1", "icd10cm": ["I10", "E1122"]}, {"doc_id": "2", "icd10cm": []}],
    "a cell of codes": [{"note_id": 1, "codes": "I10; E11.22"}, {"note_id": 2, "codes": ""}],
    "a JSON cell": [{"note_id": 1, "codes": '["I10", {"code": "E11.22"}]'}, {"note_id": 2, "codes": None}],
    "a row a code": [{"id": 1, "code": "I10"}, {"id": 1, "code": "e1122"}, {"id": 2, "code": ""}],
    "dataclasses": [Mine("1", ["I10", "E11.22"]), Mine("2", [])],
    "gold notes": [GoldNote("1", (Label("E11.22"), Label("I10"))), GoldNote("2", ())],
    "a frame": pd.DataFrame({"id": [1, 2], "codes": [["I10", "E11.22"], []]}),
    "a long frame": pd.DataFrame({"id": [1.0, 1.0, 2.0], "code": ["I10", "E11.22", None]}),
    "repeated": [{"id": 1, "codes": ["I10", "E11.22", "I10"]}, {"id": 2, "codes": []}],
    "other systems": [
        {"id": 1, "codes": ["I10", {"code": "99213", "system": "CPT"}, "E1122"]},
        {"id": 2, "codes": []},
    ],
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_shape_gives_the_same_labels(name: str) -> None:
    assert [(n.id, n.codes) for n in read_gold(SOURCES[name])] == [("1", ("E11.22", "I10")), ("2", ())]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gold.jsonl", '\ufeff{"id": 1, "codes": ["I10", "E1122"]}\r\n\r\n{"id": "2", "codes": []}\n'),
        ("gold.json", '[{"id": 1, "codes": ["I10", "E1122"]}, {"id": 2, "codes": []}]'),
        ("gold.json", '{"1": ["I10", "E1122"], "2": []}'),
        ("gold.csv", "id,codes\n1,I10|E1122\n2,\n"),
        ("gold.csv", 'id,code,text\n1,I10,"a, b\nc"\n1,E1122,\n2,,\n'),
        ("gold.tsv", "id\tcodes\n1\tI10 E1122\n2\t\n"),
    ],
)
def test_files(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")
    for source in (path, str(path)):
        assert [(n.id, n.codes) for n in read_gold(source)] == [("1", ("E11.22", "I10")), ("2", ())]


def test_long_notes_and_odd_line_ends_in_csv(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    text = "Gout.\x0b\u2028\r\n" + "x" * 200_000
    limit = csv.field_size_limit()
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("id", "text", "codes"), (1, text, "I10"), (2, "\x1cGout.", "M109")])
    assert [n.text for n in read_gold(path)] == [text, "\x1cGout."]
    assert csv.field_size_limit() == limit


def test_a_text_once_in_a_long_table_is_kept() -> None:
    rows = [{"id": 1, "code": "I10", "text": TEXT}, {"id": 1, "code": "M109", "text": ""}]
    assert read_gold(rows)[0].text == TEXT


@pytest.mark.parametrize(
    ("label", "evidence"),
    [
        ({"start": 0, "end": 4}, ((Span(0, 4),),)),
        ({"start": "0", "end": 4.0}, ((Span(0, 4),),)),
        ({"start": -1, "end": -1}, ()),  # suggest_frame without evidence
        ({"spans": [[0, 4], (16, 20)]}, ((Span(0, 4),), (Span(16, 20),))),
        ({"evidence": [{"start": 0, "end": 4, "text": "Gout"}]}, ((Span(0, 4),),)),
        ({"quotes": ["gout"]}, ((Span(0, 4), Span(16, 20)),)),  # either place will do
        ({"quote": "Old gout"}, ((Span(12, 20),),)),
        ({"quotes": []}, ()),
    ],
)
def test_places(label: dict[str, Any], evidence: tuple[tuple[Span, ...], ...]) -> None:
    (note,) = read_gold([{"id": 1, "text": TEXT, "labels": [{"code": "M10.9", **label}]}])
    assert note.labels == (Label("M10.9", evidence),)
    assert read_gold([note]) == (note,)


def test_columns_by_other_names() -> None:
    rows = [{"encounter": 7, "final": ["I10"], "body": TEXT}]
    (note,) = read_gold(rows, columns={"id": "encounter", "codes": "final", "text": "body"})
    assert (note.id, note.codes, note.text) == ("7", ("I10",), TEXT)


def test_scope_of_labels() -> None:
    labels = [
        {"code": "I10"},
        {"code": "R05.9", "scope": "documented"},
        {"code": "J18.9", "scope": "reportable"},
    ]
    rows = [{"id": 1, "labels": labels}]
    assert read_gold(rows)[0].codes == ("I10", "J18.9")
    assert read_gold(rows, scope="documented")[0].codes == ("I10", "J18.9", "R05.9")


def test_options_of_a_note() -> None:
    row = {
        "id": 1,
        "codes": [],
        "setting": "inpatient",
        "age": 61,
        "sex": "F",
        "date_of_service": "2026-04-01",
    }
    assert dict(read_gold([row])[0].options) == {
        "setting": "inpatient",
        "age": 61.0,
        "sex": "F",
        "date_of_service": "2026-04-01",
    }


BAD = [
    ({"codes": ["I10"]}, "has no id or note_id or doc_id"),
    ({"id": 1}, "has no labels, codes, icd10cm or code"),
    ({"id": 1, "codes": ["gout"]}, "code 1 is not a code of ICD-10-CM"),
    ({"id": 1, "codes": ["I10", 7.5]}, "code 2 is neither a code nor an object with a code"),
    ({"id": 1, "codes": [{"start": 1, "end": 2}]}, "code 1 is not a code"),
    ({"id": 1, "codes": {"I10": 1}}, "codes is not a list of codes"),
    ({"id": 1, "codes": "[not json"}, "codes is not a list of codes"),
    ({"id": 1, "codes": [{"code": "I10", "start": 5, "end": 5}]}, "not offsets into the note"),
    ({"id": 1, "codes": [{"code": "I10", "start": 5}]}, "not offsets into the note"),
    ({"id": 1, "codes": [{"code": "I10", "spans": [[1, 2, 3]]}]}, "spans has an item without start and end"),
    ({"id": 1, "text": TEXT, "codes": [{"code": "I10", "start": 5, "end": 99}]}, "ends after the note"),
    ({"id": 1, "text": TEXT, "codes": [{"code": "I10", "quotes": ["asthma"]}]}, "a quote is not in the text"),
    ({"id": 1, "codes": [{"code": "I10", "quotes": ["asthma"]}]}, "quotes need the text"),
    ({"id": 1, "codes": [{"code": "I10", "quotes": [3]}]}, "a quote is not text"),
    ({"id": 1, "codes": [{"code": "I10", "scope": "all"}]}, "scope is neither"),
    ({"id": 1, "codes": [], "text": 5}, "the text is not text"),
    ({"id": 1, "codes": [], "setting": "ward"}, "setting is not one of"),
    ({"id": 1, "codes": [], "age": "old"}, "age is not a number"),
    ({"id": 1, "codes": [], "age": 131}, "age is not a number from 0 to 130"),
    ({"id": 1, "codes": [], "sex": "X"}, "sex is not F or M"),
]


@pytest.mark.parametrize(("row", "fault"), BAD)
def test_a_bad_row_is_named(row: dict[str, Any], fault: str) -> None:
    with pytest.raises(TableError) as raised:
        read_gold([row])
    assert fault in raised.value.problems[0]
    assert raised.value.problems[0].startswith("gold:row 0: ")
    assert "asthma" not in str(raised.value)


def test_all_bad_rows_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(
        "\n".join(json.dumps({**row, "id": i} if "id" in row else row) for i, (row, _) in enumerate(BAD))
    )
    with pytest.raises(TableError) as raised:
        read_gold(path)
    assert len(raised.value.problems) == len(BAD)
    assert sorted({int(p.split(":")[1]) for p in raised.value.problems}) == list(range(1, len(BAD) + 1))


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([{"id": 1, "codes": []}, {"id": "1", "codes": []}], "has the id of an earlier note"),
        ([{"id": 1, "code": "I10", "text": "a"}, {"id": 1, "code": "I10", "text": "b"}], "another text"),
        ([], "no labelled notes"),
    ],
)
def test_rows_that_do_not_fit_together(rows: list[dict[str, Any]], fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        read_gold(rows)


@pytest.mark.parametrize(
    ("name", "content", "problems"),
    [
        ("a.jsonl", b'{"id": 1}\n{oops\n[1]\n', 2),
        ("a.csv", b"id,codes\n1,I10,E11\n2\n3,I10\n", 2),
        ("a.csv", b'id,codes\n1,"I10\n', 1),
        ("a.json", b"{oops", 0),
        ("a.json", b'"text"', 0),
        ("a.jsonl", b"\xff\xfe\x00", 0),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, name: str, content: bytes, problems: int) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TableError, match=f"^{name}") as raised:
        read_gold(path)
    assert len(raised.value.problems) == problems


@pytest.mark.parametrize("source", [5, None, b"bytes", "gold.txt", "missing.csv", [3], ["text"]])
def test_sources_that_are_no_data(source: Any) -> None:
    with pytest.raises(ConfigError):
        read_gold(source)


# ------------------------------------------------------------------------------- predictions


def answers(source: Any, **options: Any) -> list[tuple[str, list[tuple[str, bool]]]]:
    return [(n.id, [(a.code, a.suggested) for a in n.answers]) for n in read_predictions(source, **options)]


def test_predictions_of_every_shape(tmp_path: Path) -> None:
    note = "PE: rash.\nAssessment: gout, type 2 diabetes with neuropathy."
    result = cac.suggest(note)
    # Procedures and visits are in the answer too, and are not what is evaluated here.
    everything = [(s, True) for s in result] + [(s, False) for s in result.candidates]
    expected = [(s.code, suggested) for s, suggested in everything if s.system == "ICD-10-CM"]
    assert len(expected) > 2
    frame = cac.suggest_frame(pd.DataFrame({"id": ["n"], "note": [note]}), id="id")
    jsonl, table = tmp_path / "p.jsonl", tmp_path / "p.csv"
    jsonl.write_text(json.dumps({"id": "n", **result.to_dict()}))
    frame.sample(frac=1, random_state=1).to_csv(table, index=False)  # the rank decides, not the row
    for source in ({"n": result}, [{"id": "n", **result.to_dict()}], frame, jsonl, table):
        assert answers(source) == [("n", expected)]
    assert answers([result], ids=["n"]) == [("n", expected)]
    assert answers([["I10", "M109"]], ids=["n"]) == [("n", [("I10", True), ("M10.9", True)])]


def test_spans_and_scores_of_predictions() -> None:
    (note,) = read_predictions([{"id": 1, "code": "I10", "score": "0.5", "start": 2, "end": 5}])
    assert note.answers[0].score == 0.5
    assert note.answers[0].evidence == (Span(2, 5),)


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"code": "I10", "score": 1.5}, "score is not a number from 0 to 1"),
        ({"code": "I10", "score": "high"}, "score is not a number"),
        ({"code": "I10", "suggested": "maybe"}, "suggested is neither"),
        ({"code": "I10", "rank": "first"}, "rank is not a number"),
    ],
)
def test_bad_predictions(item: dict[str, Any], fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        read_predictions([{"id": 1, "codes": [item]}])


def test_predictions_without_ids_need_the_order_of_the_notes() -> None:
    with pytest.raises(ConfigError, match="1 without ids for 2 gold notes"):
        read_predictions([["I10"]], ids=["a", "b"])
