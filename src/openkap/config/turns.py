"""How many requests a process works on at once: few, in the order in which they came."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
AT_ONCE = 4
SHORT = 0.05  # seconds; several times what a page takes of a processor: the rest is waiting, for a disk say
THREADS = 16


class Turns:
    """Threads that take their work in turns.

    Python runs one thread at a time: a hundred requests begun together all end late; begun one after the other,
    each ends early. `at_once` are worked on, so that one is thought about while another waits for the database.
    Work that takes longer than `short` seconds keeps its thread but counts no longer: an export or an answer
    from outside does not hold up pages, until `threads` of them run.
    """

    def __init__(self, at_once: int = AT_ONCE, short: float = SHORT, threads: int = THREADS) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._short = short
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="request")

    async def take(self, work: Callable[[], Result]) -> Result:
        """The result of `work`, done in a thread when its turn has come."""
        await self._places.acquire()
        loop = asyncio.get_running_loop()
        try:
            working = loop.run_in_executor(self._threads, work)
        except BaseException:
            self._places.release()
            raise
        place = _Place(self._places)
        loop.call_later(self._short, place.leave)
        working.add_done_callback(lambda _done: place.leave())
        return await asyncio.shield(working)  # who hangs up ends no work that was begun


class _Place:
    """One of the places: left once, when the work is done or has taken long."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places: asyncio.Semaphore | None = places

    def leave(self) -> None:
        places, self._places = self._places, None
        if places is not None:
            places.release()
