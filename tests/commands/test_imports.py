"""``cac tables import-...`` and ``remove``: messages, exit codes, and what the list shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cac.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("CAC_DATA_DIR", str(tmp_path / "data"))

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        status = main(["tables", *map(str, arguments)])
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return status, shown.out, shown.err

    return call


@pytest.fixture
def cpt(tmp_path: Path) -> Path:
    path = tmp_path / "made_up.csv"
    path.write_text("code,description,synonyms\n9990A,Repair of kite,mend kite\nA9999,Kite,\n")
    return path


def test_import_list_and_remove(run: Run, cpt: Path) -> None:
    status, out, err = run("import-cpt", cpt, "--accept-ama-licence")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "cpt: 1 rows imported",
        "  long: 1",
        "  rows of HCPCS Level II left out: 1",
        "  synonyms: 1",
        "  made_up.csv: read as headed",
    ]
    listed = json.loads(run("--format", "json")[1])[-1]
    assert listed["system"], listed["rows"] == ("CPT", 1)
    assert listed["counts"]["synonyms"] == 1
    assert listed["files"] == ["made_up.csv (headed)"]
    assert "acknowledged by the user" in listed["licence"]
    shown = run()[1]
    assert "CPT imported\n" in shown and f"  imported: {listed['imported']}\n" in shown
    assert "  counts: long 1, rows of HCPCS Level II left out 1, synonyms 1\n" in shown
    assert run("remove", "cpt") == (0, "cpt removed\n", "")
    assert run("remove", "cpt") == (1, "", "cac: error: cpt was not imported\n")
    assert "CPT" not in run()[1]


def test_the_licence_has_to_be_acknowledged(run: Run, cpt: Path, tmp_path: Path) -> None:
    status, out, err = run("import-cpt", cpt)
    assert (status, out) == (2, "")
    assert "--accept-ama-licence" in err and "American Medical Association" in err
    assert run("import-cpt", cpt, "--accept")[0] == 2  # no abbreviations
    assert not (tmp_path / "data").exists()


def test_bad_rows_are_named(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("code,description\n999,Kite\n9990A,\n")
    status, out, err = run("import-cpt", path, "--accept-ama-licence")
    assert (status, out) == (1, "")
    assert "bad.csv:2: 999 is no code" in err and "bad.csv:3: 9990A has no description" in err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("command", "text", "shown"),
    [
        ("import-hcpcs", "Code,Description\nA9999,Kite\n", "hcpcs: 1 rows imported"),
        ("import-ncci", "C1,C2,Eff,Del,Mod\n9990A,9991A,20200101,*,0\n", "ncci: 1 rows imported"),
        ("import-mue", "Code,MUE Values,MAI\n9990A,2,3 Day\n", "mue: 1 rows imported"),
    ],
)
def test_the_public_files(run: Run, tmp_path: Path, command: str, text: str, shown: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)
    assert run(command, path, "--data-dir", tmp_path / "else")[:2] == (
        0,
        run(command, path)[1],
    )
    assert run(command, path)[1].splitlines()[0] == shown
    assert (tmp_path / "else").is_dir()


@pytest.mark.parametrize(
    "arguments",
    ["import-cpt", "import-hcpcs nowhere.txt", "remove", "remove icd", "import-zzz x", "import-mue a b"],
)
def test_wrong_usage(run: Run, arguments: str) -> None:
    status, out, err = run(*arguments.split())
    assert (status, out) == (2, "")
    assert err.startswith("cac: error: ")


@pytest.mark.parametrize("command", ["import-cpt", "import-hcpcs", "import-ncci", "import-mue", "remove"])
def test_help(run: Run, command: str) -> None:
    status, out, err = run(command, "--help")
    assert (status, err) == (0, "")
    assert "exit codes: 0 ok" in out and "--data-dir" in out


def test_every_set_can_be_named() -> None:
    from cac.codes.userdata import SETS
    from cac.commands.imports import _SYSTEMS

    assert sorted(_SYSTEMS) == list(SETS)


def test_a_damaged_set_does_not_break_the_list(run: Run, cpt: Path, tmp_path: Path) -> None:
    run("import-cpt", cpt, "--accept-ama-licence")
    (tmp_path / "data" / "cpt.imported").write_bytes(b"x")
    status, out, _ = run()
    assert status == 0
    assert "damaged: the imported cpt set is damaged" in " ".join(out.split())


def test_the_folder_cannot_be_written(run: Run, cpt: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in the way")
    status, out, err = run("import-cpt", cpt, "--accept-ama-licence")
    assert (status, out) == (2, "")
    assert err.startswith("cac: error: ")
