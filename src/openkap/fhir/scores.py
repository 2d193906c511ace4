"""A score as an FHIR R4 Observation: what goes to another system where only the total of a form was entered.

The value is in the UCUM unit {score}; the code is LOINC's of the total where there is one, and always our own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from openkap.fhir.values import LOINC, UCUM
from openkap.knowledge.schema.instrument import Instrument, Points

SCORES: Final = "urn:openkap:scores"
_SURVEY: Final = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "survey"}]
}


@dataclass(frozen=True)
class Scored:
    """One scored form: `total` is none where there is none; `parts` by the id of the subscale."""

    response_id: UUID
    patient_id: UUID
    scored_at: datetime
    total: Points | None
    parts: Mapping[str, Points | None]


def score_observation(instrument: Instrument, scored: Scored) -> dict[str, Any]:
    """The total, and the parts as components; what is not known has its reason in place of a value."""
    made: dict[str, Any] = {
        "resourceType": "Observation",
        "id": str(scored.response_id),
        "status": "final",
        "category": [_SURVEY],
        "code": {"coding": _codes(instrument), "text": instrument.title.en},
        "subject": {"reference": f"Patient/{scored.patient_id}"},
        "effectiveDateTime": scored.scored_at.isoformat(),
    }
    parts = [
        {"code": {"coding": [_own(instrument, part.id)], "text": part.title.en}} | _value(scored.parts[part.id])
        for part in instrument.subscales
        if part.id in scored.parts
    ]
    if instrument.has_total:
        made |= _value(scored.total)
    return made | ({"component": parts} if parts else {})


def _codes(instrument: Instrument) -> list[dict[str, str]]:
    own = _own(instrument, "total" if instrument.has_total else "parts")
    total = instrument.loinc.total
    return [{"system": LOINC, "code": total}, own] if total else [own]


def _own(instrument: Instrument, part: str) -> dict[str, str]:
    return {"system": SCORES, "code": f"{instrument.id}-{part}"}


def _value(points: Points | None) -> dict[str, Any]:
    if points is None:
        absent = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
        return {"dataAbsentReason": {"coding": [{"system": absent, "code": "unknown"}]}}
    return {"valueQuantity": {"value": points, "unit": "score", "system": UCUM, "code": "{score}"}}
