"""Work that comes due by the clock: what each routine does and how often it is swept for.

A routine looks at the whole present state and does what is due, so it may run at any time, twice, or late. It
runs when a job of its name fires (`adapters.queue.defer`), and in the sweep, which finds what lost jobs missed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from openkap.apps.assessment.operations import keep_clearance
from openkap.apps.audit.operations import seal_rows
from openkap.apps.consent.operations import renew_due
from openkap.apps.dosing.alerts import raise_due_alerts
from openkap.apps.journal.operations import remind_due
from openkap.apps.measures.hearing import keep_answers_heard
from openkap.apps.measures.operations import keep_asks
from openkap.apps.measures.operations.early import judge_courses
from openkap.apps.messages.sending import send_due
from openkap.apps.planning.operations import open_due_tasks
from openkap.apps.portal.chores import open_undelivered_tasks
from openkap.apps.safety.operations import keep_safety
from openkap.apps.tasks.operations import escalate_overdue


class DueWork(Protocol):
    """An operation that does all that is due at `now`, and returns how much that was."""

    def __call__(self, *, now: datetime) -> int: ...


@dataclass(frozen=True)
class Routine:
    """One kind of due work."""

    name: str
    run: DueWork
    every: timedelta


ROUTINES: Mapping[str, Routine] = {
    routine.name: routine
    for routine in (
        # The trail may lag behind its acts by a second; longer, and a forged row could slip in unnoticed.
        Routine("audit.seal", seal_rows, timedelta(seconds=1)),
        Routine("dosing.due", raise_due_alerts, timedelta(seconds=5)),
        Routine("tasks.due", escalate_overdue, timedelta(seconds=15)),
        Routine("safety.due", keep_safety, timedelta(seconds=30)),
        Routine("measures.heard", keep_answers_heard, timedelta(seconds=60)),
        Routine("portal.due", open_undelivered_tasks, timedelta(minutes=5)),
        Routine("measures.early", judge_courses, timedelta(minutes=2)),
        Routine("messages.due", send_due, timedelta(seconds=60)),
        Routine("assessment.clearance", keep_clearance, timedelta(minutes=10)),
        Routine("consent.due", renew_due, timedelta(minutes=15)),
        Routine("measures.due", keep_asks, timedelta(minutes=5)),
        Routine("journal.due", remind_due, timedelta(minutes=5)),
        Routine("planning.due", open_due_tasks, timedelta(minutes=5)),
    )
}
