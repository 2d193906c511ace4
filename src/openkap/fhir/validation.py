"""Whether a resource is FHIR R4: its version first, then its shape."""

from functools import cache
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import BaseModel, ValidationError

from openkap.fhir.reading import BadBundle, Json

# Fields and kinds that only another version of FHIR has.
OTHER_VERSION_KINDS = {
    "MedicationOrder": "DSTU2",
    "DiagnosticOrder": "DSTU2",
    "Conformance": "DSTU2",
    "ProcedureRequest": "STU3",
    "ReferralRequest": "STU3",
    "EligibilityRequest": "STU3",
}
OTHER_VERSION_FIELDS = {
    ("Patient", "animal"): "STU3",
    ("Patient", "careProvider"): "DSTU2",
    ("Condition", "context"): "STU3",
    ("Condition", "dateRecorded"): "DSTU2",
    ("Condition", "assertedDate"): "STU3",
    ("Observation", "comments"): "DSTU2",
    ("Observation", "comment"): "STU3",
    ("Observation", "context"): "STU3",
    ("Observation", "related"): "STU3",
    ("MedicationRequest", "context"): "STU3",
    ("MedicationRequest", "medication"): "R5",
    ("MedicationStatement", "notTaken"): "STU3",
    ("MedicationStatement", "taken"): "STU3",
    ("MedicationStatement", "medication"): "R5",
    ("AllergyIntolerance", "substance"): "DSTU2",
    ("AllergyIntolerance", "assertedDate"): "STU3",
    ("Procedure", "context"): "STU3",
    ("Procedure", "notDone"): "STU3",
    ("Procedure", "notPerformed"): "DSTU2",
    ("Procedure", "occurrenceDateTime"): "R5",
    ("Procedure", "occurrencePeriod"): "R5",
}
# Statuses that became coded concepts in R4 and were bare codes before.
CONCEPTS_SINCE_R4 = frozenset(
    {
        ("Condition", "clinicalStatus"),
        ("Condition", "verificationStatus"),
        ("AllergyIntolerance", "clinicalStatus"),
        ("AllergyIntolerance", "verificationStatus"),
    }
)


def check_version(resource: Json, where: str) -> None:
    """Raise `BadBundle` if the resource can only be of another version of FHIR than R4."""
    kind = resource.get("resourceType")
    if kind in OTHER_VERSION_KINDS:
        raise _other_version(where, str(kind), OTHER_VERSION_KINDS[kind])
    for field, value in resource.items():
        found = OTHER_VERSION_FIELDS.get((str(kind), field))
        if found is None and (kind, field) in CONCEPTS_SINCE_R4 and isinstance(value, str):
            found = "STU3 or earlier"
        if found:
            raise _other_version(where, f"{kind}.{field}", found)


def _other_version(where: str, what: str, version: str) -> BadBundle:
    return BadBundle(
        "%(where)s: %(what)s has the shape of FHIR %(version)s. Export the chart as FHIR R4 (4.0.1).",
        where=where,
        what=what,
        version=version,
    )


def fault_of(resource: Json) -> str | None:
    """Why the resource is not valid R4, naming the field; None if it is. `resourceType` must be one we read."""
    kind = resource["resourceType"]
    try:
        _model(kind).model_validate(resource)
    except ValidationError as error:
        return _first_fault(kind, error)
    except (ValueError, TypeError, LookupError, AttributeError):
        return f"{kind} is not FHIR R4"
    return None


@cache
def _model(kind: str) -> type[BaseModel]:
    model: type[BaseModel] = get_fhir_model_class(kind)
    return model


def _first_fault(kind: str, error: ValidationError) -> str:
    first: Any = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = ".".join(str(step) for step in first["loc"] if not isinstance(step, int))
    return f"{kind}{'.' + path if path else ''}: {first['msg'].removeprefix('Value error, ')}"
