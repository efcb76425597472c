"""FHIR: the structure that R4 asks for, checked by hand; deterministic, and faithful to the result."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from cac.cli import main
from cac.coder import Coder
from cac.output.fhir import EXTENSIONS, SYSTEMS, result_fhir, result_fhir_json
from cac.result import CodingResult
from tests.output.samples import NOTE, nothing, results, sample

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
URN = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
CODE = re.compile(r"\S+(?: \S+)*")
# Element → (least, most); None is any number. What R4 does not have is refused.
ELEMENTS: dict[str, dict[str, tuple[int, int | None]]] = {
    "Condition": {
        "resourceType": (1, 1),
        "id": (1, 1),
        "extension": (0, None),
        "verificationStatus": (0, 1),
        "category": (0, None),
        "code": (0, 1),
        "subject": (1, 1),
        "evidence": (0, None),
        "note": (0, None),
    },
    "ChargeItem": {
        "resourceType": (1, 1),
        "id": (1, 1),
        "extension": (0, None),
        "status": (1, 1),
        "code": (1, 1),
        "subject": (1, 1),
        "quantity": (0, 1),
        "reason": (0, None),
        "supportingInformation": (0, None),
        "note": (0, None),
    },
    "DocumentReference": {
        "resourceType": (1, 1),
        "id": (1, 1),
        "status": (1, 1),
        "subject": (0, 1),
        "content": (1, None),
    },
}
LISTS = {"extension", "category", "evidence", "note", "reason", "supportingInformation", "content"}
VALUES = {
    "valueDecimal": (int, float),
    "valueInteger": int,
    "valueString": str,
    "valueCode": str,
    "valueBoolean": bool,
}


def valid(bundle: dict[str, Any]) -> None:
    """Raises AssertionError for what R4 does not allow in a Bundle like ours."""
    assert set(bundle) <= {"resourceType", "type", "entry"}
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    assert bundle.get("entry") != []
    entries = bundle.get("entry", [])
    urls = [entry["fullUrl"] for entry in entries]
    assert len(set(urls)) == len(urls)
    for entry in entries:
        assert set(entry) == {"fullUrl", "resource"} and URN.fullmatch(entry["fullUrl"])
        resource = entry["resource"]
        assert entry["fullUrl"] == f"urn:uuid:{resource['id']}" and ID.fullmatch(resource["id"])
        elements = ELEMENTS[resource["resourceType"]]
        assert set(resource) <= set(elements)
        for name, (least, _) in elements.items():
            assert name in resource or not least, name
            if name in resource:
                assert isinstance(resource[name], list) is (name in LISTS), name
    for node in nodes(bundle):
        assert node, "an empty object is no FHIR"
        for value in node.values():
            assert value not in ("", None, [], {})
            if isinstance(value, str):
                assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", value)
        if "url" in node:
            values = [k for k in node if k.startswith("value")]
            # Either a value or further extensions, never both.
            assert len(values) + ("extension" in node) == 1
            assert all(isinstance(node[k], VALUES[k]) for k in values)
            assert CODE.fullmatch(node.get("valueCode", "x"))
        if "reference" in node and node["reference"].startswith("urn:"):
            assert node["reference"] in urls, "a reference leads out of the Bundle"
        if "coding" in node:
            assert all(c["system"] and CODE.fullmatch(c["code"]) for c in node["coding"])
    for entry in entries:
        for evidence in entry["resource"].get("evidence", ()):
            assert "code" in evidence or "detail" in evidence  # con-2 of Condition


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from nodes(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from nodes(inner)


def extensions(node: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [e for e in node.get("extension", ()) if e["url"] == EXTENSIONS + name]


def parts(extension: dict[str, Any]) -> dict[str, Any]:
    return {
        e["url"]: value for e in extension["extension"] for k, value in e.items() if k.startswith("value")
    }


SERVICES = """Assessment: Acute appendicitis. Right ankle sprain.
Plan: Ketorolac 60 mg IM given today. Laparoscopic appendectomy performed today.
Ankle brace fitted and dispensed for the right ankle sprain.
"""


@pytest.fixture(scope="module")
def real(coder: Coder) -> CodingResult:
    return coder.suggest(SERVICES, systems=("ICD-10-CM", "CPT", "HCPCS"))


def test_diagnoses_are_provisional_conditions() -> None:
    result = sample()
    bundle = result.to_fhir()
    valid(bundle)
    resources = [entry["resource"] for entry in bundle["entry"]]
    assert [r["code"]["coding"][0]["code"] for r in resources] == [s.code for s in result]
    for r, s in zip(resources, result, strict=True):
        assert r["resourceType"] == "Condition"
        assert r["code"]["coding"] == [
            {
                "system": "http://hl7.org/fhir/sid/icd-10-cm",
                "code": s.code,
                "display": s.description,
                "version": "2026-04",
            }
        ]
        assert r["verificationStatus"]["coding"][0]["code"] == "provisional"
        assert [e["valueDecimal"] for e in extensions(r, "score")] == [round(s.score, 6)]
        quoted = [parts(extensions(e, "evidence")[0]) for e in r["evidence"]]
        assert [(q["start"], q["end"], q["text"]) for q in quoted] == [
            (e.start, e.end, e.text) for e in s.evidence
        ]
        assert [n["text"] for n in r.get("note", ())] == [f"{f.message} [{f.citation}]" for f in s.findings]


def test_services_are_charge_items(real: CodingResult) -> None:
    bundle = real.to_fhir(subject="Patient/7")
    valid(bundle)
    by_code = {e["resource"]["code"]["coding"][0]["code"]: e["resource"] for e in bundle["entry"]}
    assert list(by_code) == [s.code for s in real]
    for s in real:
        r = by_code[s.code]
        assert r["code"]["coding"][0]["system"] == SYSTEMS[s.system]
        assert r["subject"] == {"reference": "Patient/7"}
        if s.system == "ICD-10-CM":
            continue
        assert (r["resourceType"], r["status"], r["quantity"]) == (
            "ChargeItem",
            "unknown",
            {"value": s.units},
        )
        assert [parts(m)["code"] for m in extensions(r, "modifier")] == [m.code for m in s.modifiers]
        quoted = [parts(e) for e in extensions(r, "evidence")]
        assert [SERVICES[q["start"] : q["end"]] for q in quoted] == [e.text for e in s.evidence]
        assert [c["coding"][0]["code"] for c in r.get("reason", ())] == list(s.diagnoses)
        reasons = {f"urn:uuid:{by_code[d]['id']}" for d in s.diagnoses}
        assert {x["reference"] for x in r.get("supportingInformation", ())} == reasons
    assert by_code["J1885"]["quantity"] == {"value": 4}
    assert [parts(m)["code"] for m in extensions(by_code["L1902"], "modifier")] == ["RT"]
    assert by_code["L1902"]["reason"]


def test_the_patient_is_unknown_unless_named() -> None:
    subject = sample().to_fhir()["entry"][0]["resource"]["subject"]
    assert [e["valueCode"] for e in subject["extension"]] == ["unknown"]


def test_the_note_only_on_request(real: CodingResult) -> None:
    assert "DocumentReference" not in json.dumps(real.to_fhir())
    bundle = real.to_fhir(include_text=True)
    valid(bundle)
    document = bundle["entry"][0]
    data = document["resource"]["content"][0]["attachment"]["data"]
    assert base64.b64decode(data).decode() == SERVICES
    pointed = [
        d["reference"]
        for e in bundle["entry"]
        for q in e["resource"].get("evidence", ())
        for d in q["detail"]
    ]
    assert pointed and set(pointed) == {document["fullUrl"]}


def test_ids_follow_from_note_and_code() -> None:
    ids = [e["fullUrl"] for e in sample().to_fhir()["entry"]]
    assert ids == [e["fullUrl"] for e in sample().to_fhir()["entry"]]
    other = replace(sample(), text=NOTE + " ")
    assert not set(ids) & {e["fullUrl"] for e in other.to_fhir()["entry"]}


def test_nothing_is_an_empty_bundle() -> None:
    assert nothing().to_fhir() == {"resourceType": "Bundle", "type": "collection"}
    valid(nothing("x").to_fhir(include_text=True))


def test_a_code_that_is_not_billable_says_so() -> None:
    told = replace(sample()[0], billable=False, description=" ", system="OWN")
    bundle = replace(sample(), suggestions=(told,)).to_fhir()
    valid(bundle)
    [resource] = [e["resource"] for e in bundle["entry"]]
    assert [e["valueBoolean"] for e in extensions(resource, "billable")] == [False]
    assert resource["code"]["coding"] == [{"system": f"{EXTENSIONS}OWN", "code": told.code}]


@given(results())
def test_any_result(result: CodingResult) -> None:
    bundle = result_fhir(result, include_text=True)
    valid(bundle)
    text = result_fhir_json(result, include_text=True)
    assert text.isascii() and json.loads(text) == bundle
    kept = [e for e in bundle.get("entry", ()) if e["resource"]["resourceType"] != "DocumentReference"]
    assert len(kept) == len(result.suggestions)


def test_the_checker_refuses() -> None:
    """The checks above would notice."""
    bundle = sample().to_fhir()
    bundle["entry"][0]["resource"]["onset"] = "x"
    with pytest.raises(AssertionError):
        valid(bundle)
    bundle = sample().to_fhir()
    del bundle["entry"][0]["resource"]["subject"]
    with pytest.raises(AssertionError):
        valid(bundle)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "note.txt"
    path.write_text(SERVICES)
    assert main(["suggest", str(path), "--format", "fhir", "--systems", "ICD-10-CM,HCPCS"]) == 0
    out = capsys.readouterr().out
    assert main(["suggest", str(path), "--format", "fhir", "--systems", "ICD-10-CM,HCPCS"]) == 0
    assert capsys.readouterr().out == out
    bundle = json.loads(out)
    valid(bundle)
    assert {e["resource"]["resourceType"] for e in bundle["entry"]} == {"Condition", "ChargeItem"}
