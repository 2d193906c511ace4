"""Tasks for what medical clearance lacks: opened once, closed when it is satisfied."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from openkap.adapters.queue import defer
from openkap.apps.access.roles import Role
from openkap.apps.assessment.clearing import clearance_of
from openkap.apps.assessment.judging import scope_of
from openkap.apps.assessment.models import ClearanceResult, ClearanceWaiver, Episode, SignedAssessment
from openkap.apps.audit.operations import Actor, SystemActor
from openkap.apps.chart import queries as chart
from openkap.apps.people import operations as people
from openkap.apps.people.stages import Stage
from openkap.apps.tasks import queries as tasks
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.operations import About, open_task, settle_task, withdraw_task
from openkap.core.assessment.clearance import ClearanceState, ItemState

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.tasks.models import Task

JOB = "assessment.clearance"
DAY = timedelta(days=1)
RUNS_OUT = frozenset({ClearanceState.EXPIRING, ClearanceState.EXPIRED})


@transaction.atomic
def keep_chores(*, by: Actor, now: datetime, patient: "Patient") -> int:
    """Open tasks for what is lacking or runs out, close those whose item counts. Returns how many stand.

    Called by the operation that changed something, which has checked that `by` may. A job is deferred for the
    day on which the next item changes by itself.
    """
    states = _keep(by, now, patient)
    today, zone = _today(patient, now), ZoneInfo(patient.site.time_zone)
    changes = [day for one in states for day in _changes(one) if day > today]
    if changes:
        defer(JOB, at=datetime.combine(min(changes), time(), tzinfo=zone), patient=patient.public_id)
    return len([one for one in states if _is_owed(one)])


def keep_clearance(*, now: datetime) -> int:
    """For the sweep: look at everybody in a course of treatment. Returns how many tasks stand."""
    stand = 0
    for episode in _episodes():
        stand += _keep_one(now, episode.patient)
    for task in _orphans():
        withdraw_task(by=SystemActor(), now=now, key=task.key)
    return stand


def keep_soon(now: datetime) -> None:
    """Have a course of treatment that begins, changes or ends looked at at once."""
    defer(JOB, at=now)


@transaction.atomic
def _keep_one(now: datetime, patient: "Patient") -> int:
    return len([one for one in _keep(SystemActor(), now, patient) if _is_owed(one)])


def _keep(by: Actor, now: datetime, patient: "Patient") -> tuple[ItemState, ...]:
    people.lock(patient)
    episode = _episodes().filter(patient=patient).first()
    states = clearance_of(patient, scope_of(episode), now) if episode else ()
    today = _today(patient, now)
    wanted = {_key(one, episode, today): one for one in states if _is_owed(one)} if episode else {}
    for task in _open(patient):
        if task.key not in wanted:
            close = settle_task if episode else withdraw_task
            close(by=by, now=now, key=task.key)
    for key, one in wanted.items():
        _open_one(by, now, patient, key, one)
    return states


def _episodes() -> QuerySet[Episode]:
    """Courses of treatment that somebody is in, or is considered for; not those in follow-up."""
    newest = SignedAssessment.objects.filter(episode=OuterRef("pk")).order_by("-id").values("decision")[:1]
    current = Episode.objects.filter(ended_on__isnull=True, patient__is_deceased=False)
    current = current.exclude(patient__stage__in=[Stage.FOLLOW_UP.value, Stage.ENDED.value])
    told = current.annotate(last_decision=Subquery(newest))
    declined = Q(last_decision=SignedAssessment.Decision.DECLINE.value)
    return (
        told.exclude(declined & Q(last_decision__isnull=False)).select_related("patient__site").order_by("id")
    )


def _open(patient: "Patient") -> "QuerySet[Task]":
    return tasks.open_tasks_about(patient).filter(kind=TaskKind.CLEARANCE.value)


def _orphans() -> "Iterable[Task]":
    """Open tasks of people who are in no course of treatment any more."""
    return tasks.open_tasks_of_kind(TaskKind.CLEARANCE).exclude(patient__in=_episodes().values("patient"))


def _is_owed(one: ItemState) -> bool:
    return not one.counts or one.state is ClearanceState.EXPIRING


def _changes(one: ItemState) -> tuple[date, ...]:
    """The days on which its state changes by itself: it is to be renewed, and it has run out."""
    if one.valid_until is None:
        return ()
    return (one.valid_until - (one.item.expiring_days - 1) * DAY, one.valid_until + DAY)


def _key(one: ItemState, episode: Episode, today: date) -> str:
    """The same for the same lack, so that a task somebody closed is not opened again for it."""
    about = f"clearance:{episode.public_id}:{one.item.id}"
    if one.state in RUNS_OUT:
        return f"{about}:renew:{one.valid_until}:{one.ref}"
    return f"{about}:{one.state.value}:{one.ref or one.done_on or ''}:{_so_far(one, episode, today)}"


def _so_far(one: ItemState, episode: Episode, today: date) -> int:
    """How often anything was said or taken back about the item: then it is asked for anew."""
    own = {"patient": episode.patient_id, "item_id": one.item.id}
    over = Q(ended_at__isnull=False) | Q(expires_on__lt=today)
    codes = [code for part in one.item.parts for code in part.loinc]
    return (
        ClearanceResult.objects.filter(**own).count()
        + ClearanceWaiver.objects.filter(over, **own).count()
        + chart.withdrawn_values(episode.patient, codes)
    )


def _open_one(by: Actor, now: datetime, patient: "Patient", key: str, one: ItemState) -> None:
    open_task(
        by=by,
        now=now,
        kind=TaskKind.CLEARANCE,
        key=key,
        site=patient.site,
        patient=patient,
        role=_owner(one),
        due_at=_due(one, patient, now),
        about=About("clearance", patient.public_id, one.item.id),
        detail=one.item.title.en,
    )


def _owner(one: ItemState) -> Role:
    """What has to be read or decided is a prescriber's."""
    is_there = one.state in {
        ClearanceState.UNREAD, ClearanceState.ABNORMAL, ClearanceState.HELD, ClearanceState.REFERRED,
    }  # fmt: skip
    return Role.PRESCRIBER if is_there else Role(one.item.chore.role)


def _due(one: ItemState, patient: "Patient", now: datetime) -> datetime:
    """Before it runs out; for the rest, the days the item gives."""
    if one.state is ClearanceState.EXPIRING and one.valid_until is not None:
        return datetime.combine(one.valid_until + DAY, time(), tzinfo=ZoneInfo(patient.site.time_zone))
    return now + one.item.chore.within_days * DAY


def _today(patient: "Patient", now: datetime) -> date:
    return now.astimezone(ZoneInfo(patient.site.time_zone)).date()
