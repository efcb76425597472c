"""``cac evaluate``: files in, figures on stdout, a report beside them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cac.cli import main


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    gold, run, old = (tmp_path / n for n in ("gold.jsonl", "run.csv", "old.json"))
    gold.write_text(
        '{"id": "a", "text": "Assessment: gout.", "codes": ["M10.9"]}\n'
        '{"id": "b", "text": "Assessment: essential hypertension.", "codes": ["I10"]}\n'
    )
    run.write_text("id,code,score\na,M10.9,0.9\nb,I11.9,0.8\n")
    old.write_text('{"a": ["R05.9"], "b": []}')
    return gold, run, old


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main(["evaluate", *map(str, arguments)])
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_figures(files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = call(capsys, *files[:2], "--bootstrap", 50)
    assert (status, err) == (0, "")
    assert out.startswith("2 notes, 2 labels, reportable\n")
    assert "exact        micro_f1           0.5000  0.0000 to 1.0000\n" in out


def test_own_answers(files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, files[0], "--format", "json", "--bootstrap", 0)
    data = json.loads(out)
    assert status == 0
    assert data["notes"] == 2
    figures = {(r["group"], r["metric"]): r["value"] for r in data["summary"]}
    assert figures["exact", "micro_f1"] == 1.0


def test_baseline_and_report(
    files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    gold, run, old = files
    status, out, _ = call(capsys, gold, run, "--baseline", old, "--bootstrap", 0, "--html", page)
    assert status == 0
    assert "micro_f1           0.0000 -> 0.5000  +0.5000\n" in out
    assert page.read_text().startswith("<!DOCTYPE html>")
    _, out, _ = call(capsys, gold, run, "--baseline", old, "--format", "json")
    assert json.loads(out)["change"]["changes"]["gained"] == 1


def test_verdicts_as_csv(files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    gold, run, old = files
    rows = list(csv.DictReader(io.StringIO(call(capsys, gold, run, "--format", "csv")[1])))
    assert [(r["id"], r["gold"], r["predicted"], r["verdict"]) for r in rows] == [
        ("a", "M10.9", "M10.9", "exact"),
        ("b", "I10", "", "missed"),
        ("b", "", "I11.9", "spurious"),
    ]
    out = call(capsys, gold, run, "--baseline", old, "--format", "csv")[1]
    assert [r["change"] for r in csv.DictReader(io.StringIO(out))] == [
        "gained",
        "noise_removed",
        "noise_added",
    ]


def test_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = tmp_path / "gold.csv"
    gold.write_text("enc,final\n1,I10\n")
    run = tmp_path / "run.csv"
    run.write_text("id,codes\n1,I10\n")
    assert call(capsys, gold, run, "--columns", "id=enc,codes=final")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["missing.csv"], 2, "no such file"),
        (["{gold}", "{run}", "--setting", "inpatient"], 2, "--setting is for answers made here"),
        (["{gold}", "{run}", "--columns", "id"], 2, "must be such as"),
        (["{gold}", "{run}", "--columns", "ids=x"], 2, "unknown columns: ids"),
        (["{gold}", "{run}", "--bootstrap", "200000"], 2, "must be 100000 or less"),
        (["{run}", "{run}"], 0, ""),
        (["{run}"], 1, "need their text"),
        (["{bad}", "{run}"], 1, "bad.csv:2: code 1 is not a code of ICD-10-CM"),
    ],
)
def test_endings(
    files: tuple[Path, Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    message: str,
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("id,codes\n1,gout\n")
    named = [a.format(gold=files[0], run=files[1], bad=bad) for a in arguments]
    ended, _, err = call(capsys, *named)
    assert ended == status
    assert message in err
