"""Reading episodes and what was found and decided."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from openkap.adapters.postgres.reading import once_a_page
from openkap.apps.assessment.clearing import clearance_of, lacking
from openkap.apps.assessment.judging import Judged, judge, scope, scope_of
from openkap.apps.assessment.models import (
    CandidacyAnswer,
    ClearanceResult,
    ClearanceWaiver,
    Episode,
    Override,
    PlanningOverride,
    PressureSeries,
    SignedAssessment,
)
from openkap.core.assessment import Verdict
from openkap.core.assessment.clearance import ItemState
from openkap.errors import NotFound

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@once_a_page
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


class Planning(StrEnum):
    """Whether a plan may start by what was decided."""

    DECIDED = "decided"  # signed, for this treatment, and nothing has come up since
    UNDECIDED = "undecided"  # nothing signed, or 'wait', or for another treatment
    OUTDATED = "outdated"  # signed, and something is needed now
    BLOCKED = "blocked"
    DECLINED = "declined"


def may_be_planned(episode: Episode, now: datetime) -> Planning:
    """What the signed decision is worth now: the patient is judged anew."""
    signed = latest_decision(episode)
    if signed is not None and signed.decision == SignedAssessment.Decision.DECLINE:
        return Planning.DECLINED
    verdict = judge(episode.patient, scope_of(episode), now).verdict
    if verdict is Verdict.BLOCKED:
        return Planning.BLOCKED
    if signed is None or signed.decision != SignedAssessment.Decision.TREAT or not _is_for(signed, episode):
        return Planning.UNDECIDED
    return Planning.DECIDED if verdict is Verdict.CLEAR else Planning.OUTDATED


def _is_for(signed: SignedAssessment, episode: Episode) -> bool:
    """A decision on one treatment says nothing about another."""
    asked = ("drug", "route", "indication")
    return all(getattr(signed, name) == getattr(episode, name) for name in asked)


def planning_overrides_of(patient: "Patient") -> QuerySet[PlanningOverride]:
    """Every time treatment was planned without a decision that holds, latest first: shown ever after."""
    return PlanningOverride.objects.filter(patient=patient).select_related("recorded_by").order_by("-id")


def clearance_history(patient: "Patient", item_id: str) -> QuerySet[ClearanceResult]:
    """Everything ever said about one item, latest first, corrections and what they replaced included."""
    rows = ClearanceResult.objects.filter(patient=patient, item_id=item_id)
    return (
        rows.select_related("recorded_by", "supersedes")
        .prefetch_related("decisions__recorded_by")
        .order_by("-id")
    )


def clearance_result_of(patient: "Patient", result_id: UUID) -> ClearanceResult:
    """One result of this patient. Raises `NotFound`."""
    found = ClearanceResult.objects.filter(patient=patient, public_id=result_id).first()
    if found is None:
        raise NotFound("There is no such result.")
    return found


def waivers_of(patient: "Patient") -> QuerySet[ClearanceWaiver]:
    """Every examination that was ever waived, latest first: shown ever after."""
    rows = ClearanceWaiver.objects.filter(patient=patient).select_related("recorded_by", "ended_by", "episode")
    return rows.order_by("-id")


def waiver_of(patient: "Patient", waiver_id: UUID) -> ClearanceWaiver:
    """One waiver of this patient. Raises `NotFound`."""
    found = waivers_of(patient).filter(public_id=waiver_id).first()
    if found is None:
        raise NotFound("There is no such waiver.")
    return found


def pressure_series_of(patient: "Patient") -> QuerySet[PressureSeries]:
    """How series of blood pressure were taken, latest first."""
    return PressureSeries.objects.filter(patient=patient).select_related("recorded_by").order_by("-id")


@once_a_page
def candidacy_of(patient: "Patient") -> dict[str, CandidacyAnswer]:
    """The latest answer to each question of the candidacy interview, by question."""
    rows = CandidacyAnswer.objects.filter(patient=patient).select_related("recorded_by").order_by("id")
    return {row.question_id: row for row in rows}


def lacking_for_dose(patient: "Patient", drug: str, route: str, now: datetime) -> list[ItemState] | None:
    """What medical clearance lacks for a dose of this drug by this route now; None without an episode.

    What is only measured is left out: a session measures weight and pressure itself and judges them by its own
    gates. The caller has checked who asks.
    """
    episode = current_episode(patient)
    if episode is None:
        return None
    states = clearance_of(patient, scope(episode.indication, drug, route, patient), now)
    return [one for one in lacking(states) if one.item.needs_reading]


def newest_episodes(patients: Collection[int] | None) -> list[Episode]:
    """The newest course of treatment of each of these patients; for None, of all who are in one now and live.

    For due work over many patients: nobody looks at them.
    """
    found = Episode.objects.select_related("patient__site").order_by("patient_id", "-id").distinct("patient_id")
    if patients is None:
        return list(found.filter(ended_on__isnull=True, patient__is_deceased=False))
    return list(found.filter(patient__in=patients))
