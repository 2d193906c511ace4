"""A patient is reminded and answers on the telephone; staff see what was asked, answered and is to come."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.browsing import assert_no_sideways_scroll
from tests.factories.planning import ready_for_plan, sign
from tests.factories.portal import a_help, let_in
from tests.factories.tasks import CaredFor, cared_for
from tests.journeys.conftest import PageAs
from tests.product import Product

from openkap.apps.measures.models import Ask
from openkap.apps.measures.operations import keep_asks
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.models import Message
from openkap.apps.messages.operations import choose_channel
from openkap.apps.people.models import Patient

Axe = Callable[..., None]
Shot = Callable[..., None]
DAY = timedelta(days=1)


def in_assessment(settings: Any) -> CaredFor:
    """Enrolled the day before yesterday; asked and reminded yesterday at noon."""
    settings.MAIL_READY = True
    now = timezone.now()
    care = cared_for(now=now - 3 * DAY)
    let_in(care.patient)
    Patient.objects.filter(pk=care.patient.pk).update(email="rowan@mail.example")
    care.patient.refresh_from_db()
    a_help(care.site)
    choose_channel(by=care.coordinator, now=now, patient=care.patient, channel=Channel.MAIL, allowed=True)
    ready_for_plan(care, now=now - 2 * DAY)
    sign(care, "asking-depression", now - 2 * DAY)
    zone = ZoneInfo(care.site.time_zone)
    yesterday = (now - DAY).astimezone(zone).date()
    keep_asks(now=datetime.combine(yesterday, time(12), tzinfo=zone))
    return care


def test_a_patient_is_reminded_answers_and_the_staff_see_the_schedule(
    product: Product, page_as: PageAs, axe: Axe, screenshot: Shot, settings: Any
) -> None:
    care = in_assessment(settings)
    assert Message.objects.get(wording="questions").patient == care.patient
    assert care.patient.user is not None
    phone = page_as(care.patient.user, "/portal/", narrow=True)
    answer(phone, axe, screenshot)
    row = Ask.objects.get(instrument_id="enjoyment")
    assert (row.state, row.reminded) == ("answered", 0)

    where = f"/patients/{care.patient.public_id}/measures/schedule/"
    staff = page_as(care.therapist, where)
    expect(staff.get_by_role("heading", name="This week")).to_contain_text("of at most 25")
    behind = staff.get_by_role("region", name="Asked until now")
    expect(behind.get_by_role("listitem")).to_contain_text(["Enjoyment"])
    expect(staff.get_by_text("reminded once").first).to_be_visible()
    for how in ({}, {"narrow": True, "dark": True}):
        page = page_as(care.therapist, where, **how)
        axe(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"schedule{'-narrow-dark' if how else ''}")

    staff.get_by_role("link", name=re.compile("Skip .*PHQ-9")).first.click()
    staff.get_by_label("GAD-7").uncheck()
    staff.get_by_label("Why").fill("filled in on paper at the family doctor's")
    axe(staff)
    staff.get_by_role("button", name="Skip this once").click()
    expect(behind.get_by_text("filled in on paper").first).to_be_visible()
    staff.get_by_role("link", name="Pause asking").click()
    staff.get_by_label("Why").fill("two weeks with her family")
    staff.get_by_role("button", name="Pause asking").click()
    expect(staff.get_by_text("Asking is paused until somebody")).to_be_visible()
    phone.goto("/portal/questions/")
    expect(phone.get_by_text("Nothing to answer now")).to_be_visible()


def answer(phone: Page, axe: Axe, screenshot: Shot) -> None:
    expect(phone.get_by_text("sets of questions,")).to_be_visible()
    phone.goto("/portal/questions/")
    axe(phone)
    assert_no_sideways_scroll(phone)
    screenshot(phone, "portal-asked")
    phone.goto("/portal/questions/form/enjoyment/")
    phone.get_by_role("button", name="Start").click()
    for number in (1, 2, 3):
        expect(phone.get_by_text(f"{number} of 3")).to_be_visible()
        phone.get_by_role("radio", name="6", exact=True).check()
        phone.get_by_role("button", name="Next").click()
    phone.get_by_role("button", name="Hand it in").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you")
