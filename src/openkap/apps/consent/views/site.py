"""Settings of consent: the site's own words, and who has to sign again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from openkap.apps.access import queries as access
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.consent import operations, queries
from openkap.apps.consent.forms import SiteWordsForm, refuse
from openkap.apps.consent.queries import UNDER_HELP
from openkap.apps.consent.states import STANDING_TONES, STANDING_WORDS, Code
from openkap.apps.consent.texts import blank_words
from openkap.apps.people.queries import patients_for
from openkap.apps.people.viewer import viewer_of
from openkap.apps.sites import queries as sites
from openkap.errors import NotFound, OpenkapError


@requires(Permission.KNOWLEDGE_SIGN)
@require_safe
def all_sites(request: HttpRequest) -> HttpResponse:
    """The director's sites; straight to the one, if there is one."""
    found = list(sites.sites_with_ids(access.sites_where(viewer_of(request), Permission.KNOWLEDGE_SIGN)))
    if len(found) == 1:
        return HttpResponseRedirect(reverse("consent:site", args=[found[0].public_id]))
    return render(request, "consent/sites.html", {"sites": found})


@requires(Permission.KNOWLEDGE_SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def site(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """What stands in the blanks of one site's texts, and whose consent no longer holds."""
    viewer, now = viewer_of(request), timezone.now()
    here = sites.site(site_id)
    if here.pk not in access.sites_where(viewer, Permission.KNOWLEDGE_SIGN):
        raise NotFound(_("There is no such site of yours."))
    words = queries.words_of(here, now)
    form = SiteWordsForm(words.words if words else {}, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            asks_again = form.cleaned_data["asks_again"]
            operations.write_words(by=viewer, now=now, site=here, words=form.words(), asks_again=asks_again)
        except OpenkapError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Kept. New consents say so from now on."))
            return HttpResponseRedirect(reverse("consent:site", args=[here.public_id]))
    seen = set(patients_for(viewer, Permission.CHART_READ).filter(site=here).values_list("pk", flat=True))
    again = [
        (consent, STANDING_WORDS[code] if code is not Code.VALID else _("Ends soon"), STANDING_TONES[code])
        for consent, code in queries.to_sign_again(here, now)
        if consent.patient_id in seen
    ]
    said = queries.said_at(here, now)
    numbers = [(capfirst(blank_words(blank)), said.get(blank.value, {}).get("en", "")) for blank in UNDER_HELP]
    context = {"numbers": numbers, "site": here, "form": form, "words": words, "again": again}
    return render(request, "consent/site.html", context, status=422 if form.errors else 200)
