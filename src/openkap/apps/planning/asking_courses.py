"""Plans as far as asking goes, told to measures, which lie below: when doses and visits are, what ended,
and whether consent to the treatment was withdrawn."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from openkap.apps.assessment.queries import newest_episodes
from openkap.apps.consent.queries import withdrawn_in
from openkap.apps.planning.compiling import protocol_version
from openkap.apps.planning.models import Plan, Visit
from openkap.apps.planning.states import PlanState, VisitState
from openkap.core.planning.asking import Course, Dose
from openkap.core.planning.asking import Visit as AskingVisit
from openkap.core.planning.calendar import instant
from openkap.knowledge.schema.cadence import AskStage
from openkap.knowledge.schema.protocol import VisitKind

if TYPE_CHECKING:
    from openkap.apps.assessment.models import Episode

STAGES = {
    VisitKind.ASSESSMENT.value: AskStage.FOLLOW_UP,  # within a plan: whether it has helped
    VisitKind.PREPARATION.value: AskStage.INDUCTION,
    VisitKind.DOSING.value: AskStage.BETWEEN_DOSES,
    VisitKind.INTEGRATION.value: AskStage.INTEGRATION,
    VisitKind.CHECK_IN.value: AskStage.INTEGRATION,
}
TAKES_PLACE = (VisitState.PLANNED.value, VisitState.ARRIVED.value, VisitState.DONE.value)


def courses_of(patients: Collection[int] | None, _now: datetime) -> Mapping[int, Course]:
    """The course of each patient's newest episode and its newest plan, in four queries."""
    episodes = newest_episodes(patients)
    plans = _plans_of(episodes)
    withdrawn = withdrawn_in(episodes)
    visits: dict[int, list[Visit]] = {}
    found = Visit.objects.filter(plan__in=list(plans.values()), state__in=TAKES_PLACE)
    for visit in found.order_by("starts_at", "ordinal"):
        visits.setdefault(visit.plan_id, []).append(visit)
    courses = {}
    for episode in episodes:
        plan = plans.get(episode.pk)
        course = _course(episode, plan, visits.get(plan.pk, []) if plan else [])
        since = withdrawn.get((episode.pk, *_treatment(episode, plan)))
        courses[episode.patient_id] = replace(course, withdrawn_at=since)
    return courses


def _plans_of(episodes: list["Episode"]) -> dict[int, Plan]:
    """The plan of each episode: the active one, else the one that began last."""
    found: dict[int, Plan] = {}
    for plan in Plan.objects.filter(episode__in=episodes).order_by("created_at", "id"):
        if plan.episode_id not in found or found[plan.episode_id].state != PlanState.ACTIVE.value:
            found[plan.episode_id] = plan
    return found


def _treatment(episode: "Episode", plan: Plan | None) -> tuple[str, str]:
    """The drug and route that the course is about: its plan's, as at the dose; without one its episode's."""
    if plan is None:
        return episode.drug, episode.route
    protocol = protocol_version(plan.protocol_id, plan.protocol_version)
    return protocol.drug.value, protocol.route.value


def _course(episode: "Episode", plan: Plan | None, visits: list[Visit]) -> Course:
    zone = ZoneInfo(plan.time_zone if plan else episode.patient.site.time_zone)
    doses = [visit for visit in visits if visit.kind == VisitKind.DOSING.value]
    ended_on = episode.began_on if episode.patient.is_deceased else episode.ended_on
    return Course(
        zone=zone,
        key=str((plan or episode).public_id),
        enrolled_on=episode.began_on,
        indication=episode.indication,
        protocol_id=plan.protocol_id if plan else "",
        doses=tuple(Dose(visit.dose_number, visit.starts_at) for visit in doses),
        visits=tuple(
            AskingVisit(f"visit:{visit.public_id}", visit.starts_at, tuple(visit.measures), STAGES[visit.kind])
            for visit in visits
            if visit.measures
        ),
        ended_at=instant(ended_on, time.min, zone) if ended_on else None,
    )
