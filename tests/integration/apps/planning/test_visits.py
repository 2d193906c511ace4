"""Visits: what may become of them, by the table; moves with their history."""

from datetime import date, time, timedelta

import pytest
from tests.factories.access import a_user
from tests.factories.planning import DAY, a_plan, visits
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.measures.operations import keep_asks
from openkap.apps.people.stages import Stage
from openkap.apps.planning import operations, queries
from openkap.apps.planning.models import Move, Plan, Visit
from openkap.apps.planning.queries import VisitFilter
from openkap.apps.planning.states import (
    PLAN_MOVES,
    VISIT_MOVES,
    PlanState,
    VisitState,
    plan_after,
    visit_after,
)
from openkap.apps.tasks.models import Task
from openkap.core.planning import CannotPlan
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused
from openkap.knowledge.schema.protocol import VisitKind

pytestmark = pytest.mark.django_db


@shared
def cared() -> CaredFor:
    return cared_for()


@pytest.fixture
def plan(cared: CaredFor) -> Plan:
    return a_plan(cared)


def dose(plan: Plan, number: int) -> Visit:
    return visits(plan, VisitKind.DOSING)[number - 1]


@pytest.mark.parametrize("state", list(VisitState))
@pytest.mark.parametrize("verb", ["arrive", "complete", "cancel", "miss", "move"])
def test_visits_do_only_what_the_table_lists(state: VisitState, verb: str) -> None:
    if (state, verb) in VISIT_MOVES:
        assert visit_after(state, verb) is VISIT_MOVES[state, verb]
    else:
        with pytest.raises(NotAllowedNow):
            visit_after(state, verb)


@pytest.mark.parametrize("state", list(PlanState))
@pytest.mark.parametrize("verb", ["complete", "stop"])
def test_plans_do_only_what_the_table_lists(state: PlanState, verb: str) -> None:
    if (state, verb) in PLAN_MOVES:
        assert plan_after(state, verb) is PLAN_MOVES[state, verb]
    else:
        with pytest.raises(NotAllowedNow):
            plan_after(state, verb)


def test_a_visit_is_arrived_at_then_done(cared: CaredFor, plan: Plan) -> None:
    first = visits(plan)[0]
    here = operations.arrive(by=cared.coordinator, now=first.starts_at, visit=first)
    assert (here.state, here.arrived_at) == (VisitState.ARRIVED, first.starts_at)
    done = operations.complete_visit(by=cared.therapist, now=first.starts_at + DAY / 24, visit=here)
    assert (done.state, done.closed_by) == (VisitState.DONE, cared.therapist)
    with pytest.raises(NotAllowedNow):
        operations.complete_visit(by=cared.therapist, now=THEN, visit=done)


def test_a_first_dose_that_was_given_begins_treatment(cared: CaredFor, plan: Plan) -> None:
    operations.complete_visit(by=cared.monitor, now=THEN, visit=dose(plan, 1))
    cared.patient.refresh_from_db()
    assert cared.patient.stage == Stage.TREATMENT


def test_a_visit_can_be_missed_only_after_it_began(cared: CaredFor, plan: Plan) -> None:
    first = visits(plan)[0]
    with pytest.raises(NotAllowedNow):
        operations.miss_visit(by=cared.coordinator, now=first.starts_at - DAY, visit=first)
    missed = operations.miss_visit(by=cared.coordinator, now=first.starts_at + DAY, visit=first)
    assert missed.state == VisitState.MISSED


def test_what_became_of_a_visit_settles_the_question(cared: CaredFor, plan: Plan) -> None:
    first = visits(plan)[0]
    operations.open_due_tasks(now=first.starts_at + DAY / 2)
    keep_asks(now=first.starts_at + DAY / 8)
    operations.miss_visit(by=cared.coordinator, now=first.starts_at + DAY, visit=first)
    tasks = Task.objects.filter(kind__in=["visit-missed", "measure-due"]).exclude(about_code="asq")
    states = {task.kind: task.state for task in tasks}
    assert states == {"visit-missed": "done", "measure-due": "cancelled"}


def test_cancelling_needs_a_reason(cared: CaredFor, plan: Plan) -> None:
    with pytest.raises(BadInput):
        operations.cancel_visit(by=cared.coordinator, now=THEN, visit=dose(plan, 1), reason="")
    cancelled = operations.cancel_visit(by=cared.coordinator, now=THEN, visit=dose(plan, 1), reason="flu")
    assert (cancelled.state, cancelled.close_reason) == (VisitState.CANCELLED, "flu")


def test_a_plan_is_completed_by_its_last_visit(cared: CaredFor, plan: Plan) -> None:
    for visit in visits(plan):
        operations.complete_visit(by=cared.therapist, now=visit.starts_at, visit=visit)
    plan.refresh_from_db()
    cared.patient.refresh_from_db()
    assert plan.state == PlanState.COMPLETED
    assert cared.patient.stage == Stage.FOLLOW_UP
    assert Row.objects.filter(action="planning.complete").count() == 1


def test_moving_a_dose_takes_its_integration_along_and_keeps_history(cared: CaredFor, plan: Plan) -> None:
    third = dose(plan, 3)
    old = third.on
    moved = operations.reschedule_visit(
        by=cared.coordinator, now=THEN, visit=third, on=date(2026, 9, 17), at=time(10), reason="exam"
    )
    assert third.ordinal in {row.ordinal for row in moved}
    own = Move.objects.get(visit=third)
    assert (own.from_on, own.to_on, own.to_at, own.because_of, own.reason) == (
        old, date(2026, 9, 17), time(10), None, "exam",
    )  # fmt: skip
    others = Move.objects.exclude(visit=third)
    assert others.exists()
    assert {step.because_of for step in others} == {third}
    integration = next(v for v in visits(plan, VisitKind.INTEGRATION) if v.dose_number == 3)
    assert timedelta(0) < integration.starts_at - dose(plan, 3).starts_at <= timedelta(hours=48)


def test_a_dose_too_near_another_is_refused_and_nothing_moves(cared: CaredFor, plan: Plan) -> None:
    before = [(visit.on, visit.at) for visit in visits(plan)]
    with pytest.raises(CannotPlan):
        operations.reschedule_visit(
            by=cared.prescriber, now=THEN, visit=dose(plan, 3), on=date(2026, 9, 12), at=time(9)
        )
    assert [(visit.on, visit.at) for visit in visits(plan)] == before
    assert not Move.objects.exists()


def test_nothing_moves_into_the_past_nor_after_the_end(cared: CaredFor, plan: Plan) -> None:
    with pytest.raises(NotAllowedNow):
        operations.reschedule_visit(
            by=cared.prescriber, now=THEN + 30 * DAY, visit=visits(plan)[0], on=date(2026, 9, 9), at=time(9)
        )
    operations.stop_plan(by=cared.prescriber, now=THEN, plan=plan, reason="stop")
    with pytest.raises(NotAllowedNow):
        operations.reschedule_visit(
            by=cared.prescriber, now=THEN, visit=visits(plan)[0], on=date(2026, 9, 9), at=time(9)
        )


def test_a_missed_dose_can_be_planned_again(cared: CaredFor, plan: Plan) -> None:
    first = dose(plan, 1)
    now = first.starts_at + DAY
    operations.miss_visit(by=cared.coordinator, now=now, visit=first)
    operations.reschedule_visit(by=cared.coordinator, now=now, visit=first, on=date(2026, 9, 10), at=time(9))
    assert dose(plan, 1).state == VisitState.PLANNED
    assert dose(plan, 2).on >= date(2026, 9, 12)


def test_a_moved_visit_asks_for_its_questionnaires_anew(cared: CaredFor, plan: Plan) -> None:
    response = next(visit for visit in visits(plan) if visit.around == "response")
    keep_asks(now=response.starts_at - DAY)
    operations.reschedule_visit(
        by=cared.coordinator, now=response.starts_at - DAY, visit=response, on=response.on + DAY, at=time(15)
    )
    tasks = Task.objects.filter(about_code="phq-9").order_by("id")
    assert [task.state for task in tasks] == ["cancelled", "open"]
    assert tasks[1].due_at == next(v for v in visits(plan) if v.around == "response").starts_at


@pytest.mark.parametrize("verb", ["arrive", "complete_visit", "miss_visit"])
def test_strangers_are_refused(plan: Plan, verb: str) -> None:
    stranger = a_user(Role.THERAPIST, site=plan.site)
    with pytest.raises(Refused):
        getattr(operations, verb)(by=stranger, now=THEN + 99 * DAY, visit=visits(plan)[0])


def test_schedules_show_what_the_viewer_may_see(cared: CaredFor, plan: Plan) -> None:
    first, last = plan.started_on, plan.started_on + 60 * DAY
    other = a_plan()  # at another site
    everything = queries.visits_between(cared.coordinator, first, last)
    assert {visit.plan_id for visit in everything} == {plan.pk}
    assert not queries.visits_between(a_user(Role.THERAPIST, site=cared.site), first, last).exists()
    director = queries.visits_between(cared.medical_director, first, last, VisitFilter(kind="dosing"))
    assert director.count() == 6
    with pytest.raises(NotFound):
        queries.visit_for(cared.therapist, visits(other)[0].public_id)


def test_small_questions_about_a_plan(cared: CaredFor, plan: Plan) -> None:
    assert queries.plan_days(plan, plan.started_on) == (1, 36)
    assert queries.current_phase(plan) == "preparation"
    assert queries.dose_count(plan) == 6
    ahead = queries.next_visit(cared.patient, THEN)
    assert ahead is not None
    assert ahead.ordinal == 1
    assert list(queries.visits_on(cared.therapist, ahead.on)) == [ahead]
    assert queries.visits_of(cared.patient).count() == 15
    assert queries.plan_of(ahead) == plan
