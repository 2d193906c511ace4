"""The live stream of a session as server-sent events: 'state', 'neighbours', 'beat', and 'over' at its end.

Ids are `seq`, so a stream that was cut resumes on Last-Event-ID. Whether the sign-in lives and the viewer may
still see the patient is asked at least every 5 seconds; asking extends nothing.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connections
from django.utils import timezone, translation

from openkap.apps.access.middleware.base import over_event
from openkap.apps.access.models import User
from openkap.apps.access.queries import session_alive
from openkap.apps.access.roles import Permission
from openkap.apps.dosing import live, queries
from openkap.apps.dosing.live import Watcher
from openkap.apps.dosing.models import Session
from openkap.apps.dosing.snapshots import holding_snapshot_of, snapshot_of
from openkap.apps.dosing.wire import TENTH, plain
from openkap.errors import NotFound

BEAT = 4.0  # seconds; the sign-in is asked about on every beat
NEIGHBOURS_EVERY = 1.0
Result = TypeVar("Result")
# Streams last for hours: they share a few threads, and so a few database connections.
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="dosing-stream")


@dataclass
class Viewer:
    """Who watches, through which sign-in, in which language."""

    user: User
    session_key: str | None
    language: str


@dataclass
class _Sent:
    """What this stream has sent, so that it sends what changed."""

    seq: int = -1
    text: str = ""
    neighbours: str = ""
    changes_at: datetime | None = None
    checked: float = field(default_factory=lambda: float("-inf"))
    around: float = field(default_factory=lambda: float("-inf"))


async def messages(viewer: Viewer, session_id: UUID, site_id: int) -> AsyncIterator[bytes]:
    """The stream's bytes. Ends with 'over', and why, when the sign-in or the permission does."""
    sent = _Sent()
    # The request's own thread has done its part; its connection would be held for as long as somebody watches.
    await sync_to_async(connections.close_all)()
    yield b"retry: 2000\n\n"
    watcher = live.watch(str(session_id), str(site_id))
    try:
        await live.ready()
        while True:
            parts = await _in_thread(lambda: _look(viewer, session_id, watcher, sent))
            if parts is None:
                yield over_event(await _in_thread(lambda: _why_over(viewer)))
                return
            for part in parts:
                yield part
            await watcher.wait(_pause(watcher, sent))
    finally:
        live.unwatch(watcher)


def message(kind: str, data: str, seq: int | None = None) -> bytes:
    """One server-sent event. JSON has no line breaks of its own."""
    head = f"id: {seq}\n" if seq is not None else ""
    return f"{head}event: {kind}\ndata: {data}\n\n".encode()


async def _in_thread(work: Callable[[], Result]) -> Result:
    def done() -> Result:
        close_old_connections()
        return work()

    return await asyncio.get_running_loop().run_in_executor(_threads, done)


def _pause(watcher: Watcher, sent: _Sent) -> float:
    """Until the next beat, or the moment when time alone changes the state, or the strip is due."""
    now = time.monotonic()
    waits = [sent.checked + BEAT - now]
    if sent.changes_at is not None:
        waits.append((sent.changes_at - timezone.now()).total_seconds() + 0.05)
    if watcher.around:
        waits.append(sent.around + NEIGHBOURS_EVERY - now)
    return max(0.05, min(waits))


def _look(viewer: Viewer, session_id: UUID, watcher: Watcher, sent: _Sent) -> list[bytes] | None:
    """What to send now; None when the viewer may no longer watch."""
    beat = time.monotonic() - sent.checked >= BEAT - 0.1
    if beat and not _may_watch(viewer):
        return None
    with translation.override(viewer.language):
        try:
            session = queries.session_for(viewer.user, session_id)
        except NotFound:
            return None
        parts = [*_state(session, watcher, sent), *_around(viewer, session, watcher, sent)]
        return [*parts, *_beat(session, sent)] if beat else parts


def _may_watch(viewer: Viewer) -> bool:
    viewer.user.remembered_roles = None  # asked anew: roles may have been taken away
    return session_alive(viewer.session_key, permission=Permission.DOSING_READ)


def _why_over(viewer: Viewer) -> str:
    """'signed-out', or 'refused': the sign-in lives, but their role or their place on the team is gone."""
    return "refused" if session_alive(viewer.session_key) else "signed-out"


def _state(session: Session, watcher: Watcher, sent: _Sent) -> list[bytes]:
    now = timezone.now()
    due = sent.changes_at is not None and now >= sent.changes_at
    if session.last_seq == sent.seq and not due and not watcher.here:
        return []
    watcher.here = False
    snapshot = snapshot_of(session, now)
    if session.last_seq == sent.seq and not due:
        return []
    sent.seq, sent.changes_at = session.last_seq, snapshot.state.changes_at
    return [message("state", snapshot.text, session.last_seq)]


def _around(viewer: Viewer, session: Session, watcher: Watcher, sent: _Sent) -> list[bytes]:
    """The strip of chairs, at most once a second, when it changed."""
    if not watcher.around or time.monotonic() - sent.around < NEIGHBOURS_EVERY:
        return []
    watcher.around, sent.around = False, time.monotonic()
    text = json.dumps(neighbours_of(viewer.user, session.site_id))
    if text == sent.neighbours:
        return []
    sent.neighbours = text
    return [message("neighbours", text)]


def neighbours_of(viewer: User, site_id: int) -> list[dict[str, object]]:
    """The sessions that run at the site, as far as the viewer may see them, by chair."""
    now = timezone.now()
    return [holding_snapshot_of(session, now).neighbour for session in queries.open_sessions(site_id, viewer)]


def _beat(session: Session, sent: _Sent) -> list[bytes]:
    sent.checked = time.monotonic()
    now = timezone.now()
    given = plain(holding_snapshot_of(session, now).given_mg(now).quantize(TENTH))
    beat_json = {"now": now.isoformat(), "given_mg": given, "seq": session.last_seq}
    return [message("beat", json.dumps(beat_json))]
