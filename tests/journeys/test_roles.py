"""Days of the roles that stand beside the treatment, and of the patient: what each may, and a clear no else."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.factories.access import a_user
from tests.factories.planning import a_plan
from tests.factories.sites import THEN, day_here
from tests.factories.tasks import CaredFor, a_patient, cared_for

from openkap.apps.access.models import User
from openkap.apps.access.queries import roles_of
from openkap.apps.access.roles import Role
from openkap.apps.knowledge_base.queries import knowledge_for, waits_for_decision
from openkap.apps.people.models import Patient
from openkap.knowledge import State

PageAs = Callable[..., Page]


def chart_of(patient: Patient) -> str:
    return f"/patients/{patient.public_id}/"


def refused(page: Page, path: str) -> None:
    """The page says in words that the role does not include it, and where to go instead."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("main")).to_contain_text("Your role does not include this")
    expect(page.get_by_role("link", name="Go to Today")).to_be_visible()


def roles_now(user: User) -> set[Role]:
    return {role for roles in roles_of(user).values() for role in roles}


def test_a_director_signs_off_a_record_and_it_acts_from_then_on(page_as: PageAs) -> None:
    cared = cared_for()
    known = knowledge_for(cared.site, THEN)
    waiting = next(protocol for protocol in known.protocols.values() if waits_for_decision(known, protocol))
    assert known.state(waiting.id) is not State.ACTIVE
    address = reverse("knowledge_base:record", args=[waiting.id])
    monitor = page_as(cared.monitor, address)
    expect(monitor.get_by_role("button", name="Sign off as medical director")).to_have_count(0)

    page = page_as(cared.medical_director, address)
    page.get_by_label("Adopt: it may act here").check()
    page.get_by_label("Reason").fill("Read in its source.")
    page.get_by_role("button", name="Sign off as medical director").click()
    expect(page.get_by_text("Your decision is in force.")).to_be_visible()
    decided = page.get_by_role("region", name="Decided at")
    expect(decided).to_contain_text("adopted")
    expect(decided).to_contain_text(cared.medical_director.full_name)
    expect(decided).to_contain_text("Read in its source.")
    assert knowledge_for(cared.site, timezone.now()).state(waiting.id) is State.ACTIVE


def test_an_administrator_adds_someone_and_gives_and_ends_a_role(page_as: PageAs) -> None:
    page = page_as(a_user(Role.ADMINISTRATOR), "/settings/staff/")
    page.get_by_role("link", name="Add someone").click()
    page.locator("input[name=full_name]").fill("Noor Vale")
    page.locator("input[name=email]").fill("noor@clinic.example")
    page.locator("select[name=role]").select_option(Role.MONITOR)
    page.get_by_role("button", name="Add, and make a set-up link").click()
    link = page.get_by_label("Link").input_value()
    added = User.objects.get(email="noor@clinic.example")
    assert f"/welcome/{added.public_id}/" in link

    page.get_by_role("link", name="Noor Vale").click()
    page.locator("select[name=role]").select_option(Role.THERAPIST)
    page.get_by_role("button", name="Give role").click()
    end = page.get_by_role("button", name="End Therapist")
    expect(end).to_be_visible()
    assert roles_now(added) == {Role.MONITOR, Role.THERAPIST}
    end.click()
    expect(end).to_have_count(0)
    assert roles_now(added) == {Role.MONITOR}


def test_a_privacy_officer_finds_who_read_a_chart_and_sees_nothing_clinical(page_as: PageAs) -> None:
    cared = cared_for()
    officer = a_user(Role.PRIVACY_OFFICER, site=cared.site)
    page_as(cared.therapist, chart_of(cared.patient))
    page = page_as(officer, "/audit/")
    page.locator("input[name=record_number]").fill(cared.patient.record_number)
    page.get_by_role("button", name="Show", exact=True).click()
    line = page.get_by_role("row").filter(has_text="looked at the chart")
    expect(line).to_contain_text(cared.therapist.full_name)
    line.get_by_role("link", name=cared.patient.record_number).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(cared.patient.record_number)
    expect(page.locator("body")).not_to_contain_text(cared.patient.family_name)
    expect(page.get_by_role("navigation", name="Chart")).to_have_count(0)
    refused(page, chart_of(cared.patient))


@pytest.mark.parametrize(
    ("role", "open_to_them", "closed"),
    [
        (Role.PROGRAMME_DIRECTOR, ["/schedule/", "/knowledge/", "/tasks/"], ["/patients/", "/audit/"]),
        (Role.RESEARCHER, ["/knowledge/"], ["/patients/", "/schedule/", "/tasks/"]),
        (Role.ADMINISTRATOR, ["/settings/staff/", "/settings/sites/"], ["/patients/", "/audit/"]),
    ],
)
def test_beside_the_treatment_a_role_opens_its_pages_and_no_chart(
    page_as: PageAs, role: Role, open_to_them: list[str], closed: list[str]
) -> None:
    cared = cared_for()
    page = page_as(a_user(role, site=cared.site))
    for path in open_to_them:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200
        expect(page.locator("body")).not_to_contain_text(cared.patient.family_name)
    for path in (*closed, chart_of(cared.patient)):
        refused(page, path)
        expect(page.get_by_role("link", name="Patients", exact=True)).to_have_count(0)


def test_a_patient_sees_the_own_plan_and_who_looked_and_nobody_else(page_as: PageAs) -> None:
    cared = cared_for()
    a_plan(cared, start=day_here(timezone.now()))
    user = _portal_of(cared)
    page = page_as(user, "/", narrow=True)
    expect(page.get_by_role("heading", level=1)).to_contain_text(cared.patient.given_name)
    expect(page.get_by_role("main")).to_contain_text("Treatment day")
    page.get_by_role("link", name="Me", exact=True).click()
    page.get_by_role("link", name="Who looked at your record").click()
    page.get_by_role("link", name="Also what I did myself").click()
    expect(page.get_by_role("listitem").filter(has_text="looked at the access log").first).to_contain_text(
        user.full_name
    )
    closed = page.goto(chart_of(cared.patient))  # the chart is for the team
    assert closed is not None
    assert closed.status == 403
    expect(page.get_by_role("heading", level=1)).to_have_text("This page is not one of yours")
    expect(page.get_by_role("link", name="Help now", exact=True)).to_be_visible()

    other = a_patient(cared.site)
    answer = page.goto(chart_of(other) + "access-log/")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("main")).to_contain_text("There is no such patient")
    expect(page.locator("body")).not_to_contain_text(other.family_name)


def _portal_of(cared: CaredFor) -> User:
    user = a_user(Role.PATIENT, site=cared.site, name="Rowan Quill")
    Patient.objects.filter(pk=cared.patient.pk).update(user=user)
    return user
