"""Who saw or changed what: of one patient, and of a whole site for the privacy officer."""

from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.access.views.security import signed_in_user
from openkap.apps.audit import operations as audit
from openkap.apps.audit import queries
from openkap.apps.audit.actions import known_actions
from openkap.apps.audit.models import Row
from openkap.apps.people.queries import patient_for, patients_for
from openkap.apps.sites.queries import sites_with_ids
from openkap.errors import NotFound
from openkap.web.trail import lines_of

PER_PAGE = 50
DEFAULT_DAYS = 7


class SearchForm(forms.Form):
    """What of the trail to show."""

    first_day = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    who = forms.CharField(label=_("Person (name or e-mail)"), required=False, max_length=120)
    record_number = forms.CharField(label=_("Patient's record number"), required=False, max_length=24)
    action = forms.ChoiceField(label=_("What"), required=False)

    def __init__(self, data: object, *, today: date) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["action"].choices = [("", _("anything")), *known_actions()]  # type: ignore[attr-defined]
        self.today = today

    def wanted(self, viewer: User, zone: str) -> queries.RowFilter:
        """What the filled form asks for; the last week when it names no day."""
        said = self.cleaned_data
        first = said["first_day"] or (said["last_day"] or self.today) - timedelta(days=DEFAULT_DAYS)
        return queries.RowFilter(
            actor_ids=access.ids_of_people_called(said["who"]) if said["who"] else None,
            patient_ids=_patients(viewer, said["record_number"]),
            actions=[said["action"]] if said["action"] else [],
            first_day=first,
            last_day=said["last_day"],
            zone=zone,
        )


@requires(Permission.ACCESS_LOG_READ, about_patient=True)
@require_GET
def access_log(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Everything seen or changed of one patient, newest first."""
    viewer = signed_in_user(request)
    patient = patient_for(viewer, patient_id, Permission.ACCESS_LOG_READ)
    with transaction.atomic():
        audit.record(
            by=viewer,
            now=timezone.now(),
            action="audit.read-log",
            subject=audit.Subject("patient", patient.public_id, patient.public_id, patient.site_id),
        )
    page = _page(request, queries.rows_about_patient(patient.public_id))
    try:
        patient_for(viewer, patient_id, Permission.CHART_READ)
        template = "web/access_log.html"
    except NotFound:
        template = "web/access_log_plain.html"  # without the chart's header: the officer sees no clinical data
    context = {"patient": patient, "page": page, "lines": lines_of(page.object_list, viewer)}
    return render(request, template, context)


@requires(Permission.AUDIT_READ)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The trail of the viewer's sites, as filtered."""
    viewer, now = signed_in_user(request), timezone.now()
    sites = access.sites_where(viewer, Permission.AUDIT_READ)
    first_site = sites_with_ids(sites)[0]
    form = SearchForm(request.GET, today=now.date())
    wanted = form.wanted(viewer, first_site.time_zone) if form.is_valid() else queries.RowFilter(actor_ids=())
    page = _page(request, queries.rows(wanted, site_ids=sites))
    if request.GET:
        with transaction.atomic():
            audit.record(by=viewer, now=now, action="audit.search")
    context = {
        "form": form,
        "page": page,
        "lines": lines_of(page.object_list, viewer),
        "query": urlencode(
            [(name, value) for name, value in request.GET.items() if value and name in form.fields]
        ),
        "zone": first_site.time_zone,
        "days": DEFAULT_DAYS,
    }
    return render(request, "web/audit.html", context, status=200 if form.is_valid() else 400)


def _page(request: HttpRequest, rows: QuerySet[Row]) -> Page[Row]:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def _patients(viewer: User, record_number: str) -> list[UUID] | None:
    if not record_number.strip():
        return None
    found = patients_for(viewer, Permission.ACCESS_LOG_READ).filter(record_number__iexact=record_number.strip())
    return list(found.values_list("public_id", flat=True))
