"""CPT and HCPCS codes in a coder's list: reading, tables, edits, and what a note says for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cac.checks.api import check_codes
from cac.checks.result import CheckResult
from cac.coder import Coder
from cac.config import Config
from tests.procedures.imports import import_all


def found(result: CheckResult) -> set[tuple[str, str]]:
    return {(f.code, f.kind) for f in result}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Coder:
    return Coder(Config(data_dir=import_all(tmp_path_factory.mktemp("imports"))))


@pytest.mark.parametrize(
    ("codes", "read", "expected"),
    [
        # codes of the samples, with modifiers and units
        ("99213", ("99213",), set()),
        ("99213-25, 20610-rt", ("99213-25", "20610-RT"), set()),
        ("97110-GP*2 J1885x4", ("97110-GP*2", "J1885X4"), set()),
        # not in the sample, and nothing imported: said, and no error
        ("98999 J9998", ("98999", "J9998"), {("98999", "not_in_tables"), ("J9998", "not_in_tables")}),
        # a diagnosis without its dot stays one; with dots elsewhere a known service is a service
        ("E119", ("E11.9",), set()),
        ("G0439", ("G04.39",), set()),
        ("Z00.00 G0439", ("Z00.00", "G0439"), set()),
        # twice; with a modifier or units apart they are not
        ("97110 97110", ("97110", "97110"), {("97110", "duplicate")}),
        ("20610-RT 20610-LT", ("20610-RT", "20610-LT"), set()),
        # no service either
        ("99213-2 97110*0 W1234", ("99213-2", "97110*0", "W12.34"), "invalid"),
    ],
)
def test_reading(
    coder: Coder, codes: str, read: tuple[str, ...], expected: set[tuple[str, str]] | str
) -> None:
    result = check_codes(coder, codes)
    assert result.codes == read
    if isinstance(expected, str):
        assert found(result) == {(code, expected) for code in read}
    else:
        assert found(result) == expected
        assert result.ok is all(kind != "duplicate" for _, kind in expected)


def test_only_diagnoses_are_put_in_order(coder: Coder) -> None:
    result = check_codes(coder, "99213 Z79.4 E11.9")
    assert result.ordered == ("E11.9", "Z79.4")


@pytest.mark.parametrize(
    ("codes", "day", "expected"),
    [
        ("44970 96372", "2025-06-01", {("96372", "ncci_pair")}),
        ("96372 44970", "2025-06-01", {("96372", "ncci_pair")}),
        ("44970 96372-59", "2025-06-01", {("96372", "ncci_modifier")}),
        ("44970 96372", "2026-06-01", set()),  # the edit is over
        ("9990T-59 9992T", None, {("9992T", "ncci_pair")}),  # no modifier reports both
        ("J1885*2", None, set()),
        ("J1885*3", None, {("J1885", "mue")}),
        ("J1885-RT J1885-LT*2", None, {("J1885", "mue")}),  # units of the day
        ("99214", None, {("99214", "not_in_tables")}),
        ("E0114", "2025-06-01", set()),
        ("E0114", "2026-06-01", {("E0114", "not_in_tables")}),
    ],
)
def test_tables_and_edits(
    imported: Coder, codes: str, day: str | None, expected: set[tuple[str, str]]
) -> None:
    result = check_codes(imported, codes, date_of_service=day)
    assert found(result) == expected
    assert result.ok is not ({"ncci_pair", "mue"} & {kind for _, kind in expected})
    assert all(f.citation for f in result)


def test_a_pair_names_the_other_code(imported: Coder) -> None:
    [pair] = check_codes(imported, "44970 96372", date_of_service="2025-06-01")
    assert pair.related == ("44970",) and pair.rule == "ncci-44970-96372"
    config = imported.config.override(disabled_rules=frozenset((pair.rule,)))
    assert not check_codes(Coder(config), "44970 96372", date_of_service="2025-06-01")


NOTE = """Assessment: Acute appendicitis.
Plan: Laparoscopic appendectomy performed today. Ketorolac 60 mg IM given today. Colonoscopy planned.
"""


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["K35.80", "44970", "J1885-RT*4", "96372"], set()),
        (["K35.80", "44970", "J1885"], {("96372", "not_listed")}),
        (["K35.80", "44970", "96372", "J1885", "71046"], {("71046", "unsupported")}),
        # a note is not read for codes that the samples lack
        (["K35.80", "44970", "96372", "J1885", "98999"], {("98999", "not_in_tables")}),
        # HCPCS is looked for where the list has it
        (["K35.80", "44970", "96372"], set()),
    ],
)
def test_against_a_note(coder: Coder, codes: list[str], expected: set[tuple[str, str]]) -> None:
    assert found(check_codes(coder, codes, NOTE)) == expected


def test_a_planned_service_is_not_supported(coder: Coder) -> None:
    result = check_codes(coder, ["K35.80", "44970", "96372", "45378"], NOTE)
    [finding] = [f for f in result if f.code == "45378"]
    assert (finding.kind, finding.message) == ("unsupported", "45378 is only planned in the note")


def test_a_damaged_import_matters_to_services_only(tmp_path: Path) -> None:
    data = import_all(tmp_path, "mue")
    (data / "mue.imported").write_bytes(b"x")
    assert not check_codes(Coder(Config(data_dir=data)), "I10")
