"""The command line over a fake library: what it calls, what it writes where, how it ends."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import cac
from cac.cli import build_parser, main
from cac.codes.releases import known_releases
from cac.errors import ConfigError, NoteError, TableError, UnknownCodeError
from cac.output.frames import FRAME_DTYPES
from tests.output.samples import nothing, sample

Run = Callable[..., tuple[int, str, str]]


@dataclass
class FakeRecord:
    code: str

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "title": "A title", "billable": True, "excludes1": ["old tear (M23.2)"]}


@dataclass
class FakeHit:
    code: str = "N20.0"
    description: str = "Calculus of kidney"
    score: float = 0.98765432
    billable: bool = True
    matched: str = "kidney stone"


@dataclass
class FakeLibrary:
    """Stands in for the public names of ``cac`` and remembers how it was called."""

    calls: list[tuple[Any, ...]]

    def suggest(self, note: str, **settings: Any) -> Any:
        self.calls.append((note, settings))
        if "malformed" in note:
            raise NoteError("the note is binary")
        return sample() if "diabetes" in note else nothing(note)

    def lookup(self, code: str, *, date_of_service: str | None = None) -> FakeRecord:
        self.calls.append((code, date_of_service))
        if code == "X00":
            raise UnknownCodeError("X00 is not a code of release 2026-04")
        return FakeRecord(code)

    def search(self, query: str, k: int = 10, date_of_service: str | None = None) -> tuple[FakeHit, ...]:
        self.calls.append((query, k, date_of_service))
        return () if "nothing" in query else (FakeHit(),) * min(k, 2)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> FakeLibrary:
    fake = FakeLibrary([])
    # Set in the module's own dict: looking the names up first would load the real ones.
    for name in ("suggest", "lookup", "search"):
        monkeypatch.setitem(vars(cac), name, getattr(fake, name))
    return fake


@pytest.fixture
def run(library: FakeLibrary, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    def call(*arguments: str | Path) -> tuple[int, str, str]:
        status = main([str(a) for a in arguments])
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return status, shown.out, shown.err

    yield call


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_bytes("\ufeffA note\r\non type 2 diabetes.".encode())
    return path


# ------------------------------------------------------------------------------------ suggest


def test_suggest_defaults(run: Run, library: FakeLibrary, note: Path) -> None:
    status, out, err = run("suggest", note)
    assert (status, err) == (0, "")
    assert "E11.22" in out
    assert library.calls == [
        (
            "A note\r\non type 2 diabetes.",  # line ends as in the file, the byte order mark taken off
            {
                "setting": "outpatient",
                "scope": "reportable",
                "date_of_service": None,
                "age": None,
                "sex": None,
                "threshold": None,
            },
        )
    ]


def test_suggest_options_reach_the_library(run: Run, library: FakeLibrary, note: Path) -> None:
    options = "--setting inpatient --scope documented --date-of-service 2026-04-15 --age 61 --sex F"
    assert run("suggest", note, *options.split(), "--threshold", "0.3")[0] == 0
    assert library.calls[0][1] == {
        "setting": "inpatient",
        "scope": "documented",
        "date_of_service": "2026-04-15",
        "age": 61,
        "sex": "F",
        "threshold": 0.3,
    }


def test_suggest_with_own_tables(
    run: Run, library: FakeLibrary, note: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made: list[Any] = []

    def config(**settings: Any) -> dict[str, Any]:
        return settings

    def coder(settings: dict[str, Any]) -> FakeLibrary:
        made.append(settings)
        return library

    monkeypatch.setitem(vars(cac), "Config", config)
    monkeypatch.setitem(vars(cac), "Coder", coder)
    assert run("suggest", note, "--tables", tmp_path)[0] == 0
    assert made == [{"tables": tmp_path}]
    assert len(library.calls) == 1


def test_suggest_reads_stdin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"diabetes")))
    assert run("suggest", "-")[0] == 0


def test_suggest_json_is_the_whole_result(run: Run, note: Path) -> None:
    status, out, _ = run("suggest", note, "--format", "json")
    assert status == 0
    assert json.loads(out) == sample().to_dict()


def test_suggest_jsonl_has_a_line_for_each_note(run: Run, note: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("nothing here")
    status, out, _ = run("suggest", note, other, "--format", "jsonl")
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [line["id"] for line in lines] == [str(note), str(other)]
    assert [len(line["suggestions"]) for line in lines] == [3, 0]


@pytest.mark.parametrize(
    ("options", "codes"),
    [((), ["E11.22", "N18.30", "I12.9"]), (("--all",), ["E11.22", "N18.30", "I12.9", "R05.9", "M25.56"])],
)
def test_suggest_csv(run: Run, note: Path, options: tuple[str, ...], codes: list[str]) -> None:
    status, out, _ = run("suggest", note, "--format", "csv", *options)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 0
    assert list(rows[0]) == ["id", *FRAME_DTYPES]
    assert [row["code"] for row in rows] == codes
    assert {row["id"] for row in rows} == {str(note)}
    assert rows[0]["score"] == str(round(sample()[0].score, 6))


def test_suggest_html_is_a_document(run: Run, note: Path) -> None:
    _, out, _ = run("suggest", note, "--format", "html")
    assert out.startswith("<!DOCTYPE html>")
    assert '<meta charset="utf-8">' in out
    assert "<title>cac: note.txt</title>" in out
    assert out.rstrip().endswith("</html>")


def test_suggest_all_lists_every_candidate(
    run: Run, library: FakeLibrary, note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = replace(sample(), candidates=sample().candidates * 4)
    monkeypatch.setitem(vars(cac), "suggest", lambda note, **_: many)
    assert "... and 3 more" in run("suggest", note)[1]
    assert "... and 3 more" not in run("suggest", note, "--all")[1]


def test_nothing_suggested_is_1_with_a_well_formed_answer(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    status, out, err = run("suggest", empty, "--format", "json")
    assert (status, err) == (1, "")
    assert json.loads(out)["suggestions"] == []


def test_a_bad_note_is_named_and_the_others_are_coded(run: Run, note: Path, tmp_path: Path) -> None:
    latin, malformed = tmp_path / "latin.txt", tmp_path / "malformed.txt"
    latin.write_bytes(b"caf\xe9 diabetes")
    malformed.write_text("malformed secret words")
    status, out, err = run("suggest", latin, malformed, note, "--format", "jsonl")
    assert status == 1
    assert [json.loads(line)["id"] for line in out.splitlines()] == [str(note)]
    assert err == (
        f"cac: error: {latin}: is not UTF-8 text (byte 3)\ncac: error: {malformed}: the note is binary\n"
    )


def test_a_file_that_is_not_there_stops_before_anything_is_coded(
    run: Run, library: FakeLibrary, note: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "gone.txt"
    assert run("suggest", note, gone, "--format", "csv") == (2, "", f"cac: error: {gone}: no such file\n")
    assert run("suggest", note, tmp_path, "--format", "csv") == (
        2,
        "",
        f"cac: error: {tmp_path}: is a directory\n",
    )
    assert library.calls == []


# ------------------------------------------------------------------------- lookup, search, tables


def test_lookup(run: Run, library: FakeLibrary) -> None:
    status, out, err = run("lookup", "E11.22", "I10", "--date-of-service", "2026-04-01")
    assert (status, err) == (0, "")
    assert "E11.22 A title\n" in out
    assert "    - old tear (M23.2)\n" in out
    assert library.calls == [("E11.22", "2026-04-01"), ("I10", "2026-04-01")]


def test_lookup_of_an_unknown_code_shows_the_others(run: Run) -> None:
    status, out, err = run("lookup", "X00", "I10", "--format", "json")
    assert status == 1
    assert [record["code"] for record in json.loads(out)] == ["I10"]
    assert err == "cac: error: X00 is not a code of release 2026-04\n"


def test_search(run: Run, library: FakeLibrary) -> None:
    status, out, _ = run("search", "kidney", "stone", "-k", "1")
    assert status == 0
    assert out == 'N20.0  0.99  Calculus of kidney as "kidney stone"\n'
    assert library.calls == [("kidney stone", 1, None)]


def test_search_json(run: Run) -> None:
    _, out, _ = run("search", "stone", "--format", "json", "--date-of-service", "2026-04-01")
    assert json.loads(out)[0] == {
        "code": "N20.0",
        "description": "Calculus of kidney",
        "score": 0.987654,
        "billable": True,
        "matched": "kidney stone",
    }


def test_search_without_hits(run: Run) -> None:
    assert run("search", "nothing") == (1, "", "")
    assert run("search", "nothing", "--format", "json") == (1, "[]\n", "")


def test_tables(run: Run) -> None:
    status, out, err = run("tables", "--format", "json")
    rows = json.loads(out)
    assert (status, err) == (0, "")
    assert [(r["release"], r["valid_from"], r["valid_to"]) for r in rows] == [
        (r.name, r.valid_from.isoformat(), r.valid_to.isoformat() if r.valid_to else "")
        for r in known_releases()
    ]
    shown = run("tables")[1]
    for row in rows:
        assert row["system"] == "ICD-10-CM"
        assert row["billable"] > 70_000
        assert f"ICD-10-CM {row['release']}\n" in shown
        assert f"  billable: {row['billable']}\n" in shown
    assert "simple-icd-10-cm" in shown


# ------------------------------------------------------------------------------- endings


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "unknown",
        "suggest",
        "suggest - -",
        "suggest - x.txt",  # one note at a time in a table
        "suggest - --format xml",
        "suggest - --setting ward",
        "suggest - --date-of-service 15.4.2026",
        "suggest - --date-of-service 2026-02-30",
        "suggest - --date-of-service 20260415",
        "suggest - --age -1",
        "suggest - --age six",
        "suggest - --threshold high",
        "lookup",
        "lookup E11.22 --format csv",
        "search stone -k 0",
        "tables all",
    ],
)
def test_wrong_usage_is_2(run: Run, library: FakeLibrary, arguments: str) -> None:
    status, out, err = run(*arguments.split())
    assert (status, out) == (2, "")
    assert err.startswith("cac: error: ")
    assert err.count("\n") == 1
    assert library.calls == []


def test_options_have_no_abbreviations(run: Run, note: Path) -> None:
    # An abbreviation breaks when an option with the same beginning is added.
    assert run("suggest", note, "--setting", "inpatient")[0] == 0
    status, _, err = run("suggest", note, "--set", "inpatient")
    assert status == 2
    assert "--set" in err


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (ConfigError("threshold must be from 0 to 1"), 2, "threshold must be from 0 to 1"),
        (
            TableError("codes.csv: 1 bad rows", ["codes.csv:3: code is empty"]),
            1,
            "codes.csv:3: code is empty",
        ),
        (PermissionError(13, "Permission denied"), 2, "Permission denied"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 141, ""),
        (ValueError("secret words"), 2, "internal error: ValueError at test_cli.py:"),
    ],
)
def test_endings(
    run: Run, monkeypatch: pytest.MonkeyPatch, note: Path, error: BaseException, status: int, message: str
) -> None:
    def failing(note: str, **_: Any) -> Any:
        raise error

    monkeypatch.setitem(vars(cac), "suggest", failing)
    monkeypatch.setattr("cac.cli._discard_output", lambda: None)
    ended, out, err = run("suggest", note)
    assert (ended, out) == (status, "")
    assert message in err
    assert bool(err) == bool(message)
    assert "secret" not in err


@pytest.mark.parametrize(
    ("rows", "arguments"),
    [
        (1, ["tables"]),  # fits the buffer: the pipe breaks at the flush
        (5000, ["tables"]),  # does not: it breaks while writing
        (0, ["--help"]),
    ],
)
def test_a_closed_pipe_is_quiet(rows: int, arguments: list[str]) -> None:
    flood = (
        "import sys, cac.cli\n"
        f"cac.cli._releases = lambda: [{{'system': 'x' * 200}}] * {rows}\n"
        f"sys.exit(cac.cli.main({arguments}))"
    )
    # Unbuffered output would hide what a flush at exit does.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        [sys.executable, "-c", flood], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_the_module_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cac", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("cac ")
    assert done.stdout.split()[1][0].isdigit()


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("html", "na\u00efve \u6f22".encode()),  # a file: UTF-8 whatever the locale
        ("csv", "na\u00efve \u6f22".encode()),
        ("table", rb"na\xefve \u6f22"),  # a terminal: what it can show
        ("json", rb"na\u00efve \u6f22"),
    ],
)
def test_no_locale_stops_the_output(form: str, shown: bytes, note: Path) -> None:
    script = (
        "import sys, cac\n"
        "from dataclasses import replace\n"
        "from tests.output.samples import sample\n"
        "told = replace(sample()[0], description='na\\xefve \\u6f22')\n"
        "vars(cac)['suggest'] = lambda note, **_: replace(sample(), suggestions=(told,))\n"
        "from cac.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", script, "suggest", str(note), "--format", form],
        env=environment,
        capture_output=True,
        check=True,
    )
    assert shown in done.stdout


def test_colour_only_on_a_terminal_that_wants_it(
    run: Run, note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b" not in run("suggest", note)[1]
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True)
    assert "\x1b[1m" in run("suggest", note)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("suggest", note)[1]


# ---------------------------------------------------------------------------------- help


def commands() -> dict[str, argparse.ArgumentParser]:
    group = next(a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    assert {choice.dest for choice in group._choices_actions if choice.help} == set(group.choices)
    return {"": build_parser(), **group.choices}


@pytest.mark.parametrize("name", ["", "suggest", "check", "lookup", "search", "tables", "evaluate"])
def test_every_option_has_help(name: str) -> None:
    parser = commands()[name]
    assert parser.description
    options = [a for a in parser._actions if not isinstance(a, argparse._SubParsersAction)]
    assert options
    assert [a.dest for a in options if not a.help] == []


def test_every_command_is_tested_for_help() -> None:
    assert set(commands()) == {"", "suggest", "check", "lookup", "search", "tables", "evaluate"}


@pytest.mark.parametrize("name", ["", "suggest", "check", "lookup", "search", "tables", "evaluate"])
def test_help_is_shown_on_stdout(run: Run, name: str) -> None:
    status, out, err = run(*filter(None, [name]), "--help")
    assert (status, err) == (0, "")
    assert "exit codes: 0 ok" in out
