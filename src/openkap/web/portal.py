"""Patients' own pages: who the patient is, and what the frame of every page shows.

A page of any app extends `portal/base.html`; what the frame needs comes from the context processor as `portal`.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property

from openkap.apps.access.models import User
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import own_patient
from openkap.apps.portal.queries import Help, help_at
from openkap.errors import NotFound

TEXT_SIZES = ("normal", "large", "larger")


def user_of(request: HttpRequest) -> User:
    """The person who is signed in; the policy of the route has seen to it that there is one."""
    assert isinstance(request.user, User)  # noqa: S101  what the policy promised
    return request.user


def patient_of(request: HttpRequest) -> Patient:
    """The patient who is signed in. Raises `NotFound` for an account that is nobody's."""
    return own_patient(user_of(request))


class Frame:
    """What the frame of a patient's page shows; worked out only where a template draws it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def text_size(self) -> str:
        """How large the reader wants the words; a choice of this device."""
        chosen = self._request.COOKIES.get("text_size", "")
        return chosen if chosen in TEXT_SIZES else "normal"

    @property
    def quick_exit(self) -> str:
        """Where the quick way out leads: a page that says nothing."""
        return str(settings.OPENKAP_QUICK_EXIT)

    @cached_property
    def help(self) -> Help:
        """Where the reader finds help; with nothing of their own site for strangers."""
        user = getattr(self._request, "user", None)
        try:
            return help_at(own_patient(user).site) if isinstance(user, User) else Help(None, [], "")
        except NotFound:
            return Help(None, [], "")


def page(request: HttpRequest, template: str, nav: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """One of a patient's own pages; `nav` says which entry of the navigation it belongs to."""
    return render(request, template, {"nav": nav, **context}, status=status)
