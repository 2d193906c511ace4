"""The handlers of jobs, found by procrastinate under this module's name."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from openkap.jobs.routines import ROUTINES, Routine
from openkap.jobs.running import run_routine

AGAIN = RetryStrategy(max_attempts=10, exponential_wait=2)


def _register(routine: Routine) -> None:
    # The ids say why the job was deferred; a routine looks at everything, so it needs none.
    @app.task(name=routine.name, retry=AGAIN)
    def handler(**_ids: str | int) -> None:
        run_routine(routine)


for _routine in ROUTINES.values():
    _register(_routine)
