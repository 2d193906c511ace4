"""Showing again who is there after idle time, and saying that someone still is."""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from openkap.apps.access import locking, queries
from openkap.apps.access.middleware.base import sign_in_of, wants_json
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission


@requires(Permission.SIGNED_IN, while_locked=True, while_enrolling=True, counts_as_activity=False)
@require_http_methods(["GET", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """Ask who is there. GET tells scripts (423 or 200) and offers the passkey challenge.

    A POST with proof passes the middleware when locked; one that comes here unlocked already is simply sent on.
    """
    sign_in = sign_in_of(request)
    locked = sign_in is not None and queries.is_locked(sign_in, timezone.now())
    if request.method == "POST" or (not locked and not wants_json(request)):
        return (
            JsonResponse({"locked": False}) if wants_json(request) else HttpResponseRedirect(_onward(request))
        )
    if wants_json(request):
        return locking.lock_state(request, locked=locked)
    return render(
        request,
        "access/unlock.html",
        {
            "next": _onward(request),
            "passkey_options": locking.passkey_options(request),
            "for_portal": sign_in is not None and sign_in.for_portal,
        },
    )


@requires(Permission.SIGNED_IN, while_locked=True)
@require_POST
def still_here(_request: HttpRequest) -> HttpResponse:
    """The page calls this, once a minute at most, while someone types or taps without sending anything."""
    return HttpResponse(status=204)


def _onward(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    return wanted if get_adapter(request).is_safe_url(wanted) else "/"
