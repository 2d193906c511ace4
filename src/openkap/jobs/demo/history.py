"""What a made-up patient brings along: a small chart from a made-up practice, as a FHIR R4 bundle.

Codes are those of the synthetic charts in the tests; what has no code there is text alone.
"""

import json
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from openkap.jobs.demo.personas import Persona, Story

Json = dict[str, Any]

SNOMED = "http://snomed.info/sct"
STATUS_CODES = "http://terminology.hl7.org/CodeSystem/"
PRACTICE = "https://practice.example/patients"
DEPRESSION = ("370143000", "Major depression disorder", True)
# (code, display, still active): nothing here speaks for or against treatment
QUIET = (
    ("15777000", "Prediabetes", True),
    ("162864005", "Body mass index 30+ - obesity (finding)", True),
    ("40055000", "Chronic sinusitis (disorder)", True),
    ("55822004", "Hyperlipidemia", True),
    ("201834006", "Localized, primary osteoarthritis of the hand", True),
    ("271737000", "Anemia (disorder)", False),
    ("10509002", "Acute bronchitis (disorder)", False),
)
# What a prescriber has to weigh; for people whose assessment is under way.
WEIGHTY = (
    ("38341003", "Hypertension", True),
    ("83664006", "Idiopathic atrophic hypothyroidism", True),
    ("38822007", "Cystitis", False),
)
ANTIDEPRESSANTS = (
    "Sertraline 100 mg, once a day",
    "Escitalopram 20 mg, once a day",
    "Venlafaxine XR 150 mg, once a day",
)
ALLERGIES = (("Penicillin", "Rash"), ("Latex", "Hives"), ("Shellfish", "Swelling of the lips"))


def bundle_of(persona: Persona, random: Random, on: date) -> bytes:
    """The chart as it was sent on a day; the same for the same person, chance and day."""
    me = str(UUID(int=random.getrandbits(128), version=4))
    mine = {"reference": f"urn:uuid:{me}"}
    resources = [
        _patient(persona, me),
        _condition(mine, ("370143000", "Major depression disorder", True), on - timedelta(days=900)),
        *(
            _condition(mine, one, on - timedelta(days=random.randint(200, 3000)))
            for one in _problems(persona, random)
        ),
        _medicine(mine, random.choice(ANTIDEPRESSANTS), on - timedelta(days=random.randint(60, 500))),
        _allergy(mine, random),
    ]
    entries = [_entry(resource, random) for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def _problems(persona: Persona, random: Random) -> list[tuple[str, str, bool]]:
    found = random.sample(QUIET, random.randint(0, 2))
    if persona.story is Story.ASSESSED and random.random() < 0.6:
        found.append(random.choice(WEIGHTY))
    return found


def _entry(resource: Json, random: Random) -> Json:
    resource.setdefault("id", str(UUID(int=random.getrandbits(128), version=4)))
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}


def _patient(persona: Persona, me: str) -> Json:
    return {
        "resourceType": "Patient",
        "id": me,
        "identifier": [{"system": PRACTICE, "value": me}],
        "name": [{"use": "official", "family": persona.family_name, "given": [persona.given_name]}],
        "gender": persona.sex,
        "birthDate": persona.birth_date.isoformat(),
    }


def _condition(mine: Json, named: tuple[str, str, bool], since: date) -> Json:
    code, display, active = named
    status = "active" if active else "resolved"
    return {
        "resourceType": "Condition",
        "clinicalStatus": _status("condition-clinical", status),
        "verificationStatus": _status("condition-ver-status", "confirmed"),
        "code": {"coding": [{"system": SNOMED, "code": code, "display": display}], "text": display},
        "subject": mine,
        "onsetDateTime": since.isoformat(),
        **({} if active else {"abatementDateTime": (since + timedelta(days=30)).isoformat()}),
    }


def _medicine(mine: Json, words: str, since: date) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": words},
        "subject": mine,
        "authoredOn": since.isoformat(),
    }


def _allergy(mine: Json, random: Random) -> Json:
    substance, reaction = random.choice(ALLERGIES) if random.random() < 0.3 else ("No known allergies", "")
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": _status("allergyintolerance-clinical", "active"),
        "code": {"text": substance},
        "patient": mine,
        **({"reaction": [{"manifestation": [{"text": reaction}]}]} if reaction else {}),
    }


def _status(codes: str, code: str) -> Json:
    return {"coding": [{"system": STATUS_CODES + codes, "code": code}]}
