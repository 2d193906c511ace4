"""Running one routine, in one place at a time however many workers there are."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections, connection
from django.utils import timezone

from openkap.jobs.routines import Routine


def run_routine(routine: Routine, *, wait: bool = True) -> bool:
    """Run `routine` as of now. Returns whether it ran.

    One worker runs it at a time: others wait, or with `wait` off leave it to that one.
    """
    close_old_connections()
    with _alone(routine.name, wait=wait) as alone:
        if alone:
            routine.run(now=timezone.now())
        return alone


@contextmanager
def _alone(name: str, *, wait: bool) -> Iterator[bool]:
    key = zlib.crc32(f"openkap.routine.{name}".encode())
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
            got = True
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            got = bool(cursor.fetchone()[0])
    try:
        yield got
    finally:
        # After a lost connection there is nothing to unlock: the server let go with it.
        if got and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
