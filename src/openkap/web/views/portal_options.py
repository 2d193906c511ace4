"""The decision aid on the patient's own telephone: what helps whom, and what matters to them."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.assessment import choosing
from openkap.apps.assessment import queries as assessment
from openkap.apps.assessment.operations.preferences import note_preferences
from openkap.apps.assessment.options_forms import WishesForm, initial_of
from openkap.apps.assessment.options_shown import page_of
from openkap.apps.audit import operations as audit
from openkap.apps.people.operations import subject_of
from openkap.errors import OpenkapError
from openkap.web.portal import page, patient_of, user_of


@requires(Permission.OWN_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def options(request: HttpRequest) -> HttpResponse:
    """Show the options to the patient; keep what they mark."""
    patient, now = patient_of(request), timezone.now()
    episode = assessment.current_episode(patient)
    if episode is None:
        return page(request, "portal/options.html", "options", patient=patient)
    shown = page_of(choosing.aid_of(episode, now), choosing.prices_at(patient.site))
    said = choosing.latest_preferences(patient)
    form = WishesForm(shown.all_options, request.POST or None, initial=initial_of(said))
    if request.method == "POST" and form.is_valid():
        try:
            note_preferences(by=user_of(request), now=now, patient=patient, wishes=form.wishes())
            messages.success(request, _("Kept. Your team sees it."))
            return HttpResponseRedirect(reverse("web:portal-options"))
        except OpenkapError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    if request.method != "POST":
        with transaction.atomic():
            audit.record(
                by=user_of(request), now=now, action="assessment.read-options", subject=subject_of(patient)
            )
    return page(
        request,
        "portal/options.html",
        "options",
        status=400 if form.errors else 200,
        patient=patient,
        episode=episode,
        options_page=shown,
        form=form,
        said=said,
    )
