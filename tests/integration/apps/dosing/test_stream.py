"""The live stream: what it sends, when it ends, and that it lets others do their work."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient
from django.utils import timezone
from tests.factories.access import a_client
from tests.factories.dosing import Sitting, a_sitting

from openkap.apps.access.models import Membership, SignIn
from openkap.apps.dosing import live
from openkap.apps.dosing import stream as dosing_stream
from openkap.apps.dosing.stream import BEAT
from openkap.apps.dosing.stream import _threads as stream_threads
from openkap.apps.people.models import CareTeamMember

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
async def nothing_left_open() -> AsyncIterator[None]:
    """Threads of views and streams keep their connections, and the ear closes in its own time."""
    yield
    await asyncio.sleep(0.2)
    await sync_to_async(connections.close_all)()
    count = stream_threads._max_workers
    together = threading.Barrier(count)

    def close() -> None:
        together.wait(timeout=60)
        connections.close_all()

    for done in [stream_threads.submit(close) for _ in range(count)]:
        await asyncio.wrap_future(done)


def sitting_now() -> tuple[Sitting, str]:
    sitting = a_sitting(zero=timezone.now() - timedelta(minutes=12)).until_dose()
    return sitting, a_client(sitting.by).cookies["sessionid"].value


async def open_stream(sitting: Sitting, key: str) -> AsyncIterator[tuple[str, Any]]:
    client = AsyncClient()
    client.cookies["sessionid"] = key
    answer = await client.get(f"/dosing/{sitting.session.public_id}/stream/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/event-stream"

    async def parts() -> AsyncIterator[tuple[str, Any]]:
        async for chunk in answer.streaming_content:  # type: ignore[attr-defined]
            lines = chunk.decode().strip().splitlines()
            said = dict(line.split(": ", 1) for line in lines)
            if "event" in said:
                yield said["event"], json.loads(said["data"])

    return parts()


async def until(stream: AsyncIterator[tuple[str, Any]], kind: str, seconds: float = 30) -> Any:
    async with asyncio.timeout(seconds):
        async for found, data in stream:
            if found == kind:
                return data
    raise AssertionError(f"the stream ended without {kind!r}")


async def test_it_begins_with_the_state_and_is_pushed_each_change(monkeypatch: pytest.MonkeyPatch) -> None:
    for asks in ("BEAT", "NEIGHBOURS_EVERY"):
        monkeypatch.setattr(dosing_stream, asks, 600.0)  # seconds: whoever only asked would find it too late
    sitting, key = await sync_to_async(sitting_now)()
    stream = await open_stream(sitting, key)
    first = await until(stream, "state")
    assert first["seq"] == 6
    assert first["dose"]["delivery"] == "running"
    for number, systolic in enumerate((150, 151, 152), start=7):
        await sync_to_async(sitting.vitals)(number + 4, systolic=systolic)
        changed = await until(stream, "state")
        assert (changed["seq"], changed["last"]["systolic"]["value"]) == (number, systolic)

    await stream.aclose()  # type: ignore[attr-defined]


async def test_it_beats_with_the_servers_time_and_the_amount_given() -> None:
    sitting, key = await sync_to_async(sitting_now)()
    stream = await open_stream(sitting, key)
    beat = await until(stream, "beat")

    assert beat["seq"] == 6
    minutes = (timezone.now() - sitting.zero).total_seconds() / 60  # 12, and what the test took so far
    assert 10.5 <= float(beat["given_mg"]) <= 35 / 40 * minutes + 0.1
    await stream.aclose()  # type: ignore[attr-defined]


async def test_it_shows_the_other_chairs_and_their_changes() -> None:
    sitting, key = await sync_to_async(sitting_now)()
    stream = await open_stream(sitting, key)
    chairs = await until(stream, "neighbours")
    assert [(c["chair"], c["alert"]) for c in chairs] == [(sitting.session.chair, "")]
    await sync_to_async(sitting.vitals)(11, spo2=88)
    chairs = await until(stream, "neighbours")

    assert chairs[0]["alert"] == "SpO₂ 88 %"
    await stream.aclose()  # type: ignore[attr-defined]


async def test_opened_when_signed_out_it_says_so_as_a_stream() -> None:
    sitting, key = await sync_to_async(sitting_now)()
    await sync_to_async(end_sign_in)(sitting)
    client = AsyncClient()
    client.cookies["sessionid"] = key
    stream = f"/dosing/{sitting.session.public_id}/stream/"
    answer = await client.get(stream, headers={"Accept": "text/event-stream"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    assert answer.content == b'event: over\ndata: {"why": "signed-out"}\n\n'


def end_sign_in(sitting: Sitting) -> None:
    SignIn.objects.update(ended_at=timezone.now())


def leave_team(sitting: Sitting) -> None:
    CareTeamMember.objects.filter(user=sitting.by).update(ended_at=timezone.now())


def lose_role(sitting: Sitting) -> None:
    Membership.objects.filter(user=sitting.by).update(ended_at=timezone.now())


@pytest.mark.parametrize(
    ("change", "why"), [(end_sign_in, "signed-out"), (leave_team, "refused"), (lose_role, "refused")]
)
async def test_it_ends_within_seconds_when_the_viewer_may_no_longer_see(change: Any, why: str) -> None:
    sitting, key = await sync_to_async(sitting_now)()
    stream = await open_stream(sitting, key)
    await until(stream, "state")
    await sync_to_async(change)(sitting)
    assert BEAT <= 5  # seconds: so often it is asked; a machine that is busy with other tests tells it later
    assert await until(stream, "over") == {"why": why}
    assert [part async for part in stream] == []
    client = AsyncClient()
    client.cookies["sessionid"] = key
    path = f"/dosing/{sitting.session.public_id}/stream/"
    again = await client.get(path, headers={"Accept": "text/event-stream"})
    assert again.content == f'event: over\ndata: {{"why": "{why}"}}\n\n'.encode(), "opened anew it says so too"


async def test_watching_does_not_keep_a_sign_in_active() -> None:
    sitting, key = await sync_to_async(sitting_now)()
    earlier = timezone.now() - timedelta(hours=1)
    await SignIn.objects.aupdate(last_active_at=earlier)
    stream = await open_stream(sitting, key)
    await until(stream, "beat")

    assert (await SignIn.objects.aget()).last_active_at == earlier
    await stream.aclose()  # type: ignore[attr-defined]


async def test_a_lost_notification_delays_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sitting, key = await sync_to_async(sitting_now)()
    stream = await open_stream(sitting, key)
    await until(stream, "state")
    monkeypatch.setattr(live.Listener, "_pass_on", lambda *_: None)
    await sync_to_async(sitting.vitals)(11, systolic=151)
    changed = await until(stream, "state")

    assert changed["last"]["systolic"]["value"] == 151
    await stream.aclose()  # type: ignore[attr-defined]


async def test_all_streams_of_a_process_share_one_ear_and_let_go_when_cut() -> None:
    """A reader that goes away cancels its stream, as the server does on a disconnect."""
    sitting, key = await sync_to_async(sitting_now)()
    streams = [await open_stream(sitting, key) for _ in range(5)]
    for stream in streams:
        await until(stream, "state")
    listener = live._listeners[asyncio.get_running_loop()]
    assert len(listener.watchers) == 5
    readers = [asyncio.create_task(until(stream, "never", seconds=60)) for stream in streams]
    await asyncio.sleep(0.1)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)

    assert (listener.watchers, listener.task) == (set(), None)
