"""The door: asking for a link, opening one, keeping the telephone to oneself."""

import secrets
import time
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.operations import can_unlock
from openkap.apps.access.policy import public
from openkap.apps.access.sign_in import sign_in_by_link
from openkap.apps.portal import operations, queries
from openkap.apps.portal.operations import Door
from openkap.web.portal import page
from openkap.web.portal_forms import AskForm, BirthDateForm

if TYPE_CHECKING:
    from datetime import date

    from openkap.apps.portal.models import PortalLink

BROWSER = "openkap_portal_browser"  # in the session: the secret of the browser that asked for a link
VOID = 410
ASKING_TAKES = 0.3  # seconds: more than sending takes, so that the time tells nothing


@public
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same whether anybody is known at that address."""
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return page(request, "portal/ask.html", "", form=form, status=400 if form.errors else 200)
    address = form.cleaned_data["address"]
    if not _may_try(request, "portal_ask", key=address.lower()):
        form.add_error(None, _("Too many attempts. Wait a few minutes, then try again."))
        return page(request, "portal/ask.html", "", form=form, status=429)
    browser = request.session.setdefault(BROWSER, secrets.token_urlsafe(24))
    began = time.monotonic()
    operations.ask_for_link(now=timezone.now(), address=address, browser=browser)
    time.sleep(max(0.0, ASKING_TAKES - (time.monotonic() - began)))  # as long whether anybody is known or not
    return page(request, "portal/asked.html", "")


@public
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Open a link: looking at it changes nothing, so that scanners of mail cannot use it up."""
    if isinstance(request.user, User) and access.is_staff(request.user):
        return page(request, "portal/link_for_patient.html", "", status=403)
    link, now = queries.link_with(token), timezone.now()
    if link is None or not queries.is_living(link, now):
        return page(request, "portal/link_void.html", "", status=VOID)
    asks = operations.needs_birth_date(link, request.session.get(BROWSER, ""))
    form = BirthDateForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or (asks and not form.is_valid()):
        return _link_page(request, link, form if asks else None)
    if not _may_try(request, "portal_link"):
        return _link_page(request, link, form, _("Too many attempts. Wait a minute, then try again."))
    return _try(request, token, link, form if asks else None)


def _try(request: HttpRequest, token: str, link: "PortalLink", form: BirthDateForm | None) -> HttpResponse:
    birth_date: date | None = form.cleaned_data["date"] if form else None
    browser = request.session.get(BROWSER, "")
    attempt = operations.open_link(now=timezone.now(), token=token, birth_date=birth_date, browser=browser)
    if attempt.door is Door.OPEN and attempt.user is not None:
        return _let_in(request, attempt.user)
    if attempt.door is Door.WRONG:
        left = _("This is not the birth date we have. Tries left: %(n)d.") % {"n": attempt.tries_left}
        return _link_page(request, link, form, left)
    return page(request, "portal/link_void.html", "", shut=attempt.door is Door.SHUT, status=VOID)


def _let_in(request: HttpRequest, user: User) -> HttpResponse:
    if request.user.is_authenticated:
        logout(request)
    sign_in_by_link(request, user)
    sign_in = access.sign_ins_of(user, timezone.now()).first()
    keeps_out = sign_in is not None and can_unlock(sign_in)
    return redirect("portal:today" if keeps_out else "portal:welcome")


def _link_page(
    request: HttpRequest, link: "PortalLink", form: BirthDateForm | None, mistake: str = ""
) -> HttpResponse:
    is_first = link.kind == "invitation"
    status = 400 if mistake or (form is not None and form.errors) else 200
    return page(request, "portal/link.html", "", form=form, mistake=mistake, is_first=is_first, status=status)


def _may_try(request: HttpRequest, action: str, key: str | None = None) -> bool:
    return bool(ratelimit.consume(request, app="allauth.account", action=action, key=key))


@public
@require_http_methods(["POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out here, and stand before the patients' own door."""
    if request.user.is_authenticated:
        get_adapter(request).logout(request)
    return HttpResponseRedirect("/sign-in/link/")
