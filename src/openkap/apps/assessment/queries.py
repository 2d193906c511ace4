"""Reading episodes and what was found and decided."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from openkap.apps.assessment.models import Episode
from openkap.errors import NotFound

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def current_episode(patient: "Patient") -> Episode | None:
    """The course of treatment the patient is in, if any."""
    return _with_people(Episode.objects.filter(patient=patient, ended_on__isnull=True)).first()


def episodes_of(patient: "Patient") -> QuerySet[Episode]:
    """All courses of treatment, latest first."""
    return _with_people(Episode.objects.filter(patient=patient)).order_by("-id")


def episode_of(patient: "Patient", episode_id: UUID) -> Episode:
    """One episode of this patient. Raises `NotFound`."""
    found = episodes_of(patient).filter(public_id=episode_id).first()
    if found is None:
        raise NotFound("There is no such episode.")
    return found


def _with_people(rows: QuerySet[Episode]) -> QuerySet[Episode]:
    return rows.select_related("patient__site", "prescriber", "recorded_by")
