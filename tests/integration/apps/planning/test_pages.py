"""The plan, a visit and the schedule in the browser's words."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.access import a_client, a_user
from tests.factories.planning import TWICE_WEEKLY, UNSIGNED, a_plan, ready_for_plan, visits
from tests.factories.sites import day_here
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.planning.models import Plan, Visit
from openkap.apps.planning.states import PlanState, VisitState

pytestmark = pytest.mark.django_db
SOON = day_here(timezone.now()) + timedelta(days=10)


@shared
def cared() -> CaredFor:
    return ready_for_plan()


@pytest.fixture
def browser(cared: CaredFor) -> Client:
    return a_client(cared.prescriber)


def page_of(cared: CaredFor) -> str:
    return reverse("planning:plan", args=[cared.patient.public_id])


def chosen(**more: object) -> dict[str, object]:
    usual = {"protocol": TWICE_WEEKLY, "start": SOON.isoformat(), "closed": ["5", "6"]}
    return usual | {"override_reason": UNSIGNED} | more


def text(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_protocols_are_offered_with_their_sources_and_stop_rules(cared: CaredFor, browser: Client) -> None:
    page = text(browser, page_of(cared))
    assert "integration within 48 h" in page
    assert "Singh JB et al." in page
    assert "Less than 20 % improvement after the fourth dose" in page
    assert "Hypothesis" in page
    assert "Waits for the medical director" in page  # the others
    assert Row.objects.filter(action="planning.read", actor_id=cared.prescriber.public_id).exists()


def test_the_dated_visits_are_shown_before_anything_is_saved(cared: CaredFor, browser: Client) -> None:
    page = browser.post(page_of(cared), chosen()).content.decode()
    assert "Dose 6 of 6" in page
    assert "Start this plan" in page
    assert not Plan.objects.exists()


def test_a_plan_is_started_and_shown(cared: CaredFor, browser: Client) -> None:
    answer = browser.post(page_of(cared), chosen(step="start"), follow=True)
    page = answer.content.decode()
    plan = Plan.objects.get()
    assert plan.started_on == SOON
    assert "Integration after dose 1" in page
    assert "inside 48 h (hypothesis)" in page or "h after dose 1 as planned" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"protocol": "esketamine-in-induction"},
        {"protocol": "no-such"},
        {"start": "2020-01-01"},
        {"start": "9999-12-31"},
        {"start": "soon"},
        {"start": ""},
        {"closed": ["0", "1", "2", "3", "4", "5", "6"]},
        {"closed": ["9"]},
        {"first_dose_from": "2026-13-01"},
        {"first_dose_from": "9999-12-31"},
    ],
)
@pytest.mark.parametrize("step", ["", "start"])
def test_what_cannot_be_used_is_said_and_changes_nothing(
    cared: CaredFor, browser: Client, wrong: dict[str, object], step: str
) -> None:
    answer = browser.post(page_of(cared), chosen(step=step) | wrong)
    assert answer.status_code == 422
    assert not Plan.objects.exists()


def test_without_an_indication_the_page_says_what_to_do() -> None:
    cared = cared_for()
    assert "Set the indication" in text(a_client(cared.prescriber), page_of(cared))


def test_a_therapist_reads_the_plan_but_cannot_start_one(cared: CaredFor) -> None:
    therapist = a_client(cared.therapist)
    assert "Show the dated visits" not in text(therapist, page_of(cared))
    assert therapist.post(page_of(cared), chosen(step="start")).status_code == 403
    assert not Plan.objects.exists()


def test_a_stranger_finds_nothing(cared: CaredFor) -> None:
    stranger = a_client(a_user(Role.PRESCRIBER, site=cared.site))
    assert stranger.get(page_of(cared)).status_code == 404
    assert stranger.post(page_of(cared), chosen(step="start")).status_code == 404


def test_stopping_a_plan(cared: CaredFor, browser: Client) -> None:
    plan = a_plan(cared)
    stop = reverse("planning:stop", args=[cared.patient.public_id])
    browser.post(stop, {"reason": ""})
    plan.refresh_from_db()
    assert plan.state == PlanState.ACTIVE
    assert "Stopped" in browser.post(stop, {"reason": "moved away"}, follow=True).content.decode()
    assert "Start a plan" in text(browser, page_of(cared) + "?new=1")


def future_plan(cared: CaredFor, browser: Client) -> Plan:
    browser.post(page_of(cared), chosen(step="start"))
    return Plan.objects.get()


def act(browser: Client, visit: Visit, **data: object) -> int:
    return browser.post(reverse("planning:visit", args=[visit.public_id]), data).status_code


def test_a_visit_is_moved_from_its_page(cared: CaredFor, browser: Client) -> None:
    plan = future_plan(cared, browser)
    response = visits(plan)[-1]
    later = response.on + timedelta(days=1)
    assert act(browser, response, verb="move", on=later.isoformat(), at="15:00", reason="travel") == 302
    response.refresh_from_db()
    assert response.on == later
    page = text(browser, reverse("planning:visit", args=[response.public_id]))
    assert "travel" in page


def test_a_move_that_breaks_the_spacing_is_explained(cared: CaredFor, browser: Client) -> None:
    plan = future_plan(cared, browser)
    second = visits(plan, "dosing")[1]
    answer = browser.post(
        reverse("planning:visit", args=[second.public_id]),
        {"verb": "move", "on": (visits(plan, "dosing")[0].on + timedelta(days=1)).isoformat(), "at": "09:00"},
    )
    assert answer.status_code == 422
    assert "less than 48 hours" in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"verb": "arrive"}, 302),
        ({"verb": "complete"}, 302),
        ({"verb": "miss"}, 422),  # it has not begun
        ({"verb": "cancel"}, 422),
        ({"verb": "cancel", "reason": "flu"}, 302),
        ({"verb": "move"}, 422),
        ({"verb": "move", "on": "0001-01-01", "at": "09:00"}, 422),
        ({"verb": "move", "on": "9999-12-31", "at": "09:00"}, 422),
        ({"verb": "dance"}, 302),
        ({}, 302),
    ],
)
def test_a_visit_s_page_takes_or_refuses(
    cared: CaredFor, browser: Client, data: dict[str, object], status: int
) -> None:
    first = visits(future_plan(cared, browser))[0]
    assert act(browser, first, **data) == status
    first.refresh_from_db()
    kept = status == 422 or data.get("verb") in {None, "dance"}
    assert (first.state == VisitState.PLANNED) == kept


def test_the_schedule_shows_a_week_and_its_filters(cared: CaredFor, browser: Client) -> None:
    plan = future_plan(cared, browser)
    first = visits(plan)[0]
    week = reverse("planning:schedule") + f"?week={first.on.isoformat()}"
    assert cared.patient.name in text(browser, week)
    assert cared.patient.name in text(browser, week + "&kind=preparation&mine=1")
    assert cared.patient.name not in text(browser, week + "&kind=assessment")
    assert cared.patient.name not in text(a_client(a_user(Role.THERAPIST, site=cared.site)), week)


@pytest.mark.parametrize("week", ["", "tomorrow", "9999-12-31", "0001-01-01", SOON.isoformat()])
def test_any_week_can_be_asked_for(cared: CaredFor, browser: Client, week: str) -> None:
    text(browser, reverse("planning:schedule") + f"?week={week}&kind=nothing")
