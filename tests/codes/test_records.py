from __future__ import annotations

import json
import pickle

import pytest

from cac.codes.table import CodeTable
from cac.errors import UnknownCodeError


def test_record_of_a_billable_code(table: CodeTable) -> None:
    record = table.record("e1122")
    assert record.code == "E11.22"
    assert record.system == "ICD-10-CM"
    assert record.title == "Type 2 diabetes mellitus with diabetic chronic kidney disease"
    assert (record.billable, record.kind) == (True, "code")
    assert (record.parent, record.block, record.chapter) == ("E11.2", "E08-E13", "4")
    assert any("N18.1-N18.6" in line for line in record.use_additional)
    assert record.excludes1 == ()
    assert record.release == "2026-04"


def test_record_inherits_from_every_ancestor_nearest_first(table: CodeTable) -> None:
    """Notes stand at the block and at the chapter; the search of the source package finds one."""
    excludes2 = table.record("I13.0").inherited["excludes2"]
    assert list(dict.fromkeys(code for code, _ in excludes2)) == ["I10-I1A", "9"]


@pytest.mark.parametrize(
    ("code", "parent", "block", "chapter"),
    [
        # a category that is a block by itself is its own block, for what is below it too
        ("B20", "1", "B20", "1"),
        ("T07.XXXA", "T07", "T07", "19"),
        ("I10", "I10-I1A", "I10-I1A", "9"),
        ("I10-I1A", "9", "I10-I1A", "9"),
        ("9", "", "", "9"),
    ],
)
def test_place_in_the_tree(table: CodeTable, code: str, parent: str, block: str, chapter: str) -> None:
    record = table.record(code)
    assert (record.parent, record.block, record.chapter) == (parent, block, chapter)


def test_seventh_characters_reach_the_code(table: CodeTable) -> None:
    assert table.record("S01.01XA").seventh_characters == {
        "A": "initial encounter",
        "D": "subsequent encounter",
        "S": "sequela",
    }


def test_repr_says_what_matters(table: CodeTable) -> None:
    assert repr(table.record("I10")) == (
        "<ICD-10-CM I10 'Essential (primary) hypertension' (billable, release 2026-04)>"
    )
    assert "category, not billable" in repr(table.record("E11"))


@pytest.mark.parametrize("code", ["E11.22", "B20", "S52.501A", "9"])
def test_record_is_plain_data(table: CodeTable, code: str) -> None:
    record = table.record(code)
    assert pickle.loads(pickle.dumps(record)) == record
    assert hash(record) == hash(table.record(code))
    plain = record.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["code"] == code
    assert not hasattr(record, "_repr_html_")


def test_unknown_code(table: CodeTable) -> None:
    with pytest.raises(UnknownCodeError, match="'E99' is not in ICD-10-CM 2026-04"):
        table.record("E99")
