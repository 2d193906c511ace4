"""What views of patients' own pages share: who the patient is, and what every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from openkap.apps.access.models import User
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import own_patient
from openkap.apps.portal.queries import help_at

TEXT_SIZES = ("normal", "large", "larger")


def user_of(request: HttpRequest) -> User:
    """The person who is signed in; the policy of the route has seen to it that there is one."""
    assert isinstance(request.user, User)  # noqa: S101  what the policy promised
    return request.user


def patient_of(request: HttpRequest) -> Patient:
    """The patient who is signed in. Raises `NotFound` for an account that is nobody's."""
    return own_patient(user_of(request))


def text_size(request: HttpRequest) -> str:
    """How large the reader wants the words; a choice of this device."""
    chosen = request.COOKIES.get("text_size", "")
    return chosen if chosen in TEXT_SIZES else "normal"


def page(request: HttpRequest, template: str, nav: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """One of a patient's own pages, with what its frame needs."""
    patient = context.get("patient")
    shared: dict[str, Any] = {
        "nav": nav,
        "now": timezone.now(),
        "text_size": text_size(request),
        "quick_exit": settings.OPENKAP_QUICK_EXIT,
        "help": help_at(patient.site) if isinstance(patient, Patient) else None,
    }
    return render(request, template, shared | context, status=status)
