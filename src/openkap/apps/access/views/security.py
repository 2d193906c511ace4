"""One's own security: factors, password, and where one is signed in."""

from uuid import UUID

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import remove_webauthn
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openkap.apps.access import operations, queries, second_factor
from openkap.apps.access.middleware.base import sign_in_of
from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission


@requires(Permission.SIGNED_IN, while_enrolling=True)
@require_GET
def own_security(request: HttpRequest) -> HttpResponse:
    """Factors, password and sign-ins of the person signed in."""
    user = signed_in_user(request)
    kinds = Authenticator.Type
    factors = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    codes = next((factor for factor in factors if factor.type == kinds.RECOVERY_CODES), None)
    context = {
        "passkeys": [factor for factor in factors if factor.type == kinds.WEBAUTHN],
        "totp": next((factor for factor in factors if factor.type == kinds.TOTP), None),
        "codes": codes,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "must_enrol": second_factor.is_missing(request, user),
        "sign_ins": queries.sign_ins_of(user, timezone.now()),
        "here": sign_in_of(request),
    }
    return render(request, "access/security.html", context)


@requires(Permission.SIGNED_IN)
@require_POST
def end_sign_in(request: HttpRequest, sign_in_id: UUID) -> HttpResponse:
    """Sign out another device of one's own."""
    user = signed_in_user(request)
    operations.end_sign_in(by=user, now=timezone.now(), sign_in=queries.own_sign_in(user, sign_in_id))
    messages.success(request, _("That device is signed out."))
    return redirect("mfa_index")


@requires(Permission.SIGNED_IN)
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    user = signed_in_user(request)
    operations.end_all_sign_ins(by=user, now=timezone.now(), user=user, but=sign_in_of(request))
    messages.success(request, _("You are signed out everywhere else."))
    return _own_page(request)


@requires(Permission.SIGNED_IN)
@require_http_methods(["GET", "POST"])
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponseBase:
    """allauth's page, behind the rule it only knows for apps: staff keep one second factor."""
    key = Authenticator.objects.filter(user=signed_in_user(request), pk=pk).first()
    if key is not None and not get_adapter().can_delete_authenticator(key):
        messages.warning(request, get_adapter().error_messages["cannot_delete_authenticator"])
        return redirect("mfa_index")
    answer: HttpResponseBase = remove_webauthn(request, pk=pk)
    return answer


@requires(Permission.SIGNED_IN, while_enrolling=True)
@require_GET
def to_security(request: HttpRequest) -> HttpResponse:
    """Where allauth returns to after a change of passkeys."""
    return _own_page(request)


def _own_page(request: HttpRequest) -> HttpResponse:
    """Staff have a page of their security; for patients it is on the page about themselves."""
    is_patient = queries.is_patient(signed_in_user(request))
    return HttpResponseRedirect(reverse("portal:own" if is_patient else "mfa_index"))


def signed_in_user(request: HttpRequest) -> User:
    """The user of a view that requires a permission."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("a view with a permission has no anonymous caller")
    return user
