"""The sample tables: reproducible, well formed, and enough to run the library by themselves."""

from __future__ import annotations

import csv
import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from cac.coder import Coder
from cac.codes.table import CodeTable
from cac.config import Config
from cac.errors import TableError

DATA = Path(__file__).resolve().parent.parent / "data"
ICD, CPT = DATA / "icd10_sample", DATA / "cpt_sample"


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sample", ICD / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sample() -> CodeTable:
    return CodeTable.from_csv(ICD)


@pytest.fixture(scope="module")
def sample_coder() -> Coder:
    return Coder(Config(tables=ICD))


def test_the_script_gives_the_committed_bytes(make: ModuleType, tmp_path: Path) -> None:
    assert make.main(["--out", str(tmp_path)]) == 0
    written = sorted(p.name for p in tmp_path.iterdir())
    assert written == ["SOURCE.toml", "codes.csv", "notes.csv"]
    for name in written:
        assert (tmp_path / name).read_bytes() == (ICD / name).read_bytes(), name


def test_the_order_of_the_chosen_codes_does_not_matter(make: ModuleType) -> None:
    header, *rows = (ICD / "chosen.csv").read_text(encoding="utf-8").splitlines()
    backwards = "\n".join([header, *reversed(rows)]) + "\n"
    assert make.sample_files(backwards)["codes.csv"] == (ICD / "codes.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("E11.222,no such code", "E11.222: is no billable code"),
        ("E11,a category", "E11: is no billable code"),
        ("I10,once\nI10,twice", "I10: is listed twice"),
        ("I10,", "why is empty"),
    ],
)
def test_a_wrong_choice_is_refused(make: ModuleType, row: str, fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        make.sample_files(f"code,why\n{row}\n")


def test_every_chapter_is_there(sample: CodeTable) -> None:
    rows = [r for r in range(len(sample)) if sample.billable[r]]
    assert len(rows) >= 1500
    chapters = Counter(sample.codes[sample.ancestors(r)[-1]] for r in rows)
    assert sorted(chapters, key=int) == [str(n) for n in range(1, 23)]
    # chapter 22 has no more than three codes in use
    assert all(n >= 50 for chapter, n in chapters.items() if chapter != "22")


def test_a_sample_says_what_the_full_release_says(sample: CodeTable, full_table: CodeTable) -> None:
    for row, code in enumerate(sample.codes):
        there = full_table.row_of[code]
        assert sample.title(row) == full_table.title(there)
        assert sample.notes_of(row) == full_table.notes_of(there)
        assert [sample.codes[r] for r in sample.ancestors(row)] == [
            full_table.codes[r] for r in full_table.ancestors(there)
        ]
        assert sample.billable[row] == full_table.billable[there]


def test_nothing_is_there_without_a_billable_code(sample: CodeTable) -> None:
    assert all(sample.leaves(row) for row in range(len(sample)))


@pytest.mark.parametrize(
    "codes",
    [
        # what everyday care cannot do without
        ["I10", "E11.9", "E78.5", "J45.909", "F41.9", "M54.50", "N39.0", "Z00.00", "Z23", "J06.9"],
        ["A41.9", "I21.4", "J96.01", "N17.9", "I63.9", "J18.9", "E87.1", "I50.23", "K92.2", "R65.21"],
        # where a right side is in, so is the left
        ["M17.11", "M17.12", "M25.561", "M25.562", "S93.401A", "S93.402A", "H25.11", "H25.12"],
    ],
)
def test_common_codes_are_there(sample: CodeTable, codes: list[str]) -> None:
    assert [c for c in codes if c not in sample] == []


NOTE = """\
HPI: 67-year-old man with a cough for three days. No fever.

Assessment and plan:
1. Essential hypertension, well controlled. Continue lisinopril.
2. Gout. Continue allopurinol.
3. Mild intermittent asthma, no wheeze today. Albuterol as needed.
"""


def test_the_sample_runs_the_library(sample_coder: Coder, sample: CodeTable) -> None:
    result = sample_coder.suggest(NOTE)
    codes = [s.code for s in result]
    assert {"I10", "M10.9", "J45.20"} <= set(codes)
    diagnoses = [s for s in (*result.suggestions, *result.candidates) if s.system == "ICD-10-CM"]
    assert all(sample.billable[sample.row_of[s.code]] for s in diagnoses)
    assert "R50.9" not in codes
    assert all(NOTE[e.start : e.end] == e.text for s in result for e in s.evidence)


def _cpt_rows() -> list[dict[str, str]]:
    with (CPT / "codes.csv").open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file))


def test_cpt_rows_are_well_formed() -> None:
    rows = _cpt_rows()
    codes = [r["code"] for r in rows]
    assert len(rows) >= 300
    assert codes == sorted(set(codes))
    assert all(len(c) == 5 and c.isascii() and c[:4].isdigit() for c in codes)
    # our own wording: no two services read alike
    told = Counter(r["description"].lower() for r in rows)
    assert [d for d, n in told.items() if n > 1] == []
    assert all(len(r["description"]) >= 7 for r in rows if r["category"] != "laboratory")


@pytest.mark.parametrize(
    ("first", "last", "least"),
    [
        ("10000", "19999", 60),  # skin and breast
        ("20000", "29999", 60),  # bones and joints
        ("30000", "32999", 30),  # nose, airways, lungs
        ("33000", "37999", 40),  # heart and vessels
        ("40000", "49999", 60),  # digestive
        ("50000", "53999", 30),  # urinary
        ("54000", "55999", 15),  # male
        ("56000", "59999", 30),  # female and birth
        ("60000", "64999", 30),  # glands and nerves
        ("65000", "69999", 25),  # eye and ear
        ("70000", "79999", 80),  # imaging
        ("80000", "89999", 60),  # laboratory
        ("90000", "99199", 80),  # medicine, vaccines, therapy
        ("99200", "99499", 40),  # visits
    ],
)
def test_cpt_sample_covers_every_part(first: str, last: str, least: int) -> None:
    assert sum(first <= r["code"] <= last for r in _cpt_rows()) >= least


def test_cpt_files_are_plain_csv() -> None:
    data = (CPT / "codes.csv").read_bytes()
    assert b"\r" not in data and data.endswith(b"\n")
    with (CPT / "codes.csv").open(encoding="ascii", newline="") as file:
        assert {len(row) for row in csv.reader(file)} == {21}


def test_cpt_comes_with_its_notice() -> None:
    notice = " ".join((CPT / "NOTICE").read_text(encoding="utf-8").split())
    assert "registered trademark of the American Medical Association" in notice
    assert "copyright of the American Medical Association" in notice
    assert "our own plain wording" in notice
    assert "no substitute for the licensed code set" in notice
    assert "NOTICE" in (CPT / "README.md").read_text(encoding="utf-8")
