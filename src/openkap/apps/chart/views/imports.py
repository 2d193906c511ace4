"""Taking over charts by upload."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.chart.forms import ImportForm
from openkap.apps.chart.operations import ImportResult, import_bundle
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.people.viewer import viewer_of
from openkap.apps.sites.models import Site
from openkap.apps.sites.queries import sites_with_ids
from openkap.errors import BadInput, OpenkapError
from openkap.fhir.reading import MAX_BYTES


@dataclass(frozen=True)
class FileOutcome:
    """What became of one uploaded file."""

    name: str
    result: ImportResult | None
    error: str = ""


@requires(Permission.PATIENT_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def take_over(request: HttpRequest) -> HttpResponse:
    """Choose files, then see what became of each. `?into=<patient>` joins one file to that record."""
    viewer = viewer_of(request)
    sites = list(sites_with_ids(access.sites_where(viewer, Permission.PATIENT_REGISTER)))
    into = _into(viewer, request.GET.get("into", ""))
    form = ImportForm([into.site] if into else sites, request.POST or None, request.FILES or None)
    outcomes = []
    if form.is_valid():
        site = next(site for site in sites if str(site.public_id) == form.cleaned_data["site"])
        another = form.cleaned_data["is_another_person"]
        outcomes = [_import(viewer, site, file, into, another=another) for file in form.cleaned_data["charts"]]
    refused = bool(form.errors) or any(outcome.error for outcome in outcomes)
    context = {"form": form, "into": into, "outcomes": outcomes}
    return render(request, "chart_record/import.html", context, status=400 if refused else 200)


def _into(viewer: User, asked: str) -> Patient | None:
    try:
        wanted = UUID(asked)
    except ValueError:
        return None
    return people.patient_for(viewer, wanted, Permission.PATIENT_REGISTER)


def _import(
    viewer: User, site: Site, file: "UploadedFile[Any]", into: Patient | None, *, another: bool
) -> FileOutcome:
    name = file.name or _("unnamed")
    try:
        if (file.size or 0) > MAX_BYTES:
            raise BadInput(_("The file is larger than %(n)d MB.") % {"n": MAX_BYTES // 1024**2})
        result = import_bundle(
            by=viewer, now=timezone.now(), site=site, raw=file.read(), into=into, is_another_person=another
        )
    except OpenkapError as error:
        return FileOutcome(name, None, str(error))
    return FileOutcome(name, result)
