"""What patients decide for themselves: words, size, how they are reached, who can open their telephone."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openkap.apps.access import operations as access
from openkap.apps.access import queries as access_queries
from openkap.apps.access import second_factor
from openkap.apps.access.middleware.base import sign_in_of
from openkap.apps.access.models import User
from openkap.apps.access.policy import public, requires
from openkap.apps.access.roles import Permission
from openkap.apps.messages import operations as outbox
from openkap.apps.messages import queries as outbox_queries
from openkap.apps.messages.channels import Channel
from openkap.errors import OpenkapError
from openkap.web.portal import TEXT_SIZES, page, patient_of, user_of
from openkap.web.portal_forms import ChannelsForm, CodeForm

A_YEAR = 365 * 24 * 3600


@requires(Permission.OWN_RECORD)
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """Everything a patient can decide here, and the way to who looked at the record."""
    patient, user = patient_of(request), user_of(request)
    ways = outbox_queries.ways_to_reach(patient)
    return page(
        request,
        "portal/own.html",
        "own",
        patient=patient,
        channels=ChannelsForm(initial={way.channel.value: way.allowed for way in ways}),
        ways=[(way.channel.label, way.address) for way in ways],
        sign_ins=access_queries.sign_ins_of(user, timezone.now()),
        here=sign_in_of(request),
        **_locks(user),
    )


@requires(Permission.OWN_RECORD)
@require_POST
def channels(request: HttpRequest) -> HttpResponse:
    """Say by which ways one may be written to."""
    patient, form = patient_of(request), ChannelsForm(request.POST)
    form.is_valid()
    for channel in (Channel.MAIL, Channel.SMS):
        outbox.choose_channel(
            by=user_of(request),
            now=timezone.now(),
            patient=patient,
            channel=channel,
            allowed=bool(form.cleaned_data.get(channel.value)),
        )
    messages.success(request, _("Saved."))
    return redirect("portal:own")


@requires(Permission.OWN_RECORD)
@require_GET
def welcome(request: HttpRequest) -> HttpResponse:
    """After the first link: offer to keep others out of this telephone."""
    return page(request, "portal/welcome.html", "", patient=patient_of(request), **_locks(user_of(request)))


@requires(Permission.OWN_RECORD)
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Choose the six digits that open a locked telephone again."""
    patient, form = patient_of(request), CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        user = user_of(request)
        try:
            access.choose_code(by=user, now=timezone.now(), code=form.cleaned_data["code"])
        except OpenkapError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            _stay(request, user)
            messages.success(request, _("Your code is set."))
            return redirect("portal:today")
    return page(
        request, "portal/code.html", "own", patient=patient, form=form, status=400 if form.errors else 200
    )


@public
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """The quick way out: entry is locked, and the reader is somewhere that says nothing."""
    sign_in, user = sign_in_of(request), request.user
    if sign_in is not None and isinstance(user, User) and sign_in.for_portal:
        if access.can_unlock(sign_in):
            access.lock_entry(by=user, now=timezone.now(), sign_in=sign_in)
        else:
            get_adapter(request).logout(request)
    if request.method == "POST":
        return HttpResponse(status=204)
    return HttpResponseRedirect(settings.OPENKAP_QUICK_EXIT)


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on; before signing in, to this browser."""
    chosen = request.POST.get("language", "")
    answer = HttpResponseRedirect(_back(request))
    if chosen not in dict(settings.LANGUAGES):
        return answer
    if isinstance(request.user, User):
        access.choose_language(by=request.user, now=timezone.now(), language=chosen)
    translation.activate(chosen)
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, **_cookie())
    return answer


@public
@require_POST
def size(request: HttpRequest) -> HttpResponse:
    """Show words larger on this device."""
    chosen = request.POST.get("size", "")
    answer = HttpResponseRedirect(_back(request))
    if chosen in TEXT_SIZES:
        answer.set_cookie("text_size", chosen, **_cookie())
    return answer


def _locks(user: User) -> dict[str, Any]:
    return {
        "has_code": user.has_usable_password(),
        "passkeys": [
            (key, key.wrap().name)
            for key in Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
        ],
        "keeps_out": user.has_usable_password() or second_factor.has_passkey(user),
    }


def _stay(request: HttpRequest, user: User) -> None:
    """A new code changes what sessions are checked by; this one stays."""
    update_session_auth_hash(request, user)


def _cookie() -> dict[str, Any]:
    return {"max_age": A_YEAR, "samesite": "Lax", "secure": settings.SESSION_COOKIE_SECURE}


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    return wanted if wanted and get_adapter(request).is_safe_url(wanted) else "/portal/"
