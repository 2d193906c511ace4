"""Alerts and tasks of sessions: raised with the event that asks for them, and again by the sweep."""

from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction

from openkap.apps.audit.operations import Actor, SystemActor
from openkap.apps.dosing import queries
from openkap.apps.dosing.models import Session
from openkap.apps.dosing.ordering import monitoring_of
from openkap.apps.tasks.growing import Happened, grow_alert
from openkap.apps.tasks.operations import About, open_task, raise_alert, settle_task
from openkap.core.monitoring.due import Due, DueState
from openkap.core.monitoring.state import SessionState
from openkap.knowledge.schema.monitoring import AnswerTimes


def alert_of_limits(session: Session, state: SessionState, *, by: Actor, now: datetime) -> int:
    """Raise an alert for each open step, once each. Returns how many are open."""
    for crossed in state.crossed:
        raise_alert(
            by=by,
            now=now,
            kind="limit-crossed",
            key=f"{session.public_id}:{crossed.limit}:{crossed.opened_at.isoformat()}",
            patient=session.patient,
            severity="soon" if crossed.urgency == "recheck" else "now",
            acknowledge_by=max(crossed.due_at, now),
            about=About("session", session.public_id),
            detail=crossed.title.en,
        )
    return len(state.crossed)


def alert_of_readings(session: Session, state: SessionState, *, by: Actor, now: datetime) -> int:
    """Alert to readings that are overdue or were missed: one alert a schedule, growing until it is answered.

    Returns how many points are late.
    """
    late = [d for d in state.due if d.kind == "readings" and d.state in (DueState.OVERDUE, DueState.MISSED)]
    if not late:
        return 0
    within = answer_within(session, now)
    for schedule, points in groupby(sorted(late, key=_schedule), key=_schedule):
        grow_alert(
            by=by,
            now=now,
            kind="vitals-overdue",
            key=f"{session.public_id}:{schedule}",
            patient=session.patient,
            severity="soon",
            acknowledge_by=now + within,
            happened=[Happened(one.id, one.due_at) for one in points],
            about=About("session", session.public_id),
        )
    return len(late)


def _schedule(point: Due) -> str:
    """The record that asks for it: 'readings:vitals-iv' of 'readings:vitals-iv:20'."""
    return point.id.rpartition(":")[0]


def raise_due_alerts(*, now: datetime) -> int:
    """For the sweep: raise what the open sessions ask for by now. Safe to run at any time, and twice."""
    raised = 0
    for session in queries.all_open_sessions():
        with transaction.atomic():
            state = queries.state_of(session, now, to_show=True)
            raised += alert_of_limits(session, state, by=SystemActor(), now=now)
            raised += alert_of_readings(session, state, by=SystemActor(), now=now)
    return raised


def wait_for_signature(session: Session, *, by: Actor, now: datetime) -> None:
    """Open the task to sign the ended session."""
    open_task(
        by=by,
        now=now,
        kind="session-sign",
        key=_signing(session),
        site=session.site,
        patient=session.patient,
        due_at=now + sign_within(session, now),
        about=About("session", session.public_id),
    )


def answer_within(session: Session, now: datetime) -> timedelta:
    """For readings nobody took, until the next role hears of it; at once where no record in force says."""
    minutes = [times.missed_readings_minutes for times in _answer_times(session, now)]
    return timedelta(minutes=min(minutes, default=0))


def sign_within(session: Session, now: datetime) -> timedelta:
    """For signing an ended session; at once where no record in force says."""
    return timedelta(hours=min((times.signature_hours for times in _answer_times(session, now)), default=0))


def _answer_times(session: Session, now: datetime) -> list[AnswerTimes]:
    return [times for _record, times in monitoring_of(session, now).of(AnswerTimes)]


def settle_signing(session: Session, *, by: Actor, now: datetime) -> None:
    settle_task(by=by, now=now, key=_signing(session))


def _signing(session: Session) -> str:
    return f"session-sign:{session.public_id}"
