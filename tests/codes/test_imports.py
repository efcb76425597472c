"""Importing from end to end: licence first, everything checked, written in one step or not at all."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cac
from cac.codes.cpt_files import read_cpt
from cac.codes.hcpcs_files import read_hcpcs
from cac.codes.imports import load_codes
from cac.codes.ncci_files import load_mue, load_ncci, read_mue, read_ncci
from cac.codes.sourcefiles import Source, decode
from cac.codes.userdata import data_folder, imported_sets, open_set, remove_set
from cac.errors import ConfigError, LicenceError, TableError

CPT = {
    "LONGULT.txt": b"A notice.\r\n9990A\tREPAIR OF KITE, OPEN; WITH TAIL\r\n9991A\tPICTURE OF CAF\xc9\r\n",
    "SHORTU.txt": b"9990A RPR KITE OPN\r\n9991A PICTURE\r\n9992A LANTERN\r\n",
    "ConsumerDescriptor.txt": b"\xef\xbb\xbfConcept Id\tCPT Code\tConsumer\n1\t9990A\tMend\n",
    "PPRRVU99.csv": b",,,STATUS,GLOB\r\nHCPCS,MOD,DESCRIPTION,CODE,DAYS\r\n9990A,,Rpr kite open,A,010\r\n",
    "manual.pdf": b"%PDF",
    "readme.txt": b"How to use it.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The user's data folder of a test."""
    return tmp_path / "data"


def write(place: Path, files: dict[str, bytes]) -> Path:
    place.mkdir(exist_ok=True)
    for name, data in files.items():
        (place / name).write_bytes(data)
    return place


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return write(
        tmp_path / "cpt",
        CPT | {"PPRRVU99.csv": CPT["PPRRVU99.csv"].replace(b"Rpr kite opn", b"RPR KITE OPN")},
    )


def test_a_folder_of_cpt_files(files: Path, folder: Path) -> None:
    done = cac.import_cpt(files, accept_licence=True, data_dir=folder)
    assert (done.name, done.rows) == ("cpt", 3)
    assert dict(done.counts) == {
        "long": 2,
        "short": 3,
        "consumer": 1,
        "cms_short": 1,
        "status": 1,
        "global_days": 1,
    }
    read = {f["name"]: f.get("format", f.get("left out")) for f in done.files}
    assert read == {
        "LONGULT.txt": "descriptors",
        "SHORTU.txt": "descriptors",
        "ConsumerDescriptor.txt": "headed",
        "PPRRVU99.csv": "fee schedule",
        "manual.pdf": "not a text file",
        "readme.txt": "no layout that is known",
    }
    table = load_codes("cpt", folder)
    assert table is not None
    assert list(table) == ["9990A", "9991A", "9992A"]
    assert table.get("9990A", "long") == "REPAIR OF KITE, OPEN; WITH TAIL"
    assert table.get("9991A", "long") == "PICTURE OF CAFÉ"
    assert table.get("9990A", "global_days") == "010"
    assert [table.describe(c) for c in table] == [
        "REPAIR OF KITE, OPEN; WITH TAIL",
        "PICTURE OF CAFÉ",
        "LANTERN",
    ]
    assert ("9990A" in table, "12345" in table, table.get("12345", "long")) == (True, False, "")
    assert imported_sets(folder) == (done,)


def test_a_zip_gives_the_same(files: Path, folder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "cpt.zip"
    with zipfile.ZipFile(archive, "w") as z:
        for path in sorted(files.iterdir()):
            z.write(path, path.name)
    assert cac.import_cpt(archive, accept_licence=True, data_dir=folder) == cac.import_cpt(
        files, accept_licence=True, data_dir=tmp_path / "other"
    )


@pytest.mark.parametrize("accept", [False, None, "yes", 1, "True"])
def test_without_the_licence_nothing_is_read_or_written(accept: Any, files: Path, folder: Path) -> None:
    with pytest.raises(LicenceError, match="licence of the AMA"):
        cac.import_cpt(files, accept_licence=accept, data_dir=folder)
    with pytest.raises(LicenceError):
        cac.import_cpt("no such file", accept_licence=accept, data_dir=folder)
    assert not folder.exists()


def test_the_licence_is_no_positional_argument(files: Path) -> None:
    with pytest.raises(TypeError):
        cac.import_cpt(files, True)  # type: ignore[misc]
    with pytest.raises(TypeError):
        cac.import_cpt(files)  # type: ignore[call-arg]


def test_bad_rows_of_all_files_are_named_and_nothing_is_kept(files: Path, folder: Path) -> None:
    cac.import_cpt(files, accept_licence=True, data_dir=folder)
    before = (folder / "cpt.imported").read_bytes()
    write(files, {"LONGULT.txt": b"9990A\tKITE\n999\tx\n", "SHORTU.txt": b"9990A RPR KITE OPN\n9991A\n"})
    with pytest.raises(TableError) as caught:
        cac.import_cpt(files, accept_licence=True, data_dir=folder)
    assert [p.split(": ")[0] for p in caught.value.problems] == ["LONGULT.txt:2", "SHORTU.txt:2"]
    assert (folder / "cpt.imported").read_bytes() == before


def test_files_that_contradict_each_other_are_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(TableError, match=r"SHORT2\.txt: 9990A has another short text than in SHORT1\.txt"):
        two = {"SHORT1.txt": b"9990A RPR KITE\n", "SHORT2.txt": b"9990A LANTERN\n"}
        cac.import_cpt(write(tmp_path / "cpt", two), accept_licence=True, data_dir=folder)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("files_", "message"),
    [
        ({}, "nothing to import: the folder is empty"),
        ({"a.pdf": b"x", "b.txt": b"words"}, r"a\.pdf: not a text file; b\.txt: no layout that is known"),
        ({"a.csv": b"code,description\nA9999,Kite\n"}, "the files hold no CPT codes"),
        ({"a.csv": b"code,description\n\x81\x8d,Kite\n"}, "neither UTF-8 nor Windows-1252"),
    ],
)
def test_nothing_usable(files_: dict[str, bytes], message: str, tmp_path: Path, folder: Path) -> None:
    with pytest.raises(TableError, match=message):
        cac.import_cpt(write(tmp_path / "cpt", files_), accept_licence=True, data_dir=folder)
    assert not folder.exists()


def test_an_interrupted_write_leaves_the_old_set(
    files: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cac.import_cpt(files, accept_licence=True, data_dir=folder)
    before = (folder / "cpt.imported").read_bytes()
    write(files, {"SHORTU.txt": b"9993A OTHER\n", "PPRRVU99.csv": b"no"})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        cac.import_cpt(files, accept_licence=True, data_dir=folder)
    monkeypatch.undo()
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        cac.import_cpt(files, accept_licence=True, data_dir=folder)
    assert (folder / "cpt.imported").read_bytes() == before
    assert [p.name for p in folder.iterdir()] == ["cpt.imported"]
    monkeypatch.undo()
    assert cac.import_cpt(files, accept_licence=True, data_dir=folder).rows == 3


def test_an_import_replaces_the_one_before(files: Path, folder: Path, tmp_path: Path) -> None:
    cac.import_cpt(files, accept_licence=True, data_dir=folder)
    other = write(tmp_path / "two", {"my.csv": b"code,description\n99999,Lantern\n"})
    cac.import_cpt(other, accept_licence=True, data_dir=folder)
    table = load_codes("cpt", folder)
    assert table is not None and list(table) == ["99999"]


HCPCS = b"Code,Description,Term Dt\nA9999,Kite,\nA9998,Old kite,20201231\nD9999,Tooth,\n"
NCCI = b"Column 1,Column 2,Effective,Deletion,Modifier\n9990A,9991A,20200101,*,1\n"
MUE = b"Code,MUE Values,MAI\n9990A,2,3 Date of Service Edit\n"


@pytest.mark.parametrize(
    ("run", "name", "data", "rows"),
    [
        (cac.import_hcpcs, "hcpcs", HCPCS, 2),
        (cac.import_ncci, "ncci", NCCI, 1),
        (cac.import_mue, "mue", MUE, 1),
    ],
)
def test_the_public_files(
    run: Callable[..., Any], name: str, data: bytes, rows: int, tmp_path: Path, folder: Path
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(data.replace(b"\n", b"\r\n"))
    done = run(path, data_dir=folder)
    assert (done.name, done.rows) == (name, rows)
    assert [f["name"] for f in done.files] == ["file.csv"]
    assert imported_sets(folder) == (done,)
    before = (folder / f"{name}.imported").read_bytes()
    path.write_bytes(data + b"999,x\n")
    with pytest.raises(TableError, match=r"file\.csv:"):
        run(path, data_dir=folder)
    assert (folder / f"{name}.imported").read_bytes() == before
    assert remove_set(name, folder) and not remove_set(name, folder)
    assert imported_sets(folder) == ()


def test_what_was_imported_is_asked(tmp_path: Path, folder: Path) -> None:
    for name, data in (("h.csv", HCPCS), ("n.csv", NCCI), ("m.csv", MUE)):
        (tmp_path / name).write_bytes(data)
    cac.import_hcpcs(tmp_path / "h.csv", data_dir=folder)
    cac.import_ncci(tmp_path / "n.csv", data_dir=folder)
    cac.import_mue(tmp_path / "m.csv", data_dir=folder)
    table, pairs, units = load_codes("hcpcs", folder), load_ncci(folder), load_mue(folder)
    assert table is not None and table.get("A9998", "terminated") == "2020-12-31"
    assert pairs is not None and pairs.indicator("9990A", "9991A") == 1
    assert units is not None and units.get("9990A") == (2, 3)
    assert [s.name for s in imported_sets(folder)] == ["hcpcs", "mue", "ncci"]
    assert pickle.loads(pickle.dumps(imported_sets(folder))) == imported_sets(folder)


def test_the_parts_of_the_pairs_are_read_together(tmp_path: Path, folder: Path) -> None:
    parts = write(tmp_path / "ptp", {"f1.csv": NCCI, "f2.csv": NCCI.replace(b"9991A", b"9992A")})
    assert cac.import_ncci(parts, data_dir=folder).rows == 2
    write(parts, {"f3.csv": NCCI})
    with pytest.raises(TableError, match="the same pair stands in several files"):
        cac.import_ncci(parts, data_dir=folder)


def test_units_of_two_service_types_are_refused(tmp_path: Path, folder: Path) -> None:
    both = write(tmp_path / "mue", {"a.csv": MUE, "b.csv": MUE.replace(b"A,2", b"A,4")})
    with pytest.raises(TableError, match="import one service type"):
        cac.import_mue(both, data_dir=folder)


def test_nothing_imported(folder: Path) -> None:
    assert (load_codes("cpt", folder), load_ncci(folder), load_mue(folder)) == (None, None, None)
    assert imported_sets(folder) == ()


def test_a_damaged_set_is_shown_and_refused(files: Path, folder: Path) -> None:
    cac.import_cpt(files, accept_licence=True, data_dir=folder)
    path = folder / "cpt.imported"
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(TableError, match="import it again"):
        load_codes("cpt", folder)
    (shown,) = imported_sets(folder)
    assert "import it again" in shown.damaged
    assert cac.import_cpt(files, accept_licence=True, data_dir=folder).damaged == ""


def test_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert data_folder(tmp_path) == tmp_path
    monkeypatch.setenv("CAC_DATA_DIR", str(tmp_path / "named"))
    assert data_folder() == tmp_path / "named"
    monkeypatch.delenv("CAC_DATA_DIR")
    assert data_folder().name == "cac"
    for ask in (open_set, remove_set):
        with pytest.raises(ConfigError, match="unknown set"):
            ask("icd", tmp_path)


def test_no_text_of_a_licensed_set_in_repr(files: Path, folder: Path) -> None:
    done = cac.import_cpt(files, accept_licence=True, data_dir=folder)
    assert "KITE" not in repr(done) + repr(load_codes("cpt", folder))


_PIECES = st.sampled_from(
    ["9990A", "A9999", "999", "\t", ",", ";", "\n", "\r\n", '"', "KITE", "code", "description", "CPT Code",
     "HCPCS", "MOD", "DESCRIPTION", "CODE", "STATUS", "20200101", "*", "1", "3 Day", "  ", "\x00", "é"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=40).map("".join), st.sampled_from(["LONGULT.txt", "x.csv", "PPRRVU.csv"]))
@settings(max_examples=200, deadline=None)
def test_any_file_is_read_or_refused(text: str, name: str) -> None:
    for read in (read_cpt, read_hcpcs, read_ncci, read_mue):
        try:
            file = read(Source(name, decode(text.encode(), name), ""))
        except TableError as error:
            assert name in str(error)
            continue
        if file is not None:
            assert all(p.startswith(f"{name}:") for p in file.problems)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        assert isinstance(decode(data, "x"), str)
    except TableError as error:
        assert str(error).startswith("x: ")
