"""Expected errors become pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from openkap.errors import OpenkapError
from openkap.web.views.errors import error_response, status_of


class ExpectedErrorMiddleware:
    """A view may let an `OpenkapError` pass: the error page of its status answers, with its reason."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OpenkapError):
            return None
        return error_response(request, status_of(exception), str(exception))
