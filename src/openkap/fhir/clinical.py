"""Conditions, medicines, allergies and procedures of FHIR R4 to plain values.

Each reader is given a resource that has been found valid R4. Raises `NotTaken` with the reason.
"""

from collections.abc import Callable

from openkap.fhir.datatypes import (
    NotTaken,
    concept,
    flag,
    limited,
    moment,
    moment_or_start,
    one_of,
    status,
    words_for,
)
from openkap.fhir.reading import Json
from openkap.fhir.values import (
    Concept,
    ImportedAllergy,
    ImportedCondition,
    ImportedMedication,
    ImportedProcedure,
)

ERROR = "entered-in-error"
CLINICAL = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"})
VERIFICATION = frozenset({"unconfirmed", "provisional", "differential", "confirmed", "refuted", ERROR})
ALLERGY_CLINICAL = frozenset({"active", "inactive", "resolved"})
ALLERGY_VERIFICATION = frozenset({"unconfirmed", "confirmed", "refuted", ERROR})
REQUEST = frozenset({"active", "on-hold", "cancelled", "completed", ERROR, "stopped", "draft", "unknown"})
STATEMENT = frozenset({"active", "completed", ERROR, "intended", "stopped", "on-hold", "unknown", "not-taken"})
ORDERS = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
PROCEDURE = frozenset(
    {"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", ERROR, "unknown"}
)

MedicineOf = Callable[[Json], Concept]


def read_condition(resource: Json, source_id: str) -> ImportedCondition:
    verification = status(resource.get("verificationStatus"), VERIFICATION, "Condition.verificationStatus")
    return ImportedCondition(
        source_id=source_id,
        withdrawn=verification == ERROR,
        concept=concept(resource.get("code"), "Condition.code"),
        clinical_status=status(resource.get("clinicalStatus"), CLINICAL, "Condition.clinicalStatus"),
        verification_status=verification,
        onset=moment_or_start(resource, "onset", "Condition.onset"),
        onset_text=words_for(resource, "onset"),
        abatement=moment_or_start(resource, "abatement", "Condition.abatement"),
        abatement_text=words_for(resource, "abatement"),
        recorded=moment(resource.get("recordedDate"), "Condition.recordedDate"),
    )


def read_allergy(resource: Json, source_id: str) -> ImportedAllergy:
    verification = status(
        resource.get("verificationStatus"), ALLERGY_VERIFICATION, "AllergyIntolerance.verificationStatus"
    )
    return ImportedAllergy(
        source_id=source_id,
        withdrawn=verification == ERROR,
        concept=concept(resource.get("code") or _substance(resource), "AllergyIntolerance.code"),
        kind=resource.get("type", ""),
        categories=tuple(kind for kind in resource.get("category", []) if kind),
        clinical_status=status(
            resource.get("clinicalStatus"), ALLERGY_CLINICAL, "AllergyIntolerance.clinicalStatus"
        ),
        verification_status=verification,
        criticality=resource.get("criticality", ""),
        onset=moment_or_start(resource, "onset", "AllergyIntolerance.onset"),
        recorded=moment(resource.get("recordedDate"), "AllergyIntolerance.recordedDate"),
        reactions=_reactions(resource),
    )


def _substance(resource: Json) -> Json | None:
    return next((r["substance"] for r in resource.get("reaction", []) if "substance" in r), None)


def _reactions(resource: Json) -> str:
    shown = [
        concept(sign, "AllergyIntolerance.reaction").text
        for reaction in resource.get("reaction", [])
        for sign in reaction.get("manifestation", [])
    ]
    return limited(", ".join(dict.fromkeys(shown)))


def read_order(resource: Json, source_id: str, medicine_of: MedicineOf) -> ImportedMedication:
    """A MedicationRequest that orders something; proposals, plans and prohibitions are not orders."""
    said = one_of(resource.get("status"), REQUEST, "MedicationRequest.status")
    if resource.get("intent") not in ORDERS:
        raise NotTaken(f"a {resource.get('intent')}, not an order")
    if flag(resource.get("doNotPerform", False), "MedicationRequest.doNotPerform"):
        raise NotTaken("says what not to give")
    if said == "draft":
        raise NotTaken("a draft, not an order")
    return ImportedMedication(
        source_id=source_id,
        withdrawn=said == ERROR,
        kind="order",
        concept=medicine_of(resource),
        status=said,
        authored=moment(resource.get("authoredOn"), "MedicationRequest.authoredOn"),
        began=None,
        ended=None,
        dosage=_dosage(resource.get("dosageInstruction", [])),
        as_needed=_as_needed(resource.get("dosageInstruction", [])),
    )


def read_statement(resource: Json, source_id: str, medicine_of: MedicineOf) -> ImportedMedication:
    said = one_of(resource.get("status"), STATEMENT, "MedicationStatement.status")
    period = resource.get("effectivePeriod", {})
    return ImportedMedication(
        source_id=source_id,
        withdrawn=said == ERROR,
        kind="statement",
        concept=medicine_of(resource),
        status=said,
        authored=moment(resource.get("dateAsserted"), "MedicationStatement.dateAsserted"),
        began=moment_or_start(resource, "effective", "MedicationStatement.effective"),
        ended=moment(period.get("end"), "MedicationStatement.effectivePeriod.end"),
        dosage=_dosage(resource.get("dosage", [])),
        as_needed=_as_needed(resource.get("dosage", [])),
    )


def _dosage(instructions: list[Json]) -> str:
    """The words of the order. A structured dose without words is not put into words here."""
    words = [item.get("text") or item.get("patientInstruction") or "" for item in instructions]
    return limited("; ".join(word.strip() for word in words if word.strip()))


def _as_needed(instructions: list[Json]) -> bool | None:
    said = [flag(item["asNeededBoolean"], "asNeeded") for item in instructions if "asNeededBoolean" in item]
    if any("asNeededCodeableConcept" in item for item in instructions):
        return True
    return any(said) if said else None


def read_procedure(resource: Json, source_id: str) -> ImportedProcedure:
    said = one_of(resource.get("status"), PROCEDURE, "Procedure.status")
    if said == "not-done":
        raise NotTaken("was not done")
    return ImportedProcedure(
        source_id=source_id,
        withdrawn=said == ERROR,
        concept=concept(resource.get("code"), "Procedure.code"),
        status=said,
        performed=moment_or_start(resource, "performed", "Procedure.performed"),
        ended=moment(resource.get("performedPeriod", {}).get("end"), "Procedure.performedPeriod.end"),
    )
