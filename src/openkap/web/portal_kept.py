"""What is ready on a patient's telephone without a line, and how it tells whether it is still the newest.

The worker (islands/worker.ts) keeps two pages without a name on them. The safety plan is kept by the page
itself, only where its patient said so, and no longer than the sign-in lasts (docs/adr/0023).
"""

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from openkap.apps.access.middleware.base import sign_in_of
from openkap.apps.portal.queries import Help
from openkap.web.assets import built_url

if TYPE_CHECKING:
    from openkap.apps.access.models import User
    from openkap.apps.safety.models import Plan

VERSION, UNTIL, FOR = "X-Kept-Version", "X-Kept-Until", "X-Kept-For"  # as islands/lib/kept.ts reads them
FILES = ("app.css", "app.js", "portal.js", "theme.js")


def help_version(request: HttpRequest, shown: Help) -> str:
    """Changes whenever the kept help page would read or look otherwise."""
    numbers = [shown.emergency, *shown.lines]
    return _digest(request, *(repr(line) for line in numbers))


def plan_version(request: HttpRequest, user: "User", plan: "Plan | None") -> str:
    """'owner.version' of the plan in force; '' for none. Another owner's kept plan is taken off the device."""
    if plan is None:
        return ""
    until = kept_until(request)
    version = _digest(request, str(plan.public_id), until.isoformat() if until else "")
    return f"{_owner(user)}.{version}"


def kept_until(request: HttpRequest) -> datetime | None:
    """When the sign-in of this device has run its time; None where nobody's has begun."""
    sign_in = sign_in_of(request)
    return sign_in.began_at + timedelta(days=settings.OPENKAP_PORTAL_DAYS) if sign_in else None


def _owner(user: "User") -> str:
    return hashlib.sha256(f"{settings.SECRET_KEY}:{user.pk}".encode()).hexdigest()[:12]


def _digest(request: HttpRequest, *parts: str) -> str:
    looks = (request.COOKIES.get("theme", ""), request.COOKIES.get("text_size", ""), get_language() or "")
    said = "\x1f".join((*parts, *looks, *map(built_url, FILES)))
    return hashlib.sha256(said.encode()).hexdigest()[:16]
