"""Deny by default: a view without a policy is refused, whoever calls it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.access import queries, second_factor
from openkap.apps.access.middleware.base import (
    SAFE,
    Middleware,
    View,
    refusal,
    stream_over,
    wants_fragment,
    wants_json,
    wants_stream,
)
from openkap.apps.access.models import User
from openkap.apps.access.policy import Policy
from openkap.apps.access.roles import Permission


class PolicyMiddleware(Middleware):
    """Checks the view's policy before it runs."""

    def process_view(self, request: HttpRequest, view: View, _args: Any, _kwargs: Any) -> HttpResponse | None:
        policy: Policy | None = getattr(view, "policy", None)
        if policy is None:
            raise PermissionDenied("This page names no policy, so nobody may see it.")
        user = request.user
        if isinstance(user, User):
            queries.remember_roles(user)
        if policy.permission is None:
            return None
        if not isinstance(user, User):
            return _sign_in_first(request, _door(policy))
        if not policy.while_enrolling and second_factor.is_missing(request, user):
            return _enrol_first(request)
        needed = policy.permission if request.method in SAFE else policy.to_write
        if needed is None or not queries.may_anywhere(user, needed):
            if wants_stream(request):
                return stream_over("refused")
            raise PermissionDenied(_("Your role does not include this."))
        return None


def _door(policy: Policy) -> str:
    """Where to sign in for a page: patients have no password and ask for a link."""
    return str(settings.PORTAL_SIGN_IN) if policy.permission is Permission.OWN_RECORD else _sign_in_url()


def _sign_in_first(request: HttpRequest, door: str) -> HttpResponse:
    if wants_stream(request):
        return stream_over("signed-out")
    if wants_json(request) or wants_fragment(request):
        return refusal("signed-out", _("You are signed out. Sign in again."), status=401, sign_in=door)
    if request.method in SAFE:
        return redirect_to_login(request.get_full_path(), door)
    return HttpResponseRedirect(door)


def _enrol_first(request: HttpRequest) -> HttpResponse:
    if wants_json(request) or wants_fragment(request):
        return refusal("second-factor-missing", _("Set up a second factor first."), status=403)
    return HttpResponseRedirect(reverse("mfa_index"))


def _sign_in_url() -> str:
    return reverse("account_login")
