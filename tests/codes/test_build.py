from __future__ import annotations

import csv
import gzip
import hashlib
import importlib.util
import io
import tomllib
from pathlib import Path

import pytest

from cac.codes.build import main, read_tabular
from cac.codes.releases import known_releases
from cac.codes.source import tree_order
from cac.errors import TableError
from cac.resources import data_path

XML = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2099</version>
  <introduction/>
  <chapter>
    <name>2</name><desc>Second chapter (S00-T14)</desc>
    <includes><note>whatever   is
      included</note></includes>
    <sectionIndex><sectionRef first="S00" last="S09" id="S00-S09">Injuries</sectionRef></sectionIndex>
    <section id="S00-T14"><desc>A range without a category (S00-T14)</desc></section>
    <section id="T07">
      <desc>Injuries of many regions (T07)</desc>
      <excludes1><note>of both (T20)</note><note>of the block (T33)</note></excludes1>
      <diag>
        <name>T07</name><desc>Unspecified multiple injuries</desc>
        <excludes1><note>of both (T20)</note></excludes1>
        <sevenChrNote><note>Add the 7th character</note></sevenChrNote>
        <sevenChrDef>
          <extension char="A">initial encounter</extension>
          <extension char="S">sequela</extension>
        </sevenChrDef>
      </diag>
    </section>
    <section id="S00-S09">
      <desc>Injuries to the head (S00-S09)</desc>
      <diag>
        <name>S01</name><desc>Open wound</desc>
        <useAdditionalCode><note>code for infection</note></useAdditionalCode>
        <sevenChrDef>
          <extension char="A">initial encounter</extension>
          <note>\tfirst  visit</note>
          <extension char="D">subsequent encounter</extension>
        </sevenChrDef>
        <diag>
          <name>S01.1</name><desc>Open wound of eyelid</desc>
          <diag><name>S01.11</name><desc>Laceration</desc></diag>
          <diag>
            <name>S01.12</name><desc>Puncture</desc>
            <inclusionTerm><note>stab</note></inclusionTerm>
            <sevenChrDef><extension char="B">other</extension></sevenChrDef>
          </diag>
        </diag>
        <diag><name>S01.8</name><desc>Other, without visits</desc></diag>
      </diag>
    </section>
  </chapter>
  <chapter><name>1</name><desc>First chapter</desc>
    <section id="A00-A09"><desc>Infections</desc>
      <diag><name>A05</name><desc>Later</desc></diag>
      <diag><name>A00</name><desc>Earlier</desc></diag>
    </section>
  </chapter>
</ICD10CM.tabular>
"""
LISTING = """1
A00-A09
A00
A05
2
S00-T14
S00-S09
S01
S011
S0111
S0111XA
S0112
S0112XB
S018
T07
T07XXXA
T07XXXS
T07
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder as pip --target leaves it, with a release of our own making."""
    data = tmp_path / "source" / "simple_icd_10_cm" / "data"
    data.mkdir(parents=True)
    (data / "tabular.xml").write_text(XML, encoding="utf-8")
    (data / "codes.txt").write_text(LISTING, encoding="utf-8")
    info = tmp_path / "source" / "simple_icd_10_cm-1.4.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: simple-icd-10-cm\nVersion: 1.4.0\n")
    return tmp_path / "source"


def test_tree_of_a_small_source() -> None:
    codes, _ = read_tabular(XML.encode(), LISTING)
    assert [(r["code"], r["parent"], r["kind"], r["billable"]) for r in codes] == [
        ("1", "", "chapter", "0"),
        ("A00-A09", "1", "block", "0"),
        ("A00", "A00-A09", "category", "1"),
        ("A05", "A00-A09", "category", "1"),
        ("2", "", "chapter", "0"),
        # a block without categories is not billable, wherever it stands
        ("S00-T14", "2", "block", "0"),
        ("S00-S09", "2", "block", "0"),
        ("S01", "S00-S09", "category", "0"),
        ("S01.1", "S01", "subcategory", "0"),
        # generated with placeholders, and only as far as the list of codes has them (no S01.11XD)
        ("S01.11", "S01.1", "subcategory", "0"),
        ("S01.11XA", "S01.11", "code", "1"),
        # the nearest definition of the 7th character counts
        ("S01.12", "S01.1", "subcategory", "0"),
        ("S01.12XB", "S01.12", "code", "1"),
        # none listed: the code itself is billable
        ("S01.8", "S01", "code", "1"),
        # the block of the same name is gone, one row a code
        ("T07", "2", "category", "0"),
        ("T07.XXXA", "T07", "code", "1"),
        ("T07.XXXS", "T07", "code", "1"),
    ]


def test_titles_of_a_small_source() -> None:
    titles = {r["code"]: r["title"] for r in read_tabular(XML.encode(), LISTING)[0]}
    assert titles["S01.11XA"] == "Laceration, initial encounter / first visit"
    assert titles["T07"] == "Unspecified multiple injuries"


def test_notes_of_a_small_source() -> None:
    _, notes = read_tabular(XML.encode(), LISTING)
    assert [tuple(note.values()) for note in notes] == [
        ("2", "includes", "whatever is included"),
        ("S01", "use_additional", "code for infection"),
        ("S01", "seventh_character", "A: initial encounter / first visit"),
        ("S01", "seventh_character", "D: subsequent encounter"),
        ("S01.12", "inclusion_term", "stab"),
        ("S01.12", "seventh_character", "B: other"),
        ("T07", "excludes1", "of both (T20)"),
        ("T07", "note", "Add the 7th character"),
        ("T07", "seventh_character", "A: initial encounter"),
        ("T07", "seventh_character", "S: sequela"),
        ("T07", "excludes1", "of the block (T33)"),
    ]


@pytest.mark.parametrize(
    ("xml", "listing", "problem"),
    [
        (XML, LISTING + "Z99\n", "Z99: only in the list of codes"),
        (XML, LISTING.replace("A05\n", ""), "A05: only in the tabular list"),
        (XML[:-40], LISTING, "not XML"),
    ],
)
def test_a_source_that_disagrees_with_itself_is_refused(xml: str, listing: str, problem: str) -> None:
    with pytest.raises(TableError, match=problem):
        read_tabular(xml.encode(), listing)


def test_same_source_same_bytes(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # the installed package is left out, so that only the small release is compiled
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for name in ("a", "b"):
        assert main(["--out", str(tmp_path / name), "--source", f"2025-04={package}"]) == 0
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == ["2025-04.csv.gz", "2025-04.notes.csv.gz", "SOURCE.toml"]
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    header = (tmp_path / "a" / "2025-04.csv.gz").read_bytes()[:10]
    assert header[3] == 0, "no file name in the header"
    assert header[4:8] == b"\x00" * 4, "no time in the header"


def test_releases_without_a_source_are_kept(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    (tmp_path / "SOURCE.toml").write_text('["2026-04"]\nrows = 5\norigin = "elsewhere"\n')
    assert main(["--out", str(tmp_path), "--source", f"2025-04={package / 'simple_icd_10_cm'}"]) == 0
    facts = tomllib.loads((tmp_path / "SOURCE.toml").read_text())
    assert facts["2026-04"] == {"rows": 5, "origin": "elsewhere"}
    assert (facts["2025-04"]["rows"], facts["2025-04"]["billable"]) == (17, 7)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        # a package of another version than the release is compiled from
        ("2026-04={package}", "is in version 1.5.0, not 1.4.0"),
        ("1999={package}", "RELEASE one of 2025-04, 2026-04"),
        ("{package}", "takes RELEASE=DIR"),
        ("2025-04={package}/nowhere", "no folder simple_icd_10_cm/data"),
    ],
)
def test_sources_that_cannot_be_used(
    package: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    source: str,
    problem: str,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    out = tmp_path / "out"
    assert main(["--out", str(out), "--source", source.format(package=package)]) == 1
    captured = capsys.readouterr()
    assert problem in captured.err
    assert captured.out == ""
    assert not out.exists() or list(out.iterdir()) == []


# --- what is shipped


def _facts() -> dict[str, dict[str, str | int]]:
    return tomllib.loads(data_path("icd10cm/SOURCE.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("release", [release.name for release in known_releases()])
def test_shipped_files_are_those_of_source_toml(release: str) -> None:
    facts = _facts()[release]
    for label, name in (("codes", f"{release}.csv.gz"), ("notes", f"{release}.notes.csv.gz")):
        packed = data_path(f"icd10cm/{name}").read_bytes()
        text = gzip.decompress(packed)
        assert hashlib.sha256(packed).hexdigest() == facts[f"{label}_gz_sha256"]
        assert hashlib.sha256(text).hexdigest() == facts[f"{label}_csv_sha256"]
        rows = list(csv.DictReader(io.StringIO(text.decode("utf-8"), newline="")))
        assert len(rows) == facts["rows" if label == "codes" else "notes"]
        if label == "codes":
            assert [row["code"] for row in tree_order(rows)] == [row["code"] for row in rows]
            assert sum(row["billable"] == "1" for row in rows) == facts["billable"]


def test_source_toml_covers_the_known_releases() -> None:
    assert {name: (f["valid_from"], f["valid_to"]) for name, f in _facts().items()} == {
        r.name: (r.valid_from.isoformat(), r.valid_to.isoformat() if r.valid_to else "")
        for r in known_releases()
    }


def test_package_data_stay_small() -> None:
    folder = Path(str(data_path("icd10cm")))
    assert sum(path.stat().st_size for path in folder.iterdir()) < 4_000_000


@pytest.mark.skipif(importlib.util.find_spec("simple_icd_10_cm") is None, reason="build extra not installed")
def test_the_installed_source_gives_the_shipped_release(tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path)]) == 0
    for name in ("2026-04.csv.gz", "2026-04.notes.csv.gz"):
        # the text: other versions of zlib may pack the same text differently
        shipped = gzip.decompress(data_path(f"icd10cm/{name}").read_bytes())
        assert gzip.decompress((tmp_path / name).read_bytes()) == shipped
    assert tomllib.loads((tmp_path / "SOURCE.toml").read_text())["2026-04"]["billable"] == 74_719
