"""Sites, for administrators."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openkap.apps.access import operations, queries
from openkap.apps.access.forms import SiteForm
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.access.views.security import signed_in_user
from openkap.apps.sites.queries import site as site_with_id
from openkap.apps.sites.queries import sites_with_ids
from openkap.errors import NotFound, OpenkapError


@requires(Permission.STAFF_MANAGE)
@require_GET
def sites(request: HttpRequest) -> HttpResponse:
    """The sites the viewer administers."""
    mine = queries.sites_where(signed_in_user(request), Permission.STAFF_MANAGE)
    return render(request, "access/sites.html", {"sites": sites_with_ids(mine)})


@requires(Permission.STAFF_MANAGE)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """Name, time zone and jurisdiction of one site."""
    by, site = signed_in_user(request), site_with_id(site_id)
    if site.pk not in queries.sites_where(by, Permission.STAFF_MANAGE):
        raise NotFound(_("There is no such site of yours."))
    held = {"name": site.name, "time_zone": site.time_zone, "jurisdiction": site.jurisdiction}
    form = SiteForm(request.POST if request.method == "POST" else None, initial=held)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_site(by=by, now=timezone.now(), site=site, **form.cleaned_data)
        except OpenkapError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("The site is changed."))
            return redirect("access:sites")
    return render(request, "access/site.html", {"site": site, "form": form}, status=400 if form.errors else 200)
