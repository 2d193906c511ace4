"""What is new in a chart: medicines begun, stopped or changed, and new problems and allergies."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.chart.models import Allergy, ChartFact, Condition, MedicationUse, current
from openkap.apps.inbox.developments import Development, Topic

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

STOPPED = frozenset({"stopped", "completed", "not-taken", "cancelled"})


def developments(patient: "Patient", since: datetime, until: datetime) -> list[Development]:
    """What was entered, told or imported since, as it stands."""
    path = reverse("chart:record", args=[patient.public_id])
    found: list[Development] = []
    for table in (MedicationUse, Condition, Allergy):
        rows = current(table.objects.filter(patient=patient, recorded_at__gt=since, recorded_at__lte=until))
        found += [_development(row, path) for row in rows.select_related("supersedes").order_by("id")]
    return found


def _development(row: ChartFact, path: str) -> Development:
    if isinstance(row, MedicationUse):
        status, detail = _medicine(row)
        return Development(Topic.MEDICINE, row.recorded_at, status, row.text, detail, path)
    detail = _entered(row)
    if isinstance(row, Allergy):
        return Development(
            Topic.FINDING, row.recorded_at, "warn", row.text, _("allergy, %(what)s") % {"what": detail}, path
        )
    return Development(
        Topic.FINDING, row.recorded_at, "info", row.text, _("problem, %(what)s") % {"what": detail}, path
    )


def _medicine(row: MedicationUse) -> tuple[str, str]:
    """A course that had ended before it was entered is no news of a stop on that day."""
    if row.status not in STOPPED:
        return "info", _entered(row)
    return ("warn", _("stopped")) if row.supersedes else ("info", _("entered as ended"))


def _entered(row: ChartFact) -> str:
    """The day beside it is the day it was entered, not when it began."""
    return _("changed") if row.supersedes else _("entered")
