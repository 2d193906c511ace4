"""How the web processes answer: each request in one thread, and nothing that pages would wait for."""

import asyncio
import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest
import structlog
import uvicorn
from asgiref.testing import ApplicationCommunicator
from django.core.signals import request_finished, request_started
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import clear_url_caches, get_resolver, path
from django.utils import timezone, translation
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language

from openkap.apps.access.policy import public
from openkap.config import warming, web_process
from openkap.config.asgi import OneThreadHandler
from openkap.config.turns import Turns

seen: list[int] = []
SLOW = 30  # seconds, on a machine that does much else


class Outermost:
    """A middleware that says where it runs, in both of its parts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen.append(threading.get_ident())
        return self.get_response(request)

    def process_view(self, *_: Any) -> None:
        seen.append(threading.get_ident())


class Inner(Outermost):
    """Another."""


@public
def page(_request: HttpRequest) -> HttpResponse:
    seen.append(threading.get_ident())
    return HttpResponse("as it was asked")


@public
async def stream(_request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> Any:
        yield b"one "
        yield b"two"

    return StreamingHttpResponse(parts())


ended = threading.Event()


@public
async def endless(_request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> Any:
        try:
            while True:
                yield b"on "
                await asyncio.sleep(3600)
        finally:
            ended.set()

    return StreamingHttpResponse(parts())


@public
def language(request: HttpRequest) -> HttpResponse:
    """What the reader before left behind; and what this one would leave."""
    found = f"{get_language()} {get_current_timezone_name()} {structlog.contextvars.get_contextvars()}"
    translation.activate("es")
    timezone.activate("America/Bogota")
    structlog.contextvars.bind_contextvars(who="the one before")
    return HttpResponse(found)


urlpatterns = [
    path("page/", page),
    path("stream/", stream),
    path("language/", language),
    path("endless/", endless),
]


@pytest.fixture
def handler() -> Any:
    seen.clear()
    middleware = [f"{__name__}.Outermost", f"{__name__}.Inner"]
    receivers = [(signal, signal.receivers) for signal in (request_started, request_finished)]
    for signal, _ in receivers:  # they would close the connection of the test
        signal.receivers = []
        signal.sender_receivers_cache.clear()
    with override_settings(MIDDLEWARE=middleware, ROOT_URLCONF=__name__):
        yield OneThreadHandler()
    for signal, before in receivers:
        signal.receivers = before
        signal.sender_receivers_cache.clear()


async def answer(handler: OneThreadHandler, where: str) -> tuple[int, bytes]:
    scope = {"type": "http", "method": "GET", "path": where, "query_string": b"", "headers": []}
    asked: Any = ApplicationCommunicator(handler, scope)  # type: ignore[no-untyped-call]
    await asked.send_input({"type": "http.request", "body": b""})
    head = await asked.receive_output(timeout=SLOW)
    body = b""
    while True:
        part = await asked.receive_output(timeout=SLOW)
        body += part.get("body", b"")
        if not part.get("more_body"):
            await asked.wait(timeout=SLOW)
            return head["status"], body


async def test_a_request_stays_in_its_thread(handler: OneThreadHandler) -> None:
    assert await answer(handler, "/page/") == (200, b"as it was asked")
    assert len(seen) == 5  # two middleware, each before and at the view; the view
    assert len(set(seen)) == 1
    assert seen[0] != threading.get_ident()


async def test_nothing_of_one_reader_is_there_for_the_next(handler: OneThreadHandler) -> None:
    handler.turns = Turns(at_once=1, threads=1)  # the same thread for both
    for _ in range(2):
        assert await answer(handler, "/language/") == (200, b"en UTC {}")


async def test_a_stream_ends_when_its_reader_goes(handler: OneThreadHandler) -> None:
    scope = {"type": "http", "method": "GET", "path": "/endless/", "query_string": b"", "headers": []}
    asked: Any = ApplicationCommunicator(handler, scope)  # type: ignore[no-untyped-call]
    await asked.send_input({"type": "http.request", "body": b""})
    assert (await asked.receive_output(timeout=SLOW))["status"] == 200
    assert (await asked.receive_output(timeout=SLOW))["body"] == b"on "
    await asked.send_input({"type": "http.disconnect"})
    await asked.wait(timeout=SLOW)
    assert ended.is_set()


async def test_what_streams_is_sent_all_the_same(handler: OneThreadHandler) -> None:
    assert await answer(handler, "/stream/") == (200, b"one two")


async def test_what_is_not_there_is_answered_too(handler: OneThreadHandler) -> None:
    status, _ = await answer(handler, "/nothing/")
    assert status == 404


def test_what_lives_for_good_is_not_looked_through_again() -> None:
    before = gc.get_freeze_count()
    try:
        warming.warm_soon().join(timeout=60)
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


def test_routes_are_read_before_the_first_request() -> None:
    clear_url_caches()
    warming.read_routes()
    assert vars(get_resolver())["_populated"] is True


async def test_a_web_process_reads_them_before_it_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    async def listen(*_: Any, **__: Any) -> None:
        done.append("listens")

    monkeypatch.setattr(uvicorn.Server, "startup", listen)
    monkeypatch.setattr(web_process, "read_routes", lambda: done.append("routes"))
    monkeypatch.setattr(web_process, "warm_soon", lambda: done.append("the rest"))
    await web_process.Server(uvicorn.Config("none:none")).startup()
    assert done == ["routes", "listens", "the rest"]
