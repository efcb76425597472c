"""Files of the user: any encoding and line end, folders and archives; what cannot be used is named."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.codes import sourcefiles
from cac.codes.sourcefiles import as_name, decode, delimiter_of, open_sources, rows_of
from cac.errors import TableError


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\nb\n", "a\nb\n"),
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"a\rb\r", "a\nb\n"),
        (b"\xef\xbb\xbfa\r\nb", "a\nb"),  # byte order mark
        ("é\n".encode(), "é\n"),
        (b"\xe9\n", "é\n"),  # Windows-1252
        (b"\xc3\xa9\n\xe9\n\x92s\n", "é\né\n’s\n"),  # both in one file
        (b"\xef\xbb\xbf\xc3\xa9\r\n\xe9", "é\né"),
        ("é\r\n".encode("utf-16"), "é\n"),
        ("a\u2028b\x85c\n".encode(), "a\u2028b\x85c\n"),  # no line ends
    ],
)
def test_text_is_read_whatever_its_encoding(data: bytes, text: str) -> None:
    assert decode(data, "x.txt") == text


@pytest.mark.parametrize("data", [b"a\x00b", b"\xff\xfea", b"fine\n\x81\xff\n\x8d\n"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(TableError, match=r"x\.txt"):
        decode(data, "x.txt")


def test_every_line_that_is_no_text_is_named() -> None:
    with pytest.raises(TableError) as caught:
        decode(b"ok\n\x81\nok\n\x8d\n", "x.txt")
    assert [p.split(": ")[0] for p in caught.value.problems] == ["x.txt:2", "x.txt:4"]


@given(st.text(alphabet=st.characters(exclude_characters="\r\x00\ufeff", exclude_categories=["Cs"])))
def test_utf8_comes_back(text: str) -> None:
    assert decode(text.encode(), "x") == text
    assert decode(text.replace("\n", "\r\n").encode(), "x") == text


def test_a_zip_a_folder_and_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "inner").mkdir(parents=True)
    (folder / "b.txt").write_text("b")
    (folder / "inner" / "a.CSV").write_text("a")
    (folder / "read.pdf").write_bytes(b"%PDF\x00")
    (folder / ".DS_Store").write_bytes(b"\x00")
    archive = tmp_path / "set.zip"
    with zipfile.ZipFile(archive, "w") as z:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            z.write(path, path.relative_to(folder))
        z.writestr("__MACOSX/._b.txt", b"\x00")
    for place in (folder, archive):
        found, left = open_sources(place)
        assert [(s.name, s.text) for s in found] == [("b.txt", "b"), ("inner/a.CSV", "a")]
        assert left == [("read.pdf", "not a text file")]
    assert [s.stem for s in open_sources(folder / "b.txt")[0]] == ["B"]


def test_nothing_and_broken_archives(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"none\.txt: no such file or folder"):
        open_sources(tmp_path / "none.txt")
    good = tmp_path / "good.zip"
    with zipfile.ZipFile(good, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a.txt", "abc" * 1000)
    data = bytearray(good.read_bytes())
    data[45:60] = bytes(15)
    (tmp_path / "bad.zip").write_bytes(data)
    with pytest.raises(TableError, match=r"bad\.zip: cannot be read|a\.txt"):
        open_sources(tmp_path / "bad.zip")


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sourcefiles, "MAX_BYTES", 10)
    (tmp_path / "big.txt").write_text("x" * 11)
    archive = tmp_path / "big.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("big.txt", "x" * 11)
    for place in (tmp_path / "big.txt", archive):
        with pytest.raises(TableError, match="too large"):
            open_sources(place)


def test_rows_that_cannot_be_cut_have_a_fault_and_a_line() -> None:
    rows = list(rows_of('a,b\n"x"y,z\n\nc,d\n', ","))
    assert [(r.line, r.cells, bool(r.fault)) for r in rows] == [
        (1, ("a", "b"), False),
        (2, (), True),
        (4, ("c", "d"), False),
    ]
    assert [r.cells for r in rows_of('a\t4" pipe\n', "\t")] == [("a", '4" pipe')]


def test_headers_and_delimiters() -> None:
    assert as_name('"CPT\nCode* "') == "cpt code"
    assert [delimiter_of(x) for x in ("a,b", "a\tb,c\td", "a;b", "a|b", "ab")] == [",", "\t", ";", "|", ""]
