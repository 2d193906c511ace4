"""To whom a task or alert goes when nobody answers, and how long each has."""

from datetime import datetime, timedelta

from openkap.apps.access.roles import Role
from openkap.apps.tasks.kinds import ALERTS, AlertKind
from openkap.apps.tasks.models import Alert, Task


def ladder_of(owed: Task | Alert) -> list[Role]:
    """The roles a row goes to, in order, each once."""
    if isinstance(owed, Task):
        return [Role(owed.escalate_to)] if owed.escalate_to else []
    if owed.ladder:
        return [Role(role) for role in owed.ladder.split(",")]
    first = ALERTS[AlertKind(owed.kind)].escalate_to
    return list(dict.fromkeys([first, Role.MEDICAL_DIRECTOR]))


def patience_of(owed: Task | Alert) -> timedelta:
    """How long the next role has: as long as the first had, and never no time at all."""
    given = owed.acknowledge_by - owed.raised_at if isinstance(owed, Alert) else owed.due_at - owed.opened_at
    return max(given, timedelta(minutes=1))


def walk_again(alert: Alert, now: datetime) -> bool:
    """More came into an open alert: whoever heard of it before heard nothing of that.

    Returns whether its ladder has to be walked again, at once or when the present walk is over.
    """
    if not alert.escalations.filter(round=alert.round).exists():
        return False
    alert.grown_at = alert.grown_at or now
    if alert.escalates_at is None:
        begin_again(alert, now)
    return True


def begin_again(alert: Alert, now: datetime) -> None:
    """Start the walk for what was added: each role within the time that an alert of its own would give it."""
    since = alert.grown_at or now
    alert.escalates_at = max(now, since + patience_of(alert))
    alert.round, alert.grown_at = alert.round + 1, None
