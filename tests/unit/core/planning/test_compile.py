"""The protocols of the package, compiled: what a person would check with a calendar."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from openkap.core.planning import (
    CannotPlan,
    OpenDays,
    Options,
    PlannedVisits,
    ReasonCode,
    VisitTimes,
    compile_plan,
)
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.protocol import Protocol, VisitKind

PROTOCOLS = read_kind("protocols", Protocol)
TWICE_WEEKLY = PROTOCOLS["ketamine-iv-twice-weekly"]
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
EVERY_DAY = Options(LOS_ANGELES)
WEEKEND = frozenset({5, 6})
TUESDAYS_AND_FRIDAYS = frozenset({1, 4})
WEEKDAYS = Options(LOS_ANGELES, OpenDays(closed_weekdays=WEEKEND))
MONDAY = date(2026, 11, 23)


def dose_days(plan: PlannedVisits) -> list[date]:
    return [dose.on for dose in plan.doses]


def test_twice_weekly_for_three_weeks_is_six_doses_on_two_weekdays() -> None:
    plan = compile_plan(TWICE_WEEKLY, MONDAY, WEEKDAYS)
    assert [day.isoformat() for day in dose_days(plan)] == [
        "2026-11-24", "2026-11-26", "2026-12-01", "2026-12-03", "2026-12-08", "2026-12-10",
    ]  # fmt: skip


def test_every_visit_of_the_protocol_is_there() -> None:
    plan = compile_plan(TWICE_WEEKLY, MONDAY, EVERY_DAY)
    kinds = Counter(visit.kind for visit in plan.visits)
    assert kinds == {
        VisitKind.PREPARATION: 1,
        VisitKind.DOSING: 6,
        VisitKind.INTEGRATION: 7,  # one for each dose, a second for the last
        VisitKind.ASSESSMENT: 1,
    }


def test_each_dose_has_its_integration_visit_within_48_hours() -> None:
    plan = compile_plan(TWICE_WEEKLY, MONDAY, WEEKDAYS)
    for dose in plan.doses:
        first = min(
            visit.starts_at
            for visit in plan.visits
            if visit.kind is VisitKind.INTEGRATION and visit.dose_number == dose.dose_number
        )
        assert timedelta(0) < first - dose.starts_at <= timedelta(hours=48)


def test_where_the_next_day_is_closed_integration_is_on_the_day_of_the_dose() -> None:
    only_fridays_and_mondays = OpenDays(closed_weekdays=frozenset({1, 2, 3, 5, 6}))
    plan = compile_plan(TWICE_WEEKLY, MONDAY, Options(LOS_ANGELES, only_fridays_and_mondays))
    first = next(visit for visit in plan.visits if visit.around == "integration-1")
    assert first.on == plan.doses[0].on
    assert first.at == time(12)  # three hours after the dose
    assert first.in_window


def test_the_next_day_call_is_left_out_where_integration_is_on_that_day() -> None:
    only_fridays_and_mondays = OpenDays(closed_weekdays=frozenset({1, 2, 3, 5, 6}))
    with_calls = compile_plan(TWICE_WEEKLY, MONDAY, Options(LOS_ANGELES, only_fridays_and_mondays))
    without = compile_plan(TWICE_WEEKLY, MONDAY, EVERY_DAY)
    assert sum(visit.kind is VisitKind.CHECK_IN for visit in with_calls.visits) == 6
    assert not any(visit.kind is VisitKind.CHECK_IN for visit in without.visits)


def test_questionnaires_of_two_weeks_recall_are_due_once_a_week() -> None:
    plan = compile_plan(TWICE_WEEKLY, MONDAY, WEEKDAYS)
    assert [dose.measures for dose in plan.doses] == [
        ("asq",), ("asq",), ("asq", "phq-9", "gad-7"), ("asq",), ("asq", "phq-9", "gad-7"), ("asq",),
    ]  # fmt: skip


def test_preferred_weekdays_are_kept_to() -> None:
    days = OpenDays(WEEKEND, preferred_weekdays=TUESDAYS_AND_FRIDAYS)
    plan = compile_plan(TWICE_WEEKLY, MONDAY, Options(LOS_ANGELES, days))
    assert {day.weekday() for day in dose_days(plan)} == TUESDAYS_AND_FRIDAYS


def test_without_a_preference_the_day_after_a_dose_is_open_for_integration() -> None:
    plan = compile_plan(TWICE_WEEKLY, MONDAY, WEEKDAYS)
    assert all(WEEKDAYS.open_days.is_open(day + timedelta(days=1)) for day in dose_days(plan))
    assert plan.doses[1].reasons[0].code is ReasonCode.FOR_INTEGRATION


def test_a_holiday_moves_a_dose_and_says_why() -> None:
    """Dose 3 moves to Wednesday; dose 5 on Tuesday would then be the third dosing day in 7 dates."""
    open_days = OpenDays(WEEKEND, preferred_weekdays=TUESDAYS_AND_FRIDAYS)
    free = compile_plan(TWICE_WEEKLY, MONDAY, Options(LOS_ANGELES, open_days))
    closed = OpenDays(WEEKEND, frozenset({date(2026, 12, 1)}), TUESDAYS_AND_FRIDAYS)
    moved = compile_plan(TWICE_WEEKLY, MONDAY, Options(LOS_ANGELES, closed))
    different = [n for n, (a, b) in enumerate(zip(free.doses, moved.doses, strict=True), 1) if a.on != b.on]
    assert different == [3, 5]
    assert moved.doses[2].reasons[0].code is ReasonCode.CLOSED_DAY
    assert moved.doses[2].reasons[0].meant == date(2026, 12, 1)


def test_a_long_closure_lengthens_a_gap_and_says_so() -> None:
    fortnight = frozenset(date(2026, 12, 1) + timedelta(days=n) for n in range(14))
    plan = compile_plan(TWICE_WEEKLY, MONDAY, Options(LOS_ANGELES, OpenDays(closed_dates=fortnight)))
    late = [dose for dose in plan.doses if ReasonCode.GAP_LONGER in {reason.code for reason in dose.reasons}]
    assert [dose.on for dose in late] == [date(2026, 12, 15)]
    gaps = [b - a for a, b in pairwise(dose_days(plan))]
    assert gaps[gaps.index(max(gaps)) + 1 :] == [timedelta(days=3), timedelta(days=4), timedelta(days=3)]


def test_a_site_that_never_opens_has_no_plan() -> None:
    with pytest.raises(CannotPlan):
        compile_plan(TWICE_WEEKLY, MONDAY, Options(LOS_ANGELES, OpenDays(frozenset(range(7)))))


def test_no_dose_on_a_day_whose_integration_would_wait_for_72_hours() -> None:
    """With no same-day slot left, a dose on Friday would leave its integration to Monday."""
    short_days = VisitTimes(day_ends=time(11, 30))
    options = Options(LOS_ANGELES, OpenDays(frozenset({5, 6})), short_days)
    plan = compile_plan(TWICE_WEEKLY, MONDAY, options)
    assert all(day.weekday() != 4 for day in dose_days(plan))
    moved = [dose for dose in plan.doses if dose.reasons]
    assert {reason.code for dose in moved for reason in dose.reasons} == {ReasonCode.FOR_INTEGRATION}


def test_the_label_course_of_esketamine() -> None:
    plan = compile_plan(PROTOCOLS["esketamine-in-induction"], MONDAY, EVERY_DAY)
    days = dose_days(plan)
    assert len(days) == 12
    assert (days[7] - days[0]).days == 24  # eight doses twice weekly
    assert {(b - a).days for a, b in pairwise(days[8:])} == {7}


def test_the_local_time_stays_when_clocks_change() -> None:
    plan = compile_plan(TWICE_WEEKLY, date(2026, 10, 28), EVERY_DAY)  # clocks go back on 1 November
    assert {dose.at for dose in plan.doses} == {time(9)}
    offsets = {dose.starts_at.astimezone(LOS_ANGELES).utcoffset() for dose in plan.doses}
    assert offsets == {timedelta(hours=-7), timedelta(hours=-8)}


def test_two_nights_with_the_lost_hour_are_less_than_48_hours() -> None:
    """Clocks go forward on 14 March 2027: the same time two days on is 47 hours later."""
    protocol = TWICE_WEEKLY.model_copy(
        update={"phases": (TWICE_WEEKLY.phases[0].model_copy(update={"prefer": (timedelta(days=2),)}),)}
    )
    plan = compile_plan(protocol, date(2027, 3, 13), Options(LOS_ANGELES, first_dose_from=date(2027, 3, 13)))
    first, second = plan.doses[0], plan.doses[1]
    assert first.on in {date(2027, 3, 13), date(2027, 3, 14)}
    assert second.starts_at - first.starts_at >= timedelta(hours=48)


def test_a_leap_day_is_a_day() -> None:
    plan = compile_plan(TWICE_WEEKLY, date(2028, 2, 24), EVERY_DAY)
    assert date(2028, 2, 29) in {visit.on for visit in plan.visits}


def test_the_first_dose_waits_for_what_it_is_told_to() -> None:
    plan = compile_plan(TWICE_WEEKLY, MONDAY, Options(LOS_ANGELES, first_dose_from=date(2026, 12, 7)))
    assert plan.doses[0].on == date(2026, 12, 7)
    preparation = plan.visits[0]
    assert preparation.kind is VisitKind.PREPARATION
    assert timedelta(hours=12) <= plan.doses[0].starts_at - preparation.starts_at <= timedelta(days=14)


def test_compiling_twice_gives_the_same() -> None:
    assert compile_plan(TWICE_WEEKLY, MONDAY, WEEKDAYS) == compile_plan(TWICE_WEEKLY, MONDAY, WEEKDAYS)


def test_a_plan_knows_its_visits_by_ordinal() -> None:
    plan = compile_plan(TWICE_WEEKLY, MONDAY, WEEKDAYS)
    assert plan.visit(1) is plan.visits[0]
    with pytest.raises(CannotPlan):
        plan.visit(99)


def test_a_time_that_the_clocks_leave_out_is_the_one_shown_later() -> None:
    night = Options(ZoneInfo("Europe/Berlin"), times=VisitTimes(dosing=time(2, 30)))
    plan = compile_plan(TWICE_WEEKLY, date(2027, 3, 20), night)
    assert all(isinstance(visit.starts_at, datetime) for visit in plan.visits)
