"""The official index files: read whole or refused whole, with every fault named by file and line."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.codes.drugtable import DrugCodes, DrugTable, drug_codes
from cac.codes.indexfiles import IndexFiles, plain_code, read_index_files
from cac.codes.indexpaths import Paths, alternatives, bare_title
from cac.codes.table import CodeTable
from cac.errors import CacError, TableError

FILES = Path(__file__).parent / "indexfiles"


@pytest.fixture(scope="module")
def files() -> IndexFiles:
    return read_index_files(FILES)


def test_a_folder_of_four(files: IndexFiles) -> None:
    assert [(f.kind, f.name, f.version, f.lines) for f in files.files] == [
        ("disease", "disease.xml", "2026", 10),
        ("external", "external.xml", "2026", 3),
        ("neoplasm", "neoplasm.xml", "2026", 3),
        ("drug", "drug.xml", "2026", 5),
    ]


def test_a_zip_and_single_files_give_the_same(files: IndexFiles, tmp_path: Path) -> None:
    archive = tmp_path / "index.zip"
    with zipfile.ZipFile(archive, "w") as z:
        for path in sorted(FILES.glob("*.xml")):
            z.write(path, f"inner/{path.name}")
        z.writestr("inner/tabular.xml", "<ICD10CM.tabular/>")
        z.writestr("readme.txt", "not an index")
    assert read_index_files(archive) == files
    named = [FILES / f"{k}.xml" for k in ("neoplasm", "drug", "external", "disease")]
    assert read_index_files(named) == files
    assert read_index_files(named).digest == files.digest
    assert read_index_files(str(FILES / "drug.xml")).digest != files.digest


def test_terms_keep_their_place_and_their_optional_words(files: IndexFiles) -> None:
    rash, group, swelling, plants = files.diseases[:4]
    assert (rash.title, rash.optional, rash.code) == (
        "Blister-beetle rash NEC",
        ("seasonal", "vesicular"),
        "L24.89",
    )
    assert (group.title, group.code, group.parent) == ("with", "", 0)
    assert (swelling.code, swelling.parent) == ("H02.84", 1)
    assert (plants.title, plants.parent) == ("due to, caused by plants", 0)
    assert files.manifestations == (("E85.4", "I43"),)


def test_codes_of_tables_by_column(files: IndexFiles) -> None:
    assert files.neoplasms[1].codes == ("C41.9", "C79.51", "", "D16.9", "D48.0", "D49.2")
    assert files.drugs[1].codes == ("T54.2X1", "T54.2X2", "T54.2X3", "T54.2X4", "", "")


def test_unknown_codes_are_findings(files: IndexFiles, full_table: CodeTable) -> None:
    assert files.unknown_codes(full_table) == ("Q99.88",)


def _with(tmp_path: Path, kind: str, old: str, new: str) -> Path:
    text = (FILES / f"{kind}.xml").read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path = tmp_path / f"{kind}.xml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("kind", "old", "new", "message"),
    [
        ("disease", "<code>L24.89</code>", "<code>24.89</code>", r"disease.xml:9: '24.89' is no code"),
        ("disease", '<term level="2">', '<term level="3">', r":12: level 3 stands at depth 2"),
        ("disease", "<title>elbow</title>", "", r": a term has one title"),
        ("disease", "<title>elbow</title>", "<title> </title>", r": a term has one title, not empty"),
        ("disease", "<manif>I43</manif>", "<cell col='2'>I43</cell>", r"<cell> has no place in the disease"),
        ("disease", "<code>J65</code>", "<code></code>", r"<code> is empty"),
        (
            "disease",
            "<seeAlso>Nowhere, at all</seeAlso>",
            "<hint>no</hint>",
            r"<hint> is not known in",
        ),
        ("disease", "<version>2026</version>", "<index>2026</index>", r":3: <index> is not known here"),
        ("external", "<mainTerm>", "<mainterm>", r"external.xml:\d+: no well-formed XML"),
        ("neoplasm", '<cell col="7">D49.2', '<cell col="8">D49.2', r"column '8' does not exist"),
        ("neoplasm", '<cell col="7">D49.2', '<cell col="6">D49.2', r"column 6 is given twice"),
        ("neoplasm", '<cell col="4">-<', '<cell col="4">?<', r"'\?' is no code"),
        ("neoplasm", '<head col="7">', '<head col="9">', r"does not name the columns 1 to 7"),
        ("drug", '<cell col="2">T39.1X1</cell>', "<code>T39.1X1</code>", r"<code> has no place in the drug"),
        ("drug", "<ICD10CM.index>", "<!DOCTYPE x><ICD10CM.index>", r"declares a document type"),
        (
            "drug",
            "<ICD10CM.index>",
            '<!DOCTYPE x [<!ENTITY a "b">]><ICD10CM.index>',
            r"declares a document type or an entity",
        ),
    ],
)
def test_malformed_places(tmp_path: Path, kind: str, old: str, new: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read_index_files(_with(tmp_path, kind, old, new))


def test_all_malformed_places_are_reported_at_once(tmp_path: Path) -> None:
    _with(tmp_path, "disease", "<code>L24.89</code>", "<code>24.89</code>")
    _with(tmp_path, "drug", '<cell col="2">T39.1X1', '<cell col="2">X')
    with pytest.raises(TableError) as caught:
        read_index_files(tmp_path)
    assert [p.split(":")[0] for p in caught.value.problems] == ["disease.xml", "drug.xml"]


@pytest.mark.parametrize("what", ["nothing", "empty", "tabular", "twice", "zip", "huge"])
def test_what_cannot_be_used(tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    paths: list[Path] = [tmp_path / "x.xml"]
    if what == "empty":
        paths = [tmp_path]
    elif what == "tabular":
        paths[0].write_text("<ICD10CM.tabular/>", encoding="utf-8")
    elif what == "twice":
        paths = [FILES, tmp_path / "again.xml"]
        paths[1].write_bytes((FILES / "drug.xml").read_bytes())
    elif what == "zip":
        paths = [tmp_path / "x.zip"]
        paths[0].write_bytes(b"PK no zip")
    elif what == "huge":
        monkeypatch.setattr("cac.codes.indexxml.LARGEST", 100)
        paths = [FILES / "drug.xml"]
    with pytest.raises(TableError):
        read_index_files(paths)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 2000))
def test_damaged_files_give_one_clear_error_or_are_read(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int
) -> None:
    data = (FILES / "disease.xml").read_bytes()
    path = tmp_path_factory.mktemp("damaged") / "disease.xml"
    path.write_bytes(data[:at] + junk + data[at:])
    with suppress(CacError):
        assert read_index_files(path).files


@pytest.mark.parametrize(
    ("reference", "title"),
    [
        ("Stonecutter's, lung", "lung"),
        ("stonecutter's, LUNG, tuberculous NEC", "tuberculous"),
        ("Blister-beetle rash, with, eyelid swelling", "eyelid swelling"),
        ("Blister-beetle rash, plants", "due to, caused by plants"),
        ("Blister-beetle rash, caused by plants", "due to, caused by plants"),
        ("Stonecutter's, by site", "Stonecutter's"),
        ("Stonecutter's, tub", None),
        ("Brimstone lung", "Brimstone lung, lungs"),
        ("Nowhere, at all", None),
        ("", None),
    ],
)
def test_references(files: IndexFiles, reference: str, title: str | None) -> None:
    at = Paths(files.diseases).find(reference)
    assert (files.diseases[at].title if at is not None else None) == title


def test_titles() -> None:
    assert bare_title("Disorder NEC") == "Disorder"
    assert alternatives("boat, boating") == ("boat", "boating")
    assert alternatives("cutting or piercing, blunt") == ("cutting or piercing, blunt",)
    assert [plain_code(c) for c in ("C79.8-", "X58", "S01.", "-", "--")] == ["C79.8", "X58", "S01", "", ""]


@pytest.mark.parametrize(
    ("name", "accidental", "adverse"),
    [
        ("Zanzibarin", "T39.1X1", "T39.1X5"),
        ("zanzi brand", "T39.1X1", "T39.1X5"),
        ("zanzibarin oxide", "T54.2X1", ""),
        ("Oxide, zanzibarin", "T54.2X1", ""),
    ],
)
def test_drug_codes(files: IndexFiles, name: str, accidental: str, adverse: str) -> None:
    found = drug_codes(name, files)
    assert isinstance(found, DrugCodes)
    assert (found.accidental, found.adverse_effect) == (accidental, adverse)


def test_drugs_that_lead_nowhere(files: IndexFiles) -> None:
    # "Zircle" and "Zorcle" refer to each other, which must end.
    assert drug_codes("zircle", files) is None
    assert drug_codes("", files) is None
    assert drug_codes("zanzibarin", IndexFiles(())) is None
    assert len(DrugTable(files.drugs)) == 4
