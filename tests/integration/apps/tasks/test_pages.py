"""Who sees which tasks and alerts, and closing them from the page."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.access import a_client, a_user
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, a_task, an_alert, cared_for
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.tasks import operations, queries
from openkap.apps.tasks.models import Task
from openkap.apps.tasks.queries import TaskFilter
from openkap.apps.tasks.states import TaskState

pytestmark = pytest.mark.django_db
LIST = reverse("tasks:list")
DAY = timedelta(days=1)


def seen(user: User, **show: object) -> list[Task]:
    return list(queries.open_tasks_for(user, now=THEN + 2 * DAY, show=TaskFilter(**show)))  # type: ignore[arg-type]


def test_a_task_is_seen_by_its_role_in_the_care_team_and_by_its_owner() -> None:
    cared = cared_for()
    of_role = a_task(cared, role=Role.THERAPIST)
    owned = a_task(cared, owner=cared.monitor)
    outside = a_user(Role.THERAPIST, site=cared.site)
    assert seen(cared.therapist) == [of_role]
    assert seen(cared.monitor) == [owned]
    assert seen(outside) == []


def test_filters() -> None:
    cared = cared_for()
    mine = a_task(cared, owner=cared.therapist, due_in=9 * DAY)
    late = a_task(cared, role=Role.THERAPIST, due_in=DAY)
    assert seen(cared.therapist) == [late, mine]
    assert seen(cared.therapist, whose="mine") == [mine]
    assert seen(cared.therapist, whose="role") == [late]
    assert seen(cared.therapist, overdue=True) == [late]


def test_an_escalated_task_reaches_the_further_role() -> None:
    cared = cared_for()
    task = a_task(cared, owner=cared.coordinator, due_in=DAY)
    assert seen(cared.therapist) == []
    operations.escalate_overdue(now=THEN + DAY)
    assert seen(cared.therapist) == [task]


def test_alerts_are_for_those_who_care_for_the_patient() -> None:
    cared = cared_for()
    alert = an_alert(cared)
    assert list(queries.open_alerts_for(cared.monitor)) == [alert]
    assert list(queries.open_alerts_for(cared.medical_director)) == [alert]
    assert not queries.open_alerts_for(a_user(Role.MONITOR, site=cared.site)).exists()
    assert not queries.open_alerts_for(a_user(Role.PROGRAMME_DIRECTOR, site=cared.site)).exists()


@shared
def cared() -> CaredFor:
    return cared_for()


@pytest.fixture
def browser(cared: CaredFor) -> Client:
    return a_client(cared.therapist)


def test_the_page_shows_tasks_and_alerts(cared: CaredFor, browser: Client) -> None:
    a_task(cared, role=Role.THERAPIST, detail="PHQ-9")
    an_alert(cared)
    page = browser.get(LIST).content.decode()
    assert cared.patient.name in page
    assert "PHQ-9" in page
    assert "Answer about suicide or self-harm" in page


@pytest.mark.parametrize("query", ["?whose=mine", "?whose=role", "?overdue=1", "?whose=<b>", "?page=x"])
def test_every_view_of_the_page_opens_empty_or_full(cared: CaredFor, browser: Client, query: str) -> None:
    assert browser.get(LIST + query).status_code == 200
    a_task(cared, owner=cared.therapist)
    assert browser.get(LIST + query).status_code == 200


def test_a_task_is_closed_from_the_page(cared: CaredFor, browser: Client) -> None:
    task = a_task(cared, role=Role.THERAPIST)
    answer = browser.post(
        reverse("tasks:complete", args=[task.public_id]),
        {"outcome": "done by phone", "next": LIST + "?whose=role"},
    )
    assert answer["Location"] == LIST + "?whose=role"
    task.refresh_from_db()
    assert (task.state, task.outcome) == (TaskState.DONE, "done by phone")


def test_a_task_is_cancelled_from_the_page_with_a_reason_only(cared: CaredFor, browser: Client) -> None:
    task = a_task(cared, role=Role.THERAPIST)
    address = reverse("tasks:cancel", args=[task.public_id])
    assert "required" in browser.post(address, {"reason": ""}, follow=True).content.decode()
    task.refresh_from_db()
    assert task.state == TaskState.OPEN
    browser.post(address, {"reason": "double"})
    task.refresh_from_db()
    assert task.state == TaskState.CANCELLED


def test_an_alert_is_answered_from_the_page(cared: CaredFor, browser: Client) -> None:
    alert = an_alert(cared)
    browser.post(reverse("tasks:acknowledge", args=[alert.public_id]), {"what_was_done": "called"})
    alert.refresh_from_db()
    assert alert.acknowledged_by == cared.therapist
    page = browser.post(
        reverse("tasks:acknowledge", args=[alert.public_id]), {"what_was_done": "twice"}, follow=True
    )
    assert "acknowledged already" in page.content.decode()


def test_the_way_back_never_leads_elsewhere(cared: CaredFor, browser: Client) -> None:
    task = a_task(cared, role=Role.THERAPIST)
    answer = browser.post(reverse("tasks:complete", args=[task.public_id]), {"next": "https://evil.example/"})
    assert answer["Location"] == LIST


def test_another_s_task_is_not_found(cared: CaredFor) -> None:
    task = a_task(cared, role=Role.THERAPIST)
    stranger = a_client(a_user(Role.THERAPIST))
    page = stranger.post(reverse("tasks:complete", args=[task.public_id]), follow=True)
    assert "no such task" in page.content.decode()
    task.refresh_from_db()
    assert task.state == TaskState.OPEN


def test_times_are_those_of_the_site(cared: CaredFor, browser: Client) -> None:
    due = (timezone.now() + 2 * DAY).replace(hour=20, minute=15)
    operations.open_task(
        by=cared.therapist,
        now=timezone.now(),
        kind="note-sign",
        key="x",
        site=cared.site,
        due_at=due,
        patient=cared.patient,
    )
    local = timezone.localtime(due, timezone=ZoneInfo(cared.site.time_zone))
    assert f"{local:%H:%M}" in browser.get(LIST).content.decode()
