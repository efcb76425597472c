"""Which code systems are wanted, and what a user's imported sets change in the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from cac.cli import main
from cac.coder import Coder
from cac.config import Config
from cac.errors import ConfigError, TableError
from cac.procedures.imported import open_imports
from cac.result import CodingResult
from cac.types import Suggestion
from tests.procedures.imports import import_all

ALL = ("ICD-10-CM", "CPT", "HCPCS")
NOTE = """\
Assessment: Acute appendicitis.
Plan: Ketorolac 60 mg IM given today. Laparoscopic appendectomy performed today. Crutches dispensed.
Rolling walker ordered.
"""


def codes(result: CodingResult, system: str | None = None) -> set[str]:
    return {s.code for s in result if system in (None, s.system)}


def of(result: CodingResult, code: str) -> Suggestion:
    return next(s for s in (*result.suggestions, *result.candidates) if s.code == code)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Coder:
    """A coder with every made-up set."""
    return Coder(Config(data_dir=import_all(tmp_path_factory.mktemp("imports"))))


def test_hcpcs_only_when_wanted(coder: Coder) -> None:
    usual, more = coder.suggest(NOTE), coder.suggest(NOTE, systems=ALL)
    assert codes(usual, "HCPCS") == set()
    assert codes(more, "HCPCS") == {"J1885", "E0114"}
    for system in ("ICD-10-CM", "CPT"):
        assert codes(more, system) == codes(usual, system) != set()
    # the rest of the answer only grows
    assert set(usual.not_coded) < set(more.not_coded)
    assert [n.codes for n in more.not_coded if n not in usual.not_coded] == [("E0143",)]


def test_hcpcs_lines_are_like_cpt_lines(coder: Coder) -> None:
    result = coder.suggest(NOTE, systems=ALL)
    shot = of(result, "J1885")
    assert (shot.system, shot.units, shot.rank) == ("HCPCS", 4, result.suggestions.index(shot) + 1)
    assert [s.rank for s in (*result.suggestions, *result.candidates)] == list(
        range(1, len(result.suggestions) + len(result.candidates) + 1)
    )
    assert all(NOTE[e.start : e.end] == e.text for s in result for e in s.evidence)


@pytest.mark.parametrize(
    ("note", "code", "modifiers", "diagnoses"),
    [
        ("Assessment: right ankle sprain. Ankle brace fitted and dispensed, right.", "L1902", ["RT"], True),
        ("Left wrist splint dispensed. Right wrist splint dispensed.", "L3908", ["RT", "LT"], False),
        ("Plan: Migraine: ketorolac 30 mg IM given today.", "J1885", [], True),
    ],
)
def test_sides_and_links(coder: Coder, note: str, code: str, modifiers: list[str], diagnoses: bool) -> None:
    result = coder.suggest(note, systems=ALL)
    found = [s for s in result if s.system == "HCPCS"]
    assert [s.code for s in found] == [code]
    assert [m.code for m in found[0].modifiers] == modifiers
    assert bool(found[0].diagnoses) is diagnoses
    assert set(found[0].diagnoses) <= codes(result, "ICD-10-CM")


@pytest.mark.parametrize(
    ("systems", "there", "absent"),
    [
        ("HCPCS", {"HCPCS"}, {"CPT", "ICD-10-CM"}),
        ("CPT", {"CPT"}, {"HCPCS", "ICD-10-CM"}),
        ("ICD-10-CM", {"ICD-10-CM"}, {"HCPCS", "CPT"}),
        (("HCPCS", "CPT"), {"HCPCS", "CPT"}, {"ICD-10-CM"}),
        (("CPT", "ICD-10-CM"), {"CPT", "ICD-10-CM"}, {"HCPCS"}),
        ((), set(), {"HCPCS", "CPT", "ICD-10-CM"}),
    ],
)
def test_only_the_systems_wanted(
    coder: Coder, systems: str | tuple[str, ...], there: set[str], absent: set[str]
) -> None:
    result = coder.suggest(NOTE, systems=systems)
    found = {s.system for s in (*result.suggestions, *result.candidates)}
    assert there <= found and not absent & found


WELLNESS = "Medicare annual wellness visit, subsequent. Patient is 70 years old."


def test_visits_that_only_hcpcs_has(coder: Coder) -> None:
    assert "G0439" not in codes(coder.suggest(WELLNESS))
    assert [s.code for s in coder.suggest(WELLNESS, systems=ALL) if s.system == "HCPCS"] == ["G0439"]


LONG = (
    "New patient. Assessment: Essential hypertension. Total time spent on the day of the visit: 110 minutes."
)


def test_the_code_medicare_takes_instead(coder: Coder) -> None:
    plain = coder.suggest(LONG, systems=ALL)
    assert "99417" in codes(plain) and "G2212" not in codes(plain)
    assert [a.code for a in of(plain, "99417").alternatives] == ["G2212"]
    theirs = coder.suggest(f"{LONG} Insurance: Medicare.", systems=ALL)
    assert "G2212" in codes(theirs) and "99417" not in codes(theirs)
    assert "G2212" not in codes(coder.suggest(f"{LONG} Insurance: Medicare."))


@pytest.mark.parametrize(
    ("note", "there", "absent"),
    [
        # the same words, once for Medicare
        ("Flu shot administered today. Insurance: Medicare.", {"G0008", "90686"}, {"90471"}),
        (
            "Flu shot administered today. Pneumovax 23 given today. Insurance: Medicare.",
            {"G0008", "G0009", "90686", "90732"},
            {"90471", "90472"},
        ),
        # a vaccine of another kind keeps its own code
        ("Flu shot administered today. Tdap given today. Insurance: Medicare.", {"G0008", "90471"}, set()),
        # another payer
        ("Flu shot administered today.", {"90471", "90686"}, {"G0008"}),
    ],
)
def test_one_code_for_one_service(coder: Coder, note: str, there: set[str], absent: set[str]) -> None:
    result = coder.suggest(note, systems=ALL)
    assert there <= codes(result) and not absent & codes(result)
    for code in absent & {"90471", "90472"}:
        assert "payer" in {f.kind for f in of(result, code).findings}
    assert "90471" in codes(coder.suggest(note))  # CPT alone is as it was


def test_an_unknown_system(coder: Coder) -> None:
    with pytest.raises(ConfigError, match="known are ICD-10-CM, CPT, HCPCS"):
        coder.suggest(NOTE, systems="ICD-10-PCS")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], False),
        (["--systems", "icd-10-cm,hcpcs"], True),
        (["--systems", "ICD-10-CM", "--systems", "HCPCS"], True),
        (["--systems", "ICD-10-CM"], False),
    ],
)
def test_the_command(
    options: list[str], found: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "note.txt"
    path.write_text(NOTE)
    assert main(["suggest", str(path), "--format", "json", *options]) == 0
    assert ('"HCPCS"' in capsys.readouterr().out) is found


@pytest.mark.parametrize("value", ["ICD-11", ","])
def test_the_command_refuses(value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "note.txt"
    path.write_text(NOTE)
    assert main(["suggest", str(path), "--systems", value]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_without_imports_nothing_changes(coder: Coder, tmp_path: Path) -> None:
    nothing = Coder(Config(data_dir=tmp_path))
    assert open_imports(tmp_path) is None
    for systems in (ALL, ("ICD-10-CM", "CPT")):
        assert (
            nothing.suggest(NOTE, systems=systems).to_json() == coder.suggest(NOTE, systems=systems).to_json()
        )


def test_imports_do_not_touch_diagnoses(coder: Coder, imported: Coder) -> None:
    own, theirs = (c.suggest(NOTE, systems="ICD-10-CM").to_json() for c in (coder, imported))
    assert own == theirs


def test_descriptions_come_from_the_imported_set(coder: Coder, imported: Coder) -> None:
    own, theirs = coder.suggest(NOTE, systems=ALL), imported.suggest(NOTE, systems=ALL)
    assert of(theirs, "44970").description == "Removal of the little tube through a scope"
    assert of(theirs, "J1885").description == "Drops of the kettle per 15 mg"
    assert of(own, "44970").description != of(theirs, "44970").description
    assert of(own, "44970").explanation == of(theirs, "44970").explanation


@pytest.mark.parametrize(
    ("day", "billable"),
    [(None, False), ("2025-06-01", True), ("2026-06-01", False)],
)
def test_codes_that_are_not_in_the_set(imported: Coder, day: str | None, billable: bool) -> None:
    result = imported.suggest(NOTE, systems=ALL, date_of_service=day)
    crutches = of(result, "E0114")
    assert (crutches in result.suggestions) is crutches.billable is billable
    assert ("not_in_tables" in {f.kind for f in crutches.findings}) is not billable


def test_a_cpt_code_that_is_not_in_the_set(coder: Coder, imported: Coder) -> None:
    note = "PROCEDURE PERFORMED: Diagnostic colonoscopy."
    [code] = codes(coder.suggest(note), "CPT")
    assert codes(imported.suggest(note), "CPT") == set()
    [finding] = [f for f in of(imported.suggest(note), code).findings if f.kind == "not_in_tables"]
    assert finding.message == f"{code} is not in the imported CPT set"


PROPOSED = [
    # a list of procedures; the words decide between the two codes
    ("PROCEDURES PERFORMED:\n1. Open repair of the kite with its tail.", "9990T", True),
    ("PROCEDURES PERFORMED:\n1. Open repair of the kite without a tail.", "9991T", True),
    ("PROCEDURES PERFORMED:\n1. Kites repaired open, without a tail.", "9991T", True),
    ("Plan: Polishing of the lantern was performed today.", "9992T", True),
    ("Plan: Mending of a wind chime was performed today.", "Q9999", True),
    # a history is a weaker place: a candidate
    ("HPI: Polishing of the lantern was performed today.", "9992T", False),
    # not said to be done, not done, or not now
    ("Plan: Polishing of the lantern.", "9992T", False),
    ("Plan: Polishing of the lantern will be performed next week.", "9992T", False),
    ("Plan: Polishing of the lantern was not performed.", "9992T", False),
    ("Plan: She declined polishing of the lantern.", "9992T", False),
    ("HPI: Polishing of the lantern was performed last year.", "9992T", False),
    ("PSH: Polishing of the lantern performed 2010.", "9992T", False),
    ("Family history: Polishing of the lantern performed.", "9992T", False),
    ("PLANNED PROCEDURE: Open repair of the kite with its tail.", "9990T", False),
    # half of the descriptor only
    ("Plan: Tuning was performed today.", "9993T", False),
    # a visit is never judged by the words of a descriptor
    ("Plan: Visit of the third kind was performed today.", "99213", False),
]


@pytest.mark.parametrize(
    ("note", "code", "suggested"), PROPOSED, ids=[f"{c}-{n[:40]}" for n, c, _ in PROPOSED]
)
def test_services_that_the_samples_have_no_word_for(
    coder: Coder, imported: Coder, note: str, code: str, suggested: bool
) -> None:
    result = imported.suggest(note, systems=ALL)
    assert (code in codes(result)) is suggested
    assert code not in codes(coder.suggest(note, systems=ALL))
    if suggested:
        s = of(result, code)
        assert s.description and "descriptor" in {f.kind for f in s.findings}
        assert s.evidence and all(note[e.start : e.end] == e.text for e in s.evidence)
        assert s.explanation.score == s.score
        assert {c.name for c in s.explanation} >= {"descriptor"}


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("Plan: Polishing of the lantern was not performed.", "cancelled"),
        ("HPI: Polishing of the lantern was performed last year.", "historical"),
        ("PLANNED PROCEDURE: Open repair of the kite with its tail.", "planned"),
    ],
)
def test_what_was_not_performed_is_in_the_ledger(imported: Coder, note: str, reason: str) -> None:
    lines = [n for n in imported.suggest(note).not_coded if n.codes[0].endswith("T")]
    assert [n.reason for n in lines] in ([reason], ["negated"])
    assert all(note[n.start : n.end] == n.text for n in lines)


def test_the_samples_come_first(imported: Coder) -> None:
    """A sentence the samples can read is not asked about."""
    note = (
        "PROCEDURES PERFORMED:\n1. Laparoscopic appendectomy with polishing of lantern.\n"
        "2. Repair of kite, open, with tail."
    )
    result = imported.suggest(note)
    assert codes(result, "CPT") == {"44970", "9990T"}


def test_pair_edits_are_findings_on_both_lines(imported: Coder) -> None:
    result = imported.suggest(NOTE, systems=ALL, date_of_service="2025-06-01")
    for code in ("44970", "96372"):
        [pair] = [f for f in of(result, code).findings if f.kind == "ncci_pair"]
        assert pair.codes == ("44970", "96372") and pair.citation.startswith("CMS NCCI")
    later = imported.suggest(NOTE, systems=ALL, date_of_service="2026-06-01")
    assert all(f.kind != "ncci_pair" for s in later for f in s.findings)


def test_units_above_the_edit_are_a_finding(imported: Coder) -> None:
    [found] = [f for f in of(imported.suggest(NOTE, systems=ALL), "J1885").findings if f.kind == "mue"]
    assert found.message == "J1885: 4 units on one day, at most 2"


def test_edits_can_be_switched_off(imported: Coder) -> None:
    config = imported.config.override(disabled_rules=frozenset(("mue-J1885",)))
    found = Coder(config).suggest(NOTE, systems=ALL)
    assert all(f.kind != "mue" for s in found for f in s.findings)


def test_a_new_import_is_seen(tmp_path: Path) -> None:
    data = import_all(tmp_path, "mue")
    first = open_imports(data)
    assert first is not None and first is not open_imports(data) and first.mue is open_imports(data).mue  # type: ignore[union-attr]
    assert (
        first.cpt is None and first.has("CPT", "99999") and first.describe("CPT", "99999", "ours") == "ours"
    )
    import_all(tmp_path, "cpt")
    again = open_imports(data)
    assert again is not None and again.cpt is not None and not again.has("CPT", "99999")


def test_a_damaged_import_is_one_clear_error(tmp_path: Path) -> None:
    data = import_all(tmp_path, "cpt")
    (data / "cpt.imported").write_bytes(b"x")
    with pytest.raises(TableError, match="import it again"):
        Coder(Config(data_dir=data)).suggest(NOTE)
