"""Who needs a second factor before anything else opens."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from openkap.apps.access import queries
from openkap.apps.access.models import User

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_SEEN = "openkap_second_factor"  # the last factor of staff cannot be removed, so once seen it stays


def is_required(user: User) -> bool:
    """Staff need one. People of a demonstration clinic do not, on a server started for demonstration."""
    return queries.is_staff(user) and not (settings.DEMONSTRATION and user.is_demonstration)


def has_one(user: User) -> bool:
    """Whether an authenticator app or a passkey is set up; recovery codes alone do not count."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def has_passkey(user: User) -> bool:
    """Whether a passkey is set up."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists())


def is_missing(request: HttpRequest, user: User) -> bool:
    """Whether the user must set up a factor before anything else. Asks the database once per sign-in."""
    if request.session.get(_SEEN) or not is_required(user):
        return False
    if not has_one(user):
        return True
    request.session[_SEEN] = True
    return False
