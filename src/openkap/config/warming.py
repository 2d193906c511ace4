"""What a web process reads before somebody waits for it, and keeps for good."""

import gc
import threading
from datetime import UTC, datetime

from django.urls import get_resolver

from openkap import knowledge


def read_routes() -> None:
    """Read every route and the views behind them, in one thread and before the first request.

    The first request would do it, and whoever came with it would wait; what is there now is not looked through
    by the collector of garbage either.
    """
    get_resolver()._populate()  # noqa: SLF001  what `reverse` would do first


def warm() -> None:
    """Read the knowledge once, and let the collector of garbage pass over all that is there by now.

    Records, classes and templates live as long as the process. Looked through again and again, they made
    requests wait for a tenth of a second and more, each time on both processes.
    """
    knowledge.load(datetime.now(UTC).date())
    gc.collect()
    gc.freeze()


def warm_soon() -> threading.Thread:
    """Do it beside the first requests, so that the start is not later for it."""
    thread = threading.Thread(target=warm, name="warming", daemon=True)
    thread.start()
    return thread
