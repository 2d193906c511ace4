"""Times are read and written by the clock of a site, never by UTC unawares."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import formats, timezone, translation
from tests.factories.access import a_user
from tests.factories.people import a_patient
from tests.factories.sites import a_site

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.web.middleware import SiteClockMiddleware

pytestmark = pytest.mark.django_db
UTC_NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def shown(user: User | None, **kwargs: Any) -> str:
    """How a page for this person, with these parts of its address, writes noon in UTC."""
    found = ""

    def answer(request: HttpRequest) -> HttpResponse:
        nonlocal found
        middleware.process_view(request, answer, (), kwargs)
        with translation.override("en"):
            found = formats.date_format(timezone.localtime(UTC_NOON), "DATETIME_FORMAT")
        return HttpResponse()

    middleware = SiteClockMiddleware(answer)
    request = RequestFactory().get("/")
    if user is not None:
        request.user = user
    middleware(request)
    return found


def test_a_page_about_a_patient_goes_by_the_clock_of_the_patients_site() -> None:
    """Whoever reads it, and wherever they work."""
    patient = a_patient(a_site("South", time_zone="Pacific/Auckland"))
    reader = a_user(Role.PRESCRIBER, site=a_site("West", time_zone="America/Los_Angeles"))

    assert shown(reader, patient_id=patient.public_id) == "2 Jul 2026, 00:00"


def test_other_pages_go_by_the_clock_of_the_readers_site() -> None:
    """A schedule or a list is read where one works."""
    reader = a_user(Role.COORDINATOR, site=a_site("West", time_zone="America/Los_Angeles"))

    assert shown(reader) == "1 Jul 2026, 05:00"


def test_an_unknown_patient_falls_back_to_the_reader() -> None:
    """The view will say that there is no such patient; the clock hints at nobody."""
    reader = a_user(Role.COORDINATOR, site=a_site("West", time_zone="America/Los_Angeles"))

    assert shown(reader, patient_id=uuid4()) == "1 Jul 2026, 05:00"


def test_without_a_site_it_is_utc_and_the_clock_is_put_back_afterwards() -> None:
    """A thread serves many people."""
    shown(a_user(Role.COORDINATOR, site=a_site("West", time_zone="America/Los_Angeles")))

    assert timezone.get_current_timezone_name() == "UTC"
    assert shown(None) == "1 Jul 2026, 12:00"
