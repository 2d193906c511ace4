"""What every page is given: errors in words, the reader's language, the site's clock, drafts let go."""

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from openkap.adapters.postgres.reading import one_page
from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.people.queries import site_clock_of
from openkap.errors import OpenkapError
from openkap.web import drafts
from openkap.web.plain_text import refuse_what_is_no_text
from openkap.web.views.errors import error_response, status_of

DRAFT_FIELD = "draft_key"


class Middleware:
    """Passes the request on; the hooks are in the subclasses."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class ExpectedErrorMiddleware(Middleware):
    """A view may let an `OpenkapError` pass: the error page of its status answers, with its reason."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OpenkapError):
            return None
        return error_response(request, status_of(exception), str(exception))


class LanguageMiddleware(Middleware):
    """Someone who is signed in reads in the language of their settings, whatever the browser asks for."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        if not isinstance(user, User) or user.language not in dict(settings.LANGUAGES):
            return self.get_response(request)
        request.LANGUAGE_CODE = user.language
        with translation.override(user.language):  # whoever uses this thread next has a language of their own
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or user.language)
            return response


class SiteClockMiddleware(Middleware):
    """Times are read and written by the clock of the patient's site; elsewhere by that of the reader's own.

    Without it a time typed into a form would be taken for UTC.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, _view: Callable[..., Any], _args: Any, kwargs: dict[str, Any]
    ) -> None:
        user = getattr(request, "user", None)
        if not isinstance(user, User):
            return
        patient_id = kwargs.get("patient_id")
        clock = site_clock_of(patient_id) if isinstance(patient_id, UUID) else None
        if clock := clock or own_clock(user):
            timezone.activate(ZoneInfo(clock))


class OnePageMiddleware(Middleware):
    """While a page is only read, its parts share what they ask of the database."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        with one_page(timezone.now()):
            return self.get_response(request)


def own_clock(user: User) -> str | None:
    """The IANA zone of the first site, by name, where the person holds a role."""
    first = next(iter(access.own_sites(user)), None)
    return first.time_zone if first else None


class PlainTextMiddleware(Middleware):
    """Refuses addresses and forms with characters that no database keeps, before a view stumbles on them."""

    def process_view(
        self, request: HttpRequest, _view: Callable[..., Any], _args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        return refuse_what_is_no_text(request, kwargs)


class DraftMiddleware(Middleware):
    """A form that names its draft and was accepted needs it no more; a refused one keeps it."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = getattr(request, "user", None)
        if request.method == "POST" and isinstance(user, User) and was_accepted(request, response):
            key = request.POST.get(DRAFT_FIELD, "")
            if key:
                drafts.discard_draft(by=user, key=key)
        return response


def was_accepted(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the answer says that a form was taken: a redirect, or for htmx any success."""
    if request.headers.get("HX-Request") == "true":
        return response.status_code < 400
    return 300 <= response.status_code < 400
