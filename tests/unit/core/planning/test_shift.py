"""Moving a visit: what moves with it, what stays, what is refused."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from openkap.core.planning import CannotPlan, OpenDays, Options, PlannedVisits, ReasonCode, compile_plan, shift
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.protocol import Protocol, VisitKind

PROTOCOL = read_kind("protocols", Protocol)["ketamine-iv-twice-weekly"]
DAYS = OpenDays(closed_weekdays=frozenset({5, 6}), preferred_weekdays=frozenset({1, 4}))
OPTIONS = Options(ZoneInfo("America/Los_Angeles"), DAYS)
PLAN = compile_plan(PROTOCOL, date(2026, 11, 23), OPTIONS)  # doses on Tuesdays and Fridays from 24 November


def moved(ordinal: int, on: date, at: time = time(9), settled: frozenset[int] = frozenset()) -> PlannedVisits:
    return shift(PLAN, PROTOCOL, ordinal, on=on, at=at, options=OPTIONS, settled=settled)


def changed(after: PlannedVisits) -> set[int]:
    return {visit.ordinal for visit in after.visits if visit != PLAN.visit(visit.ordinal)}


def test_a_dose_takes_its_integration_along() -> None:
    third = PLAN.doses[2]
    after = moved(third.ordinal, date(2026, 12, 2))
    integration = next(v for v in PLAN.visits if v.around == "integration-1" and v.dose_number == 3)
    assert changed(after) >= {third.ordinal, integration.ordinal}
    assert not {v.dose_number for v in after.visits if v != PLAN.visit(v.ordinal)} & {1, 2, 4, 6}
    assert after.visit(integration.ordinal).in_window
    assert after.visit(third.ordinal).reasons[0].code is ReasonCode.MOVED_BY_HAND
    assert after.visit(third.ordinal).reasons[0].meant == third.on


def test_integration_that_still_fits_stays() -> None:
    third = PLAN.doses[2]
    after = moved(third.ordinal, third.on, time(8))
    integration = next(v for v in PLAN.visits if v.around == "integration-1" and v.dose_number == 3)
    assert after.visit(integration.ordinal).on == integration.on


def test_later_doses_move_only_where_the_spacing_would_break() -> None:
    third, fourth, fifth = PLAN.doses[2:5]
    after = moved(third.ordinal, date(2026, 12, 3))  # one day before dose 4
    assert after.visit(fourth.ordinal).on > fourth.on
    assert after.visit(fourth.ordinal).reasons[0].code is ReasonCode.SPACING_KEPT
    assert after.doses[4].on >= fifth.on


def test_a_dose_too_near_the_one_before_is_refused() -> None:
    with pytest.raises(CannotPlan, match="less than 48 hours"):
        moved(PLAN.doses[2].ordinal, date(2026, 11, 28))


def test_a_third_dose_within_seven_days_is_refused() -> None:
    with pytest.raises(CannotPlan, match="2 dosing days within 7 days"):
        moved(PLAN.doses[2].ordinal, date(2026, 11, 30))


def test_what_is_over_does_not_move() -> None:
    first = PLAN.doses[0]
    with pytest.raises(CannotPlan, match="over"):
        moved(first.ordinal, date(2026, 11, 25), settled=frozenset({first.ordinal}))


def test_a_dose_that_is_over_holds_the_one_before_it_back() -> None:
    third, fourth = PLAN.doses[2:4]
    with pytest.raises(CannotPlan):
        moved(third.ordinal, fourth.on, settled=frozenset({fourth.ordinal}))


def test_a_dose_that_is_given_up_keeps_nothing_away() -> None:
    second, third = PLAN.doses[1:3]
    after = shift(
        PLAN,
        PROTOCOL,
        third.ordinal,
        on=second.on,
        at=time(9),
        options=OPTIONS,
        dropped=frozenset({second.ordinal}),
    )
    assert after.visit(third.ordinal).on == second.on
    assert after.visit(second.ordinal) == second


def test_an_integration_visit_moves_alone_and_says_when_it_leaves_its_window() -> None:
    integration = next(v for v in PLAN.visits if v.around == "integration-1")
    inside = moved(integration.ordinal, integration.on, time(15))
    outside = moved(integration.ordinal, integration.on + timedelta(days=5), time(11))
    assert changed(inside) == changed(outside) == {integration.ordinal}
    assert [r.code for r in inside.visit(integration.ordinal).reasons] == [ReasonCode.MOVED_BY_HAND]
    assert ReasonCode.OUTSIDE_WINDOW in {r.code for r in outside.visit(integration.ordinal).reasons}


def test_the_last_dose_takes_the_response_assessment_along() -> None:
    last = PLAN.doses[-1]
    after = moved(last.ordinal, last.on + timedelta(days=3))
    response = next(visit for visit in after.visits if visit.around == "response")
    assert response.kind is VisitKind.ASSESSMENT
    assert response.in_window


def test_ordinals_stay_and_order_is_by_time() -> None:
    after = moved(PLAN.doses[2].ordinal, date(2026, 12, 3))
    assert {v.ordinal for v in after.visits} == {v.ordinal for v in PLAN.visits}
    assert [v.starts_at for v in after.visits] == sorted(v.starts_at for v in after.visits)


def test_an_unknown_visit() -> None:
    with pytest.raises(CannotPlan):
        moved(99, date(2026, 12, 3))
