"""ASGI entry point of the web processes."""

import os

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class OneThreadHandler(ASGIHandler):
    """Answers a request in one thread from the first middleware to the last.

    All of ours read the database, so none is asynchronous. Django's own handler would go back to the event
    loop between them, a dozen times for each request, and wait for its turn each time. A stream's view is
    called from that thread; what it streams is sent by the event loop as before.
    """

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002 -- whatever Django asks for
        """Build the chain as for a synchronous server."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, worked out in the request's thread."""
        response: HttpResponseBase = await sync_to_async(self.get_response)(request)
        return response


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openkap.config.settings")
django.setup(set_prefix=False)
application = OneThreadHandler()
