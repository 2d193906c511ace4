"""What holds for every protocol, start, zone and calendar."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from openkap.core.planning import (
    CannotPlan,
    OpenDays,
    Options,
    PlannedVisits,
    ReasonCode,
    compile_plan,
    hours_since,
    shift,
)
from openkap.core.planning.doses import phase_of
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.protocol import Protocol, VisitKind

PROTOCOLS = read_kind("protocols", Protocol)
ZONES = [
    "UTC",
    "America/Los_Angeles",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
]

protocols = st.sampled_from(sorted(PROTOCOLS)).map(PROTOCOLS.__getitem__)
starts = st.dates(date(2024, 1, 1), date(2030, 12, 31))
calendars = st.builds(
    OpenDays,
    closed_weekdays=st.frozensets(st.integers(0, 6), max_size=4),
    closed_dates=st.frozensets(starts, max_size=20),
    preferred_weekdays=st.frozensets(st.integers(0, 6), max_size=3),
)
options = st.builds(Options, zone=st.sampled_from(ZONES).map(ZoneInfo), open_days=calendars)


def near(start: date, options: Options, offsets: frozenset[int]) -> Options:
    """The same options with days closed where the plan will lie."""
    closed = frozenset(start + timedelta(days=n) for n in offsets)
    days = OpenDays(options.open_days.closed_weekdays, closed, options.open_days.preferred_weekdays)
    return Options(options.zone, days, options.times)


plans = st.builds(
    lambda protocol, start, given, offsets: (protocol, start, near(start, given, offsets)),
    protocols,
    starts,
    options,
    st.frozensets(st.integers(0, 60), max_size=15),
)


def check_doses(plan: PlannedVisits, protocol: Protocol) -> None:
    doses = plan.doses
    assert [dose.dose_number for dose in doses] == list(range(1, protocol.dose_count + 1))
    for one, other in pairwise(doses):
        assert other.starts_at - one.starts_at >= phase_of(protocol, other.dose_number).least
    for dose in doses:
        week = [other for other in doses if timedelta(0) <= dose.on - other.on < timedelta(days=7)]
        assert len(week) <= phase_of(protocol, dose.dose_number).per_week


@given(plans)
def test_a_plan_keeps_what_its_protocol_says(case: tuple[Protocol, date, Options]) -> None:
    protocol, start, given_options = case
    plan = compile_plan(protocol, start, given_options)
    check_doses(plan, protocol)
    assert [v.ordinal for v in plan.visits] == list(range(1, len(plan.visits) + 1))
    assert [v.starts_at for v in plan.visits] == sorted(v.starts_at for v in plan.visits)
    for visit in plan.visits:
        assert visit.on >= start
        assert visit.at_a_distance or given_options.open_days.is_open(visit.on)
        outside = ReasonCode.OUTSIDE_WINDOW in {reason.code for reason in visit.reasons}
        assert visit.in_window != outside


@given(protocols, starts, st.sampled_from(ZONES).map(ZoneInfo))
def test_on_open_days_every_integration_visit_lies_in_its_window(
    protocol: Protocol, start: date, zone: ZoneInfo
) -> None:
    plan = compile_plan(protocol, start, Options(zone))
    given_at = [dose.starts_at for dose in plan.doses]
    for dose in plan.doses:
        own = [v for v in plan.visits if v.kind is VisitKind.INTEGRATION and v.dose_number == dose.dose_number]
        assert own
        assert own[0].starts_at - dose.starts_at <= protocol.integration_window.first_within
        since = hours_since(given_at, own[0].starts_at)
        assert since is not None
        assert 0 <= since <= 48


@given(plans)
def test_the_first_visit_before_the_first_dose_and_the_last_after_the_last(
    case: tuple[Protocol, date, Options],
) -> None:
    protocol, start, given_options = case
    plan = compile_plan(protocol, start, given_options)
    assert plan.visits[0].kind is VisitKind.PREPARATION
    assert plan.visits[-1].starts_at > plan.doses[-1].starts_at


@given(plans, st.integers(0, 100), st.integers(-9, 21), st.times(time(8), time(18)), st.integers(0, 6))
def test_a_move_keeps_the_spacing_or_is_refused(
    case: tuple[Protocol, date, Options], which: int, days: int, at: time, settled_count: int
) -> None:
    protocol, start, given_options = case
    plan = compile_plan(protocol, start, given_options)
    visit = plan.visits[which % len(plan.visits)]
    settled = frozenset(v.ordinal for v in plan.visits[:settled_count])
    assume(visit.ordinal not in settled)
    try:
        after = shift(
            plan,
            protocol,
            visit.ordinal,
            on=visit.on + timedelta(days=days),
            at=at.replace(second=0, microsecond=0),
            options=given_options,
            settled=settled,
        )
    except CannotPlan:
        return
    assert all(after.visit(n) == plan.visit(n) for n in settled)
    assert len(after.visits) == len(plan.visits)
    doses = after.doses
    for one, other in pairwise(doses):
        assert other.on > one.on
    for dose in doses:
        week = [other for other in doses if timedelta(0) <= dose.on - other.on < timedelta(days=7)]
        assert len(week) <= phase_of(protocol, dose.dose_number).per_week


moments = st.datetimes(timezones=st.just(UTC))


@given(st.lists(moments, max_size=8), moments)
def test_hours_since_the_last_dose_are_never_negative(doses: list[datetime], moment: datetime) -> None:
    hours = hours_since(doses, moment)
    assert (hours is None) == all(dose > moment for dose in doses)
    assert hours is None or hours >= 0
