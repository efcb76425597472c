from __future__ import annotations

import gzip
import pickle
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cac.codes.table as table_module
from cac.codes.order import category_places, sort_key
from cac.codes.table import CodeTable
from cac.errors import ConfigError, TableError, UnknownCodeError

CODES = """\
code,parent,kind,billable,title
9,,chapter,0,Diseases of the circulatory system
I10-I1A,9,block,0,Hypertensive diseases
I10,I10-I1A,category,1,Essential (primary) hypertension
I13,I10-I1A,category,0,Hypertensive heart and chronic kidney disease
I13.0,I13,code,1,"Hypertensive disease of heart and kidney, with failure"
I13.1,I13,subcategory,0,Without heart failure
I13.10,I13.1,code,1,"Without failure, early stage"
10,,chapter,0,Diseases of the respiratory system
"""
NOTES = """\
code,kind,text
I10,inclusion_term,high blood pressure
9,excludes2,first of the chapter (P04.-)
9,excludes2,second of the chapter (O10.-)
I13,excludes2,of the category (I15.-)
I13.1,seventh_character,A: initial encounter
I13.1,seventh_character,D: subsequent encounter
I13,seventh_character,S: sequela
"""


def _folder(path: Path, codes: str | bytes = CODES, notes: str | bytes = NOTES) -> Path:
    for name, content in (("codes.csv", codes), ("notes.csv", notes)):
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.fixture
def small(tmp_path: Path) -> CodeTable:
    return CodeTable.from_csv(_folder(tmp_path))


# --- the full releases


@pytest.mark.parametrize(
    ("release", "rows", "billable"), [("2026-04", 98_466, 74_719), ("2025-04", 97_864, 74_260)]
)
def test_counts_of_a_release(release: str, rows: int, billable: int) -> None:
    table = CodeTable.open(release)
    assert (len(table), int(table.billable.sum())) == (rows, billable)
    assert len(table.codes) == rows == len(set(table.codes))
    assert table.release == release


def test_kinds_of_the_full_release(table: CodeTable) -> None:
    kinds = Counter(table.kind(row) for row in range(len(table)))
    assert kinds["chapter"] == 22
    assert kinds["block"] == 297 - 39  # those named like their only category are that category
    assert kinds["category"] == 1918
    lengths = Counter(
        len(code.replace(".", "")) for code, b in zip(table.codes, table.billable, strict=True) if b
    )
    assert lengths == {3: 214, 4: 5398, 5: 7143, 6: 10479, 7: 51485}


@pytest.mark.parametrize("release", ["2026-04", "2025-04"])
def test_tree_of_the_full_release(release: str) -> None:
    table = CodeTable.open(release)
    parents, ends, n = table.parent_list(), table.subtree_end.tolist(), len(table)
    assert all(-1 <= parent < row for row, parent in enumerate(parents))
    # pre-order: the parent is the row before, or a row whose subtree is still open
    stack: list[int] = []
    for row in range(n):
        while stack and ends[stack[-1]] <= row:
            stack.pop()
        assert parents[row] == (stack[-1] if stack else -1)
        stack.append(row)
    assert [table.codes[row] for row in range(n) if parents[row] < 0] == [str(c) for c in range(1, 23)]
    has_children = np.zeros(n, dtype=bool)
    has_children[[p for p in parents if p >= 0]] = True
    childless = {table.codes[row] for row in np.flatnonzero(~has_children & ~table.billable)}
    assert not (has_children & table.billable).any()
    # ranges that hold no category themselves: nothing below, and still not billable
    assert len(childless) == 12
    assert {table.kind(table.row(code)) for code in childless} == {"block"}


def test_siblings_of_the_full_release_are_sorted(table: CodeTable) -> None:
    below: dict[int, list[str]] = {}
    for code, parent in zip(table.codes, table.parent_list(), strict=True):
        below.setdefault(parent, []).append(code)
    assert all(codes == sorted(codes, key=sort_key) for codes in below.values())


def test_a_code_is_spelled_like_its_ancestors(table: CodeTable) -> None:
    for row, code in enumerate(table.codes):
        parent = table.codes[table.parent[row]]
        if table.kind(row) in ("subcategory", "code"):
            assert code.startswith(parent)
            assert code[3] == "."
        elif table.kind(row) == "category" and "-" in parent:
            first, last = parent.split("-")
            assert first <= category_places().get(code, code) <= category_places().get(last, last)


def test_titles_and_notes_of_the_full_release_are_clean(table: CodeTable) -> None:
    texts = table.titles.to_list() + [text for row in range(len(table)) for _, text in table.notes_of(row)]
    assert [text for text in texts if not text or text != " ".join(text.split())] == []


def test_second_wording_of_a_seventh_character_is_readable(table: CodeTable) -> None:
    row = table.row("S52.501B")
    assert table.title(row).endswith(
        "initial encounter for open fracture type I or II / initial encounter for open fracture NOS"
    )
    defined = table.seventh_characters(row)
    assert defined["B"] in table.title(row)
    assert len(defined) == 16
    # defined on the category, and found there
    assert dict(table.notes_of(table.row("S52")))["seventh_character"].startswith("S: ")


def test_block_notes_of_a_merged_category_are_kept(table: CodeTable) -> None:
    assert table.notes(table.row("T07"), "excludes1") == [
        "injury NOS (T14.90)",
        "burns and corrosions (T20-T32)",
        "frostbite (T33-T34)",
        "insect bite or sting, venomous (T63.4)",
        "sunburn (L55.-)",
    ]


@pytest.mark.parametrize(("kind", "expected"), [("use_additional", 11_969), ("code_also", 1_702)])
def test_outer_notes_are_not_hidden_by_nearer_ones(table: CodeTable, kind: str, expected: int) -> None:
    """So many codes have such notes on two levels or more; the source's search finds the nearest."""
    noted = {row for row in range(len(table)) if table.notes(row, kind)}
    several = [
        row
        for row in np.flatnonzero(table.billable).tolist()
        if len(noted.intersection((row, *table.ancestors(row)))) > 1
    ]
    assert len(several) == expected
    row = several[0]
    lines = [line for at in (row, *table.ancestors(row)) for line in table.notes(at, kind)]
    assert table.notes(row, kind, inherited=True) == lines


@pytest.mark.parametrize(
    ("day", "code", "known"),
    [
        # multiple sclerosis was subdivided between the two releases
        ("2026-03-31", "G35.A", False),
        ("2026-04-01", "G35.A", True),
        (None, "G35.A", True),
    ],
)
def test_date_of_service_decides_which_codes_exist(day: str | None, code: str, known: bool) -> None:
    assert (code in CodeTable.open(date_of_service=day)) is known


@settings(deadline=None)
@given(st.data())
def test_subtree_agrees_with_walking_up(table: CodeTable, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(table) - 1))
    other = data.draw(st.integers(0, len(table) - 1))
    above = table.ancestors(row)
    assert table.is_under(row, other) == (other in above)
    assert all(table.is_under(row, at) for at in above)
    assert not table.is_under(row, row)
    assert all(table.parent[child] == row for child in table.children(row))
    leaves = table.leaves(row)
    assert all(table.billable[leaf] for leaf in leaves)
    assert sum(len(table.leaves(child)) for child in table.children(row)) + int(table.billable[row]) == len(
        leaves
    )


# --- finding a row


@pytest.mark.parametrize("spelling", ["I13.10", "i13.10", "I1310", "i1310", " I13.10 "])
def test_spellings_of_a_code(small: CodeTable, spelling: str) -> None:
    assert small.codes[small.row(spelling)] == "I13.10"
    assert spelling in small


@pytest.mark.parametrize("other", ["", "I", "I99", "I1.310", "I13.10X", "I13..10", "I10I1A", None, 9, b"I10"])
def test_what_is_no_code(small: CodeTable, other: Any) -> None:
    assert other not in small
    with pytest.raises(UnknownCodeError, match="is not in ICD-10-CM sample"):
        small.row(other)


def test_a_long_text_is_not_repeated_in_the_error(small: CodeTable) -> None:
    with pytest.raises(UnknownCodeError) as caught:
        small.row("patient says that it began on Monday")
    assert "Monday" not in str(caught.value)


@settings(deadline=None)
@given(st.data())
def test_every_code_is_found_in_every_spelling(table: CodeTable, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(table) - 1))
    code = table.codes[row]
    assert table.row(code) == table.row(code.lower()) == table.row(code.replace(".", "")) == row


# --- a small table from CSV


def test_rows_of_a_small_table(small: CodeTable) -> None:
    assert small.codes == ["9", "I10-I1A", "I10", "I13", "I13.0", "I13.1", "I13.10", "10"]
    assert small.parent.tolist() == [-1, 0, 1, 1, 3, 3, 5, -1]
    assert small.subtree_end.tolist() == [7, 7, 3, 7, 5, 7, 7, 8]
    assert small.children(3) == [4, 5]
    assert small.ancestors(6) == [5, 3, 1, 0]
    assert small.leaves(0) == [2, 4, 6]
    assert small.leaves(2) == [2]
    assert small.leaves(7) == []
    assert [small.kind(row) for row in (0, 1, 2, 4, 5)] == [
        "chapter",
        "block",
        "category",
        "code",
        "subcategory",
    ]
    assert repr(small) == "<CodeTable ICD-10-CM sample: 8 rows>"


def test_notes_of_a_small_table(small: CodeTable) -> None:
    row = small.row("I13.0")
    assert small.notes(row, "excludes2") == []
    assert small.notes(row, "excludes2", inherited=True) == [
        "of the category (I15.-)",
        "first of the chapter (P04.-)",
        "second of the chapter (O10.-)",
    ]
    with pytest.raises(ConfigError, match="inclusion_term"):
        small.notes(row, "excludes3")


def test_nearest_seventh_characters_win(small: CodeTable) -> None:
    nearer = small.seventh_characters(small.row("I13.10"))
    assert nearer == {"A": "initial encounter", "D": "subsequent encounter"}
    assert small.seventh_characters(small.row("I13.0")) == {"S": "sequela"}
    assert small.seventh_characters(small.row("I10")) == {}


def test_row_order_of_the_files_never_matters(small: CodeTable, tmp_path: Path) -> None:
    header, *lines = CODES.splitlines(keepends=True)
    note_header, *note_lines = NOTES.splitlines(keepends=True)
    for seed in range(5):
        random.Random(seed).shuffle(lines)
        # moves codes about, keeps the order of notes within one code
        codes = list(dict.fromkeys(line.split(",")[0] for line in note_lines))
        random.Random(seed).shuffle(codes)
        moved = [line for code in codes for line in note_lines if line.split(",")[0] == code]
        (tmp_path / str(seed)).mkdir()
        again = CodeTable.from_csv(
            _folder(tmp_path / str(seed), "".join([header, *lines]), "".join([note_header, *moved]))
        )
        assert again.codes == small.codes
        assert again.digest == small.digest


def test_digest_does_not_depend_on_the_hash_seed(small: CodeTable, tmp_path: Path) -> None:
    code = "import sys; from cac.codes.table import CodeTable; print(CodeTable.from_csv(sys.argv[1]).digest)"
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == small.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [("hypertension\n", "hypertensio\n"), ("I10,I10-I1A,category,1", "I10,I10-I1A,category,0")],
)
def test_digest_changes_with_the_content(small: CodeTable, tmp_path: Path, old: str, new: str) -> None:
    assert CODES.count(old) == 1
    assert CodeTable.from_csv(_folder(tmp_path, CODES.replace(old, new))).digest != small.digest


def test_a_table_without_notes(tmp_path: Path) -> None:
    bare = CodeTable.from_csv(_folder(tmp_path, notes="code,kind,text\n"))
    assert bare.notes(bare.row("I10"), "inclusion_term", inherited=True) == []
    assert bare.record("I10").inherited == {}


def test_windows_line_ends_bom_and_gzip_are_read(small: CodeTable, tmp_path: Path) -> None:
    windows = b"\xef\xbb\xbf" + CODES.replace("\n", "\r\n").encode()
    table = CodeTable.from_csv(_folder(tmp_path, windows, gzip.compress(NOTES.encode())))
    assert table.digest == small.digest


def test_arrays_of_a_small_table_are_read_only(small: CodeTable) -> None:
    with pytest.raises(ValueError, match="read-only"):
        small.billable[0] = True


# --- malformed tables


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        # the same code, in another spelling too
        ("I10,I10-I1A,category,1,Again", "I10: listed twice"),
        ("I131.0,I13,code,1,Again", "I131.0: listed twice"),
        ("J45,J40-J47,category,1,Asthma", "parent J40-J47 is not in the table"),
        ("I10.1,I10,code,1,Below a billable code", "I10: billable, but it has children"),
        ("J45,10,family,1,Asthma", "kind is 'family'"),
        ("J45,10,category,yes,Asthma", "billable is 'yes'"),
        ("J45,10,category,1,", "title is empty"),
        ("J45,10,category,1,   ", "title is empty"),
        ("j45,10,category,1,Asthma", "code is not a code"),
        (",10,category,1,Asthma", "code is not a code"),
        ("J45,10,category,1", "4 cells, 5 expected"),
        ("J45,10,category,1,Asthma,more", "6 cells, 5 expected"),
        ("J45,J45,category,0,Asthma", "J45: is below itself"),
        ('J45,10,category,1,"Asthma', "unexpected end of data"),
    ],
)
def test_malformed_codes(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(TableError, match="1 bad rows") as caught:
        CodeTable.from_csv(_folder(tmp_path, f"{CODES}{line}\n"))
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("J45,note,Text", "J45: the code is not in the table"),
        ("I10,remark,Text", "kind is 'remark'"),
        ("I10,note,", "text is empty"),
        ("I10,seventh_character,initial encounter", "is written 'A: initial encounter'"),
        ("I13,seventh_character,S: again", "the seventh character S is defined twice"),
    ],
)
def test_malformed_notes(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(TableError, match="1 bad rows") as caught:
        CodeTable.from_csv(_folder(tmp_path, notes=f"{NOTES}{line}\n"))
    assert problem in str(caught.value)


def test_all_bad_rows_of_both_files_are_reported_at_once(tmp_path: Path) -> None:
    bad_codes = f"{CODES}J45,10,family,1,Asthma\nJ46,10,category,1,\n"
    with pytest.raises(TableError) as caught:
        CodeTable.from_csv(_folder(tmp_path, bad_codes, f"{NOTES}I10,remark,Text\n"))
    assert len(caught.value.problems) == 3
    names = [problem.split(":")[0] for problem in caught.value.problems]
    assert names == ["codes.csv", "codes.csv", "notes.csv"]


def test_a_circle_names_everything_in_it(tmp_path: Path) -> None:
    circle = "J45,J45.1,category,0,Asthma\nJ45.1,J45,subcategory,0,Asthma\nJ45.10,J45.1,code,1,Asthma\n"
    with pytest.raises(TableError) as caught:
        CodeTable.from_csv(_folder(tmp_path, CODES + circle))
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("codes", "problem"),
    [
        (b"", "truncated"),
        (CODES.encode()[:-4], "truncated"),
        (CODES.splitlines()[0].encode() + b"\n", "no codes"),
        (b"code,title\nI10,Hypertension\n", "the header must be"),
        (CODES.encode("utf-16"), "not UTF-8"),
        (CODES.encode() + b"\xff\n", "not UTF-8"),
        (gzip.compress(CODES.encode(), mtime=0)[:-9], "truncated or damaged"),
        (gzip.compress(CODES.encode(), mtime=0)[:40], "truncated or damaged"),
        (gzip.compress(CODES.encode(), mtime=0)[:20] + b"\x00" * 60, "truncated or damaged"),
    ],
)
def test_truncated_and_foreign_files(tmp_path: Path, codes: bytes, problem: str) -> None:
    with pytest.raises(TableError, match=problem):
        CodeTable.from_csv(_folder(tmp_path, codes))


def test_a_missing_file_is_a_table_error(tmp_path: Path) -> None:
    (_folder(tmp_path) / "notes.csv").unlink()
    with pytest.raises(TableError, match=r"notes\.csv: cannot be read"):
        CodeTable.from_csv(tmp_path)


@settings(deadline=None)
@given(cut=st.integers(0, len(CODES.encode()) - 1))
def test_a_table_cut_anywhere_is_refused(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """Only a cut at the end of a line leaves a table that can be whole; nothing else is read."""
    data = CODES.encode()[:cut]
    folder = _folder(tmp_path_factory.mktemp("cut"), data, "code,kind,text\n")
    whole_lines = data.endswith(b"\n") and data.count(b"\n") > 1
    if whole_lines:
        assert len(CodeTable.from_csv(folder)) == data.count(b"\n") - 1
    else:
        with pytest.raises(TableError):
            CodeTable.from_csv(folder)


def test_damaged_package_data_is_a_table_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = table_module.data_path("icd10cm/2026-04.csv.gz").read_bytes()
    (tmp_path / "2026-04.csv.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "2026-04.notes.csv.gz").write_bytes(b"")
    monkeypatch.setattr(table_module, "data_path", lambda name: tmp_path / name.split("/")[-1])
    with pytest.raises(TableError, match="truncated or damaged"):
        CodeTable.open("2026-04", directory=tmp_path / "cache")
    (tmp_path / "2026-04.csv.gz").unlink()
    with pytest.raises(TableError, match="cannot be read"):
        CodeTable.open("2026-04", directory=tmp_path / "other")


# --- opening, sending


def test_opened_once_for_a_folder(cache_folder: Path) -> None:
    assert CodeTable.open("2026-04") is CodeTable.open(directory=cache_folder)


def test_progress_speaks_only_while_building(tmp_path: Path) -> None:
    lines: list[str] = []
    CodeTable.open("2025-04", directory=tmp_path, progress=lines.append)
    CodeTable.open("2025-04", directory=tmp_path, progress=lines.append)
    assert len(lines) == 1


def test_pickle_of_a_packaged_table_is_small(table: CodeTable) -> None:
    sent = pickle.dumps(table)
    assert len(sent) < 1000
    again = pickle.loads(sent)
    assert (again.release, again.digest, len(again)) == (table.release, table.digest, len(table))


def test_pickle_of_a_small_table(small: CodeTable) -> None:
    again = pickle.loads(pickle.dumps(small))
    assert again.codes == small.codes
    assert again.record("I13.0") == small.record("I13.0")


def test_importing_the_table_loads_neither_pandas_nor_spacy() -> None:
    code = "import sys, cac.codes.table; sys.exit(bool({'pandas', 'spacy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
