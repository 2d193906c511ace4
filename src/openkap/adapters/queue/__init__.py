"""The queue of jobs, in the same database: how an operation asks for something to be done later.

A job deferred inside a transaction exists if, and only if, that transaction commits. The handlers of the names
are in `openkap.jobs`, which the apps do not know.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection
from procrastinate.contrib.django import app


def defer(name: str, *, at: datetime | None = None, **ids: UUID | int) -> None:
    """Have the handler called `name` run at `at` (default: at once), in the caller's transaction.

    `name` is '<app>.<moment>', such as 'dosing.due'. A job carries ids only: it looks at the state when it
    fires, because that may have changed, and it leaves no clinical text in the queue. Raises `RuntimeError`
    outside a transaction: a job that can part from its cause is none.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a job is deferred in the transaction of its cause")
    if at is not None and at.tzinfo is None:
        raise ValueError("the moment of a job needs its time zone")
    job = app.configure_task(name, schedule_at=at)
    job.defer(**{key: str(value) if isinstance(value, UUID) else value for key, value in ids.items()})
