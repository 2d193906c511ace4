"""The chart: its header, its timeline, what is due and next, who may see what, and that reading is recorded."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from tests.factories.access import a_client, a_user
from tests.factories.measures import a_total
from tests.factories.planning import a_plan, ready_for_plan, visits
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, a_task, an_alert, cared_for
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.planning.operations import cancel_visit, complete_visit
from openkap.web.chart_header import age_on, header_for, tabs_for
from openkap.web.course_of import Reader, course_of
from openkap.web.course_scores import panels_of
from openkap.web.figures.course import VisitKind
from openkap.web.next_step import next_step

pytestmark = pytest.mark.django_db


@shared
def cared() -> CaredFor:
    return cared_for()


def chart(user: User, cared: CaredFor) -> str:
    with time_machine.travel(THEN, tick=False):
        response = a_client(user).get(f"/patients/{cared.patient.public_id}/")
    assert response.status_code == 200
    return response.content.decode()


def items(reader: Reader) -> dict[str, str]:
    return {item.label: item.value for item in header_for(reader).items}


def test_two_identifiers_stand_in_the_header(cared: CaredFor) -> None:
    html = chart(cared.prescriber, cared)
    assert cared.patient.name in html
    assert cared.patient.record_number in html
    assert "12 Mar 1984" in html


@pytest.mark.parametrize(
    ("day", "age"), [(date(2026, 3, 11), 41), (date(2026, 3, 12), 42), (date(2024, 2, 29), 39)]
)
def test_age_counts_whole_years(day: date, age: int) -> None:
    assert age_on(day, date(1984, 3, 12)) == age


def test_somebody_born_on_a_leap_day_is_older_from_the_first_of_march() -> None:
    assert age_on(date(2027, 2, 28), date(2004, 2, 29)) == 22
    assert age_on(date(2027, 3, 1), date(2004, 2, 29)) == 23


def test_what_nobody_asked_is_not_known_never_none(cared: CaredFor) -> None:
    found = items(Reader(cared.prescriber, cared.patient, THEN))
    assert found["Allergies"] == "Not known"
    assert found["Indication"] == "Not set"
    assert found["Plan"] == "Not started"
    assert found["Last dose"] == "None yet"


def test_an_open_alert_stands_in_the_header(cared: CaredFor) -> None:
    alert = an_alert(cared)
    found = items(Reader(cared.prescriber, cared.patient, THEN))
    assert found["Needs someone now"] == str(alert.words)
    assert next(iter(found)) == "Needs someone now"


def test_the_plan_is_counted_in_days(cared: CaredFor) -> None:
    plan = a_plan(ready_for_plan(cared))
    before = items(Reader(cared.prescriber, cared.patient, THEN))
    assert before["Plan"].startswith("Begins")
    during = items(Reader(cared.prescriber, cared.patient, visits(plan)[3].starts_at))
    assert during["Plan"].startswith("Day ")
    after = items(Reader(cared.prescriber, cared.patient, THEN + timedelta(days=400)))
    assert "all past" in after["Plan"]


def test_who_may_not_read_sessions_sees_no_dose(cared: CaredFor) -> None:
    a_plan(ready_for_plan(cared))
    for viewer, sees in ((cared.prescriber, True), (cared.coordinator, False)):
        reader = Reader(viewer, cared.patient, THEN)
        assert ("Last dose" in items(reader)) is sees
        assert bool(course_of(reader).doses) is sees


def test_the_timeline_has_every_visit_that_stands(cared: CaredFor) -> None:
    plan = a_plan(ready_for_plan(cared))
    rows = visits(plan)
    dropped = next(visit for visit in rows if visit.kind == "integration")
    cancel_visit(by=cared.coordinator, now=THEN, visit=dropped, reason="by telephone instead")
    course = course_of(Reader(cared.prescriber, cared.patient, THEN))
    standing = [visit for visit in rows if visit.pk != dropped.pk]
    assert len(course.visits) == len([v for v in standing if v.kind != "dosing"])
    assert len(course.doses) == len([v for v in standing if v.kind == "dosing"])
    assert all(dose.planned for dose in course.doses)
    assert [dose.number for dose in course.doses] == list(range(1, len(course.doses) + 1))
    assert course.window is not None
    assert "hypothesis" in course.window.label


def test_what_took_place_is_solid_what_did_not_is_dashed(cared: CaredFor) -> None:
    plan = a_plan(ready_for_plan(cared))
    first = visits(plan)[0]
    complete_visit(by=cared.therapist, now=first.starts_at, visit=first)
    course = course_of(Reader(cared.prescriber, cared.patient, first.starts_at))
    assert [visit.planned for visit in course.visits].count(False) == 1
    assert course.visits[0].kind is VisitKind(first.kind)


def test_parts_of_the_plan_follow_each_other_without_a_gap(cared: CaredFor) -> None:
    a_plan(ready_for_plan(cared))
    course = course_of(Reader(cared.prescriber, cared.patient, THEN))
    for before, after in zip(course.bands, course.bands[1:], strict=False):
        assert after.first == before.last + timedelta(days=1)
    assert all(band.planned for band in course.bands)
    assert any("dose" in band.label for band in course.bands)


def test_an_alert_is_an_event_of_its_day(cared: CaredFor) -> None:
    alert = an_alert(cared)
    (event,) = course_of(Reader(cared.prescriber, cared.patient, THEN)).events
    assert event.label == str(alert.words)


def test_the_page_shows_picture_and_table(cared: CaredFor) -> None:
    a_plan(ready_for_plan(cared))
    html = chart(cared.prescriber, cared)
    assert "<svg" in html
    assert "Course of treatment of" in html
    assert "<table" in html
    assert "Visit: integration" in html


def test_an_empty_chart_says_what_to_do_next(cared: CaredFor) -> None:
    html = chart(cared.prescriber, cared)
    assert "Nothing is on the timeline yet" in html
    assert "Set the indication" in html


def test_the_next_step_goes_along_the_path(cared: CaredFor) -> None:
    def step(user: User = cared.prescriber) -> tuple[str, str]:
        found = next_step(Reader(user, cared.patient, THEN))
        assert found is not None
        return found.title, found.path

    root = f"/patients/{cared.patient.public_id}/"
    assert step() == ("Set the indication", root + "assessment/")
    assert step(cared.therapist) == ("Set the indication", "")
    ready_for_plan(cared)
    assert step() == ("Start a plan", root + "plan/")
    plan = a_plan_now(cared)
    assert step()[0].startswith("Next visit: ")
    assert step()[1] == root + "plan/"
    dosing = next(visit for visit in visits(plan) if visit.kind == "dosing")
    for visit in visits(plan):
        if visit.starts_at < dosing.starts_at:
            complete_visit(by=cared.therapist, now=visit.starts_at, visit=visit)
    found = next_step(Reader(cared.monitor, cared.patient, dosing.starts_at - timedelta(hours=1)))
    assert found is not None
    assert found.path == root + "sessions/"


def a_plan_now(cared: CaredFor):
    from datetime import date as day

    from openkap.apps.planning.operations import start_plan

    return start_plan(
        by=cared.prescriber, now=THEN, patient=cared.patient, protocol_id="ketamine-iv-twice-weekly",
        start=day(2026, 9, 7), override_reason="Planned in a test, without an assessment.",
    )  # fmt: skip


def test_after_the_last_visit_there_is_no_next_step(cared: CaredFor) -> None:
    a_plan(ready_for_plan(cared))
    assert next_step(Reader(cared.prescriber, cared.patient, THEN + timedelta(days=400))) is None


def test_open_tasks_about_the_patient_are_due(cared: CaredFor) -> None:
    task = a_task(cared)
    html = chart(cared.prescriber, cared)
    assert str(task.words) in html


def test_reading_is_written_into_the_trail_once_without_names(cared: CaredFor) -> None:
    before = Row.objects.filter(action="chart.read").count()
    chart(cared.prescriber, cared)
    (row,) = Row.objects.filter(action="chart.read")[before:]
    assert row.actor_id == cared.prescriber.public_id
    assert row.patient_id == cared.patient.public_id
    assert cared.patient.family_name not in str(row.details)


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.PRESCRIBER, Role.MONITOR])
def test_who_is_not_on_the_team_learns_nothing(cared: CaredFor, role: Role) -> None:
    outsider = a_user(role, site=cared.site)
    before = Row.objects.filter(action="chart.read").count()
    response = a_client(outsider).get(f"/patients/{cared.patient.public_id}/")
    assert response.status_code == 404
    assert cared.patient.name not in response.content.decode()
    assert Row.objects.filter(action="chart.read").count() == before


def test_an_unknown_patient_answers_as_a_hidden_one(cared: CaredFor) -> None:
    client = a_client(cared.prescriber)
    assert client.get("/patients/01890a5d-ac96-774b-bcce-b302099a8057/").status_code == 404
    assert client.get("/patients/nobody/").status_code == 404


def test_strangers_are_sent_to_sign_in(cared: CaredFor) -> None:
    assert Client().get(f"/patients/{cared.patient.public_id}/").status_code == 302


def test_tabs_are_those_the_viewer_may_open(cared: CaredFor) -> None:
    path = f"/patients/{cared.patient.public_id}/"
    tabs = tabs_for(cared.prescriber, cared.patient.public_id, path + "plan/")
    assert [tab.path for tab in tabs if tab.current] == [path + "plan/"]
    client = a_client(cared.prescriber)
    for tab in tabs:
        assert client.get(tab.path).status_code == 200, tab.path
    coordinators = {tab.path for tab in tabs_for(cared.coordinator, cared.patient.public_id, path)}
    assert path + "sessions/" not in coordinators
    assert path + "therapy/" not in coordinators


@pytest.mark.parametrize(("indication", "first"), [("trd", "PHQ-9"), ("gad", "GAD-7")])
def test_the_measure_of_the_indication_is_drawn_first(cared: CaredFor, indication: str, first: str) -> None:
    for instrument, total in (("gad-7", 14), ("phq-9", 18)):
        a_total(cared.patient, THEN - timedelta(days=1), total, instrument)
    panels = panels_of(cared.patient, THEN, indication)

    assert {panel.name for panel in panels} == {"PHQ-9", "GAD-7"}
    assert panels[0].name == first
