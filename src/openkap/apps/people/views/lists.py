"""The list of patients, and registering one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.people import operations
from openkap.apps.people.forms import RegisterForm
from openkap.apps.people.listing import SORTS, ListRequest
from openkap.apps.people.listing import list_patients as listed
from openkap.apps.people.models import Patient
from openkap.apps.people.stages import Indication, Stage
from openkap.apps.people.viewer import viewer_of
from openkap.apps.sites.queries import sites_with_ids
from openkap.errors import BadInput

PER_PAGE = 50


@requires(Permission.PATIENT_LIST)
@require_safe
def list_patients(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    asked = ListRequest.read(request.GET.dict())
    page = Paginator(listed(viewer, asked), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "page": page,
        "stages": Stage.choices,
        "indications": Indication.choices,
        "sorts": [(name, label) for name, (_order, label) in SORTS.items()],
        "several_sites": len(access.sites_where(viewer, Permission.PATIENT_LIST)) > 1,
        "may_register": access.may_anywhere(viewer, Permission.PATIENT_REGISTER),
    }
    return render(request, "people/list.html", context)


@requires(Permission.PATIENT_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    sites = list(sites_with_ids(access.sites_where(viewer, Permission.PATIENT_REGISTER)))
    form = RegisterForm(sites, request.POST or None, may_be_another="is_another_person" in request.POST)
    if form.is_valid():
        try:
            patient = _register(viewer, form)
        except operations.SamePerson as error:
            form = RegisterForm(sites, request.POST, may_be_another=True)
            form.add_error(None, str(error))
        except BadInput as error:
            form.refuse(error)
        else:
            messages.success(request, _("Registered as %(number)s.") % {"number": patient.record_number})
            return HttpResponseRedirect(f"/patients/{patient.public_id}/details/")
    return render(request, "people/register.html", {"form": form}, status=400 if form.errors else 200)


def _register(viewer: User, form: RegisterForm) -> Patient:
    sites = sites_with_ids(access.sites_where(viewer, Permission.PATIENT_REGISTER))
    return operations.register_patient(
        by=viewer,
        now=timezone.now(),
        site=sites.get(public_id=form.cleaned_data["site"]),
        details=form.details(),
        is_another_person=form.cleaned_data.get("is_another_person", False),
    )
