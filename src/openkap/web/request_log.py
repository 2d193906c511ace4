"""One line of log for each request: which route, not which address; who by public id, not by name."""

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponseBase
from uuid_utils.compat import uuid7

HEADER = "X-Request-ID"
log = structlog.get_logger("openkap.requests")


class RequestLogMiddleware:
    """The outermost middleware: names the request, and logs how it ended."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id, began = uuid7().hex, time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            log.info(
                "request",
                method=request.method,
                route=_route(request),
                status=response.status_code,
                ms=round(1000 * (time.perf_counter() - began), 1),
                user=_who(request),
            )
        response.headers[HEADER] = request_id
        return response


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name or match.route if match else "none"


def _who(request: HttpRequest) -> str | None:
    # Only when somebody asked for it already: a page that needs no user must not load one for the log.
    user = getattr(request, "_cached_user", None)
    public_id = getattr(user, "public_id", None)
    return str(public_id) if public_id else None
