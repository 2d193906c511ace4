"""Settings of a site: where its patients find help, and how it writes to them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openkap.apps.access import queries as access
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.access.views.security import signed_in_user
from openkap.apps.messages import operations as outbox
from openkap.apps.messages import queries as outbox_queries
from openkap.apps.messages.channels import Channel
from openkap.apps.portal import helping, queries
from openkap.apps.sites.models import Site
from openkap.apps.sites.queries import site as site_with_id
from openkap.apps.sites.queries import sites_with_ids
from openkap.apps.sites.rows import new_id
from openkap.errors import BadInput, NotFound, OpenkapError
from openkap.web.portal_forms import HelpForm, SiteMessagesForm

MOST_TROUBLES = 50


@requires(Permission.PORTAL_MANAGE)
@require_GET
def sites(request: HttpRequest) -> HttpResponse:
    """The sites the viewer looks after; straight on where there is one."""
    mine = list(sites_with_ids(access.sites_where(signed_in_user(request), Permission.PORTAL_MANAGE)))
    if len(mine) == 1:
        return redirect("portal:site-help", mine[0].public_id)
    rows = [(site, queries.help_at(site)) for site in mine]
    return render(request, "portal/sites.html", {"rows": rows})


@requires(Permission.PORTAL_MANAGE)
@require_http_methods(["GET", "POST"])
def site_help(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """Numbers, and who reads what patients write."""
    site = _managed(request, site_id)
    form = HelpForm(queries.help_row(site), request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            helping.change_help(
                by=signed_in_user(request),
                now=timezone.now(),
                site=site,
                emergency_number=said["emergency_number"],
                lines=form.lines(),
                reads={"en": said["reads_en"], "es": said["reads_es"]},
            )
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Saved. Patients see it from now on."))
            return redirect("portal:site-help", site_id)
    return _page(request, site, form, SiteMessagesForm(outbox_queries.how_site_writes(site)))


@requires(Permission.PORTAL_MANAGE)
@require_POST
def site_messages(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """Quiet hours and signature."""
    site = _managed(request, site_id)
    form = SiteMessagesForm(outbox_queries.how_site_writes(site), request.POST)
    if form.is_valid():
        outbox.change_how_site_writes(
            by=signed_in_user(request), now=timezone.now(), site=site, **form.cleaned_data
        )
        messages.success(request, _("Saved."))
        return redirect("portal:site-help", site_id)
    return _page(request, site, HelpForm(queries.help_row(site)), form)


@requires(Permission.PORTAL_MANAGE)
@require_POST
def test_message(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """Write a message to oneself, to see that messages go out."""
    site = _managed(request, site_id)
    channel = Channel.SMS if request.POST.get("channel") == Channel.SMS else Channel.MAIL
    try:
        outbox.send_test(
            by=signed_in_user(request),
            now=timezone.now(),
            site=site,
            channel=channel,
            key=request.POST.get("key", "")[:40],
        )
    except OpenkapError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is on its way to you. If it does not arrive, look here again."))
    return redirect("portal:site-help", site_id)


def _managed(request: HttpRequest, site_id: UUID) -> Site:
    site = site_with_id(site_id)
    if site.pk not in access.sites_where(signed_in_user(request), Permission.PORTAL_MANAGE):
        raise NotFound("There is no such site, or you do not look after it.")
    return site


def _page(request: HttpRequest, site: Site, form: HelpForm, writing: SiteMessagesForm) -> HttpResponse:
    context = {
        "site": site,
        "form": form,
        "writing": writing,
        "help": queries.help_at(site),
        "ways": [(one, outbox_queries.is_set_up(one)) for one in outbox_queries.ELECTRONIC],
        "troubles": outbox_queries.troubles_at(site)[:MOST_TROUBLES],
        "test_key": new_id(),
    }
    return render(
        request, "portal/site_help.html", context, status=400 if form.errors or writing.errors else 200
    )
