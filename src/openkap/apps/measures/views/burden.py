"""How much patients of a site are asked to fill in at most: set by its medical director, with a reason."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from openkap.apps.access import queries as access
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures import operations
from openkap.apps.measures.asking_forms import BurdenForm
from openkap.apps.measures.burden import limits_of
from openkap.apps.measures.cadence import active_cadences
from openkap.apps.measures.queries import words
from openkap.apps.people.viewer import viewer_of
from openkap.apps.sites import queries as sites
from openkap.errors import NotFound, OpenkapError


@requires(Permission.KNOWLEDGE_SIGN)
@require_safe
def all_sites(request: HttpRequest) -> HttpResponse:
    """The director's sites; straight to the one, if there is one."""
    found = list(sites.sites_with_ids(access.sites_where(viewer_of(request), Permission.KNOWLEDGE_SIGN)))
    if len(found) == 1:
        return HttpResponseRedirect(reverse("measures:burden", args=[found[0].public_id]))
    return render(request, "measures/burden_sites.html", {"sites": found})


@requires(Permission.KNOWLEDGE_SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def site(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """What holds, what the records say, who said what before; POST sets another limit."""
    viewer, now = viewer_of(request), timezone.now()
    here = sites.site(site_id)
    if here.pk not in access.sites_where(viewer, Permission.KNOWLEDGE_SIGN):
        raise NotFound(_("There is no such site of yours."))
    said = limits_of(here)
    initial = {"minutes": said[0].minutes if said else None}
    form = BurdenForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            operations.limit_burden(by=viewer, now=now, site=here, **form.cleaned_data)
        except OpenkapError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Set. Schedules say so from now on."))
            return HttpResponseRedirect(reverse("measures:burden", args=[here.public_id]))
    cadences = [(words(one.title), one) for one in active_cadences(knowledge_for(here, now))]
    context = {"site": here, "form": form, "said": said, "cadences": cadences}
    return render(request, "measures/burden.html", context, status=422 if form.errors else 200)
