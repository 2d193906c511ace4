"""What somebody must do because a message did not reach a patient, or somebody on the staff."""

from datetime import datetime, timedelta

from openkap.apps.audit.operations import SystemActor
from openkap.apps.messages.queries import given_up, given_up_to_staff
from openkap.apps.tasks.operations import About, open_task

LOOKED_BACK = timedelta(days=7)
ANSWERED_WITHIN = timedelta(days=1)
OF_THEMSELVES = ("withdrawn",)  # nobody waits for these


def open_undelivered_tasks(*, now: datetime) -> int:
    """Open a task for every message that was given up. Returns how many there are.

    Safe to run at any time and twice: a message to a patient has one task, a member of staff one a day.
    """
    return _to_patients(now) + _to_staff(now)


def _to_patients(now: datetime) -> int:
    lost = given_up().filter(ended_at__gte=now - LOOKED_BACK).exclude(trouble__in=OF_THEMSELVES)
    for message in lost:
        open_task(
            by=SystemActor(),
            now=now,
            kind="message-undelivered",
            key=f"message-{message.public_id}",
            site=message.site,
            patient=message.patient,
            due_at=now + ANSWERED_WITHIN,
            about=About("message", message.public_id),
        )
    return len(lost)


def _to_staff(now: datetime) -> int:
    """Whoever is called and not reached may not even know; the site sees to it."""
    lost = list(given_up_to_staff().filter(ended_at__gte=now - LOOKED_BACK))
    for message in lost:
        day = (message.ended_at or now).date()
        who = message.user
        open_task(
            by=SystemActor(),
            now=now,
            kind="staff-unreached",
            key=f"staff-unreached:{message.site.public_id}:{who.public_id if who else ''}:{day}",
            site=message.site,
            due_at=now + ANSWERED_WITHIN,
            about=About("message", message.public_id),
            detail=f"{who}: {message.get_channel_display()}",
        )
    return len(lost)
