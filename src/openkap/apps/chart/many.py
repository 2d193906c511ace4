"""The charts of many patients as facts, a table at a time: for judging everyone in one go."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from openkap.apps.chart import values
from openkap.apps.chart.models import (
    Allergy,
    Answer,
    Condition,
    MedicationUse,
    Observation,
    Procedure,
    current,
)
from openkap.apps.chart.queries import answer_facts
from openkap.core.assessment.facts import Fact, birth_date, sex
from openkap.fhir import facts as mapping

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

# Each kind of row with its way to a value of the importer, and from there to facts.
_KINDS: tuple[tuple[Any, Callable[[Any], Any], Callable[[Iterable[Any], date], Iterator[Fact]]], ...] = (
    (Condition, values.condition, mapping.condition_facts),
    (MedicationUse, values.medication, mapping.medication_facts),
    (Allergy, values.allergy, mapping.allergy_facts),
    (Observation, values.observation, mapping.observation_facts),
    (Procedure, values.procedure, mapping.procedure_facts),
)


def facts_for_many(patients: Sequence["Patient"], on: date) -> Mapping[int, tuple[Fact, ...]]:
    """What `queries.facts_for` says of each, by primary key, in seven queries for all of them."""
    found: dict[int, list[Fact]] = {patient.pk: _person(patient) for patient in patients}
    for model, as_value, as_facts in _KINDS:
        rows = defaultdict(list)
        for row in current(model.objects.filter(patient__in=found)).iterator(chunk_size=2000):
            rows[row.patient_id].append(as_value(row))
        for patient_id, mine in rows.items():
            found[patient_id].extend(as_facts(mine, on))
    for patient_id, answers in _answers(found).items():
        found[patient_id].extend(answer_facts(answers, on))
    return {patient_id: tuple(facts) for patient_id, facts in found.items()}


def _person(patient: "Patient") -> list[Fact]:
    about = f"Patient/{patient.public_id}"
    return [birth_date(patient.birth_date, about), sex(patient.sex, about)]


def _answers(patient_ids: Iterable[int]) -> dict[int, dict[str, Answer]]:
    """The latest answer about each concept, by patient."""
    latest: dict[int, dict[str, Answer]] = defaultdict(dict)
    rows = Answer.objects.filter(patient__in=patient_ids, superseded_by__isnull=True).order_by("id")
    for row in rows.iterator(chunk_size=2000):
        latest[row.patient_id][row.concept] = row
    return latest
