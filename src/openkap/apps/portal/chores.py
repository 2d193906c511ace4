"""What somebody must do because a message did not reach a patient."""

from datetime import datetime, timedelta

from openkap.apps.audit.operations import SystemActor
from openkap.apps.messages.queries import given_up
from openkap.apps.tasks.operations import About, open_task

LOOKED_BACK = timedelta(days=7)
ANSWERED_WITHIN = timedelta(days=1)
OF_THEMSELVES = ("withdrawn",)  # nobody waits for these


def open_undelivered_tasks(*, now: datetime) -> int:
    """Open a task for every message to a patient that was given up. Returns how many there are.

    Safe to run at any time and twice: a message has one task.
    """
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
