"""What wakes the streams: one LISTEN connection per process, shared by all pages that watch.

PostgreSQL's NOTIFY is sent by the transaction that stores events, so it arrives when, and only when, they are
there. A notification that is lost costs little: streams look again on every beat.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import psycopg
from django.db import connections

CHANNEL = "openkap_dosing"  # NOTIFY: '<session> <seq> <site>'
AGAIN_AFTER = 1.0  # seconds until a lost connection is tried again
READY_WITHIN = 2.0
STRIP_WITHIN = 1.0  # what happens in other chairs is gathered for so long, then told at once
log = logging.getLogger(__name__)


@dataclass(eq=False)
class Watcher:
    """One stream's ear: set at once when its session has changed, and soon when another of its site has.

    Were every stream of a site woken by every entry there, the work would grow with the square of its chairs.
    """

    session: str
    site: str
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    here: bool = True  # its own session
    around: bool = True  # any session of its site
    turn: asyncio.TimerHandle | None = None

    async def wait(self, seconds: float) -> None:
        """Until something changed, at most so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.woken.wait(), timeout=max(0.0, seconds))
        self.woken.clear()

    def hear(self, session: str, site: str) -> None:
        if session == self.session:
            self.here = self.around = True
            self.woken.set()
        elif site == self.site:
            self.around = True
            if self.turn is None:
                self.turn = asyncio.get_running_loop().call_later(STRIP_WITHIN, self._take_turn)

    def _take_turn(self) -> None:
        self.turn = None
        self.woken.set()

    def close(self) -> None:
        """Hear no more."""
        if self.turn is not None:
            self.turn.cancel()
            self.turn = None

    def hear_all(self) -> None:
        self.hear(self.session, self.site)


class Listener:
    """The shared connection of one event loop; it lives while somebody watches."""

    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()
        self.ready = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def add(self, watcher: Watcher) -> None:
        self.watchers.add(watcher)
        if self.task is None or self.task.done():
            self.ready.clear()
            self.task = asyncio.get_running_loop().create_task(self._run())

    def remove(self, watcher: Watcher) -> None:
        if watcher not in self.watchers:
            return
        watcher.close()
        self.watchers.discard(watcher)
        if not self.watchers and self.task is not None:
            self.task.cancel()
            self.task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except psycopg.Error:
                log.warning("dosing.listen-lost")
            self.ready.clear()
            await asyncio.sleep(AGAIN_AFTER)

    async def _listen(self) -> None:
        settings = connections["default"].get_connection_params()
        wanted = {key: settings[key] for key in settings if key not in {"context", "cursor_factory"}}
        async with await psycopg.AsyncConnection.connect(**wanted, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")  # a constant, not input
            self.ready.set()
            for watcher in self.watchers:
                watcher.hear_all()  # what happened while nobody listened
            async for notify in connection.notifies():
                self._pass_on(notify.payload)

    def _pass_on(self, payload: str) -> None:
        session, _seq, site = [*payload.split(" "), "", ""][:3]
        for watcher in self.watchers:
            watcher.hear(session, site)


_listeners: WeakKeyDictionary[asyncio.AbstractEventLoop, Listener] = WeakKeyDictionary()


def watch(session: str, site: str) -> Watcher:
    """An ear for the session and its site; `unwatch` it when the stream ends."""
    listener = _listeners.setdefault(asyncio.get_running_loop(), Listener())
    watcher = Watcher(session, site)
    listener.add(watcher)
    return watcher


async def ready() -> None:
    """Wait until the shared connection listens, but not for long: streams look on every beat anyway."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_listeners[asyncio.get_running_loop()].ready.wait(), timeout=READY_WITHIN)


def unwatch(watcher: Watcher) -> None:
    """Forget the ear; with the last one the connection is closed."""
    for listener in list(_listeners.values()):
        listener.remove(watcher)
