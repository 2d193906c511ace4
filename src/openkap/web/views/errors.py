"""Error pages: what is wrong, why, and what to do."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openkap.apps.access.middleware.base import sign_in_of
from openkap.apps.access.policy import public
from openkap.errors import BadInput, NotAllowedNow, NotFound, OpenkapError, Refused


@dataclass(frozen=True)
class ErrorPage:
    """The words of one status; `reason` stands where the error brings none of its own."""

    title: str | Promise
    reason: str | Promise
    advice: str | Promise


PAGES = {
    400: ErrorPage(
        _("That could not be read"),
        _("The server could not make sense of what was sent."),
        _("Nothing was changed. Go back, check what you entered, and send it again."),
    ),
    403: ErrorPage(
        _("That is not open to you"),
        _("Your role does not include this page."),
        _("If you need it for your work, ask an administrator of your site to change your role."),
    ),
    404: ErrorPage(
        _("There is nothing here"),
        _("The address is wrong, or this is not for your eyes."),
        _("Check the address, or look for the patient by name or record number."),
    ),
    409: ErrorPage(
        _("Not at this moment"),
        _("This cannot be done in the present state."),
        _("Nothing was changed. Go back to see how things stand now."),
    ),
    423: ErrorPage(
        _("Entry is locked"),
        _("Nothing happened for a while, so entry was locked."),
        _("Show again who you are, and go on where you were."),
    ),
}

FOR_PATIENTS = {
    400: ErrorPage(
        _("That did not come through"),
        _("Something in what was sent could not be read."),
        _("What was saved before is still there. Go back and try once more."),
    ),
    403: ErrorPage(
        _("This page is not one of yours"),
        _("Nothing is wrong with you or with what you wrote."),
        _("Go to Today. What waits for you is there."),
    ),
    404: ErrorPage(
        _("This page is not here"),
        _("It may be done already, or the address is not right."),
        _("Go to Today. What waits for you is there."),
    ),
    409: ErrorPage(
        _("Not just now"),
        _("This cannot be done at the moment."),
        _("Nothing was changed. Go to Today to see how things stand."),
    ),
    423: PAGES[423],
}
PATIENTS_PATHS = ("/portal/", "/link/", "/sign-in/link/")
FORBIDDEN = 403

STATUS_OF: tuple[tuple[type[OpenkapError], int], ...] = (
    (NotFound, 404),
    (Refused, 403),
    (NotAllowedNow, 409),
    (BadInput, 400),
)


def status_of(error: OpenkapError) -> int:
    """The HTTP status that fits the error; an error may name its own as `http_status`."""
    own = getattr(error, "http_status", None)
    if isinstance(own, int):
        return own
    return next((status for kind, status in STATUS_OF if isinstance(error, kind)), 400)


def error_response(request: HttpRequest, status: int, reason: str = "") -> HttpResponse:
    """The page for `status`; as JSON for callers that ask for it."""
    patients = is_patients(request)
    pages = FOR_PATIENTS if patients else PAGES
    page = pages.get(status, pages[400])
    words = {"title": page.title, "reason": reason or page.reason, "advice": page.advice, "status": status}
    templates = ["portal/error.html"] if patients else [f"{status}.html", "error.html"]
    response = render(request, templates, words, status=status)
    response.headers["X-Reason"] = _header_text(str(words["reason"]))
    return response


def is_patients(request: HttpRequest) -> bool:
    """Whether a patient reads the page: it keeps their frame then, with help and the quick way out."""
    sign_in = sign_in_of(request)
    return request.path.startswith(PATIENTS_PATHS) if sign_in is None else sign_in.for_portal


def _header_text(text: str) -> str:
    """The reason as one header line; letters outside Latin-1 are percent-encoded by Django otherwise."""
    return " ".join(text.split()).encode("ascii", "replace").decode()[:300]


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return error_response(request, 400, _expected(exception))


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403. The message of `PermissionDenied` is written by us for staff: patients have no roles to read of."""
    return error_response(request, FORBIDDEN, "" if is_patients(request) else str(exception or ""))


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404. The message of Django's own `Http404` is about patterns; it is not shown."""
    return error_response(request, 404, _expected(exception))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403 for a form whose token is missing or old."""
    words = _("This form is too old, or came from somewhere else. Load the page again and resend it.")
    if is_patients(request):
        words = _("This page was open for too long. Go back, load it again, and send it once more.")
    return error_response(request, FORBIDDEN, str(words))


@public
def broken(request: HttpRequest) -> HttpResponse:
    """500. Needs neither database nor context: they may be what broke."""
    name = "portal/500.html" if request.path.startswith(PATIENTS_PATHS) else "500.html"
    return HttpResponse(loader.get_template(name).render(), status=500)


def _expected(exception: Exception | None) -> str:
    return str(exception) if isinstance(exception, OpenkapError) else ""
