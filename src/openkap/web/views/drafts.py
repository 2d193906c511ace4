"""Keeping and giving back drafts, for islands/parts/drafts.ts."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.web import drafts


@requires(Permission.SIGNED_IN)
@require_http_methods(["GET", "PUT", "DELETE"])
def draft(request: HttpRequest, key: str) -> HttpResponse:
    """GET gives the own draft (204: none), PUT keeps one (lists of strings by name), DELETE forgets."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the policy lets nobody else through
    now = timezone.now()
    if request.method == "PUT":
        drafts.save_draft(by=user, now=now, key=key, fields=drafts.parse_fields(request.body))
        return HttpResponse(status=204)
    if request.method == "DELETE":
        drafts.discard_draft(by=user, key=key)
        return HttpResponse(status=204)
    found = drafts.draft_of(user, key, now)
    if found is None:
        return HttpResponse(status=204)
    return JsonResponse({"fields": found.fields, "saved_at": found.saved_at.isoformat()})
