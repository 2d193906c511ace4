"""Finds the sign-in of the request and ends it when its time is over; keeps idle time and the lock of entry."""

from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from openkap.apps.access import locking, operations, queries
from openkap.apps.access.middleware.base import SAFE, Middleware, View, sign_in_of
from openkap.apps.access.models import SignIn, User
from openkap.apps.access.policy import Policy


class SignInMiddleware(Middleware):
    """A session without a living sign-in is signed out; a living one is locked after the idle time.

    A locked request may carry the proof of who is there (`locking`): the entry that was refused then goes
    through as it was, so that nothing typed is lost.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User):
            found = queries.living_sign_in(request.session.get(queries.SIGN_IN_KEY), user, timezone.now())
            if found is None or not user.is_active or _cannot_go_on(found):
                logout(request)
            else:
                request.sign_in = found  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, _args: Any, _kwargs: Any) -> HttpResponse | None:
        policy: Policy | None = getattr(view, "policy", None)
        sign_in = sign_in_of(request)
        if sign_in is None or policy is None or policy.permission is None:
            return None
        now = timezone.now()
        if not queries.is_locked(sign_in, now):
            if policy.counts_as_activity:
                operations.note_activity(sign_in, now)
            return None
        if request.method in SAFE:
            return None if policy.while_locked else locking.ask_to_unlock(request)
        return locking.unlock_or_refuse(request, sign_in, now)


def _cannot_go_on(sign_in: SignIn) -> bool:
    """Whether it is locked for good: a patient who chose neither code nor passkey asks for a new link."""
    if not sign_in.for_portal or not queries.is_locked(sign_in, timezone.now()):
        return False
    return not operations.can_unlock(sign_in)
