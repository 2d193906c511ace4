"""The queue of jobs, in the same database: how an operation asks for something to be done later.

A job deferred inside a transaction exists if, and only if, that transaction commits. The handlers of the names
are in `openkap.jobs`, which the apps do not know.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

LONG_PAST = timedelta(minutes=5)


def defer(name: str, *, at: datetime | None = None, **ids: UUID | int) -> None:
    """Have the handler called `name` run at `at` (default: at once), in the caller's transaction.

    `name` is '<app>.<moment>', such as 'dosing.due'. A job carries ids only: it looks at the state when it
    fires, because that may have changed, and it leaves no clinical text in the queue. What is entered
    afterwards, from paper or for a demonstration, has moments that are long past: the sweeps see to those.
    Raises `RuntimeError` outside a transaction: a job that can part from its cause is none.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a job is deferred in the transaction of its cause")
    if at is not None and at.tzinfo is None:
        raise ValueError("the moment of a job needs its time zone")
    if at is not None and at < timezone.now() - LONG_PAST:
        return
    job = app.configure_task(name, schedule_at=at)
    job.defer(**{key: str(value) if isinstance(value, UUID) else value for key, value in ids.items()})
