"""The HCPCS sample: well formed, public, our own wording, and its doses."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from cac.errors import TableError
from cac.procedures import hcpcs_table
from cac.procedures.doses import Dose, find_dose, units_of
from cac.procedures.hcpcs_table import MODES, UNITS, compile_cues, load_cues, load_hcpcs, load_terms

DATA = Path(__file__).resolve().parents[2] / "data" / "hcpcs_sample"


def test_there_are_enough_codes_of_every_kind() -> None:
    codes = load_hcpcs()
    assert len(codes) >= 500
    letters = Counter(code[0] for code in codes)
    assert "D" not in letters and not any(code.isdigit() for code in codes)
    assert all(letters[letter] >= 5 for letter in "AEGHJKLPQSTV")
    groups = Counter(code.group for code in codes.values())
    assert all(groups[g] >= 3 for g in ("drug", "vaccine_admin", "screening", "supply", "dme", "transport"))
    assert {code.mode for code in codes.values()} == set(MODES)


def test_every_code_has_a_name_and_its_own_wording() -> None:
    codes = load_hcpcs()
    named = {term.code for terms in load_terms().values() for term in terms}
    assert named == set(codes)
    wording = Counter(code.description.lower() for code in codes.values())
    assert [text for text, n in wording.items() if n > 1] == []


def test_drugs_are_counted_by_dose() -> None:
    drugs = [c for c in load_hcpcs().values() if c.group == "drug" and c.code.startswith("J")]
    with_dose = [c for c in drugs if c.amount]
    assert len(with_dose) / len(drugs) > 0.9
    assert all(c.amount > 0 and c.unit in UNITS and "per" in c.description for c in with_dose)


def test_files_are_plain_csv_and_come_with_their_notice() -> None:
    for name, width in (("codes.csv", 8), ("terms.csv", 5)):
        data = (DATA / name).read_bytes()
        assert b"\r" not in data and data.endswith(b"\n") and data.isascii()
        with (DATA / name).open(encoding="ascii", newline="") as file:
            rows = list(csv.reader(file))
        assert {len(row) for row in rows} == {width}
        assert rows[1:] == sorted(rows[1:])
    notice = " ".join((DATA / "NOTICE").read_text(encoding="utf-8").split())
    assert "Centers for Medicare & Medicaid Services" in notice
    assert "our own plain wording" in notice
    assert "American Dental Association" in notice
    assert (DATA / "README.md").exists() and (DATA / "SOURCE.toml").exists()


def test_the_folder_is_the_packaged_one() -> None:
    packaged = Path(hcpcs_table.__file__).resolve().parents[1] / "data" / "hcpcs_sample"
    names = sorted(p.name for p in DATA.iterdir())
    assert names == sorted(p.name for p in packaged.iterdir())
    assert all((DATA / name).read_bytes() == (packaged / name).read_bytes() for name in names)


@pytest.mark.parametrize(
    ("reads", "rows", "fault"),
    [
        ("load_hcpcs", [("J1885", "10", "")], "J1885 has an amount without a unit"),
        ("load_hcpcs", [("J1885", "10", "mg"), ("J1885", "10", "mg")], "J1885 is listed twice"),
    ],
)
def test_bad_codes_are_refused(
    reads: str, rows: list[tuple[str, str, str]], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [
        {"code": c, "group": "drug", "mode": "given", "payer": "", "description": "x", "amount": a, "unit": u}
        for c, a, u in rows
    ]
    monkeypatch.setattr(hcpcs_table, "read_table", lambda *_: made)
    with pytest.raises(TableError, match=fault):
        hcpcs_table.load_hcpcs.__wrapped__()


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([("J0000", "nothing", "")], "J0000 is not in codes.csv"),
        ([("J1885", "toradol", ""), ("J1885", "toradol", "")], "stands there twice"),
        ([("J1885", "Toradol", "")], "not in lower case"),
    ],
)
def test_bad_terms_are_refused(
    rows: list[tuple[str, str, str]], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [{"code": c, "term": t, "per_ml": p, "route": ""} for c, t, p in rows]
    monkeypatch.setattr(hcpcs_table, "read_table", lambda *_: made)
    with pytest.raises(TableError, match=fault):
        hcpcs_table.load_terms.__wrapped__()


def test_bad_cues_are_refused() -> None:
    row = {"cue": "given", "kind": "done", "modes": "given"}
    with pytest.raises(TableError, match="stands there twice"):
        compile_cues([row, row])
    with pytest.raises(TableError, match="begins with a placeholder"):
        compile_cues([row | {"cue": "<month> last"}])


def test_cues_are_found_longest_first() -> None:
    sizes = [len(tokens) for tokens, _, _ in load_cues()["was"]]
    assert sizes == sorted(sizes, reverse=True)
    assert ("in", "<month>") in [tokens for tokens, _, _ in load_cues()["in"]]


@pytest.mark.parametrize("load", ["load_hcpcs", "load_terms", "load_cues"])
def test_row_order_does_not_matter(load: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function = getattr(hcpcs_table, load).__wrapped__
    forward, plain = function(), hcpcs_table.read_table
    monkeypatch.setattr(hcpcs_table, "read_table", lambda *a: plain(*a)[::-1])
    backward = function()
    assert {k: list(v) if isinstance(v, tuple) else v for k, v in forward.items()} == {
        k: list(v) if isinstance(v, tuple) else v for k, v in backward.items()
    }
    if load == "load_hcpcs":
        assert list(forward) == list(backward)


# ---------------------------------------------------------------------------------- doses

KETOROLAC, KENALOG, SALINE = (load_hcpcs()[c] for c in ("J1885", "J3301", "J7030"))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("X 60 mg IM", 60.0),
        ("X 60mg", 60.0),
        ("X, 60 mg", 60.0),
        ("X (60 mg)", 60.0),
        ("60 mg of X", 60.0),
        ("60 mg IM X", 60.0),
        ("X 0.5 g", 500.0),
        ("X .5 gram", 500.0),
        ("X 500 mcg", 0.5),
        ("X 1,000 mcg", 1.0),
        ("X 1 mL (40 mg)", 40.0),  # what the code counts in wins
        ("X 10 mg/kg", None),
        ("X 40 mg/mL", None),
        ("X and Y 60 mg", None),  # another drug's
        ("X with 60 mg Y", None),
        ("Y 60 mg; X", None),
        ("60 mg Y, X", None),
        ("X was given. 60 mg later", None),
        ("X", None),
    ],
)
def test_the_dose_that_belongs_to_a_name(text: str, amount: float | None) -> None:
    start = text.index("X")
    others = [(m.start(), m.end()) for m in re.finditer("Y", text)]
    dose, _ = find_dose(text, start, start + 1, 0, len(text), others, KETOROLAC)
    assert (None if dose is None else dose.amount) == pytest.approx(amount)
    if dose is not None:
        assert re.match(r"[\d.,]", text[dose.start : dose.end])


@pytest.mark.parametrize(
    ("text", "strength"),
    [("X 40 mg/mL", 40.0), ("X 80 mg per 2 mL", 40.0), ("1% X", 10.0), ("X 0.25%", 2.5), ("X 5 mL", 0.0)],
)
def test_the_strength_beside_a_name(text: str, strength: float) -> None:
    start = text.index("X")
    assert find_dose(text, start, start + 1, 0, len(text), (), KENALOG)[1] == pytest.approx(strength)


@pytest.mark.parametrize(
    ("amount", "measures", "per_ml", "units"),
    [
        (10.0, "mass", 0.0, 1),
        (40.0, "mass", 0.0, 4),
        (41.0, "mass", 0.0, 5),  # begun units count
        (1.0, "mass", 0.0, 1),
        (1.0, "volume", 40.0, 4),
        (1.0, "volume", 0.0, None),
        (5.0, "units", 0.0, None),
        (0.3 * 100, "mass", 0.0, 3),  # no unit for a rounding error
    ],
)
def test_units(amount: float, measures: str, per_ml: float, units: int | None) -> None:
    assert units_of(KENALOG, Dose(0, 1, amount, measures), per_ml) == units


def test_units_without_a_dose() -> None:
    assert units_of(KENALOG, None) is None
    assert units_of(load_hcpcs()["E0114"], None) == 1
    assert units_of(SALINE, Dose(0, 1, 1000.0, "volume")) == 1
