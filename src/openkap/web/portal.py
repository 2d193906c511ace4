"""Patients' own pages: who the patient is, and what the frame of every page shows.

A page of any app extends `portal/base.html`; what the frame needs comes from the context processor as `portal`.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property

from openkap.apps.access.middleware.base import sign_in_of
from openkap.apps.access.models import User
from openkap.apps.access.queries import is_locked
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import own_patient
from openkap.apps.portal.queries import Help, help_at
from openkap.apps.safety.queries import plan_of
from openkap.apps.safety.rota import duty_at
from openkap.errors import NotFound
from openkap.web.portal_kept import help_version, plan_version

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
        return help_at(self.patient.site) if self.patient else Help(None, [], "")

    @cached_property
    def patient(self) -> Patient | None:
        """The patient who is signed in here, locked or not."""
        user = getattr(self._request, "user", None)
        try:
            return own_patient(user) if isinstance(user, User) else None
        except NotFound:
            return None

    @property
    def help_version(self) -> str:
        """By which the kept help page tells whether it is still the newest."""
        return help_version(self._request, self.help)

    @cached_property
    def knows_plan(self) -> bool:
        """Whether this page may say how the safety plan stands: not while entry is locked."""
        sign_in = sign_in_of(self._request)
        return self.patient is not None and sign_in is not None and not is_locked(sign_in, timezone.now())

    @cached_property
    def plan_version(self) -> str:
        """By which a kept safety plan tells whether it is still the newest; '' where there is none."""
        user = getattr(self._request, "user", None)
        if self.patient is None or not isinstance(user, User):
            return ""
        return plan_version(self._request, user, plan_of(self.patient))

    @cached_property
    def nobody_reads_now(self) -> bool:
        """Whether the site keeps a rota and nobody is on duty by it at this moment."""
        if self.patient is None:
            return False
        duty = duty_at(self.patient.site, timezone.now())
        return duty.is_set_up and duty.unstaffed


def page(request: HttpRequest, template: str, nav: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """One of a patient's own pages; `nav` says which entry of the navigation it belongs to."""
    return render(request, template, {"nav": nav, **context}, status=status)
