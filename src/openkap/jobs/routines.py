"""Work that comes due by the clock: what each routine does and how often it is swept for.

A routine looks at the whole present state and does what is due, so it may run at any time, twice, or late. It
runs when a job of its name fires (`adapters.queue.defer`), and in the sweep, which finds what lost jobs missed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module


@dataclass(frozen=True)
class Routine:
    """One kind of due work; `run(now)` does all of it that is due."""

    name: str
    operation: str
    every: timedelta

    def run(self, now: datetime) -> None:
        """Do what is due at `now`."""
        module, _, function = self.operation.rpartition(".")
        operation: Callable[..., object] = getattr(import_module(module), function)
        operation(now=now)


ROUTINES: Mapping[str, Routine] = {
    routine.name: routine
    for routine in (
        # The trail may lag behind its acts by a second; longer, and a forged row could slip in unnoticed.
        Routine("audit.seal", "openkap.apps.audit.operations.seal_rows", timedelta(seconds=1)),
        Routine("dosing.due", "openkap.apps.dosing.alerts.raise_due_alerts", timedelta(seconds=5)),
        Routine("tasks.due", "openkap.apps.tasks.operations.escalate_overdue", timedelta(seconds=15)),
    )
}
