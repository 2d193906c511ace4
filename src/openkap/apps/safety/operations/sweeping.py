"""Looking for what fell through, and for alerts and steps that nobody took.

What an answer opens is opened with the answer itself, so of that it finds nothing on a good day.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from openkap.apps.access.roles import Role
from openkap.apps.audit.operations import SystemActor
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.messages.channels import MessageState
from openkap.apps.messages.queries import calls_under
from openkap.apps.safety.models import Opening, Screen
from openkap.apps.safety.operations.alerting import raise_named
from openkap.apps.safety.operations.calling import (
    call,
    call_for_missed,
    call_on_duty,
    people_of_role,
    prefix_of,
    prefix_of_missed,
    who_stands_for,
)
from openkap.apps.safety.operations.opening import open_tasks
from openkap.apps.safety.rota import duty_at, is_on_duty
from openkap.apps.safety.timing import timing_at
from openkap.apps.tasks import queries as tasks
from openkap.apps.tasks.kinds import AlertKind, TaskKind
from openkap.apps.tasks.operations import About, hand_over_alert, hand_over_task, hasten_alert
from openkap.core.assessment.risk_timing import AGAIN
from openkap.core.assessment.suicide_risk import Attention

if TYPE_CHECKING:
    from openkap.apps.tasks.models import Alert

LOOKED_BACK = timedelta(days=3)
PATHWAY = (TaskKind.RISK_STEP.value, TaskKind.RISK_DECISION.value, TaskKind.RISK_REVIEW.value)
MOST_AGAIN = 48  # times that the last of the ladder are called again; it stays on every screen
NOBODYS_FAULT = "not-set-up"  # no way out of the house at all: the rota's page says so, and no alert hurries


def keep_safety(*, now: datetime) -> int:
    """Open what is missing, name whoever is on duty now, and call those it went on to.

    Returns how much was mended, handed over or called. Safe to run at any time, twice, or late.
    """
    each: tuple[Callable[[datetime], int], ...] = (
        _mend_alerts, _mend_tasks, _hand_over, _hand_over_steps, _call_on, _call_for_missed, _hurry,
    )  # fmt: skip
    return sum(look(now) for look in each)


def _mend_alerts(now: datetime) -> int:
    """Answers that ask for a person and have no alert."""
    since = now - LOOKED_BACK
    found = Screen.objects.filter(attention=Attention.NOW.value, alert_key="", recorded_at__gte=since)
    lost = list(found.select_related("patient__site"))
    for row in lost:
        with transaction.atomic():
            key = f"safety-answer:{row.source_id}:{row.pk}"
            raise_named(
                by=SystemActor(),
                now=now,
                patient=row.patient,
                key=key,
                about=About("risk", row.source_id, row.instrument_id),
                detail=row.abbreviation,
                known=knowledge_for(row.patient.site, now),
            )
            row.alert_key = key
            row.save(update_fields=["alert_key"])
    return len(lost)


def _mend_tasks(now: datetime) -> int:
    """Openings whose steps were not all opened."""
    mended = 0
    for opening in Opening.objects.filter(recorded_at__gte=now - LOOKED_BACK).select_related("patient__site"):
        there = tasks.tasks_of(opening.patient).filter(about_id=opening.public_id).count()
        if there < len(opening.steps) + opening.asks_decision:
            with transaction.atomic():
                open_tasks(opening, by=SystemActor())
            mended += 1
    return mended


def _hand_over(now: datetime) -> int:
    """Unanswered alerts name who is on duty now, not who was."""
    changed = 0
    for alert in tasks.unanswered_alerts(AlertKind.SUICIDE_ITEM.value):
        duty = duty_at(alert.site, now)
        if duty.user is None or alert.owner == duty.user or is_on_duty(alert.owner, alert.site, now):
            continue
        with transaction.atomic():
            if hand_over_alert(by=SystemActor(), now=now, alert=alert, owner=duty.user):
                call_on_duty(alert, duty, now)
                changed += 1
    return changed


def _hand_over_steps(now: datetime) -> int:
    """Open steps that name somebody go to who is on duty now when that person's hours are over."""
    changed = 0
    for task in tasks.open_tasks_of_kind(TaskKind.RISK_STEP.value).filter(owner__isnull=False):
        duty = duty_at(task.site, now)
        if duty.user is not None and not duty.unstaffed and not is_on_duty(task.owner, task.site, now):
            changed += hand_over_task(by=SystemActor(), now=now, task=task, owner=duty.user)
    return changed


def _call_on(now: datetime) -> int:
    """Call those an unanswered alert went on to, and the last of them again and again."""
    called = 0
    for alert in tasks.unanswered_alerts(AlertKind.SUICIDE_ITEM.value):
        gone_on = sorted(alert.escalations.all(), key=lambda one: one.at)
        waves = {str(n): Role(one.to_role) for n, one in enumerate(gone_on, 1)}
        if gone_on and alert.escalates_at is None and (again := _again(alert, gone_on[-1].at, now)):
            waves[again] = Role(gone_on[-1].to_role)
        called += sum(_call_once(alert, wave, role, now) for wave, role in waves.items())
    return called


def _again(alert: "Alert", last: datetime, now: datetime) -> str:
    minutes = timing_at(alert.site, now).minutes[AGAIN]
    times = min(int((now - last) / timedelta(minutes=minutes)), MOST_AGAIN)
    return f"again-{times}" if times else ""


def _call_once(alert: "Alert", wave: str, role: Role, now: datetime) -> bool:
    """Where nobody holds the role, who stands for the site is called instead."""
    if calls_under(prefix_of(alert, wave)):
        return False
    with transaction.atomic():
        people = people_of_role(alert.patient, role) or who_stands_for(alert.site)
        call(alert, people, wave, now)
    return bool(people)


def _call_for_missed(now: datetime) -> int:
    """Call those a missed step went on to."""
    called = 0
    recent = tasks.open_tasks_gone_on(*PATHWAY).filter(escalations__at__gte=now - LOOKED_BACK)
    for task in recent.prefetch_related("escalations"):
        for role in {Role(one.to_role) for one in task.escalations.all()}:
            if task.patient is None or calls_under(prefix_of_missed(task, role)):
                continue
            with transaction.atomic():
                call_for_missed(task, role, now)
            called += 1
    return called


def _hurry(now: datetime) -> int:
    """An alert whose latest calls all failed goes on at once: who was called does not know of it."""
    hurried = 0
    for alert in tasks.unanswered_alerts(AlertKind.SUICIDE_ITEM.value):
        latest = prefix_of(alert, str(len(alert.escalations.all())))
        states = {(one.state, one.trouble == NOBODYS_FAULT) for one in calls_under(latest)}
        failing = {(MessageState.FAILED.value, False), (MessageState.GIVEN_UP.value, False)}
        if states and states <= failing:
            hurried += hasten_alert(by=SystemActor(), now=now, alert=alert)
    return hurried
