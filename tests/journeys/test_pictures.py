"""The demonstration clinic as the first page of the documentation shows it: its screens, each by its person.

`make docs` takes the pictures; making the clinic is too long for every run, and has tests of its own.
"""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.browsing import PICTURES

from openkap.apps.access.models import User
from openkap.apps.access.queries import roles_of, user_by_email
from openkap.apps.assessment.queries import assessment_of, current_episode
from openkap.apps.dosing.queries import doses_of, open_sessions, state_of
from openkap.apps.measures.models import Response
from openkap.apps.people.models import Patient
from openkap.jobs.demo import build, life
from openkap.jobs.demo.personas import Story
from openkap.jobs.demo.staff import address
from openkap.web.portal_items import items_for

PageAs = Callable[..., Page]
PATIENTS, SEED, SEVERAL = 24, 1, 4
PEAK = timedelta(minutes=63)  # since arrival: half an hour into the dose, three readings after its start


@pytest.fixture
def clinic(product: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small demonstration clinic, with a session that is near the height of its dose."""
    monkeypatch.setattr(life, "BLOCKING", ("aneurysm",))
    monkeypatch.setitem(life.LIVE_SINCE, Story.LIVE_INFUSION, PEAK)
    build(now=timezone.now(), seed=SEED, count=PATIENTS)


def staff(name: str) -> User:
    found = user_by_email(address(name))
    assert found is not None
    return found


def treated() -> Patient:
    """Who has had several doses and is doing best since."""
    prescriber = staff("prescriber")
    here = Patient.objects.filter(site__in=roles_of(prescriber))
    several = [one for one in here if len(list(doses_of(one))) >= SEVERAL]
    return max(several, key=improvement)


def improvement(patient: Patient) -> float:
    """By how much of its first value the PHQ-9 has fallen."""
    totals = Response.objects.filter(patient=patient, instrument_id="phq-9").order_by("administered_at")
    known = [one.total for one in totals if one.total is not None]
    return 1 - known[-1] / known[0]


def blocked() -> Patient:
    """Whom a rule keeps from treatment."""
    now = timezone.now()
    for patient in Patient.objects.all():
        judged = assessment_of(patient, now) if current_episode(patient) else None
        if judged is not None and judged.verdict.value == "blocked":
            return patient
    raise AssertionError("nobody is blocked in the demonstration clinic")


def a_patient_at_home() -> User:
    """Of those who have come in to their own pages the one for whom most is waiting."""
    patients = Patient.objects.filter(user__isnull=False).select_related("user", "site")
    busiest = max(patients, key=lambda patient: len(items_for(patient, timezone.now())))
    assert busiest.user is not None
    return busiest.user


def console() -> str:
    """Of the session whose dose is running."""
    now, site = timezone.now(), next(iter(roles_of(staff("monitor"))))
    running = [one for one in open_sessions(site) if state_of(one, now).phase.value == "dosing"]
    return f"/dosing/{running[0].public_id}/"


def try_a_dose(page: Page) -> None:
    """In the chart that stands there: an infusion with a booster."""
    page.get_by_role("link", name="Try a dose").last.click()
    for name, value in (("weight_kg", "70"), ("amount", "35"), ("duration", "40"), ("level", "60")):
        page.locator(f"[name={name}]").fill(value)
    page.get_by_text("Boosters", exact=True).click()
    for name, value in (("amount", "10"), ("at", "60"), ("over", "10")):
        page.locator(f"[name=booster_1_{name}]").fill(value)
    page.get_by_role("button", name="Show the prediction").click()
    expect(page.get_by_role("heading", name="Predicted, not measured")).to_be_visible()


@pytest.mark.skipif(PICTURES not in os.environ, reason="`make docs` takes the pictures")
def test_the_screens_of_the_demonstration(
    page_as: PageAs, clinic: None, screenshot: Callable[..., None]
) -> None:
    page = page_as(staff("prescriber"), f"/patients/{treated().public_id}/")
    expect(page.locator("svg").first).to_be_visible()
    screenshot(page, "chart")
    page.goto(f"/patients/{treated().public_id}/measures/")
    expect(page.locator("svg").first).to_be_visible()
    screenshot(page, "measures")
    page.goto(f"/patients/{treated().public_id}/")
    try_a_dose(page)
    screenshot(page, "try-a-dose")
    page.goto(f"/patients/{blocked().public_id}/assessment/")
    expect(page.get_by_role("heading", name="Blocked").first).to_be_visible()
    screenshot(page, "assessment")
    page.goto("/")
    expect(page.get_by_role("heading", name="Needs someone now")).to_be_visible()
    screenshot(page, "today")
    page.goto(f"/patients/{treated().public_id}/assessment/options/")
    screenshot(page, "options")
    page.goto(f"/patients/{treated().public_id}/assessment/history/")
    screenshot(page, "history")
    page = page_as(a_patient_at_home(), "/portal/")
    page.set_viewport_size({"width": 390, "height": 780})
    screenshot(page, "portal")
    page = page_as(staff("director"), "/knowledge/ketamine-label-aneurysm/")
    expect(page.get_by_text("Ketalar").first).to_be_visible()
    screenshot(page, "knowledge")
    page = page_as(staff("monitor"), console())
    expect(page.locator("#plot .pred")).to_be_attached()
    screenshot(page, "console")
