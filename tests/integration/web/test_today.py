"""Today: who comes, who is in the chair, what is due and what needs someone, as far as the viewer may see."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from tests.factories.access import a_client, a_user
from tests.factories.planning import a_plan, ready_for_plan, visits
from tests.factories.sites import THEN, a_site
from tests.factories.tasks import CaredFor, a_patient, a_task, an_alert, cared_for
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.people.models import Patient
from openkap.apps.planning.models import Plan, Visit
from openkap.apps.planning.operations import arrive, cancel_visit, miss_visit
from openkap.core.monitoring.due import Due, DueState
from openkap.web.today import Standing, due_standing, today_for, visit_standing

pytestmark = pytest.mark.django_db


@shared
def cared() -> CaredFor:
    return ready_for_plan(cared_for(a_site("Alder House", "Europe/Madrid")))


@pytest.fixture
def plan(cared: CaredFor) -> Plan:
    return a_plan(cared)


@pytest.fixture
def first(plan: Plan) -> Visit:
    return visits(plan)[0]


def morning_of(visit: Visit) -> datetime:
    return visit.starts_at - timedelta(hours=1)


def page(user: User, now: datetime, query: str = "") -> str:
    with time_machine.travel(now, tick=False):
        response = a_client(user).get(f"/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_the_days_visits_are_listed_with_time_and_kind(cared: CaredFor, first: Visit) -> None:
    html = page(cared.coordinator, morning_of(first))
    assert cared.patient.name in html
    assert str(first.get_kind_display()) in html
    assert f"/patients/{cared.patient.public_id}/" in html
    assert "1 visit" in html


def test_another_day_is_another_list(cared: CaredFor, first: Visit) -> None:
    found = today_for(cared.coordinator, morning_of(first) - timedelta(days=1))
    assert [row for day in found.days for row in day.visits] == []


def test_the_day_is_the_sites_own(cared: CaredFor, first: Visit) -> None:
    just_before_midnight = datetime(2026, 9, 7, 22, 30, tzinfo=UTC)  # half past midnight of the 8th in Madrid
    (day,) = today_for(cared.coordinator, just_before_midnight).days
    assert day.day.isoformat() == "2026-09-08"


def test_cancelled_visits_are_gone(cared: CaredFor, first: Visit) -> None:
    cancel_visit(by=cared.coordinator, now=THEN, visit=first, reason="moved away")
    (day,) = today_for(cared.coordinator, morning_of(first)).days
    assert first.id not in {row.visit.id for row in day.visits}


def test_mine_are_those_on_whose_care_team_i_am(cared: CaredFor, first: Visit) -> None:
    other = a_user(Role.COORDINATOR, site=cared.site)
    now = morning_of(first)
    assert len(today_for(other, now).days[0].visits) == 1
    assert today_for(other, now, "mine").days[0].visits == []
    assert len(today_for(cared.coordinator, now, "mine").days[0].visits) == 1


def test_not_ready_are_those_for_whom_something_is_open(cared: CaredFor, plan: Plan, first: Visit) -> None:
    now = morning_of(first)
    (row,) = today_for(cared.coordinator, now).days[0].visits
    a_task(cared, due_in=now - THEN)
    (waiting,) = today_for(cared.coordinator, now, "not-ready").days[0].visits
    assert waiting.standing.status == "warn"
    assert "open" in waiting.standing.word
    assert row.visit == waiting.visit


def test_nonsense_in_the_address_shows_all(cared: CaredFor, first: Visit) -> None:
    assert today_for(cared.coordinator, morning_of(first), "<script>").show == "all"
    assert page(cared.coordinator, morning_of(first), "?show=%27") != ""


@pytest.mark.parametrize("missing", [0, 2])
def test_what_is_missing_comes_before_what_is_fine(first: Visit, missing: int) -> None:
    standing = visit_standing(first, missing, morning_of(first))
    assert standing.status == ("warn" if missing else "info")


def test_somebody_who_is_late_is_waited_for(first: Visit) -> None:
    assert visit_standing(first, 0, first.starts_at + timedelta(minutes=5)).status == "due"


def test_arrived_and_missed_say_so(cared: CaredFor, plan: Plan, first: Visit) -> None:
    second = visits(plan)[1]
    here = arrive(by=cared.monitor, now=first.starts_at, visit=first)
    assert visit_standing(here, 0, first.starts_at).status == "ok"
    missed = miss_visit(by=cared.coordinator, now=second.starts_at + timedelta(hours=2), visit=second)
    assert visit_standing(missed, 0, second.starts_at).status == "over"


@pytest.mark.parametrize(
    ("state", "minutes", "expected"),
    [
        (DueState.UPCOMING, 8, Standing("due", "Readings in 8 min")),
        (DueState.OVERDUE, -5, Standing("over", "Readings, 5 min over")),
    ],
)
def test_what_a_session_waits_for(state: DueState, minutes: int, expected: Standing) -> None:
    due = Due("a", "readings", THEN + timedelta(minutes=minutes), state)
    assert due_standing(due, THEN) == expected


def test_a_session_that_waits_for_nothing_says_so() -> None:
    assert due_standing(None, THEN).status == "ok"


def test_alerts_stand_first_and_can_be_answered(cared: CaredFor) -> None:
    alert = an_alert(cared)
    html = page(cared.prescriber, THEN)
    assert "Needs someone now" in html
    assert f"/alerts/{alert.public_id}/acknowledge/" in html
    assert html.index("Needs someone now") < html.index("Visits")


def test_tasks_are_listed_and_counted(cared: CaredFor) -> None:
    for number in range(10):
        a_task(cared, key=f"t{number}", owner=cared.coordinator, role=Role.COORDINATOR)
    found = today_for(cared.coordinator, THEN)
    assert len(found.tasks) == 8
    assert found.task_count >= 10
    assert "/tasks/" in page(cared.coordinator, THEN)


def test_an_overdue_task_is_marked(cared: CaredFor) -> None:
    task = a_task(cared, owner=cared.coordinator, role=Role.COORDINATOR, due_in=timedelta(hours=1))
    late = {
        found.id: late for found, _place, late in today_for(cared.coordinator, THEN + timedelta(days=2)).tasks
    }
    assert late[task.id]


def test_people_elsewhere_see_nothing_of_it(cared: CaredFor, first: Visit) -> None:
    an_alert(cared)
    html = page(a_user(Role.COORDINATOR), morning_of(first))
    assert cared.patient.name not in html
    assert "Nobody is booked today" in html


@pytest.mark.parametrize("role", [Role.RESEARCHER, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR])
def test_roles_without_a_schedule_are_told(role: Role) -> None:
    assert "Your role has no schedule" in page(a_user(role), THEN)


def test_a_patient_sees_the_own_plan_and_nothing_of_the_clinic(cared: CaredFor, plan: Plan) -> None:
    user = a_user(Role.PATIENT, site=cared.site)
    Patient.objects.filter(pk=cared.patient.pk).update(user=user)
    other = a_patient(cared.site)
    html = page(user, THEN, "portal/plan/")
    assert html.count('<li class="portal-row">') == len([v for v in visits(plan) if v.starts_at > THEN])
    html = page(user, THEN, "portal/")
    assert cared.patient.given_name in html
    assert other.name not in html
    assert "Needs someone now" not in html


def test_a_patient_without_a_record_is_told_whom_to_call() -> None:
    answer = a_client(a_user(Role.PATIENT)).get("/portal/")
    assert answer.status_code == 404
    assert "has not connected it" in answer.content.decode()


def test_strangers_are_sent_to_sign_in() -> None:
    assert Client().get("/").status_code == 302
