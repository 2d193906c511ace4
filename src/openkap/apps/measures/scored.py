"""Totals as the assessment takes them, of one patient or of many in one query."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from openkap.adapters.postgres.reading import once_a_page
from openkap.apps.measures.models import Response
from openkap.core.assessment.scores import Score

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def scored_of_many(
    patients: Sequence["Patient"], instruments: Collection[str], on: date
) -> Mapping[int, tuple[Score, ...]]:
    """The scores on these instruments by the local date `on`, oldest first, by the patient's primary key.

    Entries that were corrected are left out, and so are patients without any.
    """
    zones = {patient.pk: ZoneInfo(patient.site.time_zone) for patient in patients}
    rows = Response.objects.filter(
        patient__in=zones, instrument_id__in=instruments, superseded_by__isnull=True
    ).order_by("administered_at", "id")
    found: dict[int, list[Score]] = defaultdict(list)
    for row in rows.iterator(chunk_size=2000):
        day = row.administered_at.astimezone(zones[row.patient_id]).date()
        if day <= on:
            ref = f"QuestionnaireResponse/{row.public_id}"
            found[row.patient_id].append(Score(row.instrument_id, day, row.total, ref))
    return {patient_id: tuple(scores) for patient_id, scores in found.items()}


@once_a_page
def scored_of(patient: "Patient", instruments: Collection[str], on: date) -> tuple[Score, ...]:
    """The scores of one patient."""
    return scored_of_many([patient], instruments, on).get(patient.pk, ())
