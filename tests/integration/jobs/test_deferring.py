"""Jobs are deferred with their cause or not at all, and what is due is found without them too."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories.dosing import a_sitting

from openkap.adapters.queue import defer

AT = datetime(2031, 5, 4, 10, 30, tzinfo=UTC)


def jobs() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.order_by("id"))


@pytest.mark.django_db(transaction=True)
def test_a_job_comes_into_being_with_its_cause() -> None:
    with transaction.atomic():
        defer("dosing.due", at=AT, session_id=UUID(int=5), visit=3)
    (job,) = jobs()
    assert (job.task_name, job.scheduled_at, job.status) == ("dosing.due", AT, "todo")
    assert job.args == {"session_id": str(UUID(int=5)), "visit": 3}


@pytest.mark.django_db(transaction=True)
def test_a_job_goes_with_its_cause() -> None:
    with transaction.atomic():
        defer("dosing.due", at=AT)
        assert len(jobs()) == 1
        transaction.set_rollback(True)
    assert jobs() == []


@pytest.mark.django_db(transaction=True)
def test_a_job_without_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        defer("dosing.due", at=AT)
    assert jobs() == []


@pytest.mark.django_db
def test_a_moment_needs_its_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        defer("dosing.due", at=datetime(2031, 5, 4, 10, 30))


@pytest.mark.django_db
def test_a_job_without_a_moment_is_due_at_once() -> None:
    defer("tasks.due")
    assert jobs()[-1].scheduled_at is None


@pytest.mark.django_db
def test_a_moment_long_past_is_left_to_the_sweep() -> None:
    defer("dosing.due", at=timezone.now() - timedelta(hours=1))
    assert jobs() == []


@pytest.mark.django_db
def test_an_entry_that_makes_something_due_brings_its_job() -> None:
    """Nothing depends on an open page: the worker looks at the very moment."""
    sitting = a_sitting(zero=timezone.now() + timedelta(days=1)).until_dose()

    due = sitting.state(0).changes_at
    assert due is not None
    last = [job for job in jobs() if job.args == {"session": str(sitting.session.public_id)}][-1]
    assert (last.task_name, last.scheduled_at) == ("dosing.due", due)


@pytest.mark.django_db
def test_every_name_that_is_deferred_has_a_handler() -> None:
    from procrastinate.contrib.django import app

    from openkap.jobs.routines import ROUTINES

    assert set(ROUTINES) <= set(app.tasks)
    assert connection.vendor == "postgresql"
    assert all(routine.every > timedelta(0) for routine in ROUTINES.values())
    assert timezone.now().tzinfo is not None
