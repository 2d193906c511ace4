"""The first page after signing in: Today for staff; patients have pages of their own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import ROLES, Permission, Role
from openkap.web.context import permissions_of
from openkap.web.today import Today, today_for


@requires(Permission.SIGNED_IN)
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """GET /: what this person's day holds."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the policy lets nobody else through
    if permissions_of(user) <= ROLES[Role.PATIENT]:
        return redirect("portal:today")
    now = timezone.now()
    page = today_for(user, now, request.GET.get("show", "all"))
    return render(request, "web/today.html", {"today": page, "now": now, "lead": lead(page)})


def lead(page: Today) -> str:
    """The day in a line: how many visits, how many of them doses."""
    visits = [row.visit for day in page.days for row in day.visits]
    if not visits or page.show != "all":
        return ""
    doses = sum(visit.kind == "dosing" for visit in visits)
    count = ngettext("%(n)s visit", "%(n)s visits", len(visits)) % {"n": len(visits)}
    given = ngettext("%(n)s dose", "%(n)s doses", doses) % {"n": doses}
    return _("%(visits)s, %(doses)s") % {"visits": count, "doses": given} if doses else count
