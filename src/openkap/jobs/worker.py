"""The worker process: does deferred jobs, and sweeps for what is due (`python -m openkap.jobs.worker`)."""

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import django
import structlog

if TYPE_CHECKING:
    from procrastinate import App

    from openkap.jobs.routines import Routine

# A worker that was killed is known dead after this long, and its jobs are taken up by another.
SECONDS_UNTIL_LOST = 10.0
SECONDS_BETWEEN_HEARTBEATS = 2.0
SECONDS_TO_FINISH = 5.0
DAYS_KEPT = 30


def main() -> None:
    """Work until a signal to end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openkap.config.settings")
    django.setup()
    asyncio.run(work())


async def work() -> None:
    """Do jobs and sweeps side by side; end all when one of them fails, so that the process is started anew."""
    from procrastinate.contrib.django import app  # noqa: PLC0415 (Django must be set up first)
    from procrastinate.contrib.django.django_connector import DjangoConnector  # noqa: PLC0415

    from openkap.jobs.routines import ROUTINES  # noqa: PLC0415

    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError("procrastinate is not wired to Django")
    with app.replace_connector(connector.get_worker_connector()) as worker_app:
        async with worker_app.open_async():
            tasks = [asyncio.create_task(_sweep(routine)) for routine in ROUTINES.values()]
            tasks += [asyncio.create_task(_jobs(worker_app)), asyncio.create_task(_take_up_lost(worker_app))]
            await _until_signal_or_failure(tasks)


async def _until_signal_or_failure(tasks: "list[asyncio.Task[None]]") -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    waiting = asyncio.ensure_future(ended.wait())
    everything: list[asyncio.Future[Any]] = [*tasks, waiting]
    await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
    failed = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=SECONDS_TO_FINISH)
    for task in failed:
        task.result()


async def _jobs(app: "App") -> None:
    await app.run_worker_async(
        concurrency=4,
        install_signal_handlers=False,
        update_heartbeat_interval=SECONDS_BETWEEN_HEARTBEATS,
        stalled_worker_timeout=SECONDS_UNTIL_LOST,
        shutdown_graceful_timeout=SECONDS_TO_FINISH,
    )


async def _sweep(routine: "Routine") -> None:
    from openkap.jobs.running import run_routine  # noqa: PLC0415

    log, loop = structlog.get_logger("openkap.jobs"), asyncio.get_running_loop()
    # A thread of its own keeps one connection of its own.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix=routine.name) as thread:
        while True:
            try:
                await loop.run_in_executor(thread, lambda: run_routine(routine, wait=False))
            except Exception:  # one failing sweep must not end the others
                log.exception("sweep-failed", routine=routine.name)
            await asyncio.sleep(routine.every.total_seconds())


async def _take_up_lost(app: "App") -> None:
    """Have the jobs of workers that are gone done by another; drop old finished ones."""
    while True:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SECONDS_UNTIL_LOST):
            await app.job_manager.retry_job(job)
        await app.job_manager.delete_old_jobs(nb_hours=24 * DAYS_KEPT, include_cancelled=True)
        await asyncio.sleep(SECONDS_BETWEEN_HEARTBEATS)


if __name__ == "__main__":
    main()
