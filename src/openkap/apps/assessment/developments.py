"""What is new in an assessment: abnormal results of medical clearance, and what was decided."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from openkap.apps.assessment.models import ClearanceResult
from openkap.apps.assessment.queries import decisions_of
from openkap.apps.chart.forms import in_language
from openkap.apps.inbox.developments import Development, Topic
from openkap.apps.knowledge_base.queries import knowledge_for

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def developments(patient: "Patient", since: datetime, until: datetime) -> list[Development]:
    """Abnormal results entered since, and signed decisions."""
    return [*_abnormal(patient, since, until), *_decided(patient, since, until)]


def _abnormal(patient: "Patient", since: datetime, until: datetime) -> list[Development]:
    items = knowledge_for(patient.site, until).clearance_items
    rows = ClearanceResult.objects.filter(
        patient=patient,
        reading=ClearanceResult.Reading.ABNORMAL.value,
        recorded_at__gt=since,
        recorded_at__lte=until,
        superseded_by__isnull=True,
        is_withdrawn=False,
    )
    path = reverse("assessment:clearance", args=[patient.public_id])
    return [
        Development(
            Topic.FINDING,
            row.recorded_at,
            "warn",
            in_language(items[row.item_id].title) if row.item_id in items else row.item_id,
            str(row.get_reading_display()),
            path,
        )
        for row in rows.order_by("id")
    ]


def _decided(patient: "Patient", since: datetime, until: datetime) -> list[Development]:
    path = reverse("assessment:page", args=[patient.public_id])
    signed = decisions_of(patient).filter(recorded_at__gt=since, recorded_at__lte=until)
    return [
        Development(Topic.FINDING, row.recorded_at, "info", str(row.get_decision_display()), path=path)
        for row in signed
    ]
