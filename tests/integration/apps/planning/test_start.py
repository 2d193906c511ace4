"""Starting a plan: what it makes, and when it is refused with nothing half-written."""

from datetime import date, timedelta

import pytest
from tests.factories.access import a_user
from tests.factories.planning import DAY, START, TWICE_WEEKLY, UNSIGNED, a_plan, ready_for_plan, sign, visits
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for

from openkap.apps.access.roles import Role
from openkap.apps.assessment.operations import set_indication, sign_assessment
from openkap.apps.assessment.queries import current_episode
from openkap.apps.audit.models import Row
from openkap.apps.chart.operations import record_answer
from openkap.apps.measures.operations import keep_asks
from openkap.apps.people.stages import Stage
from openkap.apps.planning import operations, queries
from openkap.apps.planning.compiling import Choices, public_holidays
from openkap.apps.planning.models import Plan, Visit
from openkap.apps.planning.states import PlanState, VisitState
from openkap.apps.tasks.models import Task
from openkap.core.planning import CannotPlan
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused
from openkap.knowledge.schema.protocol import VisitKind

pytestmark = pytest.mark.django_db


def start(cared: CaredFor, **more: object) -> Plan:
    given: dict[str, object] = {"by": cared.prescriber, "protocol_id": TWICE_WEEKLY, "start": START}
    given |= {"override_reason": UNSIGNED} | more
    return operations.start_plan(now=THEN, patient=cared.patient, **given)  # type: ignore[arg-type]


def test_a_plan_has_the_visits_of_its_protocol_on_dated_days() -> None:
    plan = a_plan()
    doses = visits(plan, VisitKind.DOSING)
    assert [dose.on.isoformat() for dose in doses] == [
        "2026-09-09", "2026-09-14", "2026-09-16", "2026-09-21", "2026-09-23", "2026-09-28",
    ]  # fmt: skip
    assert [dose.dose_number for dose in doses] == [1, 2, 3, 4, 5, 6]
    assert len(visits(plan)) == 15
    assert {visit.state for visit in visits(plan)} == {VisitState.PLANNED}


def test_the_plan_keeps_what_it_was_compiled_from() -> None:
    plan = a_plan()
    assert (plan.protocol_id, plan.protocol_version) == (TWICE_WEEKLY, 1)
    assert plan.knowledge_versions == {TWICE_WEEKLY: 1, "vitals-iv": 1}
    assert queries.protocol_of(plan).id == TWICE_WEEKLY
    assert queries.protocol_of(visits(plan)[0]).id == TWICE_WEEKLY
    assert Choices.of_json(plan.calendar) == Choices()


def test_public_holidays_are_closed() -> None:
    """Labour Day of 2026 is the Monday of the start: preparation moves to Tuesday."""
    assert START in public_holidays("US-CA", START)
    first = visits(a_plan())[0]
    assert (first.on, first.kind) == (START + DAY, VisitKind.PREPARATION)


def test_an_unknown_jurisdiction_has_no_holidays() -> None:
    assert public_holidays("ZZ-1", START) == frozenset()


def test_starting_moves_the_patient_on_and_leaves_a_trail() -> None:
    cared = ready_for_plan()
    plan = start(cared)
    cared.patient.refresh_from_db()
    assert cared.patient.stage == Stage.PREPARATION
    row = Row.objects.get(action="planning.start")
    assert row.subject_id == plan.public_id
    assert row.details == {"protocol": TWICE_WEEKLY, "version": 1, "visits": 15}


def test_questionnaires_are_asked_for_when_their_visit_comes_near() -> None:
    plan = a_plan()
    assert not Task.objects.filter(kind="measure-due").exists()
    first = visits(plan)[0]
    assert keep_asks(now=first.starts_at - DAY) == 2
    assert keep_asks(now=first.starts_at - DAY) == 0
    due = set(Task.objects.filter(kind="measure-due").values_list("about_code", "due_at"))
    assert due == {("phq-9", first.starts_at), ("gad-7", first.starts_at)}


def test_a_visit_nobody_speaks_of_is_asked_about_once() -> None:
    plan = a_plan()
    first = visits(plan)[0]
    for hours in (1, 5, 30):
        operations.open_due_tasks(now=first.starts_at + timedelta(hours=hours))
    assert Task.objects.filter(kind="visit-missed", about_id=first.public_id).count() == 1


def test_only_one_plan_is_active() -> None:
    cared = ready_for_plan()
    start(cared)
    with pytest.raises(NotAllowedNow, match="active plan"):
        start(cared)
    assert Plan.objects.count() == 1


def test_no_plan_without_an_episode() -> None:
    cared = cared_for()
    sign(cared, TWICE_WEEKLY)
    with pytest.raises(NotAllowedNow, match="indication"):
        start(cared)


def test_no_plan_from_a_protocol_that_nobody_signed_off() -> None:
    cared = cared_for()
    set_indication(
        by=cared.prescriber, now=THEN, patient=cared.patient, indication="trd", drug="ketamine", route="iv"
    )
    with pytest.raises(NotAllowedNow, match="signed"):
        start(cared)
    assert not Visit.objects.exists()


def test_acute_suicidal_thoughts_start_only_from_a_protocol_of_their_own() -> None:
    cared = ready_for_plan(protocol_id="esketamine-in-acute-suicidal")
    sign(cared, "esketamine-in-induction")
    with pytest.raises(NotAllowedNow, match="protocols of its own"):
        start(cared, protocol_id="esketamine-in-induction")
    assert not Plan.objects.exists()
    assert (
        start(cared, protocol_id="esketamine-in-acute-suicidal").protocol_id == "esketamine-in-acute-suicidal"
    )


def test_no_plan_with_another_drug_or_route_than_was_assessed() -> None:
    cared = ready_for_plan(protocol_id="esketamine-in-induction")
    sign(cared, TWICE_WEEKLY)
    with pytest.raises(NotAllowedNow, match="assessment was made for"):
        start(cared)


def test_no_plan_while_the_assessment_blocks() -> None:
    cared = ready_for_plan()
    sign(cared, "ketamine-default-pregnancy")
    record_answer(by=cared.prescriber, now=THEN, patient=cared.patient, concept="pregnancy", reply="present")
    with pytest.raises(NotAllowedNow, match="blocks treatment"):
        start(cared)
    assert not Plan.objects.exists()


def test_no_plan_after_the_decision_for_no_ketamine() -> None:
    cared = ready_for_plan()
    episode = current_episode(cared.patient)
    assert episode is not None
    sign_assessment(by=cared.prescriber, now=THEN, episode=episode, decision="decline", reason="prefers ECT")
    with pytest.raises(NotAllowedNow, match="no ketamine"):
        start(cared)


def test_the_suicide_screen_before_a_dose_is_asked_on_that_day() -> None:
    plan = a_plan()
    dose = visits(plan, VisitKind.DOSING)[0]
    assert "asq" in dose.measures
    keep_asks(now=dose.starts_at - DAY)
    assert not Task.objects.filter(about_code="asq").exists()
    keep_asks(now=dose.starts_at - timedelta(hours=1))
    assert Task.objects.filter(about_code="asq").count() == 1


def test_no_plan_from_a_protocol_that_does_not_exist() -> None:
    with pytest.raises(NotFound):
        start(ready_for_plan(), protocol_id="no-such")


@pytest.mark.parametrize("when", [date(2026, 8, 31), date(2028, 1, 1)])
def test_no_plan_in_the_past_or_far_ahead(when: date) -> None:
    with pytest.raises(BadInput):
        start(ready_for_plan(), start=when)


def test_no_plan_where_the_site_never_opens() -> None:
    cared = ready_for_plan()
    with pytest.raises(CannotPlan):
        start(cared, choices=Choices(closed_weekdays=frozenset(range(7))))
    assert not Plan.objects.exists()


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.MONITOR, Role.COORDINATOR, Role.PRIVACY_OFFICER])
def test_only_who_may_plan_starts_one(role: Role) -> None:
    cared = ready_for_plan()
    with pytest.raises(Refused):
        start(cared, by=a_user(role, site=cared.site))


def test_a_prescriber_outside_the_care_team_is_refused() -> None:
    cared = ready_for_plan()
    with pytest.raises(Refused):
        start(cared, by=a_user(Role.PRESCRIBER, site=cared.site))


def test_stopping_cancels_what_is_ahead_and_keeps_what_was_done() -> None:
    cared = ready_for_plan()
    plan = start(cared)
    first = visits(plan)[0]
    operations.complete_visit(by=cared.therapist, now=first.starts_at, visit=first)
    stopped = operations.stop_plan(by=cared.prescriber, now=first.starts_at, plan=plan, reason="moved away")
    assert (stopped.state, stopped.end_reason) == (PlanState.STOPPED, "moved away")
    states = [visit.state for visit in visits(plan)]
    assert states == [VisitState.DONE] + [VisitState.CANCELLED] * 14
    with pytest.raises(NotAllowedNow):
        operations.stop_plan(by=cared.prescriber, now=THEN, plan=plan, reason="again")
    again = start(cared)
    assert queries.current_plan(cared.patient) == again


def test_stopping_needs_a_reason_and_the_permission() -> None:
    cared = ready_for_plan()
    plan = start(cared)
    with pytest.raises(BadInput):
        operations.stop_plan(by=cared.prescriber, now=THEN, plan=plan, reason=" ")
    with pytest.raises(Refused):
        operations.stop_plan(by=cared.therapist, now=THEN, plan=plan, reason="tired")
