"""Reading a chart. Patients come from `people.queries`, which see to who may."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet

from openkap.adapters.postgres.reading import once_a_page
from openkap.apps.chart import values
from openkap.apps.chart.entries import ENTRIES
from openkap.apps.chart.models import (
    Allergy,
    Answer,
    ChartFact,
    Condition,
    Import,
    MedicationUse,
    Observation,
    Procedure,
    current,
)
from openkap.core.assessment.facts import Fact, FactKind, FactStatus, birth_date, sex
from openkap.errors import NotFound
from openkap.fhir import facts as mapping
from openkap.units import Quantity

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

WEIGHT = "body-weight"


def conditions_of(patient: "Patient") -> QuerySet[Condition]:
    """Problems as they stand, latest first."""
    return current(Condition.objects.filter(patient=patient)).order_by(F("onset").desc(nulls_last=True), "id")


def medications_of(patient: "Patient") -> QuerySet[MedicationUse]:
    """Medicines as they stand, latest first."""
    rows = current(MedicationUse.objects.filter(patient=patient))
    return rows.order_by(F("authored").desc(nulls_last=True), "id")


@once_a_page
def allergies_of(patient: "Patient") -> QuerySet[Allergy]:
    """Allergies as they stand, by name, with who noted them."""
    rows = current(Allergy.objects.filter(patient=patient)).select_related("recorded_by")
    return rows.order_by("text", "id")


def procedures_of(patient: "Patient") -> QuerySet[Procedure]:
    """What was done, latest first."""
    rows = current(Procedure.objects.filter(patient=patient))
    return rows.order_by(F("performed").desc(nulls_last=True), "id")


def observations_of(patient: "Patient", *codes: str) -> QuerySet[Observation]:
    """Values with one of these (LOINC) codes, or all; latest first, those without a date last."""
    rows = current(Observation.objects.filter(patient=patient))
    if codes:
        rows = rows.filter(code__in=codes)
    return rows.order_by(F("measured_at").desc(nulls_last=True), "-id")


def latest_observations(patient: "Patient") -> list[Observation]:
    """The newest value of everything that was ever measured, newest first."""
    rows = current(Observation.objects.filter(patient=patient))
    newest = rows.order_by("code_system", "code", "text", F("measured_at").desc(nulls_last=True), "-id")
    found = newest.distinct("code_system", "code", "text")
    return sorted(found, key=lambda row: (row.measured_at is not None, row.measured_at), reverse=True)


def newest_observations(patient: "Patient", codes: Iterable[str]) -> dict[str, Observation]:
    """The newest value of each of these codes, by code; those never measured are missing. One query."""
    rows = current(Observation.objects.filter(patient=patient, code__in=list(codes)))
    newest = rows.order_by("code", F("measured_at").desc(nulls_last=True), "-id").distinct("code")
    return {row.code: row for row in newest}


def is_newer(row: Observation) -> tuple[bool, float, int]:
    """What orders values in time, those without a time first."""
    at = row.measured_at
    return at is not None, at.timestamp() if at else 0.0, row.pk


def withdrawn_values(patient: "Patient", codes: Iterable[str]) -> int:
    """How many values with one of these codes were taken back."""
    return Observation.objects.filter(patient=patient, code__in=list(codes), is_withdrawn=True).count()


def observation_of(patient: "Patient", observation_id: UUID) -> Observation:
    """One current value of this patient. Raises `NotFound`."""
    found = current(Observation.objects.filter(patient=patient, public_id=observation_id)).first()
    if found is None:
        raise NotFound("There is no such value in this chart.")
    return found


def weight_today(patient: "Patient", on: date) -> Quantity | None:
    """The last weight measured here on the local date `on`, in kg: the only one that may set a dose."""
    zone = ZoneInfo(patient.site.time_zone)
    start = datetime.combine(on, time.min, tzinfo=zone)
    rows = observations_of(patient, ENTRIES[WEIGHT].loinc).filter(
        provenance=ChartFact.Provenance.MEASURED, measured_at__gte=start
    )
    for row in rows:
        if row.measured_at and row.measured_at.astimezone(zone).date() == on and row.value is not None:
            return Quantity.of(row.value.normalize(), row.unit_code)
    return None


def answers_of(patient: "Patient") -> dict[str, Answer]:
    """The latest answer about each concept, by concept."""
    rows = Answer.objects.filter(patient=patient, superseded_by__isnull=True).order_by("id")
    return {row.concept: row for row in rows.select_related("recorded_by")}


def fact_of(patient: "Patient", kind: str, fact_id: UUID) -> ChartFact:
    """One entry of this patient as it stands; `kind` as in `operations.by_hand.KINDS`. Raises `NotFound`."""
    tables: dict[str, type[ChartFact]] = {
        "problem": Condition,
        "medicine": MedicationUse,
        "allergy": Allergy,
        "procedure": Procedure,
    }
    table = tables.get(kind)
    rows = table.objects.filter(patient=patient, public_id=fact_id) if table else None
    found = current(rows).select_related("patient__site").first() if rows is not None else None
    if found is None:
        raise NotFound("There is no such entry in this chart.")
    return found


def corrections_of(patient: "Patient") -> list[ChartFact]:
    """Problems, medicines, allergies and procedures that were corrected or taken back here, latest first."""
    tables: tuple[type[ChartFact], ...] = (Condition, MedicationUse, Allergy, Procedure)
    found: list[ChartFact] = []
    for table in tables:
        rows = table.objects.filter(patient=patient).exclude(correction_reason="")
        found += rows.select_related("supersedes", "recorded_by")
    return sorted(found, key=lambda row: row.recorded_at, reverse=True)


def imports_of(patient: "Patient") -> QuerySet[Import]:
    """The files taken over, latest first."""
    return Import.objects.filter(patient=patient).select_related("origin", "recorded_by").order_by("-id")


def left_out(patient: "Patient") -> list[dict[str, object]]:
    """What the latest file of each source held that was not taken over: [{type, reason, n}]."""
    latest = Import.objects.filter(patient=patient).order_by("origin", "-id").distinct("origin")
    return [part for taken in latest for part in taken.skipped]


@once_a_page
def facts_for(patient: "Patient", on: date) -> tuple[Fact, ...]:
    """Everything known of the patient on the local date `on`, for `core.assessment`. Unknown stays unknown."""
    about = f"Patient/{patient.public_id}"
    return (
        birth_date(patient.birth_date, about),
        sex(patient.sex, about),
        *mapping.condition_facts(map(values.condition, conditions_of(patient)), on),
        *mapping.medication_facts(map(values.medication, medications_of(patient)), on),
        *mapping.allergy_facts(map(values.allergy, allergies_of(patient)), on),
        *mapping.observation_facts(map(values.observation, observations_of(patient)), on),
        *mapping.procedure_facts(map(values.procedure, procedures_of(patient)), on),
        *answer_facts(answers_of(patient), on),
    )


def facts_of_entry(row: ChartFact, on: date) -> list[Fact]:
    """One entry as the assessment takes it on a local date."""
    match row:
        case Condition():
            return list(mapping.condition_facts([values.condition(row)], on))
        case MedicationUse():
            return list(mapping.medication_facts([values.medication(row)], on))
        case Allergy():
            return list(mapping.allergy_facts([values.allergy(row)], on))
        case Procedure():
            return list(mapping.procedure_facts([values.procedure(row)], on))
        case _:
            return []


REPLIES: Mapping[str, FactStatus] = {
    Answer.Reply.PRESENT: FactStatus.ACTIVE,
    Answer.Reply.ABSENT: FactStatus.ABSENT,
    Answer.Reply.UNKNOWN: FactStatus.UNKNOWN,
}


def answer_facts(answers: Mapping[str, Answer], on: date) -> Iterable[Fact]:
    """The answers given by a day, as facts."""
    for answer in answers.values():
        if answer.asked_on <= on:
            yield Fact(
                FactKind.ANSWER,
                concept=answer.concept,
                status=REPLIES[answer.reply],
                recorded=answer.asked_on,
                source_ref=f"Answer/{answer.public_id}",
            )


def shown(value: Decimal | None) -> str:
    """A number for people: as entered if short, else to four significant digits; never in powers of ten."""
    if value is None:
        return ""
    plain = value.normalize()
    if len(plain.as_tuple().digits) > 4:
        places = max(0, 3 - plain.adjusted())
        plain = round(plain, places).normalize()
    return f"{plain:f}"
