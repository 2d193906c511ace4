"""Charts for tests: FHIR resources, bundles of them, and real ones of Synthea."""

import gzip
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from openkap.apps.audit.operations import SystemActor
from openkap.apps.chart.operations import ImportResult, import_bundle
from openkap.apps.sites.models import Site
from tests.factories.sites import THEN, a_site

Json = dict[str, Any]
SYNTHEA = Path(__file__).resolve().parents[1] / "reference" / "fhir"
NAMES = tuple(sorted(path.name.removesuffix(".json.gz") for path in SYNTHEA.glob("*.json.gz")))
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
PATIENT = "urn:uuid:0b0f2ff3-0000-4000-8000-000000000001"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


@cache
def synthea(name: str) -> bytes:
    """A bundle of tests/reference/fhir."""
    return gzip.decompress((SYNTHEA / f"{name}.json.gz").read_bytes())


def patient(**said: Any) -> Json:
    """A Patient resource."""
    usual = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": "http://hospital.example/mrn", "value": "MRN-1"}],
        "name": [{"use": "official", "family": "Quill", "given": ["Rowan"]}],
        "gender": "female",
        "birthDate": "1984-03-12",
    }
    return usual | said


def coded(text: str, code: str = "", system: str = SNOMED) -> Json:
    """A CodeableConcept."""
    return {"text": text} | ({"coding": [{"system": system, "code": code, "display": text}]} if code else {})


def status(code: str, system: str = CLINICAL) -> Json:
    """A status given as a CodeableConcept."""
    return {"coding": [{"system": system, "code": code}]}


def condition(id_: str = "c1", **said: Any) -> Json:
    """A Condition resource: an active, confirmed hypertension."""
    usual = {
        "resourceType": "Condition",
        "id": id_,
        "clinicalStatus": status("active"),
        "verificationStatus": status("confirmed", VERIFICATION),
        "code": coded("Hypertension", "38341003"),
        "subject": {"reference": PATIENT},
        "onsetDateTime": "2015-03-01",
    }
    return usual | said


def order(id_: str = "m1", **said: Any) -> Json:
    """A MedicationRequest resource."""
    usual = {
        "resourceType": "MedicationRequest",
        "id": id_,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": coded("Sertraline 50 MG Oral Tablet", "312941", "http://www.nlm.nih.gov/research/umls/rxnorm"),
        "subject": {"reference": PATIENT},
        "authoredOn": "2026-01-10",
        "dosageInstruction": [{"text": "one in the morning", "asNeededBoolean": False}],
    }  # fmt: skip
    return usual | said


def statement(id_: str = "s1", **said: Any) -> Json:
    """A MedicationStatement resource."""
    usual = {
        "resourceType": "MedicationStatement",
        "id": id_,
        "status": "active",
        "medicationCodeableConcept": coded("St John's wort"),
        "subject": {"reference": PATIENT},
        "effectivePeriod": {"start": "2026-02"},
    }
    return usual | said


def allergy(id_: str = "a1", **said: Any) -> Json:
    """An AllergyIntolerance resource."""
    place = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
    usual = {
        "resourceType": "AllergyIntolerance",
        "id": id_,
        "clinicalStatus": status("active", place),
        "code": coded("Penicillin", "91936005"),
        "patient": {"reference": PATIENT},
        "criticality": "high",
        "reaction": [{"manifestation": [coded("Hives"), coded("Swelling")]}],
    }
    return usual | said


def weight(id_: str = "w1", value: float = 70.2, **said: Any) -> Json:
    """An Observation resource: a body weight."""
    usual = {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "code": coded("Body weight", "29463-7", LOINC),
        "subject": {"reference": PATIENT},
        "effectiveDateTime": "2026-08-01T09:30:00-04:00",
        "valueQuantity": {"value": value, "unit": "kg", "system": UCUM, "code": "kg"},
    }
    return usual | said


def pressure(id_: str = "bp1", systolic: float = 128, diastolic: float = 81, **said: Any) -> Json:
    """An Observation resource: a blood pressure in two components."""
    parts = [("Systolic", "8480-6", systolic), ("Diastolic", "8462-4", diastolic)]
    usual = weight(id_) | {
        "code": coded("Blood pressure", "85354-9", LOINC),
        "component": [
            {
                "code": coded(f"{name} blood pressure", code, LOINC),
                "valueQuantity": {"value": value, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"},
            }
            for name, code, value in parts
        ],
    }
    del usual["valueQuantity"]
    return usual | said


def procedure(id_: str = "x1", **said: Any) -> Json:
    """A Procedure resource."""
    usual = {
        "resourceType": "Procedure",
        "id": id_,
        "status": "completed",
        "code": coded("Electroconvulsive therapy", "23835007"),
        "subject": {"reference": PATIENT},
        "performedPeriod": {"start": "2019-04-02T10:00:00Z", "end": "2019-04-02T10:20:00Z"},
    }
    return usual | said


def entry(resource: Json) -> Json:
    """An entry of a bundle; the patient's is the one that `PATIENT` refers to."""
    full_url = PATIENT if resource["resourceType"] == "Patient" else f"urn:uuid:{resource['id']}"
    return {
        "fullUrl": full_url,
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def bundle(*resources: Json, type_: str = "transaction", who: Json | None = None) -> bytes:
    """A bundle about `who` (the usual patient) with these resources."""
    entries = [entry(who or patient()), *(entry(resource) for resource in resources)]
    return json.dumps({"resourceType": "Bundle", "type": type_, "entry": entries}).encode()


def imported(raw: bytes, site: Site | None = None, now: datetime = THEN, **how: Any) -> ImportResult:
    """A chart taken over by the system."""
    return import_bundle(by=SystemActor(), now=now, site=site or a_site(), raw=raw, **how)
