"""A result as a FHIR R4 Bundle: diagnoses as provisional Conditions, services as ChargeItems.

Nothing here says that a code is right: every Condition is ``provisional``, every ChargeItem ``unknown``.
There are no timestamps, and ids follow from the note and the code: the same result gives the same bytes.

FHIR has no place for a score, a quote or a modifier. They are extensions below ``EXTENSIONS``:
``score`` (decimal, 0..1), ``evidence`` (text, start, end, kind, section; offsets count code points of the
note), ``modifier`` (code, reason) and ``billable`` where a code is not.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

if TYPE_CHECKING:
    from cac.result import CodingResult
    from cac.types import Evidence, Finding, Modifier, Suggestion

__all__ = ["EXTENSIONS", "SYSTEMS", "result_fhir", "result_fhir_json"]

SYSTEMS: Final = {
    "ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "CPT": "http://www.ama-assn.org/go/cpt",
    "HCPCS": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
}
"""Code system to the URI that FHIR knows it by."""

EXTENSIONS: Final = "urn:cac:fhir:"

_TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem/"
_ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_PLACES: Final = 6

Json = dict[str, Any]


def result_fhir(result: CodingResult, *, subject: str | None = None, include_text: bool = False) -> Json:
    """The suggestions of a result as a Bundle of type "collection".

    Parameters
    ----------
    result
        What ``suggest`` gave. Candidates, ledger and queries are not part of the Bundle.
    subject
        Reference to the patient, such as "Patient/123"; without it the subject is marked as unknown.
    include_text
        Also carry the note, as a DocumentReference that the evidence points to.
    """
    base = _base(result)
    ids = [str(uuid5(base, f"{n}|{s.system}|{s.code}")) for n, s in enumerate(result.suggestions)]
    document = str(uuid5(base, "note")) if include_text and result.text else None
    patient = {"reference": subject} if subject is not None else {"extension": [_coded(_ABSENT, "unknown")]}
    both = tuple(zip(ids, result.suggestions, strict=True))
    conditions = {s.code: uuid for uuid, s in both if s.system == "ICD-10-CM"}
    entries: list[Json] = []
    if document is not None:
        entries.append(_entry(document, _document(result, patient)))
    for uuid, s in both:
        made = (
            _condition(s, result, patient, document)
            if s.system == "ICD-10-CM"
            else _charge(s, patient, conditions, document)
        )
        entries.append(_entry(uuid, made))
    bundle: Json = {"resourceType": "Bundle", "type": "collection"}
    # An empty array is no valid FHIR.
    return {**bundle, "entry": entries} if entries else bundle


def result_fhir_json(
    result: CodingResult, indent: int | None = None, *, subject: str | None = None, include_text: bool = False
) -> str:
    """``result_fhir`` as JSON, ASCII only."""
    bundle = result_fhir(result, subject=subject, include_text=include_text)
    return json.dumps(bundle, indent=indent, allow_nan=False)


def _base(result: CodingResult) -> UUID:
    """What all ids come from: the same for the same note coded in the same way."""
    how = f"{result.release}|{result.setting}|{result.scope}|{result.date_of_service}"
    note = result.text.encode("utf-8", "surrogatepass").hex()
    return uuid5(NAMESPACE_URL, f"{EXTENSIONS}{how}|{note}")


def _entry(uuid: str, resource: Json) -> Json:
    kind = resource["resourceType"]
    return {"fullUrl": f"urn:uuid:{uuid}", "resource": {"resourceType": kind, "id": uuid, **resource}}


def _document(result: CodingResult, patient: Json) -> Json:
    data = base64.b64encode(result.text.encode("utf-8", "replace")).decode("ascii")
    attachment = {"contentType": "text/plain; charset=utf-8", "data": data}
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": patient,
        "content": [{"attachment": attachment}],
    }


def _condition(s: Suggestion, result: CodingResult, patient: Json, document: str | None) -> Json:
    made: Json = {
        "resourceType": "Condition",
        "extension": _facts(s),
        "verificationStatus": _concept(f"{_TERMINOLOGY}condition-ver-status", "provisional"),
        "category": [_concept(f"{_TERMINOLOGY}condition-category", "encounter-diagnosis")],
        "code": {"coding": [{**_coding(s), "version": _token(result.release)}]},
        "subject": patient,
    }
    if s.evidence:
        made["evidence"] = [_quoted(e, document) for e in s.evidence]
    return _noted(made, s.findings)


def _charge(s: Suggestion, patient: Json, conditions: dict[str, str], document: str | None) -> Json:
    made: Json = {
        "resourceType": "ChargeItem",
        "extension": [*_facts(s), *(_modifier(m) for m in s.modifiers), *(_evidence(e) for e in s.evidence)],
        # FHIR has no status for a charge that somebody still has to decide on.
        "status": "unknown",
        "code": {"coding": [_coding(s)]},
        "subject": patient,
        "quantity": {"value": s.units},
    }
    reasons = [code for code in s.diagnoses if code in conditions]
    if reasons:
        made["reason"] = [{"coding": [{"system": SYSTEMS["ICD-10-CM"], "code": code}]} for code in reasons]
    support = [conditions[code] for code in reasons] + ([document] if document is not None else [])
    if support:
        made["supportingInformation"] = [{"reference": f"urn:uuid:{uuid}"} for uuid in support]
    return _noted(made, s.findings)


def _facts(s: Suggestion) -> list[Json]:
    facts: list[Json] = [{"url": f"{EXTENSIONS}score", "valueDecimal": round(s.score, _PLACES)}]
    if not s.billable:
        facts.append({"url": f"{EXTENSIONS}billable", "valueBoolean": False})
    return facts


def _modifier(m: Modifier) -> Json:
    return _nested("modifier", [_coded("code", m.code), *_string("reason", m.reason)])


def _quoted(e: Evidence, document: str | None) -> Json:
    made: Json = {"extension": [_evidence(e)], "code": [{"text": _allowed(e.text) or _token(e.kind)}]}
    if document is not None:
        made["detail"] = [{"reference": f"urn:uuid:{document}"}]
    return made


def _evidence(e: Evidence) -> Json:
    offsets = [{"url": "start", "valueInteger": e.start}, {"url": "end", "valueInteger": e.end}]
    return _nested(
        "evidence", [*_string("text", e.text), *offsets, _coded("kind", e.kind), _coded("section", e.section)]
    )


def _nested(name: str, parts: list[Json]) -> Json:
    return {"url": f"{EXTENSIONS}{name}", "extension": parts}


def _coded(url: str, value: str) -> Json:
    return {"url": url, "valueCode": _token(value)}


def _string(url: str, value: str) -> list[Json]:
    words = _allowed(value)
    return [{"url": url, "valueString": words}] if words else []


def _token(value: str) -> str:
    """A code as FHIR takes it: no blanks but single ones inside."""
    return " ".join(_allowed(value).split()) or "unknown"


def _allowed(text: str) -> str:
    """A text as FHIR takes it: control characters and lone surrogates replaced; "" when it is blank."""
    return _FORBIDDEN.sub("\ufffd", text) if text.strip() else ""


def _concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _coding(s: Suggestion) -> Json:
    system = SYSTEMS.get(s.system, f"{EXTENSIONS}{s.system}")
    shown = _allowed(s.description)
    return {"system": system, "code": _token(s.code), **({"display": shown} if shown else {})}


def _noted(resource: Json, findings: tuple[Finding, ...]) -> Json:
    told = [_allowed(f"{f.message} [{f.citation}]" if f.citation else f.message) for f in findings]
    notes = [{"text": text} for text in told if text]
    return {**resource, "note": notes} if notes else resource
