"""Official index files in the compiled index: what their words lead to, and that they never outrank ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from cac.coder import Coder
from cac.codes.indexfiles import IndexFiles, read_index_files
from cac.codes.table import CodeTable
from cac.config import Config
from cac.errors import ConfigError, TableError
from cac.match.index import TermIndex
from cac.match.official import OfficialTerm, index_findings, official_terms

FILES = Path(__file__).parents[1] / "codes" / "indexfiles"


@pytest.fixture(scope="module")
def files() -> IndexFiles:
    return read_index_files(FILES)


@pytest.fixture(scope="module")
def official(files: IndexFiles, full_table: CodeTable) -> frozenset[OfficialTerm]:
    return frozenset(official_terms(files, full_table))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("blister-beetle rash", "L24.89"),
        ("vesicular blister-beetle rash", "L24.89"),  # a nonessential modifier
        ("blister-beetle rash with eyelid swelling", "H02.84"),
        ("blister-beetle rash plants", "L24.7"),  # connecting words are not words of the condition
        ("brimstone lung lungs", "J62.8"),  # "see"
        ("brimstone lung lungs tuberculous", "J65"),  # and what stands below it
        ("toppling garden gnome", "W20.8"),
        ("toppling barrow", "W20.8"),
        ("cancer of gimlet", "C41.9"),
        ("metastasis to gimlet", "C79.51"),
        ("benign neoplasm of gimlet", "D16.9"),
        ("neoplasm of uncertain behavior of gimlet", "D48.0"),
        ("neoplasm of borer", "D49.2"),
    ],
)
def test_words_and_where_they_lead(official: frozenset[OfficialTerm], text: str, code: str) -> None:
    assert code in {t.code for t in official if t.text == text}


def test_what_makes_no_term(official: frozenset[OfficialTerm]) -> None:
    codes = {t.code for t in official}
    assert "Q99.88" not in codes  # the release does not have it
    assert not any("in situ" in t.text for t in official)  # the column is empty
    assert "C80.1" not in codes  # "neoplasm" without a site is ours to code


def test_findings(files: IndexFiles, full_table: CodeTable) -> None:
    found = {(f.kind, f.where, f.message) for f in index_findings(files, full_table)}
    assert found == {
        ("unknown_code", "", "Q99.88 is not in the release"),
        ("reference", "disease", "'Nowhere, at all' leads nowhere"),
    }


@pytest.fixture(scope="module")
def supplied() -> Coder:
    return Coder(Config(index_files=FILES))


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ("Assessment: vesicular blister beetle rash.", "L24.89"),
        ("Assessment: rash of blister-beetle.", "L24.89"),
        ("Assessment: brimstone lung with tuberculous changes", "J65"),
        ("Assessment: metastasis to the gimlet.", "C79.51"),
        ("Assessment: gimlet cancer.", "C41.9"),
    ],
)
def test_supplied_files_are_used(supplied: Coder, coder: Coder, note: str, code: str) -> None:
    assert code in {s.code for s in supplied.suggest(note, scope="documented")}
    assert code not in {s.code for s in coder.suggest(note, scope="documented")}


def test_rows_of_the_package_win(supplied: Coder, coder: Coder) -> None:
    for note in ("Assessment: acute appendicitis.", "Assessment: breast cancer, left.", "Impression: gout."):
        assert [s.code for s in supplied.suggest(note)] == [s.code for s in coder.suggest(note)]


def test_the_index_is_kept_apart_by_digest(files: IndexFiles, full_table: CodeTable) -> None:
    without = TermIndex.open(full_table)
    with_files = TermIndex.open(full_table, files=files)
    assert with_files.arrays["counts"][1] > without.arrays["counts"][1]
    assert "gimlet" in with_files.ids
    # Neither replaced the other in the cache: both open without being built again.
    said: list[str] = []
    TermIndex.open(full_table, files=files, progress=said.append)
    TermIndex.open(full_table, progress=said.append)
    assert said == []


def test_index_files_of_a_configuration(supplied: Coder, tmp_path: Path) -> None:
    assert supplied.release().index_files is not None
    assert supplied.release().index_files.manifestations == (("E85.4", "I43"),)  # type: ignore[union-attr]
    assert Config(index_files=[FILES]) == Config(index_files=(FILES,))  # type: ignore[arg-type]
    for nothing in ((), "", 3, [None]):
        with pytest.raises(ConfigError):
            Config(index_files=nothing)  # type: ignore[arg-type]
    with pytest.raises(TableError):
        Coder(Config(index_files=tmp_path))
