"""What options cost at a site."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.assessment import choosing
from openkap.apps.assessment.forms import refuse
from openkap.apps.assessment.operations import preferences as operations
from openkap.apps.assessment.options_forms import PriceForm
from openkap.apps.assessment.options_shown import in_language
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people.viewer import viewer_of
from openkap.apps.sites import queries as sites
from openkap.apps.sites.models import Site
from openkap.errors import NotFound, OpenkapError
from openkap.knowledge.schema.options import Treatment


@requires(Permission.PRICE_WRITE)
@require_safe
def prices(request: HttpRequest) -> HttpResponse:
    """All options at each of the viewer's sites, with what they cost."""
    now = timezone.now()
    shown = []
    for site in _sites(viewer_of(request)):
        entered = choosing.prices_at(site)
        options = sorted(
            knowledge_for(site, now).options.values(),
            key=lambda one: (one.programme != "depression", one.order),
        )
        shown.append((site, [(one, in_language(one.name), entered.get(one.id)) for one in options]))
    return render(request, "assessment/options/prices.html", {"sites": shown})


@requires(Permission.PRICE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def price(request: HttpRequest, site_id: UUID, option_id: str) -> HttpResponse:
    """Say what one option costs at one site."""
    viewer, now = viewer_of(request), timezone.now()
    site = next((one for one in _sites(viewer) if one.public_id == site_id), None)
    option = knowledge_for(site, now).options.get(option_id) if site else None
    if site is None or option is None:
        raise NotFound(_("There is no such price."))
    form = PriceForm(request.POST) if request.method == "POST" else PriceForm(initial=_initial(site, option))
    if request.method == "POST" and form.is_valid():
        try:
            operations.set_price(by=viewer, now=now, site=site, option_id=option_id, price=form.price())
            messages.success(request, _("Saved. Patients see it from now on."))
            return HttpResponseRedirect(reverse("assessment:prices"))
        except OpenkapError as error:
            refuse(form, error)
    context = {"site": site, "name": in_language(option.name), "form": form}
    return render(request, "assessment/options/price.html", context, status=400 if form.errors else 200)


def _sites(viewer: User) -> list[Site]:
    allowed = access.sites_where(viewer, Permission.PRICE_WRITE)
    return [site for site in sites.all_sites() if site.pk in allowed]


def _initial(site: Site, option: Treatment) -> dict[str, object]:
    entered = choosing.prices_at(site).get(option.id)
    if entered is None:
        return {}
    return {name: getattr(entered, name) for name in ("amount", "currency", "per", "note")}
