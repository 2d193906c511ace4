"""A routine runs in one place at a time, and a job of its name runs it."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from openkap.jobs.routines import ROUTINES, Routine
from openkap.jobs.running import run_routine

pytestmark = pytest.mark.django_db(transaction=True)


def routine_of(run: Callable[[datetime], object]) -> Routine:
    def operation(*, now: datetime) -> int:
        run(now)
        return 1

    return Routine("tests.routine", operation, timedelta(seconds=1))


def test_it_is_handed_the_present_moment() -> None:
    seen: list[datetime] = []
    assert run_routine(routine_of(seen.append)) is True
    assert seen[0].tzinfo is not None


def test_a_second_one_leaves_it_to_the_first() -> None:
    inside, go_on = threading.Event(), threading.Event()
    runs: list[str] = []

    def slow(_now: datetime) -> None:
        runs.append("first")
        inside.set()
        assert go_on.wait(60)

    def first() -> None:
        run_routine(routine_of(slow))
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(60)
    assert run_routine(routine_of(lambda _now: runs.append("second")), wait=False) is False
    go_on.set()
    thread.join()
    assert runs == ["first"]


def test_a_failing_one_lets_the_next_one_in() -> None:
    def fails(_now: datetime) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_routine(routine_of(fails))
    assert run_routine(routine_of(lambda _now: None), wait=False) is True


@pytest.mark.parametrize("name", sorted(ROUTINES))
def test_a_routine_of_the_product_runs_on_an_empty_database(name: str) -> None:
    assert run_routine(ROUTINES[name]) is True


@pytest.mark.parametrize("name", sorted(ROUTINES))
def test_a_job_of_that_name_runs_it_whatever_ids_it_carries(name: str) -> None:
    app.tasks[name](session_id="01890000-0000-7000-8000-000000000000", visit=3)
