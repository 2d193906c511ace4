"""Reading episodes and what was found and decided."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from openkap.apps.assessment.judging import Judged, judge, scope_of
from openkap.apps.assessment.models import Episode, Override, SignedAssessment
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


def assessment_of(patient: "Patient", now: datetime) -> Judged | None:
    """The patient judged now for what the current episode asks for; None without an episode."""
    episode = current_episode(patient)
    return None if episode is None else judge(patient, scope_of(episode), now)


def latest_decision(episode: Episode) -> SignedAssessment | None:
    """What was last signed in this episode."""
    return episode.signed_assessments.select_related("recorded_by").order_by("-id").first()


def decisions_of(patient: "Patient") -> QuerySet[SignedAssessment]:
    """Everything that was signed, latest first."""
    rows = SignedAssessment.objects.filter(patient=patient).select_related("recorded_by", "episode")
    return rows.order_by("-id")


def overrides_of(patient: "Patient") -> QuerySet[Override]:
    """Everything that was ever set aside, latest first: shown ever after."""
    rows = Override.objects.filter(patient=patient).select_related("recorded_by", "ended_by", "episode")
    return rows.order_by("-id")


def override_of(patient: "Patient", override_id: UUID) -> Override:
    """One override of this patient. Raises `NotFound`."""
    found = overrides_of(patient).filter(public_id=override_id).first()
    if found is None:
        raise NotFound("There is no such override.")
    return found
