"""What our middleware have in common."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from openkap.apps.access.models import SignIn

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
View = Callable[..., Any]


class Middleware:
    """Passes the request on; the hooks are in the subclasses. Synchronous, as all of them read the database."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks: it wants an answer it can read, not a page."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page that is already shown."""
    return request.headers.get("HX-Request") == "true"


def wants_stream(request: HttpRequest) -> bool:
    """Whether a live stream is opened: its script sees neither the status nor the body of a refusal."""
    return "text/event-stream" in request.headers.get("Accept", "")


def stream_over(why: str) -> HttpResponse:
    """A live stream that says only why it is none: 'signed-out', or 'refused' to somebody who is signed in.

    A browser hides why a stream was refused; the page would only fall silent. So the stream says it.
    """
    return HttpResponse(over_event(why), content_type="text/event-stream")


def over_event(why: str) -> bytes:
    """The last event of a live stream."""
    return f'event: over\ndata: {{"why": "{why}"}}\n\n'.encode()


def refusal(code: str, message: str, *, status: int, **more: object) -> JsonResponse:
    """An error as scripts read it: a stable `code` and a `message` for people."""
    return JsonResponse({"code": code, "message": message, **more}, status=status)


def sign_in_of(request: HttpRequest) -> SignIn | None:
    """The sign-in `SignInMiddleware` found for this request."""
    return getattr(request, "sign_in", None)
