"""Requests take turns: few at once, in order, and a long one holds up nobody."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from openkap.config.turns import Turns

PATIENCE = 20.0  # seconds, for a machine that does much else


class Busy:
    """Work that says how many did it at once."""

    def __init__(self, awaited: int) -> None:
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self._together = threading.Barrier(awaited)

    def work(self) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._together.wait(PATIENCE)  # goes on when as many are at it as may be
        with self._lock:
            self._now -= 1


async def test_only_so_many_are_worked_on_at_once() -> None:
    turns, busy = Turns(at_once=2, short=PATIENCE), Busy(awaited=2)
    await asyncio.gather(*(turns.take(busy.work) for _ in range(6)))
    assert busy.most == 2


async def test_who_came_first_is_served_first() -> None:
    turns, served = Turns(at_once=1, short=PATIENCE), list[int]()

    def serve(number: int) -> Callable[[], None]:
        return lambda: served.append(number)

    await asyncio.gather(*(turns.take(serve(number)) for number in range(20)))
    assert served == list(range(20))


async def test_long_work_gives_up_its_place() -> None:
    turns, over = Turns(at_once=1, short=0.01), threading.Event()
    long = asyncio.create_task(turns.take(lambda: over.wait(PATIENCE)))
    assert await asyncio.wait_for(turns.take(lambda: "a page"), PATIENCE) == "a page"
    assert not long.done()
    over.set()
    assert await long is True


async def test_a_place_is_left_once() -> None:
    turns, over = Turns(at_once=1, short=0.01), threading.Event()
    long = asyncio.create_task(turns.take(lambda: over.wait(PATIENCE)))
    await turns.take(lambda: None)  # the place was given up by now
    over.set()
    await long
    quick, busy = Turns(at_once=1, short=PATIENCE), Busy(awaited=1)
    await asyncio.gather(*(quick.take(busy.work) for _ in range(4)))
    assert busy.most == 1


async def test_work_that_fails_leaves_its_place() -> None:
    turns = Turns(at_once=1, short=PATIENCE)

    def fail() -> None:
        raise ValueError("as it was asked")

    for _ in range(3):
        with pytest.raises(ValueError, match="as it was asked"):
            await turns.take(fail)
    assert await asyncio.wait_for(turns.take(lambda: "next"), PATIENCE) == "next"


async def test_who_hangs_up_ends_no_work_that_was_begun() -> None:
    turns, begun, over, done = Turns(), threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        over.wait(PATIENCE)
        done.set()

    asked = asyncio.create_task(turns.take(work))
    await asyncio.to_thread(begun.wait, PATIENCE)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    over.set()
    assert await asyncio.to_thread(done.wait, PATIENCE)
