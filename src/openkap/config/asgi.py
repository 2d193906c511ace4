"""ASGI entry point of the web processes."""

import asyncio
import os
from contextvars import copy_context
from typing import IO, Any

import django
from asgiref.sync import sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections, connections, reset_queries
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from openkap.config.turns import Turns
from openkap.web.static_files import StaticFiles


class OneThreadHandler(ASGIHandler):
    """Answers a request in one thread, from the first middleware to the connection handed back.

    All of ours read the database, so none is asynchronous. Django's own handler would go back to the event
    loop between them, a dozen times for each request, and wait for its turn each time. A stream's view is
    called from that thread; what it streams is sent by the event loop as before.
    """

    def __init__(self) -> None:
        super().__init__()
        self.turns = Turns()

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002 -- whatever Django asks for
        """Build the chain as for a synchronous server."""
        super().load_middleware(is_async=False)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer a request of HTTP; there is nothing else here."""
        if scope["type"] != "http":
            raise ValueError(f"Only HTTP is answered, not {scope['type']}.")
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        # A context of its own: what the request sets, its language among it, is gone with it.
        context = copy_context()
        response = await self.turns.take(lambda: context.run(self._answer, scope, body))
        if response.streaming:
            await self._stream(response, receive, send)
        else:
            await self.send_response(response, send)

    def _answer(self, scope: dict[str, Any], body: IO[bytes]) -> HttpResponseBase:
        """The answer, worked out in the thread of the request, and all it used handed back."""
        set_script_prefix(get_script_prefix(scope))
        reset_queries()
        close_old_connections()  # these two are all that Django does when a request starts
        request, refusal = self.create_request(scope, body)
        response: HttpResponseBase = refusal if request is None else self.get_response(request)  # type: ignore[assignment]
        setattr(response, "_handler_class", type(self))  # noqa: B010  the sender of request_finished
        if response.streaming:
            connections.close_all()  # a stream may last for hours, and asks in threads of its own
        else:
            response.close()
        body.close()
        return response

    async def _stream(self, response: HttpResponseBase, receive: Any, send: Any) -> None:
        """Send until the stream ends or the reader has gone."""
        tasks = [
            asyncio.create_task(self.listen_for_disconnect(receive)),
            asyncio.create_task(self.send_response(response, send)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            await sync_to_async(response.close)()
        for error in ended:
            if isinstance(error, Exception) and not isinstance(error, RequestAborted):
                raise error


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openkap.config.settings")
django.setup(set_prefix=False)
application = StaticFiles(OneThreadHandler())
