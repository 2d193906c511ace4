"""Rows of the chart as the plain values the core reads: the way back from `rows.columns_of`."""

from collections.abc import Iterable
from typing import Any

from openkap.apps.chart.models import Allergy, ChartFact, Condition, MedicationUse, Observation, Procedure
from openkap.fhir.values import (
    Coding,
    Concept,
    ImportedAllergy,
    ImportedCondition,
    ImportedMedication,
    ImportedObservation,
    ImportedProcedure,
)


def condition(row: Condition) -> ImportedCondition:
    return ImportedCondition(
        source_id=str(row.public_id),
        withdrawn=row.is_withdrawn,
        concept=concept(row),
        clinical_status=row.clinical_status,
        verification_status=row.verification_status,
        onset=row.onset,
        onset_text=row.onset_text,
        abatement=row.abatement,
        abatement_text=row.abatement_text,
        recorded=row.noted,
    )


def medication(row: MedicationUse) -> ImportedMedication:
    return ImportedMedication(
        source_id=str(row.public_id),
        withdrawn=row.is_withdrawn,
        kind=row.kind,
        concept=concept(row),
        status=row.status,
        authored=row.authored,
        began=row.began,
        ended=row.ended,
        dosage=row.dosage,
        as_needed=row.as_needed,
    )


def allergy(row: Allergy) -> ImportedAllergy:
    return ImportedAllergy(
        source_id=str(row.public_id),
        withdrawn=row.is_withdrawn,
        concept=concept(row),
        kind=row.kind,
        categories=tuple(row.categories),
        clinical_status=row.clinical_status,
        verification_status=row.verification_status,
        criticality=row.criticality,
        onset=row.onset,
        recorded=row.noted,
        reactions=row.reactions,
    )


def observation(row: Observation) -> ImportedObservation:
    coded = _codings(row.value_codings)
    return ImportedObservation(
        source_id=str(row.public_id),
        withdrawn=row.is_withdrawn,
        concept=concept(row),
        panel=Concept(row.panel_text, ()) if row.panel_id else None,
        category=row.category,
        status=row.status,
        measured=row.measured,
        value=row.value,
        comparator=row.comparator,
        unit=row.unit,
        unit_code=row.unit_code,
        value_text=row.value_text,
        value_concept=Concept(row.value_text, coded) if coded else None,
    )


def procedure(row: Procedure) -> ImportedProcedure:
    return ImportedProcedure(
        source_id=str(row.public_id),
        withdrawn=row.is_withdrawn,
        concept=concept(row),
        status=row.status,
        performed=row.performed,
        ended=row.ended,
    )


def concept(row: ChartFact) -> Concept:
    """What the row is about."""
    return Concept(row.text, _codings(row.codings))


def _codings(stored: Iterable[dict[str, Any]]) -> tuple[Coding, ...]:
    return tuple(Coding(**coding) for coding in stored)
