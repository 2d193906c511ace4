"""Locked entry: what a locked request is answered, and how it shows again who is there.

Nothing is hidden that runs (`SEEN_WHILE_LOCKED`). Refused entries are answered 423: scripts get JSON and show a
dialog over the page; a plain form gets a page that carries all that was typed, asks for the password and then
sends the form to where it was going.
"""

from datetime import datetime

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib.auth import HASH_SESSION_KEY
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from openkap.apps.access import operations, second_factor
from openkap.apps.access.forms import ConfirmByPasskeyForm
from openkap.apps.access.middleware.base import refusal, wants_fragment, wants_json
from openkap.apps.access.models import SignIn, User
from openkap.errors import OpenkapError

LOCKED = 423
# Named so that no form they ride on has a field of that name.
PASSWORD_FIELD = "unlock_password"  # noqa: S105 -- a name
CREDENTIAL_FIELD = "unlock_credential"
_PROOFS = (PASSWORD_FIELD, CREDENTIAL_FIELD)


class NotProved(OpenkapError):
    """The password or passkey did not show that the same person is there."""

    code = "not-proved"


def ask_to_unlock(request: HttpRequest) -> HttpResponse:
    """Answer a locked request to read: the page that asks who is there, then back."""
    if wants_json(request) or wants_fragment(request):
        return _locked_answer()
    query = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('access:unlock')}?{query}")


def unlock_or_refuse(request: HttpRequest, sign_in: SignIn, now: datetime) -> HttpResponse | None:
    """Answer a locked entry, or None when it carries its proof and may go on."""
    mistake = ""
    if any(
        request.POST.get(field) for field in _PROOFS
    ):  # a JSON body has none: it unlocks first, then comes again
        try:
            unlock(request, sign_in, now)
        except NotProved as error:
            mistake = str(error)
        else:
            return None
    if wants_json(request) or wants_fragment(request):
        return refusal("not-proved", mistake, status=LOCKED) if mistake else _locked_answer()
    return render(request, "access/locked_entry.html", locked_entry(request, mistake), status=LOCKED)


def locked_entry(request: HttpRequest, mistake: str) -> dict[str, object]:
    """What the page needs to send the entry again: every field as it was typed, without the proof."""
    skipped = {*_PROOFS, "csrfmiddlewaretoken"}
    fields = [(name, value) for name, values in request.POST.lists() if name not in skipped for value in values]
    return {
        "fields": fields,
        "only_unlocks": request.path == reverse("access:unlock"),
        "has_files": bool(request.FILES),
        "mistake": mistake,
        "passkey_options": passkey_options(request),
        "for_portal": getattr(getattr(request, "sign_in", None), "for_portal", False),
    }


def lock_state(request: HttpRequest, *, locked: bool) -> JsonResponse:
    """Tell a script whether entry is locked (423) or not (200), with a challenge for passkeys."""
    state = {"locked": locked, "passkey": passkey_options(request) if locked else None}
    return JsonResponse(state, status=LOCKED if locked else 200)


def passkey_options(request: HttpRequest) -> dict[str, object] | None:
    """A challenge for the user's passkeys, if there are any."""
    user = request.user
    if not isinstance(user, User) or not second_factor.has_passkey(user):
        return None
    return dict(webauthn.begin_authentication(user))


def unlock(request: HttpRequest, sign_in: SignIn, now: datetime) -> None:
    """Check the password or passkey in the request and open entry again. Raises `NotProved`."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 -- the policy has let nobody else through
    if not ratelimit.consume(request, app="allauth.account", action="reauthenticate", user=user):
        raise NotProved(_("Too many attempts. Wait a minute, then try again."))
    if request.POST.get(CREDENTIAL_FIELD):
        _check_passkey(request, user)
        operations.unlock_entry(by=user, now=now, sign_in=sign_in, method="passkey")
    else:
        _check_password(request, user)
        operations.unlock_entry(by=user, now=now, sign_in=sign_in, method="password")


def _check_password(request: HttpRequest, user: User) -> None:
    before = user.password
    try:
        proved = get_adapter(request).reauthenticate(user, request.POST.get(PASSWORD_FIELD, ""))
    except ValidationError as error:
        raise NotProved(" ".join(error.messages)) from error
    if not proved:
        portal = getattr(getattr(request, "sign_in", None), "for_portal", False)
        wrong = _("This is not the code.") if portal else _("This is not the password of the person signed in.")
        raise NotProved(wrong)
    # Where hashes have come to cost more the password was hashed anew; the session is bound to its hash.
    user.refresh_from_db(fields=["password"])
    if user.password != before:
        request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()


def _check_passkey(request: HttpRequest, user: User) -> None:
    form = ConfirmByPasskeyForm({"credential": request.POST[CREDENTIAL_FIELD]}, user=user)
    if not form.is_valid():
        raise NotProved(_("This passkey does not belong to the person signed in."))
    form.save()


def _locked_answer() -> HttpResponse:
    return refusal(
        "locked",
        _("Entry is locked because nobody worked here for a while. What you typed is kept: show who you are."),
        status=LOCKED,
        unlock=reverse("access:unlock"),
    )
