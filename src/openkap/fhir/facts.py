"""What a chart says, as the assessment takes it. One mapping for charts in files and in the database."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from openkap.core.assessment.facts import Code, Fact, FactKind, FactStatus, birth_date, sex
from openkap.errors import BadInput
from openkap.fhir.values import (
    ChartImport,
    Concept,
    ImportedAllergy,
    ImportedCondition,
    ImportedMedication,
    ImportedObservation,
    ImportedProcedure,
)
from openkap.units import Quantity
from openkap.units.partial_dates import PartialDate

GOING_ON: Final = frozenset({"active", "recurrence", "relapse"})
OVER: Final = frozenset({"inactive", "remission", "resolved"})
DOUBTED: Final = frozenset({"unconfirmed", "provisional", "differential"})
TAKEN: Final = frozenset({"active", "on-hold"})  # on hold today may be taken tomorrow
NOT_TAKEN: Final = frozenset({"completed", "stopped", "cancelled", "not-taken"})

NOT_DONE: Final = frozenset({"preparation", "not-done"})


def facts_of(chart: ChartImport, on: date) -> tuple[Fact, ...]:
    """Everything the chart says about `on`, demographics included. Unknown stays unknown."""
    person = chart.patient
    about = f"Patient/{person.source_id}"
    return (
        birth_date(person.birth_date, about),
        sex(person.sex, about),
        *condition_facts(chart.conditions, on),
        *medication_facts(chart.medications, on),
        *allergy_facts(chart.allergies, on),
        *observation_facts(chart.observations, on),
        *procedure_facts(chart.procedures, on),
    )


def condition_facts(conditions: Iterable[ImportedCondition], on: date) -> Iterator[Fact]:
    """Problems that had begun by `on`."""
    for item in conditions:
        if not item.withdrawn and not _after(item.onset, on):
            yield Fact(
                FactKind.CONDITION,
                text=item.concept.text,
                codes=_codes(item.concept),
                status=_condition_status(item, on),
                onset=item.onset,
                recorded=_day(item.recorded or item.onset),
                source_ref=f"Condition/{item.source_id}",
            )


def _condition_status(item: ImportedCondition, on: date) -> FactStatus:
    """A doubted diagnosis and one without a status are not known; they never pass for resolved."""
    if item.verification_status == "refuted":
        return FactStatus.ABSENT
    if item.clinical_status in OVER:
        return FactStatus.ACTIVE if _after(item.abatement, on) else FactStatus.RESOLVED
    if item.verification_status in DOUBTED or item.clinical_status not in GOING_ON:
        return FactStatus.UNKNOWN
    return FactStatus.ACTIVE


def medication_facts(medications: Iterable[ImportedMedication], on: date) -> Iterator[Fact]:
    """Medicines ordered or said to be taken by `on`."""
    for item in medications:
        began = item.began or item.authored
        if not item.withdrawn and not _after(began, on):
            yield Fact(
                FactKind.MEDICATION,
                text=item.concept.text,
                codes=_codes(item.concept),
                status=_medication_status(item, on),
                onset=began,
                recorded=_day(item.authored or item.began),
                source_ref=f"Medication/{item.source_id}",
            )


def _medication_status(item: ImportedMedication, on: date) -> FactStatus:
    if item.status in NOT_TAKEN or (item.ended is not None and item.ended.last < on):
        return FactStatus.RESOLVED
    return FactStatus.ACTIVE if item.status in TAKEN else FactStatus.UNKNOWN


def allergy_facts(allergies: Iterable[ImportedAllergy], on: date) -> Iterator[Fact]:
    """Allergies noted by `on`; one that is not confirmed counts."""
    for item in allergies:
        if not item.withdrawn and not _after(item.onset or item.recorded, on):
            yield Fact(
                FactKind.ALLERGY,
                text=item.concept.text,
                codes=_codes(item.concept),
                status=_allergy_status(item),
                onset=item.onset,
                recorded=_day(item.recorded or item.onset),
                source_ref=f"AllergyIntolerance/{item.source_id}",
            )


def _allergy_status(item: ImportedAllergy) -> FactStatus:
    if item.verification_status == "refuted":
        return FactStatus.ABSENT
    if item.clinical_status in OVER:
        return FactStatus.RESOLVED
    return FactStatus.ACTIVE if item.clinical_status in GOING_ON else FactStatus.UNKNOWN


def observation_facts(observations: Iterable[ImportedObservation], on: date) -> Iterator[Fact]:
    """Values measured by `on`. One without a date cannot be told from an old one, so it has no day."""
    for item in observations:
        if not item.withdrawn and not _after(item.measured, on):
            yield Fact(
                FactKind.OBSERVATION,
                text=_words(item),
                codes=_codes(item.concept),
                onset=item.measured,
                recorded=_day(item.measured),
                value=_quantity(item),
                source_ref=f"Observation/{item.source_id}",
            )


def procedure_facts(procedures: Iterable[ImportedProcedure], on: date) -> Iterator[Fact]:
    """What was done by `on`. What was only prepared, or not done, says nothing about the patient."""
    for item in procedures:
        if not item.withdrawn and item.status not in NOT_DONE and not _after(item.performed, on):
            yield Fact(
                FactKind.PROCEDURE,
                text=item.concept.text,
                codes=_codes(item.concept),
                status=FactStatus.RESOLVED if item.status == "completed" else FactStatus.UNKNOWN,
                onset=item.performed,
                recorded=_day(item.performed),
                source_ref=f"Procedure/{item.source_id}",
            )


def _words(item: ImportedObservation) -> str:
    return f"{item.concept.text}: {item.value_text}" if item.value_text else item.concept.text


def _quantity(item: ImportedObservation) -> Quantity | None:
    """The number, if its unit is known for certain and it is not only a bound."""
    if item.value is None or item.comparator or not item.unit_code:
        return None
    try:
        return Quantity.of(item.value, item.unit_code)
    except BadInput:
        return None


def _codes(concept: Concept) -> tuple[Code, ...]:
    return tuple(Code(coding.system, coding.code) for coding in concept.codings)


def _day(moment: PartialDate | None) -> date | None:
    """The first day it may have been: nothing is taken for newer than it may be."""
    return moment.first if moment else None


def _after(moment: PartialDate | None, on: date) -> bool:
    return moment is not None and moment.first > on
