"""Whatever the course, the answers and the pauses: what every plan of asks holds to."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from openkap.core.planning.asking import Answered, Ask, Course, Dose, Pause, Visit, plan_asks
from openkap.core.planning.calendar import instant
from openkap.knowledge import load
from openkap.knowledge.schema.cadence import MOST_REMINDERS, AskStage, Cadence

KNOWN = load(date(2026, 11, 21))
ZONES = [ZoneInfo(name) for name in ("America/Los_Angeles", "Europe/Madrid", "Australia/Lord_Howe", "UTC")]
AROUND_CLOCK_CHANGES = st.dates(date(2026, 2, 20), date(2026, 11, 20))
GAPS = st.lists(st.integers(1, 20), min_size=0, max_size=7)
CADENCES = st.sampled_from(list(KNOWN.cadences.values()))
ASKED = ("phq-9", "gad-7", "asq", "mood-today", "side-effects")
Plans = tuple[Course, Answered]


@st.composite
def plans(draw: st.DrawFn) -> Plans:
    zone, first = draw(st.sampled_from(ZONES)), draw(AROUND_CLOCK_CHANGES)
    days = [first]
    for gap in draw(GAPS):
        days.append(days[-1] + timedelta(days=gap))
    at = draw(st.times(time(7), time(17)))
    doses = tuple(Dose(number, instant(day, at, zone)) for number, day in enumerate(days, 1))
    visits = tuple(
        Visit(f"visit-{dose.number}", dose.at, ("asq", "phq-9"), AskStage.BETWEEN_DOSES)
        for dose in doses
        if draw(st.booleans())
    )
    ended = draw(st.none() | st.integers(0, 90))
    course = Course(
        zone=zone,
        key="plan",
        enrolled_on=first - timedelta(days=draw(st.integers(0, 20))),
        indication=draw(st.sampled_from(["trd", "gad", "panic", "sad", "ptsd", "mdd-si", ""])),
        doses=doses if draw(st.booleans()) else (),
        visits=visits,
        ended_at=None if ended is None else instant(first + timedelta(days=ended), at, zone),
    )
    return course, _answered(draw, first, zone)


def _answered(draw: st.DrawFn, first: date, zone: ZoneInfo) -> Answered:
    def moment() -> datetime:
        return instant(first + timedelta(days=draw(st.integers(-20, 60))), draw(st.times()), zone)

    at = {name: [moment() for _ in range(draw(st.integers(0, 2)))] for name in ASKED}
    pause = Pause(
        begins := moment(), draw(st.none() | st.integers(0, 30).map(lambda n: begins + n * timedelta(1)))
    )
    return Answered(
        at, frozenset(draw(st.sets(st.sampled_from(ASKED), max_size=1))), (pause,) * draw(st.integers(0, 1))
    )


@settings(max_examples=40)
@given(plans(), CADENCES | st.none())
def test_every_plan_of_asks_keeps_its_promises(plan: Plans, cadence: Cadence | None) -> None:
    course, answered = plan
    asks = plan_asks(cadence, course, KNOWN.instruments, answered)
    assert len({ask.key for ask in asks}) == len(asks)
    for ask in asks:
        assert ask.opens < ask.expires
        assert ask.opens <= ask.due <= ask.expires
        assert len(ask.reminders) <= MOST_REMINDERS
        assert all(ask.opens <= at < ask.expires for at in ask.reminders)
        assert course.ended_at is None or ask.expires <= course.ended_at
        assert ask.instrument_id not in answered.left_out
        assert not any(_inside(ask.opens, pause) for pause in answered.pauses)
    for name in {ask.instrument_id for ask in asks}:
        of_one = [ask for ask in asks if ask.instrument_id == name]
        assert all(earlier.expires <= later.opens for earlier, later in pairwise(of_one)), name
        if cadence is not None:
            _far_enough_from_each_other_and_from_answers(of_one, course, answered, cadence)


def _inside(moment: datetime, pause: Pause) -> bool:
    return pause.begins <= moment and (pause.ends is None or moment < pause.ends)


def _far_enough_from_each_other_and_from_answers(
    of_one: list[Ask], course: Course, answered: Answered, cadence: Cadence
) -> None:
    instrument = KNOWN.instruments[of_one[0].instrument_id]
    least = cadence.least_days(instrument.id, instrument.recall_days)
    for earlier, later in pairwise(of_one):
        both_at_visits = not earlier.line_id and not later.line_id
        assert both_at_visits or (later.day - earlier.day).days >= least
    for ask in of_one:
        opened = ask.opens.astimezone(course.zone).date()
        before = [at for at in answered.at.get(instrument.id, ()) if at < ask.opens]
        assert all((opened - at.astimezone(course.zone).date()).days >= least for at in before)


@settings(max_examples=40)
@given(plans(), CADENCES, st.integers(1, 5))
def test_a_course_that_moves_as_a_whole_takes_its_asks_along(plan: Plans, cadence: Cadence, days: int) -> None:
    """By the clock on the wall, so also over a change of clocks."""
    course = replace(plan[0], ended_at=None)
    moved = replace(
        course,
        enrolled_on=course.enrolled_on + timedelta(days=days),
        doses=tuple(replace(dose, at=_later(dose.at, days, course.zone)) for dose in course.doses),
        visits=tuple(replace(visit, at=_later(visit.at, days, course.zone)) for visit in course.visits),
    )
    before = plan_asks(cadence, course, KNOWN.instruments, Answered())
    after = plan_asks(cadence, moved, KNOWN.instruments, Answered())

    def on_the_wall(asks: tuple[Ask, ...], shift: int) -> set[tuple[object, ...]]:
        return {
            (ask.instrument_id, ask.line_id, ask.day - timedelta(days=shift), *_wall(ask, course.zone, shift))
            for ask in asks
        }

    assert on_the_wall(after, days) == on_the_wall(before, 0)


def _later(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone)
    return instant(local.date() + timedelta(days=days), local.time(), zone)


def _wall(ask: Ask, zone: ZoneInfo, shift: int) -> tuple[datetime, ...]:
    return tuple(
        at.astimezone(zone).replace(tzinfo=None) - timedelta(days=shift)
        for at in (ask.opens, ask.due, ask.expires, *ask.reminders)
    )


def test_reminders_over_a_change_of_clocks_keep_their_hour() -> None:
    zone = ZONES[0]
    course = Course(zone, "plan", date(2026, 10, 30), "trd")
    asks = plan_asks(KNOWN.cadences["asking-depression"], course, KNOWN.instruments, Answered())
    phq = next(ask for ask in asks if ask.instrument_id == "phq-9")
    assert [f"{at.astimezone(zone):%m-%d %H:%M}" for at in phq.reminders] == [
        "10-30 18:00",
        "11-01 08:00",
        "11-05 08:00",
    ]
    assert phq.opens == datetime(2026, 10, 30, 15, tzinfo=UTC)
